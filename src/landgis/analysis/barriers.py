"""Which lines and areas part clusters? Roads, railways and rivers, by class and by width."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd
import shapely

from landgis.model import crs as systems
from landgis.model import schema
from landgis.model.errors import DataError, SchemaError, UsageError
from landgis.model.units import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

    from landgis.policy.cluster_records import BarrierRule

    Names = NDArray[np.object_]
    Numbers = NDArray[np.float64]
    Places = NDArray[np.intp]
    Truths = NDArray[np.bool_]

Codes = Literal["survey", "planning"]

# The same digits mean other things in the two systems: 1001 is 铁路 in one and 工业 in the other.
CODES_OF: dict[str, Codes] = {
    "DLBM": "survey",
    "JQDLDM": "survey",
    "YDYHFLDM": "planning",
    "GHDLBM": "planning",
}
SYSTEM_WORDS = {"survey": "三调地类编码", "planning": "规划用地用海分类代码"}
LINES, AREAS = (1, 2, 5), (3, 6)  # shapely type ids
NO_RULE = -1
MAX_NAMED = 20  # classes without a rule that are named one by one
REMARKS = {  # why a feature is no barrier; class, count, policy's words and width go in
    "barrier_not_counted": "“{id}”{count}处按政策不作为连片的阻隔（{basis}）",
    "barrier_too_narrow": "“{id}”{count}处窄于{least}米，不作为连片的阻隔（{basis}）",
    "barrier_width_assumed": "“{id}”{count}处没有宽度，按缺省宽度{width}米计（{basis}）",
}


def barriers(
    table: GeoDataFrame,
    *,
    rules: Iterable[BarrierRule],
    column: str = "barrier_class",
    codes: Codes | None = None,
    roads: bool = False,
) -> GeoDataFrame:
    """Keep the features of a layer that part clusters, with their widths.

    Parameters
    ----------
    table : GeoDataFrame
        Lines or polygons with a declared coordinate system: a layer of roads or rivers, or parcels
        of which some are roads; ``width_m`` in metres where it is known.
    rules : iterable of BarrierRule
        Which classes count and from which width; a policy's ``barrier_rules``.
    column : str, optional
        Column that holds the class: its name, or its code.
    codes : {'survey', 'planning'} or None, optional
        To which system codes in that column belong; None decides by the column: ``DLBM`` holds
        survey codes, ``YDYHFLDM`` planning codes, any other column no codes.
    roads : bool, optional
        Whether to keep the roads that serve the land beside them instead, however narrow and
        whether or not they part clusters (`portray`).

    Returns
    -------
    GeoDataFrame
        `schema.BARRIERS`, in the order of the table: ``barrier_class`` the id of the rule,
        ``width_m`` the width of a line as recorded, else the rule's; of a polygon its mean width
        (2 area / perimeter). ``attrs["findings"]`` lists, in the columns of `schema.FINDINGS`, what
        was left out and why.

    Raises
    ------
    SchemaError
        ``column_missing`` where the table lacks `column`.
    UsageError
        ``unknown_codes``, ``bad_column``, ``not_a_table``; ``code_system_unknown`` where the column
        holds bare codes and nothing tells of which system.
    DataError
        ``barrier_not_line_or_polygon``, ``barrier_width_negative``.
    CrsError
        ``crs_missing``.

    Notes
    -----
    A name fits a rule that lists it, a code the rule with the longest beginning of it, so that
    planning codes padded to six digits (``120200``) fit ``1202``. Mean widths are taken in metres;
    a table in degrees is measured in the plane of its place. A line whose width is unknown is
    judged by the width the rule assumes for it, and told. No rule of law fixes what parts clusters:
    the rules are the policy's.

    Examples
    --------
    >>> import geopandas, shapely
    >>> from landgis.policy import load
    >>> roads = geopandas.GeoDataFrame(
    ...     {"DLBM": ["1001", "1004", "1004", "0601"]},
    ...     geometry=[shapely.box(562000, 2428000 + 50 * i, 562500, 2428000 + 50 * i + w)
    ...               for i, w in enumerate((15, 8, 24, 40))],
    ...     index=["A", "B", "C", "D"], crs="EPSG:4545",
    ... )
    >>> kept = barriers(roads, rules=load("qinzhou_2021").barrier_rules, column="DLBM")
    >>> kept["barrier_class"].to_dict()
    {'A': '铁路', 'C': '城镇村道路'}
    >>> [finding[1] for finding in kept.attrs["findings"]]
    ['barrier_too_narrow', 'barrier_no_rule']
    """
    if codes is not None and codes not in get_args(Codes):
        raise UsageError(
            "unknown_codes",
            f"codes must be one of {', '.join(get_args(Codes))}, got {codes!r}",
            hint="编码体系 codes 应为 survey（三调）或 planning（规划用地用海分类）。",
        )
    systems.require_crs(table, what="阻隔")
    if not isinstance(column, str):
        raise UsageError(
            "bad_column",
            f"column must be the name of one column, got {column!r}",
            hint='类别字段（column）应为一个字段名，例如 "DLBM"。',
        )
    rules = list(rules)
    classes = _classes(table, column)
    rule = _rule_of(classes, rules, column, codes or CODES_OF.get(column.upper()))
    shapes = table.geometry.to_numpy()
    drawn = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    ruled = (rule != NO_RULE) & drawn
    _refuse_points(shapes[ruled])
    width, assumed = _widths(table, rule, rules, ruled)
    if roads:
        serves = np.array([one.road for one in rules] or [False])[rule]
        return _as_barriers(table, ruled & serves, rule, rules, width)
    least = np.array([float(one.min_width_m) for one in rules] or [0.0])[rule]
    counts = np.array([one.counts for one in rules] or [False])[rule]
    wide = width >= least
    found = _as_barriers(table, ruled & counts & wide, rule, rules, width)
    found.attrs["findings"] = [
        *_told(rules, rule, "barrier_not_counted", ruled & ~counts),
        *_told(rules, rule, "barrier_too_narrow", ruled & counts & ~wide),
        *_told(rules, rule, "barrier_width_assumed", ruled & counts & assumed),
        *_strangers(classes[(rule == NO_RULE) & drawn]),
        *_undrawn(table, (rule != NO_RULE) & ~drawn),
    ]
    return found


def _classes(table: GeoDataFrame, column: str) -> Names:
    """Give the class of every row as trimmed text, empty where unknown."""
    if column not in table.columns:
        known = table.columns.drop(table.geometry.name)
        raise SchemaError(
            "column_missing",
            f"the barriers table lacks {column}",
            hint=f"阻隔图层没有字段“{column}”；可用的有：{'、'.join(known)}。",
        )
    words = table[column]
    if pd.api.types.is_float_dtype(words.dtype):
        words = words.astype("Int64")  # a column of codes with blanks, as spreadsheets read it
    classes: Names = words.astype("str").str.strip().fillna("").to_numpy(dtype=object)
    return classes


def _rule_of(classes: Names, rules: list[BarrierRule], column: str, codes: Codes | None) -> Places:
    """Give the place of the rule of every row, NO_RULE where none speaks of its class."""
    by_name = {name: place for place, one in enumerate(rules) for name in one.names}
    by_code = {
        code: place
        for place, one in enumerate(rules)
        for code in (one.survey_codes if codes == "survey" else one.planning_codes)
    }
    listed = {code for one in rules for code in (*one.survey_codes, *one.planning_codes)}
    of_class: dict[str, int] = {}
    for word in dict.fromkeys(classes):
        is_code = word not in by_name and word[:2].isdigit()
        if is_code and codes is None and any(word.startswith(code) for code in listed):
            raise UsageError(
                "code_system_unknown",
                f"column {column} holds the code {word!r}, and codes of two systems share digits",
                hint=f"字段“{column}”中的“{word}”是编码，但不知属于三调（DLBM）还是规划"
                "（YDYHFLDM）：同样的数字含义不同，请用 codes 写明。",
            )
        fitting = [code for code in by_code if is_code and word.startswith(code)]
        of_class[word] = by_code[max(fitting, key=len)] if fitting else by_name.get(word, NO_RULE)
    return np.array([of_class[word] for word in classes], dtype=np.intp)


def _refuse_points(shapes: Names) -> None:
    wrong = ~np.isin(shapely.get_type_id(shapes), LINES + AREAS)
    if wrong.any():
        raise DataError(
            "barrier_not_line_or_polygon",
            f"{int(wrong.sum())} barriers are neither lines nor polygons,"
            f" the first is a {shapes[wrong][0].geom_type}",
            hint="阻隔（道路、铁路、河流等）应为线或面图层。",
        )


def _widths(
    table: GeoDataFrame, rule: Places, rules: list[BarrierRule], ruled: Truths
) -> tuple[Numbers, Truths]:
    """Width of every row in metres, and where it is only assumed."""
    shapes = systems.align(table, systems.metric_crs(table), what="阻隔").geometry.to_numpy()
    width = np.full(len(table), np.nan)
    if "width_m" in table.columns:
        width = pd.to_numeric(table["width_m"]).to_numpy(dtype=np.float64, na_value=np.nan)
    negative = ruled & (width < 0.0)
    if negative.any():
        raise DataError(
            "barrier_width_negative",
            f"{int(negative.sum())} barriers have a negative width_m",
            hint="阻隔的宽度（width_m，米）不能为负数，请改正。",
        )
    area = ruled & np.isin(shapely.get_type_id(shapes), AREAS)
    around = shapely.length(shapes)
    width = np.where(
        area, 2.0 * shapely.area(shapes) / np.where(around > 0.0, around, np.inf), width
    )
    assumed: Truths = ruled & np.isnan(width)
    usual = np.array([float(one.width_m) for one in rules] or [0.0])
    return np.where(assumed, usual[rule], width), assumed


def _as_barriers(
    table: GeoDataFrame, kept: Truths, rule: Places, rules: list[BarrierRule], width: Numbers
) -> GeoDataFrame:
    import geopandas as gpd

    rows = table[kept]
    unknown = pd.Series(None, index=rows.index, dtype=schema.DTYPES["text"])
    ids = np.array([one.id for one in rules], dtype=object)
    found = gpd.GeoDataFrame(
        {
            "barrier_class": pd.Series(
                ids[rule[kept]], index=rows.index, dtype=schema.DTYPES["text"]
            ),
            "barrier_name": rows.get("barrier_name", unknown).astype(schema.DTYPES["text"]),
            "width_m": width[kept],
        },
        geometry=rows.geometry.to_numpy(),
        index=rows.index.astype("str"),
        crs=table.crs,
    )
    found.attrs["findings"] = []
    return found.rename_axis("barrier_id")


def _told(
    rules: list[BarrierRule], rule: Places, code: str, rows: Truths
) -> Iterator[tuple[Any, ...]]:
    """Give one finding for every rule that left such rows out."""
    count = np.bincount(rule[rows], minlength=len(rules))
    for place in np.flatnonzero(count):
        one = rules[place]
        message = REMARKS[code].format(
            id=one.id,
            count=count[place],
            basis=one.basis,
            least=_short(float(one.min_width_m)),
            width=_short(float(one.width_m)),
        )
        yield _finding(code, "提示", message)


def _strangers(classes: Names) -> Iterator[tuple[Any, ...]]:
    """Give one finding for the classes no rule speaks of, the most frequent first."""
    if len(classes) == 0:
        return
    counted = pd.Series(classes).replace("", "类别不明").value_counts()
    named = [f"{word} {count}处" for word, count in counted.iloc[:MAX_NAMED].items()]
    more = f"等{len(counted)}类" if len(counted) > MAX_NAMED else ""
    message = f"政策未提到的类别不作为连片的阻隔：{'、'.join(named)}{more}"
    yield _finding("barrier_no_rule", "提示", message)


def _undrawn(table: GeoDataFrame, rows: Truths) -> Iterator[tuple[Any, ...]]:
    for name in table.index[rows]:
        yield _finding("barrier_without_shape", "警告", f"阻隔“{name}”没有图形，无法阻隔")


def _finding(code: str, severity: str, message: str) -> tuple[Any, ...]:
    return (None, code, severity, message, False, np.nan, np.nan)


def _short(metres: float) -> str:
    text = show(metres, 2)
    return text.rstrip("0").rstrip(".")
