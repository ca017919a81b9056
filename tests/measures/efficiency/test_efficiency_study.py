"""Efficiency models from seeds and long values to tidy tables.

Here: every score against a textbook program, targets against peers, productivity against ratios,
and what becomes of values that are missing, negative, zero or alone. Not here: the numerics
(the `test_dea_*` modules), the warehouse (tests/dbt).
"""

import dea_textbook as textbook
import numpy as np
import pandas as pd
import pytest

from analysis.measures.efficiency import EfficiencyError
from analysis.measures.efficiency_study import TABLES, empty_tables, measure_efficiency

HIGHS = 1e-7  # feasibility and optimality of the programs it is held to
EXACT = 1e-12  # closed forms and sums of products of numbers near one

INPUTS, OUTPUTS, WASTE = ("money", "staff"), ("schools", "clinics"), "waste"
COLUMNS = ["variant", "method", "orientation", "returns", "frontier", "keeps_detail"]
VARIANTS = [
    ("ccr", "radial", "input", "crs", "pooled", True),
    ("bcc", "radial", "input", "vrs", "pooled", True),
    ("bcc_output", "radial", "output", "vrs", "pooled", True),
    ("ccr_per_year", "radial", "input", "crs", "per_year", False),
    ("super_bcc", "super_radial", "input", "vrs", "pooled", True),
    ("scale", "scale", "input", None, "pooled", False),
    ("sbm", "super_sbm", "none", "crs", "pooled", True),
    ("malmquist", "malmquist", "input", None, "per_year", False),
    ("malmquist_global", "malmquist", "input", None, "pooled", False),
]


def model_seed(*names):
    return pd.DataFrame({"model_id": names})


def variant_seed(rows, model="m"):
    return pd.DataFrame(rows, columns=COLUMNS).assign(model_id=model)


def term_seed(inputs=INPUTS, outputs=OUTPUTS, undesirable=(), model="m"):
    roles = {"input": inputs, "output": outputs, "undesirable": undesirable}
    return pd.DataFrame(
        [
            {
                "model_id": model,
                "role": role,
                "term": term,
                "code": f"{term}_code",
                "dimension": None,
            }
            for role, terms in roles.items()
            for term in terms
        ]
    )


def panel(cities=9, years=3, seed=11):
    """City-years with two inputs, two outputs and waste, sorted by city and year."""
    rng = np.random.default_rng(seed)
    places = pd.MultiIndex.from_product(
        [[f"{c:03d}" for c in range(cities)], range(2010, 2010 + years)], names=["city", "year"]
    )
    size = np.exp(rng.normal(0, 0.8, cities)).repeat(years)
    names = [*INPUTS, *OUTPUTS, WASTE]
    values = size[:, None] * np.exp(rng.normal(0, 0.3, (len(places), len(names))))
    return pd.DataFrame(values, index=places, columns=names)


def long(wide, model="m"):
    """The rows that the warehouse hands over."""
    rows = wide.stack(future_stack=True).rename("value").reset_index()
    rows.columns = ["city_code", "year", "term", "value"]
    return rows.assign(model_id=model, is_imputed=False)


def measure(wide, variants=VARIANTS, **terms):
    return measure_efficiency(
        model_seed("m"), variant_seed(variants), term_seed(**terms), long(wide)
    )


def of_variant(made, table, variant):
    return made[table][made[table]["variant"] == variant]


def scores_of(made, variant):
    return of_variant(made, "efficiency_score", variant).set_index(["city_code", "year"])


@pytest.fixture(scope="module")
def wide():
    return panel()


@pytest.fixture(scope="module")
def made(wide):
    return measure(wide)


