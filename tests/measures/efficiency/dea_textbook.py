"""The models as the papers print them, one unscaled program per unit, solved by scipy's HiGHS."""

import numpy as np
from scipy.optimize import linprog

INFEASIBLE = np.nan


def _convexity(returns, n):
    """Rows (A_ub, b_ub, A_eq, b_eq) on the sum of n weights, as multiples of one scalar."""
    ones = np.ones((1, n))
    return {
        "crs": (np.empty((0, n)), np.empty(0), np.empty((0, n)), np.empty(0)),
        "vrs": (np.empty((0, n)), np.empty(0), ones, np.ones(1)),
        "nirs": (ones, np.ones(1), np.empty((0, n)), np.empty(0)),
        "ndrs": (-ones, -np.ones(1), np.empty((0, n)), np.empty(0)),
    }[returns]


def _run(cost, a_ub, b_ub, a_eq, b_eq, tolerance=1e-10):
    for allowed in (tolerance, 1e-9, 1e-8):  # now and then HiGHS gives up on the sharpest
        found = linprog(
            cost,
            A_ub=a_ub if len(a_ub) else None,
            b_ub=b_ub if len(b_ub) else None,
            A_eq=a_eq if len(a_eq) else None,
            b_eq=b_eq if len(b_eq) else None,
            bounds=(0, None),
            options={
                "primal_feasibility_tolerance": allowed,
                "dual_feasibility_tolerance": allowed,
            },
        )
        if found.status == 2:
            return None
        if found.status == 0:
            return found
    raise AssertionError(found.message)


def radial(x, y, o, orientation, returns, *, leave_out=False, frontier=None):
    """Score of unit o: theta, or 1 / phi."""
    rows = np.arange(len(x)) if frontier is None else frontier
    rows = np.setdiff1d(rows, [o]) if leave_out else rows
    xr, yr, n = x[rows], y[rows], len(rows)
    if not n:
        return INFEASIBLE
    ub, b_ub, eq, b_eq = _convexity(returns, n)
    side = np.zeros((len(ub), 1)), np.zeros((len(eq), 1))
    x_column = -x[o] if orientation == "input" else np.zeros(x.shape[1])
    y_column = y[o] if orientation == "output" else np.zeros(y.shape[1])
    a_ub = np.vstack(
        [
            np.column_stack([x_column, xr.T]),
            np.column_stack([y_column, -yr.T]),
            np.column_stack([side[0], ub]),
        ]
    )
    right = (
        [np.zeros(x.shape[1]), -y[o]] if orientation == "input" else [x[o], np.zeros(y.shape[1])]
    )
    sign = 1.0 if orientation == "input" else -1.0
    cost = np.r_[sign, np.zeros(n)]
    found = _run(cost, a_ub, np.concatenate([*right, b_ub]), np.column_stack([side[1], eq]), b_eq)
    if found is None:
        return INFEASIBLE
    return found.x[0] if orientation == "input" else 1.0 / found.x[0]


def slack_sum(x, y, o, orientation, returns, score):
    """Largest sum of raw slacks with the score held; rows scaled, as the score is rounded."""
    weights = np.r_[x.mean(axis=0), y.mean(axis=0)]
    x, y = x / x.mean(axis=0), y / y.mean(axis=0)
    ub, b_ub, eq, b_eq = _convexity(returns, len(x))
    m, s, n = x.shape[1], y.shape[1], len(x)
    x_right = x[o] * score if orientation == "input" else x[o]
    y_right = y[o] if orientation == "input" else y[o] / score
    a_eq = np.vstack(
        [
            np.column_stack([x.T, np.eye(m), np.zeros((m, s))]),
            np.column_stack([y.T, np.zeros((s, m)), -np.eye(s)]),
            np.column_stack([eq, np.zeros((len(eq), m + s))]),
        ]
    )
    found = _run(
        -np.r_[np.zeros(n), weights / weights.max()],
        np.column_stack([ub, np.zeros((len(ub), m + s))]),
        b_ub,
        a_eq,
        np.concatenate([x_right, y_right, b_eq]),
        tolerance=1e-9,
    )
    return -found.fun * weights.max()


