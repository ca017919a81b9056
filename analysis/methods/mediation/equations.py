"""The regressions of a mediation, as they are printed.

Belongs here: total effect, both steps of each mediator, all held at once. Does not belong here: the
keys (`spec`), paths and their errors (`numbers`).
"""

from collections.abc import Iterator
from dataclasses import replace

from analysis.methods.mediation.spec import Mediation
from analysis.study.equations import Block, Equation
from analysis.study.spec import Study


def block_of(study: Study, design: Mediation) -> Block:
    """The regressions of a mediation, in the order in which they are printed."""
    return Block(design.id, design.title, tuple(_equations(study, design)), design.published)


def path_equation(study: Study, design: Mediation, mediators: tuple[str, ...]) -> Equation:
    """The outcome on the policy and mediators that are held: its rows are those of their paths."""
    return Equation(
        column_id="+".join(mediators),
        label="Mediators held",
        outcome=study.outcome.column,
        regressors=(study.treatment, *mediators),
        controls=study.controls_of(design),
        effects=design.effects,
    )


def _equations(study: Study, design: Mediation) -> Iterator[Equation]:
    """Total effect; by mediator the policy on it and the effect with it held; all held at once."""
    printed = design.published is not None
    total = Equation(
        column_id="1",
        label="Total effect",
        outcome=study.outcome.column,
        regressors=(study.treatment,),
        controls=study.controls_of(design),
        effects=design.effects,
        published_column=1 if printed else None,
    )
    yield total
    for k, mediator in enumerate(design.mediators):
        first, second = 2 * k + 2, 2 * k + 3
        # Both on the rows that have outcome and mediator: else a and b aren't of one sample.
        yield replace(
            total,
            column_id=str(first),
            label="Policy on mediator",
            outcome=mediator,
            needs=(study.outcome.column,),
            published_column=first if printed else None,
        )
        yield replace(
            total,
            column_id=str(second),
            label="Mediator held",
            regressors=(study.treatment, mediator),
            published_column=second if printed else None,
        )
    if design.joint is not None:
        yield replace(
            total,
            column_id=str(2 * len(design.mediators) + 2),
            label="Mediators held together",
            regressors=(study.treatment, *design.joint),
            published_column=None,
        )


__all__ = ["block_of", "path_equation"]
