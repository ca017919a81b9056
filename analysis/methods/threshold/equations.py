"""The linear equation of a threshold model: what its rows need values of.

Belongs here: names of outcome, regressor, threshold variable and controls. Does not belong here: the
keys (`spec`), regimes (`numbers`).
"""

from analysis.methods.threshold.spec import ThresholdDesign
from analysis.study.equations import Equation
from analysis.study.spec import Study


def equation_of(study: Study, design: ThresholdDesign) -> Equation:
    """The model without a threshold; its regressors are the one of the regimes and the variable."""
    return Equation(
        column_id=design.id,
        label=design.title,
        outcome=study.outcome.column,
        regressors=(design.regressor or study.treatment, design.variable),
        controls=study.controls_of(design),
        effects=design.effects,
    )


__all__ = ["equation_of"]