def sbm(x, y, b, o, orientation, returns):
    """Tone's (2001) score with undesirable outputs; Charnes-Cooper variables t, L, S."""
    m, s, q, n = x.shape[1], y.shape[1], b.shape[1], len(x)
    out = s + q
    ub, b_ub, eq, b_eq = _convexity(returns, n)
    count_x = 0.0 if orientation == "output" else 1.0
    count_y = 0.0 if orientation == "input" else 1.0
    # Columns: t, weights, input, output, undesirable slacks.
    width = 1 + n + m + out
    a_eq = np.zeros((1 + m + out + len(eq), width))
    a_eq[0, 0] = 1.0
    a_eq[0, 1 + n + m :] = count_y / (out * np.r_[y[o], b[o]])
    right = np.zeros(len(a_eq))
    right[0] = 1.0
    for i in range(m):
        a_eq[1 + i, 0], a_eq[1 + i, 1 : 1 + n], a_eq[1 + i, 1 + n + i] = -x[o, i], x[:, i], 1.0
    for r in range(out):
        column, sign = (y[:, r], -1.0) if r < s else (b[:, r - s], 1.0)
        row = 1 + m + r
        a_eq[row, 0], a_eq[row, 1 : 1 + n], a_eq[row, 1 + n + m + r] = -column[o], column, sign
    if len(eq):
        a_eq[-1, 0], a_eq[-1, 1 : 1 + n] = -b_eq[0], eq[0]
    a_ub = np.zeros((len(ub), width))
    if len(ub):
        a_ub[0, 0], a_ub[0, 1 : 1 + n] = -b_ub[0], ub[0]
    cost = np.zeros(width)
    cost[0] = 1.0
    cost[1 + n : 1 + n + m] = -count_x / (m * x[o])
    return _run(cost, a_ub, np.zeros(len(ub)), a_eq, right).fun


def super_sbm(x, y, b, o, orientation, returns):
    """Tone's (2002) score in his own variables: t, weights, then x~, y~, b~ (times t)."""
    rows = np.setdiff1d(np.arange(len(x)), [o])
    m, s, q, n = x.shape[1], y.shape[1], b.shape[1], len(rows)
    if not n:
        return INFEASIBLE
    out = s + q
    ub, b_ub, eq, _ = _convexity(returns, n)
    width = 1 + n + m + out
    first = 1 + n
    blocks, right = [], []

    def add(weights, t=0.0, own=None, value=0.0):
        """weights . L + t t + own . (x~, y~, b~) <= value"""
        row = np.zeros(width)
        row[0], row[1 : 1 + n] = t, weights
        for at, v in own or []:
            row[first + at] = v
        blocks.append(row)
        right.append(value)

    nothing = np.zeros(n)
    fixed = []  # variables that an orientation holds at the unit's own values
    for i in range(m):
        add(x[rows, i], own=[(i, -1.0)])
        add(nothing, x[o, i], [(i, -1.0)])
        if orientation == "output":
            fixed.append((i, x[o, i]))
    for r in range(s):
        add(-y[rows, r], own=[(m + r, 1.0)])
        add(nothing, -y[o, r], [(m + r, 1.0)])
        if orientation == "input":
            fixed.append((m + r, y[o, r]))
    for r in range(q):
        add(b[rows, r], own=[(m + s + r, -1.0)])
        add(nothing, b[o, r], [(m + s + r, -1.0)])
        if orientation == "input":
            fixed.append((m + s + r, b[o, r]))
    if len(ub):
        add(ub[0], -b_ub[0])
    equal, equal_right = [], []
    for at, value in fixed:
        row = np.zeros(width)
        row[first + at], row[0] = 1.0, -value
        equal.append(row)
        equal_right.append(0.0)
    if len(eq):
        row = np.zeros(width)
        row[0], row[1 : 1 + n] = -1.0, 1.0
        equal.append(row)
        equal_right.append(0.0)
    # Denominator: mean of y~/y and of 2 - b~/b, which is 1 - mean relative excess.
    row = np.zeros(width)
    row[0] = 2.0 * q / out
    row[first + m : first + m + s] = 1 / (out * y[o])
    row[first + m + s :] = -1 / (out * b[o])
    equal.append(row)
    equal_right.append(1.0)
    cost = np.zeros(width)
    cost[first : first + m] = 1 / (m * x[o])
    found = _run(cost, np.array(blocks), np.array(right), np.array(equal), np.array(equal_right))
    return INFEASIBLE if found is None else found.fun


def additive(x, y, b, o, ranges):
    """1 - the largest mean of slacks over ranges, variable returns (Cooper, Park and Pastor 1999; BAM 2011)."""
    values = np.hstack([x, y, b])
    n, width = values.shape
    down = np.ones(width, dtype=bool)
    down[x.shape[1] : x.shape[1] + y.shape[1]] = False
    low, high = values.min(axis=0), values.max(axis=0)
    way = (
        high - low
        if ranges == "ram"
        else np.where(down, values[o] - low, high - values[o])
    )  # fmt: skip
    weight = np.array([1 / r if r > 0 else 0.0 for r in way]) / width
    a_eq = np.vstack(
        [
            np.column_stack([values.T, np.diag(np.where(down, 1.0, -1.0))]),
            np.r_[np.ones(n), np.zeros(width)],
        ]
    )
    nothing = np.empty((0, n + width)), np.empty(0)
    found = _run(-np.r_[np.zeros(n), weight], *nothing, a_eq, np.r_[values[o], 1.0])
    return 1 + found.fun
