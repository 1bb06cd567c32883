"""The door for 界址点 texts: surveyed boundary points as ministries exchange them.

Format: 勘测定界界址点坐标交换格式, as its specification and the variants of real tools have it.
X is north and Y is east; the easting usually carries the zone number.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from landgis.formats import boundary_systems, values
from landgis.formats.coordinate_writing import write_coordinates
from landgis.formats.encoding import GB18030, UTF8, Verdict, decode, known
from landgis.formats.rings import Overlap, assemble
from landgis.model.errors import DataError, SourceError
from landgis.model.units import convert

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import NDArray
    from pyproj import CRS
    from shapely import MultiPolygon, Polygon

__all__ = ["read_coordinates", "survey_facts", "text_encoding", "write_coordinates"]

# Columns of a parcel's header line behind the count of points, as far as a file has them.
_HEADER = ("地块面积", "地块编号", "地块名称", "图形属性", "图幅号", "地块用途", "地类编码")
_TEXTS = ("图幅号", "地块用途", "地类编码")
_POINT_FIELDS = 4  # number, ring, X, Y
_LEAST_POINTS = 3
_SQUARE_METRES = {"平方米", "㎡", "m2", "m²"}
# A printed area that is 10 000 times the drawn hectares is square metres; 10 % leaves room for
# projection and rounding, and no parcel's hectares come near it by chance.
_AREA_RATIO = (9_000.0, 11_000.0)


@dataclass(slots=True)
class Ring:
    """Consecutive points of one ring number: the line it starts at, its points as printed."""

    number: str
    line: int
    points: list[tuple[float, float]] = field(default_factory=list)


@dataclass(slots=True)
class Plot:
    """One parcel of the text: its header line and its rings."""

    line: int
    header: dict[str, str]
    stated_points: str
    rings: list[Ring] = field(default_factory=list)


@dataclass(slots=True)
class Survey:
    """A whole text: its attributes and its parcels."""

    attributes: dict[str, str] = field(default_factory=dict)
    plots: list[Plot] = field(default_factory=list)


def read_coordinates(
    path: str | Path, *, encoding: str | None = None, crs: CRS | str | int | None = None
) -> GeoDataFrame:
    """Read a 界址点 text.

    Parameters
    ----------
    path : str or Path
        The ``.txt`` file.
    encoding : str or None, optional
        Encoding; None tries UTF-8, then GB18030.
    crs : pyproj.CRS or str or int or None, optional
        Coordinate system of a text that names none, or that contradicts itself.

    Returns
    -------
    GeoDataFrame
        One row per parcel header, in file order, indexed by ``parcel_id`` (text, ``""`` where
        missing); ``parcel_name``, ``declared_ha`` (公顷, unknown where blank or 0), ``图幅号``,
        ``地块用途``, ``地类编码``, ``geometry`` (x east, y north). ``attrs["remarks"]`` lists in
        Chinese what was odd but clear: exchanged columns, a wrong 界址点数, areas in 平方米.

    Raises
    ------
    SourceError
        ``file_missing``, ``encoding_wrong``, ``not_coordinates``, ``line_unreadable``.
    DataError
        ``ring_too_short``, ``rings_overlap``, ``geometry_kind``, each with its line.
    CrsError
        ``crs_missing``, ``crs_unknown``, ``crs_contradiction``, ``crs_zone_contradiction``,
        ``crs_axes_unclear``.

    Notes
    -----
    The reader follows the lines, never 界址点数. Which column is north is told by magnitude, the
    zone by the digits before the easting, shell and hole by containment. Where 带号, 几度分带 and
    those digits disagree, only `crs` decides.

    Examples
    --------
    >>> import tempfile
    >>> text = '''[属性描述]
    ... 坐标系=2000国家大地坐标系
    ... 几度分带=3
    ... 带号=36
    ... [地块坐标]
    ... 4,1.0000,A1,甲,面,,,,@
    ... J1,1,2428100.000,36562000.000
    ... J2,1,2428100.000,36562100.000
    ... J3,1,2428000.000,36562100.000
    ... J4,1,2428000.000,36562000.000'''
    >>> path = Path(tempfile.mkdtemp()) / "a.txt"
    >>> _ = path.write_text(text, encoding="gbk")
    >>> parcels = read_coordinates(path)
    >>> parcels.crs.to_epsg(), parcels.geometry["A1"].bounds
    (4524, (36562000.0, 2428000.0, 36562100.0, 2428100.0))
    """
    import geopandas as gpd
    import pandas as pd

    survey = _survey(Path(path), encoding)
    points = np.array(
        [point for plot in survey.plots for ring in plot.rings for point in ring.points]
    )
    system = boundary_systems.decide(survey.attributes, points, given=crs, file=path)
    shapes = [_shape(plot, system.north_first, path) for plot in survey.plots]
    remarks = list(system.remarks)
    stated = [plot.header.get("地块面积", "") for plot in survey.plots]
    metric = system.crs.is_projected
    areas = [
        _hectares(text, shape.area if metric else np.nan, plot, remarks, path)
        for text, shape, plot in zip(stated, shapes, survey.plots, strict=True)
    ]
    for plot in survey.plots:
        remarks += _count_remark(plot)
    texts = {
        name: [plot.header.get(name) or None for plot in survey.plots]
        for name in ("地块编号", "地块名称", *_TEXTS)
    }
    ids = pd.Index([name or "" for name in texts.pop("地块编号")], name="parcel_id", dtype="str")
    columns: dict[str, Any] = {
        "parcel_name": pd.Series(texts.pop("地块名称"), index=ids, dtype="str"),
        "declared_ha": pd.Series(areas, index=ids, dtype="float64"),
        **{name: pd.Series(cells, index=ids, dtype="str") for name, cells in texts.items()},
    }
    table = gpd.GeoDataFrame(columns, geometry=shapes, index=ids, crs=system.crs)
    table.attrs["remarks"] = remarks
    return table


def text_encoding(path: str | Path, *, encoding: str | None = None) -> Verdict:
    """Tell the encoding of a text.

    Parameters
    ----------
    path : str or Path
        The file.
    encoding : str or None, optional
        Encoding that the caller insists on.

    Returns
    -------
    Verdict
        The caller's encoding, else UTF-8 or GB18030 by strict trial.

    Raises
    ------
    SourceError
        ``encoding_wrong`` where neither decodes.
    UsageError
        ``unknown_encoding``.
    """
    if encoding is not None:
        return Verdict(known(encoding), "调用时指定", sure=True)
    data = Path(path).read_bytes()
    text = decode(data, file=path)
    if data.isascii():
        return Verdict(UTF8, "全部是 ASCII 字符", sure=True)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Verdict("UTF-16", "字节顺序标记", sure=True)
    utf8 = text.encode("utf-8") in {data, data.removeprefix(b"\xef\xbb\xbf")}
    return Verdict(UTF8 if utf8 else GB18030, "逐字节试读", sure=True)


def survey_facts(path: str | Path, *, encoding: str) -> dict[str, Any]:
    """Say what a 界址点 text holds, though it may contradict itself.

    Parameters
    ----------
    path : str or Path
        The ``.txt`` file.
    encoding : str
        Its encoding.

    Returns
    -------
    dict
        ``features`` (count), ``crs`` (pyproj.CRS or None where it is missing or contradictory),
        ``fields`` (names), ``extent`` (None where there is no system).

    Raises
    ------
    SourceError
        ``encoding_wrong``, ``not_coordinates``, ``line_unreadable``.
    """
    from landgis.model.errors import CrsError

    survey = _survey(Path(path), encoding)
    points = np.array(
        [point for plot in survey.plots for ring in plot.rings for point in ring.points]
    )
    try:
        system = boundary_systems.decide(survey.attributes, points, given=None, file=path)
    except CrsError:
        system = None
    extent = None
    if system is not None and len(points):
        east_north = points[:, ::-1] if system.north_first else points
        extent = (*east_north.min(axis=0).tolist(), *east_north.max(axis=0).tolist())
    fields = ["parcel_id", "parcel_name", "declared_ha", *_TEXTS]
    crs = None if system is None else system.crs
    return {"features": len(survey.plots), "crs": crs, "fields": fields, "extent": extent}


def _survey(path: Path, encoding: str | None) -> Survey:
    if not path.is_file():
        raise SourceError(
            "file_missing",
            "no such file",
            hint=f"找不到“{path}”：请检查路径和文件名。",
            file=path,
        )
    survey = Survey()
    in_coordinates = False
    for number, raw in enumerate(
        decode(path.read_bytes(), encoding=encoding, file=path).splitlines(), 1
    ):
        line = raw.strip()
        if not line:
            continue
        if re.fullmatch(r"[\[【].*[\]】]", line):
            in_coordinates = "坐标" in line
        elif line.rstrip(", ，").endswith("@"):
            survey.plots.append(_plot(line, number))
            in_coordinates = True
        elif not in_coordinates:
            key, _, value = unicodedata.normalize("NFKC", line).partition("=")
            survey.attributes[key.strip()] = value.strip()
        else:
            _add_point(survey, line, number, path)
    if not survey.plots:
        raise SourceError(
            "not_coordinates",
            "no parcel header line ending in @",
            hint=f"“{path.name}”中没有以 @ 结尾的地块说明行，不是界址点坐标文件。",
            file=path,
        )
    return survey


def _plot(line: str, number: int) -> Plot:
    text = line if line.count(",") >= len(_HEADER) - 3 else line.replace("，", ",")
    count, *cells = (cell.strip() for cell in text.rstrip(", ，").removesuffix("@").split(","))
    return Plot(number, dict(zip(_HEADER, cells, strict=False)), count)


def _add_point(survey: Survey, line: str, number: int, path: Path) -> None:
    text = unicodedata.normalize("NFKC", line)
    cells = [cell.strip() for cell in (text.split(",") if "," in text else text.split())]
    try:
        ring, first, second = cells[1], float(cells[2]), float(cells[3])
    except (IndexError, ValueError):
        ring, first, second = "", np.nan, np.nan
    if not survey.plots or not np.isfinite([first, second]).all():
        raise SourceError(
            "line_unreadable",
            f"not a boundary point: {line[:60]!r}",
            hint=f"第 {number} 行不是界址点（点号,圈号,X坐标,Y坐标）"
            f"{'' if survey.plots else '，或缺少以 @ 结尾的地块说明行'}：{line[:30]}",
            file=path,
            row=number,
        )
    rings = survey.plots[-1].rings
    if not rings or rings[-1].number != ring:
        rings.append(Ring(ring, number))
    rings[-1].points.append((first, second))


def _shape(plot: Plot, north_first: bool, path: str | Path) -> Polygon | MultiPolygon:  # noqa: FBT001
    if plot.header.get("图形属性", "") in {"点", "线"}:
        kind = plot.header["图形属性"]
        raise DataError(
            "geometry_kind",
            f"the parcel is drawn as {kind}",
            hint=f"第 {plot.line} 行的地块图形属性是“{kind}”，只能读入面。",
            file=path,
            row=plot.line,
        )
    rings = _closed(plot.rings)
    outlines: list[NDArray[np.float64]] = []
    for ring in rings or [Ring("", plot.line)]:
        points = ring.points[:-1] if ring.points[:1] == ring.points[-1:] else ring.points
        if len(set(points)) < _LEAST_POINTS:
            raise DataError(
                "ring_too_short",
                f"ring {ring.number or '1'} has {len(set(points))} different points",
                hint=f"第 {ring.line} 行起的地块圈“{ring.number}”不足 {_LEAST_POINTS} 个不同的界址点。",
                file=path,
                row=ring.line,
            )
        xy = np.array(points)
        outlines.append(xy[:, ::-1] if north_first else xy)
    try:
        return assemble(outlines)
    except Overlap as overlap:
        first, second = (rings[i] for i in overlap.pair)
        raise DataError(
            "rings_overlap",
            f"rings at lines {first.line} and {second.line} overlap",
            hint=f"第 {first.line} 行和第 {second.line} 行起的两个地块圈相互重叠：请核对坐标。",
            file=path,
            row=second.line,
        ) from overlap


def _closed(rings: list[Ring]) -> list[Ring]:
    """Give a closing line that bears another ring's number back to the ring it closes."""
    kept: list[Ring] = []
    for ring in rings:
        if kept and len(ring.points) == 1 and ring.points[0] == kept[-1].points[0]:
            kept[-1] = Ring(kept[-1].number, kept[-1].line, [*kept[-1].points, *ring.points])
        else:
            kept.append(ring)
    return kept


