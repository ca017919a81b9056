"""Second process of the writer: `python -m orchestration.sample FOLDER WORLD PART PARTS`.

Belongs here: the call that the writer makes to itself. Users call `write_sample`.
"""

import sys
from pathlib import Path

from orchestration.sample.writer import write_part

if __name__ == "__main__":
    folder, world, part, parts = sys.argv[1:5]
    if world not in ("policy", "no_policy"):
        raise SystemExit(f"world must be policy or no_policy, not {world!r}")
    write_part(Path(folder), "policy" if world == "policy" else "no_policy", int(part), int(parts))
