"""Verbs of contiguous renewal (集中连片)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from landgis.cli import bounds, speech
from landgis.cli.application import verb
from landgis.model.errors import UsageError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame

    from landgis.analysis.clusters import Clustered

PANEL = "分析"
LAYER_SUFFIXES = {*speech.SPATIAL_SUFFIXES, ".gdb", ".kml", ".zip"}
SQUARE_DECIMETRES = 2  # decimals of m² in which statutory areas add up

Gap = Annotated[
    float,
    typer.Option(
        "--gap", metavar="米", callback=bounds.at_least(0, "最大间距"), help="最大间距（米）"
    ),
]
Barriers = Annotated[
    str | None, typer.Option("--barriers", metavar="阻隔", help="阻隔图层文件（线或面）")
]
BarrierRows = Annotated[
    list[str] | None,
    typer.Option(
        "--barrier-rows",
        metavar="字段=值,值",
        help="地块表中哪些行是阻隔，如 DLBM=1001,1003,1101（文件中的字段名）；可多个",
    ),
]
LandClass = Annotated[str | None, typer.Option("--class", metavar="类别", help="只取这一存量类别")]
Seeds = Annotated[
    list[str] | None,
    typer.Option("--seed", metavar="编号", help="起始地块：只留含有它的连片；可多个"),
]
Within = Annotated[
    str | None,
    typer.Option(
        "--within", metavar="字段或文件", help="连片不得跨越的范围：字段（如 unit），或面图层文件"
    ),
]
Joins = Annotated[
    str | None,
    typer.Option(
        "--joins",
        metavar="关系,关系",
        callback=bounds.kinds_of_edges,
        help="哪些关系算连片：shared 共边、overlap 重叠、sliver 细缝、corner 角点、near 邻近",
    ),
]
LOOK_M = 60.0  # as far as projects look for what parts clusters
MinShared = Annotated[
    float,
    typer.Option(
        "--min-shared", metavar="米", callback=bounds.at_least(0, "最短共边"), help="最短共边（米）"
    ),
]
Sliver = Annotated[
    float,
    typer.Option(
        "--sliver",
        metavar="米",
        callback=bounds.at_least(0, "绘图误差"),
        help="不宽于此的缝隙和重叠算绘图误差（米）",
    ),
]
MinArea = Annotated[
    float,
    typer.Option(
        "--min-area",
        metavar="平方米",
        callback=bounds.at_least(0, "连片最小面积"),
        help="连片最小面积（平方米）",
    ),
]
MinCount = Annotated[
    int,
    typer.Option(
        "--min-count",
        metavar="宗",
        callback=bounds.at_least(1, "连片最少宗数"),
        help="连片最少宗数",
    ),
]
SingleArea = Annotated[
    float | None,
    typer.Option(
        "--single-area",
        metavar="平方米",
        callback=bounds.at_least(0, "单宗成片面积"),
        help="不小于此面积的，宗数不足也算一片（平方米）",
    ),
]


@verb(rich_help_panel=PANEL)
def cluster(
    parcels: speech.ParcelFile,
    gap: Gap,
    barriers: Barriers = None,
    barrier_rows: BarrierRows = None,
    land_class: LandClass = None,
    seed: Seeds = None,
    within: Within = None,
    joins: Joins = None,
    min_shared: MinShared = 1.0,
    sliver: Sliver = 0.2,
    min_area: MinArea = 0.0,
    min_count: MinCount = 1,
    single_area: SingleArea = None,
    look: Annotated[
        float | None,
        typer.Option(
            "--look",
            metavar="米",
            callback=bounds.at_least(0, "察看间距"),
            help="邻接关系察看到多远（米）；省略时同最大间距，列出隔开各片的地物时不小于60",
        ),
    ] = None,
    edges: Annotated[bool, typer.Option("--edges", help="列出邻接关系，而不是连片")] = False,
    members: Annotated[bool, typer.Option("--members", help="列出地块及其连片编号")] = False,
    separations: Annotated[
        bool, typer.Option("--separations", help="列出各片被什么隔开、打通后增加多少面积")
    ] = False,
    pockets: Annotated[
        bool, typer.Option("--pockets", help="列出边角地、夹心地、插花地候选地块")
    ] = False,
    unit_area: Annotated[
        float | None,
        typer.Option(
            "--divide",
            metavar="平方米",
            callback=bounds.above(0, "更新单元面积"),
            help="把大片沿街巷拆成约此面积的更新单元，并列出",
        ),
    ] = None,
    out: speech.Out = None,
    encoding: speech.Encoding = None,
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """集中连片：哪些地块连得起来。"""
    from landgis.analysis.clusters import cluster as cluster_parcels
    from landgis.model.schema import CLUSTERS, EDGES, POCKETS, RENEWAL_UNITS, SEPARATIONS

    _require_one_answer(
        members=members, edges=edges, separations=separations, pockets=pockets, divide=unit_area
    )
    if edges:
        bounds.without_shapes(out)
    table = speech.read(parcels, crs=crs, column=column)
    options = _options(
        barriers=barriers, barrier_rows=barrier_rows, land_class=land_class, seed=seed,
        within=within, joins=joins, min_shared=min_shared, sliver=sliver, min_area=min_area,
        min_count=min_count, single_area=single_area,
    )  # fmt: skip
    if look is None and separations:
        look = max(gap, LOOK_M)
    done = cluster_parcels(table, gap_m=gap, look_m=look, **options)
    speech.say(_found(done, land_class))
    if separations:
        from landgis.analysis.separations import separations as find_separations

        found = find_separations(*done, gap_m=gap, **_only(options, "joins"))
        if found.empty:
            speech.say(f"{max(gap, look or 0.0):g}米以内没有被隔开的其他连片。")
        speech.give(found, of=SEPARATIONS, out=out, json=json, encoding=encoding)
    elif pockets:
        from landgis.analysis.clusters import in_the_way
        from landgis.analysis.pockets import pockets as find_pockets

        standing = in_the_way(
            table, barriers=options["barriers"], barrier_rows=options["barrier_rows"]
        )
        found = find_pockets(done.members, done.clusters, barriers=standing)
        speech.give(found, of=POCKETS, out=out, json=json, encoding=encoding)
    elif unit_area is not None:
        from landgis.analysis.renewal_units import divide

        speech.give(
            divide(*done, size_m2=unit_area).units,
            of=RENEWAL_UNITS,
            out=out,
            json=json,
            encoding=encoding,
        )
    elif edges:
        speech.give(done.edges, of=EDGES, out=out, json=json)
    elif members:
        speech.give(
            done.members, out=out, json=json, encoding=encoding, only=["land_class", "cluster_id"]
        )
    else:
        speech.give(done.clusters, of=CLUSTERS, out=out, json=json, encoding=encoding)


@verb(rich_help_panel=PANEL)
def suggest(
    parcels: speech.ParcelFile,
    gaps: Annotated[
        str,
        typer.Option(
            "--gaps", metavar="米,米", callback=bounds.metres, help="比较哪些间距（米），以逗号分隔"
        ),
    ] = "0,5,10,15,20,30,40,60",
    barriers: Barriers = None,
    barrier_rows: BarrierRows = None,
    land_class: LandClass = None,
    seed: Seeds = None,
    within: Within = None,
    joins: Joins = None,
    min_shared: MinShared = 1.0,
    sliver: Sliver = 0.2,
    min_area: MinArea = 0.0,
    min_count: MinCount = 1,
    single_area: SingleArea = None,
    chart: Annotated[
        Path | None,
        typer.Option(
            "--chart",
            metavar="图片",
            callback=bounds.written_as(".png", ".pdf"),
            help="另画成图（PNG 或 PDF）",
        ),
    ] = None,
    out: speech.OutTable = None,
    json: speech.Json = False,
    crs: speech.Crs = None,
    column: speech.Columns = None,
) -> None:
    """间距比选：连片的数量、面积、最大一片随间距怎么变。"""
    from landgis.analysis.clusters import suggest as compare_gaps
    from landgis.model.schema import GAP_CHOICES

    table = speech.read(parcels, crs=crs, column=column)
    options = _options(
        barriers=barriers, barrier_rows=barrier_rows, land_class=land_class, seed=seed,
        within=within, joins=joins, min_shared=min_shared, sliver=sliver, min_area=min_area,
        min_count=min_count, single_area=single_area,
    )  # fmt: skip
    choices = compare_gaps(table, gaps_m=[float(gap) for gap in gaps.split(",")], **options)
    if not choices["member_count"].any():
        speech.say(_nobody(table, land_class))
    if chart is not None:
        from landgis.reports.gap_chart import draw_gaps

        speech.say(str(draw_gaps(choices, path=chart)))
    speech.give(choices, of=GAP_CHOICES, out=out, json=json)


def _require_one_answer(**wanted: object) -> None:
    """Refuse several answers at once: one call gives one table."""
    asked = [f"--{name}" for name, value in wanted.items() if value]
    if len(asked) > 1:
        raise UsageError(
            "options_exclude",
            f"{', '.join(asked)} exclude one another",
            hint=f"{'、'.join(asked)} 一次只能选一个：请分几次运行。",
        )


def _options(
    *,
    barriers: str | None,
    barrier_rows: list[str] | None,
    within: str | None,
    joins: str | None,
    **plain: Any,
) -> dict[str, Any]:
    """Give the arguments of `landgis.cluster` for what was said."""
    options = {
        "barriers": None if barriers is None else speech.read(barriers, kind="barriers"),
        "barrier_rows": _values_by_column(barrier_rows),
        "land_class": plain["land_class"],
        "seeds": plain["seed"],
        "within": _place(within),
        "min_shared_m": plain["min_shared"],
        "sliver_m": plain["sliver"],
        "min_area_m2": plain["min_area"],
        "min_count": plain["min_count"],
        "single_area_m2": plain["single_area"],
    }
    return options if joins is None else {**options, "joins": joins.split(",")}


def _only(options: dict[str, Any], name: str) -> dict[str, Any]:
    return {name: options[name]} if name in options else {}


def _values_by_column(texts: list[str] | None) -> dict[str, list[str]]:
    found = {}
    for text in texts or []:
        column, equals, values = text.partition("=")
        if not (column and equals and values):
            raise UsageError(
                "bad_barrier_rows",
                f"--barrier-rows must read column=value,value, got {text!r}",
                hint=f"--barrier-rows 应写作 字段=值,值，如 DLBM=1001,1101，现为“{text}”。",
            )
        found[column] = values.split(",")
    return found


def _place(within: str | None) -> str | GeoDataFrame | None:
    """Read a layer where a file is named, there or not; anything else is a column."""
    if within is None:
        return None
    file = Path(within.partition("#")[0])
    named = file.suffix.lower() in LAYER_SUFFIXES or file.parent != Path()
    return speech.read(within, kind="features") if named or file.exists() else within


def _found(done: Clustered, land_class: str | None) -> str:
    """Say how many clusters there are, what was left out, and what was counted once."""
    count = int(done.members["cluster_id"].notna().sum())
    if count == 0:
        return _nobody(done.members, land_class)
    text = f"{len(done.clusters)} 个连片，共 {count} 宗。"
    return text + _undrawn(done.members) + _counted_once(done.clusters, done.edges)


def _nobody(parcels: GeoDataFrame, land_class: str | None) -> str:
    who = "地块" if land_class is None else f"类别为“{land_class}”的地块"
    return f"没有连片：没有符合条件的{who}。" + _undrawn(parcels)


def _undrawn(members: GeoDataFrame) -> str:
    """Say how many rows have nothing drawn."""
    shapes = members.geometry
    count = int((shapes.isna() | shapes.is_empty).sum())
    return f"地块表中有 {count} 宗没有图形，不参加连片。" if count else ""


def _counted_once(clusters: GeoDataFrame, edges: DataFrame) -> str:
    from landgis.model.units import show

    twice = float(clusters["overlap_m2"].sum())
    pairs = int((edges["overlap_m2"] > 0).sum())
    if twice <= 0:
        return ""
    return f"有 {pairs} 对地块互相重叠，重叠的 {show(twice, SQUARE_DECIMETRES)} 平方米只计一次。"