def _hectares(
    text: str, drawn: float, plot: Plot, remarks: list[str], path: str | Path
) -> float | None:
    """Read a stated area; its unit is 公顷 unless it says otherwise or the drawing proves it."""
    bare = values.plain(text)
    unit = next((unit for unit in ("公顷", "亩", *_SQUARE_METRES) if bare.endswith(unit)), "")
    try:
        stated = values.number(bare.removesuffix(unit))
    except ValueError as error:
        raise SourceError(
            "line_unreadable",
            f"not an area: {text!r}",
            hint=f"第 {plot.line} 行的地块面积“{text}”不是数字。",
            file=path,
            row=plot.line,
        ) from error
    if not stated:
        return None
    if unit:
        return values.rescale(float(stated), unit, "公顷")
    # Only the unit is told from the drawing, no area is taken from it.
    if (
        _AREA_RATIO[0]
        <= float(convert(float(stated), source="ha", target="m2")) / drawn
        <= _AREA_RATIO[1]
    ):
        remarks.append(f"第 {plot.line} 行的地块面积 {text} 与图形相差一万倍，按平方米读入。")
        return values.rescale(float(stated), "平方米", "公顷")
    return float(stated)


def _count_remark(plot: Plot) -> list[str]:
    closing = sum(ring.points[:1] == ring.points[-1:] for ring in _closed(plot.rings))
    lines = sum(len(ring.points) for ring in plot.rings)  # closing points included
    right = {str(lines), str(lines - closing), ""}
    if values.plain(plot.stated_points) in right:
        return []
    return [f"第 {plot.line} 行写明 {plot.stated_points} 个界址点，实有 {lines} 行。"]
