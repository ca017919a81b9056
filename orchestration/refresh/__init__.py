"""A refresh: its stages in order, the private build, the look before the work, dbt, the fingerprint."""
