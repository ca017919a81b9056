"""Files that must be refused: each with its reason, a message naming the file, and in bounds."""

import io
import pickle
import resource
import struct
import time
import zipfile
import zlib

import msoffcrypto
import olefile
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import python_calamine

from orchestration.landing.reading import (
    REASONS,
    UnreadableFile,
    iter_cells,
    read_file,
    workbook,
    xls,
    xlsx,
)

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000000000200015d0b2a0000000049454e44ae426082"
)
SECONDS = 20.0  # of the processor; far above what a refusal takes, far below an unbounded read
EXTRA_MEGABYTES = 300  # a refusal inflates at most a small sheet; the bombs here would take GBs


@pytest.fixture
def refused(tmp_path):
    """Write bytes, read them, and give the refusal."""

    def refuse(content, name="年鉴.xlsx"):
        path = tmp_path / name
        path.write_bytes(content)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.process_time()
        with pytest.raises(UnreadableFile) as caught:
            read_file(path)
        assert time.process_time() - started < SECONDS
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown < EXTRA_MEGABYTES * 1024
        error = caught.value
        assert error.reason in REASONS
        assert str(error) == error.message
        assert str(path) in error.message
        assert len(error.message) > len(str(path)) + 30
        with pytest.raises(UnreadableFile):
            list(iter_cells(path))
        return error

    return refuse


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\0" * 4096, "empty"),
        ("\ufeff \r\n\u3000\n".encode(), "empty"),
        (PNG, "picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\0" * 50, "picture"),
        (b"%PDF-1.7\n%\xe2\xe3", "document"),
        (b"Rar!\x1a\x07\0" + b"x" * 50, "archive"),
        (b"\x1f\x8b\x08\0" + b"x" * 50, "archive"),
        (b"just a line of prose", "unknown-format"),
        (b'{"city": "x",\n"value": 1,\n"b": 2}', "unknown-format"),
        (b"<note><to>x</to></note>", "unknown-format"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
         "unknown-format"),
        (bytes(range(1, 256)) * 20, "encoding"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0" + b"abc" * 99, "unknown-format"),
        ("城市,值\n石家庄,1\n".encode("utf-16-le"), "encoding"),
        ("a,b\n1,2\n".encode("utf-16-le"), "encoding"),
        (b"a,b\n1,\0\0\n", "unknown-format"),
        ("城市,值\n石家庄,1\n".encode("utf-16")[:-1], "truncated"),
        ("城市,值\n石家庄,1\n石".encode()[:-1], "truncated"),
        ("città,perché\nè,più\n".encode("latin-1"), "encoding"),
        ("城市,人口\n石家庄市,1038\n".encode() + b"\xff,1\n", "encoding"),
        (b"<html><body><p>no table here</p></body></html>", "no-cells"),
        (b"<html><table><tr><td> &nbsp; </td></tr></table></html>", "no-cells"),
        (b"<html><body><table><tr><td>a</td><td>1</td></tr><tr><td>b", "truncated"),
        (b",,\n,,\n", "no-cells"),
        (b'a,b\n"never closed,1\nx,2\n', "damaged"),
        (b"PAR1" + b"\0" * 40, "truncated"),
        (b"PAR1" + b"\xff" * 40 + b"PAR1", "damaged"),
        (b"<stata_dta><header>", "truncated"),
        (b"PK\x03\x04" + b"\0" * 40, "truncated"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged"),
    ],
)  # fmt: skip
def test_reading_refuses_with_reason(refused, content, reason):
    assert refused(content).reason == reason


def test_reading_refuses_what_is_not_there(tmp_path):
    for path in (tmp_path / "none.xlsx", tmp_path):
        with pytest.raises(UnreadableFile) as caught:
            read_file(path)
        assert caught.value.reason == "no-file"
        assert str(path) in str(caught.value)


def test_reading_refusal_survives_another_process():
    error = UnreadableFile("empty", "x.xls: it is empty")
    again = pickle.loads(pickle.dumps(error))
    assert (again.reason, str(again)) == ("empty", "x.xls: it is empty")
    with pytest.raises(ValueError, match="unknown reason"):
        UnreadableFile("whatever", "x")


def zipped(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_reading_refuses_zips_without_a_workbook(refused):
    assert refused(zipped({"a.txt": "x"})).reason == "archive"
    assert refused(zipped({"word/document.xml": "<w/>"})).reason == "document"
    assert refused(zipped({"xl/workbook.bin": "x"})).reason == "unknown-format"
    assert refused(zipped({"xl/workbook.xml": "<workbook/>"})).reason == "damaged"


def test_reading_refuses_an_empty_workbook(refused, xlsx_bytes, patch_part):
    def empty(xml):
        start, end = xml.index(b"<sheetData>"), xml.index(b"</sheetData>")
        return xml[: start + 11] + xml[end:]

    assert refused(patch_part(xlsx_bytes, "xl/worksheets/sheet1.xml", empty)).reason == "no-cells"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_reading_refuses_truncated_workbooks(refused, xlsx_bytes, share):
    assert refused(xlsx_bytes[: int(len(xlsx_bytes) * share)]).reason == "truncated"


def encrypt(content, password):
    out = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(content)).encrypt(password, out)
    return out.getvalue()


