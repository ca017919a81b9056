"""The one access to DuckDB."""
