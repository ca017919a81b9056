"""The forms in which a release hands out its tables, beside the warehouse itself.

Belongs here: the list of formats. A new one is a module with a `Format` and a line here: it is then
written with each release, listed in its manifest, and checked before it is put in place.
"""

from orchestration.releases.formats.base import Format
from orchestration.releases.formats.parquet import PARQUET

FORMATS: tuple[Format, ...] = (PARQUET,)

__all__ = ["FORMATS", "Format"]
