"""Whether a call of a device's `product` makes as many products as are counted."""

from unittest import mock

import numpy as np

SIZE = 16


def error_of_counted_products(device) -> float:
    """How far a call's result is from the counted product of the same matrices, 0 if not at all."""
    with mock.patch.object(device, "matrix_size", lambda: SIZE):
        found, counted = np.asarray(device.product("float32")()), device.product_flops()
        chained = []
        for products in (0, 1):
            with mock.patch.object(device, "PRODUCTS", products):
                chained.append(np.float64(device.product("float32")()))
    right = np.linalg.solve(*chained)
    expected = chained[0] @ np.linalg.matrix_power(right, counted // (2 * SIZE**3))
    return float(np.abs(found - expected).max() / np.abs(expected).max())
