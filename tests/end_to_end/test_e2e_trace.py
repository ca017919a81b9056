"""Tracing: every column of the panel has an answer, and every answer leads to cells or says why not."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import duckdb
import numpy as np
import pytest
from e2e_process import CommandLine, Refreshed

from orchestration.engine.duck import DuckDBWarehouse
from orchestration.trace import Key, Made, attributes, made, names, trace_lines
from orchestration.trace.number import Part

XIANGYANG = "420600"
PRINTED_DIGITS = 1e-9  # relative; ten digits are printed
ROUNDED = 0.00005  # weights, scaled figures and peers are printed with four decimals
CITY_YEARS = {
    "plain": "select '420600', 2015",
    "most interpolated figures": "select city_code, year from marts.indicator_value group by all"
    " order by count(*) filter (where is_imputed) desc, city_code, year limit 1",
    "no scores": "select city_code, year from marts.city_year where index_nqpf is null"
    " and efficiency_public_service_ccr is null order by all limit 1",
}


def asked(connection: duckdb.DuckDBPyConnection, code: str, year: int, name: str) -> Made:
    """What a trace says of a number that one name stands for."""
    (found,) = names.numbers(DuckDBWarehouse(connection), name, None)
    return made(DuckDBWarehouse(connection), Key(code, year, *found))


def parts(number: Made) -> Iterator[Part]:
    return (step for step in number.steps if isinstance(step, Part))


def lines(sample: Refreshed, *arguments: object, deep: bool = False) -> list[str]:
    return list(trace_lines(sample.warehouse, *arguments, deep=deep))  # type: ignore[arg-type]


# ---- every column


def walk_every_column(connection: duckdb.DuckDBPyConnection, code: str, year: int) -> None:
    columns = [
        column
        for (column,) in connection.execute(
            "select column_name from information_schema.columns where table_schema = 'marts'"
            " and table_name = 'city_year' and table_catalog = current_database()"
        ).fetchall()
    ]
    assert len(columns) > 150
    row = connection.execute(
        f"select {', '.join(columns)} from marts.city_year where city_code = ? and year = ?",
        [code, year],
    ).fetchone()
    for column, value in zip(columns, row, strict=True):
        number = asked(connection, code, year, column)
        assert number.value == value, column
        assert isinstance(number.value, type(value)), column
        if value is None:
            assert re.search(r"\bno\b|unknown|not measured", number.told), (column, number.told)
        else:
            assert number.steps, column


@pytest.mark.parametrize("place", CITY_YEARS)
def test_every_column_of_the_panel_is_traced_to_its_value(
    place: str, sample_db: duckdb.DuckDBPyConnection
) -> None:
    walk_every_column(sample_db, *sample_db.execute(CITY_YEARS[place]).fetchone())


@pytest.mark.real
def test_every_column_of_the_real_panel_is_traced_to_its_value(
    real_db: duckdb.DuckDBPyConnection,
) -> None:
    """Other figures, and scores that are left out of the release."""
    walk_every_column(real_db, XIANGYANG, 2015)


def test_every_score_leads_to_cells(sample: Refreshed) -> None:
    """A score by each way there is: with all steps shown no figure ends but in a cell."""
    for name in (
        "index_nqpf", "nqpf_topsis", "public_service_level.health", "is_large_city",
        "efficiency_public_service_unemployment_sbm", "efficiency_public_service_scale",
        "productivity_public_service_global",
    ):  # fmt: skip
        told = lines(sample, XIANGYANG, 2015, name, deep=True)
        observed = [line for line in told if line.endswith("[observed]")]
        assert observed, name
        assert all(line.strip().startswith("= ") for line in observed), name
        assert len(observed) == sum(line.strip().startswith("cell:") for line in told), name
        assert not any("--deep" in line for line in told), name


def test_what_was_shown_is_not_shown_again(sample: Refreshed) -> None:
    """Residents are below most of the index, their cell is printed once."""
    told = lines(sample, XIANGYANG, 2015, "public_service_level", deep=True)
    residents = [line for line in told if "population_resident (total)" in line]
    assert len(residents) > 5
    assert sum(line.endswith("[observed], as above") for line in residents) == len(residents) - 1


# ---- figures


TRACES = {
    "name": (("襄阳市", 2015, "gdp"), ["襄阳市 (420600), 2015, gdp, total", "file:", "cell:"]),
    "alias": (("襄樊", 2009, "gdp"), ["襄阳市 (420600)", "襄樊市' under"]),
    "code": (("420600", 2015, "gdp"), ["襄阳市 (420600)"]),
    "pinyin": (("xiangyang", 2015, "gdp"), ["襄阳市 (420600)"]),
    "small letters": (("襄阳市", 2015, "GDP"), ["襄阳市 (420600), 2015, gdp, total"]),
    "Chinese": (("襄阳市", 2015, "地区生产总值"), ["襄阳市 (420600), 2015, gdp, total"]),
    "derived": (
        ("襄阳市", 2015, "government_intervention"),
        ["[derived]", "formula: fiscal_expenditure / gdp", "numerator: fiscal_expenditure",
         "denominator: gdp"],
    ),
    "districts": (("襄阳市", 2015, "gdp", "--scope", "districts"), ["gdp, districts", "file:"]),
    "column of the districts": (("襄阳市", 2015, "gdp_districts"), ["gdp, districts", "file:"]),
    "of the districts alone": (("襄阳市", 2015, "built_up_area"), ["built_up_area, districts"]),
    "relative": (
        ("襄阳市", 2015, "fiscal_decentralisation_per_capita"),
        ["[derived]", "city: fiscal_expenditure_per_resident", "numerator: fiscal_expenditure",
         "cities of 2015:", "cell:"],
    ),
    "deflated": (
        ("襄阳市", 2012, "gdp_per_resident_real"),
        ["formula: gdp_per_resident / deflator", "nominal: gdp_per_resident",
         "deflator of 2012, 2010 = 1", "2010 to 2011:", "gdp_growth_rate of 2012", "cell:"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TRACES)
def test_trace(case: str, citypanel: CommandLine, sample: Refreshed) -> None:
    arguments, expected = TRACES[case]
    said = citypanel.run("trace", *arguments, "--release", sample.release)
    assert said.code == 0, said.said
    for words in expected:
        assert words in said.out, said.out


def test_trace_of_an_interpolated_figure_shows_both_neighbours(
    citypanel: CommandLine, sample: Refreshed, sample_db: duckdb.DuckDBPyConnection
) -> None:
    code, year, indicator, scope, before, after, value = sample_db.execute(
        "select city_code, year, indicator_code, scope, neighbour_year_before,"
        " neighbour_year_after, value from marts.indicator_value"
        " where value_kind = 'interpolated' order by all limit 1"
    ).fetchone()
    said = citypanel.run(
        "trace", code, year, indicator, "--scope", scope, "--release", sample.release
    )
    assert said.code == 0, said.said
    assert "[interpolated]" in said.out
    assert f"linear between {before} and {after}" in said.out
    ends = [float(words) for words in re.findall(r"^ {4}= (\S+) ", said.out, re.MULTILINE)]
    assert len(ends) == 2
    straight = ends[0] + (ends[1] - ends[0]) * (year - before) / (after - before)
    assert value == pytest.approx(straight, rel=1e-9)  # ten digits are printed
    assert said.out.count("file:") == 2


def test_a_missing_ratio_shows_which_term_is_missing(small: Refreshed) -> None:
    """The small release has GDP and nobody's residents."""
    told = lines(small, "石家庄市", 2013, "gdp_per_resident")
    assert told[1].startswith("  no value of gdp_per_resident (total)")
    assert told[3].startswith("  numerator: gdp (total)")
    assert told[4].endswith("10_000_yuan  [observed]")
    assert any(line.startswith("    no value of population_resident (total)") for line in told)


