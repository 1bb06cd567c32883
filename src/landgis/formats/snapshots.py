"""Snapshots: a state of the stock kept as one GeoParquet with its day and hash, never rewritten."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landgis.model import schema
from landgis.model.errors import DataError, SourceError, UsageError
from landgis.model.files import complete_file
from landgis.model.snapshots import KEPT, Snapshot, fingerprint

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from pandas import DataFrame

KEY = b"landgis"  # in the file's own metadata, beside GeoParquet's
SUFFIX = ".parquet"


def keep_snapshot(
    parcels: GeoDataFrame,
    disposals: DataFrame | None,
    *,
    date: dt.date,
    folder: str | Path,
) -> Path:
    """Keep what is known on a day.

    Parameters
    ----------
    parcels : GeoDataFrame
        Parcels with a declared coordinate system, index ``parcel_id``.
    disposals : DataFrame or None
        `schema.DISPOSALS` recorded until then.
    date : date
        The day the state is of.
    folder : str or Path
        Folder of the snapshots; made where missing.

    Returns
    -------
    Path
        ``2022-03-31.parquet``; ``2022-03-31.2.parquet`` where another state of that day was kept
        before; the file that is there already where the state is the same.

    Raises
    ------
    CrsError
        ``crs_missing``.
    DataError
        ``id_duplicate``; ``snapshot_altered`` where a snapshot of that day has been changed.
    OutputError
        ``output_unwritable``.

    Notes
    -----
    Only columns that a figure of progress rests on are kept (`snapshots.KEPT`). The file is
    GeoParquet; day, revision, SHA-256 and disposals stand in its metadata under ``landgis``.

    Examples
    --------
    >>> import geopandas, shapely, tempfile
    >>> table = geopandas.GeoDataFrame(
    ...     {"unit": ["灵山县"]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4545", index=["A1"]
    ... ).rename_axis("parcel_id")
    >>> keep_snapshot(table, None, date=dt.date(2022, 3, 31), folder=tempfile.mkdtemp()).name
    '2022-03-31.parquet'
    """
    from landgis.model.crs import require_crs

    require_crs(parcels, what="地块")
    if parcels.index.has_duplicates:
        raise DataError(
            "id_duplicate",
            "parcel_id stands for several parcels",
            hint="地块编号有重复，快照无法逐宗比较：请先改正（landgis check 可列出）。",
        )
    state = _kept(parcels)
    records = None if disposals is None else _plain(disposals)
    sha256 = fingerprint(date, state, records)
    revision = 1
    for path in _files_of(Path(folder), date):
        there = read_snapshot(path)
        if there.sha256 == sha256:
            return path
        revision = max(revision, there.revision + 1)
    name = date.isoformat() if revision == 1 else f"{date.isoformat()}.{revision}"
    path = Path(folder) / f"{name}{SUFFIX}"
    about = {"date": date.isoformat(), "revision": revision, "sha256": sha256}
    with complete_file(path) as temporary:
        _write(state, records, about, temporary)
    return path


def read_snapshot(path: str | Path) -> Snapshot:
    """Read a snapshot, and make sure that nobody has changed it.

    Parameters
    ----------
    path : str or Path
        A file that `keep_snapshot` wrote.

    Returns
    -------
    Snapshot
        The state, with its day and hash.

    Raises
    ------
    SourceError
        ``file_missing``; ``not_snapshot`` for any other file.
    DataError
        ``snapshot_altered`` where the hash does not fit the content.

    Examples
    --------
    >>> import geopandas, shapely, tempfile
    >>> table = geopandas.GeoDataFrame(
    ...     {"unit": ["灵山县"]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4545", index=["A1"]
    ... ).rename_axis("parcel_id")
    >>> path = keep_snapshot(table, None, date=dt.date(2022, 3, 31), folder=tempfile.mkdtemp())
    >>> read_snapshot(path).date
    datetime.date(2022, 3, 31)
    """
    import geopandas as gpd
    import pyarrow.parquet as pq
    from pyarrow import ArrowException

    file = Path(path)
    if not file.is_file():
        raise SourceError(
            "file_missing",
            "no such snapshot",
            hint=f"找不到快照“{file}”：请检查路径。",
            file=file,
        )
    try:
        metadata = pq.read_schema(file).metadata or {}
        about = json.loads(metadata[KEY])
        parcels = gpd.read_parquet(file)
        date = dt.date.fromisoformat(about["date"])
        disposals = None if about["disposals"] is None else _disposals(about["disposals"])
        state = Snapshot(date, parcels, disposals, int(about["revision"]), str(about["sha256"]))
    except (ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise SourceError(
            "not_snapshot",
            f"not a snapshot of landgis: {type(error).__name__}",
            hint=f"“{file.name}”不是 landgis 保存的快照，或已损坏：请用 landgis progress --keep 保存的文件。",
            file=file,
        ) from error
    if fingerprint(date, parcels, disposals) != state.sha256:
        raise DataError(
            "snapshot_altered",
            "the content does not fit the hash that was kept with it",
            hint=f"快照“{file.name}”保存后被改动过，散列值不符：快照不得修改，请找回原文件，"
            "或删去它后重新保存。",
            file=file,
        )
    return state


def read_snapshots(folder: str | Path) -> list[Snapshot]:
    """Read every snapshot of a folder.

    Parameters
    ----------
    folder : str or Path
        Folder of the snapshots; it may be missing or empty.

    Returns
    -------
    list of Snapshot
        By day and revision.

    Raises
    ------
    SourceError
        ``not_snapshot``.
    DataError
        ``snapshot_altered``.

    Examples
    --------
    >>> read_snapshots("nowhere")
    []
    """
    found = [read_snapshot(path) for path in sorted(Path(folder).glob(f"*{SUFFIX}"))]
    return sorted(found, key=lambda snapshot: (snapshot.date, snapshot.revision))


def snapshot_of(when: str, snapshots: list[Snapshot]) -> Snapshot:
    """Find the state of a day, or read the file that is named.

    Parameters
    ----------
    when : str
        A day such as ``2022-03-31``, or the path of a snapshot.
    snapshots : list of Snapshot
        Where a day is looked up; the last revision of that day is taken.

    Returns
    -------
    Snapshot
        The state.

    Raises
    ------
    UsageError
        ``no_snapshot`` where none was kept on that day.
    SourceError
        ``file_missing``, ``not_snapshot``.
    DataError
        ``snapshot_altered``.

    Examples
    --------
    >>> snapshot_of("2022-03-31", [])
    Traceback (most recent call last):
    ...
    landgis.model.errors.UsageError: no snapshot of 2022-03-31 [no_snapshot]
    """
    try:
        day = dt.date.fromisoformat(when)
    except ValueError:
        return read_snapshot(when)
    found = [snapshot for snapshot in snapshots if snapshot.date == day]
    if not found:
        days = "、".join(dict.fromkeys(one.date.isoformat() for one in snapshots))
        raise UsageError(
            "no_snapshot",
            f"no snapshot of {when}",
            hint=f"没有 {when} 的快照：" + (f"现有 {days}。" if days else "还没有保存过快照，"
            "请用 landgis progress --keep 保存。"),
        )  # fmt: skip
    return found[-1]


def _files_of(folder: Path, date: dt.date) -> list[Path]:
    return sorted(folder.glob(f"{date.isoformat()}*{SUFFIX}"))


def _kept(parcels: GeoDataFrame) -> GeoDataFrame:
    """Keep what figures rest on, in a fixed order of rows and with plain kinds."""
    import geopandas as gpd
    import pandas as pd

    index = pd.Index([str(one) for one in parcels.index], name="parcel_id", dtype="str")
    columns = {
        name: parcels[name].astype(schema.DTYPES[schema.PARCELS.column(name).kind]).to_numpy()
        for name in KEPT
        if name in parcels.columns
    }
    state = gpd.GeoDataFrame(
        pd.DataFrame(columns, index=index),
        geometry=parcels.geometry.to_numpy(),
        crs=parcels.crs,
    )
    return state.sort_index(kind="stable")


def _plain(disposals: DataFrame) -> DataFrame:
    import pandas as pd

    columns = [column for column in schema.DISPOSALS.columns if column.name in disposals.columns]
    plain = pd.DataFrame(
        {
            column.name: disposals[column.name].astype(schema.DTYPES[column.kind]).to_numpy()
            for column in columns
        }
    )
    return plain.sort_values([column.name for column in columns], kind="stable", ignore_index=True)


def _write(
    state: GeoDataFrame, disposals: DataFrame | None, about: dict[str, Any], path: Path
) -> None:
    import pyarrow.parquet as pq

    state.to_parquet(path)
    table = pq.read_table(path)
    records = None if disposals is None else _records(disposals)
    text = json.dumps({**about, "disposals": records}, ensure_ascii=False)
    pq.write_table(
        table.replace_schema_metadata({**(table.schema.metadata or {}), KEY: text.encode()}), path
    )


def _records(disposals: DataFrame) -> list[dict[str, Any]]:
    """Write disposals as plain records: shortest decimals, ISO days, None for the unknown."""
    import pandas as pd

    columns = {}
    for name in disposals.columns:
        cells = disposals[name]
        if pd.api.types.is_datetime64_any_dtype(cells):
            cells = cells.dt.strftime("%Y-%m-%d")
        columns[str(name)] = [None if pd.isna(cell) else cell for cell in cells.tolist()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _disposals(records: list[dict[str, Any]]) -> DataFrame:
    """Give the records back in their kinds."""
    import pandas as pd

    present = {key for record in records for key in record}
    return pd.DataFrame(
        {
            column.name: pd.Series(
                [record.get(column.name) for record in records], dtype="object"
            ).astype(schema.DTYPES[column.kind])
            for column in schema.DISPOSALS.columns
            if column.name in present or (column.required and not records)
        }
    )
