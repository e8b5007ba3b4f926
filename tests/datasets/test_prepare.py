"""dpig-prepare: raw folders to records, the account it gives, and what it refuses."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dpig.datasets import prepare
from dpig.datasets.image_check import read_image
from dpig.datasets.keypoints import read_keypoints, write_csv
from dpig.datasets.prepare_records import prepare_records
from dpig.datasets.record_set import open_records
from dpig.datasets.record_shards import iterate_shard
from dpig.datasets.records import read_person
from dpig.datasets.script import InputError


def persons(folder):
    return [
        read_person(record)
        for shard in sorted(folder.glob("*.tfrecord"))
        for _, record in iterate_shard(shard)
    ]


def train_csv(market):
    return market / "bounding_box_train_keypoints.csv"


def change_keypoints(market, **changes):
    people = read_keypoints(train_csv(market))
    write_csv(train_csv(market), people | changes)
    return people


def test_records_hold_the_files_as_they_are(market, records):
    people = read_keypoints(train_csv(market))
    written = persons(records / "train")
    assert [(p.number, p.name, len(p.images)) for p in written] == [
        (2, "0002", 3),
        (7, "0007", 2),
        (11, "0011", 1),
    ]
    for image in (image for person in written for image in person.images):
        file = market / "bounding_box_train" / image.name
        assert image.encoded == file.read_bytes()
        assert image.camera == int(image.name[6])
        assert image.size == (128, 64)
        np.testing.assert_array_equal(image.keypoints, people[image.name])


def test_the_same_input_gives_the_same_output(market, tmp_path, records):
    prepare_records("market1501", market, tmp_path / "again")
    one, two = open_records(records / "train"), open_records(tmp_path / "again" / "train")
    assert one.names.tolist() == two.names.tolist()
    assert one.index == two.index


def test_account_of_what_was_left_out(market, make, tmp_path, capsys):
    folder = market / "bounding_box_train"
    one, two, three, four, five, six = sorted(path.name for path in folder.iterdir())
    people = read_keypoints(train_csv(market))
    outside = people[two].copy()
    outside[outside[:, 2] > 0, 0] += 60
    swapped = people[four][:, [1, 0, 2]]
    del people[one]
    people |= {two: outside, three: np.zeros((18, 3)), four: swapped, "0404_c1s1_1_1.jpg": outside}
    write_csv(train_csv(market), people)
    (folder / five).write_bytes(make.jpeg(0)[:-300])
    (folder / "0012_c1s1_000000_01.jpg").write_bytes(make.jpeg(0, 100, 64))
    (folder / "0013_c1s1_000000_01.jpg").write_bytes(make.jpeg(0, mode="CMYK"))
    (folder / "party.jpg").write_bytes(make.jpeg(0))
    change_keypoints(
        market,
        **{f"00{n}_c1s1_000000_01.jpg": make.keypoints(0) for n in (12, 13)},
    )
    prepare_records("market1501", market, tmp_path / "out")
    index = json.loads((tmp_path / "out" / "train" / "index.json").read_text())
    assert index["left_out"] == {
        "no keypoints": [one],
        "points outside the image": [two],
        "all points missing": [three],
        "probably swapped x and y": [four],
        "unreadable image": [five],
        "wrong size": ["0012_c1s1_000000_01.jpg"],
        "CMYK colours": ["0013_c1s1_000000_01.jpg"],
        "name is not like 0002_c1s1_000451_03.jpg": ["party.jpg"],
    }
    assert (index["persons"], index["images"], index["pairs"]) == (1, 1, 0)
    text = capsys.readouterr().out
    assert "train: no pairs: nobody has two pictures; PG2 cannot learn from these" in text
    assert text.count("no pairs") == 1
    for reason, names in index["left_out"].items():
        assert f"1  {reason}, e.g. {names[0]}" in text
    assert "1 names match no image, e.g. 0404_c1s1_1_1.jpg" in text
    assert "12,936" in text and "751" in text
    assert six in {image.name for p in persons(tmp_path / "out" / "train") for image in p.images}


def test_nothing_left_out(market, tmp_path, capsys):
    prepare_records("market1501", market, tmp_path / "out")
    assert "left out: nothing" in capsys.readouterr().out


def test_distractors_and_junk_are_counted_and_not_strangers(market, make, tmp_path, capsys):
    names = ["-1_c1s1_000401_03.jpg", "0000_c1s1_000151_01.jpg"]
    for name in names:
        (market / "bounding_box_test" / name).write_bytes(make.jpeg(0))
    change_keypoints(market, **{name: make.keypoints(0) for name in names})
    prepare_records("market1501", market, tmp_path / "out")
    text = capsys.readouterr().out
    assert "test: 1 junk boxes (-1) set aside" in text
    assert "test: 1 distractors (0000) set aside" in text
    assert "match no image" not in text
    assert open_records(tmp_path / "out" / "test").images == 6


def test_split_without_usable_images_is_not_written(market, make, tmp_path, capsys):
    make.market(market / "query", {9: 1}, keypoints_beside=False)
    prepare_records("market1501", market, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["test", "train"]
    assert "query: not written, no image of it can be used" in capsys.readouterr().out


def test_large_persons_are_remarked_and_gigantic_ones_refused(
    market, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("dpig.datasets.prepare_split.LARGE_PERSON_BYTES", 5000)
    prepare_records("market1501", market, None)
    assert "test: 0005 takes 0 MiB, read whole for each of its pairs" in capsys.readouterr().out
    monkeypatch.setattr("dpig.datasets.prepare_split.MOST_PERSON_BYTES", 5000)
    with pytest.raises(InputError, match="too much for one record"):
        prepare_records("market1501", market, tmp_path / "out")


def test_dry_run_writes_nothing(market, capsys):
    before = sorted(market.parent.rglob("*"))
    prepare_records("market1501", market, None)
    assert sorted(market.parent.rglob("*")) == before
    assert "12,936" in capsys.readouterr().out


def test_parsing_maps_are_kept(market, tmp_path):
    maps = tmp_path / "maps"
    maps.mkdir()
    name = sorted(path.stem for path in (market / "bounding_box_train").iterdir())[1]
    Image.fromarray(np.full((128, 64), 3, np.uint8)).save(maps / f"{name}.png")
    prepare_records("market1501", market, tmp_path / "out", parsing_dirs=[maps])
    first = persons(tmp_path / "out" / "train")[0]
    assert [bool(image.parsing) for image in first.images] == [False, True, False]
    assert first.images[1].parsing == (maps / f"{name}.png").read_bytes()
    assert open_records(tmp_path / "out" / "train").images == 6


def test_deepfashion_tree_finds_keypoints_by_the_fields_names(make, tmp_path):
    names = {"02_1_front": "02_1front", "02_3_back": "02_3back"}
    tree = tmp_path / "raw" / "img" / "WOMEN" / "Blouses_Shirts" / "id_00000001"
    tree.mkdir(parents=True)
    for seed, name in enumerate(names):
        (tree / f"{name}.jpg").write_bytes(make.jpeg(seed, 256, 256))
    for style in ("Blouses_Shirts", "BlousesShirts"):
        people = {
            f"fashionWOMEN{style}id00000001{name}.jpg": make.keypoints(0, 256, 256)
            for name in names.values()
        }
        write_csv(tmp_path / f"{style}.csv", people)
        out = tmp_path / f"out_{style}"
        prepare_records("deepfashion", tmp_path / "raw", out, [tmp_path / f"{style}.csv"])
        opened = open_records(out / "train")
        assert (opened.height, opened.width, opened.pairs) == (256, 256, 2)
        assert opened.names[0] == b"fashionWOMENBlouses_Shirtsid0000000102_1front.jpg"


def test_photo_folder(make, tmp_path, capsys):
    raw = tmp_path / "raw"
    people = {}
    for number, place in enumerate(("ann/1.jpg", "ann/2.JPG", "bob/3.png", "4.jpeg", "ann/5.jpg")):
        (raw / place).parent.mkdir(parents=True, exist_ok=True)
        kind = {"format": "PNG"} if place.endswith("png") else {}
        (raw / place).write_bytes(make.jpeg(number, 200 + number, 150, **kind))
        people[os.path.basename(place)] = make.keypoints(number, 200, 150)
    (raw / "bob" / "5.jpg").write_bytes(make.jpeg(9, 200, 150))
    write_csv(tmp_path / "k.csv", people)
    prepare_records("folder", raw, tmp_path / "out", [tmp_path / "k.csv"], height=128, width=64)
    written = persons(tmp_path / "out" / "train")
    assert [(p.number, p.name, [i.name for i in p.images]) for p in written] == [
        (0, "4.jpeg", ["4.jpeg"]),
        (1, "ann", ["1.jpg", "2.JPG"]),
        (2, "bob", ["3.png"]),
    ]
    assert written[1].images[1].size == (201, 150)
    text = capsys.readouterr().out
    assert "2  duplicate name, e.g. 5.jpg, 5.jpg" in text
    out = tmp_path / "out2"
    prepare_records("folder", raw, out, [tmp_path / "k.csv"], (), 128, 64, test_every=3)
    assert [p.name for p in persons(out / "test")] == ["bob"]


# Bad input: one clear line, exit 2, nothing half-written


def command(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["/bin/dpig-prepare", *map(str, arguments)])
    prepare.FLAGS.unparse_flags()
    with pytest.raises(SystemExit) as stop:
        prepare.run()
    assert stop.value.code == 2
    errors = capsys.readouterr().err
    assert errors.count("\n") == 1
    assert errors.startswith("dpig-prepare: error: ")
    return errors


def refused(market, monkeypatch, capsys, *arguments, dataset="market1501"):
    out = market.parent / "out"
    before = {path for path in market.parent.iterdir() if path.name != "more"}
    flags = [f"--dataset={dataset}", f"--raw_dir={market}", f"--out_dir={out}", *arguments]
    errors = command(monkeypatch, capsys, *flags)
    assert {path for path in market.parent.iterdir() if path.name != "more"} == before
    return errors


def test_empty_and_missing_folders(market, monkeypatch, capsys, tmp_path):
    (tmp_path / "empty").mkdir()
    errors = refused(tmp_path / "empty", monkeypatch, capsys)
    assert "none of the folders bounding_box_train" in errors
    errors = refused(
        tmp_path / "empty", monkeypatch, capsys, "--height=8", "--width=8", dataset="folder"
    )
    assert "has no image" in errors
    assert "does not exist" in refused(tmp_path / "nothing", monkeypatch, capsys)
    for path in (market / "bounding_box_train").iterdir():
        path.unlink()
    errors = refused(market, monkeypatch, capsys)
    assert "no image of the split train can be used (it is empty)" in errors


def test_flags(market, monkeypatch, capsys):
    errors = command(monkeypatch, capsys, "--dataset=market1501", f"--raw_dir={market}")
    assert "give --out_dir=FOLDER, or --dry_run" in errors
    assert "folder needs --height and --width" in refused(
        market, monkeypatch, capsys, dataset="folder"
    )
    assert "market1501" in refused(market, monkeypatch, capsys, dataset="market")
    assert "--test_every is for folders without splits" in refused(
        market, monkeypatch, capsys, "--test_every=5"
    )
    assert "is not a folder" in refused(market, monkeypatch, capsys, "--parsing_dir=nowhere")


def test_keypoint_files_that_do_not_fit(market, make, monkeypatch, capsys, tmp_path):
    people = read_keypoints(train_csv(market))
    strangers = {f"x{name}": points for name, points in people.items()}
    write_csv(train_csv(market), strangers)
    errors = refused(market, monkeypatch, capsys)
    assert "can be used (6 no keypoints); the keypoint files name others, such as x0002" in errors
    swapped = {name: points[:, [1, 0, 2]] for name, points in people.items()}
    write_csv(train_csv(market), swapped)
    assert "x and y are probably swapped" in refused(market, monkeypatch, capsys)
    train_csv(market).write_text("name:keypoints_y:keypoints_x\na.jpg: [1, 2]: [3, 4]\n")
    assert "expected a list of 18 numbers" in refused(market, monkeypatch, capsys)
    for file in market.glob("*.csv"):
        file.unlink()
    assert "give --keypoints=FILE" in refused(market, monkeypatch, capsys)
    assert "does not exist" in refused(market, monkeypatch, capsys, "--keypoints=no.csv")


def test_two_files_that_contradict_each_other(market, make, monkeypatch, capsys):
    people = read_keypoints(train_csv(market))
    name = next(iter(people))
    (market.parent / "more").mkdir()
    other = market.parent / "more" / "other.csv"
    write_csv(other, {name: people[name]})
    prepare_records("market1501", market, None, [train_csv(market), other])
    capsys.readouterr()
    write_csv(other, {name: make.keypoints(99)})
    errors = refused(market, monkeypatch, capsys, f"--keypoints={train_csv(market)},{other}")
    assert f"give different keypoints for {name}" in errors


def test_all_images_unreadable(market, monkeypatch, capsys):
    for path in (market / "bounding_box_train").iterdir():
        path.write_text("not a photograph")
    assert "can be used (6 unreadable image)" in refused(market, monkeypatch, capsys)


def test_nothing_but_duplicate_names_tells_the_way_out(make, tmp_path):
    people = make.market(tmp_path / "raw" / "ann", {1: 1}, keypoints_beside=False)
    make.market(tmp_path / "raw" / "bob", {1: 1}, keypoints_beside=False)
    write_csv(tmp_path / "raw" / "keypoints.csv", people)
    with pytest.raises(InputError, match=r"2 duplicate name.*give each image its own"):
        prepare_records("folder", tmp_path / "raw", tmp_path / "out", height=128, width=64)


def test_folder_that_cannot_be_listed(make, tmp_path, monkeypatch):
    """os.walk passes over it, and its persons would be lost unseen."""
    make.market(tmp_path / "raw" / "ann", {1: 2})
    listed = os.scandir

    def scandir(path):
        if Path(path).name == "ann":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(PermissionError):
        prepare_records("folder", tmp_path / "raw", tmp_path / "out", height=128, width=64)


def test_output_that_exists_is_not_touched(market, monkeypatch, capsys, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    assert "exists already" in refused(market, monkeypatch, capsys)
    assert (tmp_path / "out" / "mine.txt").read_text() == "mine"


def test_output_that_cannot_be_written(market, monkeypatch, capsys, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setattr(
        "tempfile.mkdtemp", lambda **_: (_ for _ in ()).throw(PermissionError(13, "no", "out"))
    )
    assert "no permission" in refused(market, monkeypatch, capsys)


def test_full_disk_leaves_nothing(market, monkeypatch, capsys):
    def full(path):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("dpig.datasets.record_shards.sha256", full)
    assert "the disk is full" in refused(market, monkeypatch, capsys)


def test_interruption_leaves_nothing(market, tmp_path, monkeypatch):
    """Ctrl-C at the fourth photograph, when the first person has been written."""
    calls = []

    def interrupted(*arguments):
        calls.append(list(tmp_path.glob(".out.*/train/*.tfrecord")))
        if len(calls) == 5:
            raise KeyboardInterrupt
        return read_image(*arguments)

    monkeypatch.setattr("dpig.datasets.prepare_split.read_image", interrupted)
    arguments = ["--dataset=market1501", f"--raw_dir={market}", f"--out_dir={tmp_path / 'out'}"]
    monkeypatch.setattr(sys, "argv", ["dpig-prepare", *arguments])
    prepare.FLAGS.unparse_flags()
    with pytest.raises(SystemExit) as stop:
        prepare.run()
    assert stop.value.code == 130
    assert calls[-1], "nothing had been written yet"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw"]
