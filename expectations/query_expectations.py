"""The two expectations of our own, both over SQL.

Belongs here: classes that Great Expectations registers by being defined, with how the Data Docs
show them. Does not belong here: rules (they are data, in `suites/`). Imports Great Expectations.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, ClassVar

from great_expectations.expectations import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.render import LegacyDiagnosticRendererType, RenderedTableContent
from great_expectations.render.renderer.renderer import renderer

from expectations.result import MAX_FAILING_ROWS


def figure_text(value: Any) -> str:
    """A figure as read by people: at most seven digits, text and missing values as they are."""
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def _columns(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Columns in the order of the query, kept beside the rows: stored results sort their keys."""
    return list(rows[0]) if rows else []


def _row_table(result: Any, name: str) -> list[RenderedTableContent] | None:
    """The rows that a result holds under a name, as a table of the Data Docs."""
    details = (result.result.get("details") or {}) if result is not None else {}
    rows = details.get(name) or []
    if not rows:
        return None
    columns = details["columns"]
    return [
        RenderedTableContent(
            content_block_type="table",
            header_row=columns,
            # Escaped here, as the templates don't and names are text from files.
            table=[
                [escape(figure_text(row[column])) for column in columns]
                for row in rows[:MAX_FAILING_ROWS]
            ],
            styling={"body": {"classes": ["table", "table-bordered", "table-sm", "mt-3"]}},
        )
    ]


class ExpectQueryToReturnNoRows(UnexpectedRowsExpectation):
    """An `UnexpectedRowsExpectation` whose rows the Data Docs show."""

    def _validate(
        self, metrics: dict, runtime_configuration: Any = None, execution_engine: Any = None
    ) -> Any:
        answer = super()._validate(metrics, runtime_configuration, execution_engine)
        details = answer["result"]["details"]
        details["columns"] = _columns(details["unexpected_rows"])
        return answer

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.UNEXPECTED_TABLE)
    def _diagnostic_unexpected_table_renderer(
        cls, configuration: Any = None, result: Any = None, runtime_configuration: Any = None
    ) -> Any:
        return _row_table(result, "unexpected_rows")

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.OBSERVED_VALUE)
    def _diagnostic_observed_value_renderer(
        cls, configuration: Any = None, result: Any = None, runtime_configuration: Any = None
    ) -> str:
        found = result.result.get("observed_value") if result is not None else None
        return "--" if found is None else f"{found} row{'' if found == 1 else 's'}"


class ExpectQueryValueToBeBetween(BatchExpectation):
    """The column `value` of a query's single row lies in a closed range.

    The row's other columns say more about the figure. A missing figure, no row and more than one
    row all fail.
    """

    query: str
    min_value: float | None = None
    max_value: float | None = None

    metric_dependencies: ClassVar[tuple[str, ...]] = ("query.table",)
    success_keys: ClassVar[tuple[str, ...]] = ("query", "min_value", "max_value")
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    def _validate(
        self, metrics: dict, runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict:
        rows = metrics["query.table"]
        value = rows[0].get("value") if len(rows) == 1 else None
        value = None if value is None else float(value)
        success = (
            value is not None
            and (self.min_value is None or value >= self.min_value)
            and (self.max_value is None or value <= self.max_value)
        )
        return {
            "success": success,
            "result": {
                "observed_value": value,
                "details": {"rows": rows, "columns": _columns(rows)},
            },
        }

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.UNEXPECTED_TABLE)
    def _diagnostic_unexpected_table_renderer(
        cls, configuration: Any = None, result: Any = None, runtime_configuration: Any = None
    ) -> Any:
        return None if result is None or result.success else _row_table(result, "rows")

    @classmethod
    @renderer(renderer_type=LegacyDiagnosticRendererType.OBSERVED_VALUE)
    def _diagnostic_observed_value_renderer(
        cls, configuration: Any = None, result: Any = None, runtime_configuration: Any = None
    ) -> str:
        found = result.result.get("observed_value") if result is not None else None
        return "--" if found is None else figure_text(found)
