"""Evaluation pairs: the seeded list, the authors' list, and lists in files."""

import hashlib
import random

import numpy as np
import pytest

from dpig.datasets import authors_pairs
from dpig.datasets.authors_pairs import python2_shuffle, shuffled_pairs
from dpig.datasets.pair_batches import pair_batches
from dpig.datasets.pairs import PairList, evaluation_pairs, image_numbers
from dpig.datasets.prepare_records import prepare_records
from dpig.datasets.record_set import open_records
from dpig.datasets.script import InputError
from dpig.datasets.stored_images import read_images


def test_hash_is_of_the_lines_without_a_last_line_break():
    pair_list = PairList([("a.jpg", "b.jpg"), ("b.jpg", "a.jpg")], "")
    assert pair_list.sha256 == hashlib.sha256(b"a.jpg,b.jpg\nb.jpg,a.jpg").hexdigest()
    assert len(pair_list) == 2


def test_seeded_list_holds_different_pairs_and_is_fixed(records):
    whole = evaluation_pairs(records / "test")
    assert len(set(whole.names)) == len(whole) == 4 * 3 + 2 * 1
    assert all(source[:4] == target[:4] != "" for source, target in whole.names)
    assert evaluation_pairs(records / "test", "5").names == whole.names[:5]
    assert evaluation_pairs(records / "test", 5).names == whole.names[:5]
    assert evaluation_pairs(records / "test", "5", seed=1).names != whole.names[:5]
    assert whole.sha256 == "efca65ed0e4ab070fe06a4ce8addbf546b37225d9e8c35257721f98e2d4a16ae"


def test_fewer_pairs_than_asked_for_is_told(records):
    told = evaluation_pairs(records / "test").description
    assert told == "14 of 14 ordered pairs, seed 0; 12,800 were asked for"
    told = evaluation_pairs(records / "test", 14).description
    assert told == "14 of 14 ordered pairs, seed 0"


def test_each_pair_is_read_once_in_order(records):
    opened = open_records(records / "test")
    pair_list = evaluation_pairs(opened)
    batches = list(pair_batches(opened, pair_list, 4))
    assert [len(batch["source"]["name"]) for batch in batches] == [4, 4, 4, 2]
    numbers = image_numbers(opened, pair_list)
    everything = read_images(opened, range(opened.images))
    everything |= {"name": opened.names, "person": opened.numbers, "camera": opened.cameras}
    for place, role in enumerate(("source", "target")):
        for key, values in everything.items():
            shown = np.concatenate([batch[role][key] for batch in batches])
            np.testing.assert_array_equal(shown, values[numbers[:, place]])
            assert shown.dtype == values.dtype


def test_pairs_that_are_not_there(records):
    nobody = PairList([("nobody.jpg", "nobody.jpg")], "")
    with pytest.raises(InputError, match="has no image 'nobody"):
        pair_batches(open_records(records / "test"), nobody, 4)


@pytest.mark.parametrize("pairs", ["0", "-3", "some", "pairs.txt"])
def test_unknown_lists(records, pairs):
    with pytest.raises(InputError, match="neither a count nor 'authors' nor a file"):
        evaluation_pairs(records / "test", pairs)


def test_python2_shuffle():
    generator = random.Random(0)
    assert python2_shuffle(range(10), generator) == [9, 4, 0, 5, 2, 7, 1, 3, 6, 8]
    assert generator.random() == 0.5833820394550312


def listing(persons):
    return [f"{person:04d}_{image}.jpg" for person, n in persons.items() for image in range(n)]


@pytest.mark.parametrize("every", [1, 7, 20])
def test_authors_rule_equals_the_converters_loops(monkeypatch, every):
    """The converter's two loops over all images, as its specification tells them."""
    monkeypatch.setattr(authors_pairs, "_NEGATIVES_EVERY", every)
    names = listing({3: 30, 4: 1, 7: 19, 9: 5, 12: 21, 13: 3})
    positives, negatives = [], []
    for i, first in enumerate(names):
        for j in range(i + 1, len(names)):
            if first[:4] == names[j][:4]:
                positives += [(first, names[j]), (names[j], first)]
            elif j % every == 0:
                negatives.append((first, names[j]))
    generator = random.Random(0)
    python2_shuffle(negatives, generator)
    assert shuffled_pairs(names) == python2_shuffle(positives, generator)


def test_authors_list_keeps_its_order_when_images_are_left_out(market, tmp_path):
    lost = sorted((market / "bounding_box_test").iterdir())[1]
    names = sorted(path.name for path in (market / "bounding_box_test").iterdir())
    lost.write_bytes(b"no image")
    prepare_records("market1501", market, tmp_path / "out")
    pair_list = evaluation_pairs(tmp_path / "out" / "test", "authors")
    expected = [pair for pair in shuffled_pairs(names) if lost.name not in pair]
    assert pair_list.names == expected
    assert "WARNING: not their list" in pair_list.description and not pair_list.is_authors


def test_authors_list_is_recognised_by_its_hash(records, monkeypatch):
    names = [f"000{p}_c{i + 1}s1_{i:06d}_01.jpg" for p, n in ((5, 4), (6, 2)) for i in range(n)]
    lines = "\n".join(",".join(pair) for pair in shuffled_pairs(names))
    digest = hashlib.sha256(lines.encode()).hexdigest()
    monkeypatch.setitem(authors_pairs._HASHES, "test", digest)
    pair_list = evaluation_pairs(records / "test", "authors")
    assert "as expected" in pair_list.description and pair_list.is_authors
    assert pair_list.sha256 == digest


def test_authors_list_is_of_market_only(make, tmp_path):
    (tmp_path / "raw").mkdir()
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "raw" / name).write_bytes(make.jpeg(0))
    from dpig.datasets.keypoints import write_csv

    write_csv(tmp_path / "k.csv", {name: make.keypoints(0) for name in ("a.jpg", "b.jpg")})
    prepare_records(
        "folder", tmp_path / "raw", tmp_path / "out", [tmp_path / "k.csv"], height=128, width=64
    )
    with pytest.raises(InputError, match="a list of Market-1501"):
        evaluation_pairs(tmp_path / "out" / "train", "authors")


def test_file_of_pairs(records, tmp_path):
    names = sorted(name for pair in evaluation_pairs(records / "test").names for name in pair)
    path = tmp_path / "pairs.csv"
    path.write_text(f"from,to\n{names[0]},{names[-1]}\n{names[-1]},{names[0]}\nx.jpg,y.jpg\n")
    pair_list = evaluation_pairs(records / "test", str(path))
    assert pair_list.names == [(names[0], names[-1]), (names[-1], names[0])]
    assert pair_list.description == (
        "2 pairs of pairs.csv, 1 more name images that are not in the records"
    )
    path.write_text(f",to,from\n0,{names[0]},{names[-1]}\n")
    assert evaluation_pairs(records / "test", str(path)).names == [(names[-1], names[0])]


def test_files_that_hold_no_pairs(records, tmp_path):
    path = tmp_path / "pairs.csv"
    with pytest.raises(InputError, match="does not exist"):
        evaluation_pairs(records / "test", str(path))
    path.write_text("source,target\na,b\n")
    with pytest.raises(InputError, match="columns named from and to"):
        evaluation_pairs(records / "test", str(path))
    path.write_text("from,to\na.jpg,b.jpg\n")
    with pytest.raises(InputError, match=r"no pair of its 1 is in .*first: a\.jpg, b\.jpg"):
        evaluation_pairs(records / "test", str(path))
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not a CSV file of pairs"):
        evaluation_pairs(records / "test", str(path))
