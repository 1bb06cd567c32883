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
    A font file with Chinese; by default the first that `landgis.reports.style.find_fonts` finds.
``dpi``
    Dots per inch; 300 gives 3508 x 2480 pixels.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from landgis.model.schema import TOTAL
from landgis.reports import _choropleth, _paper

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
    allow_unmatched: bool = False,
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
    allow_unmatched : bool, optional
        Draw although figures and polygons do not match, for places without an annex: polygons
        without figures become 无数据, figures without a polygon are named under the map.
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
