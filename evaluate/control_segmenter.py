"""The reference segmenter: finds a person's parts in any picture, so that a pose can be judged.

It is a small convolutional network, trained for less than a minute on drawn people who are not in
the evaluated split, half of them blurred, as generated pictures are. What it finds in a generated
picture is compared with what it finds in the true one, so that its own habits cancel out; how good
it is itself is measured against the true parsing maps of the same true pictures, and reported.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import keras
import numpy as np
from scipy.ndimage import gaussian_filter

from dpig.datasets.drawn.factors import Factors
from dpig.datasets.progress import progress_bar
from dpig.datasets.script import InputError
from dpig.evaluate.control_people import draw
from dpig.models.images import to_unit

PARTS = ("head", "top", "bottom", "arms", "legs")  # class 0 is none of them
# Ten labels of parsing maps: background, face, hair, upper clothes, pants, skirt, arms, legs
PART_OF_LABEL = np.array([0, 1, 1, 2, 3, 3, 4, 4, 5, 5])
PICTURES, STEPS, BATCH = 1000, 300, 24
MOST_BLUR = 2.0  # standard deviation in pixels of a picture 128 high
FEWEST_PICTURES = 60
WIDTHS = (16, 32, 48)


class Segmenter:
    """Pictures [B, H, W, 3] uint8 to the number of a part at each pixel, [B, H, W]."""

    def __init__(self, network: keras.Model) -> None:
        """Wraps a trained network."""
        self.network = network

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Finds the parts: 0 is the background, i + 1 is PARTS[i]."""
        logits = self.network.predict_on_batch(keras.ops.convert_to_numpy(to_unit(images)))
        return logits.argmax(axis=-1)

    def save(self, path: str | os.PathLike) -> None:
        """Writes the network; the name ends in .keras."""
        self.network.save(path)


def load_segmenter(path: str | os.PathLike, size: tuple[int, int]) -> Segmenter:
    """A segmenter that an earlier run wrote.

    Raises:
        InputError: there is none, or it is for pictures of another size.
    """
    if not Path(path).is_file():
        raise InputError(f"{path} does not exist: give segmenter.keras of an earlier dpig-control")
    try:
        network = keras.models.load_model(path)
    except (ValueError, TypeError, OSError, KeyError) as error:
        reason = str(error).splitlines()[0][:120]
        raise InputError(f"{path} is no segmenter of dpig-control ({reason})") from None
    if tuple(network.input_shape[1:3]) != size:
        raise InputError(
            f"{path} is for pictures of {network.input_shape[1]}x{network.input_shape[2]}, not "
            f"{size[0]}x{size[1]}: leave out --segmenter, a new one takes less than a minute"
        )
    return Segmenter(network)


def train_segmenter(
    pictures: Sequence[Factors], size: tuple[int, int], seed: int, steps: int = STEPS
) -> Segmenter:
    """Trains on drawn people.

    Args:
        pictures: factors of pictures of persons that are not evaluated.
        size: (height, width).
        seed: of weights, choice and order; the same seed gives the same ruler on one machine.
        steps: of training.

    Raises:
        InputError: too few pictures of other persons.
    """
    if len(pictures) < FEWEST_PICTURES:
        raise InputError(
            f"only {len(pictures)} pictures of other persons to learn from, {FEWEST_PICTURES} are "
            "needed: draw more training persons with dpig-draw --persons"
        )
    rng = np.random.default_rng([seed, 20])
    few = [pictures[number] for number in rng.permutation(len(pictures))[:PICTURES]]
    drawn = draw(progress_bar(few, desc="draw", unit="picture"), size)
    keras.utils.set_random_seed(seed)
    network = build_network(*size)
    learn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(4e-3), learn)
    batches = _batches(drawn.images, PART_OF_LABEL[drawn.parsing], rng)
    for step in progress_bar(range(steps), desc="segmenter", unit="step"):
        network.optimizer.learning_rate.assign(4e-3 * (1 - step / steps))
        network.train_on_batch(*next(batches))
    return Segmenter(network)


def build_network(height: int, width: int) -> keras.Model:
    """A small U-shaped network at half resolution: float [B, H, W, 3] to logits [B, H, W, 6]."""
    inputs = keras.Input((height, width, 3))
    features, fine = inputs, []
    for channels in WIDTHS:
        features = _convolved(features, channels, stride=2)
        features = _convolved(features, channels)
        fine.append(features)
    for finer in reversed(fine[:-1]):
        features = keras.layers.UpSampling2D(interpolation="bilinear")(features)
        features = keras.layers.Concatenate()([features, finer])
        features = _convolved(features, finer.shape[-1])
    logits = keras.layers.Conv2D(len(PARTS) + 1, 3, padding="same")(features)
    return keras.Model(inputs, keras.layers.UpSampling2D(interpolation="bilinear")(logits))


def _convolved(features: keras.KerasTensor, channels: int, stride: int = 1) -> keras.KerasTensor:
    layer = keras.layers.Conv2D(channels, 3, strides=stride, padding="same", use_bias=False)
    normalised = keras.layers.BatchNormalization(momentum=0.95)(layer(features))
    return keras.layers.Activation("relu")(normalised)


def _batches(
    images: np.ndarray, parts: np.ndarray, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Endless batches of pictures in [-1, 1], half of them blurred and mirrored by lot."""
    unit = images.shape[1] / 128
    while True:
        chosen = rng.integers(len(images), size=BATCH)
        pictures, truth = images[chosen], parts[chosen]
        for index in range(0, BATCH, 2):
            blur = rng.uniform(0, MOST_BLUR) * unit
            pictures[index] = gaussian_filter(pictures[index], (blur, blur, 0))
        if rng.random() < 0.5:  # no part is left or right, so a mirror needs no other labels
            pictures, truth = pictures[:, :, ::-1], truth[:, :, ::-1]
        yield keras.ops.convert_to_numpy(to_unit(pictures)), truth