@pytest.mark.parametrize(
    ("variant", "orientation", "returns", "leave_out"),
    [
        ("ccr", "input", "crs", False),
        ("bcc", "input", "vrs", False),
        ("bcc_output", "output", "vrs", False),
        ("super_bcc", "input", "vrs", True),
    ],
)
def test_radial_scores_are_those_of_the_textbook(
    made, wide, variant, orientation, returns, leave_out
):
    x, y = wide[list(INPUTS)].to_numpy(), wide[list(OUTPUTS)].to_numpy()
    want = [
        textbook.radial(x, y, o, orientation, returns, leave_out=leave_out) for o in range(len(x))
    ]
    found = scores_of(made, variant)["score"]
    assert list(found.index) == list(wide.index)
    np.testing.assert_allclose(found.to_numpy(dtype=float, na_value=np.nan), want, atol=HIGHS)


def test_a_frontier_per_year_compares_within_the_year(made, wide):
    found = scores_of(made, "ccr_per_year")
    assert (found["units_compared"] == 9).all()
    for year in (2010, 2011, 2012):
        of_year = wide.xs(year, level="year")
        x, y = of_year[list(INPUTS)].to_numpy(), of_year[list(OUTPUTS)].to_numpy()
        want = [textbook.radial(x, y, o, "input", "crs") for o in range(len(x))]
        np.testing.assert_allclose(found.xs(year, level="year")["score"], want, atol=HIGHS)


def test_scale_efficiency_is_the_quotient_and_names_the_direction(made, wide):
    scale = scores_of(made, "scale")
    ccr, bcc = scores_of(made, "ccr")["score"], scores_of(made, "bcc")["score"]
    np.testing.assert_allclose(scale["score"], ccr / bcc, atol=EXACT)
    x, y = wide[list(INPUTS)].to_numpy(), wide[list(OUTPUTS)].to_numpy()
    for o, (place, told) in enumerate(scale["returns_to_scale"].items()):
        nirs = textbook.radial(x, y, o, "input", "nirs")
        if ccr[place] > bcc[place] * (1 - HIGHS):
            assert told == "constant"
        else:
            assert told == ("decreasing" if nirs > bcc[place] - HIGHS else "increasing")
    assert set(scale["returns_to_scale"]) == {"constant", "increasing", "decreasing"}


def test_undesirable_outputs_count_in_sbm(wide):
    made = measure(
        wide,
        [("sbm", "sbm", "none", "vrs", "pooled", True)],
        undesirable=(WASTE,),
    )
    x, y, b = (wide[list(names)].to_numpy() for names in (INPUTS, OUTPUTS, [WASTE]))
    want = [textbook.sbm(x, y, b, o, "none", "vrs") for o in range(len(x))]
    np.testing.assert_allclose(scores_of(made, "sbm")["score"], want, atol=HIGHS)
    status = made["efficiency_status"].iloc[0]
    assert (status["inputs"], status["undesirable"]) == ("money+staff", "waste")


@pytest.mark.parametrize("variant", ["ccr", "bcc", "bcc_output", "super_bcc", "sbm"])
def test_targets_are_the_sums_of_the_peers(made, wide, variant):
    """What a target is by definition; for units ahead of the others it is only a bound."""
    peers = of_variant(made, "efficiency_peer", variant)
    targets = of_variant(made, "efficiency_target", variant)
    values = wide.loc[list(zip(peers["peer_city_code"], peers["peer_year"], strict=True))]
    weighted = values.to_numpy() * peers["weight"].to_numpy(dtype=float)[:, None]
    sums = (
        pd.DataFrame(weighted, columns=wide.columns)
        .groupby([peers["city_code"].to_numpy(), peers["year"].to_numpy()])
        .sum()
    )
    score = scores_of(made, variant)["score"]
    for row in targets.itertuples():
        place = (row.city_code, row.year)
        shown = sums.loc[place, row.term]
        assert row.value == pytest.approx(wide.loc[place, row.term], rel=EXACT)
        if variant != "sbm" or score[place] < 1:
            assert row.target == pytest.approx(shown, rel=HIGHS), row
        elif row.role == "input":
            assert row.target >= shown * (1 - HIGHS)
        else:
            assert row.target <= shown * (1 + HIGHS)
    judged = score.notna().sum()
    assert len(targets) == judged * 4
    assert set(targets["term"]) == {*INPUTS, *OUTPUTS}


