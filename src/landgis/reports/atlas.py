"""The atlas: one PDF book of all sheets, with cover, contents and page numbers."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib import rc_context
from matplotlib.backends.backend_pdf import PdfPages

from landgis.model import crs as systems
from landgis.model.errors import UsageError
from landgis.model.files import complete_file
from landgis.model.schema import TOTAL
from landgis.reports import (
    _choropleth,
    _cluster_page,
    _comparison,
    _detail,
    _front,
    _paper,
    _theme,
    fonts,
)
from landgis.reports._plotted import classes_in, has_figures
from landgis.reports.cluster_facts import has_scores, ranked
from landgis.reports.cluster_parts import ClusterTables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure

    from landgis.reports._classes import Scheme

PARTS = ("sheets", "comparison", "readiness", "details", "clusters")
CLUSTER_PAGES = 40  # in a book; the ledger has all of them
TRUETYPE_IN_PDF, OUTLINES_IN_PDF = 42, 3  # how a PDF embeds TrueType and PostScript outlines


class Page(NamedTuple):
    """One page to be: its file name as a PNG, its line in the contents, and what draws it."""

    name: str
    heading: str
    build: Callable[[], Figure]


def draw_atlas(
    units: GeoDataFrame,
    summary: pd.DataFrame,
    *,
    path: str | Path,
    parcels: GeoDataFrame | None = None,
    zones: GeoDataFrame | None = None,
    barriers: GeoDataFrame | None = None,
    clusters: GeoDataFrame | None = None,
    cluster_parts: pd.DataFrame | None = None,
    pockets: pd.DataFrame | None = None,
    separations: pd.DataFrame | None = None,
    priorities: pd.DataFrame | None = None,
    renewal_units: pd.DataFrame | None = None,
    cluster_pages: int = CLUSTER_PAGES,
    sheets: str | Path | None = None,
    parts: tuple[str, ...] = PARTS,
    value: str = "ledger_ha",
    scheme: Scheme | tuple[float, ...] = "natural",
    title: str | None = None,
    titles: Mapping[str, str] | None = None,
    allow_unmatched: bool | None = None,
    tell: Callable[[str, float], None] | None = None,
    **imprint: Any,
) -> Path:
    """Draw the book of sheets: every class, ours against the annex, readiness, units, clusters.

    Parameters
    ----------
    units : GeoDataFrame
        Units by name (index), polygons that do not overlap, any declared coordinate system.
    summary : DataFrame
        Table ``summary`` as `landgis.reconcile` makes it; areas in hectares.
    path : str or Path
        PDF to write.
    parcels : GeoDataFrame or None, optional
        Parcels with ``unit``, ``land_class`` and ``declared_ha`` (or ``area_m2``), and ``readiness`` where known;
        without them there is neither the sheet of readiness nor a page for every unit.
    zones, barriers, clusters : GeoDataFrame or None, optional
        Shown on the pages of the units, as `landgis.reports.sheet.draw_detail` takes them; clusters
        get pages of their own where the parcels have ``cluster_id``.
    cluster_parts, pockets, separations, priorities, renewal_units : DataFrame or None, optional
        For the pages of the clusters, as `landgis.reports.sheet.draw_cluster` takes them.
    cluster_pages : int, optional
        At most so many clusters get a page, those with the highest score first, or the largest
        where no score is known; the contents say how many are left out. 0 or more.
    sheets : str or Path or None, optional
        Folder that gets every page but cover and contents as a PNG too, drawn once for both,
        numbered in their order: 01_合计.png and so on.
    parts : tuple of {'sheets', 'comparison', 'readiness', 'details', 'clusters'}, optional
        Which parts the book has; each is left out where its data are missing.
    value : {'ledger_ha', 'measured_ha', 'official_ha'}, optional
        Which column the maps of the classes show; the pages of parcels take the same area.
    scheme : {'natural', 'quantile', 'equal'} or tuple of float, optional
        How values fall into classes.
    title : str or None, optional
        Title on the cover.
    titles : mapping of str to str or None, optional
        Titles of the sheets by land class, in full.
    allow_unmatched : bool or None, optional
        As in `landgis.draw_sheet`.
    tell : callable or None, optional
        Told of every page before it is drawn, and of the share that is done, 0 to 1.
    **imprint : Any
        Words of the margin, see the head of `landgis.reports.sheet`.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    UsageError
        ``unknown_part``, ``no_pages``, and those of `landgis.draw_sheet`.
    DataError
        Those of `landgis.draw_sheet`.
    SourceError
        ``no_chinese_font`` and its kin.
    OutputError
        ``output_unwritable``.

    Notes
    -----
    The pages are the figures of the PNG sheets, as vectors; the font is embedded as a subset, so
    the words can be searched. The same input gives the same bytes.

    Examples
    --------
    >>> import geopandas, pandas, shapely, tempfile
    >>> units = geopandas.GeoDataFrame(
    ...     geometry=[shapely.box(0, 0, 9000, 7000)], index=["甲县"], crs="EPSG:4545")
    >>> summary = pandas.DataFrame({
    ...     "unit": ["甲县"], "land_class": "闲置", "parcel_count": 1, "official_ha": [1.5],
    ...     "ledger_ha": [1.5], "measured_ha": [1.5]})
    >>> path = Path(tempfile.mkdtemp()) / "atlas.pdf"
    >>> draw_atlas(units, summary, path=path, parts=("sheets",)).read_bytes()[:5]
    b'%PDF-'
    """
    words = _paper.Imprint(**imprint)
    _check_parts(parts)
    tables = ClusterTables(cluster_parts, pockets, separations, priorities, renewal_units)
    shown, remark = _chosen(clusters, parcels, cluster_pages, parts)
    area = "measured_ha" if value == "measured_ha" else "ledger_ha"  # parcels have no official one
    made = {
        "sheets": lambda: _sheets(
            units, summary, words, value, scheme, titles, allow_unmatched=allow_unmatched
        ),
        "comparison": lambda: _comparisons(summary, words),
        "readiness": lambda: _readiness(units, parcels, words, area),
        "details": lambda: _details(parcels, words, area, units, zones, barriers, clusters),
        "clusters": lambda: _clusters(shown, parcels, words, tables, units, zones, barriers),
    }
    pages = [page for part in PARTS if part in parts for page in made[part]()]
    if not pages:
        raise UsageError(
            "no_pages",
            f"no data for any of the parts {', '.join(parts)}",
            hint="所选的图册内容都缺少数据：请提供地块图层，或增加 parts。",
        )
    name = title or f"{words.place}存量建设用地图册"
    cover = partial(_front.cover, units, summary, words, title=name)
    _bind(pages, path, words, name, cover=cover, remark=remark, sheets=sheets, tell=tell)
    return Path(path)


def _check_parts(parts: tuple[str, ...]) -> None:
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        raise UsageError(
            "unknown_part",
            f"unknown parts {', '.join(unknown)}",
            hint=f"图册内容应取自 {'、'.join(PARTS)}。",
        )


def _sheets(
    units: GeoDataFrame,
    summary: pd.DataFrame,
    words: _paper.Imprint,
    value: str,
    scheme: Scheme | tuple[float, ...],
    titles: Mapping[str, str] | None,
    *,
    allow_unmatched: bool | None,
) -> list[Page]:
    """Plan one page for every class that has figures, 合计 first."""
    met = [name for name in classes_in(summary) if name != TOTAL]
    classes = [name for name in met if has_figures(summary, name)]
    return [
        Page(
            name,
            (titles or {}).get(name) or _choropleth.title_of(name, words),
            partial(
                _choropleth.build,
                units,
                summary,
                words,
                land_class=name,
                value=value,
                scheme=scheme,
                title=(titles or {}).get(name),
                allow_unmatched=allow_unmatched,
            ),
        )
        for name in (TOTAL, *classes)
    ]


def _comparisons(summary: pd.DataFrame, words: _paper.Imprint) -> list[Page]:
    if summary["official_ha"].isna().all():
        return []
    return [
        Page(
            "与官方统计表对照",
            _comparison.title_of(words),
            partial(_comparison.build, summary, words),
        )
    ]


def _readiness(
    units: GeoDataFrame, parcels: GeoDataFrame | None, words: _paper.Imprint, area: str
) -> list[Page]:
    if parcels is None or "readiness" not in parcels or parcels["readiness"].isna().all():
        return []
    return [
        Page(
            "净地毛地待核",
            _theme.title_of(words, "readiness"),
            partial(_theme.build, units, parcels, words, value=area),
        )
    ]


def _details(
    parcels: GeoDataFrame | None,
    words: _paper.Imprint,
    area: str,
    units: GeoDataFrame,
    zones: GeoDataFrame | None,
    barriers: GeoDataFrame | None,
    clusters: GeoDataFrame | None,
) -> list[Page]:
    """Plan one page for every unit that has parcels, in the order of the units."""
    if parcels is None or "unit" not in parcels:
        return []
    inhabited = set(parcels["unit"].dropna())
    return [
        Page(
            f"{unit}详图",
            _detail.title_of(words, unit),
            partial(
                _detail.build,
                parcels,
                words,
                unit=unit,
                value=area,
                units=units,
                zones=zones,
                barriers=barriers,
                clusters=clusters,
            ),
        )
        for unit in units.index
        if unit in inhabited
    ]


class _Chosen(NamedTuple):
    """Clusters that get a page, in its order, among all of them."""

    clusters: GeoDataFrame | None
    names: list[str]


def _chosen(
    clusters: GeoDataFrame | None,
    parcels: GeoDataFrame | None,
    most: int,
    parts: tuple[str, ...],
) -> tuple[_Chosen, str]:
    """Choose the clusters that get a page, and say how many are left out."""
    if most < 0:
        raise UsageError(
            "bad_count",
            f"cluster_pages must be 0 or more, got {most}",
            hint="连片页数（cluster_pages）应不小于 0。",
        )
    if clusters is None or parcels is None or "cluster_id" not in parcels or clusters.empty:
        return _Chosen(None, []), ""
    inhabited = set(parcels["cluster_id"].dropna().astype("str"))
    names = [name for name in ranked(clusters) if name in inhabited]
    rest = len(clusters) - len(names[:most])
    if not rest or "clusters" not in parts:
        return _Chosen(clusters, names[:most]), ""
    order = "优先度" if has_scores(clusters) else "面积"
    chosen = f"按{order}列前 {len(names[:most])} 片" if names[:most] else "未列连片页"
    return _Chosen(
        clusters, names[:most]
    ), f"集中连片：{chosen}，另有 {rest} 片未列入图册，见台账“连片”。"


def _clusters(
    chosen: _Chosen,
    parcels: GeoDataFrame | None,
    words: _paper.Imprint,
    tables: ClusterTables,
    units: GeoDataFrame,
    zones: GeoDataFrame | None,
    barriers: GeoDataFrame | None,
) -> list[Page]:
    """Plan one page for every chosen cluster; all tables are brought to one system once."""
    if chosen.clusters is None or parcels is None or not chosen.names:
        return []
    crs = systems.metric_crs(chosen.clusters)
    aligned = {
        what: None if table is None else systems.align(table, crs, what=what)
        for what, table in (
            ("地块", parcels),
            ("统计单元", units),
            ("规划分区", zones),
            ("阻隔", barriers),
        )
    }
    ground = systems.align(chosen.clusters, crs, what="连片")
    own = tables.each(chosen.names)
    rows = ground.set_axis(ground.index.astype("str"))
    return [
        Page(
            f"连片{name}",
            _cluster_page.title_of(words, name, rows.loc[name]),
            partial(
                _cluster_page.build,
                ground,
                aligned["地块"],
                words,
                cluster_id=name,
                tables=own[name],
                units=aligned["统计单元"],
                zones=aligned["规划分区"],
                barriers=aligned["阻隔"],
            ),
        )
        for name in chosen.names
    ]


def _bind(
    pages: list[Page],
    path: str | Path,
    words: _paper.Imprint,
    title: str,
    *,
    cover: Callable[[], Figure],
    remark: str,
    sheets: str | Path | None,
    tell: Callable[[str, float], None] | None,
) -> None:
    """Draw page after page into one file; the printed numbers are those a reader's program counts."""
    first = 2 + _front.contents_pages(len(pages))
    entries = [(page.heading, first + i) for i, page in enumerate(pages)]
    truetype = fonts.find_fonts(words.font).truetype
    settings: dict[Any, Any] = {
        "pdf.fonttype": TRUETYPE_IN_PDF if truetype else OUTLINES_IN_PDF,
        "pdf.compression": 9,
    }
    about = {"Title": title, "Creator": "landgis", "Producer": None, "CreationDate": None}
    if words.agency:
        about["Author"] = words.agency
    with (
        complete_file(path) as temporary,
        rc_context(settings),
        PdfPages(temporary, metadata=about) as book,
    ):
        book.savefig(cover())
        for number, figure in enumerate(_front.contents(entries, words, remark=remark), start=2):
            _front.number_page(figure, number, words)
            book.savefig(figure)
        for (_, number), page in zip(entries, pages, strict=True):
            if tell is not None:
                tell(page.name, (number - first) / len(pages))
            figure = page.build()
            if sheets is not None:
                name = f"{number - first + 1:02}_{_file_name(page.name)}.png"
                _paper.save_png(figure, Path(sheets) / name)
            _front.number_page(figure, number, words)
            book.savefig(figure)


def _file_name(name: str) -> str:
    """Give a name that every file system takes: a unit may be called Area 2/MIT."""
    return re.sub(r'[\\/:*?"<>|\s]+', "_", name).strip("._") or "_"
