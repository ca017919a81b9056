"""Seeds of policies and published tables: counts reconcile, nothing is lost from their sources.

What belongs here: policy, policy_batch, policy_roster and the published_* seeds. Their form (keys,
order, properties) is tested with the places.
"""

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest

Row = dict[str, str]

# t values are printed with three digits after the point, F with two
F_TOLERANCE = 0.02


def read_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def seed(repo_dir: Path) -> dict[str, list[Row]]:
    names = [
        "city",
        "city_status",
        "policy",
        "policy_batch",
        "policy_roster",
        "published_estimate",
        "published_fit",
        "published_index_weight",
        "published_threshold_test",
    ]
    return {name: read_rows(repo_dir / "seeds" / f"{name}.csv") for name in names}


def entries(rows: list[Row]) -> set[str]:
    """Entries of a roster: a cluster of cities has several rows and is one entry."""
    return {f"{r['province_zh']} {r['official_name']}" for r in rows}


# --- rosters ----------------------------------------------------------------------------------


def test_first_smart_city_batch_is_complete(seed: dict[str, list[Row]]) -> None:
    (batch,) = (
        b for b in seed["policy_batch"] if (b["policy_id"], b["batch"]) == ("smart_city", "1")
    )
    rows = [r for r in seed["policy_roster"] if (r["policy_id"], r["batch"]) == ("smart_city", "1")]
    assert len(entries(rows)) == int(batch["entities_announced"]) == 90
    assert sum(r["covers"] == "whole" for r in rows) == int(batch["prefecture_level"]) == 37
    towns = sum(r["entity_type"] == "town" for r in rows)
    assert towns == int(batch["towns"]) == 3
    parts = sum(r["covers"] == "part" for r in rows) - towns
    assert parts == int(batch["districts_counties"]) == 50
    assert {r["evidence"] for r in rows} == {"reconciled"}


def test_later_smart_city_batches_do_not_claim_to_be_complete(seed: dict[str, list[Row]]) -> None:
    announced = {b["batch"]: b for b in seed["policy_batch"] if b["policy_id"] == "smart_city"}
    listed: dict[str, list[Row]] = defaultdict(list)
    for row in seed["policy_roster"]:
        if row["policy_id"] == "smart_city":
            listed[row["batch"]].append(row)
    assert set(listed) == set(announced) == {"1", "2", "3"}
    for batch, count in (("2", 41), ("3", 19)):
        assert len(entries(listed[batch])) == count < int(announced[batch]["entities_announced"])
        assert {r["evidence"] for r in listed[batch]} == {"unconfirmed"}
        assert {r["covers"] for r in listed[batch]} == {"whole"}


@pytest.mark.parametrize("year", ["2014", "2015", "2016"])
def test_broadband_batches_have_39_entries(seed: dict[str, list[Row]], year: str) -> None:
    (batch,) = (b for b in seed["policy_batch"] if b["batch"] == year)
    rows = [r for r in seed["policy_roster"] if r["batch"] == year]
    assert {r["policy_id"] for r in rows} == {"broadband_china"}
    assert len({r["official_name"] for r in rows}) == int(batch["entities_announced"]) == 39
    assert batch["announced_on"] == ""


def test_the_cluster_is_three_whole_cities(seed: dict[str, list[Row]]) -> None:
    rows = [r for r in seed["policy_roster"] if r["entity_type"] == "city_cluster"]
    assert {(r["city_code"], r["prefecture_zh"]) for r in rows} == {
        ("430100", "长沙市"),
        ("430200", "株洲市"),
        ("430300", "湘潭市"),
    }
    assert {r["covers"] for r in rows} == {"whole"}


def test_whole_entries_have_a_place_of_the_pilot_year(seed: dict[str, list[Row]]) -> None:
    spans: dict[str, list[Row]] = defaultdict(list)
    for row in seed["city_status"]:
        spans[row["city_code"]].append(row)
    provinces = {c["city_code"]: c["province_zh"] for c in seed["city"]}
    without = {r["official_name"] for r in seed["policy_roster"] if not r["city_code"]}
    assert without == {"万宁市", "阿拉尔市"}  # county-level, governed by the province
    for row in seed["policy_roster"]:
        assert row["covers"] in ("whole", "part")
        if not row["city_code"]:
            assert (row["covers"], row["prefecture_zh"]) == ("part", "")
            continue
        assert provinces[row["city_code"]] == row["province_zh"], row
        year = int(row["pilot_year"])
        (current,) = (
            s
            for s in spans[row["city_code"]]
            if int(s["year_from"]) <= year <= int(s["year_to"] or 9999)
        )
        names = {s["official_name"] for s in spans[row["city_code"]]}
        assert row["prefecture_zh"] in names, row
        if row["covers"] == "whole":
            if row["entity_type"] != "city_cluster":
                assert row["official_name"] == row["prefecture_zh"], row
            if row["entity_type"] == "province_governed_city":
                assert current["level"] == "province_governed"
            else:
                assert current["level"] != "province_governed", row
        else:
            assert row["official_name"] != row["prefecture_zh"], row


