"""What pages refer to exists: links, files, commands, seeds, reasons."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from docs_repository import FENCE, REPO, name_of, pages, prose, read, repository_files

from orchestration.commands import main as cli
from orchestration.landing.inbox import SIDECAR, SIDECAR_COLUMNS

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
FOLDERS = (
    "analysis",
    "dbt_project",
    "docs",
    "expectations",
    "orchestration",
    "scripts",
    "seeds",
    "tests",
)
FILE_IN_CODE = re.compile(rf"^(?:{'|'.join(FOLDERS)})/[\w./-]+\.\w+$")


def slug(heading: str) -> str:
    """The anchor that a heading gets on code hosts."""
    kept = re.sub(r"[^\w\s-]", "", heading.replace("`", "").strip().lower())
    return re.sub(r"\s", "-", kept)


def anchors(path: Path) -> set[str]:
    """Anchors of all headings of a page."""
    return {slug(match) for match in re.findall(r"^#{1,6} (.+)$", prose(path), re.MULTILINE)}


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_internal_links_resolve(page: Path) -> None:
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        place = (page.parent / name).resolve() if name else page
        assert place.exists(), f"{name_of(page)}: no {target}"
        if anchor:
            assert anchor in anchors(place), (
                f"{name_of(page)}: {name or page.name} has no #{anchor}"
            )


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_files_named_in_code_exist(page: Path) -> None:
    for code in CODE.findall(prose(page)):
        if FILE_IN_CODE.match(code):
            assert (REPO / code).exists(), f"{name_of(page)}: no {code}"


def commands(pattern: str) -> set[tuple[str, str]]:
    """Page and first group of a pattern over all pages, code blocks included."""
    return {(name_of(page), word) for page in pages() for word in re.findall(pattern, read(page))}


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", read(REPO / "Makefile"), re.MULTILINE))
    used = commands(r"(?:^|`)make ([a-z-]+)") | commands(r"(?m)^make ([a-z-]+)")
    assert len(used) > 5
    assert {(page, word) for page, word in used if word not in targets} == set()


def test_subcommands_exist() -> None:
    known = next(
        set(action.choices) for action in cli.parser()._actions if isinstance(action.choices, dict)
    )
    used = commands(r"\.venv/bin/citypanel ([a-z]+)")
    assert used
    assert {(page, word) for page, word in used if word not in known} == set()


def seed_blocks() -> list[object]:
    """CSV blocks of the pages that name their seed (or the inbox's sidecar) after the language."""
    return [
        pytest.param(info.split()[1], body, id=f"{page.stem}-{position}")
        for page in pages()
        for position, (info, body) in enumerate(FENCE.findall(read(page)))
        if info.startswith("csv ")
    ]


@pytest.mark.parametrize(("name", "body"), seed_blocks())
def test_rows_for_seeds_fit_their_seed(name: str, body: str) -> None:
    if name == SIDECAR:
        header = list(SIDECAR_COLUMNS)
    else:
        with (REPO / name).open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
    rows = list(csv.reader(body.splitlines()))
    assert rows[0] == header
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(header)}


def test_runbook_explains_every_reason_of_the_quarantine() -> None:
    """Reasons are words in the SQL that sets a figure aside."""
    models = REPO / "dbt_project" / "models"
    in_sql: set[str] = set()
    for name in (
        "staging/yearbook/heading/stg_yearbook__block_year.sql",
        "staging/yearbook/heading/stg_yearbook__heading.sql",
        "staging/yearbook/row/stg_yearbook__row.sql",
        "staging/yearbook/figure/stg_yearbook__value_cell.sql",
        "intermediate/city_year/int_place__row.sql",
        "intermediate/city_year/int_city_year__contradicted.sql",
        "intermediate/city_year/int_place__printed.sql",
    ):
        in_sql |= set(re.findall(r"(?:then|else)\s+'([a-z_]+)'", read(models / name)))
    explained = re.findall(
        r"^\| `([a-z_]+)` \|", read(REPO / "docs" / "annual-update.md"), re.MULTILINE
    )
    assert len(in_sql) > 10
    assert in_sql <= set(explained)
    assert {"unknown_heading", "ambiguous_city"} <= in_sql


def test_decisions_are_numbered_once() -> None:
    numbers = [
        path.name[:4] for path in repository_files() if path.parent == REPO / "docs" / "decisions"
    ]
    assert len(numbers) == len(set(numbers))
    assert sorted(numbers) == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
