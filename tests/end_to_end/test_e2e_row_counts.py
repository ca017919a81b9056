"""Rows of every mart and year are those kept in git, for the sample and for the real panels.

An expected change is taken over by `citypanel counts write` and reviewed as a difference.
"""

import pytest
from e2e_process import CommandLine, Refreshed

from orchestration.refresh.row_counts import read_expected


def check(citypanel: CommandLine, name: str, release: Refreshed) -> None:
    said = citypanel.run("counts", "check", name, "--release", release.release)
    assert said.code == 0, said.said
    assert f"all {len(read_expected()[name])} counts of {name} are as expected" in said.out


def test_rows_of_the_sample(citypanel: CommandLine, sample: Refreshed) -> None:
    check(citypanel, "sample", sample)


@pytest.mark.real
def test_rows_of_the_real_panels(citypanel: CommandLine, real: Refreshed) -> None:
    check(citypanel, "shared_panels", real)


def test_counts_of_another_input_are_refused(citypanel: CommandLine, sample: Refreshed) -> None:
    said = citypanel.run("counts", "check", "shared_panels", "--release", sample.release)
    assert said.code == 2
    assert "simulated" in said.err
