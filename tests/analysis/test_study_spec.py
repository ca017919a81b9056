"""Study files: what they hold, and that a wrong one says where and what to do."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.methods import mediation, regression
from analysis.studies import STUDIES_FOLDER, load_studies, load_study, needs_of, parse_study
from analysis.study import Study, StudyError
from analysis.study.data import columns_used as columns_of

SMART_CITY = (STUDIES_FOLDER / "smart_city_nqpf.yml").read_text(encoding="utf-8")

SMALL = """\
id: small
title: A small study
outcome:
  column: gdp
  label: GDP
  unit: yuan
policies:
  did:
    policy_id: smart_city
    label: Pilot
    coverage: whole
    timing: pilot_year
panel:
  unit: city_code
  time: year
  years: [2009, 2022]
  balanced: allow
  restrict:
    - {column: is_municipality, equals: false}
variables:
  density:
    column: population_density
    transform: log
    label: ln density
    unit: ln persons per km2
  openness:
    ratio: [fdi, gdp]
    label: Openness
    unit: ratio
controls: [density, openness]
cluster: city_code
regression:
  - id: baseline
    title: Baseline
    columns:
      - id: "1"
        label: All
        regressors: [did]
        controls: true
        effects: [city, year]
        sample:
          - {column: year, at_least: 2011}
"""


def columns_used(study: Study) -> tuple[str, ...]:
    return columns_of(study, needs_of(study))


def line_of(text: str, piece: str) -> int:
    return next(k for k, line in enumerate(text.splitlines(), 1) if piece in line)


def errors_of(text: str) -> StudyError:
    with pytest.raises(StudyError) as caught:
        parse_study(text, "small.yml")
    return caught.value


def test_the_small_study_reads_as_written():
    study = parse_study(SMALL, "small.yml")
    assert study.outcome.scale == 1.0
    assert study.variables["openness"].columns == ("fdi", "gdp")
    ((column,),) = (table.columns for table in study.regression)
    assert study.controls_of(column) == ("density", "openness")
    assert study.panel.restrict[0].condition == ("equals", False)
    assert column.sample[0].condition == ("at_least", 2011.0)
    assert columns_used(study) == (
        "city_code", "did", "fdi", "gdp", "is_municipality", "population_density", "year",
    )  # fmt: skip
    assert study.label_of("did") == "Pilot"
    assert study.label_of("density") == "ln density"
    assert study.label_of("constant") == "Constant"


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("    coverage: whole", "    coverge: whole", "policies.did.coverge", "did you mean 'coverage'?"),
        ("    timing: pilot_year", "", "policies.did.timing", "required"),
        ("coverage: whole", "coverage: wole", "policies.did.coverage", "any_part; found 'wole' (did you"),
        ("label: GDP", "label: 7", "outcome.label", "expected text (put numbers"),
        ("unit: yuan", "unit: yuan\n  scale: '100'", "outcome.scale", "expected a number"),
        ("unit: yuan", "unit: yuan\n  scale: 0", "outcome.scale", "other than 0; found 0"),
        ("unit: yuan", "unit: yuan\n  scale: .inf", "outcome.scale", "a finite number"),
        ("[2009, 2022]", "[2022, 2009]", "panel.years", "first and the last year"),
        ("[2009, 2022]", "2009", "panel.years", "first and the last year"),
        ("[2009, 2022]", "[true, 2009]", "panel.years", "first and the last year"),
        ("balanced: allow", "balanced: yes", "panel.balanced", "drop_incomplete_units"),
        ("equals: false", "equal: false", "panel.restrict[0].equal", "did you mean 'equals'?"),
        ("equals: false", "equals: [1]", "panel.restrict[0].equals", "text, a number, true"),
        ("{column: is_municipality, equals: false}", "{column: x}", "panel.restrict[0]", "one con"),
        ("at_least: 2011", "at_least: 1, at_most: 2", "columns[0].sample[0]", "two filters for"),
        ("transform: log", "transform: ln", "variables.density.transform", "one of none, log"),
        ("[fdi, gdp]", "[fdi]", "variables.openness.ratio", "[numerator, denominator]"),
        ("    ratio: [fdi, gdp]", "    scale: 2", "variables.openness", "one of column"),
        ("  density:\n", "  Density:\n", "variables.Density", "small letters"),
        ("controls: [density", "controls: [densty", "controls[0]", "did you mean 'density'?"),
        ("openness]", "density]", "controls[1]", "each once, found 'density' again"),
        ("regressors: [did]", "regressors: [dif]", "columns[0].regressors[0]", "mean 'did'?"),
        ("regressors: [did]", "regressors: did", "columns[0].regressors", "expected a list"),
        ("regressors: [did]", "regressors: []", "columns[0].regressors", "at least one entry"),
        ("regressors: [did]", "regressors: [did, density]", "columns[0].regressors", "not as both"),
        ("controls: true", "controls: all", "columns[0].controls", "true (all controls"),
        ("controls: true", "controls: [opennes]", "columns[0].controls[0]", "mean 'openness'?"),
        ("[city, year]", "[city, yaer]", "columns[0].effects[1]", "mean 'year'?"),
        ("[city, year]", "[city, city]", "columns[0].effects[1]", "found 'city' again"),
        ('id: "1"', "id: 1", "columns[0].id", "put numbers and yes/no in quotes"),
        ('id: "1"', 'id: "1"\n        published_column: 1', "published_column", "'published'"),
        ("title: A", "title: B\ntitle: A", "title", "this key stands twice"),
        ("  density:\n", "  did:\n", "variables.did", "which is taken"),
        ("cluster: city_code", "cluster: city_code\nplacebos: 3", "placebos", "unknown key"),
        ("id: baseline", "id: 2020-01-01", "regression[0].id", "expected text"),
    ],
)  # fmt: skip
def test_a_wrong_key_is_named_with_its_line_and_what_was_expected(old, new, key, says):
    assert old in SMALL
    text = SMALL.replace(old, new, 1)
    error = errors_of(text)
    assert error.source == "small.yml"
    assert str(error).startswith("study file small.yml:\n")
    match = [p for p in error.problems if p.key.endswith(key) and says in p.message]
    assert match, str(error)
    last = re.sub(r"\[\d+\]$", "", key).split(".")[-1].split("[")[0]
    if says != "required":
        shown = text.splitlines()[match[0].line - 1]
        assert last in shown or key.endswith("]"), shown


THRESHOLDS = """\
threshold:
  - id: structure
    title: By openness
    variable: openness
    controls: [density]
    year_effects: true
    at_most: 3
    convention: xthreg
    grid: {rule: quantile, points: 400, trim: 0.05}
    schemes:
      - {scheme: xthreg, resample: unit}
      - {scheme: xthreg, resample: wild}
    draws: 300
    seed: 1
    published: {paper_id: a_paper, tests_table: 5, slopes_table: 6}
