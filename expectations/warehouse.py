"""DuckDB as a Great Expectations datasource over one connection that stays open.

Belongs here: the SQLAlchemy dialect (no more of it than Great Expectations asks for) and the
datasource. Does not belong here: suites and results. Importing this module imports Great
Expectations, which takes seconds: import it where a gate runs, never at start-up.

Why a dialect of our own: the published one hands out a new cursor per statement and Great
Expectations closes it before it reads. Here cursor and connection are the caller's connection
itself, and closing them does nothing. It stays open, may be read-only, and sees what the caller
attached.
"""

from typing import Any, Literal

import duckdb
import sqlalchemy as sa
from great_expectations.compatibility import pydantic
from great_expectations.datasource.fluent import SQLDatasource
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from sqlalchemy.dialects import registry
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import StaticPool

URL = "duckdb+open_connection://"

_TYPES: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "BOOLEAN": sa.Boolean,
    "DATE": sa.Date,
    "DOUBLE": sa.Double,
    "FLOAT": sa.Float,
    "VARCHAR": sa.String,
} | {
    prefix + size: sa.BigInteger
    for prefix in ("", "U")
    for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
}


def _type_of(name: str) -> sa.types.TypeEngine[Any]:
    if name.startswith("DECIMAL"):
        return sa.Numeric()
    if name.startswith("TIMESTAMP"):
        return sa.DateTime()
    return _TYPES.get(name, sa.types.NullType)()


class OpenConnection:
    """DB-API connection and cursor in one, over a DuckDB connection that somebody else owns."""

    arraysize = 1
    rowcount = -1
    lastrowid = None

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def cursor(self) -> "OpenConnection":
        """Itself: DuckDB's connections are cursors."""
        return self

    @property
    def description(self) -> Any:
        """Columns of the last result."""
        return self._connection.description

    def execute(self, statement: str, parameters: Any = None) -> None:
        """Run a statement."""
        self._connection.execute(statement, list(parameters) if parameters else None)

    def fetchone(self) -> Any:
        """Next row of the last result."""
        return self._connection.fetchone()

    def fetchmany(self, size: int = 1) -> list[Any]:
        """Next rows of the last result."""
        return self._connection.fetchmany(size)

    def fetchall(self) -> list[Any]:
        """Remaining rows of the last result."""
        return self._connection.fetchall()

    def close(self) -> None:
        """Nothing: the caller closes its connection."""

    def commit(self) -> None:
        """Nothing: gates only read."""

    def rollback(self) -> None:
        """Nothing: gates only read."""


class OpenConnectionDialect(DefaultDialect):
    """The least of a dialect that lets Great Expectations read tables and run queries."""

    name = "duckdb"
    driver = "open_connection"
    supports_statement_cache = True
    default_paramstyle = "qmark"

    @classmethod
    def import_dbapi(cls) -> Any:
        """DuckDB's module, for its exception classes."""
        return duckdb

    def initialize(self, connection: Any) -> None:
        """Nothing to ask the database for."""
        self.default_schema_name = "main"

    def get_schema_names(self, connection: Any, **_: Any) -> list[str]:
        """Names of the schemas of the open database."""
        return [
            name
            for (name,) in connection.exec_driver_sql(
                "select schema_name from information_schema.schemata "
                "where catalog_name = current_database() order by schema_name"
            ).fetchall()
        ]

    def get_table_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """Names of the tables and views of a schema of the open database."""
        return [
            name
            for (name,) in connection.exec_driver_sql(
                "select table_name from information_schema.tables "
                "where table_catalog = current_database() and table_schema = ? order by table_name",
                (schema or "main",),
            ).fetchall()
        ]

    def has_table(
        self, connection: Any, table_name: str, schema: str | None = None, **_: Any
    ) -> bool:
        """Whether a table or view of that name is there."""
        return table_name in self.get_table_names(connection, schema)

    def get_columns(
        self, connection: Any, table_name: str, schema: str | None = None, **_: Any
    ) -> list[Any]:
        """Columns with the types that expectations ask about."""
        return [
            {"name": name, "type": _type_of(data_type), "nullable": True, "default": None}
            for name, data_type in connection.exec_driver_sql(
                "select column_name, data_type from information_schema.columns "
                "where table_catalog = current_database() and table_schema = ? and table_name = ? "
                "order by ordinal_position",
                (schema or "main", table_name),
            ).fetchall()
        ]

    def get_view_names(self, connection: Any, schema: str | None = None, **_: Any) -> list[str]:
        """Empty: views are listed with the tables."""
        return []


registry.register("duckdb.open_connection", __name__, "OpenConnectionDialect")


class DuckDBDatasource(SQLDatasource):
    """One schema of an open DuckDB connection as a SQL datasource of Great Expectations."""

    type: Literal["duckdb_open_connection"] = "duckdb_open_connection"  # type: ignore[assignment]
    _schema: str = pydantic.PrivateAttr("main")

    @property
    def schema_(self) -> str:
        """The schema whose tables the datasource offers."""
        return self._schema

    def get_engine(self) -> sa.Engine:
        """The engine set by `datasource`."""
        if self._engine is None:
            raise RuntimeError("make the datasource with `datasource(context, connection)`")
        return self._engine

    def get_execution_engine(self) -> SqlAlchemyExecutionEngine:
        """Runs metrics in DuckDB, without temporary tables, so that a read-only file will do."""
        if self._execution_engine is None:
            self._execution_engine = SqlAlchemyExecutionEngine(
                engine=self.get_engine(), create_temp_table=False
            )
        return self._execution_engine

    def test_connection(self, test_assets: bool = True) -> None:
        """Nothing: the connection is open."""


def datasource(
    context: Any, connection: duckdb.DuckDBPyConnection, schema: str
) -> DuckDBDatasource:
    """Add a schema behind an open connection to a Great Expectations context, under its name."""
    made = DuckDBDatasource(name=schema, connection_string=URL)
    made._schema = schema
    made._engine = sa.create_engine(
        URL, creator=lambda: OpenConnection(connection), poolclass=StaticPool
    )
    return context._add_fluent_datasource(datasource=made)
