"""Every frame that a section declares is answered for, and a section sees what it declares alone."""

import re

import pytest
from demo_report import FRAMES, METHODS, SECTIONS, make_demo

from analysis.report.section import Context, Frame, Section, needed
from analysis.typeset.drawing import drawing
from orchestration.estimating.tables import TABLES
from orchestration.reporting.frames import QUERIES, sections

OF_NO_FRAME = {"dataset_version", "printed"}
"""Facts of the release, not a frame."""
OF_NO_QUERY = {"row_counts"}
"""Counted table by table."""

FILES = {path.stem for path in QUERIES.glob("*.sql")}


def test_the_page_has_the_sections_of_all_methods():
    assert [section.id for section in sections()] == [section.id for section in SECTIONS]
    (estimates,) = (section for section in SECTIONS if section.id == "estimates")
    assert [inner.id for inner in estimates.within][:-2] == [method.id for method in METHODS]


def test_every_frame_has_a_query_or_is_a_table_of_the_estimates():
    unanswered = set(FRAMES) - FILES - OF_NO_QUERY - set(TABLES)
    assert unanswered == set()


def test_every_query_answers_for_a_frame():
    assert FILES - set(FRAMES) == OF_NO_FRAME


@pytest.mark.parametrize("name", sorted(set(FRAMES) & set(TABLES) - FILES))
def test_columns_of_a_table_taken_as_it_is_are_declared_there(name):
    assert set(FRAMES[name].all) <= set(TABLES[name].names)


def test_the_border_of_a_disagreement_is_that_of_the_model(repo_dir):
    path = "dbt_project/models/marts/indicators/source_disagreement.sql"
    (border,) = re.findall(r"set tolerance = ([0-9.]+)", (repo_dir / path).read_text())
    assert f"{border} as tolerance" in (QUERIES / "disagreement_counts.sql").read_text()


def section_of(*frames: Frame, build=None) -> Section:
    return Section("own", "", frames, build or (lambda context: {}), QUERIES)


def test_a_section_sees_the_frames_and_columns_that_it_declares_alone():
    demo = make_demo()
    with drawing(simulated=True) as pen:
        context = Context(demo, pen, {}, section_of(Frame("roster", ("policy", "batch"))))
        assert list(context["roster"].columns) == ["policy", "batch"]
        with pytest.raises(LookupError, match=r"'own' reads frame 'trend'.*it has \['roster'\]"):
            context["trend"]


def test_what_several_sections_need_of_a_frame_is_put_together():
    one, other = Frame("f", ("a",), ("b",)), Frame("f", ("b", "c"), ("d",))
    found = needed([section_of(one), section_of(other)])["f"]
    assert (found.columns, found.may) == (("a", "b", "c"), ("d",))


def test_a_frame_that_no_section_declares_is_refused(demo_with, demo):
    with pytest.raises(
        ValueError, match=r"no section of the report declares frame\(s\) \['rooster'"
    ):
        demo_with(rooster=demo["roster"])
