"""Pages drawn by hypothesis from a known table give exactly that table back.

All pages of a test are one inbox and one run of dbt; a page that fails is named with all of its
traits, the simplest first.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from layouts_pages import Key, Page, Written, pages, write_page
from layouts_warehouse import FIGURES, Resolved

DEFAULT_PAGES = 200
MANY_PAGES = 2000

RELATIVE_TOLERANCE = 1e-12
"""Figures have two decimals; a conversion of units multiplies twice in double precision."""


def draw(count: int, *, derandomize: bool) -> list[Page]:
    """Pages without two alike."""
    drawn: list[Page] = []

    @settings(
        max_examples=count,
        derandomize=derandomize,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(pages())
    def collect(page: Page) -> None:
        drawn.append(page)

    collect()
    return list(dict.fromkeys(drawn))


@dataclass
class Found:
    """What became of a page in the warehouse."""

    figures: dict[Key, float] = field(default_factory=dict)
    quarantined: Counter[str] = field(default_factory=Counter)
    account: dict[str, int] = field(default_factory=dict)


def found_by_path(resolved: Resolved) -> dict[str, Found]:
    """All pages of a warehouse."""
    found: dict[str, Found] = defaultdict(Found)
    for path, city, year, indicator, scope, value in resolved.rows(
        "select relative_path, city_code, year, indicator_code, scope, figure"
        f" from {FIGURES} inner join raw.yearbook_file using (file_key)"
    ):
        key = (city, year, indicator, scope)
        assert key not in found[path].figures, f"{path}: {key} twice"
        found[path].figures[key] = value
    for path, reason in resolved.rows(
        "select relative_path, reason from staging.stg_yearbook__quarantine union all"
        " select relative_path, reason from intermediate.int_city_year__quarantine"
    ):
        found[path].quarantined[reason] += 1
    for path, cell_class, cells in resolved.rows(
        "select relative_path, cell_class, cells from marts.cell_account"
    ):
        found[path].account[cell_class] = cells
    for page in found.values():
        contradicted = page.quarantined.pop("conflict_in_edition", 0)
        if contradicted:
            page.account["value"] = page.account.get("value", 0) + contradicted
            page.account["quarantined"] -= contradicted
            if not page.account["quarantined"]:
                del page.account["quarantined"]
    return found


def difference(page: Page, written: Written, read: Found) -> str | None:
    """What a page's observations have that its table hasn't, or the other way round."""
    found, quarantined, account = read.figures, read.quarantined, read.account
    if sum(account.values()) != written.cells:
        return f"{written.cells} cells were written, the account is {account}"
    if account.get("missing_mark", 0) != written.missing_marks:
        return f"{written.missing_marks} missing marks, the account is {account}"
    if page.unit_place == "nowhere":
        # Without a unit no figure is used, and none is lost.
        expected = {"no_unit": len(written.figures) + written.totals}
        if found or quarantined != Counter(expected):
            return f"no unit is printed: expected {expected}, found {quarantined}, {found}"
        return None
    if quarantined != Counter({"aggregate": written.totals}):
        return f"expected {written.totals} totals in quarantine, found {quarantined}"
    if found.keys() != written.figures.keys():
        return (
            f"missing: {sorted(written.figures.keys() - found.keys())[:3]},"
            f" unexpected: {sorted(found.keys() - written.figures.keys())[:3]}"
        )
    wrong = {
        key: (value, found[key])
        for key, value in written.figures.items()
        if not math.isclose(value, found[key], rel_tol=RELATIVE_TOLERANCE)
    }
    return f"written and found: {wrong}" if wrong else None


def simplicity(page: Page) -> tuple[int, int]:
    """How many traits a page has."""
    traits = [trait for trait in astuple(page) if trait not in (False, 0, "no", "none", "path")]
    return len(traits), len(page.indicators)


def check(drawn: list[Page], inbox: Path, resolve: Callable[[Path], Resolved]) -> None:
    """Write the pages, resolve them in one go, and compare each."""
    written = [write_page(page, inbox, number) for number, page in enumerate(drawn)]
    resolved = resolve(inbox)
    assert resolved.rows("select count(*) from raw.yearbook_file where status = 'loaded'") == [
        (len(drawn),)
    ]
    found = found_by_path(resolved)
    figures = sum(len(one.figures) for one in written)
    assert figures > 10 * len(drawn), "pages nearly without figures prove nothing"
    wrong = [
        (page, one.path, text)
        for page, one in zip(drawn, written, strict=True)
        if (text := difference(page, one, found[one.path]))
    ]
    wrong.sort(key=lambda item: simplicity(item[0]))
    shown = "\n".join(f"{path}: {page}\n  {text}" for page, path, text in wrong[:5])
    assert not wrong, f"{len(wrong)} of {len(drawn)} pages\n{shown}"


def test_a_difference_is_noticed(tmp_path: Path) -> None:
    page = next(page for page in draw(DEFAULT_PAGES, derandomize=True) if page.unit_place == "line")
    written = write_page(page, tmp_path, 0)
    same = Found(dict(written.figures), Counter(aggregate=written.totals))
    same.account = {"value": written.cells - written.missing_marks}
    same.account["missing_mark"] = written.missing_marks
    assert difference(page, written, same) is None
    key = next(iter(written.figures))
    for changed in (
        replace(same, figures=same.figures | {key: written.figures[key] * 10}),
        replace(same, figures={k: v for k, v in same.figures.items() if k != key}),
        replace(same, figures=same.figures | {("000000", *key[1:]): 1.0}),
        replace(same, quarantined=same.quarantined + Counter(no_city=1)),
        replace(same, account=same.account | {"title": 1}),
        replace(same, account=same.account | {"value": written.cells, "missing_mark": 0})
        if written.missing_marks
        else replace(same, account={}),
    ):
        assert difference(page, written, changed)


def test_drawn_pages_give_their_table_back(
    tmp_path: Path, resolve: Callable[[Path], Resolved]
) -> None:
    drawn = draw(DEFAULT_PAGES, derandomize=True)
    # Each trait stands in some page, or the test proves less than it says.
    for trait, values in {
        "layout": 7,
        "unit_place": 5,
        "bilingual": 4,
        "provinces": 3,
        "break_after": 3,
        "style": 5,
        "title": 3,
        "year_from": 3,
        "unit_mark": 5,
        "column_numbers": 3,
    }.items():
        assert len({getattr(page, trait) for page in drawn}) == values, trait
    check(drawn, tmp_path, resolve)


@pytest.mark.verify
def test_many_drawn_pages_give_their_table_back(
    tmp_path: Path, resolve: Callable[[Path], Resolved]
) -> None:
    check(draw(MANY_PAGES, derandomize=False), tmp_path, resolve)