"""


def test_threshold_models_read_as_written_and_leave_the_hash_of_other_studies_alone():
    study = parse_study(SMALL + THRESHOLDS, "small.yml")
    (model,) = study.threshold
    assert (model.regressor, model.grid.min_active) == (None, 10)
    assert study.controls_of(model) == ("density",)
    assert model.effects == ("city", "year")
    assert [scheme.resample for scheme in model.schemes] == ["unit", "wild"]
    plain = parse_study(SMALL, "small.yml")
    assert plain.threshold is None
    assert plain.model_dump(mode="json", exclude_none=True).keys().isdisjoint({"threshold"})
    other = parse_study(SMALL + THRESHOLDS.replace("seed: 1", "seed: 2"), "small.yml")
    assert len({plain.spec_hash, study.spec_hash, other.spec_hash}) == 3
    # A variable of a threshold model alone is read from the panel too, and so is did.
    alone = SMALL.replace("regressors: [did]", "regressors: [density]").replace(
        "controls: [density, openness]", "controls: []"
    )
    assert "fdi" not in columns_used(parse_study(alone, "small.yml"))
    assert {"fdi", "did"} <= set(columns_used(parse_study(alone + THRESHOLDS, "small.yml")))


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("variable: openness", "variable: opennes", "threshold[0].variable", "mean 'openness'?"),
        ("variable: openness", "variable: did", "threshold[0].variable", "name of a variable"),
        ("    variable: openness\n", "", "threshold[0].variable", "required"),
        ("year_eff", "regressor: dif\n    year_eff", "threshold[0].regressor", "mean 'did'?"),
        ("year_eff", "regressor: openness\n    year_eff", "threshold[0].regressor", "other than"),
        ("year_eff", "regressor: density\n    year_eff", "threshold[0].regressor", "other than"),
        ("[density]", "[densty]", "threshold[0].controls[0]", "mean 'density'?"),
        ("year_effects: true", "year_effects: 1", "threshold[0].year_effects", "true or false"),
        ("at_most: 3", "at_most: 0", "threshold[0].at_most", "expected 1 or more; found 0"),
        ("at_most: 3", "at_mots: 3", "threshold[0].at_mots", "did you mean 'at_most'?"),
        ("rule: quantile", "rule: quantiles", "threshold[0].grid.rule", "mean 'quantile'?"),
        ("points: 400", "points: 1", "threshold[0].grid.points", "2 or more"),
        ("trim: 0.05", "trim: some", "threshold[0].grid.trim", "a number"),
        ("trim: 0.05", "trim: 0.5", "threshold[0].grid.trim", "a share between 0 and 0.5"),
        ("resample: wild", "resample: wid", "threshold[0].schemes[1].resample", "mean 'wild'?"),
        ("resample: wild", "resample: unit", "threshold[0].schemes[1]", "each pair of scheme"),
        ("convention: xthreg", "convention: stata", "threshold[0].convention", "hansen, xthreg"),
        ("draws: 300", "draws: 99", "threshold[0].draws", "100 or more: the 1 % critical"),
        ("seed: 1", "seed: -1", "threshold[0].seed", "0 or more"),
        ("slopes_table: 6", "slope_table: 6", "published.slope_table", "mean 'slopes_table'?"),
    ],
)
def test_a_wrong_key_of_a_threshold_model_is_named(old, new, key, says):
    assert old in THRESHOLDS
    text = SMALL + THRESHOLDS.replace(old, new, 1)
    error = errors_of(text)
    match = [p for p in error.problems if p.key.endswith(key) and says in p.message]
    assert match, str(error)
    assert match[0].line > SMALL.count("\n")


def test_two_threshold_models_need_two_names():
    twice = SMALL + THRESHOLDS + THRESHOLDS.removeprefix("threshold:\n")
    (problem,) = errors_of(twice).problems
    assert problem.key == "threshold[1].id"
    assert "no other design of the study has; threshold has 'structure'" in problem.message
    (problem,) = errors_of(SMALL + "threshold: []\n").problems
    assert "at least one entry" in problem.message


MEDIATORS = "mediators: [openness]"
GROUPS = """\
  - id: groups
    title: Groups
    columns:
      - id: wealth
        label: Wealth
        outcome: openness
        regressors: [did]
        controls: [density]
        effects: [city, year]
        split:
          by: gdp_per_capita
          at: median
          over: [2009, 2011]
          levels:
            - {id: "1", value: low, label: Poor}
            - {id: "2", value: high, label: Rich}
      - id: region
        label: Region
        regressors: [did]
        controls: [density]
        effects: [city, year]
        split:
          by: region
          as_of: 2011
          levels:
            - {id: "3", value: east, label: East}
            - {id: "4", value: west, label: West}
