"""Expected row counts: what is written is read back, and every kind of change is found."""

from pathlib import Path

import pytest

from orchestration.refresh.row_counts import (
    compare,
    read_expected,
    refuse_other_kind,
    write_expected,
)
from orchestration.releases.manifest import Release, ReleaseError

COUNTS = {
    ("city_year", None): 30,
    ("city_year", 2010): 14,
    ("city_year", 2011): 16,
    ("dim_city", None): 4,
}


def test_counts_written_are_read_back_and_other_inputs_kept(tmp_path: Path) -> None:
    path = tmp_path / "expected.csv"
    assert len(write_expected("sample", COUNTS, path)) == len(COUNTS)
    write_expected("shared_panels", {("dim_city", None): 5}, path)
    assert read_expected(path) == {"sample": COUNTS, "shared_panels": {("dim_city", None): 5}}
    before = path.read_bytes()
    assert write_expected("sample", dict(reversed(COUNTS.items())), path) == []
    assert path.read_bytes() == before  # the order is that of the keys
    assert path.read_text(encoding="utf-8").splitlines()[:3] == [
        "input,mart,year,rows",
        "sample,city_year,,30",
        "sample,city_year,2010,14",
    ]


def test_every_kind_of_change_is_found() -> None:
    found = {
        ("city_year", None): 29,
        ("city_year", 2010): 14,
        ("city_year", 2012): 15,
        ("dim_city", None): 4,
        ("new_mart", None): 1,
    }
    assert [str(one) for one in compare(COUNTS, found)] == [
        "city_year: expected 30, found 29",
        "city_year in 2011: expected 16, found none",
        "city_year in 2012: expected none, found 15",
        "new_mart: expected none, found 1",
    ]
    assert compare(COUNTS, dict(COUNTS)) == []


@pytest.mark.parametrize(
    ("name", "kind", "fits"),
    [
        ("sample", "simulated", True),
        ("sample", "published", False),
        ("shared_panels", "published", True),
        ("shared_panels", "simulated", False),
    ],
)
def test_simulated_counts_are_the_samples_alone(
    tmp_path: Path, name: str, kind: str, fits: bool
) -> None:
    release = Release(tmp_path, {"data_kind": kind})
    if fits:
        refuse_other_kind(name, release)
        return
    with pytest.raises(ReleaseError, match=name):
        refuse_other_kind(name, release)
