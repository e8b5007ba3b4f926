"""Recomputes the golden files of PG2 and of its discriminator."""

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from dpig.models import losses
from dpig.models.discriminators import Discriminator
from dpig.models.images import to_uint8
from dpig.models.pg2 import PG2
from dpig.third_party.tf1 import variable_names
from dpig.third_party.tf1.golden_file import GRADIENT, GoldenFile
from dpig.third_party.tf1.gradients import gradients
from dpig.train.recipes import DEEPFASHION, MARKET1501, PG2Recipe


def check_pg2(golden: GoldenFile) -> None:
    """Compares images, embedding, logits, losses and gradients of the whole of PG2."""
    recipe = recipe_of(golden)
    model = PG2(recipe.height, recipe.width, recipe.conv_width, recipe.bottleneck, recipe.variant)
    judge = Discriminator(recipe.height, recipe.width, recipe.discriminator_width)
    names = variable_names.pg2_names(model, judge)
    golden.assign(names)
    inputs = pg2_inputs(golden)
    values = evaluate_pg2(model, judge, inputs, recipe)
    for key, value in values.items():
        golden.compare(key, value)
    before = ops.clip((values["out/G2"] + 1.0) * 127.5, 0.0, 255.0)
    golden.compare_truncated("out/G2_uint8", to_uint8(values["out/G2"]), before)
    compare_gradients(
        golden, names, lambda name: evaluate_pg2(model, judge, inputs, recipe)[f"loss/{name}"]
    )


def check_discriminator(golden: GoldenFile) -> None:
    """Compares logits, batch norm outputs and the gradients of sum_b (b + 1) * logit_b."""
    image = golden.input("x")
    judge = discriminator_of(golden, *image.shape[1:3])
    names = variable_names.discriminator_names(judge)
    golden.assign(names)
    pixels = keras.Variable(image)
    logits, intermediates = judge(pixels.value)
    golden.compare("out/logits", logits)
    for level in range(2, len(judge.norms) + 2):
        golden.compare(f"out/BN{level}_output_nhwc", intermediates[f"norm{level}"])

    def weighted_logits(name: str) -> Any:
        if name != "weighted_logits":
            raise KeyError(name)
        logits, _ = judge(ops.convert_to_tensor(pixels))
        return ops.sum(logits * np.arange(1, len(image) + 1, dtype="float32"))

    compare_gradients(golden, names | {"input": pixels}, weighted_logits)


def discriminator_of(golden: GoldenFile, height: int, width: int) -> Discriminator:
    """The convolutional discriminator at a file's widths, for images of a size."""
    first = golden.variables.get("Discriminator.1/Discriminator.1.Biases", np.zeros(8))
    numbers = re.findall(r"Discriminator\.(\d+)/", "\n".join(golden.variables))
    levels = max(map(int, numbers), default=1)
    judge = Discriminator(height, width, len(first), levels)
    # DPIG's 256x256 images go through the dense layer of 128x64 ones, in several rows.
    judged = golden.variables.get("Discriminator.Output/Discriminator.Output.W", judge.logit.kernel)
    features, one = judge.logit.kernel.shape[0], max(judged.shape[0], 1)
    if features == one or features % one:
        return judge
    return Discriminator(height, width, len(first), levels, features // one)


def recipe_of(golden: GoldenFile) -> PG2Recipe:
    """The published recipe, at the widths and image size of a golden file of PG2."""
    shapes = {name: value.shape for name, value in golden.variables.items()}
    widths = variable_names.pg2_widths(shapes, golden.path.name)
    _, height, width, _ = golden.input("x").shape
    variant = str(golden.config.get("variant", golden.config["network"]))
    published = DEEPFASHION if "256" in variant else MARKET1501
    return dataclasses.replace(
        published,
        height=height,
        width=width,
        l1_weight=float(golden.config.get("L1_weight", published.l1_weight)),
        **widths._asdict(),
    )


def pg2_inputs(golden: GoldenFile) -> dict[str, np.ndarray]:
    """Source and target images, target heat maps and body mask."""
    keys = {"source": "x", "target": "x_target", "pose": "pose_target", "mask": "mask_target"}
    return {name: golden.input(key) for name, key in keys.items()}


def evaluate_pg2(
    model: PG2, judge: Discriminator, inputs: dict[str, np.ndarray], recipe: PG2Recipe
) -> dict[str, Any]:
    """Every output and loss of the authors' graph, under the names of the golden files."""
    source, target, mask = inputs["source"], inputs["target"], inputs["mask"]
    g1, intermediates = model.stage1(source, inputs["pose"])
    difference, _ = model.stage2(g1, source)
    g2 = g1 + difference
    images = {"target": target, "source": source, "g1": g1, "g2": g2}
    judged, _ = judge(losses.discriminator_batch(images, recipe.variant))
    logits = losses.split_logits(judged, images, recipe.variant)
    g2_loss, parts = losses.g2_loss(logits, g2, target, mask, recipe.l1_weight, recipe.variant)
    values = {
        "out/z": intermediates["embedding"],
        "out/G1": g1,
        "out/DiffMap": difference,
        "out/G2": g2,
        "out/D_logits": judged,
        "loss/PoseMaskLoss1": losses.mask_l1(g1, target, mask),
        "loss/g_loss1": losses.g1_loss(g1, target, mask),
        "loss/PoseMaskLoss2": losses.mask_l1(g2, target, mask),
        "loss/L1Loss2": parts["l1"],
        "loss/g_adv": parts["adversarial"],
        "loss/g_loss2": g2_loss,
        "loss/d_loss": losses.d_loss(logits),
    }
    if "g1" in logits:
        values["loss/g2_g1_loss"] = losses.g2_over_g1(logits)
    return values


def compare_gradients(
    golden: GoldenFile,
    names: dict[str, keras.Variable],
    loss: Callable[[str], Any],
    prefixes: dict[str, str] | None = None,
) -> None:
    """Compares the gradients that a file holds.

    Args:
        golden: the file.
        names: the variables by checkpoint name.
        loss: computes the loss of a name; raises KeyError for one that it does not know.
        prefixes: of the keys, and the loss each belongs to; by default those of `grad/<loss>/`.
    """
    if prefixes is None:
        found = {key.split("/")[0] for key in golden.keys("grad/")}
        prefixes = {f"grad/{name}/": name for name in sorted(found)}
    for prefix, name in prefixes.items():
        wanted = [key for key in golden.keys(prefix) if key in names]
        variables = [names[key] for key in wanted]
        try:
            _, found = gradients(lambda name=name: loss(name), variables)
        except KeyError:  # left out, and listed so
            continue
        for key, variable, gradient in zip(wanted, variables, found, strict=True):
            gradient = np.zeros(variable.shape) if gradient is None else gradient
            golden.compare(prefix + key, gradient, GRADIENT)
