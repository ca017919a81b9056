"""Notes on designs: a roster that isn't whole is said of every design of its policy."""

import pytest
import yaml
from contract_toy import FIRST, STUDY, contract, toy_panel, toy_study

from analysis.methods.notes import note_rows, roster_note
from analysis.methods.registry import METHODS
from analysis.methods.studies import estimate_study
from analysis.studies import parse_study
from analysis.study.facts import Batch, Facts
from analysis.study.lineage import Lineage, Part

FULL = (Batch(1, 90, 90),)
SHORT = (Batch(1, 90, 90), Batch(2, 103, 41, 41), Batch(3, 84, 19, 19))


@pytest.mark.parametrize(
    ("batches", "says"),
    [
        ((), ""),
        (FULL, ""),
        (
            SHORT,
            "Pilot: the roster lists 150 of 277 announced entries (batch 2 41 of 103, batch 3 19 of 84);"
            " missing ones count as untreated; 60 listed entries were not checked against the notice",
        ),
        # A batch that lists more than was announced makes up for no other.
        ((Batch(1, 10, 14), Batch(2, 10, 9)), "Pilot: the roster lists 19 of 20 announced entries (batch"
         " 2 9 of 10); missing ones count as untreated"),
        ((Batch(1, None, 5),), "Pilot: how many entries were announced is not known of batch 1"),
    ],
)  # fmt: skip
def test_a_roster_says_what_it_lacks(batches, says):
    assert roster_note("Pilot", batches) == says


def test_the_note_is_on_the_design_of_every_policy_of_the_study():
    facts = Facts({"pilot": SHORT, "other": (Batch(1, 7, 5),), "unrelated": (Batch(1, 9, 1),)})
    made = estimate_study(toy_study("regression"), toy_panel(), METHODS, facts=facts)
    notes = made.frames["study_note"]
    assert notes["subject"].tolist() == ["pilot", "other", "sample", "sample"]
    assert notes["kind"].tolist() == ["roster", "roster", "suspect", "imputed"]
    assert notes["position"].tolist() == [1, 2, 3, 4]


def test_cities_that_are_never_treated_are_counted_by_column():
    panel = toy_panel()
    made = estimate_study(toy_study("regression"), panel, METHODS)
    fit = made.frames["model_fit"]
    first = panel.groupby("city_code")["pilot_first_year"].first()
    whole = fit[fit["n_units"] == len(first)]
    assert len(whole) and set(whole["n_never_treated_units"]) == {int(first.isna().sum())}
    assert (fit["n_treated_units"] + fit["n_never_treated_units"] == fit["n_units"]).all()
    without = estimate_study(
        toy_study("mediation"), panel.drop(columns="pilot_first_year"), METHODS
    )
    fit = without.frames["model_fit"]
    assert len(fit) and fit["n_never_treated_units"].isna().all()


def test_an_outcome_that_contains_its_terms_is_said_of_every_method():
    """The toy's index is made of density and skill; wealth shares a denominator with it."""
    lineage = Lineage(
        {name: name for name in ("index", "density", "wealth", "skill")},
        {
            "index": (
                Part("component", "density"),
                Part("component", "skill"),
                Part("component", "rate"),
            ),
            "rate": (Part("numerator", "users"), Part("denominator", "residents")),
            "wealth": (Part("numerator", "income"), Part("denominator", "residents")),
        },
    )
    for key, method in METHODS.items():
        study = toy_study(key)
        (design,) = study.designs_of(key)
        assert method.equations(study, design), key
        notes = {row["kind"]: row for row in note_rows(study, method, design, Facts({}, lineage))}
        assert notes["contains"]["subject"] == "index"
        assert "Density is its component density" in notes["contains"]["note"], key
        assert notes["contains"]["note"].endswith(
            "without such controls it is controls: [wealth]"
        ), key
        assert "Wealth (residents)" in notes["shares"]["note"], key
        assert ("Skill is its component" in notes["contains"]["note"]) == (key == "mediation")


def test_marks_follow_lags_and_a_panel_without_them_has_none():
    study = parse_study(
        STUDY.replace("{column: wealth,", "{column: wealth, lag: 1,")
        + yaml.safe_dump({"regression": [contract("regression")["design"]]}),
        "toy.yml",
    )
    panel = toy_panel()
    # What stands a year before the study's first is its first year's lagged value.
    at = (panel["city_code"] == "110007") & (panel["year"] == FIRST - 1)
    panel.loc[at, "suspect_columns"] = "wealth"
    marks = estimate_study(study, panel, METHODS).frames["sample_mark"]
    whole = marks[marks["column_id"] == "2"].set_index(["mark", "variable"])["n_rows"]
    assert whole.to_dict() == {("suspect", "wealth"): 3, ("imputed", "density"): 1}
    without = panel.drop(columns=["suspect_columns", "imputed_columns"])
    assert estimate_study(study, without, METHODS).frames["sample_mark"].empty


def test_a_variation_leaves_out_rows_with_a_suspect_figure_that_it_uses():
    text = STUDY + yaml.safe_dump(
        {
            "regression": [contract("regression")["design"]],
            "robustness": [
                {
                    "id": "checks", "title": "Checks", "column": "main.2",
                    "variations": [{"id": "clean", "label": "Clean", "without_suspect": True}],
                }
            ],
        }
    )  # fmt: skip
    panel = toy_panel()
    unused = (panel["city_code"] == "110002") & (panel["year"] == 2014)
    panel.loc[unused, "suspect_columns"] = "science"  # no term of the column
    made = estimate_study(parse_study(text, "toy.yml"), panel, METHODS, only={"robustness"})
    steps = made.frames["sample_account"].set_index("step")["n_rows"]
    assert steps["suspect_figure"] == 2
    kept = panel[~panel["suspect_columns"].fillna("").str.contains("wealth")]
    again = estimate_study(parse_study(text.split("robustness:")[0], "toy.yml"), kept, METHODS)
    ours, theirs = (
        each.frames["estimate"].query("term == 'pilot' and column_id == @column")["estimate"].item()
        for each, column in ((made, "clean"), (again, "2"))
    )
    assert ours == pytest.approx(theirs, abs=1e-13)
    without = panel.drop(columns="suspect_columns")
    with_no_marks = estimate_study(parse_study(text, "toy.yml"), without, METHODS)
    assert "no column 'suspect_columns'" in with_no_marks.frames["study_status"]["detail"].item()
