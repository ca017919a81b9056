"""A drawn figure as SVG inside the page: only what draws, each glyph of a font once per page.

Belongs here: what is left out of matplotlib's SVG, and what figures share. Does not belong here:
what a figure shows (`figures`).

matplotlib writes a file that stands alone: it brings its own copy of every glyph, six decimals of
a point, and a group for each of its objects. Two dozen figures in one page come to a megabyte that
way, and to a fifth of it without.
"""

import io
import re
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from analysis.typeset import fonts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FACE: Final = "CitypanelHan-Regular-"
"""How matplotlib begins the id of a glyph of the report's font; `g` in the page."""

_GLYPH: Final = re.compile(
    r'<path id="([^"]+-[0-9a-f]+)" d="([^"]*)" transform="scale\(([0-9.]+)\)"\s*/>'
)
_PLACED: Final = re.compile(r'transform="translate\((-?[0-9.]+) 0\)"')
_NUMBERS: Final = re.compile(r'(\s(?:d|x|y|width|height)="[^"]*"|translate\([^)]*\))')
_LONG: Final = re.compile(r"-?\d+\.\d+")
_STYLE: Final = re.compile(r'style="([^"]*)"')
_SAME_STYLE: Final = re.compile(
    r'<use [^>]*?(?P<style>style="[^"]*")/>(?:<use [^>]*?(?P=style)/>)+'
)
"""Markers of one series: each says what all of them look like."""
_GROUP: Final = re.compile(r"<(/?)g\b([^>]*)>\s*")


class Shared:
    """What the figures of one page share: outlines of characters, and a number for each figure.

    Figures refer to the outlines; the page must hold `definitions` once.
    """

    def __init__(self) -> None:
        self._outlines: dict[str, str] = {}
        self._figures = 0

    def prefix(self) -> str:
        """Beginning of the next figure's ids."""
        self._figures += 1
        return f"f{self._figures}"

    def take_from(self, svg: str) -> str:
        """Move the outlines out of a figure; return it with references to the shared ones."""
        names: dict[str, str] = {}

        def moved(match: re.Match[str]) -> str:
            name, outline, scale = match.groups()
            names[name] = own = "g" + name.removeprefix(FACE)
            outline = re.sub(r"\s*([A-Za-z])\s*", r"\1", outline).strip()
            outline = re.sub(r"\s+(-?)", lambda m: m.group(1) or " ", outline)
            self._outlines[own] = f'<path id="{own}" d="{outline}" transform="scale({scale})"/>'
            return ""

        svg = _GLYPH.sub(moved, svg)
        return re.sub(
            r'xlink:href="#([^"]+)"',
            lambda m: f'href="#{names[m.group(1)]}"' if m.group(1) in names else m.group(),
            svg,
        )

    @property
    def definitions(self) -> Markup:
        """An ``<svg>`` of no size with all outlines; nothing where no figure was drawn."""
        if not self._outlines:
            return Markup()
        outlines = "".join(self._outlines[name] for name in sorted(self._outlines))
        return Markup(  # noqa: S704  ids and numbers that matplotlib wrote
            f'<svg class="glyphs" width="0" height="0" aria-hidden="true"><defs>{outlines}</defs>'
            "</svg>"
        )


def inline_svg(figure: "Figure", key: str, label: str, shared: Shared) -> Markup:
    """Turn a matplotlib figure into an ``<svg>`` that can stand inside an HTML page.

    Prolog, metadata, comments, global style, namespaces and groups that say nothing go; glyphs
    move to `shared`; ids get the figure's own prefix, so that two figures don't share any.

    Args:
        figure: With a canvas for SVG.
        key: Id of the figure in the page.
        label: What it shows, for those who can't see it.
        shared: Of the page; the outlines of this figure are added to it.

    Raises:
        ValueError: matplotlib wrote no viewBox.
    """
    buffer = io.StringIO()
    # Not `savefig`: it draws everything twice, first to lay it out, and drawing does that itself.
    figure.canvas.print_svg(  # type: ignore[attr-defined]
        buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
    )
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<style[^>]*>.*?</style>", "", text, flags=re.DOTALL)
    box = re.search(r'viewBox="([^"]+)"', text)
    if box is None:
        raise ValueError(f"figure {key!r}: matplotlib wrote an SVG without a viewBox")
    width = float(box.group(1).split()[2])
    body = shared.take_from(re.sub(r"\s+", " ", text[text.index(">") + 1 :]))
    body = _without_idle_groups(body.replace("</svg>", ""))
    body = re.sub(r"<defs>\s*</defs>\s*", "", body)
    body = _with_ids(body, shared.prefix())
    body = _PLACED.sub(r'x="\1"', body)
    body = _NUMBERS.sub(lambda m: _LONG.sub(_hundredths, m.group()), body)
    body = _STYLE.sub(lambda m: re.sub(r"([:;]) ", r"\1", m.group()), body)
    body = re.sub(r"\s*(/?>)\s*", r"\1", body).strip()
    body = _SAME_STYLE.sub(
        lambda m: (
            f"<g {m.group('style')}>" + m.group().replace(f" {m.group('style')}", "") + "</g>"
        ),
        body,
    )
    title = f'<title id="{key}-label">{fonts.attribute_text(label)}</title>'
    head = (
        f'<svg class="figure" role="img" aria-labelledby="{key}-label" viewBox="{box.group(1)}" '
        f'style="--own:{width / 72:.2f}in;max-width:var(--own)">'
    )
    return Markup(f"{head}{title}{body}</svg>")  # noqa: S704  matplotlib escapes text, so do we


def _with_ids(svg: str, prefix: str) -> str:
    """Number what is referred to within the figure, with the figure's prefix."""
    names: dict[str, str] = {}
    for name in re.findall(r'\sid="([^"]+)"', svg):
        names.setdefault(name, f"{prefix}-{len(names)}")
    svg = re.sub(r'\sid="([^"]+)"', lambda m: f' id="{names[m.group(1)]}"', svg)
    svg = re.sub(r'xlink:href="#([^"]+)"', lambda m: f'href="#{names[m.group(1)]}"', svg)
    return re.sub(r"url\(#([^)]+)\)", lambda m: f"url(#{names[m.group(1)]})", svg)


def _hundredths(match: re.Match[str]) -> str:
    """Two decimals: a hundredth of a point is a third of a micrometre on paper."""
    text = f"{float(match.group()):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _without_idle_groups(svg: str) -> str:
    """Drop groups that carry nothing but matplotlib's name for a part; nothing refers to it."""
    kept: list[bool] = []

    def passed(match: re.Match[str]) -> str:
        closing, attributes = match.groups()
        if closing:
            return match.group() if kept.pop() else ""
        idle = not re.sub(r'\sid="[^"]*"|[\s/]', "", attributes)
        if attributes.endswith("/"):
            return "" if idle else match.group()
        kept.append(not idle)
        return "" if idle else match.group()

    return _GROUP.sub(passed, svg)
