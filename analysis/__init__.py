"""Estimators, study specifications and the report: numbers in, numbers out.

Belongs here: pure functions on arrays and frames, and what turns their results into tables and
pages. Does not belong here: reading files, SQL, Dagster, dbt, DuckDB, Great Expectations.
"""
