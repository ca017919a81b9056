"""Data Docs: whole, linked, readable without a network; and nothing written or sent elsewhere."""

import json
import re
import subprocess
import sys
import textwrap
from html.parser import HTMLParser
from pathlib import Path

import pytest
from gx_cases import BREAKS, healthy

from expectations import GATES, build_data_docs, rule_names, run_gate
from expectations.data_docs import DataDocsError


class References(HTMLParser):
    """What a page links to or loads, its text, and the tags in it."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.page = page
        self.found: list[str] = []
        self.tags: set[str] = set()
        self.ids: set[str] = set()
        self.text = ""
        source = page.read_text(encoding="utf-8")
        self.feed(source)
        self.found += re.findall(r"url\(['\"]?([^'\")]+)", source)
        self.found += re.findall(r"@import\s+['\"]?([^'\";]+)", source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("src", "href", "srcset", "action") and value:
                self.found.append(value)
            if name == "id" and value:
                self.ids.add(value)

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("store")
    connection = healthy(last_release=False)
    for rule in (
        ("indicators", "jump_in_one_city"),
        ("indicators", "imputed_share_low"),
        ("indices", "score_within_bounds"),
    ):
        connection.execute(BREAKS[rule])
    connection.execute(
        "update marts.indicator_value set cell_id = '<b>' || city_code where city_code = '110300'"
    )
    for gate in GATES:
        run_gate(gate, connection, docs_store=store)
    front = build_data_docs(
        store, tmp_path_factory.mktemp("site"), vintage="2016-<abc>", simulated=True
    )
    assert front.name == "index.html"
    return front.parent


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 2 * len(GATES)
    for page in pages:
        read = References(page)
        assert not {"script", "img", "iframe", "object", "embed"} & read.tags, page
        for reference in read.found:
            if reference in {"data:,", "#"}:
                continue
            assert ":" not in reference.split("/")[0], (page, reference)
            assert not reference.startswith("/"), (page, reference)
            target, _, fragment = reference.partition("#")
            if target:
                assert (page.parent / target).resolve().is_file(), (page, reference)
            else:
                assert fragment in read.ids, (page, reference)
        assert "http" not in read.text, page
    assert {file.suffix for file in site.rglob("*") if file.is_file()} == {".html"}


def test_every_page_names_its_release_and_that_the_data_are_simulated(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = References(page).text
        assert "every figure is invented" in text, page
        assert "2016-<abc>" in text, page


def test_pages_of_real_data_say_nothing_of_a_simulation(tmp_path: Path) -> None:
    run_gate("estimates", healthy(), docs_store=tmp_path / "store")
    front = build_data_docs(tmp_path / "store", tmp_path / "site")
    for page in front.parent.rglob("*.html"):
        assert "invented" not in References(page).text, page


def test_a_table_that_only_warns_is_not_called_failed(site: Path) -> None:
    (page,) = (site / "validations" / "indicators__marts__indicator_value").rglob("*.html")
    text = References(page).text
    assert "Not every rule is met; each says whether it is critical or a warning" in text
    assert not re.search(r"Status:\s*Failed", text)


def test_the_front_page_shows_every_rule_with_its_outcome(site: Path) -> None:
    text = References(site / "index.html").text
    for gate in GATES:
        for name, _, _ in rule_names(gate):
            assert name in text
    assert "no last release is attached to compare with" in text
    assert "0.1297619" in text  # the share of imputed figures
    assert re.search(r"2 failed", text)  # the score, and a rank that no longer goes with it


def test_pages_show_the_failing_rows(site: Path) -> None:
    (page,) = (site / "validations" / "indicators__marts__indicator_value").rglob("*.html")
    text = References(page).text
    headings = re.findall(r"value_before\s+value\s+ratio", text)
    assert headings, "columns of the query, in its order"
    assert "7.35" in text  # sevenfold times 5 % growth
    assert "&lt;b&gt;110300" in page.read_text(encoding="utf-8")  # text of files is no markup
    (page,) = (site / "validations" / "indices__marts__index_score").rglob("*.html")
    assert re.search(r"nqpf\s+110300\s+2015\s+1\.2\s", References(page).text)


def test_a_gate_run_again_replaces_its_results(tmp_path: Path) -> None:
    store = tmp_path / "store"
    connection = healthy()
    for gate in ("estimates", "indices", "indices"):
        run_gate(gate, connection, docs_store=store)
    build_data_docs(store, tmp_path / "site")
    # A page per gate and table.
    tables = {(gate, rule[2]) for gate in ("estimates", "indices") for rule in rule_names(gate)}
    assert len(tables) > 2
    assert len(list((tmp_path / "site" / "validations").rglob("*.html"))) == len(tables)
    kept = json.loads((store / "gates" / "indices.json").read_text(encoding="utf-8"))
    assert [one["rule_id"] for one in kept] == [name for name, _, _ in rule_names("indices")]


def test_data_docs_need_results_and_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(DataDocsError, match="run the gates first"):
        build_data_docs(tmp_path / "nothing", tmp_path / "site")
    run_gate("estimates", healthy(), docs_store=tmp_path / "store")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "other.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(DataDocsError, match="not empty"):
        build_data_docs(tmp_path / "store", tmp_path / "site")
    assert (tmp_path / "site" / "other.txt").read_text(encoding="utf-8") == "mine"


def test_nothing_is_written_or_sent_elsewhere(tmp_path: Path, repo_dir: Path) -> None:
    """A whole run in a process of its own, with every opened file and socket on record."""
    code = f"""
        import os, sys
        from pathlib import Path
        sys.dont_write_bytecode = True
        sys.path[:0] = [{str(repo_dir)!r}, {str(Path(__file__).parent)!r}]
        seen = []
        def watch(event, arguments):
            if event == "open":
                path, mode, flags = arguments
                if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                    seen.append(("write", str(path)))
            elif event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
                seen.append((event, str(arguments)))
            elif event in ("subprocess.Popen", "os.system", "os.fork", "os.posix_spawn"):
                seen.append((event, str(arguments)))
        sys.addaudithook(watch)
        from gx_cases import healthy
        import expectations
        connection = healthy()
        for gate in expectations.GATES:
            assert expectations.run_gate(gate, connection, docs_store=Path("../store")).passed
        expectations.build_data_docs(Path("../store"), Path("../site"))
        allowed = [str(Path(p).resolve()) for p in ("../store", "../site")]
        def is_elsewhere(event, what):
            return event != "write" or not any(
                str(Path(what).resolve()).startswith(one) for one in allowed
            )
        elsewhere = [one for one in seen if is_elsewhere(*one) and one[1] != "/dev/null"]
        assert len(seen) > 20, "the watch sees nothing"
        assert not elsewhere, elsewhere
    """
    for folder in ("home", "work", "temporary"):
        (tmp_path / folder).mkdir()
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=tmp_path / "work",
        env={
            "HOME": str(tmp_path / "home"),
            "TMPDIR": str(tmp_path / "temporary"),
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr == "", "no progress bar, no warning"
    left = {str(path.relative_to(tmp_path).parts[0]) for path in tmp_path.rglob("*")}
    assert left == {"home", "work", "temporary", "store", "site"}
    assert not [path for path in ("home", "work", "temporary") if any((tmp_path / path).iterdir())]
