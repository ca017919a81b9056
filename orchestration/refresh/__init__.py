"""A refresh: its stages in order, the steps that fill a private build, the look before the work, dbt."""
