"""Corrections, decisions on cities, gaps and revisions, from two small editions to the marts."""

from pathlib import Path

import pytest

from orchestration.refresh.dbt_runner import DbtFailure
from orchestration.trace import cell_lines, trace_lines

JINAN, LAIWU, SHIJIAZHUANG = "370100", "371200", "130100"
# Figures of the page in 100 million yuan are held in 10,000 yuan.
RIGHT = (
    f"insert into seed.correction values ('k-right', '{JINAN}', 2018, 'gdp', 'total', 900000, 950000,"
    " 'digit misprinted', 'errata of the publisher', 'the editor')"
)
STALE = (
    f"insert into seed.correction values ('k-stale', '{JINAN}', 2018, 'gdp', 'total', 880000, 950000,"
    " 'digit misprinted', 'errata of the publisher', 'the editor')"
)


@pytest.fixture(scope="module")
def built(staged, tmp_path_factory):
    """The stage of indicators, with one correction that still holds."""
    warehouse = staged.copy(tmp_path_factory.mktemp("health_built"), [RIGHT])
    warehouse.build_indicators()
    return warehouse


def gdp(warehouse, city):
    """(year, value, kind) of a city's GDP."""
    return warehouse.ask(
        "select year, value, value_kind from marts.indicator_value"
        f" where city_code = '{city}' and indicator_code = 'gdp' order by year"
    )


# ---- corrections


def test_a_correction_is_applied_and_flagged(built):
    found = built.ask(
        "select value, value_kind, is_corrected, published_value, correction_id, correction_reason,"
        " cell_text from marts.number_lineage"
        " inner join marts.indicator_value as value using (city_code, year, indicator_code, scope, value,"
        " value_kind) where value_kind = 'corrected'"
    )
    assert found == [(950000.0, "corrected", True, 900000.0, "k-right", "digit misprinted", "90.0")]
    others = [row for row in gdp(built, JINAN) if row[0] != 2018]
    assert {kind for _, _, kind in others} == {"observed"}


def test_the_story_of_a_corrected_value_names_its_correction(built):
    story = "\n".join(trace_lines(built.path, "济南市", 2018, "gdp"))
    assert "[corrected]" in story
    assert "corrected from 900000 to 950000 by k-right: digit misprinted" in story
    assert "亿元 x 10000" in story


def test_a_correction_stops_the_build_when_the_source_changed(staged, tmp_path: Path):
    warehouse = staged.copy(tmp_path, [STALE])
    with pytest.raises(DbtFailure) as failure:
        warehouse.build_indicators()
    said = str(failure.value)
    assert "corrections_still_needed" in said
    assert "k-stale" in said
    assert "900000" in said  # what the source says now
    assert "renew" in said
    released = warehouse.ask(
        "select count(*) from duckdb_tables() where table_name = 'indicator_value'"
    )
    assert released == [(0,)]  # nothing downstream was made


# ---- gaps


def test_gaps_are_filled_inside_the_series_only(built):
    assert gdp(built, SHIJIAZHUANG) == [
        (2010, 1_100_000.0, "observed"),
        (2011, 1_150_000.0, "interpolated"),  # midway between 110 and 120
        (2012, 1_200_000.0, "observed"),
        # 2013 to 2015 are three years, one more than the rule allows; nothing before 2010 or after 2017.
        (2016, 1_600_000.0, "observed"),
        (2017, 1_700_000.0, "observed"),
    ]
    assert built.ask(
        "select fill_method, neighbour_year_before, neighbour_year_after, neighbour_cell_before is not null"
        " from marts.number_lineage where value_kind = 'interpolated'"
    ) == [("linear", 2010, 2012, True)]
    assert built.ask(
        "select figures, interpolated, share from marts.imputed_share"
        f" where grouped_by = 'city' and city_code = '{SHIJIAZHUANG}'"
    ) == [(5, 1, 0.2)]


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("after the last year", "year = 2018, neighbour_year_after = 2019"),
        ("before the first year", "year = 2009"),
        (
            "in too long a gap",
            "year = 2014, neighbour_year_before = 2012, neighbour_year_after = 2016",
        ),
        ("by another method", "fill_method = 'spline'"),
        ("without a neighbour", "neighbour_year_before = null"),
    ],
)
def test_a_figure_filled_otherwise_fails_the_build(built, tmp_path: Path, what: str, change: str):
    broken = f"update marts.indicator_value set {change} where value_kind = 'interpolated'"
    warehouse = built.copy(tmp_path, [broken])
    with pytest.raises(DbtFailure, match="interpolation_stays_inside_the_series"):
        warehouse.dbt("test", "--select", "interpolation_stays_inside_the_series")


