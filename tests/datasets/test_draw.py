"""dpig-draw: a whole data set, its layout and names, and that a seed fixes every byte."""

import dataclasses
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dpig.datasets import deepfashion, draw, market1501
from dpig.datasets.drawn.factors import Factors, from_plain, read_factors
from dpig.datasets.drawn.looks import factors_of
from dpig.datasets.drawn.roster import Order, tasks
from dpig.datasets.drawn_market import draw_data_set
from dpig.datasets.keypoints import read_keypoints
from dpig.datasets.script import InputError

pytestmark = pytest.mark.filterwarnings("error")  # a NaN in a picture warns

ORDER = Order("market", persons=3, test_persons=2, images_per_person=4, seed=5, junk_share=0.3)
FOLDERS = ("bounding_box_train", "bounding_box_test", "query")


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    out = tmp_path_factory.mktemp("drawn") / "market"
    counts = draw_data_set(ORDER, out, jobs=1)
    assert counts == {"bounding_box_train": 12, "bounding_box_test": 8 + 2 + 2, "query": 12}
    return out


@pytest.fixture(scope="module")
def fashion(tmp_path_factory):
    out = tmp_path_factory.mktemp("drawn") / "fashion"
    draw_data_set(Order("fashion", 2, 1, 2), out)
    return out


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_layout(market):
    truth = [f"{folder}_{kind}" for folder in FOLDERS for kind in ("keypoints.csv", "parsing")]
    assert names(market) == sorted([*FOLDERS, *truth, "factors.json", "sheet.png"])


def test_names_are_market_names_and_identities_are_disjoint(market):
    pattern = re.compile(r"(-1|\d{4})_c([1-6])s\d_\d{6}_\d{2}\.jpg")
    found = {f: [pattern.fullmatch(name) for name in names(market / f)] for f in FOLDERS}
    assert all(all(matches) for matches in found.values())
    train, test, query = ({match[1] for match in found[f]} for f in FOLDERS)
    assert len(train) == 3 and len(query) == 2
    assert test == query | {"-1", "0000"}
    assert not train & test
    assert len({name for f in FOLDERS for name in names(market / f)}) == 36


def test_several_cameras_see_each_person(market):
    for person in {name[:4] for name in names(market / FOLDERS[0])}:
        seen = [name[6] for name in names(market / FOLDERS[0]) if name.startswith(person)]
        assert len(set(seen)) == 4


def test_the_readers_of_the_real_data_sets_read_it(market, fashion):
    splits = {split.name: split for split in market1501.splits(market)}
    assert [len(splits[name].photographs) for name in ("train", "test", "query")] == [12, 8, 12]
    assert not any(split.left_out for split in splits.values())
    splits = {split.name: split for split in deepfashion.splits(fashion)}
    assert [len(splits[name].photographs) for name in ("train", "test")] == [4, 2]
    assert not any(split.left_out for split in splits.values())


def test_every_picture_can_be_drawn_again_from_its_factors(market):
    factors = read_factors(market / "factors.json")
    assert len(factors) == 36
    for folder in FOLDERS:
        keypoints = read_keypoints(market / f"{folder}_keypoints.csv")
        assert sorted(keypoints) == names(market / folder)
        for name in names(market / folder)[::3]:
            drawn = factors[f"{folder}/{name}"].render()
            np.testing.assert_array_equal(keypoints[name], drawn.keypoints)
            stem = Path(name).stem
            parsing = np.asarray(Image.open(market / f"{folder}_parsing" / f"{stem}.png"))
            np.testing.assert_array_equal(parsing, drawn.parsing)
            picture = np.asarray(Image.open(market / folder / name)).astype(int)
            assert picture.shape == (128, 64, 3)
            assert np.abs(picture - drawn.image).mean() < 6  # JPEG


def test_a_seed_fixes_every_byte_whatever_the_processes(market, tmp_path):
    draw_data_set(ORDER, tmp_path / "again", jobs=2)
    assert contents(tmp_path / "again") == contents(market)
    draw_data_set(dataclasses.replace(ORDER, seed=6), tmp_path / "other")
    assert contents(tmp_path / "other") != contents(market)


def test_a_picture_does_not_depend_on_how_many_there_are():
    few = [task for task in tasks(ORDER) if task.folder == FOLDERS[0]]
    more = dataclasses.replace(ORDER, images_per_person=9)
    many = {task.name: task for task in tasks(more)}
    for task in few:
        assert factors_of(many[task.name], more) == factors_of(task, ORDER)


def test_a_person_keeps_its_looks_and_changes_pose_and_place(market):
    factors = read_factors(market / "factors.json")
    person = names(market / "query")[0][:4]
    own = [each for name, each in factors.items() if f"/{person}_" in name]
    assert len(own) == 10
    assert len({each.person for each in own}) == 1
    assert len({each.pose for each in own}) == len({each.background for each in own}) == 10


def test_cameras_have_their_own_places_and_light(market):
    factors = read_factors(market / "factors.json")
    places = {}
    for name, each in factors.items():
        camera = re.search(r"_c(\d)", name)[1]
        light = (each.background.family, each.camera.light_from, each.camera.pitch)
        places.setdefault(camera, set()).add(light)
    assert all(len(each) == 1 for each in places.values())
    assert len(set.union(*places.values())) == len(places) == 6
    assert len({family for each in places.values() for family, *_ in each}) == 6


def test_plain_data_and_back():
    factors = factors_of(next(tasks(ORDER)), ORDER)
    assert from_plain(Factors, json.loads(json.dumps(dataclasses.asdict(factors)))) == factors


def test_fashion_is_large_on_a_plain_ground(fashion):
    assert names(fashion)[-1] == "train_parsing"
    for name in names(fashion / "train"):
        picture = np.asarray(Image.open(fashion / "train" / name))
        assert picture.shape == (256, 256, 3)
        assert picture[:40, :12].mean() > 180 and picture[:40, :12].std() < 8


def test_an_existing_folder_is_refused(market):
    before = contents(market)
    with pytest.raises(InputError, match="exists already"):
        draw_data_set(ORDER, market)
    assert contents(market) == before


def test_nothing_is_left_when_drawing_fails(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(OSError, match="No space"):
        draw_data_set(ORDER, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_factors_of_something_else(tmp_path):
    for text in ("{}", "[1]", "no json", '{"persons": {"1": {"x": 1}}, "pictures": {}}'):
        (tmp_path / "factors.json").write_text(text)
        with pytest.raises(InputError, match=r"factors\.json is no factors\.json of dpig-draw"):
            read_factors(tmp_path / "factors.json")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--persons=0"], "persons"),
        (["--style=oil"], "style"),
        (["--persons=9999", "--test_persons=2"], "draw fewer persons"),
    ],
)
def test_bad_flags_end_with_one_line(tmp_path, monkeypatch, capsys, arguments, sentence):
    monkeypatch.setattr(sys, "argv", ["dpig-draw", f"--out_dir={tmp_path / 'out'}", *arguments])
    draw.FLAGS.unparse_flags()
    with pytest.raises(SystemExit) as stop:
        draw.run()
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1
    assert not list(tmp_path.iterdir())
