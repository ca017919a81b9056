"""A release read from code: the lines of the documentation, and what a wrong name gets."""

import re
from pathlib import Path

import matplotlib
import pytest

import citypanel as entry

matplotlib.use("Agg")


def test_the_lines_of_the_documentation_run(
    sample, repo_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (repo_dir / "docs" / "how-to" / "read-from-code.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    monkeypatch.chdir(sample.release.parent)
    found: dict[str, object] = {}
    exec(lines.replace('"release"', repr(str(sample.release))), found)
    said = capsys.readouterr().out
    assert "10_000_yuan" in said
    assert "simulated" in said
    assert list(found["panel"]["year"]) == list(range(2010, 2021))
    assert set(found["baseline"]["method"]) == {"regression"}


def test_the_trace_is_of_the_value(sample) -> None:
    opened = entry.open(sample.release)
    value = opened.panel(["gdp"], ["襄阳市"], (2015, 2015))["gdp"].item()
    trace = opened.trace("襄阳市", 2015, "gdp")
    assert trace["value"].unique().tolist() == [value]
    long = opened.indicator("gdp")
    assert long.query("city_code == '420600' and year == 2015")["value"].item() == value


def test_wrong_names_are_told(sample, tmp_path: Path) -> None:
    opened = entry.open(sample.release)
    with pytest.raises(entry.CitypanelError, match="nearest: gdp"):
        opened.indicator("gpd")
    with pytest.raises(entry.CitypanelError, match="index: it is a column of panel"):
        opened.indicator("nqpf")
    with pytest.raises(entry.CitypanelError, match="there are smart_city_nqpf"):
        opened.estimates("smart_city")
    with pytest.raises(entry.CitypanelError, match="no release in"):
        entry.open(tmp_path)
