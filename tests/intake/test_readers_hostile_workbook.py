"""Hostile workbooks: bombs, far corners, entities, passwords, broken and disguised files. One sentence each, soon."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
import python_calamine

from dashboard.intake.problem import Code
from dashboard.intake.readers import Limits
from tests.intake.readers_bench import Frugal, refused
from tests.intake.test_readers_workbook import HEAD, ROWS, cells, one, workbook

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
TABLE = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Id</t></is></c><c r="B1" t="inlineStr"><is><t>Name</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>x</t></is></c><c r="B2" t="s"><v>0</v></c></row>'
)
STRINGS = f"<sst {MAIN}><si><t>Acme</t></si></sst>"


def parts(sheet: str = TABLE, strings: str = STRINGS, before: str = "") -> dict[str, str]:
    """The members of a small workbook, written by hand."""
    return {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships {PACKAGE}><Relationship Id="r" Type="{RELATIONS}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships {PACKAGE}>"
        f'<Relationship Id="r1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/sharedStrings.xml": strings,
        "xl/worksheets/sheet1.xml": f"{before}<worksheet {MAIN}><sheetData>{sheet}</sheetData></worksheet>",
    }


def packed(members: dict[str, str] | dict[str, bytes], level: int = 6) -> bytes:
    """Members as a container."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as container:
        for name, content in members.items():
            container.writestr(name, content)
    return sink.getvalue()


def test_a_workbook_written_by_hand(tmp_path: Path) -> None:
    assert cells(one(packed(parts()), tmp_path)) == [("x", "Acme")]


# --- bombs and far corners -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"])
def test_a_small_file_that_unpacks_to_much(member: str, tmp_path: Path) -> None:
    members = parts()
    members[member] = members.get(member, "<styleSheet/>") + " " * (300 << 20)
    bomb = packed(members)
    assert len(bomb) < 1 << 20
    with Frugal():
        error = refused(bomb, tmp_path, name="book.xlsx")
    assert error.code == Code.WORKBOOK_TOO_LARGE


def test_sizes_that_lie(tmp_path: Path) -> None:
    members = parts()
    members["xl/worksheets/sheet1.xml"] += " " * (50 << 20)
    data = bytearray(packed(members))
    # Every size in the directory is made small; what comes out is counted all the same.
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 24 : at + 28] = struct.pack("<I", 100)
        at = data.find(b"PK\x01\x02", at + 4)
    with Frugal():
        error = refused(bytes(data), tmp_path, name="book.xlsx")
    assert error.code in (Code.WORKBOOK_TOO_LARGE, Code.WORKBOOK_BROKEN)


@pytest.mark.parametrize(
    "sheet",
    [
        TABLE + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        TABLE + '<row r="40000000"><c r="A40000000"><v>1</v></c></row>',
        TABLE + "<row r='1048576'><c s='1' r='XFD1048576'><v>1</v></c></row>",
        TABLE + '<row r="3"><c r="XFD1048576"><v>1</v></c></row>',
        TABLE + '<row\tr="1048576"><c\nr="XFD1048576"><v>1</v></c></row>',
        TABLE + '<row r = "1048576"><c r = "XFD1048576"><v>1</v></c></row>',
    ],
)
def test_far_corners(sheet: str, tmp_path: Path) -> None:
    with Frugal():
        error = refused(packed(parts(sheet)), tmp_path, name="book.xlsx")
    assert error.code == Code.WORKBOOK_TOO_MANY_CELLS
    assert error.facts["rows"] * error.facts["columns"] > error.facts["allowed"]  # type: ignore[operator]


@pytest.mark.parametrize("cell", ['<c r="A1"/>', "<c/>", "<x:c xmlns:x='u'/>"])
def test_more_cells_than_allowed(cell: str, tmp_path: Path) -> None:
    data = packed(parts(f'<row r="1">{cell * 3000}</row>'))
    assert refused(data, tmp_path, Limits(max_cells=2000), "book.xlsx").code == Code.WORKBOOK_TOO_MANY_CELLS