def test_a_printed_figure_that_changed_fails_the_build(built, tmp_path: Path):
    warehouse = built.copy(
        tmp_path,
        [
            "update marts.indicator_value set value = value * (1 + 1e-15) where value_kind = 'observed'"
        ],
    )
    with pytest.raises(DbtFailure, match="unimputed_values_never_change"):
        warehouse.dbt("test", "--select", "unimputed_values_never_change")


# ---- revisions and health


def test_revisions_show_first_and_last_value(built):
    assert built.ask(
        "select city_code, year, edition_list, first_value, last_value, round(relative_change, 12),"
        " is_revised, is_source_kept from marts.observation_revision order by city_code"
    ) == [
        (SHIJIAZHUANG, 2010, "2017, 2018", 1_000_000.0, 1_100_000.0, 0.1, True, True),
        (JINAN, 2011, "2017, 2018", 550_000.0, 550_000.0, 0.0, False, True),
    ]


def test_health_adds_up(built):
    totals = dict(built.ask("select measure, value from marts.input_health where detail = 'all'"))
    assert totals == {
        "files": 2,
        "files_refused": 0,
        "cells": 2 * 3 + 3 * 13,  # two headings and thirteen rows of three
        "figures_resolved": 12,
        "figures_quarantined": 1,
        "values_released": 11,  # 12 less two of them published twice, and one filled
        "values_interpolated": 1,
        "values_corrected": 1,
        "figures_revised": 1,
        "source_disagreements": 0,
    }
    assert (
        built.ask(
            "select measure from marts.input_health group by measure"
            " having sum(value) filter (where detail <> 'all') <> max(total)"
        )
        == []
    )


# ---- cities


def test_a_merger_is_listed_with_its_decision(built):
    assert built.ask(
        "select from_code, to_code, decision, figures_from, figures_to, touches_panel"
        " from marts.city_event_decision where kind = 'merge' and year = 2019"
    ) == [(LAIWU, JINAN, "keep_apart", 2, 4, True)]
    assert [year for year, _, _ in gdp(built, LAIWU)] == [2010, 2011]


def test_a_dropped_city_leaves_the_panel_with_a_reason(staged, tmp_path: Path):
    warehouse = staged.copy(
        tmp_path,
        [
            f"update seed.city_event set decision = 'drop' where from_code = '{LAIWU}' and kind = 'merge'"
        ],
    )
    warehouse.build_indicators()
    assert gdp(warehouse, LAIWU) == []
    assert len(gdp(warehouse, JINAN)) == 4
    assert warehouse.ask(
        "select city_name_printed, statistic_year, value_text from marts.quarantine"
        " where reason = 'dropped_by_decision' order by statistic_year"
    ) == [("莱芜市", 2010, "8.0"), ("莱芜市", 2011, "9.0")]
    assert warehouse.ask(
        f"select touches_panel from marts.city_event_decision where from_code = '{LAIWU}' and kind = 'merge'"
    ) == [(True,)]


MERGED = f"update seed.city_event set decision = 'add_into' where from_code = '{LAIWU}' and kind = 'merge'"


@pytest.fixture(scope="module")
def merged(staged, tmp_path_factory):
    """The stage of indicators, with 莱芜 added into 济南 and its GDP of 2011 corrected from 9 to 10."""
    warehouse = staged.copy(
        tmp_path_factory.mktemp("health_merged"),
        [
            MERGED,
            f"insert into seed.correction values ('k-part', '{LAIWU}', 2011, 'gdp', 'total', 90000,"
            " 100000, 'misprint', 'errata', 'the editor')",
        ],
    )
    warehouse.build_indicators()
    return warehouse


