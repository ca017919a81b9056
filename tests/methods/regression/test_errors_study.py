"""Further errors from the study file to tidy rows and the table: keys, bad input, weak rows, notes."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from contract_toy import STUDY, toy_panel

from analysis.methods.registry import METHODS
from analysis.methods.studies import estimate_study
from analysis.regression import fit_panel
from analysis.report.table.errors import error_lines, error_notes
from analysis.report.table.model import Column
from analysis.studies import parse_study
from analysis.study import StudyError

COLUMN = {
    "id": "1", "label": "Both", "regressors": ["pilot"], "controls": True, "effects": ["city", "year"],
}  # fmt: skip
EVERY_KIND = [
    {"kind": "cluster", "by": "province_code"},
    {"kind": "cluster", "by": ["city_code", "year"]},
    "cr2",
    {"kind": "cr3", "by": "province_code", "convention": "jackknife"},
    {"kind": "wild", "by": "province_code", "weights": "webb", "draws": 199, "seed": 7},
    "driscoll_kraay",
    {"kind": "conley", "cutoff_km": 400},
    {"kind": "randomisation", "draws": 199},
]


def study_of(errors, *, table_errors=None, column=None, **columns):
    own = {**COLUMN, **(column or {})}
    if errors is not None:
        own["errors"] = errors
    table = {"id": "main", "title": "Main", "columns": [own, *columns.get("more", [])]}
    if table_errors is not None:
        table["errors"] = table_errors
    return parse_study(STUDY + yaml.safe_dump({"regression": [table]}), "toy.yml")


def made(errors, panel=None, **keys):
    return estimate_study(
        study_of(errors, **keys), toy_panel() if panel is None else panel, METHODS
    )


@cache
def every_kind():
    return made(EVERY_KIND)


def rows_of(result):
    return result.frames["estimate_error"]


# --- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([{"kind": "wild", "drawz": 9}], "unknown key (did you mean 'draws'?)"),
        ([{"kind": "wild", "draws": 9}], "99 or more"),
        (
            ["robust"],
            "'cluster', 'cr2', 'cr3', 'wild', 'driscoll_kraay', 'conley', 'randomisation'",
        ),
        ([{"kind": "conley"}], "this key is required"),
        ([{"kind": "conley", "cutoff_km": -5}], "kilometres above 0"),
        ([{"kind": "conley", "cutoff_km": 5, "lags": 2}], "pairs: same_year beside lags"),
        ([{"kind": "cluster", "by": ["a", "b", "c"]}], "a list of two of them"),
        ([{"kind": "cluster", "by": "city_code"}], "the study's own cluster"),
        ([{"kind": "driscoll_kraay", "kernel": "gauss"}], "bartlett, parzen, uniform"),
        (["cr2", "cr2"], "each error once, found 'cr2' again"),
    ],
)
def test_a_wrong_key_is_told_with_its_place_before_any_data(errors, expected):
    with pytest.raises(StudyError) as caught:
        study_of(errors)
    said = str(caught.value)
    assert expected in said and "regression[0].columns[0].errors[" in said
    assert ".wild." not in said and ".conley." not in said


def test_randomisation_needs_the_policy_in_the_column():
    with pytest.raises(StudyError, match="a column with the policy pilot"):
        study_of(["randomisation"], column={"regressors": ["other"]})


def test_a_study_without_further_errors_keeps_its_hash():
    """An optional key that is left out is not in the hash; one that is given is."""
    assert study_of(None).spec_hash == study_of(None).spec_hash
    assert study_of(["cr2"]).spec_hash != study_of(None).spec_hash


def test_errors_of_a_table_are_those_of_columns_without_own():
    more = [{**COLUMN, "id": "2", "errors": []}, {**COLUMN, "id": "3", "errors": ["cr3"]}]
    found = rows_of(made(None, table_errors=["cr2"], more=more))
    assert dict(zip(found["column_id"], found["error"], strict=True)) == {"1": "cr2", "3": "cr3"}


# --- rows ----------------------------------------------------------------------------------------


def test_every_kind_has_a_row_with_its_facts():
    found = rows_of(every_kind()).set_index("kind")
    assert (found["status"] == "estimated").all() and (found["term"] == "pilot").all()
    assert found["position"].tolist() == list(range(8))
    fit = every_kind().frames["estimate"].query("term == 'pilot'").iloc[0]
    assert (found["estimate"] == fit["estimate"]).all()
    assert found.loc["cluster", "cluster"].tolist() == ["province_code", "city_code+year"]
    assert found.loc["cr2", "convention"] == "satterthwaite"
    assert found.loc["cr3", "df"] == 11
    wild = found.loc["wild"]
    assert (wild["weights"], wild["n_draws"], wild["seed"]) == ("webb", 199, 7)
    assert pd.isna(wild["std_error"]) and wild["ci_low"] < wild["estimate"] < wild["ci_high"]
    kraay = found.loc["driscoll_kraay"]
    assert (kraay["kernel"], kraay["bandwidth"], kraay["n_clusters"]) == ("bartlett", 2, 10)
    assert "10 periods, fewer than 400: no stars" in kraay["detail"] and not kraay["stars"]
    conley = found.loc["conley"]
    assert (conley["cutoff_km"], conley["pairs"]) == (400, "all_years")
    assert found.loc["randomisation", "scheme"] == "cities"


def test_the_cluster_of_an_error_is_that_of_a_fit_with_it():
    panel = toy_panel()
    panel = panel[panel["year"].between(2010, 2019)]
    fit = fit_panel(
        panel["index"] * 10, panel[["pilot", "density", "wealth"]], panel["city_code"], panel["year"],
        effects=("unit", "time"), names=("pilot", "density", "wealth"),
        cluster=panel["province_code"].to_numpy(),
    )  # fmt: skip
    found = rows_of(every_kind()).query("error == 'cluster_province_code'").iloc[0]
    assert found["std_error"] == pytest.approx(fit.std_errors[0], rel=1e-9)


def test_an_error_of_a_study_convention_follows_it():
    study = study_of([{"kind": "cluster", "by": "province_code"}])
    rows = [
        rows_of(estimate_study(study, toy_panel(), METHODS, convention=c)).iloc[0]
        for c in ("fixest", "uncorrected")
    ]
    assert [r["convention"] for r in rows] == ["fixest", "uncorrected"]
    assert rows[0]["std_error"] > rows[1]["std_error"]


# --- bad input: words, and nothing else falls ----------------------------------------------------


@pytest.mark.parametrize(
    ("change", "kind", "reason"),
    [
        (lambda p: p.assign(province_code="110000"), "cluster", r"one cluster only by province_code \(110000\)"),
        (lambda p: p.assign(longitude=p["longitude"].where(p["city_code"] != "110003")), "conley",
         r"1 cities have no coordinates \(110003\)"),
        (lambda p: p.assign(latitude=p["latitude"] + 0.1 * (p["year"] == 2012)), "conley", "change between years"),
        (lambda p: p.assign(province_code=p["province_code"].where(p["city_code"] != "110003")), "cr3",
         r"\d+ rows have no province_code"),
    ],
)  # fmt: skip
def test_an_error_that_can_not_be_had_says_why_and_takes_no_other_with_it(change, kind, reason):
    result = made(EVERY_KIND, change(toy_panel()))
    found = rows_of(result)
    lost = found[found["status"] == "skipped"]
    assert kind in set(lost["kind"])
    assert lost[lost["kind"] == kind]["detail"].str.contains(reason, regex=True).all()
    assert len(found) == 8 and (found["status"] == "estimated").sum() >= 4
    assert lost["p_value"].isna().all() and lost["stars"].isna().all()
    assert result.frames["design_status"]["status"].tolist() == ["estimated"]


def test_one_year_has_no_error_by_periods():
    panel = toy_panel()
    result = made(
        ["driscoll_kraay", "cr2"],
        panel[panel["year"] == 2016],
        column={"effects": [], "controls": False},
    )
    first, second = rows_of(result).to_dict("records")
    assert first["status"] == "skipped" and "one period only (2016)" in first["detail"]
    assert second["status"] == "estimated"


def test_a_policy_that_treats_all_at_once_fails_its_column_alone():
    panel = toy_panel()
    panel["pilot"] = (panel["year"] >= 2015).astype(int)
    panel["pilot_first_year"] = 2015.0
    result = made(EVERY_KIND, panel, column={"effects": ["city"]})
    found = rows_of(result).set_index("kind")
    lost = found.loc["randomisation"]
    assert lost["status"] == "skipped" and lost["detail"]
    assert found.loc["cr2", "status"] == "estimated"


def test_a_singleton_city_adds_nothing():
    panel = toy_panel()
    alone = panel[(panel["city_code"] == "110000") & (panel["year"] == 2012)]
    more = pd.concat([panel, alone.assign(city_code="990000", province_code="990000")])
    errors = ["cr2", {"kind": "cr3", "by": "city_code"}, {"kind": "wild", "draws": 99}]
    before, after = rows_of(made(errors)), rows_of(made(errors, more))
    np.testing.assert_allclose(after["std_error"].iloc[:2].astype(float),
                               before["std_error"].iloc[:2].astype(float), rtol=1e-9)  # fmt: skip
    assert (after["status"] == "estimated").all()


# --- weak rows -----------------------------------------------------------------------------------


def few_treated(n_treated):
    panel = toy_panel()
    keep = sorted(panel.loc[panel["pilot"] == 1, "city_code"].unique())[:n_treated]
    panel["pilot"] = panel["pilot"].where(panel["city_code"].isin(keep), 0)
    panel["pilot_first_year"] = panel["pilot_first_year"].where(panel["city_code"].isin(keep))
    return panel


@pytest.mark.parametrize(("n_treated", "says"), [(2, "no stars"), (15, "rests on 15 treated")])
def test_few_treated_have_a_bootstrap_beside_without_being_asked(n_treated, says):
    result = made(None, few_treated(n_treated))
    (beside,) = rows_of(result).query("term == 'pilot'").to_dict("records")
    assert beside["error"] == "wild_beside" and not beside["is_declared"]
    assert beside["n_treated_clusters"] == n_treated and beside["n_clusters"] == 48
    assert says in result.frames["model_fit"]["detail"].iloc[0]


def test_bias_reduction_is_not_believed_with_one_treated_city():
    """Its degrees of freedom are those of the others: of true zeros it rejects 78 %."""
    (row,) = rows_of(made(["cr2"], few_treated(1))).query("kind == 'cr2'").to_dict("records")
    assert row["df"] > 4 and not row["stars"]
    assert row["detail"] == "pilot rests on a single treated cluster: no stars"


def test_a_bootstrap_that_is_declared_is_not_made_twice():
    found = rows_of(made([{"kind": "wild", "draws": 199}], few_treated(2)))
    assert found["error"].tolist() == ["wild_199"]


def test_many_clusters_have_no_bootstrap_beside():
    assert rows_of(made(None)).empty


# --- the table -----------------------------------------------------------------------------------


TABLE = [
    Column("1", "Both", ("published", "estimated")),
    Column("2", "Others", ("estimated",)),
]


def text_of(cell):
    if cell.number is None:
        return "-"
    n = cell.number
    return f"{n.whole}{n.part}{n.closing}{n.stars}"


def test_errors_stand_under_their_coefficient_in_the_order_of_the_study():
    rows = rows_of(every_kind())
    lines = error_lines(rows, TABLE, shows_t=False)
    assert list(lines) == ["pilot"]
    assert [line.label for line in lines["pilot"]] == [
        "Clustered by province", "Clustered by city and year", "CR2 by city", "CR3 by province",
        "Wild bootstrap by province, p", "Driscoll–Kraay, 2 lags", "Conley, 400 km", "Randomisation, p",
    ]  # fmt: skip
    shown = [[text_of(cell) for cell in line.cells] for line in lines["pilot"]]
    for line, row in zip(shown, rows.to_dict("records"), strict=True):
        drawn = row["kind"] in ("wild", "randomisation")
        assert line[0] == "-" and line[2] == "-"  # what was printed has no further errors
        assert line[1][0] == ("[" if drawn else "(")
        assert line[1].endswith("***") == (row["stars"] == "***")
    with_t = error_lines(rows, TABLE, shows_t=True)["pilot"]
    assert with_t[2].cells[1].number.value == rows["statistic"].iloc[2]


def test_the_note_is_made_of_each_rows_own_facts():
    said = " ".join(error_notes(rows_of(every_kind())))
    for part in (
        "p values in square brackets.",
        "Clustered by province, (1): 12 clusters, small-sample factor of R's fixest",
        "Cameron, Gelbach and Miller, the factor of the fewer clusters; 10 clusters",
        "degrees of freedom after Satterthwaite, 48 clusters",
        "CR3 by province, (1): jackknife with (G−1)/G, 11.0 degrees of freedom, 12 clusters",
        "null imposed, 199 draws of Webb's six points for 12 clusters, seed 7",
        "Driscoll–Kraay, 2 lags, (1): bartlett kernel, 10 periods",
        "Conley, 400 km, (1): bartlett kernel of great-circle distance, pairs of all years",
        "policy drawn over cities, t value, 199 draws, seed 1",
        "10 periods, fewer than 400: no stars",
    ):
        assert part in said
    assert "no study asks for" not in said


def test_the_note_follows_the_rows_and_not_a_default():
    other = rows_of(
        made(
            [
                {"kind": "wild", "by": "province_code", "weights": "rademacher", "draws": 4096},
                {
                    "kind": "conley",
                    "cutoff_km": 250,
                    "kernel": "uniform",
                    "pairs": "same_year",
                    "lags": 3,
                },
                {
                    "kind": "driscoll_kraay",
                    "bandwidth": 1,
                    "kernel": "parzen",
                    "convention": "linearmodels",
                },
                {"kind": "cluster", "by": ["province_code", "year"], "factor": "each"},
                {"kind": "randomisation", "draws": 99, "within": "region", "scheme": "timing"},
            ]
        )
    )
    said = " ".join(error_notes(other))
    assert "all 4,096 sets of signs of 12 clusters" in said
    assert (
        "uniform kernel of great-circle distance, pairs of one year, and 3 lags of a city" in said
    )
    assert "parzen kernel, 10 periods, small-sample factor of linearmodels" in said
    assert "each sandwich with its own factor" in said
    assert "policy drawn over timing within region, t value, 99 draws, seed 1" in said


def test_an_error_that_could_not_be_had_is_named_under_the_table():
    panel = toy_panel().assign(province_code="110000")
    said = error_notes(rows_of(made([{"kind": "cluster", "by": "province_code"}], panel)))
    assert said == (
        "No error cluster province code, column (1): one cluster only by province_code (110000): a"
        " clustered error needs two or more; widen the sample or cluster by something finer.",
    )


def test_a_bootstrap_beside_says_that_nobody_asked():
    rows = rows_of(made(None, few_treated(2)))
    assert "A bootstrap that no study asks for stands beside coefficients on few clusters." in (
        error_notes(rows)
    )
    (line,) = error_lines(rows, TABLE, shows_t=False)["pilot"]
    assert line.label == "Wild bootstrap by city, p"


def test_a_bias_reduced_error_with_few_degrees_of_freedom_has_no_stars():
    panel = toy_panel()
    panel["province_code"] = np.where(panel["city_code"] < "110024", "a", "b")
    panel.loc[panel["city_code"] > "110044", "province_code"] = "c"
    (row,) = rows_of(made([{"kind": "cr2", "by": "province_code"}], panel)).to_dict("records")
    assert row["df"] < 4 and "fewer than 4: no stars" in row["detail"] and not row["stars"]


# --- sameness ------------------------------------------------------------------------------------

DIGEST = """
import sys; sys.path[:0] = sys.argv[1:]
from test_errors_study import EVERY_KIND, made, rows_of
print(rows_of(made(EVERY_KIND)).map(lambda v: v.hex() if isinstance(v, float) else str(v)).to_csv())
"""


def test_errors_depend_on_neither_hash_seed_nor_threads():
    """Every bit of every kind; the order of rows is asked of all methods by their contract."""
    here = Path(__file__).parent
    told = [
        subprocess.run(
            [sys.executable, "-c", DIGEST, str(here), str(here.parent)], check=True,
            capture_output=True, text=True, cwd=here.parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed, "OPENBLAS_NUM_THREADS": threads},
        ).stdout
        for seed, threads in (("0", "1"), ("1", "2"), ("4711", "4"))
    ]  # fmt: skip
    assert len(told[0]) > 1000
    assert told[0] == told[1] == told[2]
