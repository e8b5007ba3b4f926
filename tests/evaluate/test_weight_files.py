"""Files with weights are named by their hash, and asked for when they are missing."""

import hashlib

import pytest

from dpig.datasets.script import InputError
from dpig.evaluate.weight_files import open_weight_file


def test_a_file_is_named_by_its_hash(tmp_path):
    content = bytes(range(256)) * 9_000  # more than one piece
    (tmp_path / "weights.npz").write_bytes(content)
    file = open_weight_file(tmp_path / "weights.npz", "--lpips")
    digest = hashlib.sha256(content).hexdigest()
    assert file.facts == {"lpips": {"file": "weights.npz", "sha256": digest}}


@pytest.mark.parametrize(("name", "words"), [("no.pb", "does not exist"), ("", "is a folder")])
def test_a_missing_file_is_one_clear_sentence(tmp_path, name, words):
    with pytest.raises(InputError) as error:
        open_weight_file(tmp_path / name, "--inception")
    sentence = str(error.value)
    assert f"--inception={tmp_path / name} {words}" in sentence
    assert "docs/weight_files.md" in sentence
    assert "nothing is downloaded" in sentence
