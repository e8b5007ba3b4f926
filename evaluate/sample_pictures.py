"""New pictures of people, each factor sampled, real or fixed: the work behind `dpig-sample`."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from dpig.datasets.progress import progress_bar
from dpig.datasets.script import whole_folder
from dpig.evaluate.dpig_models import POSE, ExportedDPIG, open_dpig
from dpig.evaluate.given_images import GivenImages
from dpig.evaluate.made_of import about_model, write_made_of
from dpig.evaluate.sample_given import Given, gather
from dpig.evaluate.sample_order import BATCH, FIXED, REAL, SAMPLED, Order
from dpig.evaluate.sample_painter import (
    Painter,
    Recipe,
    check_sources,
    flag_name,
    model_factors,
)
from dpig.evaluate.sample_sheet import Tile, sample_sheet

SHEET_PICTURES = 64
USUAL_COUNT = 64


@dataclass(frozen=True)
class Painted:
    """A picture uint8 [H, W, 3], the keypoints [18, 3] it was painted in, its logit if asked."""

    number: int
    recipe: Recipe
    picture: np.ndarray
    keypoints: np.ndarray
    score: float | None

    def told(self, pool: GivenImages | None) -> dict[str, Any]:
        """Its entry of made_of.json."""
        names = [] if pool is None else pool.names
        made_of = {factor: source.told(names) for factor, source in self.recipe.items()}
        return made_of if self.score is None else made_of | {"score": round(self.score, 4)}


def sample(
    model_dir: str | os.PathLike,
    out_dir: str | os.PathLike,
    *,
    modes: Mapping[str, str] | None = None,
    images: int | None = None,
    first: int = 0,
    seed: int = 0,
    scores: bool = False,
    given: Given | None = None,
) -> dict[str, dict[str, Any]]:
    """Makes pictures.

    Args:
        model_dir: an exported DPIG.
        out_dir: folder to write: 00000.png and so on, contact_sheet.png, and made_of.json with the
            seed or the image's name of every factor of every picture.
        modes: "sampled", "real" or "fixed" by factor; a factor that is not named is sampled.
        images: how many; by default one for each given image that is named, else 64.
        first: number of the first picture; with `images` = 1 it makes one picture again alone.
        seed: of the samples, and of the lot by which images of records are taken.
        scores: also write the discriminator's logit of each picture (higher for more real), judged
            in its batch of 16 consecutive pictures.
        given: images for the real and fixed factors; none are needed where all are sampled.

    Returns:
        The pictures of made_of.json.

    Raises:
        InputError: the model cannot do it, or images are missing or unusable.
    """
    model = open_dpig(model_dir)
    modes = _modes(model, modes or {})
    named = given.named if given and REAL in modes.values() else 0
    count = images or named or USUAL_COUNT
    whole = -(-(first + count) // BATCH) * BATCH  # also for the pictures that fill a batch
    pool = gather(model, given or Given(), set(modes.values()) - {SAMPLED}, whole, seed)
    order = Order(modes, first, count, seed, len(pool) - 1 if pool else 0, scores)
    made, tiles, nobody = {}, [], 0
    with whole_folder(out_dir) as folder:
        for painted in _paint(order, Painter(model, pool, BATCH)):
            name = f"{painted.number:05d}.png"
            Image.fromarray(painted.picture).save(folder / name)
            made[name] = painted.told(pool)
            nobody += not painted.keypoints[:, 2].any()
            if len(tiles) < SHEET_PICTURES:
                tiles.append(_tile(painted, order, pool))
        facts = {"made_by": "dpig-sample", "model": about_model(model), "factors": modes}
        write_made_of(folder, facts | {"seed": seed}, made)
        fixed = pool.images[0] if pool and FIXED in modes.values() else None
        titles = _taken(modes, FIXED), _taken(modes, REAL), f"{modes.get(POSE)}: pose"
        sample_sheet(tiles, fixed, *titles).save(folder / "contact_sheet.png")
    if nobody and POSE in modes:
        print(f"{nobody:,} of {count:,} pictures show nobody: their pose has no visible joint")
    return made


def _modes(model: ExportedDPIG, wanted: Mapping[str, str]) -> dict[str, str]:
    """The mode of every factor that the model has, once what is to be sampled can be sampled."""
    modes = {name: wanted.get(flag_name(name), SAMPLED) for name in model_factors(model)}
    sampled = [factor for factor, mode in modes.items() if mode == SAMPLED]
    check_sources(model, list(wanted), sampled)
    return modes


def _paint(order: Order, painter: Painter) -> Iterator[Painted]:
    """The pictures in order, one batch in memory at a time."""
    for numbers in progress_bar(order.batches(), unit="batch"):
        recipes = [order.recipe(number) for number in numbers]
        pictures, keypoints = painter.batch(recipes)
        logits = painter.model.score(pictures).tolist() if order.scores else [None] * BATCH
        for painted in map(Painted, numbers, recipes, pictures, keypoints, logits):
            if order.wants(painted.number):
                yield painted


def _taken(modes: Mapping[str, str], mode: str) -> str:
    """A row's title: what is taken from the pictures in it."""
    return f"{mode}: {' and '.join(factor for factor in modes if modes[factor] == mode)}"


def _tile(painted: Painted, order: Order, pool: GivenImages | None) -> Tile:
    score = "" if painted.score is None else f" {painted.score:+.2f}"
    shows_pose = order.modes.get(POSE, REAL) != REAL or REAL not in order.modes.values()
    real = next((s.image for f, s in painted.recipe.items() if order.modes[f] == REAL), None)
    return Tile(
        painted.picture,
        f"{painted.number}{score}",
        painted.keypoints if POSE in order.modes and shows_pose else None,
        None if real is None else pool.images[real],
    )
