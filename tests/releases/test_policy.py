"""The policy of publishing: defaults, and what is wrong with a file is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.releases.policy import Bounds, Keep, Policy, PolicyError, read_policy


def test_without_a_file_everything_is_published(tmp_path: Path) -> None:
    assert read_policy(tmp_path / "publishing.yml") == Policy("automatic", Bounds(), Keep(2, None))


def test_what_is_written_counts(tmp_path: Path) -> None:
    path = tmp_path / "publishing.yml"
    path.write_text(
        "publish: review\nbounds: {rows_lost_percent: 1, cities_lost: 0}\nkeep: {whole: 1, releases: 20}\n"
    )
    assert read_policy(path) == Policy("review", Bounds(1.0, 0.0), Keep(1, 20))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("publish: sometimes", "key publish is 'sometimes'"),
        ("bound: {}", "key bound is unknown.*bounds"),
        ("bounds: {cities_los: 1}", "key bounds.cities_los is unknown.*cities_lost"),
        ("bounds: {cities_lost: -1}", "key bounds.cities_lost is -1"),
        ("bounds: {cities_lost: .nan}", "key bounds.cities_lost is nan"),
        ("keep: {whole: 0}", "key keep.whole is 0"),
        ("keep: {whole: yes}", "key keep.whole is True"),
        ("- a", "expected keys with values"),
        ("a: [", "can't be read"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "publishing.yml"
    path.write_text(text)
    with pytest.raises(PolicyError, match=said):
        read_policy(path)
