"""Imports of a refresh, for the process that the commands of the tests are forked from."""

import analysis.estimation
import analysis.report
import dbt.adapters.duckdb
import dbt.cli.main
import great_expectations
import linearmodels
import matplotlib.figure
import matplotlib.font_manager

import expectations.query_expectations
import orchestration.definitions  # noqa: F401