@pytest.mark.parametrize("size", [100_000, 5_000_000])
def test_a_long_text_in_many_cells(size: int, tmp_path: Path) -> None:
    rows = "".join(f'<row r="{i}"><c r="A{i}" t="s"><v>1</v></c></row>' for i in range(3, 20_000))
    strings = STRINGS.replace("</sst>", f"<si><t>{'ab' * (size // 2)}</t></si></sst>")
    with Frugal():
        error = refused(packed(parts(TABLE + rows, strings)), tmp_path, Limits(max_ratio=10_000), "book.xlsx")
    assert error.code == Code.WORKBOOK_TOO_LARGE


def test_long_texts_in_few_cells_are_fine(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{i}"><c r="A{i}" t="s"><v>{i == 4:d}</v></c></row>' for i in range(3, 40_000))
    strings = STRINGS.replace("</sst>", f"<si><t>{'note ' * 6000}</t></si></sst>")
    file = one(packed(parts(TABLE + rows, strings)), tmp_path)
    assert file.n_records == 39_998


def test_seventeen_thousand_columns(tmp_path: Path) -> None:
    data = workbook(S=[[f"h{i}" for i in range(16_384)], ["x"] * 16_384])
    with Frugal():
        error = refused(data, tmp_path, name="book.xlsx")
    assert (error.code, error.facts["found"], error.facts["file"]) == (Code.TOO_MANY_COLUMNS, 16_384, "book.xlsx / S")


def test_many_sheets(tmp_path: Path) -> None:
    sheets: dict[str, list[list[object]]] = {f"S{i}": [["Id", "Name"], ["1", "Acme"]] for i in range(260)}
    data = workbook(**sheets)
    with Frugal():
        error = refused(data, tmp_path, name="book.xlsx")
    assert (error.code, error.facts["found"], error.facts["allowed"]) == (Code.WORKBOOK_TOO_MANY_SHEETS, 260, 250)


def test_many_members(tmp_path: Path) -> None:
    members = parts() | {f"xl/media/{i}.png": "x" for i in range(600)}
    assert cells(one(packed(members), tmp_path)) == [("x", "Acme")]
    error = refused(packed(members), tmp_path, Limits(max_workbook_members=300), "b.xlsx")
    assert (error.code, error.facts["found"], error.facts["allowed"]) == (Code.ZIP_TOO_MANY_MEMBERS, 606, 300)


def test_a_workbook_too_large_as_it_comes(tmp_path: Path) -> None:
    error = refused(workbook(S=[HEAD, *ROWS]), tmp_path, Limits(max_workbook_bytes=1000), "book.xlsx")
    assert (error.code, error.facts["allowed"]) == (Code.FILE_TOO_LARGE, 1000)


# --- entities ------------------------------------------------------------------------------------------------------

LAUGHS = (
    '<!DOCTYPE a [<!ENTITY e0 "ha">' + "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10)) + "]>"
)
FOREIGN = '<!DOCTYPE a [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>'
NETWORK = '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://192.0.2.1/x.dtd">%p;]>'
USING = TABLE.replace("<t>x</t>", "<t>&e9;</t>")


@pytest.mark.parametrize("prologue", [LAUGHS, FOREIGN, NETWORK])
@pytest.mark.parametrize("place", ["sheet", "strings", "book", "relations"])
def test_entities_are_never_expanded(prologue: str, place: str, tmp_path: Path) -> None:
    members = parts()
    if place == "sheet":
        members = parts(USING, before=prologue)
    elif place == "strings":
        members = parts(strings=prologue + STRINGS.replace("Acme", "&e9;"))
    elif place == "book":
        members["xl/workbook.xml"] = prologue + members["xl/workbook.xml"].replace('name="S"', 'name="&e9;"')
    else:
        members["xl/_rels/workbook.xml.rels"] = prologue + members["xl/_rels/workbook.xml.rels"]
    with Frugal():
        error = refused(packed(members), tmp_path, name="book.xlsx")
    assert error.code == Code.WORKBOOK_BROKEN