def test_a_super_efficient_city_is_told_how_far_it_is_ahead(made):
    score = scores_of(made, "sbm")["score"]
    ahead = made["efficiency_target"].query("variant == 'sbm'").set_index(["city_code", "year"])
    best = ahead.loc[score[score > 1].index]
    assert len(best)
    assert (best["slack"] <= 0).all()
    assert (
        best.loc[best["role"] == "input", "target"] >= best.loc[best["role"] == "input", "value"]
    ).all()
    assert (ahead.loc[score[score < 1].index, "slack"] >= 0).all()


def test_frontier_and_peers_agree(made):
    for variant in ("ccr", "bcc"):
        rows = scores_of(made, variant)
        peers = of_variant(made, "efficiency_peer", variant)
        used = set(zip(peers["peer_city_code"], peers["peer_year"], strict=True))
        assert used <= set(rows.index[rows["is_on_frontier"]])
        assert (peers["position"] == peers.groupby(["city_code", "year"]).cumcount() + 1).all()


def test_productivity_of_one_input_and_one_output_is_their_ratio():
    wide = panel(cities=5, years=4)[["money", "schools"]]
    made = measure(wide, VARIANTS[-2:], inputs=("money",), outputs=("schools",))
    ratio = wide["schools"] / wide["money"]
    for variant in ("malmquist", "malmquist_global"):
        rows = of_variant(made, "productivity", variant).set_index(["city_code", "year"])
        want = ratio / ratio.groupby("city").shift()
        first = rows.index.get_level_values("year") == 2010
        np.testing.assert_allclose(
            rows.loc[~first, "productivity"].astype(float), want[~first], rtol=EXACT
        )
        assert rows.loc[first, "productivity"].isna().all()
        assert set(rows.loc[first, "reason"]) == {"2010 is the first year of the data"}
        np.testing.assert_allclose(
            rows["cumulated"].astype(float),
            ratio / ratio.groupby("city").transform("first"),
            rtol=1e-11,
        )
        np.testing.assert_allclose(
            rows["efficiency_change"] * rows["technical_change"],
            rows["productivity"],
            rtol=EXACT,
        )
        assert (
            rows.loc[~first, "year_from"] == rows.loc[~first].index.get_level_values("year") - 1
        ).all()


def test_the_adjacent_index_is_that_of_fresh_programs(made, wide):
    """The study hands the yearly fits to the Malmquist index; fresh programs give the same."""
    x, y = wide[list(INPUTS)].to_numpy(), wide[list(OUTPUTS)].to_numpy()
    year = wide.index.get_level_values("year").to_numpy()
    rows = made["productivity"].query("variant == 'malmquist'").reset_index(drop=True)
    for o in np.flatnonzero(year > 2010)[::4]:
        before, now = np.flatnonzero(year == year[o] - 1), np.flatnonzero(year == year[o])

        def distance(unit, frontier):
            return textbook.radial(x, y, unit, "input", "crs", frontier=frontier)

        want = np.sqrt(
            distance(o, before) / distance(o - 1, before) * distance(o, now) / distance(o - 1, now)
        )
        assert rows["productivity"].iloc[o] == pytest.approx(want, abs=HIGHS)