def test_reading_refuses_a_password_and_opens_the_default_one(refused, tmp_path, xlsx_bytes):
    error = refused(encrypt(xlsx_bytes, "secret"))
    assert error.reason == "password"
    assert "remove the password" in error.message
    path = tmp_path / "default.xlsx"
    path.write_bytes(encrypt(xlsx_bytes, "VelvetSweatshop"))
    facts, cells = read_file(path)
    assert facts.media_kind == "xlsx-encrypted"
    plain = tmp_path / "plain.xlsx"
    plain.write_bytes(xlsx_bytes)
    assert cells == read_file(plain)[1]


def test_reading_refuses_absurd_key_derivation(refused, xlsx_bytes, monkeypatch):
    content = encrypt(xlsx_bytes, "secret")
    assert b'spinCount="100000"' in content
    monkeypatch.setattr(xls, "MAX_KEY_ITERATIONS", 99_999)
    error = refused(content)
    assert error.reason == "damaged"
    assert "100,000 iterations" in error.message


def test_reading_refuses_far_cells(refused, xlsx_bytes, patch_part):
    def far(xml):
        end = xml.index(b"</sheetData>")
        return xml[:end] + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>' + xml[end:]

    error = refused(patch_part(xlsx_bytes, "xl/worksheets/sheet1.xml", far))
    assert error.reason == "too-large"
    assert "1,048,576 rows x 16,384 columns" in error.message


def test_reading_refuses_far_cells_without_references(refused, xlsx_bytes, patch_part):
    def far(xml):
        end = xml.index(b"</sheetData>")
        wide = b'<row r="900000">' + b"<c><v>1</v></c>" * 3000 + b"</row>"
        return xml[:end] + wide + xml[end:]

    assert refused(patch_part(xlsx_bytes, "xl/worksheets/sheet1.xml", far)).reason == "too-large"


def test_reading_ignores_styled_blank_cells_far_away(tmp_path, xlsx_bytes, patch_part):
    def styled(xml):
        end = xml.index(b"</sheetData>")
        return xml[:end] + b'<row r="1048576"><c r="XFD1048576" s="1"/></row>' + xml[end:]

    path = tmp_path / "styled.xlsx"
    path.write_bytes(patch_part(xlsx_bytes, "xl/worksheets/sheet1.xml", styled))
    assert read_file(path)[0].cell_count == 11


def test_reading_refuses_zip_bombs(refused, xlsx_bytes, patch_part, monkeypatch):
    monkeypatch.setattr(xlsx, "MAX_XML_BYTES", 16 * 2**20)  # half a GB would take seconds to write
    honest = patch_part(xlsx_bytes, "xl/sharedStrings.xml", lambda xml: xml + b" " * 20 * 2**20)
    assert len(honest) < 2**16
    assert refused(honest).reason == "too-large"
    # One that lies: the list of parts claims the size and checksum of the harmless beginning.
    name = b"xl/sharedStrings.xml"
    parts = {i.filename: i for i in zipfile.ZipFile(io.BytesIO(honest)).infolist()}
    entry = parts[name.decode()]
    at = honest.rindex(name) - 46
    lying = bytearray(honest)
    assert lying[at : at + 4] == b"PK\x01\x02"
    original = zipfile.ZipFile(io.BytesIO(xlsx_bytes)).read(name.decode())
    struct.pack_into("<I", lying, at + 16, zlib.crc32(original))
    struct.pack_into("<I", lying, at + 24, len(original))
    assert entry.file_size > len(original)
    error = refused(bytes(lying))
    assert error.reason == "damaged"
    assert "declared size" in error.message


def test_reading_refuses_a_flipped_byte_in_a_sheet(refused, tmp_path, xlsx_bytes):
    # Stored without compression, so that the flipped byte is a digit and stays well-formed XML.
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.namelist():
            new.writestr(item, old.read(item))
    content = out.getvalue()
    assert content.count(b"<v>1038</v>") == 1
    error = refused(content.replace(b"<v>1038</v>", b"<v>1938</v>"))
    assert error.reason == "damaged"
    assert "checksum" in error.message


def records(stream):
    position = 0
    while position + 4 <= len(stream):
        record, length = struct.unpack_from("<HH", stream, position)
        yield position, record, length
        position += 4 + length


@pytest.fixture
def page(shared_dir):
    """A real page as BIFF records (one sheet), and its cells."""
    path = shared_dir / "yearbooks" / "layouts" / "error.xls"
    stream = olefile.OleFileIO(path).openstream("Workbook").read()
    return stream, read_file(path)[1]


def in_compound_file(stream):
    content = xls._wrap(bytes(stream))
    with olefile.OleFileIO(
        io.BytesIO(content)
    ) as shell:  # another reader's opinion of the container
        assert shell.openstream("Workbook").read()[: len(stream)] == bytes(stream)
        assert not shell.parsing_issues
    return content


