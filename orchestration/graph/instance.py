"""The Dagster instance of a refresh: it lives as long as the run and is asked by nobody else.

Belongs here: what of a run is kept while it runs. Does not belong here: the job (`definitions`), running it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from dagster._core.events.log import EventLogEntry


@contextmanager
def passing_instance() -> Iterator[dg.DagsterInstance]:
    """An instance that stores the events of the run (begun, succeeded, failed) and no step's.

    A run in this process hands its events to the caller, who has them in the result. The instance would write
    each of them, some 1,800, into tables that go with it: a connection and several statements per event, a
    twentieth of the refresh. Of materialisations and checks nothing is asked of the tables, as every run
    makes all of them; what stops a run is decided in the step itself.
    """
    with dg.DagsterInstance.ephemeral() as instance:
        stores = instance.should_store_event

        def of_the_run(event: EventLogEntry) -> bool:
            found = event.dagster_event
            return found is not None and found.is_job_event and stores(event)

        instance.should_store_event = of_the_run  # type: ignore[method-assign]
        yield instance
