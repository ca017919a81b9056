"""Published efficiency scores, stored output of deaR, closed forms."""

import numpy as np
import pandas as pd
import pytest

from analysis.measures.efficiency import malmquist, radial_efficiency, sbm_efficiency

PRINTED = 5e-5  # four printed decimals
STORED = 1e-9  # deaR's own solver leaves 2e-12
EXACT = 1e-12  # closed forms, rounding only


@pytest.fixture(scope="module")
def reference(shared_dir):
    return shared_dir / "reference"


@pytest.mark.real
def test_sbm_gives_the_table_of_tone_2001(reference):
    data = pd.read_csv(reference / "dea_Tone2001.csv")
    fit = sbm_efficiency(data[["Input1", "Input2"]], data[["Output1", "Output2"]])
    assert fit.score == pytest.approx([0.7980, 0.5682, 1, 0.6667, 1], abs=PRINTED)
    assert (fit.status == "ok").all()
    # In fractions, by hand from the peers: A is 79/99, B 25/44.
    assert fit.score[:2] == pytest.approx([79 / 99, 25 / 44], abs=EXACT)


@pytest.mark.real
@pytest.mark.parametrize("orientation", ["input", "output"])
def test_malmquist_is_that_of_dear_for_all_provinces(reference, orientation):
    data = pd.read_csv(reference / "dea_EconomyLong.csv")
    fit = malmquist(
        data[["Capital", "Labor"]],
        data["GIOV"],
        data["DMUs"],
        data["Period"],
        orientation=orientation,
    )
    assert (fit.status == "ok").all()
    for name, values in (
        ("mi", fit.malmquist),
        ("ec", fit.efficiency_change),
        ("tc", fit.technical_change),
    ):
        want = pd.read_csv(reference / f"ref_malmquist_Economy_{name}.csv", index_col=0)
        got = pd.Series(values, index=[fit.period_to, fit.unit]).unstack()
        pd.testing.assert_frame_equal(
            got[sorted(want)], want[sorted(want)], check_names=False, rtol=0, atol=STORED
        )
    beijing = fit.malmquist[fit.unit == "Beijing"]
    assert beijing == pytest.approx([1.1780, 1.1566, 1.0431, 1.0863], abs=PRINTED)
    means = np.exp(np.log(fit.malmquist).reshape(4, -1).mean(axis=1))
    assert means == pytest.approx([1.1359, 1.1413, 1.0959, 1.0059], abs=PRINTED)


@pytest.mark.real
def test_one_input_one_output_is_a_ratio(reference):
    data = pd.read_csv(reference / "dea_Grifell_Lovell_1999.csv")
    productivity = (data["Y"] / data["X"]).to_numpy()
    year = data["Year"].to_numpy()
    best = data.assign(p=productivity).groupby("Year")["p"].transform("max").to_numpy()
    for orientation in ("input", "output"):
        fit = radial_efficiency(data["X"], data["Y"], group=year, orientation=orientation)
        assert fit.score == pytest.approx(productivity / best, abs=EXACT)
        pooled = radial_efficiency(data["X"], data["Y"], orientation=orientation)
        assert pooled.score == pytest.approx(productivity / productivity.max(), abs=EXACT)
    # With one input and one output the index is the change of productivity itself.
    change = malmquist(data["X"], data["Y"], data["DMU"], year)
    by_unit = data.pivot(index="DMU", columns="Year", values=["X", "Y"])
    ratio = by_unit["Y"] / by_unit["X"]
    want = (ratio.iloc[:, 1] / ratio.iloc[:, 0]).loc[change.unit].to_numpy()
    assert change.malmquist == pytest.approx(want, abs=EXACT)


def test_bcc_by_hand():
    # Frontier through (1, 1), (2, 3), (4, 4); (3, 2) has 1.5 of input at its output: 0.5.
    x, y = [1.0, 2.0, 4.0, 3.0], [1.0, 3.0, 4.0, 2.0]
    inward = radial_efficiency(x, y, returns="vrs")
    assert inward.score == pytest.approx([1, 1, 1, 0.5], abs=EXACT)
    assert sorted(inward.peers(3)) == [(0, pytest.approx(0.5)), (1, pytest.approx(0.5))]
    # At input 3 the frontier makes 3.5.
    outward = radial_efficiency(x, y, returns="vrs", orientation="output")
    assert outward.score[3] == pytest.approx(2 / 3.5, abs=EXACT)
    # Without (2, 3) the line from (1, 1) to (4, 4) needs 3 for 3; the ends have no stand-in
    # towards more output or less input.
    above = radial_efficiency(x, y, returns="vrs", super_efficiency=True)
    assert above.score[[0, 1, 3]] == pytest.approx([2.0, 1.5, 0.5], abs=EXACT)
    assert above.status[2] == "infeasible" and np.isnan(above.score[2])


def test_slacks_and_peers_by_hand():
    # D does what A does with two more of the second input: efficient along the ray, with slack.
    x = np.array([[2.0, 4.0], [4.0, 2.0], [2.0, 6.0], [8.0, 8.0]])
    y = np.ones(4)
    fit = radial_efficiency(x, y)
    assert fit.score == pytest.approx([1, 1, 1, 3 / 8], abs=EXACT)
    assert fit.input_slack == pytest.approx(np.array([[0, 0], [0, 0], [0, 2], [0, 0]]), abs=EXACT)
    assert fit.peers(2) == [(0, pytest.approx(1.0))]
    assert sorted(fit.peers(3)) == [(0, pytest.approx(0.5)), (1, pytest.approx(0.5))]
