"""What an outcome has in common with what explains it, and what is refused."""

import pytest

from analysis.study.lineage import Lineage, Overlap, Part, entangled, overlaps

LINEAGE = Lineage(
    {"index": "index", "share": "share", "twin": "twin", "students_per_head": "students_per_head",
     "density": "density", "real": "real", "efficiency": "efficiency", "students": "students"},
    {
        "index": (Part("component", "students"), Part("component", "twin"), Part("component", "rate")),
        "twin": (Part("numerator", "industry"), Part("denominator", "gdp")),
        "share": (Part("numerator", "industry"), Part("denominator", "gdp")),
        "rate": (Part("numerator", "users"), Part("denominator", "residents")),
        "students_per_head": (Part("numerator", "students"), Part("denominator", "registered")),
        "density": (Part("numerator", "residents"), Part("denominator", "area")),
        "efficiency": (Part("input", "spending"), Part("output", "rate")),
        "spending": (Part("nominal figure", "budget"),),
        "real": (Part("nominal figure", "share"),),
    },
)  # fmt: skip


def found(outcome: str, **terms: tuple[str, ...]) -> list[tuple]:
    return [
        (o.term, o.figure, o.role_in_outcome, o.role_in_term, o.is_contained)
        for o in overlaps(LINEAGE, (outcome,), terms)
    ]


def test_a_component_is_found_under_another_name_and_as_a_numerator():
    assert found("index", a=("share",)) == [("a", "twin", "component", "itself", True)]
    assert found("index", b=("students_per_head",)) == [
        ("b", "students", "component", "numerator", True)
    ]
    assert found("index", c=("students", "gdp")) == [
        ("c", "students", "component", "numerator", True),
        ("c", "gdp", "denominator", "denominator", False),
    ]


def test_a_common_denominator_is_shared_and_not_contained():
    assert found("index", d=("density",)) == [("d", "residents", "denominator", "numerator", False)]
    assert found("index", d=("area",)) == []


def test_inputs_outputs_and_deflated_figures_are_followed():
    assert found("efficiency", a=("budget",), b=("rate",)) == [
        ("a", "budget", "nominal figure", "itself", True),
        ("b", "rate", "output", "itself", True),
    ]
    assert found("share", a=("real",)) == [("a", "share", "itself", "nominal figure", True)]


def test_parts_of_a_shared_figure_are_not_told_again():
    assert found("index", a=("share",), b=("index",)) == [
        ("a", "twin", "component", "itself", True),
        ("b", "index", "itself", "itself", True),
    ]


def test_terms_to_leave_out_are_those_contained():
    given = overlaps(LINEAGE, ("index",), {"d": ("density",), "a": ("share",), "b": ("students",)})
    assert all(isinstance(each, Overlap) for each in given)
    assert entangled(given) == ("a", "b")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("share",), ("twin",), True),
        (("industry", "gdp"), ("share",), True),
        (("gdp", "industry"), ("share",), False),
        (("students",), ("students_per_head",), False),
        (("index",), ("index",), True),
    ],
)
def test_figures_are_the_same_by_what_they_are_made_of(one, other, same):
    assert LINEAGE.same(one, other) is same
