"""Seeds of places: spans, names and events agree with each other and with the files they restate.

What belongs here: province, city, city_status, city_alias, city_event, city_district_change, and
the form of every seed of `_seeds_places_policies.yml`. Rosters and published tables have a module
of their own.
"""

import csv
import io
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

YEARS = range(1995, 2025)
PREFECTURE_CITY = {"municipality", "prefecture_city"}
PREFECTURE_LEVEL = PREFECTURE_CITY | {"prefecture", "autonomous_prefecture", "league"}

KEYS = {
    "province": ["province_code"],
    "city": ["city_code"],
    "city_coordinate": ["city_code"],
    "city_status": ["city_code", "year_from"],
    "city_alias": ["alias", "city_code", "province_zh", "year_from"],
    "city_event": ["event_id"],
    "city_district_change": ["city_code", "year"],
    "policy": ["policy_id"],
    "policy_batch": ["policy_id", "batch"],
    "policy_roster": ["roster_id"],
    "published_estimate": ["paper_id", "table_no", "column_no", "term"],
    "published_fit": ["paper_id", "table_no", "column_no", "statistic"],
    "published_index_weight": ["paper_id", "indicator"],
    "published_threshold_test": ["paper_id", "thresholds"],
}

Row = dict[str, str]


def read_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def printed(text: object) -> str:
    """A printed name as it is compared with an alias: no white space, no zero-width character."""
    return "".join(c for c in str(text) if not c.isspace() and unicodedata.category(c) != "Cf")


class Places:
    """The seeds of places with the look-up that staging does in SQL."""

    def __init__(self, folder: Path) -> None:
        self.province = read_rows(folder / "province.csv")
        self.city = {r["city_code"]: r for r in read_rows(folder / "city.csv")}
        self.alias = read_rows(folder / "city_alias.csv")
        self.event = read_rows(folder / "city_event.csv")
        self.status: dict[str, list[Row]] = defaultdict(list)
        for row in read_rows(folder / "city_status.csv"):
            self.status[row["city_code"]].append(row)
        self.by_alias: dict[str, list[Row]] = defaultdict(list)
        for row in self.alias:
            self.by_alias[row["alias"]].append(row)

    def matches(self, name: str, year: int, province: str = "") -> list[Row]:
        return [
            r
            for r in self.by_alias.get(printed(name), [])
            if int(r["year_from"] or 0) <= year <= int(r["year_to"] or 9999)
            and r["province_zh"] in ("", province)
        ]

    def resolve(self, name: str, year: int, province: str = "") -> str | None:
        """The one place that a name stands for, None when there is none; two are an error."""
        found = {r["city_code"] for r in self.matches(name, year, province)}
        assert len(found) <= 1, f"{name} in {year} ({province or 'no province'}): {found}"
        return found.pop() if found else None

    def at(self, city_code: str, year: int) -> Row | None:
        for row in self.status[city_code]:
            if int(row["year_from"]) <= year <= int(row["year_to"] or 9999):
                return row
        return None

    def levels(self, year: int, levels: Iterable[str]) -> set[str]:
        wanted = set(levels)
        return {c for c in self.city if (row := self.at(c, year)) and row["level"] in wanted}


@pytest.fixture(scope="module")
def places(repo_dir: Path) -> Places:
    return Places(repo_dir / "seeds")


# --- form -------------------------------------------------------------------------------------


def sort_value(text: str) -> tuple[int, int, str]:
    """Codes and names sort as text, years and numbers of tables as numbers; empty comes first."""
    return (1, int(text), "") if re.fullmatch(r"\d{1,4}", text) else (2 if text else 0, 0, text)


