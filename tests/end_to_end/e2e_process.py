"""The command line in a process of its own, forked from one that has its imports behind it.

Belongs here: starting, waiting for and killing a command. Does not belong here: what a command
should do. A refresh imports for some seconds before it works; forking pays for that once.
"""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

# All that a refresh imports; by names that are installed, as the forking process knows no other.
PRELOADED = (
    "analysis.methods.regression.run",
    "analysis.report",
    "dbt.adapters.duckdb",
    "dbt.cli.main",
    "great_expectations",
    "linearmodels",
    "matplotlib.figure",
    "matplotlib.font_manager",
    "expectations.query_expectations",
    "orchestration.graph.definitions",
)
SILENCE = 600  # seconds without a word from a command; on an idle machine its longest is ten
LOOKS_PER_SECOND = 50


@dataclass(frozen=True)
class Finished:
    """How a command ended; a negative code is the signal that ended it."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def said(self) -> str:
        """Both streams."""
        return self.out + self.err


@dataclass
class Running:
    """A command at work."""

    process: multiprocessing.process.BaseProcess
    out: Path
    err: Path
    begun: float = field(default_factory=time.perf_counter)

    def _said(self) -> int:
        """How much it has said."""
        return self.out.stat().st_size + self.err.stat().st_size

    def _until(self, reached: Callable[[], bool], look: Callable[[], object]) -> None:
        """Look again and again; fails when the command falls silent, however slow the machine is."""
        said, since = self._said(), time.perf_counter()
        while not reached():
            look()
            if self._said() != said:
                said, since = self._said(), time.perf_counter()
            elif time.perf_counter() - since > SILENCE and not reached():
                self.process.kill()
                self.process.join()
                pytest.fail(f"not a word for {SILENCE} s; it had said:\n{self.err.read_text()}")

    def wait(self) -> Finished:
        """Wait for the end."""
        self._until(lambda: not self.process.is_alive(), lambda: self.process.join(1))
        return Finished(
            int(self.process.exitcode or 0),
            self.out.read_text(encoding="utf-8"),
            self.err.read_text(encoding="utf-8"),
            time.perf_counter() - self.begun,
        )

    def wait_for(self, words: str) -> None:
        """Wait until the progress shows these words; fails when the command ends before."""

        # A character may be half written when it is read: it is replaced.
        def shown() -> bool:
            ended = not self.process.is_alive()  # asked first: its last words count
            if words in self.err.read_text(encoding="utf-8", errors="replace"):
                return True
            if ended:
                pytest.fail(f"ended before {words!r} showed; it said:\n{self.err.read_text()}")
            return False

        self._until(shown, lambda: time.sleep(1 / LOOKS_PER_SECOND))

    def send(self, number: int) -> Finished:
        """Send a signal and wait for the end."""
        assert self.process.pid is not None
        os.kill(self.process.pid, number)
        return self.wait()

    def kill(self) -> Finished:
        """kill -9."""
        return self.send(signal.SIGKILL)


def _command(arguments: Sequence[str], environment: dict[str, str], out: str, err: str) -> None:
    """Runs in the new process, which heeds Ctrl-C also where the tests were started without it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, path in ((1, out), (2, err)):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1, closefd=False)
    os.environ.update(environment)
    from orchestration.commands.main import main

    sys.exit(main(list(arguments)))


@dataclass(frozen=True)
class Refreshed:
    """A refresh that ended, its inbox (None for the sample) and where its release stands."""

    finished: Finished
    inbox: Path | None
    release: Path

    @property
    def current(self) -> Path:
        """The release in place."""
        return self.release / "current"

    @property
    def warehouse(self) -> Path:
        """Its warehouse."""
        return self.current / "warehouse.duckdb"


class CommandLine:
    """`citypanel`, with a folder for its state and one for what it prints."""

    def __init__(self, state: Path, said: Path) -> None:
        self.state = state
        self._said = said
        self._count = 0
        self._context = multiprocessing.get_context("forkserver")
        # The forking process imports once, with the state that all commands share. It must find the
        # dbt project parsed in it: parsing starts threads, which those forked from it would wait for.
        os.environ["CITYPANEL_STATE"] = str(state)
        self._context.set_forkserver_preload(list(PRELOADED))

    def start(self, *arguments: object, **environment: str) -> Running:
        """Start a command."""
        self._count += 1
        out, err = (self._said / f"{self._count:03d}.{name}" for name in ("out", "err"))
        for path in (out, err):
            path.touch()
        environment = {
            "CITYPANEL_STATE": str(self.state),
            "CITYPANEL_INBOX": "",
            "CITYPANEL_RELEASE": "",
            **environment,
        }
        process = self._context.Process(
            target=_command, args=([str(a) for a in arguments], environment, str(out), str(err))
        )
        process.start()
        return Running(process, out, err)

    def run(self, *arguments: object, **environment: str) -> Finished:
        """Run a command to its end."""
        return self.start(*arguments, **environment).wait()

    def refresh(self, inbox: Path, release: Path, *more: str) -> Finished:
        """Refresh a release from an inbox."""
        return self.run("refresh", "--inbox", inbox, "--release", release, *more)

    def refresh_alone(self, inbox: Path | None, release: Path, state: Path) -> Finished:
        """Refresh in a new interpreter with nothing in common: hashing, state, imports."""
        begun = time.perf_counter()
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "orchestration.commands.main",
                "refresh",
                "--release",
                str(release),
            ],
            env={
                **os.environ,
                "PYTHONHASHSEED": "20261",
                "CITYPANEL_STATE": str(state),
                "CITYPANEL_INBOX": str(inbox or ""),
            },
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr, time.perf_counter() - begun)


def made_once(root: Path, name: str, make: Callable[[Path], Refreshed]) -> Refreshed:
    """A refresh that all workers of a test run share: the first to come makes it, others wait."""
    folder, record = root / name, root / f"{name}.json"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not record.is_file():
            folder.mkdir()
            try:
                made = make(folder)
            except BaseException as error:
                record.write_text(json.dumps({"failed": str(error)}), encoding="utf-8")
                raise
            told = {
                "finished": asdict(made.finished),
                "inbox": str(made.inbox) if made.inbox else None,
                "release": str(made.release),
            }
            record.write_text(json.dumps(told), encoding="utf-8")
    told = json.loads(record.read_text(encoding="utf-8"))
    if "failed" in told:
        pytest.fail(f"{name} could not be made: {told['failed']}")
    inbox = Path(told["inbox"]) if told["inbox"] else None
    shared = Refreshed(Finished(**told["finished"]), inbox, Path(told["release"]))
    assert shared.finished.code == 0, shared.finished.said
    return shared