def test_nothing_is_dropped_and_every_gap_says_why(wide):
    hostile = wide.copy()
    hostile.loc[("000", 2011), "clinics"] = np.nan
    hostile.loc[("001", 2010), "money"] = -1.0
    hostile.loc[("002", 2010), list(INPUTS)] = 0.0
    hostile.loc[("003", 2010), list(OUTPUTS)] = 0.0
    hostile.loc[("004", 2012), "staff"] = np.inf
    hostile.loc[("005", 2010), "schools"] = 0.0  # one zero is allowed
    made = measure(hostile)
    want = {
        ("000", 2011): ("missing", "no finite value of clinics"),
        ("001", 2010): ("negative", "below zero: money"),
        ("002", 2010): ("no_input", "all inputs are zero"),
        ("003", 2010): ("no_output", "all outputs are zero"),
        ("004", 2012): ("missing", "no finite value of staff"),
    }
    for variant in ("ccr", "bcc_output", "ccr_per_year", "scale", "sbm"):
        rows = scores_of(made, variant)
        assert list(rows.index) == list(wide.index)
        if variant == "sbm":  # slacks of schools count relative to its own
            zero = rows.loc[("005", 2010)]
            told = "zero: schools; slacks count relative to it"
            assert (zero["status"], zero["reason"]) == ("zero_output", told)
            rows = rows.drop(index=("005", 2010))
        bad = rows[rows["score"].isna()]
        assert (
            dict(zip(bad.index, zip(bad["status"], bad["reason"], strict=True), strict=True))
            == want
        )
        assert bad["is_on_frontier"].isna().all()
        assert rows.loc[rows["score"].notna(), "reason"].isna().all()
    assert (scores_of(made, "ccr")["units_compared"] == len(wide) - 5).all()
    assert scores_of(made, "ccr_per_year")["units_compared"].groupby("year").first().tolist() == [
        6,
        8,
        8,
    ]
    # The others are judged as if the bad rows were not there.
    without = measure(hostile.drop(index=list(want)))
    good = scores_of(without, "bcc")["score"]
    np.testing.assert_array_equal(scores_of(made, "bcc")["score"].loc[good.index], good)
    assert made["efficiency_status"]["city_years_complete"].item() == len(wide) - 5
    rows = made["productivity"].query("variant == 'malmquist'").set_index(["city_code", "year"])
    assert list(rows.index) == list(wide.index)
    told = rows["reason"]
    assert told["000", 2011] == "no finite value of clinics"
    assert told["000", 2012] == "2011: no finite value of clinics"
    assert told["001", 2011] == "2010: below zero: money"
    assert rows.loc[("000", 2012), "status"] == "missing"
    # A chain ends at its first gap, and one without a first year never begins.
    assert rows["cumulated"].loc["000"].isna().tolist() == [False, True, True]
    assert rows["cumulated"].loc["001"].isna().all()
    assert rows["productivity"].loc["001"].notna().tolist() == [False, False, True]


def test_a_year_without_a_row_breaks_the_chain_and_says_so(wide):
    made = measure(wide.drop(index=("003", 2011)))
    rows = made["productivity"].query("variant == 'malmquist'").set_index(["city_code", "year"])
    row = rows.loc["003", 2012]
    assert (row["status"], row["reason"]) == ("no_year_before", "no row in 2011")
    assert row["year_from"] == 2011
    assert pd.isna(row["cumulated"])


def test_a_single_city_year_is_its_own_frontier(wide):
    made = measure(wide.iloc[:1])
    for variant in ("ccr", "bcc", "bcc_output", "ccr_per_year", "scale"):
        row = scores_of(made, variant).iloc[0]
        assert (row["score"], row["units_compared"]) == (1.0, 1)
        assert row["is_on_frontier"]
    row = scores_of(made, "sbm").iloc[0]
    assert (row["status"], row["reason"]) == (
        "infeasible",
        "no combination of the others can stand in for it",
    )
    assert made["productivity"]["status"].unique().tolist() == ["no_year_before"]
    peers = made["efficiency_peer"].query("variant == 'ccr'")
    assert peers[["peer_city_code", "peer_year", "weight"]].to_numpy().tolist() == [
        ["000", 2010, 1.0]
    ]