def test_a_missing_real_figure_shows_the_step_that_is_missing(
    sample: Refreshed, sample_db: duckdb.DuckDBPyConnection
) -> None:
    """儋州 has figures from 2015 on: no way leads to prices of 2010."""
    told = lines(sample, "460400", 2017, "gdp_per_resident_real")
    assert told[1].startswith("  no value of gdp_per_resident_real (total)")
    nominal = asked(sample_db, "460400", 2017, "gdp_per_resident")
    assert f"    {nominal.line}" in told
    at = told.index("  deflator of 2017, 2010 = 1")
    assert told[at + 1 : at + 3] == [
        "    no deflator: its steps from 2010 to 2017 are not all there",
        "    2014 to 2015: no step, as GDP or its growth is missing",
    ]


def test_the_reader_may_stop_reading(citypanel: CommandLine, sample: Refreshed) -> None:
    """As `citypanel trace ... | head -1`, with more to say than a pipe holds."""
    said = subprocess.run(
        f"{sys.executable} -m orchestration.commands.main trace {XIANGYANG} 2015 nqpf --deep --release"
        f" {sample.release} | head -1",
        shell=True, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout == f"襄阳市 ({XIANGYANG}), 2015, index nqpf\n"
    assert not said.stderr


# ---- scores


@pytest.mark.parametrize("name", ["nqpf", "index_nqpf", "新质生产力"])
def test_trace_of_an_index_shows_score_and_figures(
    name: str, citypanel: CommandLine, sample: Refreshed, sample_db: duckdb.DuckDBPyConnection
) -> None:
    said = citypanel.run("trace", "襄阳市", 2015, name, "--release", sample.release)
    assert said.code == 0, said.said
    score, rank = sample_db.execute(
        "select score, rank from marts.index_score where index_id = 'nqpf' and city_code = '420600'"
        " and year = 2015"
    ).fetchone()
    assert f"= {score:.10g}, rank {rank} of 2015, of 15 components" in said.out
    assert len(re.findall(r"^  [+-] \w+ \(\w+\), .*: [\d.e+]+ ", said.out, re.MULTILINE)) == 15
    assert "cell:" not in said.out  # unless asked for
    assert "--deep" in said.out


@pytest.mark.parametrize(
    "name",
    [
        "nqpf", "nqpf_per_year", "nqpf_equal", "nqpf_pca", "nqpf_fixed_base", "nqpf_zscore",
        "public_service_level", "information_infrastructure", "nqpf.laborers",
        "nqpf_fixed_base.objects_of_labor", "public_service_level.employment",
    ],
)  # fmt: skip
def test_an_index_is_the_sum_of_what_its_trace_shows(
    name: str, sample_db: duckdb.DuckDBPyConnection
) -> None:
    number = asked(sample_db, XIANGYANG, 2015, name)
    labels = [part.label for part in parts(number)]
    weights, scaled = np.array(
        [
            re.search(r", weight (\S+), (?:scaled|z-score) (\S+) of ", label).groups()
            for label in labels
        ],
        dtype=float,
    ).T
    assert weights.sum() == pytest.approx(1, abs=len(labels) * ROUNDED)
    # Each product is off by no more than what rounding took from either factor.
    off = ROUNDED * (weights + np.abs(scaled) + ROUNDED).sum()
    assert number.value == pytest.approx(weights @ scaled, abs=off)


def test_a_scaled_figure_lies_between_its_bounds(sample_db: duckdb.DuckDBPyConnection) -> None:
    """Where less is better the worst is the largest, in the figure's own sign."""
    checked = 0
    for part in parts(asked(sample_db, XIANGYANG, 2015, "public_service_level")):
        scaled, worst, best = map(
            float, re.search(r"scaled (\S+) of (\S+) to (\S+)$", part.label).groups()
        )
        assert (worst < best) == part.label.startswith("+")
        value = made(DuckDBWarehouse(sample_db), part.key).value
        assert scaled == pytest.approx((value - worst) / (best - worst), abs=2 * ROUNDED)
        checked += 1
    assert checked == 13


def test_efficiency_names_its_terms_with_the_values_that_were_used(
    sample_db: duckdb.DuckDBPyConnection,
) -> None:
    used = dict(
        sample_db.execute(
            "select role || ' ' || term, value from intermediate.int_efficiency__term where year = 2015"
            " and model_id = 'public_service_unemployment' and city_code = '420600'"
        ).fetchall()
    )
    number = asked(sample_db, XIANGYANG, 2015, "efficiency_public_service_unemployment_sbm")
    shown = {
        part.label.split(":")[0]: made(DuckDBWarehouse(sample_db), part.key).value
        for part in parts(number)
    }
    assert shown == used
    assert len(used) == 13


def test_targets_are_the_sum_of_the_peers_that_are_named(
    sample_db: duckdb.DuckDBPyConnection,
) -> None:
    number = asked(sample_db, XIANGYANG, 2015, "efficiency_public_service_ccr")
    (told,) = (step for step in number.steps if str(step).startswith("targets are the sum of"))
    peers = re.findall(r"(\w+) (\d{4}) x (\d\.\d+)", told)
    assert len(peers) > 1
    for part in parts(number):
        target = float(re.search(r", target (\S+)$", part.label)[1])
        values = []
        for called, year, weight in peers:
            code, _ = names.city(DuckDBWarehouse(sample_db), called)
            key = Key(code, int(year), part.key.kind, part.key.name, part.key.part)
            values.append((made(DuckDBWarehouse(sample_db), key).value, float(weight)))
        off = sum(abs(value) * ROUNDED for value, _ in values)
        assert target == pytest.approx(sum(value * weight for value, weight in values), abs=off)


def test_scale_efficiency_and_cumulated_productivity_are_made_of_their_parts(
    sample_db: duckdb.DuckDBPyConnection,
) -> None:
    scale = asked(sample_db, XIANGYANG, 2015, "efficiency_public_service_scale")
    constant, variable = (made(DuckDBWarehouse(sample_db), part.key).value for part in parts(scale))
    assert scale.value == pytest.approx(constant / variable, rel=1e-12)
    chain = asked(sample_db, XIANGYANG, 2015, "productivity_public_service_cumulated")
    yearly = [made(DuckDBWarehouse(sample_db), part.key).value for part in parts(chain)]
    assert len(yearly) == 6  # 2010 to 2015
    assert chain.value == pytest.approx(np.prod(yearly), rel=1e-12)


def test_efficiency_shows_two_levels_unless_asked_for_all(sample: Refreshed) -> None:
    told = lines(sample, XIANGYANG, 2015, "efficiency_public_service_index_bcc")
    assert any(line.startswith("    formula: fiscal_expenditure_per_resident / ") for line in told)
    assert any(line.startswith("    + doctors_per_10000") for line in told)
    assert not any("cell:" in line for line in told)
    assert len(told) < 60
    assert "--deep" in told[-1]


def test_a_city_that_is_not_measured_is_told_why(
    sample: Refreshed, sample_db: duckdb.DuckDBPyConnection
) -> None:
    code, year = sample_db.execute(CITY_YEARS["no scores"]).fetchone()
    told = lines(sample, code, year, "efficiency_public_service_index_bcc")
    assert "no score: no finite value of " in told[1]
    assert any(line.startswith("    no score of public_service_level") for line in told)
    told = lines(sample, code, year, "nqpf")
    assert "it covers cities that are of prefecture level at the end of every year" in told[1]


def test_the_view_of_inputs_names_what_the_trace_shows(
    sample_db: duckdb.DuckDBPyConnection,
) -> None:
    """marts.score_input against the trace, every score of a city and year but ratios of two scores."""
    inputs: dict[str, dict[Key, float | None]] = {}
    scores = {}
    meant: dict[str, tuple[str, str, str]] = {}
    for score, value, year, called, input_value in sample_db.execute(
        "select score_name, score, input_year, input_name, input_value from marts.score_input"
        " where city_code = ? and year = 2015 and score_name not like '%scale%'",
        [XIANGYANG],
    ).fetchall():
        if called not in meant:
            (meant[called],) = names.numbers(DuckDBWarehouse(sample_db), called, None)
        key = Key(XIANGYANG, year, *meant[called])
        assert key not in inputs.setdefault(score, {}), "an input of a score stands there once"
        inputs[score][key] = input_value
        scores[score] = value
    assert len(inputs) > 30
    values: dict[Key, object] = {}
    for score, shown in inputs.items():
        number = asked(sample_db, XIANGYANG, 2015, score)
        assert number.value == scores[score]
        assert {part.key for part in parts(number)} == shown.keys(), score
        for key in shown.keys() - values.keys():
            values[key] = made(DuckDBWarehouse(sample_db), key).value
        assert shown == {key: values[key] for key in shown}, score


# ---- facts and policies


def test_size_class_shows_bounds_and_the_residents_that_decided(sample: Refreshed) -> None:
    told = lines(sample, XIANGYANG, 2015, "city_size_class")
    assert told[1] == "  = large_2"
    assert "1,000,000 residents or more and below 3,000,000" in told[2]
    residents = float(told[4].strip().removeprefix("= ").split()[0])
    assert 100 <= residents < 300  # 10,000 persons
    assert any(line.strip().startswith("cell:") for line in told)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("region", "seeds/city.csv, row 420600, column region"),
        ("level", "seeds/city_status.csv: 襄阳市 (420600), from 2010 on"),
        ("has_district_change", "seeds/city_district_change.csv has no row of the city for 2015"),
        ("city_code", "seeds/city_alias.csv"),
        ("data_kind", "of the input files 252 simulated"),
    ],
)
def test_a_fact_without_a_cell_says_where_it_is_stated(
    column: str, words: str, sample: Refreshed
) -> None:
    assert words in "\n".join(lines(sample, XIANGYANG, 2015, column))


