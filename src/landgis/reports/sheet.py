"""Sheets for the meeting room: one A4 page across each, 300 dpi, complete or absent.

Every verb takes the words of the margin as keywords (``**imprint``):

``place``
    Name of the city or county, put before the title.
``as_of``
    `datetime.date` that the figures describe (数据截止).
``drawn_on``
    `datetime.date` of drawing; left out by default, so that the same input gives the same bytes.
``agency``, ``source``
    制图单位 and 数据来源.
``note``, ``sketch``
    The caution, by default 示意图，不作为划界依据, and whether it is printed.
``map_kind``, ``review_no``
    内部 prints 内部资料; 公开 prints the 审图号 given in ``review_no``, which is never made up.
``font``
    A font file with Chinese; by default the first that `landgis.reports.fonts.find_fonts` finds.
``dpi``
    Dots per inch; 300 gives 3508 x 2480 pixels.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from landgis.model.schema import LAND_CLASSES, TOTAL
from landgis.reports import _choropleth, _cluster_page, _comparison, _detail, _paper, _theme
from landgis.reports.cluster_parts import ClusterTables

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from geopandas import GeoDataFrame

    from landgis.reports._classes import Scheme


def draw_sheet(
    units: GeoDataFrame,
    summary: pd.DataFrame,
    *,
    path: str | Path,
    land_class: str = TOTAL,
    value: str = "ledger_ha",
    scheme: Scheme | tuple[float, ...] = "natural",
    title: str | None = None,
    backdrop: Mapping[str, GeoDataFrame] | None = None,
    allow_unmatched: bool | None = None,
    **imprint: Any,
) -> Path:
    """Draw one class as a choropleth of the units, with its sum beside the annex's.

    Parameters
    ----------
    units : GeoDataFrame
        Units by name (index), polygons that do not overlap, any declared coordinate system.
    summary : DataFrame
        Table ``summary`` as `landgis.reconcile` makes it; areas in hectares.
    path : str or Path
        PNG to write.
    land_class : str, optional
        A land class, or 合计 for all of them; 合计 is summed where `summary` has no rows for it.
    value : {'ledger_ha', 'measured_ha', 'official_ha'}, optional
        Which column is drawn.
    scheme : {'natural', 'quantile', 'equal'} or tuple of float, optional
        How values fall into classes, or the inner breaks themselves, rising.
    title : str or None, optional
        Title in full; by default place, theme, 分布图 and the day of the figures.
    backdrop : mapping of str to GeoDataFrame or None, optional
        Tables drawn as fine dots, by the name they bear in the legend.
    allow_unmatched : bool or None, optional
        Draw although figures and polygons do not match: polygons without figures become 无数据,
        figures without a polygon are named under the map. None allows it only where `summary` has
        no official figure at all.
    **imprint : Any
        Words of the margin, see the head of this module.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    DataError
        ``unit_without_polygon``, ``polygon_without_unit``, ``unit_twice``,
        ``class_without_rows``, ``nothing_to_draw``.
    CrsError
        ``crs_missing``.
    SchemaError
        ``column_missing``.
    UsageError
        ``unknown_value``, ``unknown_scheme``, ``bad_breaks``.
    SourceError
        ``no_chinese_font`` and its kin.
    OutputError
        ``output_unwritable``.

    Notes
    -----
    A cell that the annex leaves blank and that has no parcel is hatched as 无数据, never drawn as
    zero. The sum under the map is that of the figures as printed, in decimal arithmetic; it stands
    in red where it differs from the annex's printed sum. The numeric scale is round and true on A4.

    Examples
    --------
    >>> import geopandas, pandas, shapely, tempfile
    >>> units = geopandas.GeoDataFrame(
    ...     geometry=[shapely.box(0, 0, 9000, 7000), shapely.box(9000, 0, 19000, 7000)],
    ...     index=["甲县", "乙县"], crs="EPSG:4545")
    >>> summary = pandas.DataFrame({
    ...     "unit": ["甲县", "乙县"], "land_class": "批而未供", "parcel_count": 1,
    ...     "official_ha": [1.5, 2.5], "ledger_ha": [1.5, 2.5], "measured_ha": [1.5, 2.5]})
    >>> path = Path(tempfile.mkdtemp()) / "sheet.png"
    >>> draw_sheet(units, summary, path=path, land_class="批而未供", dpi=60).name
    'sheet.png'
    """
    figure = _choropleth.build(
        units,
        summary,
        _paper.Imprint(**imprint),
        land_class=land_class,
        value=value,
        scheme=scheme,
        title=title,
        backdrop=backdrop,
        allow_unmatched=allow_unmatched,
    )
    _paper.save_png(figure, path)
    return Path(path)


def draw_comparison(
    summary: pd.DataFrame, *, path: str | Path, title: str | None = None, **imprint: Any
) -> Path:
    """Draw ours against the annex, unit by unit and class by class.

    Parameters
    ----------
    summary : DataFrame
        Table ``summary`` as `landgis.reconcile` makes it; areas in hectares.
    path : str or Path
        PNG to write.
    title : str or None, optional
        Title in full.
    **imprint : Any
        Words of the margin, see the head of this module.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    SchemaError
        ``column_missing``.
    DataError
        ``class_without_rows`` where `summary` is empty.
    SourceError
        ``no_chinese_font`` and its kin.
    OutputError
        ``output_unwritable``.

    Notes
    -----
    The difference is ledger less annex in decimal arithmetic; 0.0000 stands in green, anything
    else in red on a tinted row. A blank cell with parcels in the ledger is a difference too.

    Examples
    --------
    >>> import pandas, tempfile
    >>> summary = pandas.DataFrame({
    ...     "unit": ["甲县", "乙县"], "land_class": "闲置", "parcel_count": 1,
    ...     "official_ha": [1.5, 2.5], "ledger_ha": [1.5, 2.4], "measured_ha": [1.5, 2.4]})
    >>> path = Path(tempfile.mkdtemp()) / "comparison.png"
    >>> draw_comparison(summary, path=path, dpi=60).name
    'comparison.png'
    """
    figure = _comparison.build(summary, _paper.Imprint(**imprint), title=title)
    _paper.save_png(figure, path)
    return Path(path)


def draw_theme(
    units: GeoDataFrame,
    parcels: GeoDataFrame,
    *,
    path: str | Path,
    by: str = "readiness",
    value: str = "ledger_ha",
    land_classes: tuple[str, ...] | None = LAND_CLASSES,
    title: str | None = None,
    **imprint: Any,
) -> Path:
    """Draw what the parcels of every unit are made of: circles on the map and stacked bars.

    Parameters
    ----------
    units : GeoDataFrame
        Units by name (index), any declared coordinate system.
    parcels : GeoDataFrame
        Parcels with ``unit``, ``declared_ha`` or ``area_m2`` (see `value`) and the column `by`.
    path : str or Path
        PNG to write.
    by : str, optional
        Column whose kinds are shown, such as ``readiness`` or ``judged_class``.
    value : {'ledger_ha', 'measured_ha'}, optional
        Which area counts: ``declared_ha`` of the ledger, or ``area_m2`` as measured.
    land_classes : tuple of str or None, optional
        Only parcels of these ``land_class`` count; None takes all.
    title : str or None, optional
        Title in full.
    **imprint : Any
        Words of the margin, see the head of this module.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    SchemaError
        ``column_missing``.
    DataError
        ``nothing_to_draw``.
    CrsError
        ``crs_missing``.
    SourceError
        ``no_chinese_font`` and its kin.
    OutputError
        ``output_unwritable``.

    Notes
    -----
    Parcels without an area are counted in red under the picture, and units without a polygon
    named. The area of a circle is proportional to the hectares of its unit.

    Examples
    --------
    >>> import geopandas, shapely, tempfile
    >>> units = geopandas.GeoDataFrame(
    ...     geometry=[shapely.box(0, 0, 9000, 7000)], index=["甲县"], crs="EPSG:4545")
    >>> parcels = geopandas.GeoDataFrame(
    ...     {"unit": "甲县", "declared_ha": [1.5, 2.5], "readiness": ["净地", "毛地"],
    ...      "land_class": "批而未供"},
    ...     geometry=[shapely.box(0, 0, 150, 100), shapely.box(200, 0, 450, 100)],
    ...     index=["P1", "P2"], crs="EPSG:4545")
    >>> path = Path(tempfile.mkdtemp()) / "readiness.png"
    >>> draw_theme(units, parcels, path=path, dpi=60).name
    'readiness.png'
    """
    figure = _theme.build(
        units,
        parcels,
        _paper.Imprint(**imprint),
        by=by,
        value=value,
        land_classes=land_classes,
        title=title,
    )
    _paper.save_png(figure, path)
    return Path(path)


def draw_detail(
    parcels: GeoDataFrame,
    *,
    path: str | Path,
    unit: str,
    by: str = "land_class",
    value: str = "ledger_ha",
    units: GeoDataFrame | None = None,
    zones: GeoDataFrame | None = None,
    barriers: GeoDataFrame | None = None,
    clusters: GeoDataFrame | None = None,
    title: str | None = None,
    **imprint: Any,
) -> Path:
    """Draw one unit from near: parcels by class, clusters outlined, control lines, barriers.

    Parameters
    ----------
    parcels : GeoDataFrame
        Parcels with ``unit``, ``declared_ha`` or ``area_m2`` (see `value`) and the column `by`;
        those of class 其他 are the pale ground and do not enter the sum.
    path : str or Path
        PNG to write.
    unit : str
        The unit to show.
    by : str, optional
        Column that gives the colour, such as ``land_class`` or ``readiness``.
    value : {'ledger_ha', 'measured_ha'}, optional
        Which area counts: ``declared_ha`` of the ledger, or ``area_m2`` as measured.
    units : GeoDataFrame or None, optional
        Units by name (index), for boundaries and the small map of where it lies.
    zones : GeoDataFrame or None, optional
        Control lines with ``layer``.
    barriers : GeoDataFrame or None, optional
        Rivers, railways, roads with ``barrier_class``, lines or polygons.
    clusters : GeoDataFrame or None, optional
        Clusters by ``cluster_id`` (index).
    title : str or None, optional
        Title in full.
    **imprint : Any
        Words of the margin, see the head of this module.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    SchemaError
        ``column_missing``.
    DataError
        ``unit_without_parcels``, ``nothing_to_draw``.
    CrsError
        ``crs_missing``, ``crs_no_transformation``.
    SourceError
        ``no_chinese_font`` and its kin.
    OutputError
        ``output_unwritable``.

    Notes
    -----
    Where the stock parcels lie scattered, up to four places are shown apart, at one scale; parcels
    outside them are counted under the picture.

    Examples
    --------
    >>> import geopandas, shapely, tempfile
    >>> parcels = geopandas.GeoDataFrame(
    ...     {"unit": "甲县", "declared_ha": [1.5, 2.5], "land_class": ["闲置", "低效"]},
    ...     geometry=[shapely.box(0, 0, 150, 100), shapely.box(200, 0, 450, 100)],
    ...     index=["P1", "P2"], crs="EPSG:4545")
    >>> path = Path(tempfile.mkdtemp()) / "detail.png"
    >>> draw_detail(parcels, path=path, unit="甲县", dpi=60).name
    'detail.png'
    """
    figure = _detail.build(
        parcels,
        _paper.Imprint(**imprint),
        unit=unit,
        by=by,
        value=value,
        units=units,
        zones=zones,
        barriers=barriers,
        clusters=clusters,
        title=title,
    )
    _paper.save_png(figure, path)
    return Path(path)


def draw_cluster(
    clusters: GeoDataFrame,
    parcels: GeoDataFrame,
    *,
    path: str | Path,
    cluster_id: str,
    by: str | None = None,
    cluster_parts: pd.DataFrame | None = None,
    pockets: pd.DataFrame | None = None,
    separations: pd.DataFrame | None = None,
    priorities: pd.DataFrame | None = None,
    renewal_units: pd.DataFrame | None = None,
    units: GeoDataFrame | None = None,
    zones: GeoDataFrame | None = None,
    barriers: GeoDataFrame | None = None,
    title: str | None = None,
    **imprint: Any,
) -> Path:
    """Draw one cluster from near: members, lanes, barriers, what it scores, what cut it off.

    Parameters
    ----------
    clusters : GeoDataFrame
        Clusters (`schema.CLUSTERS`) by ``cluster_id`` (index); the others are outlined.
    parcels : GeoDataFrame
        Parcels with ``cluster_id``; those of no cluster are the pale ground.
    path : str or Path
        PNG to write.
    cluster_id : str
        The cluster to show.
    by : str or None, optional
        Column that gives the members their colour; None takes ``readiness`` where it is known, else
        ``land_class``.
    cluster_parts, pockets, separations, priorities, renewal_units : DataFrame or None, optional
        `schema.CLUSTER_PARTS`, `schema.POCKETS`, `schema.SEPARATIONS`, `schema.PRIORITIES` and
        `schema.RENEWAL_UNITS`; what none of them tells is printed as 未知.
    units, zones, barriers : GeoDataFrame or None, optional
        As in `draw_detail`; barriers with ``width_m`` are drawn as wide as they are.
    title : str or None, optional
        Title in full.
    **imprint : Any
        Words of the margin, see the head of this module.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    DataError
        ``cluster_unknown``, ``cluster_without_members``, ``nothing_to_draw``.
    SchemaError
        ``column_missing``.
    CrsError
        ``crs_missing``, ``crs_no_transformation``.
    SourceError
        ``no_chinese_font`` and its kin.
    OutputError
        ``output_unwritable``.

    Examples
    --------
    >>> import geopandas, shapely, tempfile
    >>> clusters = geopandas.GeoDataFrame(
    ...     {"member_count": 1, "area_m2": 2000.0}, geometry=[shapely.box(0, 0, 50, 40)],
    ...     index=["LP-1"], crs="EPSG:4545")
    >>> parcels = clusters.assign(land_class="低效", cluster_id="LP-1").set_axis(["P1"])
    >>> path = Path(tempfile.mkdtemp()) / "cluster.png"
    >>> draw_cluster(clusters, parcels, path=path, cluster_id="LP-1", dpi=60).name
    'cluster.png'
    """
    tables = ClusterTables(cluster_parts, pockets, separations, priorities, renewal_units)
    figure = _cluster_page.build(
        clusters,
        parcels,
        _paper.Imprint(**imprint),
        cluster_id=cluster_id,
        by=by,
        tables=tables.each([cluster_id])[cluster_id],
        units=units,
        zones=zones,
        barriers=barriers,
        title=title,
    )
    _paper.save_png(figure, path)
    return Path(path)
