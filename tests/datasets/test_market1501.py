"""Market-1501 and DeepFashion: what file names and folders mean."""

import pytest

from dpig.datasets import deepfashion, market1501
from dpig.datasets.script import InputError


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def named(split):
    return [(photograph.name, photograph.person) for photograph in split.photographs]


def test_market_names(tmp_path):
    touch(tmp_path / "bounding_box_train", "0002_c1s1_000451_03.jpg", "1501_c6s3_1_2.png")
    (split,) = market1501.splits(tmp_path)
    first, second = split.photographs
    assert (first.name, first.person, first.number, first.camera) == (
        "0002_c1s1_000451_03.jpg",
        "0002",
        2,
        1,
    )
    assert (second.number, second.camera) == (1501, 6)
    assert (split.name, split.expected) == ("train", (12_936, 751))


def test_market_junk_and_distractors_are_set_aside(tmp_path):
    names = ["-1_c1s1_000401_03.jpg", "0000_c1s1_000151_01.jpg", "0001_c1s1_001051_03.jpg"]
    touch(tmp_path / "bounding_box_test", *names, "Thumbs.db", "._0001.jpg", "party.jpg")
    (split,) = market1501.splits(tmp_path)
    assert named(split) == [(names[2], "0001")]
    assert split.set_aside == {"junk boxes (-1)": names[:1], "distractors (0000)": names[1:2]}
    assert split.left_out == {market1501.NO_NAME: ["party.jpg"]}


def test_market_missing_folders(tmp_path):
    touch(tmp_path / "query", "0001_c1s1_001051_00.jpg")
    assert [split.name for split in market1501.splits(tmp_path)] == ["query"]
    with pytest.raises(InputError, match="none of the folders bounding_box_train"):
        market1501.splits(tmp_path / "query")
    with pytest.raises(InputError, match="does not exist"):
        market1501.splits(tmp_path / "nothing")


TREE = (
    "WOMEN/Blouses_Shirts/id_00000001/02_1_front.jpg",
    "WOMEN/Blouses_Shirts/id_00000001/02_3_back.jpg",
    "WOMEN/Blouses_Shirts/id_00000001/03_1_front.jpg",
    "MEN/Denim/id_00000080/01_7_additional.jpg",
)


def test_in_shop_tree_with_partition(tmp_path):
    touch(tmp_path / "img", *TREE, "readme.png")
    rows = [
        f"img/{TREE[0]}   id_00000001   train",
        f"img/{TREE[1]}   id_00000001   train",
        f"img/{TREE[2]}   id_00000001   query",
        f"img/{TREE[3]}   id_00000080   gallery",
    ]
    text = "\n".join(["4", "image_name item_id evaluation_status", *rows])
    (tmp_path / "list_eval_partition.txt").write_text(text)
    train, test = deepfashion.splits(tmp_path)
    shirt = "WOMEN/Blouses_Shirts/id_00000001/02"
    assert named(train) == [
        ("fashionWOMENBlouses_Shirtsid0000000102_1front.jpg", shirt),
        ("fashionWOMENBlouses_Shirtsid0000000102_3back.jpg", shirt),
    ]
    assert train.photographs[0].other_names == ("fashionWOMENBlousesShirtsid0000000102_1front.jpg",)
    assert [photograph.person for photograph in test.photographs] == [
        "MEN/Denim/id_00000080/01",
        "WOMEN/Blouses_Shirts/id_00000001/03",
    ]
    assert train.left_out == {deepfashion.NOT_LISTED: ["readme.png"]}
    numbers = {photograph.number for split in (train, test) for photograph in split.photographs}
    assert numbers == {0, 1, 2}


def test_in_shop_partition_that_is_none(tmp_path):
    touch(tmp_path / "img", *TREE)
    (tmp_path / "list_eval_partition.txt").write_text("1\nheader\nsome text\n")
    with pytest.raises(InputError, match=r"is not the In-shop partition.*'some text'"):
        deepfashion.splits(tmp_path)


def test_in_shop_tree_without_partition(tmp_path):
    touch(tmp_path, *TREE)
    train, test = deepfashion.splits(tmp_path, test_every=3)
    assert len({photograph.person for photograph in train.photographs}) == 2
    assert [photograph.person for photograph in test.photographs] == [
        "WOMEN/Blouses_Shirts/id_00000001/03"
    ]


def test_flat_folders(tmp_path):
    name = "fashionMENDenimid0000008001_1front.jpg"
    touch(tmp_path / "train", name, "fashionMENDenimid0000008001_2side.jpg", "real_016.jpg")
    touch(tmp_path / "test", "fashionMENDenimid0000008102_1front.jpg")
    train, test = deepfashion.splits(tmp_path)
    assert {photograph.person for photograph in train.photographs} == {
        "fashionMENDenimid0000008001"
    }
    assert train.photographs[0].name == name
    assert train.left_out == {deepfashion.NO_NAME: ["real_016.jpg"]}
    assert len(test.photographs) == 1
    with pytest.raises(InputError, match="has its own"):
        deepfashion.splits(tmp_path, test_every=2)
