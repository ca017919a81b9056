"""The equations of a robustness table: those of a column, varied.

Belongs here: what a variation changes of an equation, and how that is said. Does not belong here: the keys
themselves (`spec`), how values are read under it (`analysis.study.sample`).
"""

from dataclasses import replace

from analysis.methods.robustness.spec import Robustness, Variation
from analysis.study.clusters import cluster_word
from analysis.study.equations import Block, Equation, Reading
from analysis.study.keys import Filter
from analysis.study.references import column_named
from analysis.study.spec import Policy, Study

_SIGNS = {
    "equals": "=",
    "one_of": "one of",
    "none_of": "none of",
    "at_least": "at least",
    "at_most": "at most",
}


def block_of(study: Study, design: Robustness) -> Block:
    """The varied equations, in the order of the file. Raises KeyError for a column that isn't there."""
    base = base_of(study, design)
    equations = tuple(varied(study, base, each) for each in design.variations)
    return Block(design.id, design.title, equations, design.published)


def base_of(study: Study, design: Robustness) -> Equation:
    """The equation of the column that is varied. Raises KeyError where there is none."""
    return column_named(study, design.column, own=True)


def varied(study: Study, base: Equation, variation: Variation) -> Equation:
    """The equation of a column with what a variation does otherwise."""
    controls = base.controls if variation.controls is None else study.controls_of(variation)
    return replace(
        base,
        column_id=variation.id,
        label=variation.label,
        published_column=variation.published_column,
        outcome=variation.outcome or base.outcome,
        controls=(*variation.add, *controls),
        effects=base.effects if variation.effects is None else variation.effects,
        sample=(*base.sample, *variation.sample),
        year_by=variation.year_by or base.year_by,
        city_trends=variation.city_trends or base.city_trends,
        cluster=variation.cluster or base.cluster,
        reading=Reading(
            winsorise=variation.winsorise,
            lag_controls=variation.lag_controls or 0,
            policy=rule_of(study.policy, variation),
            leave_out=variation.leave_out,
            without_suspect=variation.without_suspect,
        ),
    )


def rule_of(policy: Policy, variation: Variation) -> Policy | None:
    """The rule by which a variation dates the treatment, if another than the study's."""
    if variation.coverage is None and variation.timing is None:
        return None
    rule = policy.model_copy(
        update={
            "coverage": variation.coverage or policy.coverage,
            "timing": variation.timing or policy.timing,
        }
    )
    return None if rule == policy else rule


def said(study: Study, base: Equation, variation: Variation) -> str:
    """What a variation does otherwise, in words and the names of the panel's columns."""
    varied_one = varied(study, base, variation)
    parts = []
    if variation.sample:
        parts.append("rows with " + " and ".join(_filter(each) for each in variation.sample))
    if variation.outcome is not None:
        parts.append(f"explains {study.outcome_label(variation.outcome)}")
    if variation.add:
        parts.append("holds " + ", ".join(study.label_of(name) for name in variation.add))
    if variation.controls is not None:
        parts.append("controls: " + (", ".join(map(study.label_of, varied_one.controls)) or "none"))
    if variation.effects is not None:
        parts.append("effects: " + (", ".join(varied_one.effects) or "none"))
    if variation.year_by is not None:
        parts.append(f"year effects of each {cluster_word(variation.year_by)} by itself")
    if variation.city_trends:
        parts.append("a linear trend of each city")
    if variation.cluster is not None:
        parts.append(f"clusters: {variation.cluster}")
    if variation.winsorise is not None:
        low, high = 100 * variation.winsorise, 100 * (1 - variation.winsorise)
        parts.append(
            f"outcome and controls beyond the {low:g} % and {high:g} % quantiles of the column's rows"
            " set to them"
        )
    if variation.lag_controls is not None:
        years = variation.lag_controls
        parts.append(f"controls of {years} year{'s' if years > 1 else ''} before")
    if varied_one.reading.policy is not None:
        rule = varied_one.reading.policy
        parts.append(
            f"treated from the {rule.timing.replace('_', ' ')},"
            f" {'the whole prefecture' if rule.coverage == 'whole' else 'any part of the prefecture'}"
        )
    if variation.leave_out:
        parts.append("without " + ", ".join(map(_since, variation.leave_out)))
    if variation.without_suspect:
        parts.append("without rows of which a value rests on a figure that fails a check")
    return "; ".join(parts)


def _since(years: int) -> str:
    """A year since the first treated year, in words."""
    if not years:
        return "the first treated year"
    size = f"{abs(years)} year{'s' if abs(years) > 1 else ''}"
    return f"the year {size} {'after' if years > 0 else 'before'} it"


def _filter(item: Filter) -> str:
    kind, wanted = item.condition
    value = ", ".join(map(str, wanted)) if isinstance(wanted, tuple) else str(wanted)
    return f"{item.column} {_SIGNS[kind]} {value}"


__all__ = ["base_of", "block_of", "rule_of", "said", "varied"]
