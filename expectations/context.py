"""The Great Expectations context: nothing sent, nothing drawn, nothing written but where told.

Belongs here: the settings that every gate and the Data Docs share, and where their results lie in
the folder that carries them from gate to Data Docs. Imports Great Expectations when called.
"""

from pathlib import Path
from typing import Any

RESULTS_FOLDER = "validations"
SUITES_FOLDER = "expectations"
SUMMARIES_FOLDER = "gates"


def _store(class_name: str, folder: Path | None) -> dict[str, Any]:
    backend: dict[str, Any] = {"class_name": "InMemoryStoreBackend"}
    if folder is not None:
        # No `.ge_store_backend_id` file: its random content would differ between equal runs.
        backend = {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(folder),
            "suppress_store_backend_id": True,
        }
    return {"class_name": class_name, "store_backend": backend}


def make_context(docs_store: Path | None, sites: dict[str, Any] | None = None) -> Any:
    """An ephemeral context; results and suites go to `docs_store`, or nowhere without it."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig, ProgressBarsConfig

    root = docs_store.resolve() if docs_store is not None else None
    config = DataContextConfig(
        stores={
            "expectations_store": _store("ExpectationsStore", root and root / SUITES_FOLDER),
            "validation_results_store": _store(
                "ValidationResultsStore", root and root / RESULTS_FOLDER
            ),
            "checkpoint_store": _store("CheckpointStore", None),
            "validation_definition_store": _store("ValidationDefinitionStore", None),
        },
        expectations_store_name="expectations_store",
        validation_results_store_name="validation_results_store",
        checkpoint_store_name="checkpoint_store",
        data_docs_sites=sites or {},
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    return gx.get_context(project_config=config, mode="ephemeral")
