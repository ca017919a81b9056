"""Compare the tables of two releases, cell by cell: what a change of code moved, and what it didn't.

Usage: python scripts/compare_releases.py RELEASE_A RELEASE_B [--ignore COLUMN ...]

Prints a line per table: the same bytes of every common column, columns that only one has, or how
many rows and cells differ, with the largest relative difference of numbers and an example. Exits
with 1 where any common table differs in a common column.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

ALWAYS_OTHER = ("vintage", "code_version", "data_fingerprint", "created_at")
"""Columns that name the release or the code: they differ by their nature."""


def tables(release: Path) -> dict[str, Path]:
    """Parquet files of a release by schema.table."""
    folder = release / "parquet"
    return {f"{path.parent.name}.{path.stem}": path for path in sorted(folder.glob("*/*.parquet"))}


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows by words and whole numbers first, then by fractions to eight digits: rounding moves no row."""
    by = pd.DataFrame(
        {
            name: frame[name].map("{:.7e}".format, na_action="ignore")
            if pd.api.types.is_float_dtype(frame[name])
            else frame[name].astype("string")
            for name in sorted(
                frame, key=lambda name: (pd.api.types.is_float_dtype(frame[name]), name)
            )
        }
    )
    return frame.loc[by.sort_values(list(by), kind="stable").index].reset_index(drop=True)


def compare(one: Path, other: Path, ignored: set[str]) -> tuple[bool, str]:
    """Whether the common columns are alike, and what to say of it."""
    a, b = (pq.read_table(path) for path in (one, other))
    names_a, names_b = (set(t.column_names) - ignored for t in (a, b))
    common = [name for name in a.column_names if name in names_a & names_b]
    said = []
    if gone := sorted(names_a - names_b):
        said.append(f"only in A: {', '.join(gone)}")
    if new := sorted(names_b - names_a):
        said.append(f"only in B: {', '.join(new)}")
    if a.num_rows != b.num_rows:
        return False, "; ".join([f"rows {a.num_rows} -> {b.num_rows}", *said])
    frames = [t.select(common).to_pandas() for t in (a, b)]
    # A file stands in the order of all its columns, of those that always differ too.
    frames = [in_order(frame) for frame in frames]
    differ = {}
    for name in common:
        left, right = (f[name] for f in frames)
        same = (left == right) | (left.isna() & right.isna())
        if not same.fillna(False).astype(bool).all():
            wrong = ~same.fillna(False).astype(bool)
            note = f"{name} {int(wrong.sum())}"
            if all(
                pd.api.types.is_numeric_dtype(f) and not pd.api.types.is_bool_dtype(f)
                for f in (left, right)
            ):
                gap = ((right - left).abs() / left.abs()).where(wrong).max()
                note += f" (relative {gap:.1e})"
            else:
                k = wrong.idxmax()
                note += f" (as {left[k]!r} -> {right[k]!r})"
            differ[name] = note
    if differ:
        return False, "; ".join([f"{a.num_rows} rows, cells: " + ", ".join(differ.values()), *said])
    return True, "; ".join([f"{a.num_rows} rows the same", *said])


def main() -> int:
    """Compare; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("a", type=Path)
    parser.add_argument("b", type=Path)
    parser.add_argument("--ignore", nargs="*", default=[])
    asked = parser.parse_args()
    one, other = tables(asked.a), tables(asked.b)
    if not one or not other:
        print(f"no Parquet tables below {asked.a if not one else asked.b}", file=sys.stderr)
        return 2
    wrong = 0
    for name in sorted(one.keys() | other.keys()):
        if name not in one or name not in other:
            print(f"{name}: only in {'B' if name in other else 'A'}")
            continue
        same, said = compare(one[name], other[name], {*ALWAYS_OTHER, *asked.ignore})
        wrong += not same
        print(f"{'' if same else '! '}{name}: {said}")
    print(f"{wrong} tables differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
