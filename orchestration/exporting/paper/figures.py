"""Figures as files: SVG as the report draws it, PDF and PNG from that.

Belongs here: the way from SVG to another form. Does not belong here: what a figure shows (`analysis.report`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from orchestration.exporting.paper.page import PrintedFigure, plain

DOTS_PER_INCH: Final = 300
"""What journals ask of a drawing in colour."""


def write_figure(figure: PrintedFigure, target: Path, form: str, mark: str) -> None:
    """Write one figure; characters are outlines, so that no font is needed, Chinese too."""
    if form == "svg":
        target.write_text(figure.svg, encoding="utf-8")
        return
    import typst

    drawn: Literal["pdf", "png"] = "pdf" if form == "pdf" else "png"
    named = _quoted(f"{plain(figure.caption)} {mark}".strip())
    page = (
        f'#set document(title: "{named}", date: none)\n'
        f"#set page(width: {figure.width}pt, height: {figure.height}pt, margin: 0pt)\n"
        f'#image(bytes(sys.inputs.drawing), format: "svg", width: 100%, alt: "{named}")\n'
    )
    made = typst.compile(
        page.encode(),
        format=drawn,
        ppi=DOTS_PER_INCH,
        sys_inputs={"drawing": figure.svg},
        ignore_system_fonts=True,
    )
    target.write_bytes(made)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
