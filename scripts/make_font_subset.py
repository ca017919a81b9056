"""Cut the report's Chinese font out of Noto Sans CJK.

Belongs here: the making of `analysis/typeset/assets/citypanel-han.otf` and the list of its
characters. Does not belong here: using the font (`analysis.typeset.fonts`).

Wanted are the characters already listed in `characters.txt` (place names since 1981 and the words
of yearbook headings), every character of `seeds/*.csv`, and those of the code that writes the
sample's pages and the report. The list only grows, so that a name once shown stays shown. Run it
after any of these gained characters:

    apt-get download fonts-noto-cjk && dpkg-deb -x fonts-noto-cjk_*.deb noto
    python scripts/make_font_subset.py noto/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

The same input gives the same bytes. The font is under the SIL Open Font License 1.1
(`OFL.txt` beside it); the subset carries another name, as it is a modified version.
"""

import argparse
import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

REPO = Path(__file__).resolve().parents[1]
ASSETS = REPO / "analysis" / "typeset" / "assets"
FONT_FILE = ASSETS / "citypanel-han.otf"
CHARACTERS_FILE = ASSETS / "characters.txt"

FACE = "Noto Sans CJK SC"
FAMILY = "Citypanel Han"
POSTSCRIPT_NAME = "CitypanelHan-Regular"
SIZE_LIMIT = 400_000
"""Bytes of the committed font; a page embeds only what it shows of it."""

LATIN = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "".join(map(chr, range(0xA1, 0x100)))
    + "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
    + "αβγδεζηθλμνπρστφχψωΔΣΩ–—‘’“”…•′″‰−×±≈≠≤≥→←↑↓∞√∑№€"
)
"""Latin, pinyin, Greek and signs for the figures, which are drawn with this one font."""

CHINESE_SIGNS = (
    "、。〇〈〉《》「」『』【】〔〕！＂＃％＆（）＊＋，－．／０１２３４５６７８９"
    "：；＜＝＞？［］～￥㎡"
)
SOURCES = (
    "seeds/**/*.csv",
    "orchestration/sample/*.py",
    "analysis/report/**/*.py",
    "analysis/report/**/*.j2",
    "orchestration/exploring/page/words/*.json",
)
"""Files whose characters can come into the page."""
PER_LINE = 60


def wanted_characters() -> set[str]:
    """Characters of the list, of `SOURCES`, and the fixed Latin and Chinese signs."""
    found = set(LATIN) | set(CHINESE_SIGNS)
    if CHARACTERS_FILE.exists():
        found |= set(CHARACTERS_FILE.read_text(encoding="utf-8"))
    for pattern in SOURCES:
        for path in sorted(REPO.glob(pattern)):
            found |= set(path.read_text(encoding="utf-8-sig"))
    return {character for character in found if character.isprintable()}


def open_face(path: Path) -> TTFont:
    """Open the simplified-Chinese face of a Noto Sans CJK collection."""
    collection = TTCollection(path, lazy=True)
    names = [font["name"].getDebugName(4) for font in collection.fonts]
    if FACE not in names:
        raise SystemExit(f"{path}: no face {FACE!r}; it has {names}. Use NotoSansCJK-Regular.ttc.")
    return TTFont(path, fontNumber=names.index(FACE), recalcTimestamp=False)


def rename(font: TTFont) -> None:
    """Give the modified font its own name; keep copyright and licence records."""
    names = font["name"]
    names.names = [record for record in names.names if record.nameID in {0, 5, 13, 14}]
    for name_id, text in {
        1: FAMILY,
        2: "Regular",
        3: f"{POSTSCRIPT_NAME};subset of {FACE}",
        4: FAMILY,
        6: POSTSCRIPT_NAME,
    }.items():
        names.setName(text, name_id, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [POSTSCRIPT_NAME]
    top = cff.topDictIndex[0]
    top.FullName = FAMILY
    top.FamilyName = FAMILY


def main() -> None:
    """Write the font and the list of its characters."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("source", type=Path, help="NotoSansCJK-Regular.ttc")
    source = parser.parse_args().source

    font = open_face(source)
    available = {chr(code) for code in font.getBestCmap()}
    wanted = wanted_characters()
    missing = sorted(wanted - available)
    options = Options()
    options.layout_features = []
    options.hinting = False
    options.desubroutinize = True  # smaller for a subset this small, and simpler to read
    options.notdef_outline = True
    options.name_IDs = [0, 5, 13, 14]
    options.name_languages = [0x409]
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx", "DSIG"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=sorted(ord(character) for character in wanted & available))
    subsetter.subset(font)
    rename(font)
    font.save(FONT_FILE)

    listed = sorted(c for c in wanted & available if not c.isascii())
    lines = ["".join(listed[i : i + PER_LINE]) for i in range(0, len(listed), PER_LINE)]
    CHARACTERS_FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")

    size = FONT_FILE.stat().st_size
    print(f"{FONT_FILE.relative_to(REPO)}: {len(listed)} characters besides ASCII, {size:,} bytes")
    if missing:
        print("not in the source font, shown as U+XXXX:", " ".join(missing))
    if size > SIZE_LIMIT:
        sys.exit(f"larger than {SIZE_LIMIT:,} bytes: take characters out of {CHARACTERS_FILE}")


if __name__ == "__main__":
    main()