def test_all_units_bad_gives_reasons_and_no_error(wide):
    made = measure(wide.assign(money=-1.0))
    assert made["efficiency_score"]["score"].isna().all()
    assert set(made["efficiency_score"]["status"]) == {"negative"}
    assert set(made["productivity"]["status"]) == {"negative"}
    assert not len(made["efficiency_peer"])


def test_a_model_without_a_term_is_left_out_and_says_which(wide):
    names = ("m", "n")
    seeds = [
        model_seed(*names),
        pd.concat([variant_seed(VARIANTS[:2], name) for name in names]),
        pd.concat([term_seed(), term_seed(outputs=("schools", "roads", "clinics"), model="n")]),
    ]
    values = pd.concat([long(wide), long(wide.assign(clinics=np.nan), "n")])
    made = measure_efficiency(*seeds, values)
    status = made["efficiency_status"].set_index("model_id")
    assert status["status"].to_dict() == {"m": "measured", "n": "left_out"}
    assert (
        status.loc["n", "reason"]
        == "no value anywhere of roads (roads_code), clinics (clinics_code)"
    )
    assert status.loc["n", "city_years"] == len(wide)
    assert set(made["efficiency_score"]["model_id"]) == {"m"}
    nothing = measure_efficiency(*seeds, values.iloc[:0])
    assert set(nothing["efficiency_status"]["status"]) == {"left_out"}
    assert all(len(nothing[name]) == 0 for name in TABLES if name != "efficiency_status")
    for name, frame in empty_tables().items():
        assert dict(frame.dtypes) == dict(nothing[name].dtypes) == dict(made[name].dtypes)


def test_order_of_rows_and_imputed_flags(wide, made):
    rows = long(wide)
    rows.loc[
        (rows["city_code"] == "004") & (rows["year"] == 2011) & (rows["term"] == "staff"),
        "is_imputed",
    ] = True
    shuffled = rows.sample(frac=1, random_state=3)
    found = measure_efficiency(model_seed("m"), variant_seed(VARIANTS), term_seed(), shuffled)
    flagged = found["efficiency_score"].query("is_imputed")
    assert set(zip(flagged["city_code"], flagged["year"], strict=True)) == {("004", 2011)}
    # The index of a year uses the terms of the year before as well.
    flagged = found["productivity"].query("is_imputed")
    assert set(zip(flagged["city_code"], flagged["year"], strict=True)) == {
        ("004", 2011),
        ("004", 2012),
    }
    for name, frame in found.items():
        same = [column for column in frame.columns if column != "is_imputed"]
        pd.testing.assert_frame_equal(frame[same], made[name][same])


@pytest.mark.parametrize(
    ("variants", "terms", "told"),
    [
        ([("v", "magic", "input", "crs", "pooled", False)], {}, "variant v: method 'magic'"),
        ([("v", "radial", "none", "crs", "pooled", False)], {}, "variant v: orientation 'none'"),
        ([("v", "radial", "input", None, "pooled", False)], {}, "variant v: returns ''"),
        ([("v", "malmquist", "input", "crs", "pooled", False)], {}, "variant v: returns 'crs'"),
        ([("v", "sbm", "none", "crs", "yearly", False)], {}, "variant v: frontier 'yearly'"),
        ([("v", "scale", "input", None, "pooled", True)], {}, "keeps_detail must be false"),
        (VARIANTS[:1], {"undesirable": (WASTE,)}, "takes no undesirable outputs; use sbm"),
        (VARIANTS[:1] * 2, {}, "has variant 'ccr' twice"),
        (VARIANTS[:1], {"outputs": ()}, "model m has no output"),
        (VARIANTS[:1], {"inputs": ("money", "schools")}, "term 'schools' is there twice"),
    ],
)
def test_seeds_that_do_not_fit_name_the_place(wide, variants, terms, told):
    with pytest.raises(EfficiencyError) as error:
        measure(wide, variants, **terms)
    assert told in str(error.value)
    assert "model m" in str(error.value)


