"""A part of the refresh that is run alone works on the release in place, and never changes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.engine.warehouse import open_release, open_warehouse
from orchestration.refresh.alone import stand_on_release
from orchestration.refresh.build import Build
from orchestration.releases.manifest import ReleaseError, differences, write_manifest
from orchestration.releases.place import put_in_place
from orchestration.settings import Settings

ROWS = "select count(*) from marts.city_year"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(inbox=None, release=tmp_path / "release", state=tmp_path / "state")


def test_it_works_on_a_copy(settings: Settings) -> None:
    finished = settings.build("before") / "release"
    finished.mkdir(parents=True)
    with open_warehouse(finished / "warehouse.duckdb") as warehouse:
        warehouse.run("create schema marts; create table marts.city_year as select 2015 as year")
    write_manifest(finished, {"vintage": "2015-a", "fingerprint": "a"})
    release = put_in_place(settings, finished, "2015-a")
    build = Build(settings, settings.build("alone"))
    build.folder.mkdir(parents=True)
    assert stand_on_release(build)
    with open_warehouse(build.warehouse) as warehouse:
        warehouse.run("insert into marts.city_year values (2016)")
        assert warehouse.row(ROWS) == (2,)
    assert not stand_on_release(build), "what was made so far is not thrown away"
    with open_release(release.warehouse) as warehouse:
        assert warehouse.row(ROWS) == (1,)
    assert not differences(release)


def test_without_a_release_it_says_what_to_run(settings: Settings) -> None:
    build = Build(settings, settings.build("alone"))
    build.folder.mkdir(parents=True)
    with pytest.raises(ReleaseError, match="run the job refresh first"):
        stand_on_release(build)
    assert not build.warehouse.exists()
