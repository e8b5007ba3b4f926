"""The losses of DPIG: plain functions of images, embeddings and logits.

Every loss is a mean over the batch at hand, as in `losses` (PG2's).
"""

from collections.abc import Callable

from keras import ops

from dpig.models.body import Tensor
from dpig.models.dpig_mapping import Critic
from dpig.models.losses import cross_entropy, l1


def judge(
    discriminator: Callable[[Tensor], tuple[Tensor, dict]],
    real: Tensor,
    generated: Tensor,
    together: bool,
) -> tuple[Tensor, Tensor]:
    """The logits of real and of generated images.

    Batch statistics are those of what is judged in one pass.

    Args:
        discriminator: the network.
        real: [B, H, W, 3].
        generated: [B, H, W, 3].
        together: one pass over both (256x256), or one pass for each (Market-1501).
    """
    if not together:
        return discriminator(real)[0], discriminator(generated)[0]
    logits, _ = discriminator(ops.concatenate([real, generated], axis=0))
    return tuple(ops.split(logits, 2))


def reconstruction_loss(
    generated_logits: Tensor, generated: Tensor, image: Tensor, l1_weight: float
) -> tuple[Tensor, dict[str, Tensor]]:
    """Stage I, appearance: pass as real, and be the image that was encoded.

    Returns:
        the loss, and its parts "adversarial" and "l1" (before the weight).
    """
    parts = {"adversarial": cross_entropy(generated_logits, real=True), "l1": l1(generated, image)}
    return parts["adversarial"] + l1_weight * parts["l1"], parts


def discriminator_loss(real_logits: Tensor, generated_logits: Tensor) -> Tensor:
    """Stage I, appearance: the mean of both cross-entropies."""
    real = cross_entropy(real_logits, real=True)
    return (real + cross_entropy(generated_logits, real=False)) / 2.0


def pose_loss(decoded: Tensor, normalised: Tensor) -> Tensor:
    """Stage I, pose: mean squared difference of [B, 18, 3], missing joints included."""
    return ops.mean(ops.square(decoded - normalised))


def mapping_loss(generated_values: Tensor) -> Tensor:
    """Stage II: the mapping function raises the critic's values (WGAN)."""
    return -ops.mean(generated_values)


def critic_loss(real_values: Tensor, generated_values: Tensor) -> Tensor:
    """Stage II: the critic lowers generated and raises real values (WGAN)."""
    return ops.mean(generated_values) - ops.mean(real_values)


def gradient_penalty(
    critic: Critic, real: Tensor, generated: Tensor, share: Tensor
) -> tuple[Tensor, Tensor]:
    """WGAN-GP: the critic's slope between real and generated embeddings should be one.

    Args:
        critic: the network.
        real: embeddings [B, F].
        generated: embeddings [B, F].
        share: [B, 1], uniform in [0, 1]: how far from the real one the slope is taken.

    Returns:
        mean((slope - 1)^2), to be weighted (10 in the authors' code), and the slopes [B].
    """
    points = real + share * (generated - real)
    slopes = ops.sqrt(ops.sum(ops.square(critic.input_gradient(points)), axis=-1))
    return ops.mean(ops.square(slopes - 1.0)), slopes


def code_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL divergence of a VAE's codes [B, F] from N(0, 1): summed over F, mean over the batch."""
    each = ops.exp(log_variance) + ops.square(mean) - 1.0 - log_variance
    return 0.5 * ops.mean(ops.sum(each, axis=-1))