def test_an_unknown_role_is_told(wide):
    terms = term_seed().replace({"role": {"input": "inputs"}})
    with pytest.raises(
        EfficiencyError, match="model m: role 'inputs': choose one of input, output"
    ):
        measure_efficiency(model_seed("m"), variant_seed(VARIANTS[:1]), terms, long(wide))


def test_a_stray_model_and_a_repeated_value_are_told(wide):
    seeds = model_seed("other"), variant_seed(VARIANTS[:1]), term_seed()
    with pytest.raises(EfficiencyError, match="model 'm' is not in efficiency_model"):
        measure_efficiency(*seeds, long(wide))
    rows = long(wide)
    with pytest.raises(EfficiencyError, match="000 has money of 2010 twice"):
        measure_efficiency(model_seed("m"), *seeds[1:], pd.concat([rows, rows.iloc[:1]]))


def test_progress_names_every_variant(wide):
    told = []
    measure_efficiency(
        model_seed("m"),
        variant_seed(VARIANTS),
        term_seed(),
        long(wide),
        lambda model, variant: told.append((model, variant)),
    )
    assert told == [("m", row[0]) for row in VARIANTS]


def measured(variants, kinds=None, no_zero=None):
    """Variants of model m whose terms are of the `kinds` given, by term; else indicators."""
    terms = term_seed()
    terms["kind"] = [(kinds or {}).get(term, "indicator") for term in terms["term"]]
    terms["dimension"] = np.where(terms["kind"] == "dimension", "education", None)
    return measure_efficiency(
        model_seed("m"), variant_seed(variants), terms, long(panel()), no_zero=no_zero or {}
    )


@pytest.mark.parametrize("row", [row for row in VARIANTS if row[0] != "bcc"])
def test_ratios_of_an_index_are_refused_with_seed_variant_and_term(row):
    if row[0] == "super_bcc":
        row = ("super_bcc_output", "super_radial", "output", "vrs", "pooled", True)
    with pytest.raises(EfficiencyError) as error:
        measured([row], {"schools": "dimension"})
    said = str(error.value)
    assert f"seed efficiency_variant: model m, variant {row[0]}: method" in said
    assert "term 'schools' has no true zero: schools_code education: scaled scores" in said
    assert "natural units in efficiency_term" in said


def test_ratios_of_an_indicator_without_zero_are_refused():
    with pytest.raises(EfficiencyError, match=r"term 'money' has no true zero.*it may be negative"):
        measured([VARIANTS[1]], no_zero={"money_code": "it may be negative"})
    with pytest.raises(EfficiencyError, match=r"\(and 1 terms more\)"):
        measured([VARIANTS[0]], {"schools": "index", "clinics": "index"})


def test_what_no_shift_changes_takes_scores():
    free = [
        ("bcc", "radial", "input", "vrs", "pooled", True),
        ("ram", "ram", "none", "vrs", "pooled", True),
        ("bam", "bam", "none", "vrs", "per_year", False),
    ]
    made = measured(free, {"schools": "dimension", "clinics": "index"})
    assert set(made["efficiency_score"]["variant"]) == {"bcc", "ram", "bam"}
    assert (made["efficiency_score"]["status"] == "ok").all()
    targets = of_variant(made, "efficiency_target", "ram")
    peers = of_variant(made, "efficiency_peer", "ram")
    sums = peers.groupby(["city_code", "year"])["weight"].sum()
    np.testing.assert_allclose(sums.to_numpy(), 1.0, atol=HIGHS)
    assert set(targets["term"]) == {*INPUTS, *OUTPUTS}
    with pytest.raises(EfficiencyError, match="variant ram: returns 'crs': choose one of vrs"):
        measured([("ram", "ram", "none", "crs", "pooled", False)])
    with pytest.raises(EfficiencyError, match="orientation 'input': choose one of none"):
        measured([("ram", "ram", "input", "vrs", "pooled", False)])
