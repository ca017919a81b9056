"""The guide adds a method that works, and touches two paths outside its folders; no part is spare.

The method is built in a copy of the repository from the blocks of `docs/how-to/add-a-method.md`.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
KEY = "two_periods"
ROOM, TESTS = f"analysis/methods/{KEY}", f"tests/methods/{KEY}"
REGISTRY, STUDY = "analysis/methods/registry.py", "analysis/studies/smart_city_nqpf.yml"
COPIED = (
    "analysis",
    "expectations",
    "orchestration",
    "scripts",
    "seeds",
    "dbt_project",
    "docs",
    "tests",
)
LEFT_OUT = shutil.ignore_patterns("__pycache__", "target", "logs", "*.otf.bak")
BLOCK = re.compile(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)

PARTS = (
    *(
        f"{ROOM}/{name}.py"
        for name in (
            "__init__",
            "spec",
            "numbers",
            "run",
            "tables",
            "referee",
            "rules",
            "section",
        )
    ),
    f"{ROOM}/section.html.j2",
    f"{ROOM}/tables.md",
    f"{ROOM}/texts.pot",
    f"{TESTS}/contract.yml",
    f"{TESTS}/test_{KEY}.py",
)

DRILL = """
import os, shutil, sys
from pathlib import Path
sys.path[:0] = [os.getcwd(), "tests", "tests/methods"]
import duckdb, pandas, pydantic, pytest, yaml, matplotlib  # what all attempts share

def attempt(change):
    \"\"\"Whether the room is found complete, in a process of its own; after a change.\"\"\"
    change()
    child = os.fork()
    if child == 0:
        try:
            from test_every_method import KEYS, missing_parts, rooms
            from contract_toy import toy_estimates, toy_panel
            complete = rooms() == set(KEYS) and missing_parts("two_periods") == []
            made = toy_estimates("two_periods", toy_panel()) if complete else None
            complete = complete and made.status["status"] == "estimated"
        except BaseException:
            complete = False
        os._exit(0 if complete else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

print("whole", attempt(lambda: None))
for part in sys.argv[1:]:
    path, hidden = Path(part), Path(part + ".hidden")
    print(part, attempt(lambda: path.rename(hidden)))
    hidden.rename(path)
registry = Path("analysis/methods/registry.py")
text = registry.read_text()
lines = [line for line in text.splitlines(True) if "TWO_PERIODS" not in line]
print("registry", attempt(lambda: registry.write_text("".join(lines))))
registry.write_text(text)
"""


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def python(copy: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=copy, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(copy)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """A copy of the repository with the method of the guide, and the paths that changed."""
    copy = tmp_path_factory.mktemp("drill") / "repository"
    for name in COPIED:
        shutil.copytree(REPO / name, copy / name, ignore=LEFT_OUT)
    shutil.copy(REPO / "pyproject.toml", copy)
    before = files_of(copy)
    guide = (copy / "docs" / "how-to" / "add-a-method.md").read_text(encoding="utf-8")
    blocks = dict(BLOCK.findall(guide))
    for place, text in blocks.items():
        name = place.removeprefix(f"{KEY}/")
        of_tests = name.startswith("test_") or name == "contract.yml"
        name = f"{TESTS if of_tests else ROOM}/{name}"
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text(text, encoding="utf-8")
    imported, listed = re.search(r"```text\n(from .*?)\n( +\w+,)\n```", guide, re.DOTALL).groups()
    registry = (copy / REGISTRY).read_text(encoding="utf-8")
    registry = registry.replace("\n\nMETHODS", f"\n{imported}\n\nMETHODS", 1)
    registry = registry.replace("\n    )\n}", f"\n{listed}\n    )\n}}", 1)
    (copy / REGISTRY).write_text(registry, encoding="utf-8")
    key = re.search(rf"```yaml\n({KEY}:.*?)```", guide, re.DOTALL)[1]
    with (copy / STUDY).open("a", encoding="utf-8") as study:
        study.write(f"\n{key}")
    for script in ("write_data_dictionary.py", "write_catalogue.py"):
        python(copy, f"scripts/{script}")
    after = files_of(copy)
    return copy, {name for name in {*before, *after} if before.get(name) != after.get(name)}


def test_it_touches_two_paths_outside_its_folders(added):
    _, changed = added
    outside = {name for name in changed if not name.startswith((f"{ROOM}/", f"{TESTS}/"))}
    assert outside == {REGISTRY, STUDY}
    assert {name for name in changed if name not in outside} >= set(PARTS)


def test_it_keeps_the_contract_and_its_own_tests(added):
    copy, _ = added
    options = ("-p", "no:cacheprovider", "-q", "--disable-socket", "--allow-unix-socket")
    said = python(
        copy, "-m", "pytest", *options, "tests/methods/test_every_method.py", TESTS,
        "-k", f"{KEY} or registry or provenance",
    )  # fmt: skip
    assert re.search(r"^\.{15,} +\[100%\]$", said, re.MULTILINE), said


def test_leaving_any_part_out_is_found(added):
    copy, _ = added
    told = dict(line.split() for line in python(copy, "-c", DRILL, *PARTS).splitlines())
    assert told.pop("whole") == "True"
    assert set(told) == {*PARTS, "registry"}
    assert set(told.values()) == {"False"}, told
