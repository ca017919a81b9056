"""Markup: the templates' environment, and how a value becomes safe text of the page.

Belongs here: escaping, characters without a glyph, filters, translated text in templates. Does not
belong here: what is shown (`sections`), the writing of the page (`page`).
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup, escape

from analysis.report.table.model import anchor
from analysis.typeset import fonts, numbers, texts, words

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.runtime import Context

TEMPLATES: Final = Path(__file__).parent / "templates"


def _read(name: str) -> tuple[str, str, None]:
    """A template and its file; an absolute path is itself."""
    path = TEMPLATES / name
    return path.read_text(encoding="utf-8"), str(path), None


@cache
def environment() -> "Environment":
    """The templates; every value that they print passes through `shown`.

    A template is named by its file under `templates/`, or by its whole path: those of sections
    stand beside their modules.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined, nodes, pass_context
    from jinja2.ext import InternationalizationExtension

    @pass_context
    def shown(context: "Context", value: Any) -> Any:
        """Make a value safe: escaped, and no character without a glyph."""
        if isinstance(value, Markup):
            return value
        if isinstance(value, StrictUndefined):
            return str(value)  # raises, naming the variable
        if numbers.is_missing(value):
            return numbers.MISSING
        return fonts.html_text(str(value), context["latin"])

    class ShownTexts(InternationalizationExtension):
        """gettext's forms, whose values pass through `shown` as all others do."""

        def _make_node(
            self, singular: Any, plural: Any, context: Any, variables: Any, *rest: Any
        ) -> Any:
            safe: dict[str, nodes.Expr] = {
                name: nodes.Filter(value, "shown", [], [], None, None)
                for name, value in variables.items()
            }
            return super()._make_node(singular, plural, context, safe, *rest)

    found = Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
        extensions=[ShownTexts],
    )
    found.install_gettext_callables(  # type: ignore[attr-defined]
        texts._, texts.ngettext, newstyle=False
    )
    found.filters |= {
        "shown": shown,
        "count": numbers.count,
        "convention": words.convention,
        "fixed": numbers.fixed,
        "p_value": numbers.p_value,
        "percent": numbers.percent,
        "quantity": numbers.quantity,
        "attr": attribute,
        "css_text": css_text,
        "capfirst": capitalised,
        "anchor": anchor,
        "spaced": words.spaced,
        "listed": words.listed,
        "unit": words.unit,
        "reason": words.reason,
        "column": words.column,
        "peers": words.peers,
        "short": lambda text, n=12: str(text)[:n],
    }
    return found


def attribute(value: Any) -> Markup:
    """Text for an attribute: escaped, without the markup that Chinese gets in running text."""
    return fonts.attribute_text("" if numbers.is_missing(value) else str(value))


def css_text(text: str) -> Markup:
    """Text inside the quotes of a style sheet: what could end it is written by its code."""
    return Markup(  # noqa: S704  nothing that could leave the string is left
        re.sub(r'[\\"<>&\n]', lambda m: f"\\{ord(m.group()):x} ", text)
    )


def capitalised(text: Any) -> str:
    """The text with its first letter as a capital."""
    return str(text)[:1].upper() + str(text)[1:]


def city(name: Any, latin: Mapping[str, str]) -> Markup:
    """A city as printed, with its Latin spelling beside it where that adds anything."""
    if numbers.is_missing(name):
        return escape(numbers.MISSING)
    shown = fonts.html_text(str(name), latin)
    spelt = latin.get(str(name))
    if numbers.is_missing(spelt) or str(spelt) == str(name) or not all(map(fonts.is_shown, name)):
        return shown  # the name itself is Latin, or its Latin spelling stands in for it
    return Markup("{} <small>{}</small>").format(shown, fonts.html_text(str(spelt)))
