"""What a bound on violations of parallel trends says of an effect: linear inequalities, by their vertices.

Belongs here: relative magnitudes and smoothness as inequalities in the event study's coefficients, with nuisance
parameters taken out. Does not belong here: tests (`conditional`), fixed-length intervals (`fixed_length`).

Coefficients are beta = tau + delta: effects tau (0 before the policy) and violations delta (0 in the base
year). Both bounds of Rambachan and Roth (2023) are boxes on differences of delta: with b = D beta, first or
second differences that reach into the years after (one for each), and v = D tau, they read |b_t - v_t| <= m,
where

    relative magnitudes   m = Mbar times one change between years before, of either sign, the largest of them
    smoothness            m = M, a constant

The effect asked for is theta = l'tau = c'v. Given theta, the other v are nuisances, and the smallest eta for
which all inequalities hold with slack eta times their standard errors (Andrews, Roth and Pakes 2023) is the
largest value over vertices of a dual polytope. D is one to one on the years after, so that these are known:
weights proportional to c (theta from above, from below), and for each t the sum of its two sides, which says
that m isn't negative. No linear program is left to solve; a test holds the value to one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.regression.rank import FloatArray


class SensitivityError(ValueError):
    """A sensitivity analysis that can't be done, with the reason."""


@dataclass(frozen=True)
class EventEffects:
    """Effects of consecutive event times but the base, ascending: `before` of them, then from event time 0 on.

    ``estimates`` (k,), ``covariance`` (k, k). Raises SensitivityError for other shapes, no effect on either side,
    values that are no numbers, or a covariance that doesn't tell all effects apart.
    """

    estimates: FloatArray
    covariance: FloatArray
    before: int

    def __post_init__(self) -> None:
        k = len(self.estimates)
        if self.covariance.shape != (k, k):
            raise SensitivityError(
                f"{k} effects with a covariance of shape {self.covariance.shape}: expected ({k}, {k})"
            )
        if self.before < 1:
            raise SensitivityError(
                "no effect before the policy but the base: nothing says how trends differ; open the"
                " window by a year"
            )
        if self.before >= k:
            raise SensitivityError("no effect from event time 0 on: there is none to be sensitive")
        if not (np.isfinite(self.estimates).all() and np.isfinite(self.covariance).all()):
            raise SensitivityError("an effect or its error is no number: shorten the window")
        scale = np.sqrt(np.diag(self.covariance))
        if not (scale > 0).all() or _condition(self.covariance / np.outer(scale, scale)) > SINGULAR:
            raise SensitivityError(
                f"the covariance of {k} effects is singular: fewer clusters than effects carry them;"
                " shorten the window"
            )

    @property
    def after(self) -> int:
        """Effects from event time 0 on."""
        return len(self.estimates) - self.before

    def of(self, weights: FloatArray) -> tuple[float, float]:
        """The weighted effect of the years after (weights as many) and its standard error."""
        own = np.concatenate([np.zeros(self.before), weights])
        return float(own @ self.estimates), float(np.sqrt(own @ self.covariance @ own))


SINGULAR = 1e12
"""Condition of a correlation matrix from which on it is singular but for rounding."""


def _condition(correlation: FloatArray) -> float:
    values = np.linalg.eigvalsh(correlation)
    return float(values[-1] / values[0]) if values[0] > 0 else float("inf")


@dataclass(frozen=True)
class Inequalities:
    """A bound's parts (P,), any of which may hold, each with vertices (V,).

    All vertices of a part are made of two numbers: the effect as it is estimated under the bound, ``effect`` (P,),
    and what bounds the violation, ``size`` (P,), with their covariance ``spread`` (P, 2, 2). A vertex is
    ``of_effect * (effect - theta) + of_size * size - constant`` (P, V each), at most 0 if the bound holds: first
    theta from above and from below, then that the size isn't negative, once for each year after.
    """

    effect: FloatArray
    size: FloatArray
    spread: FloatArray
    of_effect: FloatArray
    of_size: FloatArray
    constant: FloatArray


def steps(before: int, after: int) -> tuple[FloatArray, FloatArray]:
    """Changes from one year to the next: (before, k) between years before, (after, k) that reach into those after.

    Columns are event times without the base, which is 0.
    """
    k = before + after + 1
    change = np.diff(np.eye(k), axis=0)
    change = np.delete(change, before, axis=1)
    return change[:before], change[before:]


def kinks(before: int, after: int) -> tuple[FloatArray, FloatArray]:
    """Changes of the change: (before - 1, k) of years before alone, (after, k) that reach into those after."""
    k = before + after + 1
    change = np.diff(np.eye(k), n=2, axis=0)
    change = np.delete(change, before, axis=1)
    return change[: before - 1], change[before - 1 :]


def relative_magnitudes(effects: EventEffects, weights: FloatArray, bound: float) -> Inequalities:
    """A part for each change before the policy that may be the largest one, and either sign of it."""
    pre, post = steps(effects.before, effects.after)
    moving = np.array([sign * bound * change for change in pre for sign in (1.0, -1.0)])
    return _inequalities(effects, post, weights, moving, 0.0)


def smoothness(effects: EventEffects, weights: FloatArray, bound: float) -> Inequalities:
    """A bound on how much the slope changes from one year to the next; one part."""
    _, post = kinks(effects.before, effects.after)
    return _inequalities(effects, post, weights, np.zeros((1, post.shape[1])), bound)


def _inequalities(
    effects: EventEffects,
    differences: FloatArray,
    weights: FloatArray,
    moving: FloatArray,
    constant: float,
) -> Inequalities:
    """|differences @ (beta - tau)| <= moving @ beta + constant, of the effect `weights`, for rows of `moving`."""
    c = np.linalg.solve(differences[:, effects.before :].T, weights)
    direct = c @ differences
    reach = float(np.abs(c).sum())
    parts = len(moving)
    above, below = (
        np.array([_lengths(side * differences - each, effects) for each in moving])
        for side in (1.0, -1.0)
    )
    scale = [1.0 / (np.where(side * c > 0, above, below) @ np.abs(c)) for side in (1.0, -1.0)]
    sums = above + below
    both = np.stack([np.broadcast_to(direct, moving.shape), moving], axis=1)
    return Inequalities(
        effect=np.full(parts, direct @ effects.estimates),
        size=moving @ effects.estimates,
        spread=both @ effects.covariance @ both.transpose(0, 2, 1),
        of_effect=np.column_stack([scale[0], -scale[1], np.zeros_like(sums)]),
        of_size=np.column_stack([-reach * scale[0], -reach * scale[1], -2.0 / sums]),
        constant=constant * np.column_stack([reach * scale[0], reach * scale[1], 2.0 / sums]),
    )


def _lengths(rows: FloatArray, effects: EventEffects) -> FloatArray:
    """Standard errors (m,) of rows @ beta."""
    return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", rows, effects.covariance, rows)))


__all__ = [
    "EventEffects",
    "Inequalities",
    "SensitivityError",
    "kinks",
    "relative_magnitudes",
    "smoothness",
    "steps",
]
