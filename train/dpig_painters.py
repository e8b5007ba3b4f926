"""The grids of DPIG's stages: what each network makes of the same people, snapshot by snapshot."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from keras import ops

from dpig.evaluate.embedding_statistics import compare
from dpig.evaluate.pose_pictures import draw_pose
from dpig.models.dpig_complete import CompleteDPIG, CompleteVAE
from dpig.models.images import to_uint8, to_unit
from dpig.train.backend import backend
from dpig.train.dpig_mapping_players import MappingPlayers, build_mapping
from dpig.train.dpig_players import (
    AppearancePlayers,
    PosePlayers,
    VAEPlayers,
    build_appearance,
    build_pose,
)
from dpig.train.grids import Grid
from dpig.train.run_dir import RunFolder

COMPARED = 2_000  # real and mapped embeddings, for their statistics
SAMPLES = 4  # columns of samples


def _people(people: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(people["image"]), np.asarray(people["keypoints"], np.float32)


def pose_pictures(keypoints: Any, height: int, width: int) -> np.ndarray:
    """Skeletons, uint8 [B, H, W, 3], of keypoints [B, 18, 3] in pixels."""
    return np.stack([draw_pose(np.asarray(pose), height, width) for pose in keypoints])


class AppearancePainter:
    """Image, its reconstruction, and swaps: what a factor does is seen from the first snapshot."""

    def __init__(
        self,
        run: RunFolder,
        players: AppearancePlayers | VAEPlayers,
        people: Mapping[str, Any],
    ) -> None:
        """Keeps the people: {"image": uint8 [B, H, W, 3], "keypoints": [B, 18, 3]}."""
        self._grid, self._players = Grid(run.grids), players
        # A copy, not under a strategy: drawing must not wait for other workers.
        self._twin = build_appearance(players.recipe)
        self._make = backend.occasional(self._made, [self._twin])
        self._titles: list[str] = []  # in order: a compiled function gives its dict back sorted
        self._image, self._keypoints = _people(people)

    def draw_first(self) -> None:
        """Real people, and what untrained networks make of them."""
        self._grid.first("real", self._image)
        self._grid.first("fake", self._columns()["reconstruction"])

    def draw(self, step: int, phase: str) -> Mapping[str, float]:
        """Draws what the networks make of the people now."""
        self._grid.draw(step, {"image": self._image, **self._columns()})
        return {}

    def _columns(self) -> dict[str, np.ndarray]:
        self._players.copy_weights(self._twin)
        made = self._make(self._image, self._keypoints)
        return {title: np.asarray(made[title]) for title in self._titles}

    def _made(self, image: Any, keypoints: Any) -> dict[str, Any]:
        """The columns by title, uint8 [B, H, W, 3]."""
        vae = self._players.recipe.encoder == "vae"
        whole = CompleteVAE(self._twin) if vae else CompleteDPIG(self._twin)
        embeddings = whole.encode_appearance(to_unit(image), keypoints)
        pictures = {"reconstruction": (embeddings, keypoints)}
        if not vae:
            pictures["pose of next"] = (embeddings, _next(keypoints))
        if len(embeddings) > 1:
            for factor in embeddings:
                swapped = {**embeddings, factor: _next(embeddings[factor])}
                pictures[f"{factor} of next"] = (swapped, keypoints)
        self._titles = list(pictures)
        return {title: to_uint8(whole.generate(*factors)) for title, factors in pictures.items()}


def _next(rows: Any) -> Any:
    """Every person's own to that of the person below, in turn."""
    return ops.roll(rows, -1, axis=0)


class PosePainter:
    """Poses, and what is decoded of their embeddings."""

    def __init__(self, run: RunFolder, players: PosePlayers, people: Mapping[str, Any]) -> None:
        """Keeps the people; see `AppearancePainter`."""
        self._grid, self._players = Grid(run.grids), players
        self._twin = build_pose(players.recipe)
        self._decode = backend.occasional(self._made, [self._twin])
        self._image, self._keypoints = _people(people)

    def draw_first(self) -> None:
        """Real poses, and what untrained networks make of them."""
        size = self._image.shape[1:3]
        self._grid.first("real", pose_pictures(self._keypoints, *size))
        self._grid.first("fake", pose_pictures(self._decoded(), *size))

    def draw(self, step: int, phase: str) -> Mapping[str, float]:
        """Draws the poses; returns how far joints are off and how often visibility is right."""
        decoded, size = self._decoded(), self._image.shape[1:3]
        poses = {"pose": self._keypoints, "decoded": decoded}
        pictures = {title: pose_pictures(each, *size) for title, each in poses.items()}
        self._grid.draw(step, {"image": self._image, **pictures})
        seen = (decoded[..., 2] > 0) & (self._keypoints[..., 2] > 0)
        off = np.linalg.norm((decoded - self._keypoints)[..., :2], axis=-1)
        right = (decoded[..., 2] > 0) == (self._keypoints[..., 2] > 0)
        pixels = float(off[seen].mean()) if seen.any() else 0.0
        return {"pixels_off": pixels, "visibility_right": float(right.mean())}

    def _decoded(self) -> np.ndarray:
        self._players.copy_weights(self._twin)
        return np.asarray(self._decode(self._keypoints))

    def _made(self, keypoints: Any) -> Any:
        return self._twin.decode(self._twin.encode(keypoints))


class MappingPainter:
    """The people with one factor made up, always of the same noise; and the statistics."""

    def __init__(
        self,
        run: RunFolder,
        players: MappingPlayers,
        people: Mapping[str, Any],
        real: np.ndarray,
        paint: Callable[[np.ndarray, np.ndarray, Any], Any],
    ) -> None:
        """Keeps the people and the noise.

        Args:
            run: where the pictures go.
            players: whose weights are pictured.
            people: see `AppearancePainter`.
            real: embeddings [N, F] of the factor that is made up, of the data set.
            paint: (images, keypoints, embeddings [B, F] of the factor) to uint8 pictures.
        """
        self._grid, self._players, self._paint = Grid(run.grids), players, paint
        features = real.shape[1]
        self._twin = build_mapping(players.recipe, features)
        self._map = backend.occasional(lambda noise: self._twin(noise), [self._twin])
        self._image, self._keypoints = _people(people)
        random = np.random.default_rng(run.options["seed"])
        deviation = players.recipe.noise_deviation
        self._noise = np.float32(random.normal(0, deviation, (COMPARED, features)))
        count = min(COMPARED, len(real))
        self._real = real[np.sort(random.choice(len(real), count, replace=False))]

    def draw_first(self) -> None:
        """Real people, and what an untrained mapping function makes."""
        self._grid.first("real", self._image)
        self._grid.first("fake", next(iter(self._samples().values())))

    def draw(self, step: int, phase: str) -> Mapping[str, float]:
        """Draws samples; returns the statistics of real and mapped embeddings."""
        self._grid.draw(step, {"image": self._image, **self._samples()})
        mapped = np.asarray(self._map(self._noise))
        return compare(self._real, mapped)

    def _samples(self) -> dict[str, np.ndarray]:
        self._players.copy_weights(self._twin)
        people = len(self._image)
        return {
            f"sample {number + 1}": np.asarray(
                self._paint(
                    self._image,
                    self._keypoints,
                    self._map(self._noise[number * people : (number + 1) * people]),
                )
            )
            for number in range(SAMPLES)
        }
