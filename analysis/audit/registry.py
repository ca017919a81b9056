"""The rules in the order of the answer. A new one is a function and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analysis.audit import cell_rules, column_rules, other_rules
from analysis.audit.findings import Finding
from analysis.audit.tables import PrintedTables

RULES: tuple[Callable[[PrintedTables], Iterator[Finding]], ...] = (
    cell_rules.coefficient_over_error,
    cell_rules.sign_of_t,
    cell_rules.stars_of_t,
    cell_rules.p_of_t,
    cell_rules.interval_of_error,
    cell_rules.error_for_t,
    cell_rules.lost_digits,
    column_rules.f_of_one_regressor,
    column_rules.n_of_cities_and_years,
    column_rules.n_of_balanced_panel,
    column_rules.groups_make_the_whole,
    column_rules.columns_alike,
    column_rules.r2_of_nested,
    column_rules.effects_add_up,
    column_rules.same_model,
    other_rules.weights_add_up,
    other_rules.drawn_p_value,
    other_rules.within_range,
)


def audit(tables: PrintedTables) -> list[Finding]:
    """What the rules find, in their order."""
    return [finding for rule in RULES for finding in rule(tables)]
