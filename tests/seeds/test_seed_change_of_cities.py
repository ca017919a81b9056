"""The how-to for mergers, splits, new places and new names, followed to the letter.

Each section starts from the seeds as they were in the year before its event and must end at the seeds as they are;
any of its blocks that is forgotten is told before the work, by file.
"""

import csv
import io
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from orchestration.refresh.seed_files import SeedError, check_seeds

REPO = Path(__file__).resolve().parents[2]
GUIDE = REPO / "docs" / "how-to" / "record-a-change-of-cities.md"
BLOCK = re.compile(r"^```csv seeds/(\w+)\.csv\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KEYS = {
    "city": ("city_code",),
    "city_status": ("city_code", "year_from"),
    "city_alias": ("alias", "city_code", "province_zh", "year_from"),
    "city_event": ("event_id",),
}
BEGINS = {"city": "first_year", "city_status": "year_from", "city_alias": "year_from"}
ENDS = {"city": "last_year", "city_status": "year_to", "city_alias": "year_to"}
Row = dict[str, str]
Blocks = dict[str, list[Row]]


def sections() -> dict[str, Blocks]:
    """Rows of each section of the guide, by seed."""
    _, *parts = re.split(r"^## ", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {
        part.splitlines()[0]: {
            name: list(csv.DictReader(io.StringIO(body))) for name, body in BLOCK.findall(part)
        }
        for part in parts
    }


SECTIONS = sections()


def read(folder: Path, name: str) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(folder: Path, name: str, rows: Iterable[Row]) -> None:
    """The rows, in the order of their key."""
    listed = sorted(rows, key=lambda row: [row[column] for column in KEYS[name]])
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(listed[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)


def apply(folder: Path, name: str, rows: list[Row]) -> None:
    """Rows put in place of those with their key, or of the one of the same life that has no end yet."""
    key = KEYS[name]
    new = {tuple(row[column] for column in key): row for row in rows}
    kept = [row for row in read(folder, name) if tuple(row[column] for column in key) not in new]
    write(folder, name, [*kept, *new.values()])


@pytest.fixture(params=SECTIONS)
def before(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Blocks]:
    """The four seeds as they were at the end of the year before the event, and the section's blocks."""
    blocks = SECTIONS[request.param]
    year = int(blocks["city_event"][0]["year"])
    told = {row["city_code"] for row in blocks["city_status"]}
    events = {row["event_id"] for row in blocks["city_event"]}
    for name in KEYS:
        rows = []
        for row in read(REPO / "seeds", name):
            if row.get("event_id") in events:
                continue
            if row.get("city_code") in told:
                if int(row[BEGINS[name]] or 0) >= year or _is_of_a_place_to_come(row, name, year):
                    continue
                if row[ENDS[name]] == str(year - 1):
                    row[ENDS[name]] = ""
            rows.append(row)
        write(tmp_path, name, rows)
    if "renamed" in request.param:
        old = blocks["city_event"][0]["from_name"]
        write(tmp_path, "city", [
            row | {"name_zh": old} if row["city_code"] in told else row for row in read(tmp_path, "city")
        ])  # fmt: skip
    descriptions = yaml.safe_load(
        (REPO / "seeds" / "_seeds_places_policies.yml").read_text(encoding="utf-8")
    )
    kept = [seed for seed in descriptions["seeds"] if seed["name"] in (*KEYS, "province")]
    (tmp_path / "_seeds.yml").write_text(yaml.safe_dump({"seeds": kept}), encoding="utf-8")
    shutil.copy(REPO / "seeds" / "province.csv", tmp_path)
    return tmp_path, blocks


def _is_of_a_place_to_come(row: Row, name: str, year: int) -> bool:
    """Whether a name is of a place that isn't there yet."""
    city = {one["city_code"]: one for one in read(REPO / "seeds", "city")}
    return name == "city_alias" and int(city[row["city_code"]]["first_year"]) >= year


def test_the_guide_has_a_section_for_each_kind() -> None:
    kinds = [blocks["city_event"][0]["kind"] for blocks in SECTIONS.values()]
    assert kinds == ["merge", "split", "establish", "rename"]


def test_the_section_leads_from_the_year_before_to_the_seeds_as_they_are(
    before: tuple[Path, Blocks],
) -> None:
    folder, blocks = before
    check_seeds(folder)
    for name, rows in blocks.items():
        apply(folder, name, rows)
    check_seeds(folder)
    for name in KEYS:
        written = (folder / f"{name}.csv").read_bytes()
        assert written == (REPO / "seeds" / f"{name}.csv").read_bytes(), name


def test_whatever_is_forgotten_is_told_before_the_work(before: tuple[Path, Blocks]) -> None:
    folder, blocks = before
    for forgotten in blocks:
        copied = folder / forgotten
        copied.mkdir()
        for file in folder.glob("*.*"):
            shutil.copy(file, copied)
        for name, rows in blocks.items():
            if name != forgotten:
                apply(copied, name, rows)
        with pytest.raises(SeedError) as told:
            check_seeds(copied)
        assert f"{forgotten}.csv" in str(told.value), (forgotten, str(told.value))
