"""Returns to scale and scale efficiency of each unit.

Source: Färe, Grosskopf and Lovell (1985): compare the radial scores under constant, variable and
non-increasing returns.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.measures.efficiency.data import EFFICIENT, Progress
from analysis.measures.efficiency.radial import Orientation, radial_efficiency
from analysis.measures.efficiency.result import Efficiency
from analysis.measures.efficiency.simplex import Floats, Method

SAME = 1e-7  # scores this close, relatively, are the same


@dataclass(frozen=True)
class ScaleEfficiency:
    """Scores (n,) under three technologies and what they say; NaN and "" where not judged.

    scale = crs / vrs, in (0, 1]. `returns` is "constant", "increasing" (the unit is too small)
    or "decreasing" (too large), seen in the direction of the orientation.
    """

    crs: Floats
    vrs: Floats
    nirs: Floats
    scale: Floats
    returns: NDArray[np.str_]
    status: NDArray[np.str_]


def returns_to_scale(
    inputs: ArrayLike,
    outputs: ArrayLike,
    *,
    orientation: Orientation = "input",
    group: ArrayLike | None = None,
    method: Method = "simplex",
    progress: Progress | None = None,
) -> ScaleEfficiency:
    """Technical efficiency (CRS), pure technical efficiency (VRS) and scale efficiency.

    Arguments as in `radial_efficiency`; `progress` runs over all three technologies.
    """
    fits = []
    for step, returns in enumerate(("crs", "vrs", "nirs")):

        def report(done: int, total: int, step: int = step) -> None:
            if progress is not None:
                progress(step * total + done, 3 * total)

        fits.append(
            radial_efficiency(
                inputs,
                outputs,
                orientation=orientation,
                returns=returns,  # type: ignore[arg-type]
                group=group,
                slacks=False,
                method=method,
                progress=report,
            )
        )
    return compare_returns(*fits)


def compare_returns(
    constant: Efficiency, variable: Efficiency, non_increasing: Efficiency
) -> ScaleEfficiency:
    """Scale efficiency from the radial fits of the same units under CRS, VRS and NIRS."""
    fits = (constant, variable, non_increasing)
    crs, vrs, nirs = (fit.score for fit in fits)
    status = np.select([fit.status != "ok" for fit in fits], [fit.status for fit in fits], "ok")
    judged = status == "ok"
    label = np.select(
        [~judged, crs >= vrs * (1 - SAME), nirs >= vrs * (1 - SAME)],
        ["", "constant", "decreasing"],
        "increasing",
    )
    scale = crs / vrs
    scale = np.where(np.abs(scale - 1.0) <= EFFICIENT, 1.0, scale)
    return ScaleEfficiency(crs, vrs, nirs, scale, label, status)
