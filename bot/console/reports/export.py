"""Tables as files: CSV and XLSX. A cell that a spreadsheet could take for a formula is a text."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from bot.console.reports.tables import Table
from bot.console.tongue import spoken
from conversations.marking import mark_for_desk as _d

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
"""What a spreadsheet begins to calculate at."""
HEAD = (_d("What"), _d("Which"), _d("This period"), _d("The period before"), _d("Unit"))
MADE = (2026, 1, 1, 0, 0, 0)
"""The moment in the file's own list: the same tables are the same bytes."""
ODD = dict.fromkeys((*range(9), 11, 12, *range(14, 32)))
"""What XML cannot hold."""
UNITS = {"count": _d("number"), "hours": _d("hours"), "percent": _d("per cent")}


def lines(tables: Iterable[Table], title: str) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [(title,), [spoken(one) for one in HEAD]]
    for table in tables:
        unit = spoken(UNITS[table.unit])
        rows += [(table.title, row.label, row.now.shown, row.before.shown, unit) for row in table.rows]
    return rows


def safe(text: str) -> str:
    """Spreadsheets show a text after an apostrophe as it is."""
    return f"'{text}" if text.startswith(FORMULA) else text


def as_csv(tables: Iterable[Table], title: str) -> bytes:
    """With the sign at its beginning by which spreadsheets know UTF-8."""
    made = StringIO()
    csv.writer(made, quoting=csv.QUOTE_ALL).writerows([safe(cell) for cell in row] for row in lines(tables, title))
    return made.getvalue().encode("utf-8-sig")


def as_xlsx(tables: Iterable[Table], title: str) -> bytes:
    """Every cell is marked as a text: none is ever calculated."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as file:
        for name, content in {**_PARTS, "xl/worksheets/sheet1.xml": _sheet(lines(tables, title))}.items():
            file.writestr(ZipInfo(name, MADE), content, ZIP_DEFLATED)
    return made.getvalue()


def _sheet(rows: Sequence[Sequence[str]]) -> str:
    cells = "".join(
        f'<row r="{number}">' + "".join(
            f'<c r="{chr(65 + place)}{number}" t="inlineStr"><is><t xml:space="preserve">'
            f"{escape(cell.translate(ODD))}</t></is></c>" for place, cell in enumerate(row)) + "</row>"
        for number, row in enumerate(rows, 1))
    return f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData></worksheet>'


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Report" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
