"""Losses against numbers worked out by hand.

Two pixels, |image - target| = 0.1, 0.2, 0.3 in the first and 0.4, 0.5, 0.6 in the second; the mask
covers the first: mean 2.1 / 6 = 0.35, masked mean 0.6 / 6 = 0.1. With logits of 0, ln 3 and -ln 3
the cross-entropies are ln 2, ln(4/3) = 0.287682 and ln 4 = 1.386294.
"""

import math

import numpy as np
import pytest

from dpig.models import losses

TARGET = np.float32([[[[0.5, -0.5, 0.0], [0.1, 0.2, 0.3]]]])
IMAGE = TARGET + np.float32([[[[0.1, -0.2, 0.3], [-0.4, 0.5, -0.6]]]])
MASK = np.float32([[[[1.0], [0.0]]]])
LN3 = np.float32([math.log(3)])
LOGITS = {"target": 0 * LN3, "source": LN3, "g2": -LN3, "g1": LN3}


def close(value):
    return pytest.approx(value, rel=1e-5)


def test_cross_entropy():
    assert float(losses.cross_entropy(LN3, real=True)) == close(0.287682)
    assert float(losses.cross_entropy(LN3, real=False)) == close(1.386294)
    both = np.concatenate([LN3, -LN3])
    assert float(losses.cross_entropy(both, real=True)) == close((0.287682 + 1.386294) / 2)


def test_cross_entropy_of_extreme_logits_is_finite():
    assert float(losses.cross_entropy(np.float32([-200]), real=True)) == close(200)
    assert float(losses.cross_entropy(np.float32([200]), real=True)) == pytest.approx(0)


def test_l1():
    assert float(losses.mask_l1(IMAGE, TARGET, MASK)) == close(0.1)
    assert float(losses.l1(IMAGE, TARGET)) == close(0.35)
    assert float(losses.l1(IMAGE, TARGET, MASK)) == close(0.45)


def test_g1_loss():
    assert float(losses.g1_loss(IMAGE, TARGET, MASK)) == close(0.45)
    assert float(losses.g1_loss(IMAGE, TARGET)) == close(0.35)  # Table 1's rows without the mask


def test_g2_loss_of_market():
    """1.386294 (G2 taken for real) + 10 * 0.45."""
    loss, parts = losses.g2_loss(LOGITS, IMAGE, TARGET, MASK, 10.0, "market")
    assert float(loss) == close(5.886294)
    assert float(parts["adversarial"]) == close(1.386294)
    assert float(parts["l1"]) == close(0.45)


def test_g2_loss_of_256():
    """(1.386294 + 0.287682) / 2 (G2 and the source taken for real) + 50 * 0.45."""
    loss, parts = losses.g2_loss(LOGITS, IMAGE, TARGET, MASK, 50.0, "256")
    assert float(loss) == close(23.336988)
    assert float(parts["adversarial"]) == close(0.836988)


def test_d_loss():
    """0.5 * ln 2 + 0.25 * 1.386294 (source generated) + 0.25 * 0.287682 (G2 generated)."""
    assert float(losses.d_loss(LOGITS)) == close(0.7650675)


def test_g2_over_g1():
    """Cross-entropy of -2 ln 3 against "real": ln(1 + 9)."""
    assert float(losses.g2_over_g1(LOGITS)) == close(math.log(10))


@pytest.mark.parametrize(
    ("variant", "names", "order"),
    [
        ("market", ("g2", "g1", "source", "target"), ("target", "source", "g1", "g2")),
        ("market", ("g2", "source", "target"), ("target", "source", "g2")),
        ("256", ("g2", "source", "target"), ("target", "g2", "source")),
    ],
)
def test_discriminator_sees_the_published_order(variant, names, order):
    images = {name: np.full((2, 1, 1, 3), ord(name[-1]), "float32") for name in names}
    batch = np.asarray(losses.discriminator_batch(images, variant))
    assert batch[::2, 0, 0, 0].tolist() == [ord(name[-1]) for name in order]
    logits = losses.split_logits(batch[:, 0, 0, 0], images, variant)
    assert set(logits) == set(names)
    for name in names:
        assert np.asarray(logits[name]).tolist() == [ord(name[-1])] * 2


def test_unknown_variant_is_refused():
    with pytest.raises(ValueError, match="variant"):
        losses.discriminator_batch({"target": IMAGE}, "512")
