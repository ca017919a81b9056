"""Write the dbt docs of the release in place as one page.

A copy of the released warehouse is used: dbt opens its warehouse for writing, and a release is
never touched.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from orchestration.refresh.dbt_runner import run_docs
from orchestration.releases.manifest import read_release
from orchestration.settings import Settings

if __name__ == "__main__":
    settings = Settings.from_environment()
    folder = Path(sys.argv[1]).resolve() / "current" if len(sys.argv) > 1 else settings.current
    release = read_release(folder)
    if release is None:
        sys.exit(f"no release in {folder}: run make refresh first")
    target = settings.state / "docs"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    copy = target / "warehouse.duckdb"
    shutil.copyfile(release.warehouse, copy)
    page = run_docs(copy, target)
    copy.unlink()
    print(f"dbt docs: {page}")
