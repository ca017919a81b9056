"""A part of the refresh run alone, on the figures of the release in place.

Belongs here: what such a run stands on. Does not belong here: the parts (`build`), releasing: a release
is made whole or not at all, so what a part makes alone stays in its private build.
"""

from __future__ import annotations

import shutil

from orchestration.progress import log
from orchestration.refresh.build import Build
from orchestration.releases.manifest import ReleaseError, read_release


def stand_on_release(build: Build) -> bool:
    """Give a run that has landed nothing a copy of the released warehouse; whether it was needed.

    Raises ReleaseError where there is no release to stand on.
    """
    if build.warehouse.is_file():
        return False
    release = read_release(build.settings.current)
    if release is None:
        raise ReleaseError(
            f"nothing was landed in this run, and no release in {build.settings.release} has figures to"
            " work on: run the job refresh first"
        )
    shutil.copyfile(release.warehouse, build.warehouse)
    log.info(
        "on a copy of release %s; what is made stays in %s until the next refresh, and is not released",
        release.folder.name,
        build.warehouse,
    )
    return True
