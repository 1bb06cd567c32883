"""In what encoding is a text written? Declared, or proven by decoding, never assumed.

Chinese bureaus deliver GBK and UTF-8 side by side, and a shapefile without a code page reads as
Latin-1 without any error. So every candidate is tried strictly on the bytes themselves.
"""

from __future__ import annotations

import codecs
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from landgis.formats.dbf import LANGUAGE_BYTE, SAMPLE_BYTES, foreign_texts, side_file
from landgis.model.errors import SourceError, UsageError

if TYPE_CHECKING:
    from landgis.formats.dbf import Text

UTF8 = "UTF-8"
GB18030 = "GB18030"  # contains GBK and GB2312
LATIN1 = "ISO-8859-1"

COMMON_SHARE = 0.7  # GBK text is mostly level-1 hanzi (B0A1-D7F9); random byte pairs are not
FOREIGN_SHARE = 0.4  # below this share the pairs are hardly Chinese at all

# Language driver ids that name one code page. 0 and 87 ("ANSI") name none.
_LANGUAGES = {
    0x01: "cp437",
    0x02: "cp850",
    0x03: "cp1252",
    0x13: "cp932",
    0x4D: "GBK",
    0x4E: "cp949",
    0x4F: "cp950",
    0xC8: "cp1250",
    0xC9: "cp1251",
}


class Verdict(NamedTuple):
    """An encoding, what it rests on (Chinese), and whether that is proof."""

    encoding: str
    basis: str
    sure: bool


def decode(data: bytes, *, encoding: str | None = None, file: str | Path | None = None) -> str:
    """Decode a text file strictly.

    Parameters
    ----------
    data : bytes
        The whole file.
    encoding : str or None, optional
        Encoding to use; None tries the byte order mark, UTF-8 and GB18030 in that order.
    file : str or Path or None, optional
        Name for the error message.

    Returns
    -------
    str
        The text, without a byte order mark.

    Raises
    ------
    SourceError
        ``encoding_wrong`` where the bytes do not decode.
    UsageError
        ``unknown_encoding`` where Python knows no such encoding.

    Examples
    --------
    >>> decode("钦州市".encode("gbk"))
    '钦州市'
    """
    if encoding is not None:
        candidates = [known(encoding)]
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8-sig", GB18030]
    for candidate in candidates:
        try:
            return data.decode(candidate).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    raise wrong(file, " / ".join(candidates))


def known(encoding: str) -> str:
    """Make sure that Python knows an encoding.

    Parameters
    ----------
    encoding : str
        Such as ``GBK``, ``gb18030`` or ``utf-8``.

    Returns
    -------
    str
        The same name.

    Raises
    ------
    UsageError
        ``unknown_encoding``.

    Examples
    --------
    >>> known("GBK")
    'GBK'
    """
    try:
        codecs.lookup(encoding)
    except LookupError as error:
        raise UsageError(
            "unknown_encoding",
            f"unknown encoding {encoding!r}",
            hint=f"不认识编码“{encoding}”：常用的是 GBK、GB18030、UTF-8。",
        ) from error
    return encoding


def wrong(file: str | Path | None, tried: str) -> SourceError:
    """Make the error for bytes that do not decode.

    Parameters
    ----------
    file : str or Path or None
        The file concerned.
    tried : str
        The encodings tried.

    Returns
    -------
    SourceError
        ``encoding_wrong``, to be raised by the caller.
    """
    return SourceError(
        "encoding_wrong",
        f"the text does not decode as {tried}",
        hint=f"文字不是 {tried} 编码：请用 encoding 参数指明正确的编码（如 GBK、UTF-8、Big5）。",
        file=file,
    )


def shapefile_encoding(path: str | Path, *, encoding: str | None = None) -> Verdict:
    """Tell the encoding of a shapefile's attribute table.

    Parameters
    ----------
    path : str or Path
        The ``.shp`` or ``.dbf`` file.
    encoding : str or None, optional
        Encoding that the caller insists on.

    Returns
    -------
    Verdict
        The caller's encoding; else the one declared in ``.cpg`` or by the language driver id when
        every text decodes with it; else UTF-8 or GB18030 by strict trial.

    Raises
    ------
    UsageError
        ``unknown_encoding``.

    Notes
    -----
    GB18030 decodes nearly any bytes, so its verdict is only sure when most double bytes are
    common hanzi; bytes that hardly are go to ISO-8859-1, the default of the format.
    """
    if encoding is not None:
        return Verdict(known(encoding), "调用时指定", sure=True)
    table = side_file(Path(path), ".dbf")
    if table is None:
        return Verdict(UTF8, "没有属性表", sure=True)
    with table.open("rb") as file:
        data = file.read(SAMPLE_BYTES)
    texts = foreign_texts(data)
    declared = _declared(Path(path), data)
    if not texts:
        return declared[0] if declared else Verdict(UTF8, "全部是 ASCII 字符", sure=True)
    for verdict in declared:
        if _decodes(texts, verdict.encoding):
            return verdict
    return _tried(texts, declared)


def _tried(texts: list[Text], declared: list[Verdict]) -> Verdict:
    """Give the verdict of strict trial, where no declaration holds."""
    doubt = f"，与 {declared[0].basis}的 {declared[0].encoding} 不符" if declared else ""
    if _decodes(texts, UTF8):
        return Verdict(UTF8, f"逐字节试读{doubt}", sure=True)
    share = _common_share(texts)
    if share >= FOREIGN_SHARE and _decodes(texts, GB18030):
        return Verdict(GB18030, f"逐字节试读{doubt}", sure=share >= COMMON_SHARE)
    return Verdict(LATIN1, f"无法判断{doubt}", sure=False)


def _declared(path: Path, data: bytes) -> list[Verdict]:
    declared = []
    page = side_file(path, ".cpg")
    if page is not None and (name := _code_page(page.read_bytes().decode("ascii", "ignore"))):
        declared.append(Verdict(name, ".cpg 文件声明", sure=True))
    if len(data) > LANGUAGE_BYTE and (name := _LANGUAGES.get(data[LANGUAGE_BYTE], "")):
        declared.append(Verdict(name, ".dbf 语言标识声明", sure=True))
    return declared


def _code_page(text: str) -> str:
    """Read a .cpg: ``UTF-8``, ``936``, ``ANSI 936``; nothing for ``OEM`` and the like."""
    word = text.strip()
    number = re.fullmatch(r"(?:ANSI|CP|MS)?[ _-]?(\d{3,5})", word, re.IGNORECASE)
    if number:
        word = {"65001": UTF8, "88591": LATIN1, "54936": GB18030}.get(number[1], f"cp{number[1]}")
    try:
        codecs.lookup(word)
    except LookupError:
        return ""
    return word


def _decodes(texts: list[Text], encoding: str) -> bool:
    """Decode all texts strictly; only at the end of a full field may a character be cut."""
    decoder = codecs.getincrementaldecoder(encoding)
    try:
        for text in texts:
            decoder("strict").decode(text.raw, final=not text.full)
    except UnicodeDecodeError:
        return False
    return True


def _common_share(texts: list[Text]) -> float:
    """Share of double bytes that are level-1 hanzi of GB2312."""
    pairs = common = 0
    for text in texts:
        skip = False
        for lead, trail in pairwise(text.raw):
            if skip:
                skip = False
            elif lead >= 0x80:  # noqa: PLR2004 - above ASCII
                pairs += 1
                common += 0xB0 <= lead <= 0xD7 and trail >= 0xA1  # noqa: PLR2004 - B0A1-D7F9
                skip = True
    return common / pairs if pairs else 0.0
