"""The logarithm of figures, the same on every processor.

A processor with fused multiply-add gives another last digit here and there, for the C library has a variant
for it. Belongs here: that alone. Does not belong here: kernels of numpy and BLAS
(`orchestration.arithmetic`).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def log(values: ArrayLike) -> NDArray[np.float64]:
    """Natural logarithm, of any shape: taken in the longest floats there are, then rounded.

    x86-64's 80-bit logarithm has no variants, and its eleven further bits round to the right double
    in all but one of a thousand cases. Where long floats are no longer, it is numpy's own. Zero
    gives -inf and a number below it NaN, with numpy's warnings.
    """
    return np.log(np.asarray(values, dtype=np.longdouble)).astype(np.float64)


def log1p(values: ArrayLike) -> NDArray[np.float64]:
    """Natural logarithm of one and the values, as `log`."""
    return np.log1p(np.asarray(values, dtype=np.longdouble)).astype(np.float64)
