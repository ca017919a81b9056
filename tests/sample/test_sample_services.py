"""Public services of the sample: coherence, the planted effect on efficiency, and who finds it."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from test_sample_truth import controls, double_demean, two_way

from analysis.measures.efficiency import radial_efficiency, sbm_efficiency
from orchestration.sample import DEFAULT, SampleWorld, service_truth, simulate
from orchestration.sample.services import STAFF

SERVICES = frozenset(DEFAULT.services.outputs)
SCOPE = dict.fromkeys(SERVICES, "total") | dict.fromkeys(
    ("buses", "road_area", "green_coverage"), "districts"
)
# Figures that the index of the first study is made of, or that its policy effect moves.
MOVED_BEFORE = {
    "college_students", "science_expenditure", "internet_users", "robot_installation_density",
    "harmless_waste_treatment_rate", "rd_expenditure", "patent_applications", "mobile_phone_users",
}  # fmt: skip
# A regression on the efficiency that the sample was made with has no noise left: parallel trends
# hold by construction. What remains is rounding in the arithmetic of 3,990 numbers.
EXACT = 1e-9
# Largest yearly change of a service, in logs: a figure that leaps further looks like an error.
LARGEST_CHANGE = 0.45


@pytest.fixture(scope="module")
def service_effects() -> pd.DataFrame:
    return service_truth()


def grid(frame: pd.DataFrame, column: str) -> np.ndarray:
    return frame[column].to_numpy().reshape(285, 14)


def inputs(world: SampleWorld) -> list[np.ndarray]:
    """Spending at constant prices and staff, per resident; cities x years."""
    people = world.panel("population_resident")
    gdp = world.panel("gdp")
    steps = np.log(gdp[:, 1:] / gdp[:, :-1]) - np.log1p(world.panel("gdp_growth_rate")[:, 1:] / 100)
    prices = np.exp(np.concatenate([np.zeros((285, 1)), steps.cumsum(axis=1)], axis=1))
    staff = sum(world.panel(code) for code in STAFF)
    return [world.panel("fiscal_expenditure") / people / prices, staff / people]


def per_resident(world: SampleWorld, code: str) -> np.ndarray:
    value = world.panel(code, SCOPE[code])
    if code == "green_coverage":
        return value
    return value / world.panel("population_resident", SCOPE[code])


def outputs(world: SampleWorld) -> list[np.ndarray]:
    """Seven services per resident, each relative to the mean; cities x years."""
    relative = {code: per_resident(world, code) for code in SERVICES}
    relative = {code: value / value.mean() for code, value in relative.items()}
    return [
        1 / relative["unemployed"],
        relative["primary_teachers"] + relative["secondary_teachers"],
        relative["hospital_beds"] + relative["doctors"],
        relative["pension_insured"] + relative["medical_insured"],
        relative["buses"] + relative["road_area"],
        relative["library_books"],
        relative["green_coverage"],
    ]


def log_productivity(world: SampleWorld) -> np.ndarray:
    """Mean log output less mean log input: efficiency without any frontier; cities x years."""
    made, used = outputs(world), inputs(world)
    return sum(np.log(y) for y in made) / len(made) - sum(np.log(x) for x in used) / len(used)


def efficiency(world: SampleWorld) -> np.ndarray:
    """Input-oriented, constant returns, one frontier of all city-years; cities x years."""
    x, y = (
        np.stack([a.reshape(-1) for a in arrays], axis=1)
        for arrays in (inputs(world), outputs(world))
    )
    return radial_efficiency(x, y, slacks=False).score.reshape(285, 14)


def test_staff_holds_the_teachers_and_doctors(sample_world: SampleWorld) -> None:
    v = {code: sample_world.values[code, "total"] for code in (*STAFF, "doctors", "unemployed")}
    teachers = sum(
        sample_world.values[f"{kind}_teachers", "total"] for kind in ("primary", "secondary")
    )
    assert (teachers < v["employees_education"]).all()
    assert (v["doctors"] < v["employees_health"]).all()
    people = sample_world.values["population_resident", "total"] * 10_000
    staff = sum(v[code] for code in STAFF) / people
    assert (staff > 0.015).all()
    assert (staff < 0.06).all()
    for code in ("pension_insured", "medical_insured"):
        assert (sample_world.values[code, "total"] < people).all(), code


def test_services_do_not_leap(sample_world: SampleWorld) -> None:
    for code in SERVICES:
        change = np.diff(np.log(sample_world.values[code, SCOPE[code]]), axis=1)
        assert np.abs(change).max() < LARGEST_CHANGE, code


def test_open_data_are_few_at_first_and_then_many(sample_world: SampleWorld) -> None:
    rate = 10 * sample_world.panel("open_data_sets") / sample_world.panel("population_resident")
    assert rate[:, 0].mean() < 3
    assert rate[:, -1].mean() > 10
    assert (sample_world.values["open_data_sets", "total"] >= 0).all()


def test_worlds_differ_where_the_policy_reaches_and_nowhere_else(
    sample_world: SampleWorld, sample_world_without: SampleWorld, sample_did: np.ndarray
) -> None:
    treated = sample_did == 1
    differing = set()
    for (code, scope), values in sample_world.values.items():
        other = sample_world_without.values[code, scope]
        same = values == other
        if not same.all():
            differing.add(code)
            assert same[:285][~treated].all(), code
            assert same[285:].all(), code
    assert differing == MOVED_BEFORE | SERVICES | {"open_data_sets"}


def test_services_move_nothing_that_the_first_study_uses(sample_world: SampleWorld) -> None:
    """Other services, other effects: every other printed figure stays as it was, to the digit."""
    services = dataclasses.replace(DEFAULT.services, spread=0.3, noise=0.1, budget_speed=0.5)
    effects = dataclasses.replace(DEFAULT.service_effects, large=0.3, open_data_sets=5.0)
    other = simulate(
        parameters=dataclasses.replace(DEFAULT, services=services, service_effects=effects)
    )
    for key, values in sample_world.values.items():
        same = np.array_equal(values, other.values[key])
        assert same == (key[0] not in SERVICES | {"open_data_sets"}), key


def test_effect_is_what_the_parameters_say(service_effects: pd.DataFrame) -> None:
    frame, e = service_effects, DEFAULT.service_effects
    parts = frame[["direct", "through_open_data", "through_internet"]]
    np.testing.assert_allclose(frame["effect"], parts.sum(axis=1), atol=EXACT)
    assert (parts[frame["did"] == 0] == 0).all(axis=None)
    np.testing.assert_allclose(
        np.log(frame["efficiency_policy"] / frame["efficiency_no_policy"]), frame["effect"],
        atol=EXACT,
    )  # fmt: skip
    treated = frame[frame["did"] == 1]
    by_hand = (
        treated["region"].map(e.region)
        + e.large * (treated["size_class"] == "large")
        + e.decentralised * treated["decentralised"]
    )
    np.testing.assert_allclose(treated["direct"], by_hand, atol=EXACT)
    np.testing.assert_allclose(
        treated["through_open_data"].mean(),
        DEFAULT.services.per_open_data_set * e.open_data_sets,
        atol=EXACT,
    )
    assert 0.05 < treated["effect"].mean() < 0.10
    # The groups that studies compare differ, in the order stated.
    region = treated.groupby("region")["effect"].mean()
    assert region["east"] > 1.5 * region[["central", "west"]].max()
    size = treated.groupby("size_class")["effect"].mean()
    assert size["large"] > 1.5 * size["small_medium"]
    decentralised = treated.groupby("decentralised")["effect"].mean()
    assert decentralised[True] > 1.5 * decentralised[False]


def test_true_efficiency_gives_the_weighted_effect(
    service_effects: pd.DataFrame,
    sample_world: SampleWorld,
    sample_world_without: SampleWorld,
    sample_did: np.ndarray,
) -> None:
    weight = double_demean(sample_did)
    weighted = (weight * grid(service_effects, "effect")).sum() / (weight * sample_did).sum()
    slope, error = two_way(sample_world.efficiency.log_efficiency, sample_did)
    assert abs(slope[0] - weighted) < EXACT
    assert slope[0] / error[0] > 3
    slope, _ = two_way(sample_world_without.efficiency.log_efficiency, sample_did)
    assert abs(slope[0]) < EXACT
    assert (sample_world_without.efficiency.effect == 0).all()


def test_productivity_of_the_printed_figures_finds_the_truth(
    service_effects: pd.DataFrame,
    sample_world: SampleWorld,
    sample_world_without: SampleWorld,
    sample_did: np.ndarray,
) -> None:
    effect = grid(service_effects, "effect")
    weight = double_demean(sample_did)
    weighted = (weight * effect).sum() / (weight * sample_did).sum()
    y = log_productivity(sample_world)
    for extra in ([], controls(sample_world)):
        slope, error = two_way(y, sample_did, *extra)
        assert abs(slope[0] - weighted) < 2 * error[0]
        assert slope[0] / error[0] > 3
    slope, error = two_way(log_productivity(sample_world_without), sample_did)
    assert abs(slope[0]) < error[0]
    for column, value in (("region", "east"), ("size_class", "large"), ("decentralised", True)):
        group = (service_effects[column] == value).to_numpy().reshape(285, 14)[:, 0]
        inside, outside = (two_way(y[k], sample_did[k])[0][0] for k in (group, ~group))
        assert inside > outside, column


def test_efficiency_is_spread_and_finds_the_direction(
    sample_world: SampleWorld, sample_world_without: SampleWorld, sample_did: np.ndarray
) -> None:
    score = efficiency(sample_world)
    assert 0.1 < score.std() < 0.2
    assert 0.5 < score.mean() < 0.85
    assert (score > 1 - EXACT).mean() < 0.05, "too many city-years on the frontier"
    true = sample_world.efficiency.log_efficiency
    assert np.corrcoef(score.reshape(-1), true.reshape(-1))[0, 1] > 0.6
    slope, error = two_way(score, sample_did)
    assert slope[0] / error[0] > 3
    slope, error = two_way(efficiency(sample_world_without), sample_did)
    assert abs(slope[0]) < 1.96 * error[0]


def slacks_based(world: SampleWorld) -> np.ndarray:
    """Super-SBM as the second study measures it: services in natural units, the unemployed undesirable."""
    x = np.stack([a.reshape(-1) for a in inputs(world)], axis=1)
    served = [per_resident(world, code).reshape(-1) for code in sorted(SERVICES - {"unemployed"})]
    idle = per_resident(world, "unemployed").reshape(-1, 1)
    fit = sbm_efficiency(x, np.stack(served, axis=1), idle, super_efficiency=True)
    return np.log(fit.score).reshape(285, 14)


def test_slacks_in_natural_units_find_the_planted_effect(
    service_effects: pd.DataFrame,
    sample_world: SampleWorld,
    sample_world_without: SampleWorld,
    sample_did: np.ndarray,
) -> None:
    effect, weight = grid(service_effects, "effect"), double_demean(sample_did)
    weighted = (weight * effect).sum() / (weight * sample_did).sum()
    score = slacks_based(sample_world)
    true = sample_world.efficiency.log_efficiency
    assert np.corrcoef(score.reshape(-1), true.reshape(-1))[0, 1] > 0.75
    slope, error = two_way(score, sample_did)
    assert abs(slope[0] - weighted) < 2 * error[0]
    assert slope[0] / error[0] > 3
    for column, value in (("region", "east"), ("size_class", "large"), ("decentralised", True)):
        group = (service_effects[column] == value).to_numpy().reshape(285, 14)[:, 0]
        inside, outside = (two_way(score[k], sample_did[k])[0][0] for k in (group, ~group))
        assert inside > 1.5 * outside, column
    slope, error = two_way(slacks_based(sample_world_without), sample_did)
    assert abs(slope[0]) < 1.96 * error[0]


def test_mediators_respond_and_efficiency_responds_to_them(
    sample_world: SampleWorld, sample_did: np.ndarray
) -> None:
    people = sample_world.panel("population_resident")
    open_data = 10 * sample_world.panel("open_data_sets") / people
    users = sample_world.panel("internet_users") / sample_world.panel("population_registered") * 100
    slope, error = two_way(open_data, sample_did)
    assert abs(slope[0] - DEFAULT.service_effects.open_data_sets) < 2 * error[0]
    assert slope[0] / error[0] > 3
    known = sample_world.efficiency
    stated = (DEFAULT.services.per_open_data_set, DEFAULT.services.per_internet_user)
    slope, error = two_way(known.log_efficiency, sample_did, open_data, users)
    assert (np.abs(slope[1:] - stated) < 2 * error[1:]).all()
    # Printed services answer less where shares near their ceiling: in rich cities, whose internet
    # users move most.
    slope, error = two_way(log_productivity(sample_world), sample_did, open_data, users)
    assert (slope[1:] / error[1:] > 1.96).all()


def test_pilots_do_not_run_ahead(sample_world: SampleWorld, service_effects: pd.DataFrame) -> None:
    """No trend before the policy: leads of the event study are small beside the effect."""
    did = grid(service_effects, "did")
    first = np.where(did.any(axis=1), did.argmax(axis=1), -99)
    event = np.where(first[:, None] >= 0, np.arange(14)[None, :] - first[:, None], -1)
    times = [k for k in np.unique(event) if k != -1]
    slope, _ = two_way(log_productivity(sample_world), *((event == k).astype(float) for k in times))
    leads = np.array([b for k, b in zip(times, slope, strict=True) if k < -1])
    lags = np.array([b for k, b in zip(times, slope, strict=True) if k >= 0])
    assert np.abs(leads).max() < 0.02
    assert lags.min() > 0.04
