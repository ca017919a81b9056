"""Same input, same output: byte for byte."""

from __future__ import annotations

from pathlib import Path

from e2e_inbox import tree
from e2e_process import CommandLine, Refreshed


def parquet_hashes(release: Path) -> dict[str, str]:
    """Hash of every Parquet file of the release in place."""
    return {name: facts[0] for name, facts in tree(release / "current" / "parquet").items()}


def test_two_refreshes_of_a_small_inbox_give_the_same_bytes(
    citypanel: CommandLine, small: Refreshed, tmp_path: Path
) -> None:
    finished = citypanel.refresh_alone(small.inbox, tmp_path / "elsewhere", tmp_path / "state")
    assert finished.code == 0, finished.said
    expected = parquet_hashes(small.release)
    assert len(expected) >= 15
    assert parquet_hashes(tmp_path / "elsewhere") == expected
