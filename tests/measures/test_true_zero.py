"""Which indicators have a true zero: by unit, by bounds, by lineage; and what the shipped seeds come to."""

import csv
from pathlib import Path

import pandas as pd

from analysis.measures.efficiency.declared import roles_with_ratios, terms_without_zero
from analysis.measures.true_zero import SCALED, SCORE_UNITS, why_no_zero, without_true_zero

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def frame(name):
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return pd.DataFrame(
            [{k: v or None for k, v in row.items()} for row in csv.DictReader(file)]
        )


def indicators(rows):
    columns = ["indicator_code", "unit", "kind", "valid_min"]
    return pd.DataFrame(rows, columns=columns)


def derived(rows):
    columns = ["indicator_code", "input_indicator_code", "coefficient"]
    return pd.DataFrame(rows, columns=columns)


RELATIVE = pd.DataFrame(columns=["indicator_code", "base_indicator_code"])
DEFLATED = pd.DataFrame(columns=["indicator_code", "nominal_indicator_code"])


def test_scores_and_what_may_be_negative_have_none_and_pass_it_on():
    found = without_true_zero(
        indicators(
            [
                ("teachers", "persons", "printed", "0"),
                ("quality", "score", "printed", "0"),
                ("growth", "percent", "printed", "-100"),
                ("unknown", "persons", "printed", None),
                ("share", "ratio", "derived", None),
            ]
        ),
        derived(
            [
                ("share", "teachers", 1.0),
                ("quality_per_head", "quality", 1.0),
                ("balance", "teachers", 1.0),
                ("balance", "pupils", -1.0),
            ]
        ),
        pd.DataFrame([("relative_quality", "real_quality")], columns=RELATIVE.columns),
        pd.DataFrame([("real_quality", "quality_per_head")], columns=DEFLATED.columns),
    )
    assert found == {
        "quality": "its unit is score, whose zero is a choice",
        "growth": "it may be negative",
        "unknown": "it may be negative",
        "balance": "it is a difference",
        "quality_per_head": "it is made of quality, which has none",
        "real_quality": "it is made of quality_per_head, which has none",
        "relative_quality": "it is made of real_quality, which has none",
    }


def test_indices_never_have_one():
    assert why_no_zero("index", "nqpf", {}) == why_no_zero("dimension", "nqpf", {}) == SCALED
    assert why_no_zero("indicator", "teachers", {"scores": "x"}) is None
    assert why_no_zero("indicator", "scores", {"scores": "x"}) == "x"


def shipped():
    names = ("indicator", "derived_term", "relative_indicator", "deflated_indicator")
    return without_true_zero(*(frame(name) for name in names))


def test_the_shipped_indicators_without_one():
    assert set(shipped()) == {
        "natural_growth_rate", "gdp_growth_rate", "data_element_utilisation", "nqpf_cao_dai",
        "gtfp_cao_dai",
    }  # fmt: skip
    units = set(frame("unit").query("dimension in ['score', 'index']")["unit_code"])
    assert units == SCORE_UNITS


def test_the_shipped_models_take_ratios_of_nothing_without_one():
    terms, variants = frame("efficiency_term"), frame("efficiency_variant")
    scaled = set()
    for row in variants.fillna("").to_dict("records"):
        found = terms_without_zero(row["model_id"], terms, shipped())
        needed = roles_with_ratios(row["method"], row["orientation"], row["returns"])
        assert not [t for t, (role, _) in found.items() if role in needed], row
        scaled |= {row["model_id"]} if found else set()
    assert scaled == {"public_service_index"}
