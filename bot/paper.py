"""A page to print: text in any of our languages and scripts, as PDF. What it is made with is loaded only for that."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpdf import FPDF

FAMILY = "Fira Sans"
"""Its licence lets it stand in a file; it has Albanian, Serbian in both scripts, German and English."""
MARGIN, LINE, SMALL = 20.0, 6.0, 4.6
"""In millimetres: around the text, and from line to line."""
GREY = 90
BOX, CODE = 4.0, 34.0
"""How large a box to tick is, and an address to scan."""
LABELS = 48.0
"""How wide the names of things are."""


class Paper:
    """Pages that fill themselves from top to bottom."""

    def __init__(self, title: str, language: str, made: datetime) -> None:
        self.pdf = _blank(title, language, made)

    def new_page(self) -> None:
        self.pdf.add_page()

    def heading(self, text: str) -> None:
        self._write(text, 18, "B", LINE * 1.4)
        self.gap()

    def text(self, text: str) -> None:
        self._write(text, 11, "", LINE)
        self.gap(0.4)

    def large(self, text: str) -> None:
        """For tired eyes."""
        self._write(text, 17, "", LINE * 1.5)
        self.gap(0.8)

    def note(self, text: str) -> None:
        self.pdf.set_text_color(GREY)
        self._write(text, 8.5, "", SMALL)
        self.pdf.set_text_color(0)

    def pairs(self, rows: Iterable[tuple[str, str]]) -> None:
        """The name of a thing, and beside it the thing."""
        for name, value in rows:
            top, page = self.pdf.get_y(), self.pdf.page
            self.pdf.set_left_margin(MARGIN + LABELS)
            self._write(value, 11, "B", LINE)
            end, page_at_end = self.pdf.get_y(), self.pdf.page
            self.pdf.set_left_margin(MARGIN)
            if page == page_at_end:
                self.pdf.set_xy(MARGIN, top)
            self._write(name, 11, "", LINE, LABELS - 3)
            self.pdf.set_y(max(end, self.pdf.get_y()) if page == page_at_end else self.pdf.get_y())
        self.gap(0.6)

    def step(self, text: str, box: bool = True) -> None:
        """Something to do, with a box to tick and a line above; it stays with what follows."""
        if self.pdf.will_page_break(LINE * 5):
            self.pdf.add_page()
        top = self.pdf.get_y()
        self.pdf.set_draw_color(200)
        self.pdf.line(MARGIN, top, self.pdf.w - MARGIN, top)
        self.pdf.set_draw_color(0)
        self.pdf.set_y(top + LINE * 0.5)
        if box:
            self.pdf.rect(MARGIN, self.pdf.get_y() + 1, BOX, BOX)
            self.pdf.set_left_margin(MARGIN + BOX + 3)
        self._write(text, 12, "B", LINE)
        self.pdf.set_left_margin(MARGIN)
        self.gap(0.3)

    def ticked(self, text: str) -> None:
        """Something that is done."""
        x, y = MARGIN, self.pdf.get_y() + 1
        self.pdf.rect(x, y, BOX, BOX)
        self.pdf.line(x + 0.8, y + BOX / 2, x + BOX / 2.4, y + BOX - 0.8)
        self.pdf.line(x + BOX / 2.4, y + BOX - 0.8, x + BOX - 0.6, y + 0.6)
        self.pdf.set_left_margin(MARGIN + BOX + 3)
        self._write(text, 11, "", LINE)
        self.pdf.set_left_margin(MARGIN)

    def to_tick(self, text: str) -> None:
        """Something to bring, in large letters, with a box."""
        if self.pdf.will_page_break(LINE * 1.5):
            self.pdf.add_page()
        self.pdf.rect(MARGIN, self.pdf.get_y() + 2.4, BOX, BOX)
        self.pdf.set_left_margin(MARGIN + BOX + 3)
        self._write(text, 17, "", LINE * 1.5)
        self.pdf.set_left_margin(MARGIN)

    def code(self, address: str) -> None:
        """An address that a phone's camera reads, in the upper corner."""
        import segno

        matrix = [*segno.make(address, error="m", micro=False).matrix]
        size, left, top = CODE / len(matrix), self.pdf.w - MARGIN - CODE, MARGIN
        self.pdf.set_fill_color(0)
        for row, line in enumerate(matrix):
            for column, dark in enumerate(line):
                if dark:
                    self.pdf.rect(left + column * size, top + row * size, size, size, style="F")
        self.pdf.link(left, top, CODE, CODE, address)
        self.pdf.set_right_margin(MARGIN + CODE + LINE)

    def below_code(self) -> None:
        """The whole width again."""
        self.pdf.set_right_margin(MARGIN)
        self.pdf.set_y(max(self.pdf.get_y(), MARGIN + CODE + LINE))

    def gap(self, lines: float = 1.0) -> None:
        self.pdf.ln(LINE * lines)

    def _write(self, text: str, size: float, style: str, line: float, width: float = 0) -> None:
        self.pdf.set_font(FAMILY, style, size)
        self.pdf.multi_cell(width, line, text, align="L", new_x="LMARGIN", new_y="NEXT")

    def content(self) -> bytes:
        return bytes(self.pdf.output())


def _blank(title: str, language: str, made: datetime) -> FPDF:
    """An empty A4 sheet. Only the letters that are used go into the file."""
    import fontpkg_fira_sans
    from fpdf import FPDF

    logging.getLogger("fpdf").setLevel(logging.ERROR)  # it would name the letters that it has no picture of
    files = Path(fontpkg_fira_sans.ROOT) / "files"
    pdf = FPDF(format="A4")
    pdf.add_font(FAMILY, "", files / "FiraSans-Regular.ttf")
    pdf.add_font(FAMILY, "B", files / "FiraSans-Bold.ttf")
    pdf.set_margins(MARGIN, MARGIN, MARGIN)
    pdf.set_auto_page_break(True, MARGIN)
    pdf.set_title(title)
    pdf.set_lang(language)
    pdf.set_creation_date(made)
    return pdf