mediation:
  - id: paths
    title: Paths
    mediators: [openness]
    controls: [density]
    effects: [city, year]
    draws: 100
    seed: 0
"""


def test_splits_and_mediations_read_as_written_and_leave_the_hash_of_other_studies_alone():
    study = parse_study(SMALL + GROUPS, "small.yml")
    groups = regression.block_of(study, study.regression[1])
    paths = mediation.equations.block_of(study, study.mediation[0])
    assert [
        (e.column_id, e.label, e.outcome, e.split_id, e.level and e.level.value)
        for e in groups.equations
    ] == [
        ("1", "Poor", "openness", "wealth", "low"),
        ("2", "Rich", "openness", "wealth", "high"),
        ("3", "East", "gdp", "region", "east"),
        ("4", "West", "gdp", "region", "west"),
    ]
    assert [(e.column_id, e.outcome, e.terms, e.names) for e in paths.equations] == [
        ("1", "gdp", ("did", "density"), ("gdp", "did", "density")),
        ("2", "openness", ("did", "density"), ("openness", "did", "density", "gdp")),
        ("3", "gdp", ("did", "openness", "density"), ("gdp", "did", "openness", "density")),
    ]
    assert {"gdp_per_capita", "region", "fdi"} <= set(columns_used(study))
    plain = parse_study(SMALL, "small.yml")
    keys = {"mediation", "split", "lag", "levels"}
    assert not any(f'"{key}"' in plain.model_dump_json(exclude_none=True) for key in keys)
    hashes = {plain.spec_hash, study.spec_hash}
    changes = [("over: [2009, 2011]", "over: [2009, 2010]"), ("draws: 100", "draws: 101"),
               ("as_of: 2011", "as_of: 2010"), ("outcome: openness\n", "\n")]  # fmt: skip
    for old, new in changes:
        hashes.add(parse_study((SMALL + GROUPS).replace(old, new), "small.yml").spec_hash)
    assert len(hashes) == 2 + len(changes)


def test_mediators_held_together_are_a_last_column_of_the_mediation():
    text = (
        (SMALL + GROUPS)
        .replace(MEDIATORS, "mediators: [openness, wealth]\n    joint: [openness, wealth]")
        .replace("variables:\n", "variables:\n  wealth: {column: wealth, label: W, unit: ratio}\n")
    )
    study = parse_study(text, "small.yml")
    paths = mediation.equations.block_of(study, study.mediation[0])
    assert [equation.column_id for equation in paths.equations] == list("123456")
    last = paths.equations[-1]
    assert last.terms == ("did", "openness", "wealth", "density")
    assert last.published_column is None


def test_a_key_that_is_added_leaves_the_hash_of_a_study_without_it_as_it_was():
    """The number is of the first version: old vintages keep their study by it."""
    more = """\
