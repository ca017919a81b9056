"""A study that fails: the release's policy says whether the rest is released, and it is said loudly."""

import json
from pathlib import Path

import pytest

from expectations.context import SUMMARIES_FOLDER
from orchestration.engine.protocol import WarehouseError
from orchestration.refresh.build import Build
from orchestration.refresh.publishing import publish
from orchestration.releases.manifest import ReleaseError
from orchestration.settings import ON_FAILED_STUDY, Settings, SettingsError


def build_of(tmp_path: Path, stops: bool, **broken: bool) -> Build:
    """A build whose gate broke some critical rules: by id, whether they are of a study alone."""
    settings = Settings(None, tmp_path / "release", tmp_path / "state", stops)
    build = Build(settings, tmp_path / "build")
    summaries = build.checks / SUMMARIES_FOLDER
    summaries.mkdir(parents=True)
    rules = [
        {
            "rule_id": name, "severity": "critical", "success": False, "applicable": True,
            "observed": "1 row", "expected": "no row", "reason": "for a test", "of_study": of_study,
        }
        for name, of_study in broken.items()
    ]  # fmt: skip
    (summaries / "estimates.json").write_text(json.dumps(rules), encoding="utf-8")
    return build


def test_the_rest_is_released_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(WarehouseError):  # past the checks: this build has no tables to release
        publish(build_of(tmp_path, stops=False, design_not_failed=True))
    said = caplog.text + "".join(capsys.readouterr())
    assert "a study failed: the rest is released WITHOUT it" in said


def test_nothing_is_released_where_the_policy_says_stop(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=f"{ON_FAILED_STUDY} is stop: nothing is released"):
        publish(build_of(tmp_path, stops=True, design_not_failed=True))


def test_any_other_critical_rule_stops_all_the_same(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"2 critical check\(s\) failed: nothing is released"):
        publish(build_of(tmp_path, stops=False, design_not_failed=True, estimate_complete=False))


def test_another_word_for_the_policy_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ON_FAILED_STUDY, "halt")
    with pytest.raises(SettingsError, match=r"expected release_the_rest .* or stop"):
        Settings.from_environment()
    monkeypatch.setenv(ON_FAILED_STUDY, "stop")
    assert Settings.from_environment().stops_at_failed_study
