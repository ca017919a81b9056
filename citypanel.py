"""A release as frames: `citypanel.open("release")`.

Belongs here: what a notebook or script asks of a release, in a few documented verbs. Does not belong here: how
rows are chosen (`orchestration.exporting.part`), the command line (`orchestration.commands`), making a release.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from orchestration.engine import warehouse
from orchestration.engine.protocol import Warehouse
from orchestration.errors import CitypanelError, NotFound
from orchestration.exporting.part import Part, read_part
from orchestration.releases.manifest import Release, ReleaseError, read_release
from orchestration.trace import names

__all__ = ["CitypanelError", "Opened", "open"]


@dataclass(frozen=True)
class Opened:
    """A release that is read and never changed.

    Frames carry `attrs`: `labels` (what each column means), `vintage` and `data_kind` (simulated or published).
    Cities are names or codes, `years` a pair of first and last. Unknown names raise with the nearest.
    """

    release: Release

    def panel(
        self,
        columns: Sequence[str] = (),
        cities: Sequence[str] = (),
        years: tuple[int, int] | None = None,
    ) -> pd.DataFrame:
        """Cities by year, `marts.city_year`; code, names and year stay with any columns."""
        with self._reading() as opened:
            codes = [names.city(opened, called)[0] for called in cities]
            version = warehouse.dataset_version(opened)
            return _labelled(read_part(opened, "panel", version, codes, years, columns))

    def estimates(self, study: str | None = None, method: str | None = None) -> pd.DataFrame:
        """Estimates of this vintage, `estimates.estimate`; of a study or method where one is named."""
        with self._reading() as opened:
            part = read_part(opened, "estimates", warehouse.dataset_version(opened))
        frame = part.frame
        for column, asked in (("study", study), ("method", method)):
            if asked is not None:
                known = sorted(frame[column].unique())
                if asked not in known:
                    raise NotFound(
                        f"no estimate of {column} {asked!r}; there are {', '.join(known)}"
                    )
                frame = frame[frame[column] == asked]
        frame = frame.reset_index(drop=True)
        return _labelled(Part(part.name, frame, part.meaning, part.vintage, part.data_kind))

    def indicator(self, name: str, scope: str | None = None) -> pd.DataFrame:
        """An indicator by city and year in the long form, with unit, source cell and flags."""
        return self._mart("indicator_value", name, scope)

    def trace(self, city: str, year: int, name: str, scope: str | None = None) -> pd.DataFrame:
        """The cells that an indicator of a city and year was made of, file by file."""
        found = self._mart("number_lineage", name, scope, city, year)
        if found.empty:
            raise NotFound(f"no figure of {name} for {city} in {year}; `citypanel trace` says why")
        return found

    def _mart(
        self,
        table: str,
        name: str,
        scope: str | None,
        city: str | None = None,
        year: int | None = None,
    ) -> pd.DataFrame:
        with self._reading() as opened:
            kind, code, own = names.numbers(opened, name, scope)[0]
            if kind != "figure":
                raise NotFound(f"{name} is no indicator but {kind}: it is a column of panel()")
            conditions, values = ["indicator_code = ?", "scope = ?"], [code, own]
            if city is not None:
                conditions += ["city_code = ?", "year = ?"]
                values += [names.city(opened, city)[0], str(year)]
            frame = opened.frame(
                f"select * from marts.{table} where {' and '.join(conditions)} order by all",
                *values,
            )
            described = opened.rows(
                "select column_name, coalesce(comment, '') from duckdb_columns()"
                " where database_name = current_database() and schema_name = 'marts' and table_name = ?",
                table,
            )
            version = warehouse.dataset_version(opened)
        return _labelled(Part(table, frame, dict(described), *version))

    @contextmanager
    def _reading(self) -> Iterator[Warehouse]:
        with warehouse.open_release(self.release.warehouse) as opened:
            yield opened


def open(folder: str | Path = "release") -> Opened:
    """Open a release, or the one in place of a folder of releases.

    Raises:
        ReleaseError: there is none.
    """
    place = Path(folder).expanduser()
    found = read_release(place) or read_release(place / "current")
    if found is None:
        raise ReleaseError(f"no release in {place.resolve()}; make one with: make refresh")
    return Opened(found)


def _labelled(part: Part) -> pd.DataFrame:
    frame = part.frame
    frame.attrs |= {
        "labels": dict(part.meaning),
        "vintage": part.vintage,
        "data_kind": part.data_kind,
    }
    return frame
