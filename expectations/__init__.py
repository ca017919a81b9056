"""Great Expectations suites as data, the DuckDB datasource that runs them, and their results.

Belongs here: the distributional gates between layers and the Data Docs. Does not belong here:
keys, contracts and formulas (dbt owns those), orchestration, estimators.

The way through: `suites/*.yml` (the rules) -> `suite` (reads and checks them) -> `gate` (runs one
gate over an open connection, by way of `context`, `warehouse` and `query_expectations`) -> `result`
and `findings` (plain data) and `data_docs` (the pages). Importing the package is quick; Great Expectations is
imported when the first gate runs.
"""

from expectations.data_docs import build_data_docs
from expectations.findings import Finding, Place
from expectations.gate import GateError, run_gate
from expectations.result import GateResult, RuleResult
from expectations.suite import (
    GATES,
    Rule,
    Suite,
    SuiteError,
    blocking_rules,
    load_suite,
    rule_names,
)

__all__ = [
    "GATES",
    "Finding",
    "GateError",
    "GateResult",
    "Place",
    "Rule",
    "RuleResult",
    "Suite",
    "SuiteError",
    "blocking_rules",
    "build_data_docs",
    "load_suite",
    "rule_names",
    "run_gate",
]
