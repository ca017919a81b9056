"""Break refreshes on purpose, and print what stands afterwards: `make chaos`.

Each fault is done to a small inbox in a folder of its own: the last release must be whole after it, the next
refresh must succeed, and nothing may be doubled or lost. Needs no network. Faults that need rights that this
user lacks (mounts) are named as not tried.

Usage: python scripts/chaos.py [--kills 50] [--readers 20] [--only NAME ...] [--seed 1]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos_place import LIMIT, Place

from orchestration.releases.keeping import archived
from orchestration.settings import REPO


class NotTried(Exception):
    """A fault that can't be made here; the message says why."""


# ---- the faults: each says in words what it found


def kills(place: Place, asked: argparse.Namespace) -> str:
    """kill -9 at random moments, of which some fall into the last step."""
    generator = random.Random(asked.seed)  # noqa: S311
    typical = place.seconds
    landed = 0
    for number in range(asked.kills):
        before = place.standing()
        place.write()
        running = place.start()
        share = generator.uniform(0.85, 1.05) if number % 3 == 0 else generator.uniform(0, 1)
        try:
            running.communicate(timeout=share * typical)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
        landed += place.standing() != before
    place.recovers()
    return f"{asked.kills} kills, {landed} of them after the new release was in place; all releases whole"


def two_together(place: Place, asked: argparse.Namespace) -> str:
    """A second refresh while one is at work."""
    place.write()
    first = place.start()
    time.sleep(0.3 * place.seconds)
    code, said = place.refresh()
    assert code != 0 and "another refresh is at work" in said, said[-500:]
    assert first.wait(LIMIT) == 0
    place.recovers()
    return "the second was refused, the first ended well"


