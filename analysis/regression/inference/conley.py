"""Errors after Conley (1999): cities are the more alike the nearer they are.

Belongs here: great-circle distances, and the covariance in which pairs weigh by them. Does not belong here:
the kernels (`kernels`), where coordinates come from.
"""

from typing import Literal

import numpy as np

from analysis.regression.conventions import DEFAULT_CONVENTION, Convention
from analysis.regression.inference.errors import Errors, factor_and_df, mended, tested
from analysis.regression.inference.kernels import DistanceKernel, distance_weights, lag_weights
from analysis.regression.inference.projected import Projected
from analysis.regression.rank import FloatArray
from analysis.regression.rows import PanelRegressionError

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth (IUGG)."""
SHOWN = 5

Pairs = Literal["all_years", "same_year"]
"""all_years: any two rows of two cities weigh by the cities' distance, whatever their years, so that two rows of
a city weigh 1 (as in fixest; clusters of cities are the limit of a short cut-off). same_year: rows of one year
by distance, and rows of one city by the years between them (Hsiang 2010)."""


def great_circle(longitude: FloatArray, latitude: FloatArray) -> FloatArray:
    """Distances (m, m) in kilometres between points (m) in degrees, on a sphere (haversine formula)."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    across = np.sin((lat[:, None] - lat[None, :]) / 2) ** 2
    along = np.sin((lon[:, None] - lon[None, :]) / 2) ** 2
    half = across + np.cos(lat)[:, None] * np.cos(lat)[None, :] * along
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def conley(
    projected: Projected,
    longitude: FloatArray,
    latitude: FloatArray,
    *,
    cutoff_km: float,
    kernel: DistanceKernel = "bartlett",
    pairs: Pairs = "all_years",
    lags: int = 0,
    convention: Convention = DEFAULT_CONVENTION,
) -> Errors:
    """Errors by distance; coordinates (n) in degrees, in the caller's order of rows.

    `lags` is for pairs of the same year: two rows of a city that are l <= lags periods apart weigh
    1 - l/(lags + 1). Cities are the convention's clusters. The kernels needn't keep a covariance positive
    on a sphere; negative eigenvalues are set to 0 (`is_mended`). Raises PanelRegressionError where a city
    has no coordinates, other ones in another year, or is the only one.
    """
    points = _points(projected, longitude, latitude)
    if projected.units.n < 2:
        raise PanelRegressionError("one city only: an error by distance needs several")
    near = distance_weights(kernel, great_circle(points[:, 0], points[:, 1]), cutoff_km)
    np.fill_diagonal(near, 1.0)  # the distance to itself is 0 but for rounding
    rows = projected.weights * projected.residuals[:, None]
    if pairs == "all_years":
        scores = projected.scores(projected.units)
        total = scores.T @ near @ scores
        variances = np.square(scores).sum(axis=0)
    else:
        total, variances = _same_year(projected, rows, near, lags)
    factor, df = factor_and_df(convention, projected.counts(projected.units))
    total, is_mended = mended(total, np.sqrt(np.where(variances > 0, variances, 1.0)))
    return tested(
        projected,
        total * factor,
        df,
        n_groups=projected.units.n,
        convention=convention,
        is_mended=is_mended,
    )


def _same_year(
    projected: Projected, rows: FloatArray, near: FloatArray, lags: int
) -> tuple[FloatArray, FloatArray]:
    """The sum over pairs of one year, and of pairs of one city with lags; and the variances without pairs."""
    n_units, n_times, k = projected.units.n, projected.times.n, rows.shape[1]
    grid = np.zeros((n_units, n_times, k))
    grid[projected.units.codes, projected.times.codes] = rows
    spread = (near @ grid.reshape(n_units, -1)).reshape(grid.shape)
    total = np.einsum("utk,utm->km", grid, spread)
    for lag, weight in enumerate(lag_weights("bartlett", min(lags, n_times - 1))):
        if lag:
            part = np.einsum("utk,utm->km", grid[:, lag:], grid[:, :-lag])
            total = total + weight * (part + part.T)
    return (total + total.T) / 2, np.square(rows).sum(axis=0)


def _points(projected: Projected, longitude: FloatArray, latitude: FloatArray) -> FloatArray:
    """Longitude and latitude (cities, 2)."""
    both = np.column_stack([longitude, latitude]).astype(float)[projected.order]
    units = projected.units
    lost = sorted(set(units.names[units.codes[~np.isfinite(both).all(axis=1)]].tolist()))
    if lost:
        listed = ", ".join(lost[:SHOWN]) + (", ..." if len(lost) > SHOWN else "")
        raise PanelRegressionError(
            f"{len(lost)} cities have no coordinates ({listed}): add them to the seed of coordinates, or leave"
            " the cities out of the column's sample"
        )
    points = np.zeros((units.n, 2))
    points[units.codes] = both
    moved = sorted(
        set(units.names[units.codes[(points[units.codes] != both).any(axis=1)]].tolist())
    )
    if moved:
        raise PanelRegressionError(
            f"coordinates of {', '.join(moved[:SHOWN])} change between years"
        )
    if (np.abs(points[:, 0]) > 180).any() or (np.abs(points[:, 1]) > 90).any():
        raise PanelRegressionError(
            "coordinates in degrees: longitude -180 to 180, latitude -90 to 90"
        )
    return points


__all__ = ["EARTH_RADIUS_KM", "Pairs", "conley", "great_circle"]
