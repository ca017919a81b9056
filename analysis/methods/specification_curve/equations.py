"""The specifications of a curve: every combination of the choices that a design declares.

Belongs here: what is combined with what, and the equations that come of it. Does not belong here: the keys
(`spec`), estimation (`numbers`, `run`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, product

from analysis.methods.specification_curve.spec import RuleChoice, SpecificationCurve
from analysis.study.equations import Block, Equation, Reading
from analysis.study.references import equation_of_design
from analysis.study.spec import Study

BASE = "base"
OWN = "as the column"


@dataclass(frozen=True)
class Choice:
    """A setting that sets of controls share: the equation with all controls, and its choices in words."""

    equation: Equation
    sample: str
    rule: str


def equation_of(study: Study, design: SpecificationCurve) -> Equation:
    """The column's own equation."""
    return equation_of_design(study, design, BASE, "The column itself")


def block_of(study: Study, design: SpecificationCurve) -> Block:
    """The column itself, and the same under each rule: what must be dated for the design."""
    base = equation_of(study, design)
    dated = [
        replace(base, column_id=f"rule_{rule.id}", reading=_reading(study, rule))
        for rule in design.rules
    ]
    return Block(design.id, design.title, (base, *dated))


def _reading(study: Study, rule: RuleChoice) -> Reading:
    own = study.policy
    changed = {"coverage": rule.coverage or own.coverage, "timing": rule.timing or own.timing}
    return Reading(policy=own.model_copy(update=changed))


def control_sets(design: SpecificationCurve, controls: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Sets of controls, the column's own first, each once."""
    if design.control_sets == "declared":
        return [controls]
    k = len(controls)
    every = design.control_sets == "each"
    sizes = sorted(range(k + 1) if every else {k, max(k - 1, 0), 0}, reverse=True)
    return [each for size in sizes for each in combinations(controls, size)]


def number_of(study: Study, design: SpecificationCurve) -> int:
    """How many specifications there are, without making them."""
    k = len(equation_of(study, design).controls)
    sets = {"each": 2**k, "declared": 1, "leave_one_out": k + 2 if k > 1 else k + 1}
    others = (design.outcomes, design.effect_sets, design.samples, design.rules, design.clusters)
    number = sets[design.control_sets]
    for each in others:
        number *= len(each) + 1
    return number


def choices(study: Study, design: SpecificationCurve) -> Iterator[Choice]:
    """Settings in the order of the file, the column's own choice of each first."""
    base = equation_of(study, design)
    samples = [(OWN, base.sample), *((s.label, (*base.sample, *s.sample)) for s in design.samples)]
    rules = [(OWN, base.reading), *((rule.label, _reading(study, rule)) for rule in design.rules)]
    for outcome, (sample, rows), (rule_label, reading), effects, cluster in product(
        (base.outcome, *design.outcomes),
        samples,
        rules,
        (base.effects, *design.effect_sets),
        (base.cluster, *design.clusters),
    ):
        yield Choice(
            replace(
                base,
                outcome=outcome,
                sample=rows,
                reading=reading,
                effects=effects,
                cluster=cluster,
            ),
            sample,
            rule_label,
        )


__all__ = [
    "BASE",
    "OWN",
    "Choice",
    "block_of",
    "choices",
    "control_sets",
    "equation_of",
    "number_of",
]
