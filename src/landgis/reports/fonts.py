"""A font that draws Chinese, on any machine.

Drawings never show boxes for characters: a font that has Chinese is found, or the call fails with
the remedy; a single character that even this font lacks is replaced by ``〓`` and named on the page.
"""

from __future__ import annotations

import functools
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from landgis.model.errors import SourceError

if TYPE_CHECKING:
    from matplotlib.font_manager import FontEntry, FontPath, FontProperties

# Sans-serif families with Simplified Chinese, in order of preference.
FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "SimHei",
    "STHeiti",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
)
BUNDLED = ("zhplot", "zhplot/fonts/NotoSansSC-Regular.ttf")  # a dependency for this one OFL file
TOUCHSTONE = "合计公顷闲置钦浦垌〓"  # a font without one of these is no font for this work
STAND_IN = "〓"  # the printer's sign for a character he has not got
REGULAR, BOLD = 400, 600


@dataclass(frozen=True)
class Fonts:
    """One family for a page: its regular face, its bold face or the regular again, its characters."""

    regular: FontPath
    bold: FontPath
    characters: frozenset[int]
    truetype: bool  # False: PostScript outlines (CFF), which a PDF embeds another way

    @property
    def has_bold(self) -> bool:
        """Say whether bold is a face of its own.

        Returns
        -------
        bool
            False where the regular face stands in.
        """
        return self.bold != self.regular

    def face(self, size: float, *, bold: bool = False) -> FontProperties:
        """Give what matplotlib needs to set a text.

        Parameters
        ----------
        size : float
            Points.
        bold : bool, optional
            Use the bold face, where there is one.

        Returns
        -------
        matplotlib.font_manager.FontProperties
            The face by its file, so that no setting of the process matters.
        """
        from matplotlib.font_manager import FontProperties

        return FontProperties(fname=self.bold if bold else self.regular, size=size)

    def missing(self, text: str) -> list[str]:
        """List what the font cannot draw.

        Parameters
        ----------
        text : str
            Any text.

        Returns
        -------
        list of str
            Characters it lacks, each once, in their order.
        """
        lost = (c for c in text if ord(c) not in self.characters and not c.isspace())
        return list(dict.fromkeys(lost))

    def printable(self, text: str) -> str:
        """Put the stand-in for every character that the font cannot draw.

        Parameters
        ----------
        text : str
            Any text.

        Returns
        -------
        str
            The text that can be drawn.
        """
        for character in self.missing(text):
            text = text.replace(character, STAND_IN)
        return text


def find_fonts(path: str | Path | None = None) -> Fonts:
    """Find a font that draws Chinese: the caller's, an installed one, or the one that comes along.

    Parameters
    ----------
    path : str or Path or None, optional
        A font file (.ttf, .otf, .ttc) to use; None looks for one.

    Returns
    -------
    Fonts
        The faces, and the characters both of them have.

    Raises
    ------
    SourceError
        ``font_missing`` for a `path` that is not there, ``font_unreadable`` for one that is no
        font, ``font_without_chinese`` for one that lacks Chinese, ``no_chinese_font`` where the
        machine has none at all.

    Notes
    -----
    Order: `path`, the installed families of `FAMILIES`, NotoSansSC (SIL Open Font License 1.1) out
    of the package zhplot, which is read as a file and never imported.

    Examples
    --------
    >>> find_fonts().missing("钦州市存量土地")
    []
    """
    if path is not None:
        return _own_font(Path(path))
    for family in FAMILIES:
        faces = _installed(family)
        if faces is not None:
            return faces
    bundled = _bundled_file()
    if bundled is not None:
        return _open(bundled)
    raise SourceError(
        "no_chinese_font",
        "no font with Simplified Chinese was found on this machine",
        hint="没有找到中文字体：请安装 Noto Sans CJK SC（Debian：apt-get install fonts-noto-cjk），"
        "或执行 pip install zhplot，或用 font 参数指明字体文件。",
    )


def _own_font(path: Path) -> Fonts:
    if not path.is_file():
        raise SourceError(
            "font_missing", "no such font file", hint=f"找不到字体文件“{path}”。", file=path
        )
    try:
        fonts = _open(path)
    except (RuntimeError, OSError) as error:
        raise SourceError(
            "font_unreadable",
            f"not a font: {error}",
            hint=f"“{path}”不是可用的字体文件（应为 .ttf、.otf 或 .ttc）。",
            file=path,
        ) from error
    lost = fonts.missing(TOUCHSTONE.replace(STAND_IN, ""))
    if lost:
        raise SourceError(
            "font_without_chinese",
            f"the font lacks {''.join(lost)}",
            hint=f"字体“{path}”缺少汉字“{''.join(lost)}”：请改用含简体中文的字体。",
            file=path,
        )
    return fonts


def _installed(family: str) -> Fonts | None:
    """Regular and bold of an installed family that has all it takes, or None."""
    from matplotlib.font_manager import fontManager

    entries = [
        entry
        for entry in fontManager.ttflist
        if entry.name == family and entry.style == "normal" and Path(entry.fname).is_file()
    ]
    if not entries:
        return None

    def nearest(weight: int, among: list[FontEntry]) -> FontPath:
        from matplotlib.font_manager import FontPath

        best = min(among, key=lambda entry: (abs(_weight(entry) - weight), entry.fname))
        return FontPath(best.fname, best.index)

    heavy = [entry for entry in entries if _weight(entry) >= BOLD]
    regular = nearest(REGULAR, entries)
    fonts = _open(regular, nearest(700, heavy) if heavy else regular)
    return None if fonts.missing(TOUCHSTONE) else fonts


def _weight(entry: FontEntry) -> int:
    from matplotlib.font_manager import weight_dict

    weight = entry.weight
    return weight if isinstance(weight, int) else weight_dict.get(weight, REGULAR)


def _bundled_file() -> Path | None:
    package, inside = BUNDLED
    try:
        path = Path(str(importlib.metadata.distribution(package).locate_file(inside)))
    except importlib.metadata.PackageNotFoundError:
        return None
    return path if path.is_file() else None


def _open(regular: Path | FontPath, bold: FontPath | None = None) -> Fonts:
    from matplotlib.font_manager import FontPath

    first = regular if isinstance(regular, FontPath) else FontPath(str(regular), 0)
    second = bold or first
    characters, truetype = _contents(first)
    if second != first:
        characters &= _contents(second)[0]
    return Fonts(first, second, characters, truetype)


@functools.lru_cache(maxsize=8)
def _contents(face: FontPath) -> tuple[frozenset[int], bool]:
    """Characters of a face, and whether its outlines are TrueType (maxp 1.0; CFF has 0.5)."""
    from matplotlib.font_manager import get_font

    font = get_font(face)
    profile = font.get_sfnt_table("maxp")
    truetype = profile is not None and profile["version"] >= (1, 0)
    return frozenset(font.get_charmap()), truetype
