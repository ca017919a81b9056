"""Listing an inbox and reading its declarations, file by file."""

from __future__ import annotations

import errno
import fcntl
import itertools
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration import progress
from orchestration.engine.duck import DuckDBWarehouse
from orchestration.landing import inbox
from orchestration.landing.inbox import InboxError, declaration_for, list_files, read_declarations
from orchestration.landing.store import land, load_raw
from orchestration.refresh import steps
from orchestration.settings import Settings


def loaded(folder: Path, files, tmp_path: Path) -> dict[str, tuple[str, str | None, str | None]]:
    """Status, code and reason of each file after landing and loading."""
    import duckdb

    landed = land(files, tmp_path / "store")
    with duckdb.connect() as connection:
        load_raw(DuckDBWarehouse(connection), landed, read_declarations(folder))
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


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
def test_a_changed_byte_of_stored_cells_is_noticed(
    place: float, folder: Path, tmp_path: Path
) -> None:
    """Parquet itself has no checksum here: a flipped bit could come out as another figure."""
    rows = "".join(f"襄阳市,{year},{year * 7919}\n" for year in range(1990, 2020))
    (folder / "good.csv").write_text("城市,年份,地区生产总值(万元)\n" + rows, encoding="utf-8")
    files = list_files(folder)
    land(files, tmp_path / "store")
    (stored,) = (tmp_path / "store").rglob("*.parquet")
    whole = stored.read_bytes()
    at = int(place * len(whole))
    stored.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    assert [one.status for one in land(files, tmp_path / "store")] == ["loaded"]
    assert stored.read_bytes() == whole


