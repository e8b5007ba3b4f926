"""The losses of PG2 (section 3): plain functions of images, masks and logits.

Images are float32 [B, H, W, 3] around [-1, 1], masks [B, H, W, 1] in {0, 1}, logits [B]. Every loss
is a mean over the batch at hand: divide by the number of replicas where gradients are summed.
The two published variants, "market" (128x64) and "256" (DeepFashion), differ in what the
discriminator sees together and in what counts as generated.
"""

from keras import ops

from dpig.models.body import Tensor

# The order of the images in the discriminator's one batch. In "market" G1's images shape the batch
# statistics although no trained loss uses their logits.
BATCH_ORDER = {
    "market": ("target", "source", "g1", "g2"),
    "256": ("target", "g2", "source"),
}
VARIANTS = tuple(BATCH_ORDER)


def cross_entropy(logits: Tensor, real: bool) -> Tensor:
    """Mean sigmoid cross-entropy of logits [B] against the label "real" or "generated"."""
    return ops.mean(ops.softplus(-logits if real else logits))


def mask_l1(image: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """PG2's "pose mask loss": mean of |image - target| where the mask is 1, over all pixels."""
    return ops.mean(ops.abs(image - target) * mask)


def l1(image: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
    """Mean absolute difference, plus that inside the mask where one is given (section 3.1)."""
    plain = ops.mean(ops.abs(image - target))
    return plain if mask is None else plain + mask_l1(image, target, mask)


def discriminator_batch(images: dict[str, Tensor], variant: str) -> Tensor:
    """Concatenates images in the variant's order: [B * len(images), H, W, 3].

    Args:
        images: "target", "source", "g2" and, in "market" with two stages, "g1". What a one-stage
            model generates is its "g2", without a "g1".
        variant: "market" or "256".
    """
    return ops.concatenate([images[name] for name in _order(images, variant)], axis=0)


def split_logits(logits: Tensor, images: dict[str, Tensor], variant: str) -> dict[str, Tensor]:
    """Undoes `discriminator_batch` for its logits: one [B] for each name of `images`."""
    order = _order(images, variant)
    return dict(zip(order, ops.split(logits, len(order)), strict=True))


def adversarial_loss(logits: dict[str, Tensor], variant: str) -> Tensor:
    """The generator's wish that its images pass as real; in "256" of the source image, too."""
    refined = cross_entropy(logits["g2"], real=True)
    if variant == "market":
        return refined
    return (refined + cross_entropy(logits["source"], real=True)) / 2.0


def g1_loss(g1: Tensor, target: Tensor, mask: Tensor | None = None) -> Tensor:
    """Stage 1 (section 3.1): L1, with the pose mask where one is given."""
    return l1(g1, target, mask)


def g2_loss(
    logits: dict[str, Tensor],
    g2: Tensor,
    target: Tensor,
    mask: Tensor | None,
    l1_weight: float,
    variant: str,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Stage 2 (section 3.2): the adversarial term plus `l1_weight` times L1 with the pose mask.

    Returns:
        the loss, and its parts "adversarial" and "l1" (before the weight).
    """
    parts = {"adversarial": adversarial_loss(logits, variant), "l1": l1(g2, target, mask)}
    return parts["adversarial"] + l1_weight * parts["l1"], parts


def d_loss(logits: dict[str, Tensor]) -> Tensor:
    """The discriminator (section 3.2): the target is real, the source and G2's image are not.

    The source counts as generated, so that the model cannot win by copying it. Real and generated
    images weigh the same. Both variants agree here.
    """
    real = cross_entropy(logits["target"], real=True)
    generated = (
        cross_entropy(logits["source"], real=False) + cross_entropy(logits["g2"], real=False)
    ) / 2.0
    return (real + generated) / 2.0


def g2_over_g1(logits: dict[str, Tensor]) -> Tensor:
    """How far G2's images pass for more real than G1's ("market"; logged, never trained)."""
    return cross_entropy(logits["g2"] - logits["g1"], real=True)


def _order(images: dict[str, Tensor], variant: str) -> list[str]:
    if variant not in BATCH_ORDER:
        raise ValueError(f"variant must be one of {VARIANTS}, not {variant!r}")
    return [name for name in BATCH_ORDER[variant] if name in images]
