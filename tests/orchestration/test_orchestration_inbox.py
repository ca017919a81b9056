"""Listing an inbox and reading its declarations, file by file."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from orchestration import inbox
from orchestration.inbox import InboxError, declaration_for, list_files, read_declarations
from orchestration.landing import land, load_raw


def loaded(folder: Path, files, tmp_path: Path) -> dict[str, tuple[str, str | None, str | None]]:
    """Status, code and reason of each file after landing and loading."""
    import duckdb

    landed = land(files, tmp_path / "store")
    with duckdb.connect() as connection:
        load_raw(connection, landed, read_declarations(folder))
        return {
            name: (status, code, reason)
            for name, status, code, reason in connection.execute(
                "select relative_path, status, reason_code, reason from raw.yearbook_file"
            ).fetchall()
        }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "inbox"
    place.mkdir()
    (place / "good.csv").write_text("城市,年份\n襄阳市,2014\n", encoding="utf-8")
    return place


def test_file_that_vanishes_before_it_is_read(folder: Path, tmp_path: Path) -> None:
    (folder / "gone.csv").write_text("城市\n唐山市\n", encoding="utf-8")
    files = list_files(folder)
    (folder / "gone.csv").unlink()
    found = loaded(folder, files, tmp_path)
    assert found["good.csv"][0] == "loaded"
    status, code, reason = found["gone.csv"]
    assert (status, code) == ("refused", "no-file")
    assert "gone.csv" in str(reason)


def test_file_that_vanishes_while_it_is_listed(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "gone.csv").write_text("城市\n唐山市\n", encoding="utf-8")
    hash_of = inbox.file_sha256

    def vanish(path: Path) -> str:
        if path.name == "gone.csv":
            path.unlink()
        return hash_of(path)

    monkeypatch.setattr(inbox, "file_sha256", vanish)
    found = loaded(folder, list_files(folder), tmp_path)
    assert found["gone.csv"][:2] == ("refused", "no-file")
    assert found["good.csv"][0] == "loaded"


def test_file_that_may_not_be_opened(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed.csv"
    closed.write_text("城市\n唐山市\n", encoding="utf-8")
    closed.chmod(0)
    open_ = os.open
    path_open = Path.open

    # Root may open anything: refuse as the system does for others.
    def refuse(path, *arguments, **more):  # type: ignore[no-untyped-def]
        if str(path).endswith("closed.csv"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return (path_open if isinstance(path, Path) else open_)(path, *arguments, **more)

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(Path, "read_bytes", lambda path: refuse(path, "rb").read())
    found = loaded(folder, list_files(folder), tmp_path)
    status, code, reason = found["closed.csv"]
    assert (status, code) == ("refused", "no-file")
    assert "closed.csv" in str(reason)
    assert found["good.csv"][0] == "loaded"


def test_file_that_changes_while_it_is_read(folder: Path, tmp_path: Path) -> None:
    files = list_files(folder)
    (folder / "good.csv").write_text("城市,年份\n唐山市,2013\n", encoding="utf-8")
    assert loaded(folder, files, tmp_path)["good.csv"][:2] == ("refused", "damaged")
    assert not list((tmp_path / "store").rglob("*.parquet")), "cells stand under a hash not theirs"
    assert loaded(folder, list_files(folder), tmp_path)["good.csv"][0] == "loaded"


def test_stored_cells_that_were_damaged_are_read_again(folder: Path, tmp_path: Path) -> None:
    files = list_files(folder)
    land(files, tmp_path / "store")
    (stored,) = (tmp_path / "store").rglob("*.parquet")
    whole = stored.read_bytes()
    stored.write_bytes(whole[:100])
    assert [one.status for one in land(files, tmp_path / "store")] == ["loaded"]
    assert stored.read_bytes() == whole


def test_a_file_is_read_once(folder: Path, tmp_path: Path) -> None:
    files = list_files(folder)
    land(files, tmp_path / "store")
    (stored,) = (tmp_path / "store").rglob("*.parquet")
    facts = stored.stat()
    (folder / "good.csv").unlink()  # the store holds its cells: the file isn't opened again
    assert [one.status for one in land(files, tmp_path / "store")] == ["loaded"]
    assert (stored.stat().st_ino, stored.stat().st_mtime_ns) == (facts.st_ino, facts.st_mtime_ns)


def test_links_pipes_and_office_locks(folder: Path) -> None:
    (folder / "nowhere.xlsx").symlink_to(folder / "absent.xlsx")
    (folder / "linked.csv").symlink_to(folder / "good.csv")
    os.mkfifo(folder / "pipe.xlsx")
    (folder / "~$good.xlsx").write_bytes(b"x")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "sub").mkdir()
    (folder / "sub" / "sources.csv").write_text("城市\n唐山市\n", encoding="utf-8")
    names = [file.relative_path for file in list_files(folder)]
    assert names == ["good.csv", "linked.csv", "nowhere.xlsx", "sub/sources.csv"]


def test_two_files_that_cannot_be_opened_are_two(folder: Path, tmp_path: Path) -> None:
    for place in ("a", "b"):
        (folder / place).mkdir()
        (folder / place / "lost.xlsx").symlink_to(folder / "absent")
    found = loaded(folder, list_files(folder), tmp_path)
    assert [found[f"{place}/lost.xlsx"][0] for place in "ab"] == ["refused", "refused"]


def test_first_declaration_that_fits_counts(folder: Path) -> None:
    (folder / "sources.csv").write_text(
        "file_pattern,edition\n中国*/2-1*.xlsx,2010\n*.xlsx,2011\n", encoding="utf-8-sig"
    )
    said = read_declarations(folder)
    assert declaration_for("中国年鉴/2-1 人口.xlsx", said).edition == 2010  # type: ignore[union-attr]
    assert declaration_for("other.xlsx", said).edition == 2011  # type: ignore[union-attr]
    assert declaration_for("other.csv", said) is None


@pytest.mark.parametrize("year", ["15", "20155", "MMXV", "2015.0", "-2015"])
def test_year_of_a_declaration_has_four_digits(year: str, folder: Path) -> None:
    (folder / "sources.csv").write_text(f"file_pattern,edition\n*,{year}\n", encoding="utf-8")
    with pytest.raises(InboxError, match=r"sources\.csv, line 2, column edition.*four digits"):
        read_declarations(folder)
