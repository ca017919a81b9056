"""The regression tables of a method for one study, each with the figure of its policy effects.

Belongs here: what every method with regression tables shows alike. Does not belong here: tests and
effects of a single method (its room).
"""

from dataclasses import dataclass

from markupsafe import Markup

from analysis.report.effects import effect_figure, forest_figure
from analysis.report.section import Context
from analysis.report.table.build import effects_of, tables_of
from analysis.report.table.model import RegressionTable, anchor
from analysis.typeset.texts import _


@dataclass(frozen=True)
class ShownTable:
    """A table and its figure; none where no column has the effect of the policy."""

    table: RegressionTable
    figure: Markup | None


def shown_tables(context: Context, method: str) -> list[ShownTable]:
    """The tables that a method made for the study of the context, in the order of the study."""
    tables = tables_of(context, str(context.study["study"]), method)
    return [ShownTable(table, _figure(context, table)) for table in tables]


def _figure(context: Context, table: RegressionTable) -> Markup | None:
    study = context.study
    if not study["effect_term"]:  # nothing says which term is the policy's
        return None
    effects = effects_of(context, table, study["effect_term"])
    if table.outcomes and len(effects):  # effects on other outcomes don't share an axis
        own = [
            column.column_id
            for column, outcome in zip(table.columns, table.outcomes, strict=True)
            if outcome == study["outcome_label"]
        ]
        effects = effects[effects["column_id"].isin(own)]
    if effects.empty:
        return None
    label = _(
        "Policy effect on {outcome} by column of {title}, with 95 per cent intervals; "
        "the numbers are in the table above."
    ).format(outcome=study["outcome_with_unit"], title=table.title)
    draw = forest_figure if table.split else effect_figure
    return draw(
        context.pen,
        anchor("fig-effect", table.study, table.method, table.design),
        label,
        effects,
        _("Effect, {unit}").format(unit=study["axis"]),
    )