def growing(place: Place, asked: argparse.Namespace) -> str:
    """A workbook that is being copied in while it is read."""
    place.write()
    content = place.book.read_bytes()
    stop = threading.Event()

    def copy() -> None:
        size = 0
        while not stop.is_set():
            size = min(size + len(content) // 40 + 1, len(content))
            place.book.write_bytes(content[:size])
            time.sleep(0.02 if size < len(content) else 1)

    copying = threading.Thread(target=copy)
    copying.start()
    code, said = place.refresh()
    stop.set()
    copying.join()
    place.book.write_bytes(content)
    place.standing()
    place.recovers()
    outcome = "released what was whole" if code == 0 else "refused"
    reason = next((line.strip() for line in said.splitlines() if "refused" in line), "")
    return f"{outcome} {reason[:90]}"


def damaged_store(place: Place, asked: argparse.Namespace) -> str:
    """Bytes of the cell store turned over."""
    damaged = 0
    for path in place.settings.cell_store.rglob("*.parquet"):
        content = bytearray(path.read_bytes())
        for at in range(len(content) // 2, min(len(content) // 2 + 64, len(content))):
            content[at] ^= 0xFF
        path.write_bytes(bytes(content))
        damaged += 1
    assert damaged, "the store holds no file"
    code, said = place.refresh()
    place.standing()
    if code:
        shutil.rmtree(place.settings.cell_store)
    place.recovers()
    words = "noticed and read again" if code == 0 else f"stopped: {_reason(said)}"
    return f"{damaged} files of the store damaged: {words}"


def damaged_warehouse(place: Place, asked: argparse.Namespace) -> str:
    """The warehouse of the release in place cut in half."""
    path = place.settings.current / "warehouse.duckdb"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    place.write()
    code, said = place.refresh()
    words = "a new release was made" if code == 0 else f"stopped: {_reason(said)}"
    if code:
        path.write_bytes(content)
    place.recovers()
    return words


def lost_state(place: Place, asked: argparse.Namespace) -> str:
    """State (cells, dbt's target, Dagster's home) gone."""
    shutil.rmtree(place.settings.state)
    place.recovers()
    return "made again"


def full_disk(place: Place, asked: argparse.Namespace) -> str:
    """A disk that fills up during a refresh."""
    before = place.standing()
    filled = 0
    for megabytes in (1, 20, 60):
        with _mounted(place, megabytes) as ballast:
            place.write()
            code, said = place.refresh()
            assert code != 0, f"a refresh with {megabytes} MB free ended well"
            assert place.standing() == before
            ballast.unlink()
            filled += 1
            last = _reason(said)
    place.recovers()
    return f"{filled} sizes: stopped, the release stood; {last}"


def read_only_inbox(place: Place, asked: argparse.Namespace) -> str:
    """An inbox that nobody may write to."""
    place.write()
    if os.geteuid() == 0:
        _mount("--bind", str(place.inbox), str(place.inbox))
        try:
            _mount("-o", "remount,bind,ro", str(place.inbox))
            code, said = place.refresh()
        finally:
            subprocess.run(["umount", str(place.inbox)], check=True)
    else:
        place.inbox.chmod(0o555)
        code, said = place.refresh()
        place.inbox.chmod(0o755)
    assert code == 0, said[-1000:]
    place.recovers()
    return "read, and nothing was written to it"


def clock_back(place: Place, asked: argparse.Namespace) -> str:
    """The clock a year back."""
    if shutil.which("faketime") is None:
        raise NotTried("needs faketime")
    place.write()
    running = subprocess.run(
        ["faketime", "-f", "-365d", sys.executable, "-m", "orchestration.commands.main", "refresh"],
        cwd=REPO, env=place.environment, text=True, capture_output=True, check=False, timeout=LIMIT,
    )  # fmt: skip
    assert running.returncode == 0, running.stdout[-800:] + running.stderr[-800:]
    place.standing()
    place.recovers()
    return "a release of last year's clock has the next number, and the next one too"


def readers(place: Place, asked: argparse.Namespace) -> str:
    """Readers of DuckDB and Parquet while releases are swapped."""
    place.recovers()
    rows = {
        release.manifest["vintage"]: release.manifest["rows"]["marts.city_year"]
        for release in archived(place.settings)
    }
    context = multiprocessing.get_context("spawn")
    stop, answers = context.Event(), context.Queue()
    crowd = [
        context.Process(target=read, args=(str(place.settings.current), rows, stop, answers))
        for _ in range(asked.readers)
    ]
    for reader in crowd:
        reader.start()
    newest = [release.folder.name for release in archived(place.settings)][-2:]
    swaps = 0
    try:
        for turn in range(10):
            done = subprocess.run(
                [sys.executable, "-m", "orchestration.commands.main", "publish", newest[turn % 2],
                 "--why", "swap"],
                cwd=REPO, env=place.environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            swaps += 1
    finally:
        stop.set()
        told = [answers.get(timeout=LIMIT) for _ in crowd]
        for reader in crowd:
            reader.join()
    wrong = [each for _, _, faults in told for each in faults]
    assert not wrong, f"{len(wrong)} wrong answers, as {wrong[0]}"
    reads, slowest = sum(each[0] for each in told), max(each[1] for each in told)
    return f"{asked.readers} readers, {swaps} swaps: {reads} reads, none wrong or blocked; slowest {slowest:.2f} s"


def read(
    current: str,
    rows: dict[str, int],
    stop: multiprocessing.synchronize.Event,
    answers: multiprocessing.Queue[tuple[int, float, list[str]]],
) -> None:
    """One reader: open, ask, close, until told to stop; how often, the slowest, and what was wrong."""
    import duckdb

    count, slowest, wrong = 0, 0.0, []
    while not stop.is_set():
        begun = time.monotonic()
        try:
            with duckdb.connect(f"{current}/warehouse.duckdb", read_only=True) as connection:
                vintage, cities = connection.execute(
                    "select vintage, (select count(*) from marts.city_year) from marts.dataset_version"
                ).fetchall()[0]
            if rows.get(vintage) != cities:
                wrong.append(f"{vintage}: {cities} rows")
            folder = Path(
                current
            ).resolve()  # a reader of several files takes the release's own folder
            with duckdb.connect() as connection:
                (parquet,) = connection.execute(
                    f"select count(*) from read_parquet('{folder}/parquet/marts/city_year.parquet')"
                ).fetchall()[0]
            if parquet not in rows.values():
                wrong.append(f"Parquet: {parquet} rows")
        except Exception as error:  # whatever a reader meets is what is asked here
            wrong.append(str(error)[:200])
        count += 1
        slowest = max(slowest, time.monotonic() - begun)
    answers.put((count, slowest, wrong))


FAULTS: tuple[Callable[[Place, argparse.Namespace], str], ...] = (
    kills, two_together, growing, damaged_store, damaged_warehouse, lost_state, full_disk,
    read_only_inbox, clock_back, readers,
)  # fmt: skip


def _reason(said: str) -> str:
    """What a stopped refresh gave as its reason."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = [line for line in lines if "stopped:" in line or line.startswith("citypanel")]
    return (told or lines or ["nothing said"])[-1][-160:]


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotTried(f"no right to mount: {done.stderr.strip()[:80]}")


@contextmanager
def _mounted(place: Place, megabytes: int) -> Iterator[Path]:
    """The folder of releases on a small disk of its own, with so much free; yields what fills it."""
    release = place.settings.release
    held = sum(path.lstat().st_size for path in release.rglob("*") if path.is_file()) // 2**20
    kept = release.with_name("release-kept")
    shutil.copytree(release, kept, symlinks=True)
    _mount("-t", "tmpfs", "-o", f"size={held + 400}m", "tmpfs", str(release))
    try:
        shutil.copytree(kept, release, symlinks=True, dirs_exist_ok=True)
        ballast = release / ".build-ballast"
        with ballast.open("wb") as file:
            free = shutil.disk_usage(release).free - megabytes * 2**20
            for _ in range(max(free // 2**20, 0)):
                file.write(b"\0" * 2**20)
        yield ballast
    finally:
        subprocess.run(["umount", str(release)], check=True)
        shutil.rmtree(kept)


def main() -> int:
    """Do the faults; 1 where one was not withstood."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=[fault.__name__ for fault in FAULTS])
    asked = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="citypanel-chaos-") as folder:
        place = Place(Path(folder))
        place.write()
        code, said = place.refresh()
        if code:
            print(f"the first refresh failed:\n{said}")
            return 1
        place.recovers()  # warm: what a refresh usually takes
        print(f"a refresh here takes {place.seconds:.0f} s", flush=True)
        for fault in FAULTS:
            if asked.only and fault.__name__ not in asked.only:
                continue
            begun = time.monotonic()
            try:
                found = "withstood   " + fault(place, asked)
            except NotTried as error:
                found = f"NOT TRIED   {error}"
            except AssertionError as error:
                failed += 1
                found = f"FAILED      {error}"
            print(f"{fault.__name__:<18}{time.monotonic() - begun:6.0f} s  {found}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