def test_parts_of_killed_landings_are_swept_and_those_at_work_are_not(
    folder: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    files = list_files(folder)
    land(files, store)
    (stored,) = store.rglob("*.parquet")
    part = stored.with_name(f"{'0' * 64}.4242.part")
    part.write_bytes(b"half")
    with (store / ".lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_SH)  # another refresh lands into the same store
        land(files, store)
        assert part.is_file()
    land(files, store)
    assert not part.exists()
    assert len(list(store.rglob("*.parquet"))) == 1


def test_a_long_landing_says_how_far_it_is(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(200):
        (folder / f"{number:03}.csv").write_text(page(f"{number}"), encoding="utf-8")
    monkeypatch.setattr(logging.getLogger("citypanel"), "propagate", True)
    monkeypatch.setattr(progress.time, "perf_counter", lambda: 7.0)
    with caplog.at_level("INFO", logger="citypanel"):
        files = list_files(folder)
        land(files, tmp_path / "quick")
        assert not caplog.records, "a quick landing is silent"
        clock = itertools.count(step=0.05)  # seconds; two looks at it per file
        monkeypatch.setattr(progress.time, "perf_counter", lambda: next(clock))
        land(files, tmp_path / "slow")
    told = [record.getMessage().strip() for record in caplog.records]
    assert 3 < len(told) < 20
    assert all(re.fullmatch(r"… \d+ of 201 files read", one) for one in told)


def test_a_file_is_read_once(folder: Path, tmp_path: Path) -> None:
    files = list_files(folder)
    land(files, tmp_path / "store")
    (stored,) = (tmp_path / "store").rglob("*.parquet")
    facts = stored.stat()
    (folder / "good.csv").unlink()  # the store holds its cells: the file isn't opened again
    assert [one.status for one in land(files, tmp_path / "store")] == ["loaded"]
    assert (stored.stat().st_ino, stored.stat().st_mtime_ns) == (facts.st_ino, facts.st_mtime_ns)


def test_links_pipes_and_office_locks(folder: Path, tmp_path: Path) -> None:
    (folder / "nowhere.xlsx").symlink_to(folder / "absent.xlsx")
    (folder / "linked.csv").symlink_to(folder / "good.csv")
    os.mkfifo(folder / "pipe.xlsx")
    (folder / "~$good.xlsx").write_bytes(b"x")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "sub").mkdir()
    (folder / "sub" / "sources.csv").write_text("城市\n唐山市\n", encoding="utf-8")
    names = [file.relative_path for file in list_files(folder)]
    assert names == ["good.csv", "linked.csv", "nowhere.xlsx", "pipe.xlsx", "sub/sources.csv"]
    found = loaded(folder, list_files(folder), tmp_path)
    for name in ("nowhere.xlsx", "pipe.xlsx"):
        assert found[name][:2] == ("refused", "no-file")


def page(city: str) -> str:
    return f"城市,年份\n{city},2014\n"


def test_links_to_folders_are_followed_and_each_folder_is_read_once(
    folder: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "archive of 2013"
    (elsewhere / "deep").mkdir(parents=True)
    (elsewhere / "deep" / "a.csv").write_text(page("唐山市"), encoding="utf-8")
    (elsewhere / "back").symlink_to(folder)  # a loop through the inbox
    (elsewhere / "itself").symlink_to(elsewhere)
    (folder / "2013").symlink_to(elsewhere)
    (folder / "a second name").symlink_to(elsewhere / "deep")
    (folder / "real").mkdir()
    (folder / "real" / "b.csv").write_text(page("邯郸市"), encoding="utf-8")
    (folder / "before real").symlink_to(folder / "real")
    found = loaded(folder, list_files(folder), tmp_path)
    read = {name for name, (status, _, _) in found.items() if status == "loaded"}
    assert read == {"good.csv", "2013/deep/a.csv", "real/b.csv"}
    refused = {name: reason for name, (_, code, reason) in found.items() if code == "no-file"}
    assert set(refused) == {"2013/back", "2013/itself", "a second name", "before real"}
    for name, reason in refused.items():
        assert f"{folder / name}: expected a file and found a folder" in str(reason)
        assert "remove the link" in str(reason)
    assert len(found) == len(read) + len(refused)


def test_a_folder_that_may_not_be_opened_is_refused_by_name(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "closed").mkdir()
    listed = Path.iterdir

    def refuse(path: Path) -> Iterator[Path]:  # root may list anything
        if path.name == "closed":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    found = loaded(folder, list_files(folder), tmp_path)
    assert found["closed"][:2] == ("refused", "no-file")
    assert "check its permissions" in str(found["closed"][2])
    assert found["good.csv"][0] == "loaded"
    monkeypatch.setattr(Path, "iterdir", lambda path: refuse(path / "closed"))
    with pytest.raises(InboxError, match="can't be opened: Permission denied"):
        list_files(folder)


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


@pytest.mark.parametrize(
    "stored",
    [
        "file_pattern,publisher,edition\n*.csv,Press,2015\n".encode("utf-8-sig"),
        "file_pattern\tpublisher\tedition\r\n*.csv\tPress\t2015\r\n".encode("utf-16"),
        b"file_pattern;publisher;edition\n*.csv;Press;2015\n",
        b"\n\nFile_Pattern, Publisher ,EDITION\n\n *.csv , Press , 2015 \n\n",
        b"edition,file_pattern,publisher,,\n2015,*.csv,Press,,\n,,,,\n",
        b'"file_pattern","publisher","edition"\n"*.csv","Press","2015"',
    ],
    ids=["bom", "utf-16", "semicolons", "blanks", "empty columns", "quotes"],
)
def test_declarations_as_programs_save_them(stored: bytes, folder: Path) -> None:
    (folder / "sources.csv").write_bytes(stored)
    (said,) = read_declarations(folder)
    assert (said.file_pattern, said.publisher, said.edition) == ("*.csv", "Press", 2015)
    assert said.data_kind == "published"


def test_names_stay_on_one_line(folder: Path, tmp_path: Path) -> None:
    (folder / "a\nb \x1b[31m\u202e.xlsx").write_bytes(b"")
    (folder / "全\u3000市 📊.csv").write_text(page("唐山市"), encoding="utf-8")
    found = loaded(folder, list_files(folder), tmp_path)
    assert set(found) == {"good.csv", "全\u3000市 📊.csv", "a\\nb \\x1b[31m\\u202e.xlsx"}
    reason = str(found["a\\nb \\x1b[31m\\u202e.xlsx"][2])
    assert "a\\nb" in reason
    assert not re.search(r"[\n\x1b\u202e]", reason)


UNUSED = """file_pattern,edition
2-4 [new].csv,2014
good.csv,2014
*.csv,2015
sub/*.csv,2016
deep.csv,2017
sub\\deep.xlsx,2017
中国统计年鉴*,2018
"""


def test_declarations_that_hold_for_no_file_are_named(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "deep.xlsx").write_bytes(b"no workbook")
    (folder / "sub" / "deep.csv").write_text(page("唐山市"), encoding="utf-8")
    (folder / "2-4 [new].csv").write_text(page("邯郸市"), encoding="utf-8")
    (folder / "sources.csv").write_text(UNUSED, encoding="utf-8")
    said = read_declarations(folder)
    # Square brackets are a set of letters in a shell; a name written out holds for its file.
    assert declaration_for("2-4 [new].csv", said) == said[0]
    monkeypatch.setattr(logging.getLogger("citypanel"), "propagate", True)
    with caplog.at_level("WARNING", logger="citypanel"):
        loaded(folder, list_files(folder), tmp_path)
    assert [record.getMessage() for record in caplog.records] == [
        "! sources.csv, line 5: pattern 'sub/*.csv' is used for no file: sub/deep.csv and whatever else"
        " it fits belong to line 4, which comes first; put the narrower pattern above",
        "! sources.csv, line 6: pattern 'deep.csv' fits no file; files below a folder are named with"
        " it: */deep.csv fits",
        "! sources.csv, line 7: pattern 'sub\\\\deep.xlsx' fits no file; with / between folders it does:"
        " sub/deep.xlsx",
        "! sources.csv, line 8: pattern '中国统计年鉴*' fits no file; names are compared letter by letter,"
        " as in 2-4 [new].csv",
    ]


@pytest.mark.parametrize("year", ["15", "20155", "MMXV", "2015.0", "-2015"])
def test_year_of_a_declaration_has_four_digits(year: str, folder: Path) -> None:
    (folder / "sources.csv").write_text(f"file_pattern,edition\n*,{year}\n", encoding="utf-8")
    with pytest.raises(InboxError, match=r"sources\.csv, line 2, column edition.*four digits"):
        read_declarations(folder)


@pytest.mark.parametrize(
    ("pattern", "kind", "told"),
    [("made/*", "simulated", True), ("*", "simulated", False), ("made/*", "published", False)],
)
def test_published_and_simulated_files_are_not_mixed(
    pattern: str, kind: str, told: bool, folder: Path
) -> None:
    (folder / "made").mkdir()
    (folder / "made" / "up.csv").write_text("城市\n唐山市\n", encoding="utf-8")
    (folder / "sources.csv").write_text(
        f"file_pattern,data_kind\n{pattern},{kind}\n", encoding="utf-8"
    )
    settings = Settings(folder, folder.parent / "release", folder.parent / "state")
    if not told:
        assert steps.input_fingerprint(settings)
        return
    with pytest.raises(
        InboxError, match=r"1 published, as good\.csv; 1 simulated, as made/up\.csv"
    ):
        steps.input_fingerprint(settings)