@pytest.mark.parametrize("name", sorted(KEYS))
def test_file_is_plain_sorted_and_without_duplicate_keys(repo_dir: Path, name: str) -> None:
    data = (repo_dir / "seeds" / f"{name}.csv").read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    table = list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table)
    assert out.getvalue().encode() == data, "quotes only where needed"
    header, body = table[0], table[1:]
    assert body
    assert {len(r) for r in body} == {len(header)}
    assert not [c for r in body for c in r if c != c.strip()]
    keys = [tuple(sort_value(r[header.index(k)]) for k in KEYS[name]) for r in body]
    assert keys == sorted(keys)
    assert len(keys) == len(set(keys))


def test_properties_describe_these_seeds_and_type_every_column(repo_dir: Path) -> None:
    spec = yaml.safe_load((repo_dir / "seeds/_seeds_places_policies.yml").read_text("utf-8"))
    seeds = {s["name"]: s for s in spec["seeds"]}
    assert set(seeds) == set(KEYS)
    for name, seed in seeds.items():
        with (repo_dir / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        assert [c["name"] for c in seed["columns"]] == header, name
        assert all(c["description"].strip() for c in [*seed["columns"], seed]), name
        types = seed["config"]["column_types"]
        assert list(types) == header, name
        assert {types[c] for c in header if c.endswith(("_code", "_id", "code_at_time"))} <= {
            "varchar"
        }, name


# --- provinces and cities ---------------------------------------------------------------------


def test_regions_have_their_usual_sizes(places: Places) -> None:
    assert Counter(p["region"] for p in places.province) == {"east": 11, "central": 8, "west": 12}
    assert Counter(p["region_four"] for p in places.province) == {
        "east": 10,
        "central": 6,
        "west": 12,
        "northeast": 3,
    }
    moved = {p["short_zh"] for p in places.province if p["region"] != p["region_four"]}
    assert moved == {"辽宁", "吉林", "黑龙江"}


def test_city_repeats_its_province(places: Places) -> None:
    provinces = {p["province_code"]: p for p in places.province}
    for city in places.city.values():
        province = provinces[city["city_code"][:2] + "0000"]
        assert city["province_code"] == province["province_code"]
        assert city["province_zh"] == province["name_zh"]
        assert (city["region"], city["region_four"]) == (
            province["region"],
            province["region_four"],
        )


def test_flags_count_what_they_say(places: Places) -> None:
    flags = {
        flag: {c["name_zh"] for c in places.city.values() if c[flag] == "true"}
        for flag in ("is_municipality", "is_provincial_capital", "is_subprovincial")
    }
    assert flags["is_municipality"] == {"北京市", "天津市", "上海市", "重庆市"}
    # 22 provinces and 5 autonomous regions, each with one capital
    assert len(flags["is_provincial_capital"]) == 27
    capitals = [c for c in places.city.values() if c["is_provincial_capital"] == "true"]
    assert len({c["province_code"] for c in capitals}) == 27
    assert len(flags["is_subprovincial"]) == 15
    assert flags["is_subprovincial"] - flags["is_provincial_capital"] == {
        "大连市",
        "青岛市",
        "宁波市",
        "厦门市",
        "深圳市",
    }


def test_spans_join_and_end_with_the_city(places: Places) -> None:
    assert set(places.status) == set(places.city)
    for code, spans in places.status.items():
        city = places.city[code]
        for before, after in pairwise(spans):
            assert int(before["year_to"]) + 1 == int(after["year_from"]), code
            changed = [
                k for k in ("official_name", "level", "code_at_time") if before[k] != after[k]
            ]
            assert changed, f"{code}: two spans without a change"
        last = spans[-1]
        assert city["first_year"] == spans[0]["year_from"]
        assert city["last_year"] == last["year_to"]
        assert (city["name_zh"], city["level"]) == (last["official_name"], last["level"])
        if code != "512300":  # Fuling: its last code went to Meishan
            assert last["code_at_time"] == code


def test_a_code_belongs_to_one_place_at_a_time(places: Places) -> None:
    users: dict[str, set[str]] = defaultdict(set)
    for year in YEARS:
        codes = [row["code_at_time"] for c in places.city if (row := places.at(c, year))]
        assert len(codes) == len(set(codes)), year
    for code, spans in places.status.items():
        for span in spans:
            users[span["code_at_time"]].add(code)
    assert {c for c, u in users.items() if len(u) > 1} == {"452400", "511400"}


def test_the_published_panel_has_285_cities(places: Places) -> None:
    always = set(places.city)
    for year in range(2009, 2023):
        always &= places.levels(year, PREFECTURE_CITY)
    assert len(always) == 285
    assert len(places.levels(2009, PREFECTURE_CITY)) == 287
    assert places.levels(2009, PREFECTURE_CITY) - always == {"341400", "371200"}  # 巢湖, 莱芜
    # 毕节 and 铜仁 became cities in 2011, 三沙 in 2012: too late for the panel
    assert always.isdisjoint({"520500", "520600", "460300", "460400", "630200"})


@pytest.mark.parametrize(
    ("code", "year", "expected"),
    [
        ("420600", 2009, ("襄樊市", "prefecture_city", "420600")),
        ("420600", 2010, ("襄阳市", "prefecture_city", "420600")),
        ("530800", 2006, ("思茅市", "prefecture_city", "530800")),
        ("530800", 2007, ("普洱市", "prefecture_city", "530800")),
        ("520500", 2010, ("毕节地区", "prefecture", "522400")),
        ("520500", 2011, ("毕节市", "prefecture_city", "520500")),
        ("500000", 1996, ("重庆市", "prefecture_city", "510200")),
        ("500000", 1997, ("重庆市", "municipality", "500000")),
        ("371200", 2018, ("莱芜市", "prefecture_city", "371200")),
        ("460400", 2014, ("儋州市", "province_governed", "469003")),
        ("460400", 2015, ("儋州市", "prefecture_city", "460400")),
        ("630200", 2012, ("海东地区", "prefecture", "632100")),
        ("630200", 2013, ("海东市", "prefecture_city", "630200")),
        ("540500", 2015, ("山南地区", "prefecture", "542200")),
        ("540600", 2017, ("那曲地区", "prefecture", "542400")),
        ("540600", 2018, ("那曲市", "prefecture_city", "540600")),
    ],
)
def test_well_known_changes(
    places: Places, code: str, year: int, expected: tuple[str, str, str]
) -> None:
    row = places.at(code, year)
    assert row is not None
    assert (row["official_name"], row["level"], row["code_at_time"]) == expected


@pytest.mark.parametrize(
    ("code", "year"), [("341400", 2011), ("371200", 2019), ("460300", 2011), ("654100", 2001)]
)
def test_places_that_are_not_there(places: Places, code: str, year: int) -> None:
    assert places.at(code, year) is None


# --- names ------------------------------------------------------------------------------------


def test_no_name_fits_two_places(places: Places) -> None:
    provinces = ["", *(p["name_zh"] for p in places.province)]
    for name in {r["alias"] for r in places.alias}:
        for province in provinces:
            # spans change only at their ends: these years stand for all others
            ends = {1980, 2040}
            for r in places.by_alias[name]:
                ends |= {int(r["year_from"] or 1980), int(r["year_to"] or 2040)}
            for year in ends:
                places.resolve(name, year, province)


def test_alias_rows_stay_within_the_life_of_their_place(places: Places) -> None:
    for row in places.alias:
        last = places.city[row["city_code"]]["last_year"]
        if last:
            assert row["year_to"], f"{row['alias']} outlives its place"
            assert int(row["year_to"]) <= int(last), row["alias"]


def test_aliases_are_written_as_they_are_compared(places: Places) -> None:
    assert not [r["alias"] for r in places.alias if r["alias"] != printed(r["alias"])]


def test_a_province_is_not_taken_for_a_city(places: Places) -> None:
    municipalities = {c["city_code"] for c in places.city.values() if c["level"] == "municipality"}
    for province in places.province:
        for name in (province["name_zh"], province["short_zh"]):
            for year in (1996, 2010, 2024):
                found = places.resolve(name, year, province["name_zh"])
                if province["province_code"] in municipalities:
                    assert found == province["province_code"]
                else:
                    assert found is None, name
                    assert places.resolve(name, year) is None, name


def test_official_names_resolve_over_time_and_say_so(places: Places) -> None:
    for code in places.city:
        for year in YEARS:
            row = places.at(code, year)
            if row is None:
                continue
            found = places.matches(row["official_name"], year)
            assert {r["city_code"] for r in found} == {code}, row
            assert "official" in {r["kind"] for r in found}, row
    for row in places.alias:
        if row["kind"] == "official":
            spans = places.status[row["city_code"]]
            years = [y for y in YEARS if any(_spans(r, y, row["alias"]) for r in spans)]
            assert int(row["year_from"] or YEARS[0]) >= years[0], row
            assert int(row["year_to"] or YEARS[-1]) <= years[-1], row


def _spans(row: Row, year: int, name: str) -> bool:
    inside = int(row["year_from"]) <= year <= int(row["year_to"] or 9999)
    return inside and row["official_name"] == name


@pytest.mark.parametrize(
    ("name", "year", "province", "expected"),
    [
        ("襄樊市", 2005, "", "420600"),
        ("襄樊", 2012, "", "420600"),
        ("襄阳市", 2005, "", "420600"),
        ("思茅市", 2012, "", "530800"),
        ("普洱（思茅）", 2012, "", "530800"),
        ("淮阴市", 1999, "", "320800"),
        ("毕节", 2003, "", "520500"),
        ("毫州市", 2005, "", "341600"),
        ("安徽安庆", 2005, "", "340800"),
        ("新疆阿克苏", 2010, "", "652900"),
        ("湖北恩施州", 2010, "", "422800"),
        ("吉林吉林", 2010, "", "220200"),
        ("吉林市", 2010, "吉林省", "220200"),
        ("大兴安岭", 2010, "", "232700"),
        ("阿坝州", 2010, "", "513200"),
        ("阿坝藏族自治州", 2010, "", "513200"),  # a name given up in 1987
        ("海南藏族自治州", 2010, "", "632500"),
        ("海南", 2010, "青海省", "632500"),
        ("海南", 2010, "海南省", None),
        ("海南", 2010, "", None),
        ("吉林", 2010, "", None),
        ("哈密\u200b\u200b", 2010, "", "650500"),  # two zero-width spaces, as a real file has it
        ("巢湖市", 2010, "", "341400"),
        ("巢湖市", 2011, "", None),
        ("巢湖市", 2015, "安徽省", None),
        ("莱芜市", 2018, "", "371200"),
        ("莱芜市", 2019, "", None),
        ("北屯", 2015, "", None),
        ("北屯", 2015, "新疆维吾尔自治区", "659005"),
        ("恩施市", 2010, "湖北省", None),
        ("大理市", 2010, "云南省", None),
        ("朝阳区", 2010, "北京市", None),
        ("宿县", 2010, "", None),
    ],
)
def test_names_that_are_easily_mistaken(
    places: Places, name: str, year: int, province: str, expected: str | None
) -> None:
    assert places.resolve(name, year, province) == expected


# --- events -----------------------------------------------------------------------------------


def test_every_change_of_name_or_level_is_one_event_of_the_same_city(places: Places) -> None:
    changes = {
        (code, int(after["year_from"]), before["official_name"], after["official_name"])
        for code, spans in places.status.items()
        for before, after in pairwise(spans)
        if (before["official_name"], before["level"]) != (after["official_name"], after["level"])
    }
    same = [e for e in places.event if e["decision"] == "same_city"]
    assert {(e["to_code"], int(e["year"]), e["from_name"], e["to_name"]) for e in same} == changes
    assert len(same) == len(changes)
    assert all(e["from_code"] == e["to_code"] for e in same)
    assert {e["kind"] for e in same} == {"rename", "upgrade"}


def test_nothing_is_joined_by_itself(places: Places) -> None:
    for event in places.event:
        if event["kind"] in ("merge", "split", "abolish", "establish"):
            assert event["decision"] != "same_city", event["event_id"]
            assert event["from_code"] != event["to_code"]
        assert event["reason"], event["event_id"]
        assert event["source"], event["event_id"]


def test_events_name_the_places_as_they_were(places: Places) -> None:
    for event in places.event:
        year = int(event["year"])
        assert year >= 1996
        if event["from_code"]:
            before = places.at(event["from_code"], year - 1)
            assert before is not None, event["event_id"]
            assert before["official_name"] == event["from_name"], event["event_id"]
        after = places.at(event["to_code"], year)
        assert after is not None, event["event_id"]
        assert after["official_name"] == event["to_name"], event["event_id"]


def test_places_come_and_go_with_an_event(places: Places) -> None:
    ended = {
        (e["from_code"], int(e["year"]) - 1)
        for e in places.event
        if places.city.get(e["from_code"], {}).get("last_year") == str(int(e["year"]) - 1)
    }
    assert ended == {
        (c["city_code"], int(c["last_year"])) for c in places.city.values() if c["last_year"]
    }
    founded = {(e["to_code"], int(e["year"])) for e in places.event if e["kind"] == "establish"}
    assert founded == {
        (c["city_code"], int(c["first_year"]))
        for c in places.city.values()
        if int(c["first_year"]) > YEARS[0]
    }


def test_chaohu_is_divided_among_three_and_laiwu_goes_to_jinan(places: Places) -> None:
    def targets(code: str) -> set[tuple[str, str, str]]:
        return {
            (e["year"], e["kind"], e["to_code"])
            for e in places.event
            if e["from_code"] == code != e["to_code"]
        }

    assert targets("341400") == {
        ("2011", "split", "340100"),
        ("2011", "split", "340200"),
        ("2011", "split", "340500"),
    }
    assert targets("371200") == {("2019", "merge", "370100")}


# --- against the files that are restated ------------------------------------------------------

# The crosswalk keeps these on the roster of 1997 although its own event of 20 December 1997
# abolishes them, and although it ends Qianjiang, abolished by the same paper, with 1996.
ROSTER_ONLY = {("万县市", 1997), ("涪陵市", 1997)}
# Prefecture-level city up to 1998 that the crosswalk leaves out; the list of codes has it.
SEED_ONLY = {"东川市"}


@pytest.mark.real
def test_year_end_roster_resolves_and_agrees(places: Places, shared_dir: Path) -> None:
    roster = read_rows(shared_dir / "admin/legal_roster_year_end_1987_2026.csv")
    by_entity: dict[str, set[str | None]] = defaultdict(set)
    names: dict[int, set[str]] = defaultdict(set)
    for row in roster:
        year = int(row["year"])
        name = row["legal_name_zh"]
        if row["status"] != "active" or year not in YEARS or (name, year) in ROSTER_ONLY:
            continue
        code = places.resolve(name, year, row["province_name_zh"])
        assert code is not None, f"{name} in {year} does not resolve"
        by_entity[row["entity_id"]].add(code)
        names[year].add(name)
        current = places.at(code, year)
        assert current is not None, f"{name} in {year}"
        assert current["official_name"] == name, f"{name} in {year}"
        assert current["level"] in PREFECTURE_LEVEL
    assert all(len(codes) == 1 for codes in by_entity.values())
    assert len({next(iter(c)) for c in by_entity.values()}) == len(by_entity)
    for year in YEARS:
        ours = {places.at(c, year)["official_name"] for c in places.levels(year, PREFECTURE_LEVEL)}
        assert ours - SEED_ONLY == names[year], year


@pytest.mark.real
def test_codes_are_in_the_list_of_codes(places: Places, shared_dir: Path) -> None:
    listed: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for row in read_rows(shared_dir / "admin/area_code_history.csv"):
        # the year of the end is the year in which the code is gone
        end = int(row["变更/弃用时间"]) - 1 if row["变更/弃用时间"] else 9999
        listed[(row["代码"], row["名称"])].append((int(row["启用时间"]), end))
    differ = set()
    for spans in places.status.values():
        for span in spans:
            key = (span["code_at_time"], span["official_name"])
            assert key in listed, key
            start, end = int(span["year_from"]), int(span["year_to"] or 9999)
            fits = [s for s in listed[key] if max(s[0], YEARS[0]) == start and s[1] == end]
            if not fits:
                differ.add(span["official_name"])
    # Nagqu: approved 2017, in force 2018. Laiwu: approved 2018, in force 2019.
    assert differ == {"那曲地区", "那曲市", "莱芜市"}


@pytest.mark.real
def test_every_event_of_the_crosswalk_is_mapped(places: Places, shared_dir: Path) -> None:
    cited = defaultdict(list)
    for event in places.event:
        if match := re.search(r"event (\S+)$", event["source"]):
            cited[match[1]].append(event)
    events = [
        e
        for e in read_rows(shared_dir / "admin/prefecture_administrative_events_1983_2026.csv")
        if int(e["year"]) >= 1996
    ]
    assert len(events) > 90
    # Chongqing ran three neighbours by proxy in 1996; no unit changed before 1997.
    assert {e["event_id"] for e in events} - set(cited) == {"WIKI-1996-073"}
    # "Upgrades" of a county-level city to a prefecture-level city of far greater area.
    new_area = {"泰州市", "宿迁市", "亳州市", "随州市"}
    for event in events:
        if event["automatic_continuity"] != "true":
            continue
        (row,) = (r for r in cited[event["event_id"]])
        if event["new_prefecture_name"] in new_area:
            assert (row["kind"], row["decision"]) == ("establish", "keep_apart")
        else:
            assert row["decision"] == "same_city", event["event_id"]
            assert row["from_name"] == event["old_prefecture_name"], event["event_id"]
        assert row["to_name"] == event["new_prefecture_name"], event["event_id"]


@pytest.mark.real
def test_relations_between_two_places_are_never_joined(places: Places, shared_dir: Path) -> None:
    pairs = {(e["from_code"], e["to_code"]): e for e in places.event}
    last_name: dict[str, tuple[str, int]] = {}
    for row in read_rows(shared_dir / "admin/legal_roster_year_end_1987_2026.csv"):
        if row["status"] == "active" and int(row["year"]) <= YEARS[-1]:
            last_name[row["entity_id"]] = (row["legal_name_zh"], int(row["year"]))
    code = {}
    for entity, (name, year) in last_name.items():
        if year >= YEARS[0]:
            year -= (name, year) in ROSTER_ONLY
            code[entity] = places.resolve(name, year)
    seen = 0
    for row in read_rows(shared_dir / "admin/unified_event_relations.csv"):
        source, target = row["from_entity_id"], row["to_entity_id"]
        if source == target or not target or source not in code:
            continue
        seen += 1
        assert pairs[(code[source], code[target])]["decision"] == "keep_apart", row
    assert seen >= 15


@pytest.mark.real
def test_county_level_units_are_not_taken_for_places(places: Places, shared_dir: Path) -> None:
    """The name of a county or county-level city resolves only before its place became a city.

    Up to then compilers who carry the later name back print it for the whole prefecture, and the
    alias row says so; from then on no county-level unit of that name is left.
    """
    compared = 0
    for row in read_rows(shared_dir / "admin/area_code_history.csv"):
        start = max(int(row["启用时间"]), YEARS[0])
        end = int(row["变更/弃用时间"]) - 1 if row["变更/弃用时间"] else YEARS[-1]
        if row["级别"] != "县级" or start > end:
            continue
        for year in {start, end}:
            compared += 1
            for match in places.matches(row["名称"], year, row["一级行政区"]):
                current = places.at(match["city_code"], year)
                own = current is not None and current["level"] == "province_governed"
                assert own or match["kind"] == "variant", (row["名称"], year, match)
    assert compared > 5000


@pytest.mark.real
def test_census_units_have_our_names_and_codes(places: Places, shared_dir: Path) -> None:
    csv.field_size_limit(10**8)  # the file carries the border of each unit in one cell
    compared = 0
    for row in read_rows(shared_dir / "admin/census_city_2010-2020_v1.csv"):
        code = places.resolve(row["city"], 2020, row["province"])
        if code is None:
            continue
        compared += 1
        if places.city[code]["level"] == "municipality":
            assert row["city_code"][:2] == code[:2]
        else:
            assert row["city_code"] == code, row["city"]
    assert compared >= 337


@pytest.mark.real
def test_district_changes_are_those_of_the_crosswalk(
    places: Places, repo_dir: Path, shared_dir: Path
) -> None:
    expected = {
        (
            places.resolve(r["prefecture_name"], int(r["year"])),
            r["year"],
            r["county_to_district_count"],
            r["district_merge_count"],
        )
        for r in read_rows(shared_dir / "admin/fixed_boundary_district_breaks_1999_2020.csv")
        if (r["county_to_district_count"], r["district_merge_count"]) != ("0", "0")
    }
    seed = read_rows(repo_dir / "seeds/city_district_change.csv")
    assert {tuple(r.values()) for r in seed} == expected


# --- against real yearbook panels -------------------------------------------------------------

# file, sheet, columns of year, province, name and code; names that must stay unresolved in full
# (or, with a year, from that year on) and why
Panel = tuple[str, str, tuple[int | None, ...], dict[str, int]]
PANELS: list[Panel] = [
    (
        "1996-2023年地级市外商直接投资FDI.xlsx",
        "Sheet1",
        (0, None, 1, None),
        # the country; a city and a province of one name with nothing to tell them apart
        {"中国": 0, "吉林": 0, "巢湖": 2011, "莱芜": 2019},
    ),
    (
        "1997-2019年290个中国城市碳排放清单 (1).xlsx",
        "emission vector",
        (2, None, 1, None),
        {},
    ),
    ("1999-2018 Cities data.xlsx", "new", (1, None, 0, None), {}),
    ("2000-2023地级市产业结构 .xlsx", "面板数据2000-2023", (0, 4, 1, 2), {}),
    (
        "296个地级市GDP相关数据（以2000年为基期）.xlsx",
        "Sheet1",
        (2, 0, 1, None),
        {"更多数据，关注淘宝店【行行文库】": 0},
    ),
    ("298个地级市人口密度1998-2024年无缺失.xlsx", "面板数据", (0, 1, 2, 4), {}),
    ("地级市碳排放强度.xlsx", "Sheet1", (0, 2, 3, 1), {}),
    (
        "金融发展水平（2003-2023）236缺失.xlsx",
        "Sheet1",
        (0, 1, 2, 4),
        {"巢湖市": 2011, "莱芜市": 2019},
    ),
]


def as_text(value: object) -> str:
    """A cell as text; whole numbers without a decimal point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def panel_names(
    path: Path, sheet: str, columns: tuple[int | None, ...]
) -> set[tuple[int, str, str, str]]:
    """Distinct (year, province, name, code) of a sheet; rows without a name are left out."""
    import python_calamine

    rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet)
    found = set()
    for row in rows.to_python()[1:]:
        year, province, name, code = (
            "" if c is None or c >= len(row) else as_text(row[c]) for c in columns
        )
        if name.strip():
            found.add((int(year) if year.isdigit() else 0, province, name, code))
    return found


@pytest.mark.real
@pytest.mark.parametrize("panel", PANELS, ids=[p[0] for p in PANELS])
def test_names_of_real_panels_resolve(places: Places, shared_dir: Path, panel: Panel) -> None:
    file, sheet, columns, unresolved = panel
    codes: dict[str, set[str]] = defaultdict(set)
    for city, spans in places.status.items():
        for span in spans:
            codes[span["code_at_time"]].add(city)
    rows = panel_names(shared_dir / "yearbooks/panels" / file, sheet, columns)
    assert len({name for _, _, name, _ in rows}) > 280
    for year, province, name, code in rows:
        found = places.resolve(name, year, province)
        if name in unresolved and year >= unresolved[name]:
            assert found is None, (name, year)
            continue
        assert found is not None, (name, year, province)
        if province:
            assert places.city[found]["province_zh"] == province, (name, year)
        if code:
            assert found in codes[code], (name, year, code)


@pytest.mark.real
def test_codes_of_the_published_measure_are_ours(places: Places, shared_dir: Path) -> None:
    rows = panel_names(
        shared_dir / "yearbooks/panels/NQPF_Data_China.xlsx", "Second A.D.", (1, None, 0, 0)
    )
    assert len({code for *_, code in rows}) == 296
    absent = {(code, year) for year, _, _, code in rows if places.at(code, year) is None}
    assert {code for *_, code in rows} <= set(places.city)
    # the measure goes on for Laiwu after it was merged into Jinan
    assert absent == {("371200", year) for year in (2019, 2020, 2021)}


@pytest.mark.real
def test_county_rows_of_the_road_panel_do_not_resolve(places: Places, shared_dir: Path) -> None:
    """The file mixes provinces, cities and county-level cities; only places may resolve."""
    rows = panel_names(
        shared_dir / "yearbooks/panels/各省+地级市+县级市人均道路面积.xlsx",
        "地级市+县级市",
        (0, 1, 3, 4),
    )
    ours = {span["code_at_time"] for spans in places.status.values() for span in spans}
    resolved = set()
    for year, province, name, code in rows:
        if places.resolve(name, year, province) is not None:
            resolved.add(name)
            assert code in ours, (name, year, code)
    left_out = {name for _, _, name, _ in rows} - resolved
    provinces = {p["short_zh"] for p in places.province}
    assert len(resolved) == 319
    assert len(left_out & provinces) == 27
    assert {"恩施", "大理", "昌吉"} <= resolved  # seats printed under the name of the prefecture
    assert {"昆山", "义乌", "延吉", "昌邑", "库尔勒"} <= left_out


@pytest.mark.real
def test_yearbook_page_prints_our_names_in_both_languages(places: Places, shared_dir: Path) -> None:
    import msoffcrypto
    import python_calamine

    page = io.BytesIO()
    with (shared_dir / "yearbooks/layouts/cnki.xls").open("rb") as file:
        office = msoffcrypto.OfficeFile(file)
        office.load_key(password="VelvetSweatshop")  # Excel's default, no secret
        office.decrypt(page)
    page.seek(0)
    rows = python_calamine.CalamineWorkbook.from_filelike(page).get_sheet_by_name("1-7").to_python()
    english = {}
    for row in rows:
        if code := places.resolve(str(row[0]), 2016):
            english[code] = str(row[1]).strip()
    assert len(english) == 297
    differ = {(e, places.city[c]["name_en"]) for c, e in english.items()}
    assert {pair for pair in differ if pair[0] != pair[1]} == {("Sansa", "Sansha")}


@pytest.mark.real
def test_table_of_cities_and_provinces_resolves(places: Places, shared_dir: Path) -> None:
    path = shared_dir / "yearbooks/layouts/error5.xls"  # a CSV in spite of its name
    with path.open(encoding="gb18030", newline="") as file:
        names = [row[0] for row in csv.reader(file)][1:]
    left_out = {name for name in names if places.resolve(name, 2014) is None}
    provinces = {p["name_zh"] for p in places.province}
    assert left_out - provinces == {"城市合计"}
    assert len(left_out) == 28  # 27 provinces; the four municipalities are cities as well
    assert len(names) - len(left_out) == 290
