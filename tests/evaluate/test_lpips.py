"""LPIPS with a small seeded AlexNet, held to plain torch's numbers; bad files and sizes."""

import numpy as np
import pytest

from dpig.datasets.script import InputError
from dpig.evaluate.lpips import Lpips, LpipsDistances
from dpig.evaluate.measures import Truth
from tests.evaluate import small_networks as small


def test_distances_are_those_of_torch(lpips_path, torchmetrics_golden):
    """Sizes with and without a rest at each stride."""
    lpips = Lpips(lpips_path)
    for case in torchmetrics_golden["lpips"]:
        size = case["height"], case["width"]
        one, other = (small.noise_pictures(2, *size, seed) for seed in (1, 2))
        np.testing.assert_allclose(lpips.distances(one, other), case["distances"], rtol=2e-5)


def test_equal_pictures_are_not_apart_and_order_does_not_matter(lpips_path):
    lpips, (one, other) = Lpips(lpips_path), small.noise_pictures(2, 40, 40)[:, None]
    assert lpips.distances(one, one) == 0
    assert lpips.distances(one, other) == pytest.approx(lpips.distances(other, one))
    flat = np.zeros((1, 40, 40, 3), np.uint8)
    assert np.isfinite(lpips.distances(flat, other))


def test_a_result_names_its_network_and_its_interval(lpips_path):
    pictures = small.noise_pictures(6, 40, 40)
    distances = LpipsDistances(Lpips(lpips_path))
    distances.add(pictures[:4], Truth(pictures[::-1][:4]))
    distances.add(pictures[4:], Truth(pictures[::-1][4:]))
    persons = np.array([0, 0, 1, 1, 2, 2])
    line = distances.line(persons)
    assert line["value"] == pytest.approx(distances.values().mean())
    assert line["low"] < line["value"] < line["high"]
    assert "over persons" in line["interval"]
    assert "over pairs" in distances.line(None)["interval"]
    of_one = distances.line(np.zeros(6))  # the same person in every draw
    assert (of_one["low"], of_one["high"], of_one["interval"]) == (None, None, None)
    assert "(4, 6, 8, 6, 5)" in line["definition"]  # not AlexNet's own channels
    assert line["weights"]["lpips"]["file"] == lpips_path.name


def test_small_pictures_are_one_clear_sentence(lpips_path):
    pictures = small.noise_pictures(1, 64, 30)
    with pytest.raises(InputError, match="31x31 pixels or more and these have 64x30"):
        LpipsDistances(Lpips(lpips_path)).add(pictures, Truth(pictures))
    with pytest.raises(ValueError, match="at least 31x31"):
        Lpips(lpips_path).distances(pictures, pictures)


def _changed(name, change):
    arrays = small.lpips_arrays()
    arrays[name] = change(arrays[name])
    return arrays


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"lin0.model.1.weight": np.ones(3)}, "it has no array conv1_kernel"),
        (
            _changed("conv2_kernel", lambda kernel: kernel.transpose(3, 2, 0, 1)),
            "has conv2_kernel of shape (6, 4, 5, 5), not (5, 5, 4, 5)",
        ),
        (_changed("conv3_bias", lambda bias: bias[1:]), "has conv3_bias of shape (7,), not (8,)"),
        (_changed("linear5", lambda learned: learned - 9), "has negative weights in linear5"),
        (_changed("conv1_bias", lambda bias: bias * np.nan), "in conv1_bias that are not finite"),
        (_changed("linear2", lambda _: np.array([{}])), "is not an .npz file of plain arrays"),
    ],
)
def test_another_file_is_one_clear_sentence(tmp_path, arrays, words):
    np.savez(tmp_path / "weights.npz", **arrays)
    with pytest.raises(InputError) as error:
        Lpips(tmp_path / "weights.npz")
    assert words in str(error.value)
    assert str(error.value).startswith(f"--lpips={tmp_path / 'weights.npz'} ")


def test_a_damaged_file_is_one_clear_sentence(tmp_path, lpips_path):
    content = lpips_path.read_bytes()
    for damaged in (b"", b"text", content[:900], content[:300] + b"\0\1" + content[302:]):
        (tmp_path / "weights.npz").write_bytes(damaged)
        with pytest.raises(InputError, match=r"is not an \.npz file of plain arrays, or is damag"):
            Lpips(tmp_path / "weights.npz")
