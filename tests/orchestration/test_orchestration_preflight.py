"""Files of rules and studies are refused before the work, with file, key and what to do."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from analysis.studies import load_studies, needs_of
from analysis.study.data import columns_used
from analysis.study.references import exposures_of
from analysis.study.spec import own_columns
from orchestration.commands.main import main
from orchestration.refresh.preflight import PreflightError, check_project_files, named_columns
from orchestration.settings import STUDIES

STUDY = "smart_city_service_efficiency"


def _changed(folder: Path, change: Callable[[dict], None]) -> Path:
    """A folder of studies with one file, a shipped study with one change."""
    study = yaml.safe_load((STUDIES / f"{STUDY}.yml").read_text(encoding="utf-8"))
    change(study)
    (folder / f"{STUDY}.yml").write_text(yaml.safe_dump(study, sort_keys=False), encoding="utf-8")
    return folder


def test_the_files_of_the_project_can_be_used() -> None:
    check_project_files()


def test_every_column_that_a_study_reads_is_looked_up() -> None:
    for study in load_studies(STUDIES).values():
        named = {column for _, column in named_columns(study)}
        own = {column for policy in exposures_of(study) for column in own_columns(policy)}
        assert set(columns_used(study, needs_of(study))) <= named | own


def _misspell(study: dict, *path: str | int) -> None:
    for part in path[:-1]:
        study = study[part]
    study[path[-1]] += "x"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (
            ("variables", "urbanisation", "column"),
            "variables.urbanisation.column: marts.city_year has no column 'urbanisationx' "
            "(did you mean 'urbanisation'?)",
        ),
        (("outcome", "column"), "outcome.column: marts.city_year has no column"),
        (
            ("regression", 1, "columns", 0, "split", "by"),
            "regression[1].columns[0].split.by: marts.city_year has no column 'regionx'",
        ),
        (
            ("policies", "did", "policy_id"),
            "policies.did.policy_id: no policy 'smart_cityx' (did you mean 'smart_city'?)",
        ),
        (("panel", "balanced"), "panel.balanced: expected one of"),
    ],
)
def test_a_misspelt_word_is_named_with_its_key(
    tmp_path: Path, path: tuple[str | int, ...], said: str
) -> None:
    folder = _changed(tmp_path, lambda study: _misspell(study, *path))
    with pytest.raises(PreflightError) as refused:
        check_project_files(folder)
    assert f"{STUDY}.yml:\n" in str(refused.value)
    assert said in str(refused.value)


def test_a_misspelt_cluster_is_named(tmp_path: Path) -> None:
    def change(study: dict) -> None:
        _misspell(study, "cluster")
        del study["threshold"]  # its draws by city are refused first where clusters are none

    with pytest.raises(PreflightError, match=r"cluster: .* no column 'city_codex'"):
        check_project_files(_changed(tmp_path, change))


def test_a_column_that_a_design_reads_beside_its_variables_is_looked_up(tmp_path: Path) -> None:
    def change(study: dict) -> None:
        study["placebo"][0]["within"] = "provincecode"

    with pytest.raises(PreflightError, match=r"placebo\[0\]: .* no column 'provincecode'"):
        check_project_files(_changed(tmp_path, change))


def test_a_variable_that_no_table_uses_is_looked_up_too(tmp_path: Path) -> None:
    def add(study: dict) -> None:
        study["variables"]["idle"] = {"ratio": ["loans", "gpd"], "label": "Idle", "unit": "ratio"}

    with pytest.raises(PreflightError, match=r"variables\.idle\.ratio\[1\]: .*'gpd'"):
        check_project_files(_changed(tmp_path, add))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda study: study["variables"]["urbanisation"].update(column="province_name"),
            "variables.urbanisation.column: 'province_name' holds text (varchar in marts.city_year)",
        ),
        (
            lambda study: study["outcome"].update(column="region"),
            "outcome.column: 'region' holds text",
        ),
        (
            lambda study: study["regression"][2]["columns"][0]["split"].update(by="city_name"),
            "regression[2].columns[0].split.by: 'city_name' holds text",
        ),
        (
            lambda study: study["variables"]["urbanisation"].update(
                column=study["outcome"]["column"]
            ),
            "controls[2]: expected another variable than 'urbanisation', which is made of"
            " efficiency_public_service_unemployment_sbm as the outcome is",
        ),
        (
            lambda study: study["variables"]["data_empowerment"].update(
                column=study["outcome"]["column"]
            ),
            "mediation[0].mediators: expected another variable than 'data_empowerment'",
        ),
    ],
)
def test_what_no_data_could_answer_is_told_before_any_are_read(
    tmp_path: Path, change: Callable[[dict], None], said: str
) -> None:
    with pytest.raises(PreflightError) as refused:
        check_project_files(_changed(tmp_path, change))
    assert said in str(refused.value)


def test_a_refresh_says_so_before_it_reads_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "studies"
    folder.mkdir()
    _changed(folder, lambda study: _misspell(study, "policies", "did", "policy_id"))
    monkeypatch.setattr(
        "orchestration.refresh.preflight.check_project_files.__defaults__", (folder,)
    )
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "page.csv").write_text("城市,2020\n襄阳市,1\n", encoding="utf-8")
    monkeypatch.setenv("CITYPANEL_STATE", str(tmp_path / "state"))
    code = main(["refresh", "--inbox", str(inbox), "--release", str(tmp_path / "release")])
    assert code == 2
    said = capsys.readouterr().err
    assert said.startswith("citypanel refresh: study file ")
    assert "no policy 'smart_cityx'" in said
    assert "read files" not in said


def test_an_outcome_under_another_name_is_no_control_and_no_mediator(tmp_path: Path) -> None:
    """industrialisation and industrial_value_added_share are one figure, and so is the ratio of its terms."""

    def change(study: dict) -> None:
        study["outcome"] = {"column": "industrialisation", "label": "Industry", "unit": "ratio"}
        study["variables"]["twin"] = {
            "column": "industrial_value_added_share", "label": "The same", "unit": "ratio"
        }  # fmt: skip
        study["variables"]["ratio"] = {
            "ratio": ["industrial_value_added", "gdp"], "label": "Again", "unit": "ratio"
        }  # fmt: skip
        study["controls"] = ["twin"]
        study["mediation"][0] |= {"mediators": ["ratio", "data_empowerment"], "joint": None}

    with pytest.raises(PreflightError) as caught:
        check_project_files(_changed(tmp_path, change))
    said = str(caught.value)
    assert f"{STUDY}.yml" in said
    assert (
        "regression[0]: 'twin' (industrial_value_added_share) is what industrialisation is" in said
    )
    assert "mediation[0]: 'ratio' (industrial_value_added/gdp) is what industrialisation is" in said


def test_shipped_studies_say_what_their_outcomes_contain() -> None:
    from analysis.methods.notes import note_rows
    from analysis.methods.registry import METHODS
    from analysis.study.facts import Facts
    from orchestration.lineage import lineage

    facts, study = Facts({}, lineage()), load_studies(STUDIES)["smart_city_nqpf"]
    notes = {
        (key, row["kind"]): row["note"]
        for key in ("regression", "mediation")
        for row in note_rows(study, METHODS[key], study.designs_of(key)[0], facts)
    }
    assert (
        "Industrialisation equals its component industrial_value_added_share; without such controls it is"
        " controls: [population_density, gdp_per_capita, urbanisation, government_intervention]"
    ) in notes["regression", "contains"]
    assert (
        "Human capital has its component college_students as numerator"
        in notes["mediation", "contains"]
    )
    assert "Government intervention (fiscal_expenditure, gdp)" in notes["regression", "shares"]
