"""What a column of regressions rests on, in words and as columns of `model_fit`.

Belongs here: why a fit has no error, what speaks against one that has, and the counts beside it. Does not
belong here: the numbers (`analysis.regression.support`), the other rows of a column (`linear`).
"""

import numpy as np

from analysis.methods.base import Job, Row
from analysis.regression.panel import PanelFit
from analysis.regression.support import NEGATIVE_WEIGHT
from analysis.study.equations import Equation


def without_error(fit: PanelFit, equation: Equation) -> str:
    """Why a fit has no error, or ''."""
    effects = " and the effects" if equation.effects else ""
    if fit.is_exact:
        terms = zip(fit.names[:-1], fit.coefficients[:-1], strict=True)
        made_of = ", ".join(name for name, value in terms if value)
        return (
            f"{equation.outcome} is an exact combination of {made_of}{effects}: an identity is no"
            " estimate; leave one of them out"
        )
    errors = zip(fit.names[:-1], fit.std_errors[:-1], strict=True)  # without the constant
    lost = [name for name, error in errors if not np.isfinite(error)]
    if lost:
        return (
            f"the error of {', '.join(lost)} can't be told: beside the other terms{effects} it varies"
            " in a cluster alone, which fits it exactly"
        )
    return ""


def warnings_of(fit: PanelFit, equation: Equation) -> str:
    """What speaks against a column's errors and weights, in words; '' where nothing does."""
    said = []
    for name, support in zip(fit.names[:-1], fit.support, strict=True):
        if support.weaknesses:
            said.append(f"{name} {' and '.join(support.weaknesses)}: no stars")
        elif support.few and name in equation.regressors:
            said.append(f"{name} {support.few}")
        two_way = name in equation.regressors and len(equation.effects) == 2
        if two_way and support.negative_weight_sum <= -NEGATIVE_WEIGHT:
            said.append(
                f"{name} counts {support.n_negative_weights} of {support.n_weights} effects with a"
                f" negative weight (their sum {support.negative_weight_sum:.2f}): where effects"
                " differ between cohorts or years it is no average of them"
            )
    return "; ".join(said)


def support_row(job: Job, fit: PanelFit) -> Row:
    """What the policy's coefficient rests on, as columns of `model_fit`."""
    if job.study.treatment not in fit.names:
        return {}
    support = fit.support[fit.position(job.study.treatment)]
    return {
        "n_treated_units": support.n_active_units,
        "n_treated_clusters": support.n_active_clusters,
        "effective_clusters": support.effective_clusters,
        "n_negative_weights": support.n_negative_weights,
        "negative_weight_share": support.n_negative_weights / max(support.n_weights, 1),
        "negative_weight_sum": support.negative_weight_sum,
    }


__all__ = ["support_row", "warnings_of", "without_error"]
