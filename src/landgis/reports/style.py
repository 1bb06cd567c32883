"""How everything looks: the colours, and numbers and dates as a reader sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landgis.model import units
from landgis.model.errors import UsageError
from landgis.model.schema import TOTAL

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from decimal import Decimal

INK = "#1c2733"  # text and outlines
MUTED = "#5d6975"  # secondary text
RULE = "#a9b3bd"  # thin lines of the page
PAPER = "#ffffff"
GROUND = "#f3f5f6"  # what lies outside the units
NO_DATA = "#e9ebed"
NO_DATA_HATCH = "#b4bbc2"
ALARM = "#c0272d"  # differences, never anything else
AGREED = "#2d7d5a"

# Five steps from light to dark; each ramp falls evenly in lightness, so that it is read the same
# by colour-blind eyes and on a black-and-white printer.
RAMPS: dict[str, tuple[str, ...]] = {
    "批而未供": ("#dbe8f4", "#aecbe4", "#76a6d0", "#3f7db5", "#1d548c"),
    "闲置": ("#fce5d4", "#f7c09b", "#ec935f", "#d2622f", "#9c3a15"),
    "低效": ("#e8e3f1", "#cbc0e0", "#a697c9", "#7f6bb0", "#57438c"),
    TOTAL: ("#e2ede6", "#b5d3c2", "#80b299", "#4a8c70", "#1f6350"),
}
CLASS_COLOURS = {
    "批而未供": "#3f7db5",
    "闲置": "#e0752f",
    "低效": "#7f6bb0",
    "农村存量": "#8f9a3b",
    "其他": "#9aa1a8",
    TOTAL: "#4a8c70",
}
CLASS_TITLES = {
    "批而未供": "批而未供土地",
    "闲置": "涉嫌闲置土地",  # suspected: the annex does not say that they are recognised
    "低效": "城镇低效用地",
    "农村存量": "农村存量建设用地",
    "其他": "其他存量建设用地",
    TOTAL: "存量建设用地",
}
READINESS_COLOURS = {"净地": "#4a8c70", "毛地": "#d9a441", "待核": "#b9c0c7"}
READINESS_HATCHES = {"净地": "", "毛地": "////", "待核": "...."}
# Customary colours of the control lines; no standard prescribes them here.
CONTROL_LINES = {
    "YJJBNTTB": ("永久基本农田", "#c9a227"),
    "STBHHX": ("生态保护红线", "#2f8f4e"),
    "CZKFBJ": ("城镇开发边界", "#c2185b"),
}
TINTED_ZONES = ("YJJBNTTB", "STBHHX")  # drawn as areas, the others as lines
# What a barrier class contains in its name, the word in the legend, the colour.
BARRIER_KINDS = (
    ("铁", "铁路", "#4b4f54"),
    ("河", "河流", "#6fa8d6"),
    ("水", "水域", "#6fa8d6"),
    ("路", "道路", "#b3a894"),
)
# Hatched on white: the eye must not take them for a class of stock land.
POCKET_COLOURS = {"夹心地": "#c2255c", "边角地": "#0b7285", "插花地": "#a85b00"}
# What may be bridged stands out; what keeps its distance or its district is quiet.
SEPARATION_COLOURS = {"阻隔": "#c0272d", "间距": "#3f7db5", "角点": "#d9a441", "范围": "#5d6975"}
LANE = "#fbf3dc"  # ground inside the outline of a cluster that is no member
SERIES = ("#3f7db5", "#e0752f", "#7f6bb0", "#4a8c70", "#d9a441", "#9aa1a8", "#8f9a3b", "#b0607a")


def ramp(theme: str, count: int) -> list[str]:
    """Give colours from light to dark for the classes of a map.

    Parameters
    ----------
    theme : str
        A land class or 合计; any other word takes the neutral ramp of 合计.
    count : int
        Number of classes, 1 or more.

    Returns
    -------
    list of str
        Hex colours.

    Raises
    ------
    UsageError
        ``bad_count`` for a count below 1.

    Examples
    --------
    >>> ramp("批而未供", 3)
    ['#dbe8f4', '#76a6d0', '#1d548c']
    >>> ramp("批而未供", 1)
    ['#76a6d0']
    """
    if count < 1:
        raise UsageError("bad_count", f"{count} colours asked for", hint="分级数应不少于 1。")
    steps = RAMPS.get(theme, RAMPS[TOTAL])
    last = len(steps) - 1
    places = [last / 2] if count == 1 else [last * i / (count - 1) for i in range(count)]
    return [_between(steps, place) for place in places]


def _between(steps: tuple[str, ...], place: float) -> str:
    low = min(int(place), len(steps) - 2)
    share = place - low
    pairs = zip(_channels(steps[low]), _channels(steps[low + 1]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def colours_of(names: list[str], known: Mapping[str, str]) -> dict[str, str]:
    """Give every name a colour: the customary one where known, else the next of the series.

    Parameters
    ----------
    names : list of str
        Distinct names, in the order of the legend.
    known : mapping of str to str
        Hex colours that are settled, such as `CLASS_COLOURS`.

    Returns
    -------
    dict of str to str
        A hex colour for each name.

    Examples
    --------
    >>> colours_of(["净地", "R-1"], READINESS_COLOURS)
    {'净地': '#4a8c70', 'R-1': '#3f7db5'}
    """
    unknown = [name for name in names if name not in known]
    series = {name: SERIES[i % len(SERIES)] for i, name in enumerate(unknown)}
    return {name: known.get(name) or series[name] for name in names}


def hectares(value: float | Decimal | None, *, blank: str = "—", signed: bool = False) -> str:
    """Print an area in 公顷 with the four decimals of the ledgers.

    Parameters
    ----------
    value : float or Decimal or None
        Hectares; None or NaN is unknown.
    blank : str, optional
        What stands for the unknown.
    signed : bool, optional
        Put ``+`` before a surplus.

    Returns
    -------
    str
        The number alone, rounded half-up.

    Examples
    --------
    >>> hectares(2654.0829), hectares(None), hectares(0.1, signed=True)
    ('2654.0829', '—', '+0.1000')
    """
    text = units.show(value, units.HA_DECIMALS, blank=blank)
    return f"+{text}" if signed and text != blank and float(text) > 0 else text


def chinese_date(day: dt.date) -> str:
    """Print a date as a Chinese reader expects it.

    Parameters
    ----------
    day : datetime.date
        The day.

    Returns
    -------
    str
        Such as 2020年12月31日.

    Examples
    --------
    >>> import datetime
    >>> chinese_date(datetime.date(2020, 12, 31))
    '2020年12月31日'
    """
    return f"{day.year}年{day.month}月{day.day}日"