@pytest.mark.parametrize("prologue", [LAUGHS, FOREIGN])
def test_the_library_itself_expands_nothing(prologue: str, tmp_path: Path) -> None:
    data = packed(parts(USING, before=prologue))
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    with Frugal(), pytest.raises(python_calamine.XmlError):
        book.get_sheet_by_index(0)


# --- passwords -----------------------------------------------------------------------------------------------------


def compound(*streams: str) -> bytes:
    """An OLE container with nothing but a directory that names these streams."""
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", head, 44, 1, 0, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 1)
    head[80:512] = b"\xff" * 432
    table = struct.pack("<II", 0xFFFFFFFE, 0xFFFFFFFD).ljust(512, b"\xff")
    entries = b""
    for i, name in enumerate(("Root Entry", *streams)):
        raw = name.encode("utf-16-le")
        entry = bytearray(128)
        entry[: len(raw)] = raw
        kind, child = (5, 1 if streams else -1) if i == 0 else (2, -1)
        struct.pack_into("<HBBiii", entry, 64, len(raw) + 2, kind, 1, -1, i + 1 if 0 < i < len(streams) else -1, child)
        struct.pack_into("<II", entry, 116, 0xFFFFFFFE, 0)
        entries += bytes(entry)
    return bytes(head) + entries.ljust(512, b"\x00") + table


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (compound("EncryptionInfo", "EncryptedPackage"), Code.WORKBOOK_ENCRYPTED),
        (compound("WordDocument", "1Table"), Code.OFFICE_DOCUMENT),
        (compound("PowerPoint Document"), Code.OFFICE_DOCUMENT),
        (compound("Workbook"), Code.EMPTY_FILE),
        (compound("Workbook")[:700], Code.OFFICE_DOCUMENT),
        (compound("Workbook", "Book").replace(b"\xfe\xff\xff\xff", b"\x01\x00\x00\x00"), Code.WORKBOOK_BROKEN),
    ],
)
def test_older_containers(data: bytes, code: Code, tmp_path: Path) -> None:
    assert refused(data, tmp_path, name="book.xls").code == code


def test_a_member_with_a_password(tmp_path: Path) -> None:
    data = bytearray(workbook(S=[HEAD, *ROWS]))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", 1)
    assert refused(bytes(data), tmp_path, name="book.xlsx").code == Code.WORKBOOK_ENCRYPTED


def test_an_open_document_with_a_password(tmp_path: Path) -> None:
    members = open_document(ODS_ROWS) | {"META-INF/manifest.xml": "<manifest:encryption-data/>"}
    assert refused(packed(members), tmp_path, name="book.ods").code == Code.WORKBOOK_ENCRYPTED


# --- broken and disguised ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_cut_short(share: float, tmp_path: Path) -> None:
    data = workbook(S=[HEAD, *ROWS])
    assert refused(data[: int(len(data) * share)], tmp_path, name="book.xlsx").code == Code.ZIP_BROKEN


@pytest.mark.parametrize(
    ("member", "content"),
    [
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row><c><v>"),
        ("xl/worksheets/sheet1.xml", ""),
        ("xl/sharedStrings.xml", "<sst"),
        ("xl/sharedStrings.xml", f"<sst {MAIN}></sst>"),
        ("xl/workbook.xml", "not xml"),
        ("xl/workbook.xml", ""),
        ("xl/_rels/workbook.xml.rels", "<Relationships"),
    ],
)
def test_parts_that_make_no_sense(member: str, content: str, tmp_path: Path) -> None:
    error = refused(packed(parts() | {member: content}), tmp_path, name="book.xlsx")
    assert error.code in (Code.WORKBOOK_BROKEN, Code.EMPTY_FILE)


