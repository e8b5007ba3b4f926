"""Drawn people, prepared: labelled as drawn, with their parsing maps."""

import numpy as np
import pytest
from PIL import Image

from dpig.datasets.drawn_market import Order, draw_data_set
from dpig.datasets.prepare_records import prepare_records
from dpig.datasets.record_set import open_records


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawn") / "people"
    draw_data_set(Order("market", persons=3, test_persons=1, images_per_person=2, seed=5), folder)
    return folder


def test_drawn_people_are_never_taken_for_market1501(drawn, tmp_path, capsys):
    prepare_records("market1501", drawn, tmp_path / "records")
    records = open_records(tmp_path / "records" / "train")
    assert records.dataset == "drawn-market1501"
    assert "12,936" not in capsys.readouterr().out
    (drawn / "factors.json").rename(drawn / "hidden.json")
    prepare_records("market1501", drawn, tmp_path / "others")
    (drawn / "hidden.json").rename(drawn / "factors.json")
    assert open_records(tmp_path / "others" / "train").dataset == "market1501"
    assert "12,936" in capsys.readouterr().out


def test_parsing_maps_of_drawn_people_are_recorded(drawn, tmp_path, capsys):
    train, test = (drawn / f"bounding_box_{split}_parsing" for split in ("train", "test"))
    assert np.asarray(Image.open(next(train.iterdir()))).max() <= 9
    prepare_records("market1501", drawn, tmp_path / "records", parsing_dirs=[test, train])
    output = capsys.readouterr().out
    assert "train: 6 parsing maps" in output and "test: 2 parsing maps" in output
