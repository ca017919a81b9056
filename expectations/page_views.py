"""How the Data Docs look: Great Expectations' page views with templates that need no network.

Belongs here: the choice of templates and what the front page shows besides Great Expectations' own
lists. Does not belong here: the templates (`pages/`) or the building of the site. Imports Great
Expectations.
"""

from pathlib import Path
from typing import Any

from great_expectations.render.view import DefaultJinjaIndexPageView, DefaultJinjaPageView
from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader

from expectations.context import RESULTS_FOLDER
from expectations.data_docs import read_summaries

PAGES = Path(__file__).with_name("pages")

THEIR_FAILED = "</i> Failed"
OUR_FAILED = "</i> Not every rule is met; each says whether it is critical or a warning"
"""Great Expectations knows no severity when it sums up a table."""

STATUSES = ("failed", "warning", "passed", "not applicable")


def _ours_first(environment: Environment) -> None:
    """Our templates replace theirs of the same name; the other way round is their order."""
    theirs = environment.loader
    assert isinstance(theirs, BaseLoader)
    environment.loader = ChoiceLoader([FileSystemLoader(PAGES), theirs])


class OfflinePageView(DefaultJinjaPageView):
    """A page of one suite or of one validation."""

    def __init__(self, vintage: str = "", simulated: bool = False, **directories: Any) -> None:
        super().__init__(**directories)
        _ours_first(self.env)
        self.env.globals |= {"vintage": vintage, "simulated": simulated}

    def render(self, document: Any, template: Any = None, **more: Any) -> Any:
        """Render the page; a table whose warnings alone are not met has not failed."""
        page = str(super().render(document, template, **more))
        return page.replace(THEIR_FAILED, OUR_FAILED)


class OfflineIndexView(DefaultJinjaIndexPageView):
    """The front page: every rule of every gate with its outcome, then the lists of pages."""

    def __init__(
        self, results_store: str, vintage: str = "", simulated: bool = False, **directories: Any
    ) -> None:
        super().__init__(**directories)
        _ours_first(self.env)
        self.env.globals |= {"vintage": vintage, "simulated": simulated}
        self._results_store = Path(results_store)

    def render(self, document: Any, template: Any = None, **more: Any) -> Any:
        """Render the front page with the summaries of the gates."""
        gates = read_summaries(self._results_store)
        for gate in gates:
            gate["counts"] = {
                status: sum(rule["status"] == status for rule in gate["rules"])
                for status in STATUSES
            }
            for rule in gate["rules"]:
                rule["page"] = self._page_of(rule["suite"])
        return super().render(document, template, gates=gates, **more)

    def _page_of(self, suite: str) -> str | None:
        """Address of the page that shows a suite's results; none where no rule of it applied."""
        for file in (self._results_store / RESULTS_FOLDER / suite).rglob("*.json"):
            return file.relative_to(self._results_store).with_suffix(".html").as_posix()
        return None
