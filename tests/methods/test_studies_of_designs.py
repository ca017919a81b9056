"""A study's designs: several policies, cohorts, and that one which fails takes no other with it."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml
from contract_toy import STUDY, contract, toy_panel

from analysis.methods.base import Job
from analysis.methods.registry import METHODS
from analysis.methods.studies import StudyEstimates, estimate_study
from analysis.studies import needs_of, parse_study
from analysis.study import Study
from analysis.study.data import EstimationError, Needs, prepare
from analysis.study.equations import Equation
from orchestration.engine.duck import DuckDBWarehouse
from orchestration.estimating.studies import write_estimates

ABSORBED = {
    "id": "absorbed",
    "title": "Nothing to tell",
    "columns": [
        {"id": "1", "label": "Fixed", "regressors": ["pilot", "fixed"], "controls": False,
         "effects": ["city", "year"]}
    ],
}  # fmt: skip
FIXED = "  fixed: {column: fixed, label: Fixed, unit: ratio}\n"


def study_of(*keys: str, more: tuple[dict, ...] = (), variables: str = "") -> Study:
    """The toy study with the contract's designs of some methods, and more tables of regressions."""
    text = STUDY.replace("controls: [density", f"{variables}controls: [density")
    designs = {key: [contract(key)["design"]] for key in keys}
    if more:
        designs["regression"] = [*designs.get("regression", []), *more]
    return parse_study(text + yaml.safe_dump(designs, sort_keys=False), "toy.yml")


def panel_of() -> pd.DataFrame:
    return toy_panel().assign(fixed=lambda d: d["city_code"].astype(int) % 5.0)


def equation(*regressors: str, controls: tuple[str, ...] = ()) -> Equation:
    return Equation("1", "One", "index", regressors, controls, ("city", "year"))


def job_of(study: Study, panel: pd.DataFrame) -> Job:
    data = prepare(study, panel, needs_of(study))
    return Job(study, METHODS["regression"], study.regression[0], data)


# --- policies and cohorts -------------------------------------------------------------------------


def test_a_sample_has_treatment_and_cohort_of_the_treatment_policy():
    panel = toy_panel()
    sample = job_of(study_of("regression"), panel).sample(equation("pilot", "other"))
    rows = panel[panel["year"].between(2010, 2019)].sort_values(["city_code", "year"])
    np.testing.assert_array_equal(sample.treated, rows["pilot"])
    np.testing.assert_array_equal(sample.cohort, rows["pilot_first_year"])
    np.testing.assert_array_equal(sample.column("other"), rows["other"])
    assert (sample.time[sample.treated == 1] >= sample.cohort[sample.treated == 1]).all()
    assert sample.names == ("pilot", "other") and len(sample.rows) == len(rows)


def test_without_first_years_cohorts_are_refused_with_what_to_do():
    panel = toy_panel().drop(columns="pilot_first_year")
    study = study_of("regression")
    job = Job(study, METHODS["regression"], study.regression[0], prepare(study, panel, []))
    sample = job.sample(equation("pilot"))
    with pytest.raises(EstimationError, match="<policy>_first_year in its needs"):
        _ = sample.cohort
    with pytest.raises(EstimationError, match="no column 'pilot_first_year'"):
        prepare(study_of("regression"), panel, [Needs(("pilot_first_year",))])


def test_a_policy_that_is_held_is_any_other_control():
    """The paper's Table 3, column 2: the effect with another policy of the time held."""

    def main(study: Study) -> StudyEstimates:
        return estimate_study(study, panel_of().assign(same=panel_of()["other"]), METHODS)

    def table(held: str) -> dict:
        column = {"id": "1", "label": "Held", "regressors": ["pilot"], "controls": ["density", held],
                  "effects": ["city", "year"]}  # fmt: skip
        return {"id": "held", "title": "Held", "columns": [column]}

    variable = "  same: {column: same, label: Same, unit: ratio}\n"
    policy = main(study_of(more=(table("other"),)))
    plain = main(study_of(more=(table("same"),), variables=variable))
    for name in ("estimate", "std_error"):
        ours, theirs = policy.frames["estimate"][name], plain.frames["estimate"][name]
        np.testing.assert_array_equal(ours, theirs)
    roles = policy.frames["study_term"].set_index("term")["role"].to_dict()
    assert roles["pilot"] == "treatment" and roles["other"] == "control policy"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("role: control}", "role: treatment}", "one policy with the role treatment"),
        ("  other: {", "  density: {", "a name other than 'density', which is taken"),
    ],
)
def test_policies_that_contradict_each_other_are_told(old: str, new: str, said: str):
    text = STUDY.replace(old, new) + "regression: []\n"
    designs = yaml.safe_dump({"mediation": [contract("mediation")["design"]]})
    with pytest.raises(ValueError, match=said):
        parse_study(text.replace("regression: []\n", designs), "toy.yml")


# --- failure --------------------------------------------------------------------------------------