def test_imputed_figures_of_a_row_are_listed(sample_db: duckdb.DuckDBPyConnection) -> None:
    code, year = sample_db.execute(CITY_YEARS["most interpolated figures"]).fetchone()
    listed = {
        (part.key.name, part.key.part)
        for part in parts(asked(sample_db, code, year, "has_imputed_figure"))
    }
    assert listed == set(
        sample_db.execute(
            "select indicator_code, scope from marts.indicator_value"
            " where city_code = ? and year = ? and is_imputed",
            [code, year],
        ).fetchall()
    )
    assert listed


@pytest.mark.parametrize("city", [XIANGYANG, "110000", "310000", "420500"])
def test_exposure_of_every_rule_follows_from_the_entries_that_count(
    city: str, sample_db: duckdb.DuckDBPyConnection
) -> None:
    """Values against the mart; the entries named are those that date it, by the roster."""
    exposed = sample_db.execute(
        "select policy_id, coverage || '/' || timing, did, first_treated_year"
        " from marts.policy_exposure where city_code = ? and year = 2013",
        [city],
    ).fetchall()
    assert len(exposed) == 6  # announcements of Broadband China are not dated
    found = names.numbers(DuckDBWarehouse(sample_db), "did", None)
    rules = {
        (part.key.name, part.key.part): made(DuckDBWarehouse(sample_db), part.key)
        for kind, policy, _ in found
        for part in parts(made(DuckDBWarehouse(sample_db), Key(city, 2013, kind, policy)))
    }
    assert rules.keys() == {(policy, rule) for policy, rule, _, _ in exposed}
    for policy, rule, did, since in exposed:
        number = rules[policy, rule]
        assert number.value == did
        entries = re.findall(rf"{policy}_\w+", number.steps[1])
        years = sample_db.execute(
            "select pilot_year, extract(year from announced_on) from seed.policy_roster"
            " inner join seed.policy_batch using (policy_id, batch, pilot_year)"
            " where list_contains(?, roster_id)",
            [entries],
        ).fetchall()
        dates = [row[0 if rule.endswith("pilot_year") else 1] for row in years]
        assert (min(dates) if dates else None) == since