def test_a_merged_city_is_added_into_the_one_that_took_it_in(merged):
    # 济南 2010: 50, 2011: 55, 2018: 90, 2019: 99; 莱芜 2010: 8, 2011: 10 as corrected; nothing of it in 2018.
    assert gdp(merged, JINAN) == [
        (2010, 580_000.0, "added"),
        (2011, 650_000.0, "added"),
        (2019, 990_000.0, "observed"),  # from the year of the merger on it is as printed
    ]
    assert gdp(merged, LAIWU) == []
    assert merged.ask(
        "select figures_from, figures_to, figures_added, figures_left_out, figures_without_partner"
        f" from marts.city_event_decision where from_code = '{LAIWU}' and kind = 'merge'"
    ) == [(2, 4, 2, 0, 1)]
    assert merged.ask(
        "select detail, value from marts.input_health"
        " where measure = 'values_released' and detail in ('added', 'all') order by detail"
    ) == [("added", 2), ("all", 8)]  # 5 of 石家庄 and 3 of 济南


def test_both_cells_of_an_added_figure_are_found(merged):
    rows = merged.ask(
        "select cell_id, merged_cells, published_value, cell_text from marts.number_lineage"
        " where value_kind = 'added' and year = 2011"
    )
    parts = merged.ask(
        "select role, input_city_code, input_value, input_value_kind, input_cell_id"
        " from marts.number_input where year = 2011 order by role desc"
    )
    assert [part[:4] for part in parts] == [
        ("own_part", JINAN, 550_000.0, "observed"),
        ("merged_part", LAIWU, 100_000.0, "corrected"),
    ]
    assert rows == [(parts[0][4], parts[1][4], 550_000.0, "55.0")]
    story = "\n".join(trace_lines(merged.path, "济南市", 2011, "gdp"))
    assert "= 650000 10_000_yuan  [added]" in story
    assert f"莱芜市 ({LAIWU}), added by 2019-merge-{LAIWU}-{JINAN}" in story
    assert "corrected from 90000 to 100000 by k-part" in story
    assert "'55.0'" in story
    assert "'9.0'" in story
    *_, told, more = cell_lines(merged.path, parts[1][4])
    assert told == f"released: added into {JINAN} by a decision of seeds/city_event.csv"
    assert more == f"more:   citypanel trace {JINAN} 2011 gdp --scope total"
    *_, told = cell_lines(
        merged.path,
        merged.ask(
            "select cell_id from intermediate.int_city_year__merger where outcome = 'partner_missing'"
        )[0][0],
    )
    assert told.startswith(
        "released: no; it left the panel: the figure of another part of 370100 is missing"
    )


@pytest.mark.parametrize(
    ("city", "year", "told"),
    [
        ("济南市", 2018, "the figure of another part of 370100 is missing"),
        ("莱芜市", 2010, "added into that of 370100"),
    ],
)
def test_a_figure_that_left_by_a_merger_is_explained(merged, city, year, told):
    with pytest.raises(LookupError, match=told):
        list(trace_lines(merged.path, city, year, "gdp"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("decision = 'add_into', kind = 'split'", "only a place that went wholly into another"),
        ("decision = 'add_into', to_code = null", "needs the codes of two places"),
        ("decision = 'same_city'", "never joined by themselves"),
        ("reason = ' '", "state the reason"),
        ("decision = null", "never joined by themselves"),
    ],
)
def test_a_decision_that_nobody_carries_out_is_refused(
    staged, tmp_path: Path, change: str, told: str
):
    warehouse = staged.copy(
        tmp_path,
        [f"update seed.city_event set {change} where from_code = '{LAIWU}' and kind = 'merge'"],
    )
    with pytest.raises(DbtFailure) as failure:
        warehouse.dbt("test", "--select", "city_decisions_can_be_carried_out")
    said = " ".join(str(failure.value).split())
    assert f"2019-merge-{LAIWU}-{JINAN}" in said
    assert told in said
