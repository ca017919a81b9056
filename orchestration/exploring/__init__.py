"""The explorer: pages of a release that open from disk, and the parts of data that they load.

`write_explorer` and `missing_parts` are what others need.
"""

from orchestration.exploring.write import Explorer, missing_parts, write_explorer

__all__ = ["Explorer", "missing_parts", "write_explorer"]
