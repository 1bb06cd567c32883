"""A Word document as Chinese offices print it: fonts that hold, tables that stay, equal bytes.

Word picks a Chinese font by ``w:eastAsia``, which python-docx does not set, and falls back to the
theme's; so every style and run names its own, and the theme is not asked.
"""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

TITLE_FONT, HEAD_FONT, BODY_FONT, NOTE_FONT = "方正小标宋简体", "黑体", "仿宋", "楷体"
LATIN_FONT = "Times New Roman"
BODY_PT, TITLE_PT, TABLE_PT, NOTE_PT = 14, 22, 10.5, 10.5
LINE_PT = 26  # fixed, as official letters are set
EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
MAX_PROPERTY = 255  # characters of a document property
ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def open_document(*, title: str, created: dt.date | None) -> Any:
    """Begin a document on A4 with Chinese styles and a page number in the foot.

    Parameters
    ----------
    title : str
        Title among the document's properties.
    created : datetime.date or None
        Date to enter as created and changed; a fixed day where None.

    Returns
    -------
    docx.document.Document
        Without content.
    """
    import docx
    from docx.shared import Mm, Pt

    document = docx.Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin, page.bottom_margin = Mm(30), Mm(25)
    page.left_margin, page.right_margin = Mm(28), Mm(26)
    _forget_theme(document)
    normal = document.styles["Normal"]
    set_font(normal, BODY_FONT, BODY_PT)
    normal.paragraph_format.line_spacing = Pt(LINE_PT)
    normal.paragraph_format.space_after = Pt(0)
    _number_pages(page.footer.paragraphs[0])
    moment = EPOCH if created is None else dt.datetime.combine(created, dt.time(), tzinfo=dt.UTC)
    properties = document.core_properties
    properties.title = _printable(title)[:MAX_PROPERTY]
    properties.author, properties.language = "landgis", "zh-CN"
    properties.comments, properties.last_modified_by = "", "landgis"
    properties.created = properties.modified = moment
    return document


def set_font(holder: Any, name: str, size: float, *, bold: bool = False) -> None:
    """Set the font of a style or a run, for Chinese and for Latin letters.

    Parameters
    ----------
    holder : docx style or run
        What bears the font.
    name : str
        Chinese font.
    size : float
        Points.
    bold : bool, optional
        Whether it is bold.
    """
    from docx.oxml.ns import qn
    from docx.shared import Pt

    holder.font.name, holder.font.size, holder.font.bold = LATIN_FONT, Pt(size), bold
    fonts = holder.element.get_or_add_rPr().get_or_add_rFonts()
    for slot, font in (("eastAsia", name), ("hAnsi", LATIN_FONT), ("cs", LATIN_FONT)):
        fonts.set(qn(f"w:{slot}"), font)
    fonts.set(qn("w:hint"), "eastAsia")


def add_line(
    document: Any,
    text: str,
    *,
    font: str = BODY_FONT,
    size: float = BODY_PT,
    centred: bool = False,
    indent: bool = False,
    keep: bool = False,
    space: float = 0,
) -> None:
    """Add one paragraph.

    Parameters
    ----------
    document : docx.document.Document
        Document under way.
    text : str
        Its text.
    font : str, optional
        Chinese font.
    size : float, optional
        Points.
    centred : bool, optional
        Centre it.
    indent : bool, optional
        Indent the first line by two characters.
    keep : bool, optional
        Keep it on one page with what follows.
    space : float, optional
        Points left free before it.
    """
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    form.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.JUSTIFY
    form.space_before, form.keep_with_next = Pt(space), keep
    if size != BODY_PT:
        form.line_spacing = Pt(size * 1.5)
    if indent:
        form.first_line_indent = Pt(2 * size)
    set_font(paragraph.add_run(_printable(text)), font, size)


def add_table(
    document: Any,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    widths_mm: Sequence[float],
    total: bool = True,
) -> None:
    """Add a table: names at the left, figures at the right, headings on every page.

    Parameters
    ----------
    document : docx.document.Document
        Document under way.
    head : sequence of str
        Headings.
    rows : sequence of sequence of str
        Cells, the first of each row a name.
    widths_mm : sequence of float
        Width of each column.
    total : bool, optional
        Whether the last row is a total.
    """
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Mm

    table = document.add_table(rows=0, cols=len(head), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
    for number, cells in enumerate([head, *rows]):
        row = table.add_row()
        _mark_row(row, heading=number == 0)
        bold = number == 0 or (total and number == len(rows))
        for place, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
            cell.width = Mm(widths_mm[place])
            if bold:
                _shade(cell, "DCE6F0" if number == 0 else "FDF6E3")
            side = "center" if number == 0 else "left" if place == 0 else "right"
            _fill(cell, text, bold=bold, side=side)


def add_picture(document: Any, path: str | Path, *, width_mm: float) -> None:
    """Add a picture in the middle of a line of its own.

    Parameters
    ----------
    document : docx.document.Document
        Document under way.
    path : str or Path
        PNG or JPEG file.
    width_mm : float
        Its width on paper.
    """
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt

    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing = 1.0
    paragraph.paragraph_format.space_before = Pt(6)
    paragraph.add_run().add_picture(str(path), width=Mm(width_mm))


def save(document: Any, path: Path) -> None:
    """Write a document so that equal content gives equal bytes.

    Parameters
    ----------
    document : docx.document.Document
        What to write.
    path : Path
        The .docx file.
    """
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as parts, zipfile.ZipFile(path, "w") as settled:
        for part in parts.infolist():
            entry = zipfile.ZipInfo(part.filename, ZIP_DATE)
            settled.writestr(entry, parts.read(part), zipfile.ZIP_DEFLATED)


def _printable(text: str) -> str:
    """Leave out control characters, which XML cannot hold."""
    return "".join(c for c in text if c in "\t\n" or not unicodedata.category(c).startswith("C"))


def _forget_theme(document: Any) -> None:
    """Take the theme's fonts out of the defaults: they are Latin or Japanese, never Chinese."""
    from docx.oxml.ns import qn

    for fonts in document.styles.element.iter(qn("w:rFonts")):
        for slot in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.attrib.pop(qn(f"w:{slot}Theme"), None)
            if slot != "eastAsia":
                fonts.set(qn(f"w:{slot}"), LATIN_FONT)
        fonts.set(qn("w:eastAsia"), BODY_FONT)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _number_pages(paragraph: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    set_font(paragraph.add_run("— "), BODY_FONT, NOTE_PT)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    number = paragraph.add_run("1")
    set_font(number, BODY_FONT, NOTE_PT)
    field.append(number._r)  # noqa: SLF001 - python-docx has no fields
    paragraph._p.append(field)  # noqa: SLF001
    set_font(paragraph.add_run(" —"), BODY_FONT, NOTE_PT)


def _mark_row(row: Any, *, heading: bool) -> None:
    from docx.oxml import OxmlElement

    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no word for these
    properties.append(OxmlElement("w:cantSplit"))
    if heading:
        properties.append(OxmlElement("w:tblHeader"))


def _shade(cell: Any, colour: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001


def _fill(cell: Any, text: str, *, bold: bool, side: str) -> None:
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = cell.paragraphs[0]
    paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, side.upper())
    paragraph.paragraph_format.line_spacing = Pt(17)
    set_font(paragraph.add_run(_printable(text)), HEAD_FONT if bold else BODY_FONT, TABLE_PT)