def test_no_place_is_whole_twice_in_one_policy(seed: dict[str, list[Row]]) -> None:
    whole = Counter(
        (r["policy_id"], r["city_code"]) for r in seed["policy_roster"] if r["covers"] == "whole"
    )
    assert [k for k, n in whole.items() if n > 1] == []


def test_pilot_year_is_that_of_the_batch(seed: dict[str, list[Row]]) -> None:
    years = {(b["policy_id"], b["batch"]): b["pilot_year"] for b in seed["policy_batch"]}
    assert {b["policy_id"] for b in seed["policy_batch"]} == {
        p["policy_id"] for p in seed["policy"]
    }
    for row in seed["policy_roster"]:
        assert row["pilot_year"] == years[(row["policy_id"], row["batch"])]
        assert row["roster_id"].startswith(f"{row['policy_id']}_{row['batch']}_")


@pytest.mark.real
def test_rosters_hold_every_row_of_their_files(
    seed: dict[str, list[Row]], shared_dir: Path
) -> None:
    by_id = {r["roster_id"]: r for r in seed["policy_roster"]}
    expected = {}
    seen: Counter[str] = Counter()
    for r in read_rows(shared_dir / "policies/smart_city.csv"):
        seen[stem := f"smart_city_{r['batch']}"] += 1
        key = f"{stem}_{seen[stem]:03d}"
        expected[key] = (r["province"], r["entity"], r["entity_type"], r["prefecture"])
        assert by_id[key]["evidence"] == r["evidence"]
        assert by_id[key]["province_zh"] == r["province"]
    for r in read_rows(shared_dir / "policies/broadband_china.csv"):
        seen[stem := f"broadband_china_{r['batch_year']}"] += 1
        key = f"{stem}_{seen[stem]:03d}"
        province = by_id[key]["province_zh"]  # the file has none
        expected[key] = (province, r["official_name"], r["entity_type"], r["prefecture"])
    columns = ("province_zh", "official_name", "entity_type", "prefecture_zh")
    assert {k: tuple(r[c] for c in columns) for k, r in by_id.items()} == expected


@pytest.mark.real
def test_batches_are_those_of_their_file(seed: dict[str, list[Row]], shared_dir: Path) -> None:
    ours = [
        {k: v for k, v in b.items() if k != "policy_id"}
        for b in seed["policy_batch"]
        if b["policy_id"] == "smart_city"
    ]
    assert ours == read_rows(shared_dir / "policies/smart_city_batches.csv")


# --- published tables -------------------------------------------------------------------------


def test_one_regressor_columns_satisfy_f_equal_to_t_squared(seed: dict[str, list[Row]]) -> None:
    fit = {
        (r["column_no"], r["statistic"]): r for r in seed["published_fit"] if r["table_no"] == "2"
    }
    for column in ("1", "3", "4"):
        (did,) = (
            r
            for r in seed["published_estimate"]
            if (r["table_no"], r["column_no"], r["term"]) == ("2", column, "did")
        )
        f = float(fit[(column, "f")]["value"])
        assert float(did["t_value"]) ** 2 == pytest.approx(f, abs=F_TOLERANCE), column


def test_weights_are_15_and_add_up_to_what_is_printed(seed: dict[str, list[Row]]) -> None:
    rows = seed["published_index_weight"]
    assert len(rows) == 15
    assert round(sum(float(r["weight"]) for r in rows), 3) == 0.992
    assert Counter(r["dimension"] for r in rows) == {
        "laborers": 3,
        "means_of_labor": 5,
        "objects_of_labor": 7,
    }
    assert {r["direction"] for r in rows} == {"+"}


def test_published_panel_is_285_cities_and_14_years(seed: dict[str, list[Row]]) -> None:
    n = {
        (r["table_no"], r["column_no"]): int(r["value"])
        for r in seed["published_fit"]
        if r["statistic"] == "n"
    }
    assert {n[("2", str(c))] for c in range(1, 6)} == {285 * 14}


def test_the_only_standard_error_is_in_table_6(seed: dict[str, list[Row]]) -> None:
    rows = [r for r in seed["published_estimate"] if r["std_error_printed"]]
    assert [(r["table_no"], r["term"], r["t_value"]) for r in rows] == [("6", "did", "")]
    blank = [r for r in seed["published_estimate"] if not r["t_value"]]
    assert blank == rows


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("published_estimate", "estimates.csv"),
        ("published_fit", "fit_statistics.csv"),
        ("published_index_weight", "table1_index_system.csv"),
        ("published_threshold_test", "table5_threshold_tests.csv"),
    ],
)
def test_published_tables_hold_every_row(
    seed: dict[str, list[Row]], shared_dir: Path, name: str, file: str
) -> None:
    rename = {"table": "table_no", "column": "column_no"}
    expected = [
        {rename.get(k, k): v for k, v in r.items()} for r in read_rows(shared_dir / "paper" / file)
    ]
    ours = [{k: v for k, v in r.items() if k != "paper_id"} for r in seed[name]]
    assert {r["paper_id"] for r in seed[name]} == {"zhu_chen_2025"}

    def order(row: Row) -> list[str]:
        return list(row.values())

    assert sorted(ours, key=order) == sorted(expected, key=order)
