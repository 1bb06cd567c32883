"""Is the data sound? Everything that is wrong with a table of parcels, at once and with its place.

`check` finds and changes nothing; `repair` mends what has only one sensible mend and logs it.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import shapely

from landgis.analysis import _fact_checks as fact_checks
from landgis.analysis import _geometry_checks as geometry_checks
from landgis.analysis import _place_checks as place_checks
from landgis.analysis._findings import CATALOGUE, Batch, assemble, identifiers, number
from landgis.analysis._shapes import find_polygons, mend, polygonal, polygons_of, shapes_of
from landgis.analysis.area import areas
from landgis.model import crs as systems
from landgis.model import schema
from landgis.model.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame
    from numpy.typing import NDArray

__all__ = ["CATALOGUE", "Repaired", "check", "contradictions", "repair"]

# Working tolerances, all arguments: no regulation seen fixes them.
AREA_TOLERANCE = 0.001  # of the declared area, against the geometry
AREA_TOLERANCE_M2 = 1.0  # the last decimal of a ledger in 公顷
OVERLAP_M2 = 1.0  # smaller overlaps are digitising noise
OVERLAP_WIDTH_M = 0.2  # so are thinner ones
SPIKE_DEG = 5.0
TINY_M2 = 1.0
BUILT_SHARE = 0.05  # where no policy says; a run takes the policy's built_limit


class Repaired(NamedTuple):
    """Parcels as mended, and every change with the area it moved."""

    parcels: GeoDataFrame
    changes: pd.DataFrame


def check(
    parcels: GeoDataFrame,
    *,
    units: GeoDataFrame | None = None,
    required: Sequence[str] = (),
    area_tolerance: float = AREA_TOLERANCE,
    area_tolerance_m2: float = AREA_TOLERANCE_M2,
    overlap_m2: float = OVERLAP_M2,
    overlap_width_m: float = OVERLAP_WIDTH_M,
    spike_deg: float = SPIKE_DEG,
    tiny_m2: float = TINY_M2,
) -> pd.DataFrame:
    """Report everything that is wrong with a table of parcels.

    Parameters
    ----------
    parcels : GeoDataFrame
        Parcels as read, any geometry, with a declared coordinate system; never written to.
    units : GeoDataFrame or None, optional
        Statistical units, indexed by name; any coordinate system that can be related.
    required : sequence of str, optional
        Canonical columns the caller cannot do without.
    area_tolerance : float, optional
        How far declared and measured area may differ, as a share of the declared one, 0 or more;
        also how much of a parcel may lie across a unit's border.
    area_tolerance_m2 : float, optional
        The same in m²; the larger of the two counts.
    overlap_m2 : float, optional
        Overlaps below this area in m² are slivers: hints, not warnings.
    overlap_width_m : float, optional
        Overlaps of a smaller mean width (twice the area over the outline), in metres, are slivers.
    spike_deg : float, optional
        Angles below this many degrees are spikes, 0 to 180.
    tiny_m2 : float, optional
        Parcels below this area in m² are too small to be one.

    Returns
    -------
    DataFrame
        `schema.FINDINGS`: one row per finding, the whole table's own first, then by row of
        `parcels` and by gravity; ``x`` and ``y`` are a place in the table's own system, NaN where
        there is none. ``mendable`` says that `repair` mends it.

    Raises
    ------
    CrsError
        ``crs_missing``, ``crs_no_ellipsoid``; for the units also ``crs_no_transformation``.
    UsageError
        ``bad_tolerance`` for a negative one.

    Notes
    -----
    Validity is that of GEOS (OGC 06-103r4, 6.1.11). Neighbours are compared as `repair` would
    leave them, so an invalid parcel takes part in the search for overlaps. Overlaps up to 0.01 m²
    are rounding of coordinates and are not reported. Copies of one shape are reported as such and
    stand as one in the search for overlaps. Order of dates: the ministry's ledgers for 开发利用.

    Examples
    --------
    >>> import geopandas, shapely
    >>> bow_tie = shapely.Polygon([(562000, 2428000), (562100, 2428100), (562100, 2428000),
    ...                            (562000, 2428100)])
    >>> index = geopandas.pd.Index(["A1"], name="parcel_id")
    >>> parcels = geopandas.GeoDataFrame(geometry=[bow_tie], crs="EPSG:4545", index=index)
    >>> findings = check(parcels)
    >>> print(findings["code"][0], findings["message"][0])
    self_intersection 边界线自相交（蝴蝶结、环线交叉或各部分压叠），位于 (562050.00, 2428050.00)
    """
    _refuse_negative(
        area_tolerance=area_tolerance,
        area_tolerance_m2=area_tolerance_m2,
        overlap_m2=overlap_m2,
        overlap_width_m=overlap_width_m,
        spike_deg=spike_deg,
        tiny_m2=tiny_m2,
    )
    crs = systems.require_crs(parcels, what="地块")
    shapes, batches = shapes_of(parcels)
    area_m2 = areas(shapes.mended, parcels)
    batches += geometry_checks.check_validity(shapes)
    batches += geometry_checks.check_vertices(shapes, crs, spike_deg=spike_deg)
    batches += geometry_checks.check_winding(shapes)
    batches += geometry_checks.check_size(shapes, area_m2, tiny_m2=tiny_m2)
    copies, first = place_checks.check_duplicates(shapes.mended, parcels.index)
    batches.append(copies)
    batches += place_checks.check_overlaps(
        shapes.mended,
        parcels,
        area_m2,
        first,
        overlap_m2=overlap_m2,
        overlap_width_m=overlap_width_m,
    )
    if units is not None:
        batches += place_checks.check_units(
            shapes.mended,
            parcels,
            area_m2,
            units,
            tolerance=area_tolerance,
            tolerance_m2=area_tolerance_m2,
        )
    batches += _check_facts(
        parcels,
        area_m2,
        required=required,
        tolerance=area_tolerance,
        tolerance_m2=area_tolerance_m2,
    )
    return assemble(batches, parcels.index, parcels.geometry.to_numpy())


def _refuse_negative(**tolerances: float) -> None:
    for name, value in tolerances.items():
        if not value >= 0:
            raise UsageError(
                "bad_tolerance",
                f"{name} must be 0 or more, got {value}",
                hint=f"容差 {name} 应为 0 或正数。",
            )


def _check_facts(
    parcels: GeoDataFrame,
    area_m2: NDArray[np.float64],
    *,
    required: Sequence[str],
    tolerance: float,
    tolerance_m2: float,
) -> list[Batch]:
    facts, batches = fact_checks.understand(parcels)
    measured = area_m2
    if "area_m2" in facts.columns:
        measured = np.where(facts["area_m2"].notna(), facts["area_m2"], area_m2)
    return [
        *fact_checks.check_columns(parcels, required),
        *fact_checks.check_identifiers(parcels.index),
        *batches,
        *fact_checks.check_values(facts),
        *fact_checks.check_areas(facts, measured, tolerance=tolerance, tolerance_m2=tolerance_m2),
        *fact_checks.check_parts(facts),
        *fact_checks.check_dates(facts),
        *fact_checks.check_contradictions(facts),
    ]


def contradictions(
    parcels: GeoDataFrame, *, built_share: str = "built_share", threshold: float = BUILT_SHARE
) -> pd.DataFrame:
    """Report parcels said to be cleared on which a raster or a layer shows buildings.

    Shown, not settled: whether the attribute or the picture is out of date, a person decides. Where
    building has commenced, buildings are what is expected.

    Parameters
    ----------
    parcels : GeoDataFrame
        Parcels with ``structures_cleared`` and the evidence column.
    built_share : str, optional
        The evidence column: built share of the parcel, 0 to 1, as `observe` makes it.
    threshold : float, optional
        Built shares above this contradict, 0 to 1. A run takes ``built_limit`` of the policy;
        the default is a working value.

    Returns
    -------
    DataFrame
        `schema.FINDINGS` with the code ``cleared_but_built``.

    Raises
    ------
    SchemaError
        ``column_missing``.
    UsageError
        ``bad_tolerance`` for a negative threshold.

    Examples
    --------
    >>> import geopandas, shapely
    >>> parcels = geopandas.GeoDataFrame(
    ...     {"structures_cleared": [True, True, None], "built_share": [0.4, 0.01, 0.9]},
    ...     geometry=[shapely.box(0, 0, 1, 1)] * 3, index=["A", "B", "C"])
    >>> contradictions(parcels)[["parcel_id", "message"]].values.tolist()
    [['A', '附着物填“已清理”，影像或图层显示建筑占 40.00%']]
    """
    _refuse_negative(threshold=threshold)
    schema.need(parcels, "structures_cleared", built_share)
    asked = [name for name in ("structures_cleared", "commenced") if name in parcels.columns]
    facts, _ = fact_checks.understand(parcels[asked])
    share = pd.to_numeric(parcels[built_share], errors="coerce").to_numpy(dtype="float64")
    cleared = facts["structures_cleared"].to_numpy(dtype=bool, na_value=False)
    begun = np.zeros(len(parcels), dtype=bool)
    if "commenced" in facts.columns:
        begun = facts["commenced"].to_numpy(dtype=bool, na_value=False)
    rows = np.flatnonzero(cleared & ~begun & (share > threshold))
    messages = [
        f"附着物填“已清理”，影像或图层显示建筑占 {number(100 * share[row], 2)}%" for row in rows
    ]
    found = Batch("cleared_but_built", rows, messages)
    return assemble([found], parcels.index, parcels.geometry.to_numpy())


def repair(parcels: GeoDataFrame) -> Repaired:
    """Mend what has one sensible mend, and log it; a parcel is never deleted.

    Collections keep their polygons; invalid polygons are made valid (shells filled, holes cut
    out); repeated vertices go; holes are wound against their shells. What encloses no area and
    what lies at no place on earth is left as it is, for a person.

    Parameters
    ----------
    parcels : GeoDataFrame
        Parcels with a declared coordinate system; never written to.

    Returns
    -------
    Repaired
        `parcels`, a copy with mended geometry (``area_m2``, where there, is unknown again in the
        rows that changed), and `changes`, `schema.CHANGES`: one row per parcel and step.

    Raises
    ------
    CrsError
        ``crs_missing``, ``crs_no_ellipsoid``.

    Notes
    -----
    ``moved_m2`` is the area of the symmetric difference between the polygon after and the rings
    before, read by the even-odd rule where they were invalid. ``area_before_m2`` is what the
    vertices give, so it is 0 for a bow-tie of two equal wings, whose ground does not move. A
    figure GEOS cannot compute is NaN.
    Method: ``make_valid`` of GEOS, *structure* way. Repairing twice changes nothing more.

    Examples
    --------
    >>> import geopandas, shapely
    >>> bow_tie = shapely.Polygon([(562000, 2428000), (562100, 2428100), (562100, 2428000),
    ...                            (562000, 2428100)])
    >>> parcels = geopandas.GeoDataFrame(geometry=[bow_tie], crs="EPSG:4545", index=["A1"])
    >>> mended, changes = repair(parcels)
    >>> mended.geometry.is_valid.tolist(), changes["code"].tolist()
    ([True], ['self_intersection'])
    """
    crs = systems.require_crs(parcels, what="地块")
    before = parcels.geometry.to_numpy()
    geometry = before.copy()
    names = identifiers(parcels.index)
    polygons, _ = find_polygons(geometry, crs)
    usable = ~shapely.is_missing(polygons)
    log = [_apply(_keep_polygons(geometry, polygons), geometry, names, parcels)]
    log += [
        _apply(find_step(geometry, usable), geometry, names, parcels)
        for find_step in (_make_valid, _drop_repeats, _wind)
    ]
    repaired = parcels.copy()
    series = type(parcels.geometry)(geometry, index=parcels.index, crs=parcels.crs)
    repaired[parcels.geometry.name] = series
    if "area_m2" in repaired.columns:
        changed = [new is not old for new, old in zip(geometry, before, strict=True)]
        repaired["area_m2"] = repaired["area_m2"].mask(np.array(changed, dtype=bool))
    return Repaired(repaired, pd.concat(log, ignore_index=True))


class _Step(NamedTuple):
    """What one step of repair mends: row numbers, code of each, what is done, the new shapes."""

    rows: NDArray[np.intp]
    codes: list[str]
    action: str
    mended: NDArray[np.object_]


def _keep_polygons(geometry: NDArray[np.object_], polygons: NDArray[np.object_]) -> _Step:
    rows = np.flatnonzero(~shapely.is_missing(polygons) & ~polygonal(geometry))
    return _Step(rows, ["not_polygon"] * len(rows), "只保留面部分", polygons[rows])


def _make_valid(geometry: NDArray[np.object_], usable: NDArray[np.bool_]) -> _Step:
    rows = np.flatnonzero(usable)
    rows = rows[~shapely.is_valid(geometry[rows])]
    mended = mend(geometry[rows])
    left = ~shapely.is_missing(mended)
    rows, mended = rows[left], mended[left]
    codes = geometry_checks.reasons(geometry[rows])
    return _Step(rows, codes, "按外环填实、孔洞挖除重建图形", mended)


def _drop_repeats(geometry: NDArray[np.object_], usable: NDArray[np.bool_]) -> _Step:
    rows = np.flatnonzero(usable)
    rows = rows[shapely.is_valid(geometry[rows])]
    rows = rows[geometry_checks.has_repeats(geometry[rows])]
    mended = shapely.remove_repeated_points(geometry[rows], tolerance=0.0)
    return _Step(rows, ["repeated_points"] * len(rows), "删除重复顶点", mended)


def _wind(geometry: NDArray[np.object_], usable: NDArray[np.bool_]) -> _Step:
    rows = np.flatnonzero(usable)
    rows = rows[shapely.is_valid(geometry[rows])]
    rows = rows[geometry_checks.wrongly_wound(geometry[rows])]
    mended = shapely.orient_polygons(geometry[rows])
    return _Step(rows, ["ring_orientation"] * len(rows), "外环改逆时针、孔洞改顺时针", mended)


def _apply(
    step: _Step,
    geometry: NDArray[np.object_],
    names: NDArray[np.object_],
    parcels: GeoDataFrame,
) -> pd.DataFrame:
    """Write a step's new shapes into `geometry` and log what that changed."""
    before = polygons_of(geometry[step.rows])
    geometry[step.rows] = step.mended
    return pd.DataFrame(
        {
            "parcel_id": pd.Series(names[step.rows], dtype="str"),
            "code": pd.Series(step.codes, dtype="str"),
            "action": pd.Series([step.action] * len(step.rows), dtype="str"),
            "area_before_m2": areas(before, parcels),
            "area_after_m2": areas(step.mended, parcels),
            "moved_m2": areas(_moved(before, step.mended), parcels),
        }
    )


def _moved(before: NDArray[np.object_], after: NDArray[np.object_]) -> NDArray[np.object_]:
    """Give the ground that only one of both covers; None where GEOS cannot tell."""
    moved = np.full(len(before), None, dtype=object)
    same = shapely.equals_identical(before, after)
    moved[same] = shapely.Polygon()
    sound = ~same & shapely.is_valid(before)
    moved[sound] = shapely.symmetric_difference(before[sound], after[sound])
    for row in np.flatnonzero(~same & ~sound):
        with contextlib.suppress(shapely.errors.GEOSException):
            even_odd = polygons_of(shapely.make_valid(before[[row]], method="linework"))
            moved[row] = shapely.symmetric_difference(even_odd, after[[row]])[0]
    return moved