@pytest.mark.parametrize("missing", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "_rels/.rels"])
def test_parts_that_are_missing(missing: str, tmp_path: Path) -> None:
    members = {name: content for name, content in parts().items() if name != missing}
    assert refused(packed(members), tmp_path, name="book.xlsx").code in (Code.WORKBOOK_BROKEN, Code.EMPTY_FILE)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<table><tr><th>Id</th></tr></table>", Code.WORKBOOK_AS_PAGE),
        (b"<html><body><form action=login><input></form></body></html>", Code.HTML_PAGE),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
         b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', Code.WORKBOOK_AS_PAGE),
        (packed({"[Content_Types].xml": b"x", "xl/workbook.bin": b"x"}), Code.WORKBOOK_FORMAT),
        (packed({"[Content_Types].xml": b"x", "ppt/presentation.xml": b"x"}), Code.OFFICE_DOCUMENT),
    ],
)  # fmt: skip
def test_disguises(data: bytes, code: Code, tmp_path: Path) -> None:
    assert refused(data, tmp_path, name="book.xls").code == code


# --- OpenDocument --------------------------------------------------------------------------------------------------

ODS_ROWS = (
    "<table:table-row><table:table-cell office:value-type='string'><text:p>Id</text:p></table:table-cell>"
    "<table:table-cell office:value-type='string'><text:p>Amount</text:p></table:table-cell></table:table-row>"
    "<table:table-row><table:table-cell office:value-type='string'><text:p>a</text:p></table:table-cell>"
    "<table:table-cell office:value-type='float' office:value='12.5'><text:p>12.5</text:p></table:table-cell>"
    "<table:table-cell table:number-columns-repeated='16382'/></table:table-row>"
    "<table:table-row table:number-rows-repeated='1048574'><table:table-cell"
    " table:number-columns-repeated='16384'/></table:table-row>"
)


def open_document(rows: str, before: str = "") -> dict[str, str]:
    """The members of a small OpenDocument sheet."""
    office = "urn:oasis:names:tc:opendocument:xmlns:"
    return {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": "<manifest/>",
        "content.xml": f"{before}<office:document-content xmlns:office='{office}office:1.0'"
        f" xmlns:table='{office}table:1.0' xmlns:text='{office}text:1.0'><office:body><office:spreadsheet>"
        f"<table:table table:name='S'>{rows}</table:table></office:spreadsheet></office:body>"
        "</office:document-content>",
    }


def test_an_open_document(tmp_path: Path) -> None:
    with Frugal():
        file = one(packed(open_document(ODS_ROWS)), tmp_path)
    assert (file.encoding, file.header, cells(file)) == ("ods", ("Id", "Amount"), [("a", "12.5")])


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (ODS_ROWS.replace("<table:table-cell table:number-columns-repeated='16384'/>",
                          "<table:table-cell table:number-columns-repeated='16384' office:value-type='float'"
                          " office:value='1'><text:p>1</text:p></table:table-cell>"), Code.WORKBOOK_TOO_MANY_CELLS),
        ("<table:table-row table:number-rows-repeated='99999999'><table:table-cell office:value-type='string'>"
         "<text:p>x</text:p></table:table-cell></table:table-row>", Code.WORKBOOK_TOO_MANY_CELLS),
        (ODS_ROWS.replace("<text:p>a</text:p>", f"<text:p>{'x' * 30_000}</text:p>").replace(
            "<table:table-row><table:table-cell office:value-type='string'><text:p>x",
            "<table:table-row table:number-rows-repeated='100000'><table:table-cell office:value-type='string'>"
            "<text:p>x"), Code.WORKBOOK_TOO_LARGE),
        ("<table:table-row table:number-rows-repeated='many'><table:table-cell/></table:table-row>",
         Code.WORKBOOK_BROKEN),
        ("<table:table-row>", Code.WORKBOOK_BROKEN),
    ],
)  # fmt: skip
def test_hostile_open_documents(rows: str, code: Code, tmp_path: Path) -> None:
    with Frugal():
        error = refused(packed(open_document(rows)), tmp_path, name="book.ods")
    assert error.code == code


@pytest.mark.parametrize("prologue", [LAUGHS, FOREIGN, NETWORK])
def test_entities_in_open_documents(prologue: str, tmp_path: Path) -> None:
    members = open_document(ODS_ROWS.replace(">a<", ">&e9;<"), prologue)
    with Frugal():
        assert refused(packed(members), tmp_path, name="book.ods").code == Code.WORKBOOK_BROKEN
