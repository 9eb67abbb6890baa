"""The thesis's equations written out, for tests to compare with."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def pruning_mask(kernel: Array, lower: float, upper: float) -> Array:
    """p of equations 5.2 to 5.5 for a `kernel` (O, I, ...)."""
    outputs = len(kernel)
    m = np.array([np.abs(kernel[o]).sum() for o in range(outputs)])
    s = np.argsort(m, kind="stable")
    p = np.zeros(outputs)
    for n in range(outputs):
        if lower * outputs < n < upper * outputs:
            p[s[n]] = 1
    return p