# ---- what there is not


REFUSED_TRACES = {
    "city": (("亚特兰蒂斯", 2015, "gdp"), ["no city is called", "亚特兰蒂斯", "six-digit code"]),
    "city nearly": (("xiangyan", 2015, "gdp"), ["nearest: Xiangyang (420600)"]),
    "indicator": (
        ("襄阳市", 2015, "happiness"),
        ["no indicator, index, policy or column", "'happiness'", "marts.dim_indicator"],
    ),
    "indicator nearly": (("襄阳市", 2015, "生产总值"), ["nearest: 地区生产总值 (gdp)"]),
    "column nearly": (
        ("襄阳市", 2015, "efficiency_public_service_crc"),
        ["nearest:", "efficiency_public_service_ccr"],
    ),
    "column of the districts nearly": (("襄阳市", 2015, "gdp_district"), ["gdp_districts"]),
    "fact nearly": (("襄阳市", 2015, "regoin"), ["nearest: region"]),
    "dimension nearly": (("襄阳市", 2015, "nqpf.labourers"), ["nearest: nqpf.laborers"]),
    "policy nearly": (("襄阳市", 2015, "smart-city"), ["nearest: smart_city"]),
    "scope of an index": (
        ("襄阳市", 2015, "nqpf", "--scope", "total"),
        ["index_nqpf has no scope", "leave --scope out"],
    ),
    "two scopes": (
        ("襄阳市", 2015, "gdp_districts", "--scope", "total"),
        ["gdp_districts is gdp of scope districts"],
    ),
    "year": (
        ("襄阳市", 1950, "gdp"),
        ["no value of gdp", "420600", "1950", "quarantine", "to 2022 (total)", "(districts)"],
    ),
    "year of a ratio": (("襄阳市", 1950, "urbanisation"), ["no value of urbanisation"]),
    "year of a fact": (
        ("襄阳市", 1950, "region"),
        ["no row of 420600 in 1950 in marts.city_year; it has 14 of 2009 to 2022"],
    ),
    "year of a policy": (("襄阳市", 1950, "smart_city"), ["no row of 420600 in 1950"]),
    "figure that nobody has": (
        ("襄阳市", 2015, "gdp_index"),
        ["no value of gdp_index", "there are none of any year"],
    ),
}


@pytest.mark.parametrize("case", REFUSED_TRACES)
def test_trace_says_what_it_does_not_know(
    case: str, citypanel: CommandLine, sample: Refreshed
) -> None:
    arguments, expected = REFUSED_TRACES[case]
    said = citypanel.run("trace", *arguments, "--release", sample.release)
    assert said.code == 2
    assert "Traceback" not in said.said
    assert not said.out
    for words in expected:
        assert words in said.err, said.err


def test_names_of_columns_stand_for_one_number(sample_db: duckdb.DuckDBPyConnection) -> None:
    """Whatever a fact is called, no indicator or index is called the same."""
    columns = {*attributes.CITY_FACTS, *attributes.ATTRIBUTES}
    called = sample_db.execute(names.CATALOGUE).fetchall()
    assert not columns & {name for name, *_ in called}
    whole = [row[1] for row in called if row[0] == row[1] and row[2] != "policy"]
    assert len(whole) == len(set(whole))
