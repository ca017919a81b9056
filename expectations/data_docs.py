"""Data Docs of all gates of a refresh: the site of Great Expectations, readable without a network.

Belongs here: building the site and making sure it is whole. Does not belong here: what the pages
look like (`page_views` and `pages/`), or any result. Great Expectations is imported when called.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from expectations.context import RESULTS_FOLDER, SUITES_FOLDER, SUMMARIES_FOLDER, make_context
from expectations.suite import GATES

SITE = "release"


class DataDocsError(RuntimeError):
    """The Data Docs could not be built; the message says what is missing."""


def read_summaries(results_store: Path) -> list[dict[str, Any]]:
    """What each gate found, in the order of the data's way; gates that have not run are absent."""
    folder = results_store / SUMMARIES_FOLDER
    return [
        {"gate": gate, "rules": json.loads((folder / f"{gate}.json").read_text(encoding="utf-8"))}
        for gate in GATES
        if (folder / f"{gate}.json").is_file()
    ]


def build_data_docs(
    results_store: Path, target: Path, *, vintage: str = "", simulated: bool = False
) -> Path:
    """Build the site from the results that `run_gate(..., docs_store=results_store)` kept.

    Args:
        results_store: the folder given to the gates of this refresh.
        target: folder of the site, absent or empty.
        vintage: name of the release, shown on every page.
        simulated: whether the figures are invented; every page then says so.

    Returns:
        The front page, `target/index.html`. No page loads anything from elsewhere.

    Raises:
        DataDocsError: no gate has run, or a page could not be made.
    """
    if not read_summaries(results_store):
        raise DataDocsError(f"{results_store}: no results of any gate; run the gates first")
    if target.exists() and any(target.iterdir()):
        raise DataDocsError(f"{target}: not empty; give the site a folder of its own")
    about = {"vintage": vintage, "simulated": simulated}
    pages = {"module_name": "expectations.page_views", "class_name": "OfflinePageView", **about}
    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(target.resolve()),
        },
        "site_index_builder": {
            "class_name": "DefaultSiteIndexBuilder",
            "view": {
                "module_name": "expectations.page_views",
                "class_name": "OfflineIndexView",
                "results_store": str(results_store.resolve()),
                **about,
            },
        },
        "site_section_builders": {
            "expectations": {"class_name": "DefaultSiteSectionBuilder", "view": pages},
            "validations": {"class_name": "DefaultSiteSectionBuilder", "view": pages},
            "profiling": "None",
        },
    }
    context = make_context(results_store, sites={SITE: site})
    import expectations.query_expectations  # noqa: F401  (registers our own expectations)

    context.build_data_docs(site_names=[SITE])
    _check_whole(results_store, target)
    # Logos, animations and fonts of 3 MB that no page shows.
    shutil.rmtree(target / "static", ignore_errors=True)
    return target / "index.html"


def _check_whole(results_store: Path, target: Path) -> None:
    """Raise where a page is missing: the site builder only logs what it could not render."""
    missing = []
    for place in (SUITES_FOLDER, RESULTS_FOLDER):
        for file in sorted((results_store / place).rglob("*.json")):
            page = file.relative_to(results_store).with_suffix(".html")
            if not (target / page).is_file():
                missing.append(page.as_posix())
    if not (target / "index.html").is_file() or not (target / "index.html").stat().st_size:
        missing.append("index.html")
    if missing:
        raise DataDocsError(f"{target}: pages that could not be made: {', '.join(missing)}")
