"""The equations of a matching, in the names of the study.

Belongs here: what is explained by what, and the covariates of the propensity. Does not belong here: the
keys (`spec`), who is matched (`pools`, `choose`).
"""

from analysis.methods.matching.spec import MatchedColumn, Matching
from analysis.study.equations import Block, Equation
from analysis.study.spec import Study


def covariates_of(study: Study, design: Matching) -> tuple[str, ...]:
    """Names of the variables that cities are matched on."""
    if isinstance(design.covariates, bool):
        return study.controls if design.covariates else ()
    return design.covariates


def equation_of(study: Study, design: Matching, column: MatchedColumn) -> Equation:
    """The equation that is estimated on the rows that a column matches."""
    return Equation(
        column_id=column.id,
        label=column.label,
        outcome=design.outcome or study.outcome.column,
        regressors=(study.treatment,),
        controls=study.controls_of(design),
        effects=design.effects,
        sample=design.sample,
        published_column=column.published_column,
    )


def block_of(study: Study, design: Matching) -> Block:
    """The equations of all columns."""
    equations = tuple(equation_of(study, design, column) for column in design.columns)
    return Block(design.id, design.title, equations, design.published)


__all__ = ["block_of", "covariates_of", "equation_of"]
