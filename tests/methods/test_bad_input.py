"""Panels that no method can answer well: each says why in its rows, or warns, and never a number alone.

Here: what is asked of all methods, whatever their own tests ask. Not here: which words a method uses.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from contract_toy import FIRST, LAST, toy_estimates, toy_panel

from analysis.methods.registry import METHODS

AT_ONCE = 2014.0


def policy(panel: pd.DataFrame, first: "pd.Series[float]") -> pd.DataFrame:
    """The panel with the policy from these years on."""
    return panel.assign(
        pilot=(panel["year"] >= first).astype(int),
        pilot_first_year=first,
        pilot_listed=first.notna(),
        pilot_unsure=first.isna() & panel["pilot_unsure"],
    )


def no_treated(panel: pd.DataFrame) -> pd.DataFrame:
    return policy(panel, pd.Series(np.nan, panel.index))


def all_at_once(panel: pd.DataFrame) -> pd.DataFrame:
    return policy(panel, pd.Series(AT_ONCE, panel.index))


def one_treated(panel: pd.DataFrame) -> pd.DataFrame:
    one = panel.loc[panel["pilot_first_year"].notna(), "city_code"].iloc[0]
    return policy(panel, panel["pilot_first_year"].where(panel["city_code"] == one))


def singleton(panel: pd.DataFrame) -> pd.DataFrame:
    """A city of which one year is left."""
    gone = (panel["city_code"] == panel["city_code"].iloc[-1]) & (panel["year"] != LAST)
    return panel[~gone]


def collinear(panel: pd.DataFrame) -> pd.DataFrame:
    return panel.assign(wealth=3 - 2 * panel["density"])


def one_period(panel: pd.DataFrame) -> pd.DataFrame:
    return panel[panel["year"] == FIRST + 5]


def no_covariate_of_the_treated(panel: pd.DataFrame) -> pd.DataFrame:
    return panel.assign(wealth=panel["wealth"].where(panel["pilot_first_year"].isna()))


CASES: tuple[Callable[[pd.DataFrame], pd.DataFrame], ...] = (
    no_treated, all_at_once, one_treated, singleton, collinear, one_period, no_covariate_of_the_treated,
)  # fmt: skip
UNANSWERABLE = {no_treated, one_period}
"""Without a treated city, or with one period, there is no effect of the policy on anything."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize("key", tuple(METHODS))
def test_it_is_answered_in_words_or_in_finite_numbers(
    key: str, case: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    frames = toy_estimates(key, case(toy_panel())).frames
    (status,) = frames["design_status"].to_dict("records")
    estimate, fit = frames["estimate"], frames["model_fit"]
    if status["status"] != "estimated":
        assert len(status["detail"]) > 15, "a reason is a sentence"
    else:
        assert len(fit) and (fit["status"] == "estimated").any(), "estimated, and nothing in it"
    assert np.isfinite(estimate["estimate"].astype(float)).all()
    # What has an error has a positive one; what has none has no stars.
    error = estimate["std_error"].astype(float)
    assert (error.dropna() > 0).all()
    assert set(estimate.loc[error.isna(), "stars"].fillna("")) <= {""}
    if case in UNANSWERABLE:
        of_policy = estimate[estimate["term"] == "pilot"]
        assert of_policy.empty, f"an effect of nothing: {of_policy.to_dict('records')[:3]}"
