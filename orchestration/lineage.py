"""What the figures of the panel are made of, as the seeds and the panel's contract say.

Belongs here: reading indices, derived indicators and efficiency models as a graph of figures. Does not belong
here: what is made of the graph (`analysis.study.lineage`), single numbers back to their cells (`trace`).

Files and not the warehouse: a study is held against it before anything is read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from orchestration.settings import DBT_PROJECT, REPO

if TYPE_CHECKING:
    from analysis.study.lineage import Lineage, Part

CONTRACT = DBT_PROJECT / "models" / "marts" / "panel" / "_city_year.yml"
TOTAL = "total"
UNDESIRABLE = {"undesirable": "undesirable output"}


def lineage() -> Lineage:
    """The graph of all columns of the panel."""
    from analysis.study.lineage import Lineage

    parts: dict[str, list[Part]] = {}
    for whole, part in (*_indices(), *_derived(), *_efficiency()):
        parts.setdefault(whole, []).append(part)
    return Lineage(dict(_columns()), {whole: tuple(each) for whole, each in parts.items()})


def _columns() -> Iterator[tuple[str, str]]:
    """Each column of the panel that holds a figure, with the figure."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    (model,) = yaml.load(CONTRACT.read_text(encoding="utf-8"), Loader=loader)["models"]  # noqa: S506
    for column in model["columns"]:
        meta: dict[str, Any] = (column.get("config") or {}).get("meta") or {}
        if "indicator_code" in meta:
            yield column["name"], _indicator(meta["indicator_code"], meta["scope"])
        elif "index_id" in meta:
            yield column["name"], _index(meta["index_id"])
        elif "efficiency_model" in meta or "productivity_model" in meta:
            model_id = meta.get("efficiency_model") or meta["productivity_model"]
            variant = meta.get("efficiency_variant") or meta["productivity_variant"]
            yield column["name"], f"efficiency_{model_id}_{variant}"


def _indicator(code: str, scope: str) -> str:
    return code if scope in ("", TOTAL) else f"{code} ({scope})"


def _index(index_id: str) -> str:
    return f"index_{index_id}"


def _indices() -> Iterator[tuple[str, Part]]:
    from analysis.study.lineage import Part

    components = _seed("index_component")
    for index in _seed("index_definition"):
        source = index["components_of"] or index["index_id"]
        for row in components:
            if row["index_id"] == source:
                figure = _indicator(row["indicator_code"], row["scope"])
                yield _index(index["index_id"]), Part("component", figure)


def _derived() -> Iterator[tuple[str, Part]]:
    from analysis.study.lineage import Part

    for row in _seed("derived_term"):
        figure = _indicator(row["input_indicator_code"], row["input_scope"])
        yield row["indicator_code"], Part(row["position"], figure)
    for row in _seed("relative_indicator"):
        yield row["indicator_code"], Part("numerator", row["base_indicator_code"])
    for row in _seed("deflated_indicator"):
        yield row["indicator_code"], Part("nominal figure", row["nominal_indicator_code"])


def _efficiency() -> Iterator[tuple[str, Part]]:
    from analysis.study.lineage import Part

    components = _seed("index_component")
    terms = _seed("efficiency_term")
    for variant in _seed("efficiency_variant"):
        score = f"efficiency_{variant['model_id']}_{variant['variant']}"
        for term in terms:
            if term["model_id"] != variant["model_id"]:
                continue
            role = UNDESIRABLE.get(term["role"], term["role"])
            if term["kind"] == "indicator":
                yield score, Part(role, _indicator(term["code"], term["scope"]))
                continue
            for row in components:
                if row["index_id"] == term["code"] and term["dimension"] in ("", row["dimension"]):
                    yield score, Part(role, _indicator(row["indicator_code"], row["scope"]))


def _seed(name: str) -> list[dict[str, str]]:
    with (REPO / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


__all__ = ["lineage"]
