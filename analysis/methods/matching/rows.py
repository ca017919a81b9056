"""Rows of the tables of a matching: scores, weights, pairs, balance, densities, and a summary.

Belongs here: from what was chosen to tidy rows. Does not belong here: choosing (`choose`), the equation
(`run`).
"""

from typing import Any

import numpy as np
import pandas as pd

from analysis.methods.base import Job, Row
from analysis.methods.matching.choose import Chosen
from analysis.methods.matching.numbers.balance import (
    Balance,
    balance,
    density,
    effective_size,
    rubin,
)
from analysis.methods.matching.numbers.bounds import (
    LARGEST_B,
    LARGEST_DIFFERENCE,
    LARGEST_R,
    LEAST_R,
)
from analysis.methods.matching.numbers.propensity import Floats
from analysis.methods.matching.pools import Pool, Slice
from analysis.methods.matching.spec import BANDWIDTH, MatchedColumn
from analysis.methods.matching.tables import MATCHED_PAIR

PLACES = 81
"""Places of a density: 80 steps over the scores."""
Rows = list[Row] | pd.DataFrame


def pool_rows(job: Job, pool: Pool) -> dict[str, Rows]:
    """`propensity` and `propensity_score` of a pool."""
    key = {"study": job.study.id, "design": job.design.id, "matched_on": pool.on,
           "treated_are": pool.treated_are}  # fmt: skip
    fits = [row for part in pool.slices for row in _fit_rows(key, pool, part)]
    score, logit = pool.of_slices("score"), pool.of_slices("logit")
    scored = np.flatnonzero(np.isfinite(score))
    scores = _frame(pool, scored, key)
    scores["score"], scores["logit"] = score[scored], logit[scored]
    return {"propensity": fits, "propensity_score": scores}


def _fit_rows(key: Row, pool: Pool, part: Slice) -> list[Row]:
    from scipy import stats

    fit = part.propensity
    if fit is None:
        return []
    statistic = fit.coefficients / fit.std_errors
    return [
        {
            **key,
            "year": part.year,
            "term": term,
            "estimate": fit.coefficients[k],
            "std_error": fit.std_errors[k],
            "statistic": statistic[k],
            "p_value": 2 * stats.norm.sf(abs(statistic[k])),
            "n_obs": len(part.cases),
            "n_treated": int(pool.treated[part.cases].sum()),
            "pseudo_r2": fit.pseudo_r2,
        }
        for k, term in enumerate(fit.names)
    ]


def _frame(pool: Pool, cases: Any, key: Row) -> pd.DataFrame:
    """A row per case: its keys and whether it is treated."""
    years = None if pool.years is None else pool.years[cases]
    return pd.DataFrame(
        {
            **key,
            "city_code": pool.city[cases],
            "year": pd.array([None] * len(cases) if years is None else years, dtype="Int64"),
            "is_treated": pool.treated[cases],
        }
    )


def column_rows(
    job: Job, column: MatchedColumn, pool: Pool, chosen: Chosen, n_cities: int
) -> tuple[str, dict[str, Rows]]:
    """What speaks against a column, and its rows of the own tables."""
    key = {"study": job.study.id, "design": job.design.id, "column_id": column.id}
    weights = _frame(pool, np.arange(len(pool.city)), key)
    weights["state"], weights["weight"] = chosen.state, chosen.weight
    weights["n_uses"] = pd.array(
        [None] * len(weights) if chosen.uses is None else chosen.uses.astype(int), dtype="Int64"
    )
    cases = np.flatnonzero(pool.compared)
    x, treated = pool.x[cases], pool.treated[cases]
    before = balance(x, treated, np.ones(len(cases)))
    after = balance(x, treated, chosen.weight[cases])
    summary = _summary(column, pool, chosen) | _quality(pool, chosen, before, after)
    summary["n_cities_matched"] = n_cities
    said = (chosen.warning, _imbalance(summary) if column.by != "support" else "")
    summary["warning"] = "; ".join(each for each in said if each)
    return str(summary["warning"]), {
        "matching": [{**key, **summary}],
        "matching_weight": weights,
        "matched_pair": _pairs(key, pool, chosen),
        "balance": _balance_rows(key, pool.names, before, after),
        "propensity_density": _densities(key, pool, chosen.weight),
    }


def _summary(column: MatchedColumn, pool: Pool, chosen: Chosen) -> Row:
    """What was asked for, and how many cases it found."""
    ours = pool.treated & pool.compared
    used = ~pool.treated & (chosen.weight > 0)
    uses = None if chosen.uses is None else chosen.uses[used]
    state = chosen.state[ours]
    return {
        "matched_on": pool.on,
        "treated_are": pool.treated_are,
        "matched_by": column.by,
        "rule": rule_of(column),
        "first_year": pool.over[0] if pool.over else None,
        "last_year": pool.over[1] if pool.over else None,
        "caliper": chosen.caliper,
        "n_treated": int(ours.sum()),
        "n_control": int((~pool.treated & pool.compared).sum()),
        "n_off_support": int((state == "off_support").sum()),
        "n_unmatched": int(np.isin(state, ("unmatched", "no_score")).sum()),
        "n_matched": int((state == "matched").sum()),
        "n_controls_used": int(used.sum()),
        "most_uses": None if uses is None else int(uses.max()),
        "mean_uses": None if uses is None else float(uses.mean()),
        "effective_controls": effective_size(chosen.weight[used]),
        "largest_share": float(chosen.weight[used].max() / chosen.weight[used].sum()),
        "n_tied": chosen.n_tied,
    }