@pytest.mark.real
def test_reading_refuses_absurd_numbers_in_xls(refused, page):
    stream, _ = page
    first = {record: position for position, record, _ in reversed(list(records(stream)))}
    for position, form, value in (
        (first[0x027E] + 6, "<H", 0xF000),  # the column of a cell
        (first[0x00FC] + 8, "<I", 0x7FFFFFFF),  # the number of texts
        (first[0x0085] + 4, "<I", 0x7FFFFFFF),  # the offset of the sheet
    ):
        broken = bytearray(stream)
        struct.pack_into(form, broken, position, value)
        assert refused(in_compound_file(broken), "x.xls").reason in ("damaged", "truncated")


@pytest.mark.real
@pytest.mark.parametrize("extent", [(0, 0xFFFFFF00, 0, 7), (9, 1, 0, 7), (0, 51, 9, 1)])
def test_reading_does_not_trust_the_claimed_extent_of_xls(tmp_path, page, extent):
    stream, cells = page
    position = next(position for position, record, _ in records(stream) if record == 0x0200)
    broken = bytearray(stream)
    struct.pack_into("<IIHH", broken, position + 4, *extent)
    path = tmp_path / "x.xls"
    path.write_bytes(in_compound_file(broken))
    assert read_file(path)[1] == cells


@pytest.mark.real
def test_reading_keeps_charts_inside_a_sheet_apart_and_gives_error_values(tmp_path, page):
    stream, cells = page
    merges = next(position for position, record, _ in records(stream) if record == 0x00E5)
    chart = (
        struct.pack("<HHHH12x", 0x0809, 16, 0x0600, 0x0020)
        + struct.pack("<HHHHHd", 0x0203, 14, 0, 0, 0, 999.0)
        + struct.pack("<HH", 0x000A, 0)
    )
    errors = struct.pack("<HHHHHBB", 0x0205, 8, 60, 1, 0, 0x2A, 1) + struct.pack(
        "<HHHHHBxB3xHHIH", 0x0006, 22, 61, 2, 0, 2, 0x07, 0xFFFF, 0, 0, 0
    )
    path = tmp_path / "x.xls"
    path.write_bytes(in_compound_file(stream[:merges] + errors + chart + stream[merges:]))
    _, got = read_file(path)
    assert got.slice(0, cells.num_rows) == cells
    added = got.slice(cells.num_rows).to_pylist()
    assert [(c["row_number"], c["column_number"], c["text"], c["kind"]) for c in added] == [
        (61, 2, "#N/A", "error"),
        (62, 3, "#DIV/0!", "error"),
    ]


@pytest.mark.real
def test_reading_refuses_truncated_real_files(refused, shared_dir):
    for name in ("error.xls", "cnki.xls", "correct.xls"):
        content = (shared_dir / "yearbooks" / "layouts" / name).read_bytes()
        for share in (0.3, 0.6, 0.9):
            error = refused(content[: int(len(content) * share)], name)
            assert error.reason in ("truncated", "damaged"), (name, share, error)


def test_reading_refuses_wide_web_tables(refused):
    page = "<table><tr>" + "<td colspan=1000>a</td>" * 20 + "</table>"
    assert refused(page.encode()).reason == "too-large"


def test_reading_refuses_or_reads_deep_web_pages_whole(tmp_path):
    path = tmp_path / "deep.xls"
    depth = 5000
    path.write_text("<table><tr><td>" + "<div>" * depth + "x" + "</div>" * depth + "<td>y</table>")
    try:
        _, cells = read_file(path)
    except UnreadableFile as error:
        assert error.reason == "damaged"
    else:
        assert cells["text"].to_pylist() == ["x", "y"]


def test_reading_refuses_nested_parquet(refused):
    out = io.BytesIO()
    pq.write_table(pa.table({"a": [[1, 2]]}), out)
    error = refused(out.getvalue())
    assert error.reason == "unknown-format"
    assert "'a'" in error.message


def test_reading_turns_panics_and_lack_of_memory_into_refusals(refused, xlsx_bytes, monkeypatch):
    class Panic(BaseException):
        """Like pyo3's PanicException, which is no Exception."""

    def failing(kind):
        def load(_):
            raise kind("injected")

        return load

    for kind, reason in ((Panic, "damaged"), (MemoryError, "too-large"), (OSError, "damaged")):
        monkeypatch.setattr(workbook.calamine, "load_workbook", failing(kind))
        assert refused(xlsx_bytes).reason == reason
    monkeypatch.setattr(workbook.calamine, "load_workbook", failing(python_calamine.PasswordError))
    assert refused(xlsx_bytes).reason == "password"


def test_reading_lets_the_user_interrupt(tmp_path, xlsx_bytes, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    path = tmp_path / "x.xlsx"
    path.write_bytes(xlsx_bytes)
    monkeypatch.setattr(workbook.calamine, "load_workbook", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read_file(path)