event_study:
  - {id: dynamic, title: Dynamic, controls: true, effects: [city, year], window: [-4, 6], seed: 1}
placebo:
  - {id: random, title: Random, controls: [density], effects: [city, year], draws: 500, seed: 1}
"""
    assert parse_study(SMALL + more, "small.yml").spec_hash == (
        "b7a878499301a47120ddacdd3c011c1048f1b753a7048ef0d1295969ab9c0575"
    )


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("at: median", "at: mean", "split.at", "one of median; found 'mean'"),
        ("          over: [2009, 2011]\n", "", "split", "at and over together"),
        ("over: [2009, 2011]", "over: [2011, 2009]", "split.over", "first and the last year"),
        ("at: median\n", "at: median\n          as_of: 2010\n", "split", "no as_of"),
        ("value: low", "value: poor", "split", "levels 'low' and 'high'"),
        ("value: east", "value: west", "split", "each value once"),
        ('            - {id: "4", value: west, label: West}\n', "", "split", "two levels or more"),
        ('id: "3"', 'id: "2"', "split.levels[0].id", "found '2' again"),
        ("value: east,", "value: east, published_column: 3,", "published_column", "'published'"),
        ("outcome: openness", "outcome: opennes", "columns[0].outcome", "mean 'openness'?"),
        ("outcome: openness", "outcome: density", "columns[0].regressors", "right-hand side"),
        (
            "title: Groups",
            "title: Groups\n    outcome: densty",
            "regression[1].outcome",
            "'density'?",
        ),
        ("by: region", "bye: region", "split.bye", "unknown key"),
        ("mediators: [openness]", "mediators: [opennes]", "mediators[0]", "mean 'openness'?"),
        ("mediators: [openness]", "mediators: [density]", "mediators", "mediator or a control"),
        ("mediators: [openness]", "mediators: []", "mediators", "at least one entry"),
        (MEDIATORS, MEDIATORS + "\n    joint: [openness]", "mediation[0].joint", "at least 2"),
        (
            MEDIATORS,
            MEDIATORS + "\n    joint: [openness, density]",
            "joint[1]",
            "there are openness",
        ),
        (MEDIATORS, MEDIATORS + "\n    joint: [openness, openness]", "joint[1]", "once"),
        ("id: paths", "id: groups", "mediation[0].id", "regression has 'groups' as well"),
        ("draws: 100", "draws: 10", "mediation[0].draws", "100 or more"),
    ],
)
def test_a_wrong_key_of_a_split_or_mediation_is_named(old, new, key, says):
    assert old in GROUPS
    text = SMALL + GROUPS.replace(old, new, 1)
    error = errors_of(text)
    match = [p for p in error.problems if key in p.key and says in p.message]
    assert match, str(error)
    assert match[0].line is not None and match[0].line > SMALL.count("\n")


def test_a_lag_is_a_whole_number_of_years():
    text = SMALL.replace("transform: log\n", "transform: log\n    lag: 0\n")
    (problem,) = errors_of(text).problems
    assert problem.key == "variables.density.lag" and "1 or more" in problem.message


def test_only_the_cause_is_reported():
    error = errors_of(SMALL.replace("controls: true", "controls: all"))
    assert len(error.problems) == 1
    assert error.problems[0].line == line_of(SMALL, "controls: true")


def test_every_problem_is_reported_at_once():
    text = SMALL.replace("coverage: whole", "coverage: half").replace("[2009, 2022]", "[2022]")
    assert [p.key for p in errors_of(text).problems] == ["policies.did.coverage", "panel.years"]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("id: [small", 1, "not valid YAML"),
        ("id: a\n\tb: c", 2, "not valid YAML"),
        ("", None, "expected keys such as id"),
        ("- id", None, "expected keys such as id"),
        ("id: !!python/object:os.system x", 1, "not valid YAML"),
    ],
)
def test_what_is_no_mapping_is_refused(text, line, says):
    (problem,) = errors_of(text).problems
    assert says in problem.message
    assert problem.line == line


def test_a_file_must_be_named_like_its_study(tmp_path: Path):
    (tmp_path / "other.yml").write_text(SMALL, encoding="utf-8")
    with pytest.raises(StudyError, match="expected 'other' as in the file's name, found 'small'"):
        load_study(tmp_path / "other.yml")
    with pytest.raises(StudyError, match=r"absent\.yml"):
        load_study(tmp_path / "absent.yml")
    (tmp_path / "latin.yml").write_bytes(b"title: caf\xe9")
    with pytest.raises(StudyError, match="can't be read as UTF-8"):
        load_study(tmp_path / "latin.yml")
    with pytest.raises(StudyError, match="no study files"):
        load_studies(tmp_path / "empty")


def test_the_hash_follows_the_content_and_not_the_spelling():
    study = parse_study(SMALL, "a")
    respelt = SMALL.replace("controls: [density, openness]", "controls:\n- density\n- openness")
    respelt = "# a comment\n" + respelt.replace("  unit: yuan\n", "  scale: 1\n  unit: 'yuan'\n")
    assert parse_study(respelt, "b").spec_hash == study.spec_hash
    assert re.fullmatch(r"[0-9a-f]{64}", study.spec_hash)
    changes = [
        ("at_least: 2011", "at_least: 2012"), ("transform: log", "transform: log1p"),
        ("[density, openness]", "[openness, density]"), ("equals: false", "equals: true"),
        ("title: Baseline", "title: Base"),
    ]  # fmt: skip
    hashes = {parse_study(SMALL.replace(a, b), "c").spec_hash for a, b in changes}
    assert len(hashes | {study.spec_hash}) == len(changes) + 1


def test_a_study_can_not_be_changed():
    study = parse_study(SMALL, "small.yml")
    with pytest.raises(ValueError, match="frozen"):
        study.title = "Another"  # type: ignore[misc]


def test_the_two_studies_that_come_with_the_project():
    studies = load_studies()
    assert {"broadband_nqpf_real", "smart_city_nqpf"} <= set(studies)
    for name, policy, years, n_controls in [
        ("smart_city_nqpf", "smart_city", (2009, 2022), 5),
        ("broadband_nqpf_real", "broadband_china", (2010, 2021), 4),
    ]:
        study = studies[name]
        assert (study.policy.policy_id, study.panel.years) == (policy, years)
        assert len(study.controls) == n_controls
        columns = [
            (column.effects, len(study.controls_of(column)))
            for table in study.regression
            if table.id == "baseline"
            for column in table.columns
        ]
        assert columns == [
            ((), 0), ((), n_controls), (("city",), 0), (("city", "year"), 0),
            (("city", "year"), n_controls),
        ]  # fmt: skip


def test_terms_are_those_of_the_printed_table(repo_dir: Path):
    with (repo_dir / "seeds" / "published_estimate.csv").open(encoding="utf-8") as file:
        printed = list(csv.DictReader(file))
    compared = 0
    for study in load_studies().values():
        blocks = [regression.block_of(study, design) for design in study.regression]
        blocks += [mediation.equations.block_of(study, d) for d in study.designs_of("mediation")]
        for table in blocks:
            for equation in table.equations:
                if table.published is None or equation.published_column is None:
                    continue
                place = (
                    table.published.paper_id,
                    str(table.published.table_no),
                    str(equation.published_column),
                )
                terms = {
                    row["term"]
                    for row in printed
                    if (row["paper_id"], row["table_no"], row["column_no"]) == place
                }
                assert terms == {*equation.terms, "constant"}, place
                compared += 1
    assert compared >= 15


def test_importing_studies_loads_no_estimator():
    code = (
        "import sys, analysis.studies, analysis.methods.regression.run\n"
        "heavy = {'linearmodels', 'scipy', 'statsmodels', 'matplotlib'} & set(sys.modules)\n"
        "sys.exit(f'imported at start-up: {sorted(heavy)}' if heavy else 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_the_example_of_the_guide_is_a_valid_study(repo_dir: Path):
    guide = (repo_dir / "docs" / "how-to" / "write-a-study.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", guide, re.DOTALL)
    assert example is not None
    study = parse_study(example[1], "write-a-study.md")
    assert study.id in guide
    # The message that the guide shows is the one that the example gives.
    wrong = example[1].replace("coverage:", "coverge:", 1)
    shown = re.search(
        r"^ +line (\d+), policies\.did\.coverge: (.*?)\n\n", guide, re.DOTALL | re.MULTILINE
    )
    assert shown is not None
    (problem,) = [p for p in errors_of(wrong).problems if p.key == "policies.did.coverge"]
    assert problem.line == int(shown[1])
    assert problem.message == " ".join(shown[2].split())
