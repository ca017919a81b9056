"""Entropy balancing: weights of controls, as equal as can be, that give them the treated's moments.

Belongs here: the weights, and why there are none. Does not belong here: matching by distance.

Notation of Hainmueller (2012): w_i = q_i exp(-l'c_i) / sum, l minimising log sum q_i exp(-l'c_i), where
c_i are the controls' moments less those of the treated; Newton's method finds l.
"""

from collections.abc import Sequence

import numpy as np

from analysis.methods.matching.numbers.propensity import Flags, Floats
from analysis.regression.rank import factor

MOST_STEPS = 200
BALANCED = 1e-10
"""Largest difference of moments, in standard deviations of the controls, that counts as none."""


class BalanceError(ValueError):
    """No weights of the controls give them the treated's moments; names the covariate where it is one."""


def balancing_weights(x: Floats, treated: Flags, names: Sequence[str], moments: int = 1) -> Floats:
    """Weights (n) of the controls, adding up to the number of treated; 1 of each treated.

    `x` (n, k), `treated` (n); `moments` 1 balances means, 2 variances as well. Moments that don't vary
    among controls, or that others span, are left out if the treated share them.

    Raises BalanceError if no weights do.
    """
    ours, others = x[treated], x[~treated]
    centre = ours.mean(axis=0)
    spread = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    columns, targets = (others - centre) / spread, np.zeros(x.shape[1])
    labels = [f"the mean of {name}" for name in names]
    if moments == 2:
        columns = np.column_stack([columns, columns**2])
        targets = np.append(targets, np.mean(((ours - centre) / spread) ** 2, axis=0))
        labels += [f"the variance of {name}" for name in names]
    _within_range(columns, targets, labels)
    chosen = factor(columns, columns - columns.mean(axis=0), labels)
    away = columns[:, list(chosen.kept)] - targets[list(chosen.kept)]
    weights = _solved(away / chosen.length * np.sqrt(len(away))) if chosen.kept else None
    if weights is None and chosen.kept:
        raise BalanceError(
            f"no weights of the {len(others)} controls give them the treated's "
            f"{'means' if moments == 1 else 'means and variances'} of {', '.join(names)} together"
        )
    found = np.full(len(others), 1 / len(others)) if weights is None else weights
    rest = np.abs(found @ columns - targets)
    if rest.max() > 1e-6:
        raise BalanceError(f"the controls can't be given {labels[int(rest.argmax())]}")
    result = np.ones(len(x))
    result[~treated] = found * len(ours)
    return result


def _within_range(columns: Floats, targets: Floats, labels: Sequence[str]) -> None:
    """Refuse a moment of the treated that lies beyond every control's."""
    rounding = 1e-9
    for column, target, label in zip(columns.T, targets, labels, strict=True):
        if not column.min() - rounding <= target <= column.max() + rounding:
            raise BalanceError(
                f"{label} of the treated lies beyond every control's: no weights give it to them"
            )


def _solved(away: Floats) -> Floats | None:
    """Weights (c) with mean 0 of `away` (c, k), or None where Newton's method finds none."""
    solved = np.zeros(away.shape[1])
    value = _dual(away, solved)
    for _ in range(MOST_STEPS):
        weights = _weights(away, solved)
        gradient = -(weights @ away)
        if np.abs(gradient).max() <= BALANCED:
            return weights
        centred = away + gradient
        hessian = (centred * weights[:, None]).T @ centred
        try:
            direction = -np.linalg.solve(hessian, gradient)
        except np.linalg.LinAlgError:
            return None
        length, rounding = 1.0, 1e-14 * max(1.0, abs(value))
        while _dual(away, solved + length * direction) > value + rounding:
            length /= 2
            if length < 1e-10:
                return None
        solved = solved + length * direction
        value = _dual(away, solved)
    return None


def _dual(away: Floats, at: Floats) -> float:
    exponent = -(away @ at)
    top = exponent.max()
    return float(top + np.log(np.exp(exponent - top).sum()))


def _weights(away: Floats, at: Floats) -> Floats:
    exponent = -(away @ at)
    raised = np.exp(exponent - exponent.max())
    return np.asarray(raised / raised.sum(), dtype=np.float64)


__all__ = ["BalanceError", "balancing_weights"]
