"""Slow, obvious versions of what analysis/methods/threshold/numbers does fast, and panels to try both on."""

import numpy as np

from analysis.methods.threshold.numbers import prepare_panel


def simulate(
    n_units=30,
    n_times=8,
    *,
    seed=0,
    slopes=(0.0, 1.0),
    thresholds=(0.0,),
    sd=1.0,
    unbalanced=False,
    treatment=False,
    n_controls=1,
):
    """Arrays y, x, q, unit, time, z of a panel with known slopes by regime."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(n_units), n_times)
    time = np.tile(np.arange(2000, 2000 + n_times), n_units)
    n = len(unit)
    mu = rng.normal(size=n_units)[unit]
    q = np.round(rng.normal(size=n) + 0.5 * mu, 3)
    z = rng.normal(size=(n, n_controls)) + mu[:, None]
    if treatment:
        start = rng.integers(2002, 2000 + n_times + 4, size=n_units)[unit]
        x = (time >= start).astype(float)
    else:
        x = rng.normal(size=n) + mu
    regime = np.searchsorted(np.sort(thresholds), q, side="left")
    y = mu + 0.3 * z.sum(axis=1) + np.asarray(slopes)[regime] * x + sd * rng.normal(size=n)
    data = {"y": y, "x": x, "q": q, "unit": unit, "time": time, "z": z}
    if unbalanced:
        keep = rng.random(n) > 0.25
        data = {k: v[keep] for k, v in data.items()}
    return data


def panel_of(data, **options):
    return prepare_panel(
        data["y"], data["x"], data["q"], data["unit"], data["time"], controls=data["z"], **options
    )


def demeaned(panel, a):
    """Within transformation of the panel's rows by a plain loop."""
    a = np.asarray(a, dtype=float).reshape(panel.n_obs, -1)
    out, keep = np.empty_like(a), np.ones(panel.n_obs, dtype=bool)
    for u in range(panel.n_units):
        rows = np.flatnonzero(panel.unit_code == u)
        out[rows] = a[rows] - a[rows].mean(axis=0)
        keep[rows[-1]] = panel.convention != "hansen"
    return out[keep]


def regime_columns(panel, thresholds):
    """x by regime, as full rows; with regime intercepts too."""
    edges = np.sort(np.asarray(thresholds, dtype=float))
    side = "left" if panel.lower_regime == "<=" else "right"
    regime = np.searchsorted(edges, panel.q, side=side)
    return np.hstack([panel.x * (regime == r)[:, None] for r in range(len(edges) + 1)])


def residual_of(panel, y_transformed, columns):
    """Residual of a least-squares regression on transformed controls and `columns`."""
    design = np.hstack([demeaned(panel, panel.z), demeaned(panel, columns)])
    beta = np.linalg.lstsq(design, y_transformed, rcond=None)[0]
    return y_transformed - design @ beta, design @ beta


def ssr_at(panel, thresholds, y_transformed=None):
    """Sum of squares of one regression at given thresholds."""
    y = demeaned(panel, panel.y)[:, 0] if y_transformed is None else y_transformed
    e, _ = residual_of(panel, y, regime_columns(panel, thresholds))
    return float(e @ e)
