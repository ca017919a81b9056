"""Every estimator on every kind of bad input: what it says, and that the others run."""

import pkgutil
from collections.abc import Callable
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
import yaml
from contract_toy import STUDY, TOY_FACTS, contract, toy_panel, toy_study
from pydantic import ValidationError

from analysis.methods.base import ESTIMATED, SKIPPED
from analysis.methods.registry import METHODS
from analysis.methods.staggered import numbers
from analysis.methods.staggered.estimators import ESTIMATORS, Asked
from analysis.methods.staggered.numbers.effects import PanelRows, widened
from analysis.methods.staggered.registry import LABELS
from analysis.methods.staggered.spec import ALL, Staggered
from analysis.methods.studies import estimate_study
from analysis.regression.conventions import DEFAULT_CONVENTION
from analysis.regression.panel import PanelRegressionError
from analysis.studies import parse_study
from analysis.study import Study

YEARS = np.arange(2010, 2020)
REFUSED = {
    "one cohort, all cities": {
        "two_way": "can't be told", "group_time": "no cohort has a year before",
        "sun_abraham": "no unit is seen both", "imputation": "nothing can be imputed",
        "local_projections": "no year in which units enter", "stacked": "no cohort has all years",
        "two_stage": "nothing can be imputed", "extended_two_way": "no unit is seen both",
        "switchers": "no city that enters has others beside",
    },
}  # fmt: skip
"""By input: the estimators that can't be had, and what they say. All others must give numbers."""


def rows_with(first: list[float], gaps: bool = False) -> PanelRows:
    """Six cities of each first year (infinite: never), one of a first year given once with a fraction."""
    rng = np.random.default_rng(1)
    cohort = np.concatenate([[np.floor(g)] * (1 if g % 1 > 0 else 6) for g in first])
    unit, time = np.repeat(np.arange(len(cohort)), len(YEARS)), np.tile(YEARS, len(cohort))
    own = cohort[unit]
    x = rng.normal(size=len(unit))
    y = rng.normal(size=len(unit)) + (time >= own) * 1.0 + 0.5 * x + unit % 3
    rows = PanelRows(y, unit, time, np.where(np.isinf(own), np.nan, own), unit, x[:, None], ("x",))
    return rows.where(rng.random(len(y)) > 0.1) if gaps else rows


INPUTS: dict[str, Callable[[], PanelRows]] = {
    "no never treated city": lambda: rows_with([2013, 2015, 2017]),
    "one cohort": lambda: rows_with([2014, np.inf]),
    "one cohort, all cities": lambda: rows_with([2014]),
    "a cohort of one city": lambda: rows_with([2013, 2015.5, np.inf]),
    "always treated cities": lambda: rows_with([2005, 2014, 2016, np.inf]),
    "an incomplete roster": lambda: rows_with([2013, 2016, np.inf], gaps=True),
}


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("estimator", ALL)
def test_bad_input_is_refused_in_words_or_answered(estimator: str, kind: str) -> None:
    rows = INPUTS[kind]()
    design = Staggered(
        id="d", title="D", column="a.b", window=(-2, 3), stacked_window=(-2, 2), seed=1
    )
    asked = Asked(rows, widened(rows), design, DEFAULT_CONVENTION)
    said = REFUSED.get(kind, {}).get(estimator)
    if said is not None:
        with pytest.raises(PanelRegressionError, match=said):
            ESTIMATORS[estimator].run(asked)
        return
    found = ESTIMATORS[estimator].run(asked)
    assert np.isfinite([found.overall, found.overall_error]).all()
    assert np.isfinite(found.estimates).all()
    if kind == "always treated cities" and estimator != "two_way":
        assert any("6" in each for each in found.left_out), "left out, and counted"


def test_every_estimator_is_asked() -> None:
    assert set(ALL) == set(ESTIMATORS)


def test_an_estimator_is_one_module_and_one_line() -> None:
    """Modules of numbers that end with an ESTIMATOR, and lines of the registry."""
    modules = {each.name for each in pkgutil.iter_modules(numbers.__path__)}
    ends = {
        name
        for name in modules
        if hasattr(import_module(f"{numbers.__name__}.{name}"), "ESTIMATOR")
    }
    assert ends == set(LABELS)
    for name, each in ESTIMATORS.items():
        assert each.averages and each.assumes, name
    with pytest.raises(ValidationError, match=r"two_way.*switchers"):
        Staggered(id="d", title="D", column="a.b", window=(-2, 3), seed=1, estimators=("nobody",))


def of_toy(panel: pd.DataFrame, study: Study | None = None) -> dict[str, pd.DataFrame]:
    made = estimate_study(
        study or toy_study("staggered"), panel, METHODS, only={"staggered"}, facts=TOY_FACTS
    )
    return made.frames


def test_a_policy_that_ends_is_refused_for_all() -> None:
    panel = toy_panel()
    ended = (panel.year == panel.year.max() - 1) & (panel.pilot_first_year == 2013)
    frames = of_toy(panel.assign(pilot=np.where(ended, 0, panel.pilot)))
    assert set(frames["staggered_effect"]["status"]) == {SKIPPED}
    assert frames["staggered_effect"]["detail"].str.contains("ends, or begins twice").all()


def test_with_anticipation_estimators_that_cannot_leave_it_out_stand_aside() -> None:
    own = {**contract("staggered")["design"], "anticipation": 1, "adjust": "doubly_robust"}
    text = STUDY + yaml.safe_dump({"staggered": [own]}, sort_keys=False)
    frames = of_toy(toy_panel(), parse_study(text, "anticipation.yml"))
    effects = frames["staggered_effect"].set_index("column_id")
    able = ["group_time", "sun_abraham", "imputation", "two_stage"]
    assert (effects.loc[able, "status"] == ESTIMATED).all()
    assert effects.loc[["imputation", "two_stage"], "leads_p"].isna().all()
    others = effects.drop(able)
    assert (others["status"] == SKIPPED).all()
    assert others["detail"].str.contains("anticipation").all()
    times = frames["staggered_time"]
    assert times[times["is_base"]]["event_time"].tolist() == [-2, -2]
