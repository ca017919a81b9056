"""Fixtures of the reader's tests: files of every family, written on the spot."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
import xlsxwriter

from orchestration.landing.reading import read_file


def cells_of(path: Path) -> dict[tuple[int, int, int], tuple[str, int, int]]:
    """What the reader under test gives, as the independent readers give it."""
    _, table = read_file(path)
    return {
        (c["sheet_index"], c["row_number"], c["column_number"]): (
            c["text"],
            c["row_span"],
            c["column_span"],
        )
        for c in table.to_pylist()
    }


@pytest.fixture(scope="session")
def as_cells() -> Callable:
    return cells_of


@pytest.fixture(scope="session")
def xlsx_bytes() -> bytes:
    """A small yearbook page: title, merged headings, unit, two cities."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("2-1")
        sheet.merge_range(0, 0, 0, 4, "2-1 人口状况")
        sheet.merge_range(1, 0, 2, 0, "城 市")
        sheet.merge_range(1, 1, 1, 2, "年末人口\n(万人)")
        sheet.write_row(2, 1, ["全市", "市辖区"])
        sheet.write_row(3, 0, ["  石家庄市", 1038, 410.5])
        sheet.write_row(4, 0, ["\u3000唐山市①", 760.25, "…"])
        book.add_worksheet("empty")
    return buffer.getvalue()


@pytest.fixture(scope="session")
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"city": ["石家庄市", "唐山市", " "], "year": [2014, 2015, 2016], "gdp": [0.1, 5e5, None]}
    )


@pytest.fixture(scope="session")
def generated(tmp_path_factory, xlsx_bytes, frame) -> dict[str, Path]:
    """One valid file per family, by the name of the family."""
    folder = tmp_path_factory.mktemp("generated")
    contents = {"xlsx": xlsx_bytes}
    text = '城市,全市,市辖区\r\n石家庄市,1038,410.5\r\n唐山市,"1,234",…\r\n'
    contents["csv-utf8"] = text.encode()
    contents["csv-gb18030"] = text.encode("gb18030")
    tabbed = text.replace('"1,234"', "1.234").replace(",", "\t").replace("1.234", "1,234")
    contents["tsv-utf16"] = tabbed.encode("utf-16")
    contents["html-gbk"] = (
        '<html><head><meta charset="gb2312"></head><body><p>表2-1<table><tr><td rowspan=2>城市'
        "<td colspan=2>人口<tr><td>全市<td>市辖区<tr><td>石家庄市<td>1038<td>410.5</table></body>"
    ).encode("gb18030")
    parquet = io.BytesIO()
    pa.parquet.write_table(pa.Table.from_pandas(frame), parquet)
    contents["parquet"] = parquet.getvalue()
    for version in (114, 118):
        stata = io.BytesIO()
        frame.assign(city=["Shijiazhuang", "Tangshan", ""]).to_stata(
            stata, write_index=False, version=version, variable_labels={"gdp": "GDP, million"}
        )
        contents[f"dta-{version}"] = stata.getvalue()
    paths = {}
    for name, content in contents.items():
        paths[name] = folder / f"{name}.xls"  # the ending must not matter
        paths[name].write_bytes(content)
    return paths


@pytest.fixture(scope="session")
def patch_part() -> Callable[[bytes, str, Callable[[bytes], bytes]], bytes]:
    """Change one part of a zip, with its checksum put right."""

    def patch(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
        out = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(content)) as old,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for item in old.namelist():
                raw = old.read(item)
                new.writestr(item, change(raw) if item == name else raw)
        return out.getvalue()

    return patch
