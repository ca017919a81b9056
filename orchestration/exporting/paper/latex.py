"""Tables as LaTeX: three lines of booktabs, a file for each, and one document with all.

Belongs here: what TeX must be told of a text, how wide a column is. Does not belong here: what a table holds
(`page`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from orchestration.exporting.paper.page import Cell, PrintedTable, Row, Run, Text, plain

STYLE: Final = "citypanel-tables"
LONGEST_FLOAT: Final = 45
"""Rows below which a table stands on one page."""
LINE: Final = 105
"""Characters of a line of the page in the size of a table."""
NARROW: Final = 24
"""Texts up to this length are never broken."""
WIDEST: Final = 60
SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "[": "{[}",
    "]": "{]}",
    "\u00a0": "~",
    "\u2009": r"\,",
    "\u200b": r"\allowbreak{}",
    "\u2013": "--",
    "\u2014": "---",
    "\u2018": "`",
    "\u2019": "'",
    "\u201c": "``",
    "\u201d": "''",
    "\u2026": r"\ldots{}",
    "\u2020": r"\dag{}",
    "\u2021": r"\ddag{}",
    "\u00a7": r"\S{}",
    "\u00b0": r"\ensuremath{^{\circ}}",
    "\u00b2": r"\ensuremath{^{2}}",
    "\u00b3": r"\ensuremath{^{3}}",
    "\u00b9": r"\ensuremath{^{1}}",
    "\u207b": r"\ensuremath{^{-}}",
    "\u2075": r"\ensuremath{^{5}}",
    "\u2032": r"\ensuremath{'}",
    "\u00b1": r"\ensuremath{\pm}",
    "\u00b7": r"\ensuremath{\cdot}",
    "\u22c5": r"\ensuremath{\cdot}",
    "\u00d7": r"\ensuremath{\times}",
    "\u00f7": r"\ensuremath{\div}",
    "\u2212": r"\ensuremath{-}",
    "\u2192": r"\ensuremath{\rightarrow}",
    "\u2190": r"\ensuremath{\leftarrow}",
    "\u221a": r"\ensuremath{\surd}",
    "\u221e": r"\ensuremath{\infty}",
    "\u2248": r"\ensuremath{\approx}",
    "\u2260": r"\ensuremath{\neq}",
    "\u2264": r"\ensuremath{\leq}",
    "\u2265": r"\ensuremath{\geq}",
    "\u2211": r"\ensuremath{\sum}",
    "\u2208": r"\ensuremath{\in}",
    "\u0302": r"\^{}",
} | {
    letter: rf"\ensuremath{{\{name}}}"
    for letter, name in {
        "α": "alpha",
        "β": "beta",
        "γ": "gamma",
        "δ": "delta",
        "ε": "varepsilon",
        "η": "eta",
        "θ": "theta",
        "κ": "kappa",
        "λ": "lambda",
        "μ": "mu",
        "π": "pi",
        "ρ": "rho",
        "σ": "sigma",
        "τ": "tau",
        "φ": "varphi",
        "χ": "chi",
        "ω": "omega",
        "Δ": "Delta",
        "Σ": "Sigma",
        "Ω": "Omega",
    }.items()
}
HAN: Final = re.compile("[\u2e80-\u303f\u3100-\u312f\u31c0-\u9fff\uf900-\ufaff\uff00-\uffef]+")
LATIN: Final = 0x0180
"""Below: letters that T1 fonts have."""

PREAMBLE: Final = r"""% Styles of the tables of citypanel: \usepackage{citypanel-tables}, then \input a table.
\NeedsTeXFormat{LaTeX2e}
\ProvidesPackage{citypanel-tables}
\RequirePackage{booktabs,longtable,array,graphicx,iftex}
% Chinese: in pdfLaTeX by CJKutf8, in XeLaTeX and LuaLaTeX in the font of the report, which lies beside this file.
\ifPDFTeX
  \RequirePackage[T1]{fontenc}
  \IfFileExists{CJKutf8.sty}{%
    \RequirePackage{CJKutf8}%
    \newcommand{\zh}[1]{\begin{CJK*}{UTF8}{gbsn}##1\end{CJK*}}%
  }{%
    \newcommand{\zh}[1]{\PackageError{citypanel-tables}{Chinese needs CJKutf8}{Install it, or use XeLaTeX}}%
  }
\else
  \RequirePackage{fontspec}
  \newfontfamily{\citypanelhan}{citypanel-han.otf}[Path=./]
  \newcommand{\zh}[1]{{\citypanelhan #1}}
\fi
\newcommand{\tablenotes}[1]{\par\smallskip{\footnotesize\raggedright #1\par}}
% A table wider than the line is made as wide as the line.
\newsavebox{\citypaneltable}
\newenvironment{fitted}{\begin{lrbox}{\citypaneltable}}{\end{lrbox}%
  \ifdim\wd\citypaneltable>\linewidth\resizebox{\linewidth}{!}{\usebox{\citypaneltable}}%
  \else\usebox{\citypaneltable}\fi}
"""


def table_tex(table: PrintedTable, about: str, mark: str) -> str:
    """A table as LaTeX for `\\input`; `about` says in a comment what it is, `mark` ends the caption."""
    widths = _widths(table)
    columns = "".join(_column(table, at, width) for at, width in enumerate(widths))
    end = rf" \textbf{{{tex_text(mark)}}}" if mark else ""
    caption = rf"\caption{{{tex(table.caption)}{end}}}\label{{tab:{table.key}}}"
    head = [_line(row, is_head=True, is_regression=table.is_regression) for row in table.head]
    body = "\n\\midrule\n".join(
        "\n".join(_line(row, is_regression=table.is_regression) for row in group)
        for group in _joined(table)
    )
    notes = "\\par ".join(tex(note) for note in table.notes)
    under = f"\\tablenotes{{{notes}}}\n" if notes else ""
    first = f"% {about}, table {table.number} of the report\n"
    header = "\n".join(head)
    if len(table.rows) > LONGEST_FLOAT:
        return (
            f"{first}\\begingroup\\scriptsize\\setlength{{\\tabcolsep}}{{3pt}}\n"
            f"\\begin{{longtable}}{{@{{}}{columns}@{{}}}}\n{caption}\\\\\n"
            f"\\toprule\n{header}\n\\midrule\n\\endfirsthead\n"
            f"\\toprule\n{header}\n\\midrule\n\\endhead\n\\bottomrule\n\\endfoot\n"
            f"{body}\n\\end{{longtable}}\n{under}\\endgroup\n"
        )
    return (
        f"{first}\\begin{{table}}[htbp]\\centering\\small\n{caption}\n\\begin{{fitted}}\n"
        f"\\begin{{tabular}}{{@{{}}{columns}@{{}}}}\n\\toprule\n{header}\n\\midrule\n{body}\n"
        f"\\bottomrule\n\\end{{tabular}}\n\\end{{fitted}}\n{under}\\end{{table}}\n"
    )


def document_tex(tables: list[PrintedTable], title: str) -> str:
    """A document that inputs all of them, with the numbers of the report."""
    parts = []
    for table in tables:
        digits = table.number.removeprefix("A")
        letter = "A" if table.number.startswith("A") else ""
        parts.append(
            f"\\setcounter{{table}}{{{int(digits) - 1}}}"
            f"\\renewcommand{{\\thetable}}{{{letter}\\arabic{{table}}}}\\input{{{table.key}}}\n\\clearpage"
        )
    inputs = "\n".join(parts)
    return (
        "\\documentclass[10pt,a4paper]{article}\n\\usepackage[margin=2cm]{geometry}\n"
        f"\\usepackage{{{STYLE}}}\n\\begin{{document}}\n\\noindent {tex_text(title)}\n\n"
        f"{inputs}\n\\end{{document}}\n"
    )


def write_style(folder: Path) -> None:
    """Write the package and the font beside the tables."""
    from analysis.typeset.fonts import ASSETS, FONT_FILE

    (folder / f"{STYLE}.sty").write_text(PREAMBLE, encoding="utf-8")
    (folder / FONT_FILE.name).write_bytes(FONT_FILE.read_bytes())
    (folder / "OFL.txt").write_bytes((ASSETS / "OFL.txt").read_bytes())


def tex(text: Text) -> str:
    """A text in its styles."""
    return "".join(_styled(run) for run in text)


def _styled(run: Run) -> str:
    shown = tex_text(run.text)
    if run.style == "sup":
        return rf"\textsuperscript{{{shown}}}"
    if run.style in ("bold", "italic"):
        return rf"\text{'bf' if run.style == 'bold' else 'it'}{{{shown}}}"
    return shown


def tex_text(text: str) -> str:
    """A text as TeX reads it; a character that its fonts lack is written as its code."""
    parts = []
    position = 0
    for found in HAN.finditer(text):
        parts.append("".join(map(_character, text[position : found.start()])))
        parts.append(rf"\zh{{{found[0]}}}")
        position = found.end()
    parts.append("".join(map(_character, text[position:])))
    return "".join(parts)


def unknown(text: str) -> set[str]:
    """Characters that TeX is given by their code."""
    return {c for c in HAN.sub("", text) if _character(c).startswith("{[}U+")}


def _character(one: str) -> str:
    if one in SPECIAL:
        return SPECIAL[one]
    if ord(one) < LATIN and one.isprintable():
        return one
    return f"{{[}}U+{ord(one):04X}{{]}}"


def _joined(table: PrintedTable) -> list[list[Row]]:
    """Groups of rows with a line between; those of a list, a row or two each, have none."""
    if len(table.groups) <= 3:
        return [list(group) for group in table.groups]
    return [list(table.rows)]


def _widths(table: PrintedTable) -> list[float | None]:
    """Share of the line for columns of long texts; None for one that is as wide as its text."""
    longest = [0] * table.width
    for row in (*table.head, *table.rows):
        at = 0
        for cell in row:
            if cell.span == 1:
                longest[at] = max(
                    longest[at], len(cell.text) + len("".join(HAN.findall(cell.text)))
                )
            at += cell.span
    if sum(longest) <= LINE or table.is_regression:
        return [None] * len(longest)
    rest = LINE - sum(length for length in longest if length <= NARROW)
    wanted = sum(min(length, WIDEST) for length in longest if length > NARROW)
    if wanted == 0:
        return [None] * len(longest)
    share = max(min(1.0, rest / wanted), 0.3)
    return [
        None
        if length <= NARROW
        else round(0.92 * max(share * min(length, WIDEST), NARROW) / LINE, 3)
        for length in longest
    ]


def _column(table: PrintedTable, at: int, width: float | None) -> str:
    if width is not None:
        return rf">{{\raggedright\arraybackslash}}p{{{width}\linewidth}}"
    if at == 0:
        return "l"
    if table.is_regression:
        return "c"
    return "r" if _holds_numbers(table, at) else "l"


def _holds_numbers(table: PrintedTable, at: int) -> bool:
    for row in table.rows:
        column = 0
        for cell in row:
            if column == at and cell.span == 1:
                return cell.is_number
            column += cell.span
    return False


def _line(row: Row, *, is_head: bool = False, is_regression: bool = False) -> str:
    cells = [_cell(cell, is_head, is_regression and at > 0) for at, cell in enumerate(row)]
    return " & ".join(cells) + r" \\"


def _cell(cell: Cell, is_head: bool, is_model: bool) -> str:
    shown = tex(cell.runs)
    if cell.span == 1 and not (is_head and (is_model or cell.is_number)):
        return shown
    place = "c" if is_model or (is_head and cell.span > 1) else "r" if cell.is_number else "l"
    if cell.span > 1 and not is_head and not cell.is_number and len(plain(cell.runs)) > NARROW:
        return rf"\multicolumn{{{cell.span}}}{{p{{0.6\linewidth}}}}{{{shown}}}"
    return rf"\multicolumn{{{cell.span}}}{{{place}}}{{{shown}}}"