def _quality(pool: Pool, chosen: Chosen, before: Balance, after: Balance) -> Row:
    """Balance in few numbers; null where nothing varies or no score was fitted."""
    found: Row = {}
    for stage, made in (("before", before), ("after", after)):
        size = np.abs(made.difference[np.isfinite(made.difference)])
        found[f"mean_difference_{stage}"] = size.mean() if len(size) else None
        found[f"largest_difference_{stage}"] = size.max() if len(size) else None
    index = pool.of_slices("logit")
    scored = np.flatnonzero(np.isfinite(index) & pool.compared)
    for stage, weight in (("before", np.ones(len(index))), ("after", chosen.weight)):
        b = r = None
        ours = pool.treated[scored] & (weight[scored] > 0)
        others = ~pool.treated[scored] & (weight[scored] > 0)
        if ours.any() and others.any():
            found_b, found_r = rubin(index[scored], pool.treated[scored], weight[scored])
            b = found_b if np.isfinite(found_b) else None
            r = found_r if np.isfinite(found_r) else None
        found[f"rubin_b_{stage}"], found[f"rubin_r_{stage}"] = b, r
    return found


def _imbalance(quality: Row) -> str:
    """In which of the usual ways matching has left the groups unlike, in words; else ''."""
    said = []
    difference, b = quality["largest_difference_after"], quality["rubin_b_after"]
    r = quality["rubin_r_after"]
    if difference is not None and difference > LARGEST_DIFFERENCE:
        said.append(f"a standardised difference of {difference:.2f}")
    if b is not None and b > LARGEST_B:
        said.append(f"Rubin's B of {b:.0f} %")
    if r is not None and not LEAST_R <= r <= LARGEST_R:
        said.append(f"Rubin's R of {r:.2f}")
    return f"matching leaves {' and '.join(said)}" if said else ""


def rule_of(column: MatchedColumn) -> str:
    """The rule of a column in words."""
    on = "logit of the score" if column.distance == "logit" else "score"
    words = {
        "support": "treated on the common support and all others",
        "radius": f"all controls within the caliper, by the {on}",
        "kernel": f"Epanechnikov kernel of the {on}, bandwidth {column.bandwidth or BANDWIDTH:g}",
        "entropy": f"entropy balancing of {'means' if column.moments != 2 else 'means and variances'}",
    }
    said = [words.get(column.by, "")]
    if column.by in ("nearest", "mahalanobis"):
        n = column.neighbours or 1
        by = on if column.by == "nearest" else "Mahalanobis distance"
        replaced = "without" if column.replacement is False else "with"
        said = [f"{n} nearest by the {by}, {replaced} replacement"]
    if column.caliper is not None:
        unit = "pooled standard deviations" if column.caliper_unit == "sd" else "its units"
        of = f" of the {on}" if column.by == "mahalanobis" else ""
        said.append(f"caliper{of} {column.caliper:g} in {unit}")
    if column.by != "support" and column.on_support == (column.by in ("mahalanobis", "entropy")):
        said.append("on the common support" if column.on_support else "off the common support too")
    if not column.weighted:
        said.append("rows unweighted")
    return ", ".join(said)


def _pairs(key: Row, pool: Pool, chosen: Chosen) -> pd.DataFrame:
    pairs = chosen.pairs
    if pairs is None:
        return MATCHED_PAIR.frame()
    years = [
        pd.array([None] * len(at) if pool.years is None else pool.years[at], dtype="Int64")
        for at in (pairs.treated, pairs.control)
    ]
    return pd.DataFrame(
        {
            **key,
            "city_code": pool.city[pairs.treated],
            "year": years[0],
            "control_city_code": pool.city[pairs.control],
            "control_year": years[1],
            "share": pairs.share,
            "distance": pairs.distance,
        }
    )


def _balance_rows(key: Row, names: tuple[str, ...], before: Balance, after: Balance) -> list[Row]:
    def stage(made: Balance, at: str, k: int) -> Row:
        values = {
            f"mean_treated_{at}": made.mean_treated[k],
            f"mean_control_{at}": made.mean_control[k],
            f"difference_{at}": made.difference[k],
            f"variance_ratio_{at}": made.variance_ratio[k],
        }
        return {name: v if np.isfinite(v) else None for name, v in values.items()}

    return [
        {**key, "term": term, **stage(before, "before", k), **stage(after, "after", k)}
        for k, term in enumerate(names)
    ]


def _densities(key: Row, pool: Pool, weight: Floats) -> list[Row]:
    """Densities of both groups' scores, before matching and after, at the same places."""
    score = pool.of_slices("score")
    scored = np.isfinite(score) & pool.compared
    if not scored.any():
        return []
    places = np.linspace(score[scored].min(), score[scored].max(), PLACES)
    rows: list[Row] = []
    for stage, weights in (("before", np.ones(len(score))), ("after", weight)):
        for name, group in (("treated", pool.treated), ("control", ~pool.treated)):
            among = scored & group & (weights > 0)
            if not among.any():
                continue
            heights = density(score[among], weights[among], places)
            rows += [
                {**key, "group_name": name, "stage": stage, "place": k + 1, "score": at,
                 "density": height if np.isfinite(height) else None}
                for k, (at, height) in enumerate(zip(places, heights, strict=True))
            ]  # fmt: skip
    return rows


__all__ = ["column_rows", "pool_rows", "rule_of"]