def test_a_design_that_fails_takes_no_other_with_it():
    keys = ("regression", "mediation", "threshold")
    whole = study_of(*keys, variables=FIXED)
    broken = study_of(*keys, more=(ABSORBED,), variables=FIXED)
    with_it = estimate_study(broken, panel_of(), METHODS)
    status = with_it.frames["design_status"].set_index("design")
    assert status["status"].to_dict() == {
        "main": "estimated", "absorbed": "failed", "paths": "estimated", "structure": "estimated",
    }  # fmt: skip
    assert "fixed is absorbed by unit effects" in status.loc["absorbed", "detail"]
    assert with_it.status["status"] == "estimated"
    assert "regression absorbed failed: " in with_it.status["detail"]
    assert len(with_it.traces) == 1 and "Traceback" in with_it.traces[0]
    without = estimate_study(whole, panel_of(), METHODS)
    for name in ("estimate", "model_fit", "mediation", "threshold_slope", "split_test"):
        ours = with_it.frames[name].drop(columns="spec_hash", errors="ignore")
        theirs = without.frames[name].drop(columns="spec_hash", errors="ignore")
        pd.testing.assert_frame_equal(ours, theirs, check_exact=True)


def test_any_error_of_a_method_is_its_design_s(monkeypatch: pytest.MonkeyPatch):
    def careless(*_: object, **__: object) -> None:
        raise ZeroDivisionError("nothing to divide by")

    monkeypatch.setattr("analysis.methods.mediation.run.fit_mediation", careless)
    made = estimate_study(study_of("regression", "mediation"), panel_of(), METHODS)
    status = made.frames["design_status"].set_index("method")
    assert status["status"].to_dict() == {"regression": "estimated", "mediation": "failed"}
    assert status.loc["mediation", "detail"] == "nothing to divide by"


def test_data_that_can_not_be_prepared_fail_every_design_of_the_study_alone():
    made = estimate_study(study_of("regression", "mediation"), panel_of().assign(pilot=2), METHODS)
    assert made.frames["design_status"]["status"].tolist() == ["failed", "failed"]
    assert made.status["status"] == "failed"
    assert made.status["detail"].startswith("pilot is neither 0 nor 1 in")
    assert made.frames["estimate"].empty


# --- in the warehouse -----------------------------------------------------------------------------


@pytest.fixture
def warehouse(tmp_path: Path) -> Callable[[pd.DataFrame], DuckDBWarehouse]:
    """A warehouse with just what estimation asks of it."""

    def made(panel: pd.DataFrame) -> DuckDBWarehouse:
        connection = duckdb.connect()
        connection.register("panel", panel)
        connection.execute(
            "create schema marts; create table marts.dataset_version as"
            " select 'v' as vintage, 'published' as data_kind;"
            "create table marts.city_year as select * exclude"
            " (pilot, other, pilot_first_year, other_first_year, pilot_listed, pilot_unsure) from panel;"
            "create table marts.policy_city as select distinct policy_id, city_code,"
            " false as is_listed_in_part, false as is_possibly_missing"
            " from panel, (values ('pilot'), ('other')) as policy (policy_id);"
            "create table marts.policy_exposure as"
            " select city_code, year, pilot as did, pilot_first_year::integer as first_treated_year,"
            " 'pilot' as policy_id, 'whole' as coverage, 'pilot_year' as timing from panel union all"
            " select city_code, year, other, other_first_year::integer, 'other', 'whole', 'pilot_year'"
            " from panel;"
            "create table marts.policy_roster_coverage (policy_id varchar, batch integer,"
            " entries_announced integer, entries_listed integer, entries_unconfirmed integer)"
        )
        return DuckDBWarehouse(connection)

    return made


def studies(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.yml").write_text(text.replace("id: toy\n", f"id: {name}\n"), "utf-8")
    return folder


def text_of(*keys: str) -> str:
    return STUDY + yaml.safe_dump({key: [contract(key)["design"]] for key in keys})


def test_a_policy_that_is_not_there_fails_its_study_and_no_other(tmp_path: Path, warehouse):
    lost = text_of("regression").replace("policy_id: other", "policy_id: othre")
    folder = studies(tmp_path / "studies", fine=text_of("regression"), lost=lost)
    written = write_estimates(warehouse(toy_panel()), None, folder)
    status = written.status.set_index("study")
    assert status["status"].to_dict() == {"fine": "estimated", "lost": "failed"}
    assert "policy 'othre' with coverage 'whole'" in status.loc["lost", "detail"]
    assert written.designs == {"regression": 2}


def test_one_method_can_be_made_again_alone(tmp_path: Path, warehouse):
    folder = studies(tmp_path / "studies", toy=text_of("regression", "mediation"))
    opened = warehouse(toy_panel())
    write_estimates(opened, None, folder)
    query = "select * from estimates.{} order by all"
    names = ("estimate", "design_status", "mediation", "split_test", "study_status")
    before = {name: opened.frame(query.format(name)) for name in names}
    opened.run(
        "update estimates.mediation set total = 9; update estimates.split_test set n_obs = 9"
    )
    opened.run("update estimates.estimate set estimate = 9 where method = 'mediation'")
    written = write_estimates(opened, None, folder, only={"mediation"})
    assert set(written.designs) == {"mediation"}
    after = {name: opened.frame(query.format(name)) for name in names}
    for name in ("estimate", "design_status", "mediation", "study_status"):
        pd.testing.assert_frame_equal(after[name], before[name])
    assert set(after["split_test"]["n_obs"]) == {9}  # another method's: left as it was
