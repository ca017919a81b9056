"""Random byte changes: whatever happens to a file, it is read or refused, and nothing else.

The changes are deterministic: the same seed gives the same files, so a failure can be repeated from
its message. Each changed file is either refused with a message, or read to a table that obeys the
rules of cells.
"""

import itertools
import random
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from reading_biff import Cell, Workbook

from orchestration.landing.reading import CELL_SCHEMA, KINDS, REASONS, UnreadableFile, read_file

SEED = 20141231
QUICK_CHANGES = 300
ALL_CHANGES = 10_000
SLOWEST_SECONDS = 30.0  # of the processor; one that sends a reader round in circles takes far more
MOST_MEGABYTES = 1000  # gained; an unbounded sheet (65,536 columns and more) takes far more
REAL_SIZE_LIMIT = 400_000  # larger panels would take most of the time and add no format


def changed(content: bytes, rng: random.Random) -> bytes:
    """One to eight bytes replaced, removed or put in; now and then the end cut off."""
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        # Headers and directories are small and matter most: aim at both ends more often.
        place = rng.choice(
            (
                rng.randrange(len(data)),
                rng.randrange(min(600, len(data))),
                -1 - rng.randrange(min(600, len(data))),
            )
        )
        action = rng.random()
        if action < 0.8:
            data[place] = rng.choice(
                (rng.randrange(256), data[place] ^ (1 << rng.randrange(8)), 0, 255)
            )
        elif action < 0.9:
            del data[place]
        else:
            data.insert(place, rng.randrange(256))
    if rng.random() < 0.05:
        del data[rng.randrange(1, len(data)) :]
    return bytes(data)


def check_table(table: pa.Table) -> None:
    assert table.schema == CELL_SCHEMA
    assert table.num_rows > 0
    table.validate(full=True)
    places = list(
        zip(
            *(table[name].to_pylist() for name in ("sheet_index", "row_number", "column_number")),
            strict=True,
        )
    )
    assert all(a < b for a, b in itertools.pairwise(places))
    assert pc.min(table["row_number"]).as_py() >= 1
    assert pc.min(table["column_number"]).as_py() >= 1
    assert pc.min(table["row_span"]).as_py() >= 1
    assert pc.min(table["column_span"]).as_py() >= 1
    assert set(table["kind"].unique().to_pylist()) <= set(KINDS)
    assert all(text.strip() for text in table["text"].to_pylist())


def peak_megabytes() -> float:
    """The most that this process, which has other tests behind it, ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(
    sources: list[tuple[str, bytes]],
    changes: int,
    path: Path,
    change: Callable[[bytes, random.Random], bytes] = changed,
) -> dict[str, int]:
    """Read `changes` changed files, taken from the sources in turn; counts by outcome."""
    outcomes: dict[str, int] = {}
    before = peak_megabytes()
    for number in range(changes):
        name, content = sources[number % len(sources)]
        path.write_bytes(change(content, random.Random(f"{SEED}/{name}/{number}")))
        started = time.process_time()
        try:
            facts, table = read_file(path)
        except UnreadableFile as error:
            assert error.reason in REASONS
            assert str(path) in error.message
            outcome = error.reason
        except BaseException as error:
            raise AssertionError(f"{name}, change {number}: {error!r} escaped") from error
        else:
            check_table(table)
            assert facts.cell_count == table.num_rows
            outcome = "read"
        assert time.process_time() - started < SLOWEST_SECONDS, (name, number)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
    grown = peak_megabytes() - before
    assert grown < MOST_MEGABYTES, f"{grown:.0f} MB"
    return outcomes


@pytest.fixture(scope="module")
def inside(patch_part) -> Callable[[bytes, random.Random], bytes]:
    """Change the XML in a workbook and put the checksum right, so that calamine gets to see it."""
    parts = ["worksheets/sheet1.xml", "sharedStrings.xml", "workbook.xml", "styles.xml"]

    def change(content: bytes, rng: random.Random) -> bytes:
        part = rng.choice([parts[0], *parts])
        return patch_part(content, f"xl/{part}", lambda xml: changed(xml, rng))

    return change


def test_reading_fuzz_inside_workbooks(xlsx_bytes, inside, tmp_path):
    outcomes = run([("xlsx", xlsx_bytes)], QUICK_CHANGES, tmp_path / "x", inside)
    assert sum(outcomes.values()) == QUICK_CHANGES
    assert outcomes["read"] > 0
    assert outcomes["damaged"] > 0


@pytest.mark.verify
def test_reading_fuzz_inside_workbooks_at_length(xlsx_bytes, inside, tmp_path):
    outcomes = run([("xlsx", xlsx_bytes)], ALL_CHANGES, tmp_path / "x", inside)
    assert sum(outcomes.values()) == ALL_CHANGES


@pytest.fixture(scope="module")
def written(generated) -> list[tuple[str, bytes]]:
    runs = [Cell(0, 0, "10281030", 0, ((0, 1), (4, 0))), Cell(0, 1, 1028840.0, 1)]
    old = [
        (
            f"biff{8 if is_biff8 else 5}",
            Workbook(
                is_biff8,
                fonts=[(False, 0), (True, 0)],
                styles=[(0, None), (1, "#,##0.0,")],
                cells=[*runs, Cell(1, 0, "石家庄市"), Cell(1, 1, 1028.84)],
            ).content(),
        )
        for is_biff8 in (True, False)
    ]
    page = (
        "<style>.a {text-decoration: line-through} #b > i {display: none}</style><table>"
        "<tr><td class=a>5<td id=b>7<i>8</i><td style='display:none'>9</table>"
    )
    return [(name, path.read_bytes()) for name, path in generated.items()] + [
        *old, ("styled.html", page.encode()),
    ]  # fmt: skip


def real_files(shared_dir) -> list[tuple[str, bytes]]:
    paths = sorted((shared_dir / "yearbooks").rglob("*.xls*"))
    small = [p for p in paths if p.stat().st_size < REAL_SIZE_LIMIT]
    return [(p.name, p.read_bytes()) for p in small]


def test_reading_fuzz_written_files(written, tmp_path):
    outcomes = run(written, QUICK_CHANGES, tmp_path / "x")
    assert sum(outcomes.values()) == QUICK_CHANGES
    assert outcomes["read"] > 0
    assert outcomes["damaged"] > 0


@pytest.mark.real
def test_reading_fuzz_real_files(shared_dir, tmp_path):
    layouts = [f for f in real_files(shared_dir) if f[0].endswith(".xls") or f[0] == "汇率.xlsx"]
    outcomes = run(layouts, QUICK_CHANGES, tmp_path / "x")
    assert sum(outcomes.values()) == QUICK_CHANGES
    assert outcomes["read"] > 0
    assert outcomes["damaged"] > 0


@pytest.mark.verify
def test_reading_fuzz_written_files_at_length(written, tmp_path):
    outcomes = run(written, ALL_CHANGES, tmp_path / "x")
    assert sum(outcomes.values()) == ALL_CHANGES


@pytest.mark.verify
@pytest.mark.real
def test_reading_fuzz_real_files_at_length(shared_dir, tmp_path):
    outcomes = run(real_files(shared_dir), ALL_CHANGES, tmp_path / "x")
    assert sum(outcomes.values()) == ALL_CHANGES


def test_reading_fuzz_changes_are_repeatable():
    content = bytes(range(256)) * 8
    assert changed(content, random.Random("a")) == changed(content, random.Random("a"))
    assert changed(content, random.Random("a")) != content
