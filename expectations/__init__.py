"""Great Expectations suites as data, the DuckDB datasource that runs them, and their results.

Belongs here: the distributional gates between layers and the Data Docs. Does not belong here:
keys, contracts and formulas (dbt owns those), orchestration, estimators.
"""
