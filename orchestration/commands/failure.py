"""Why a refresh stopped, in words, and which release stands.

Belongs here: reading Dagster's events of a failed run. Does not belong here: running it (`refresh`).
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from orchestration.commands.advice import ADVICE
from orchestration.commands.verb import say
from orchestration.errors import FAILED, INTERRUPTED
from orchestration.progress import log
from orchestration.releases.manifest import read_release
from orchestration.settings import Settings

LONGEST_MESSAGE = 5000  # characters on the screen; the log has all of it


def _was_interrupted(error: Any) -> bool:
    """Whether Ctrl-C is behind an error, in whatever a library wrapped it."""
    if error is None:
        return False
    return (
        error.cls_name in ("DagsterExecutionInterruptedError", "KeyboardInterrupt")
        or _was_interrupted(error.cause)
        or _was_interrupted(error.context)
    )


def _space_left(settings: Settings) -> str:
    """Space on the disks that a refresh writes to."""
    places = (settings.release, settings.state, Path(tempfile.gettempdir()))
    return ", ".join(
        f"{shutil.disk_usage(path).free / 1e6:,.0f} MB in {path}"
        for path in places
        if path.is_dir()
    )


def explain_failure(result: object, settings: Settings, standing: Path, log_file: Path) -> int:
    """Say what stopped the refresh, and which release stands; the exit code."""
    code = FAILED
    for event in result.all_events:  # type: ignore[attr-defined]
        if event.is_step_failure:
            error = event.step_failure_data.error
            # Past Dagster's own wrapping, and no further: what we raise says more than its cause.
            while error.cause is not None and (error.cls_name or "").startswith("Dagster"):
                error = error.cause
            if _was_interrupted(error):
                log.error("%s was interrupted", event.step_key)
                code = INTERRUPTED
                continue
            said = error.message.strip()[:LONGEST_MESSAGE]
            log.error("%s stopped: %s", event.step_key, said)
            for words, advice in ADVICE.items():
                if words in said:
                    log.error("%s (free: %s)", advice, _space_left(settings))
            log.debug("%s", error.to_string())
    kept = read_release(settings.current)
    if kept and kept.folder != standing:
        say(f"The refresh stopped when its release was already in place: {kept.folder}")
    else:
        say("The refresh stopped; nothing was released.")
        say(
            f"The last release stands as it was: {kept.folder}"
            if kept
            else "There is no earlier release."
        )
    say(f"The whole story is in {log_file}")
    return code
