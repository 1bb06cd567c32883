"""The project file landgis.toml as a typed, frozen record.

Every key is written down here once: its type, its range, its meaning for a planner (Chinese) and
an example. Reading reports every fault of a file at once; ``docs/project.md`` is made from it.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from landgis import _project_faults
from landgis.model.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterator


PROJECT_FILE = "landgis.toml"
Verdict = Literal["禁止", "限制", "需调整", "符合"]
Metres = Annotated[float, Field(ge=0, allow_inf_nan=False)]
SquareMetres = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Resolution = Annotated[int, Field(ge=72, le=600)]


def _key(description: str, example: Any, default: Any = ...) -> Any:
    """Give a key its meaning and an example; required where it has no default."""
    return Field(default, description=description, examples=[example])


class _Record(BaseModel):
    """A part of the project file: frozen, and without room for unknown keys."""

    meaning: ClassVar[str] = ""
    model_config = ConfigDict(frozen=True, extra="forbid")


class About(_Record):
    """What the project is: printed on every map and ledger."""

    meaning: ClassVar[str] = "本项目是什么：印在每张图、每份台账上"

    title: str = _key("项目名称，印在成果标题上", "钦州市存量土地")
    place: str = _key("地名，用作图名开头", "钦州市", "")
    as_of: dt.date = _key("数据截止日期；闲置等时限按这一天计算", "2020-12-31")
    crs: str | None = _key(
        "工作坐标系；省略时用地块数据自己的。地块是经纬度时，集中连片需要以米为单位的坐标系",
        "EPSG:4545",
        None,
    )
    agency: str = _key("制图单位", "钦州市自然资源局", "")
    note: str = _key("印在每份成果上的说明", "示意数据", "")


class Source(_Record):
    """One source of spatial data."""

    meaning: ClassVar[str] = "一个空间数据来源"

    file: str = _key("文件路径（相对于 landgis.toml）", "parcels.gpkg")
    layer: str | None = _key("图层名；文件只有一个图层时可省略", "存量地块", None)
    crs: str | None = _key("坐标系，仅当文件没有声明时填写", "EPSG:4524", None)
    encoding: str | None = _key("文字编码，仅当自动识别有误时填写", "GB18030", None)
    columns: dict[str, str] = _key(
        '字段对照：landgis 字段名 = 文件中的字段名；parcel_id = "#" 表示按行编号',
        {"parcel_id": "DKBH"},
        {},
    )


class ZoneSource(Source):
    """One layer of the plan."""

    meaning: ClassVar[str] = "一个规划图层（可写多个 [[zones]]）"

    name: str | None = _key("图层在成果中的名称；省略时用图层名", "YJJBNTTB", None)
    where: dict[str, str] = _key("只取字段等于给定值的图斑", {"zone_name": "工业用地"}, {})
    inside: Verdict | None = _key("压占本图层的结论；省略时按政策文件", "禁止", None)
    outside: Verdict | None = _key("位于本图层之外的结论；省略时按政策文件", "需调整", None)
    overlaps: Literal["raise", "twice", "priority"] = _key(
        "图斑互相重叠时：raise 报错，twice 重复计算并列明，priority 先列者优先", "twice", "twice"
    )


class BarrierSource(Source):
    """One layer of barriers: roads, railways, rivers."""

    meaning: ClassVar[str] = "一个阻隔图层：道路、铁路、河流等（可写多个 [[barriers]]）"

    classes: tuple[str, ...] = _key(
        "只取这些阻隔类别（barrier_class）；省略时全取", ["铁路", "河流", "主干路"], ()
    )
    width_m: Metres | None = _key("线状阻隔的宽度（米），仅当数据没有宽度字段时填写", 20.0, None)
    min_width_m: Metres = _key("窄于此宽度（米）的不算阻隔", 20.0, 0.0)


class AnnexSource(_Record):
    """The official table, such as the annex of a plan."""

    meaning: ClassVar[str] = "官方统计表（如方案附件）"

    file: str = _key("CSV 或 Excel 文件", "annex.csv")
    unit: Literal["公顷", "亩", "万亩", "平方米", "平方千米"] | None = _key(
        "面积单位；省略时以表中“单位：”为准", "公顷", None
    )
    crosswalk: str | None = _key(
        "单元对照表（CSV 或 Excel，两列：名称、统计单元）：地块或附表中的名称按哪个单元对账；"
        "名称从不按相似猜测",
        "crosswalk.csv",
        None,
    )
    listed: str | None = _key(
        "名册：官方统计表所依据的逐宗清单（CSV 或 Excel 台账）；有它就能逐宗说明缺、多、重、错",
        "register.csv",
        None,
    )


class DisposalSource(_Record):
    """What was disposed of, parcel by parcel or by quarter."""

    meaning: ClassVar[str] = "处置台账（逐宗），或季度进度表（分县区）"

    file: str = _key("CSV 或 Excel 文件", "progress.xlsx")


class ProgressOptions(_Record):
    """What progress is measured against, and where earlier states are kept."""

    meaning: ClassVar[str] = "进度：任务、指标与快照"

    targets: str | None = _key("任务分解表：县区、年度、年度任务", "targets.xlsx", None)
    indicators: str | None = _key(
        "经济指标表：指标（地区生产总值、工业增加值）、年度、数值、建设用地面积",
        "indicators.csv",
        None,
    )
    parks: str | None = _key(
        "开发区表：开发区、级别（国家级、自治区级、标杆）、年度、投资强度、亩均税收",
        "parks.csv",
        None,
    )
    as_of: dt.date | None = _key(
        "进度统计截止日；省略时用 [project] 的 as_of，季度进度表则用最后填报的季度末",
        "2022-12-31",
        None,
    )
    snapshots: str | None = _key(
        "快照文件夹；写明后每次运行保存一份快照，并说明比上一份快照变动的原因", "snapshots", None
    )
    baseline: str | None = _key("基期快照：日期或文件；省略时用最早的一份", "2020-12-31", None)


class EvidenceSource(_Record):
    """One piece of evidence: what a raster or a layer says of every parcel."""

    meaning: ClassVar[str] = "一项佐证：栅格或图层说明地块的情况（可写多个 [[evidence]]）"

    name: str = _key("佐证名称，成果字段以它开头，如 built_share", "built")
    raster: str | None = _key("栅格文件；与 file 二者取一", "built_up.tif", None)
    file: str | None = _key("矢量文件；与 raster 二者取一", "buildings.gpkg", None)
    layer: str | None = _key("矢量文件的图层名；只有一个图层时可省略", "建筑轮廓", None)
    statistic: Literal["share", "mean", "min", "max", "majority", "slope", "count", "distance"] = (
        _key(
            "share 比例；栅格另有 mean、min、max、majority、slope（坡度）；图层另有 count、distance",
            "share",
            "share",
        )
    )
    values: tuple[int, ...] = _key("哪些像元值算作“是”", [1], (1,))
    source: str = _key("数据来源；省略时用文件名", "2020年遥感影像", "")
    date: dt.date | None = _key("影像或数据日期", "2020-10-31", None)
    built: bool = _key("“是”指有建筑：与台账的附着物清理相互核对", True, False)  # noqa: FBT003 - a default

    @model_validator(mode="after")
    def _one_source(self) -> EvidenceSource:
        if (self.raster is None) == (self.file is None):
            raise ValueError("佐证应写 raster（栅格）或 file（矢量图层）之一，且只写一个")
        if self.built and self.statistic != "share":
            raise ValueError('built = true 只用于 statistic = "share"（比例）')
        return self


class AreaOptions(_Record):
    """How areas are measured."""

    meaning: ClassVar[str] = "面积怎么量"

    method: Literal["statutory", "planar", "geodesic", "tdt1055"] = _key(
        "statutory 椭球面积（默认）；planar 平面；geodesic 测地线；tdt1055 质检软件取位",
        "statutory",
        "statutory",
    )


class ClusterOptions(_Record):
    """How contiguous clusters are made."""

    meaning: ClassVar[str] = "集中连片怎么算"

    land_class: str | None = _key(
        "参与连片的存量类别；空字符串或省略类别字段时取全部", "低效", "低效"
    )
    gap_m: Metres = _key("最大间距（米）", 20.0, 20.0)
    joins: tuple[Literal["shared", "overlap", "sliver", "corner", "near"], ...] = _key(
        "哪些关系算连片：shared 共边、overlap 重叠、sliver 细缝、corner 角点、near 邻近",
        ["shared", "near"],
        ("shared", "overlap", "sliver", "near"),
    )
    min_shared_m: Metres = _key("共边短于此长度（米）只算角点接触", 1.0, 1.0)
    sliver_m: Metres = _key("不宽于此（米）的缝隙和重叠算绘图误差", 0.2, 0.2)
    min_area_m2: SquareMetres = _key("连片最小面积（平方米）", 10000.0, 10000.0)
    min_count: Count = _key("连片最少宗数", 2, 1)
    single_area_m2: SquareMetres | None = _key(
        "不小于此面积（平方米）的，宗数不足也算一片", 50000.0, None
    )
    barrier_rows: dict[str, tuple[str, ...]] = _key(
        "地块表中哪些行是阻隔：字段 = 值；这些行不参与连片", {"DLBM": ["1001", "1003", "1101"]}, {}
    )
    seeds: tuple[str, ...] = _key("起始地块编号：只留含有它们的连片", ["QN-0001"], ())
    within: str | None = _key(
        "连片不得跨越的范围：地块字段（如 unit），或某个规划图层的名称", "unit", None
    )
    look_m: Metres = _key("察看到多远（米）以说明连片被什么隔开", 60.0, 60.0)
    unit_area_m2: SquareMetres | None = _key(
        "更新单元规模（平方米）：更大的连片沿街巷拆成约此面积的单元；省略时不拆", 100000.0, None
    )


class MapOptions(_Record):
    """How maps are drawn."""

    meaning: ClassVar[str] = "图件"

    scheme: Literal["natural", "quantile", "equal"] = _key(
        "分级方法：自然断点、分位数、等间距", "natural", "natural"
    )
    dpi: Resolution = _key("图片分辨率（每英寸点数）", 300, 300)
    font: str | None = _key("中文字体文件；省略时自动寻找", "NotoSansSC.otf", None)
    cluster_pages: Annotated[int, Field(ge=0)] = _key(
        "图册中连片各占一页，最多几页（优先度高者先）；其余见台账", 12, 12
    )
    unit_maps: bool = _key("是否逐个统计单元出详图", True, True)  # noqa: FBT003 - a default


class Output(_Record):
    """Where the results go."""

    meaning: ClassVar[str] = "成果放在哪里"

    folder: str = _key("成果文件夹（相对于 landgis.toml）", "out", "out")


class Project(_Record):
    """One project: what is read, by which rules, and where the results go.

    Every key is described in docs/project.md.
    """

    project: About
    parcels: Source = Field(description="地块：存量地块，以及周围的其他地块")
    units: Source | None = Field(None, description="统计单元：官方统计表的每一行一个面")
    zones: tuple[ZoneSource, ...] = ()
    barriers: tuple[BarrierSource, ...] = ()
    annex: AnnexSource | None = None
    disposals: DisposalSource | None = None
    progress: ProgressOptions = ProgressOptions()
    evidence: tuple[EvidenceSource, ...] = ()
    policy: str = _key("政策名称，或政策文件夹的路径", "qinzhou_2021", "qinzhou_2021")
    area: AreaOptions = AreaOptions()
    clusters: ClusterOptions = ClusterOptions()
    maps: MapOptions = MapOptions()
    output: Output = Output()
    home: Path = Field(Path(), exclude=True, description="landgis.toml 所在文件夹")

    @model_validator(mode="after")
    def _annex_needs_units(self) -> Project:
        if self.annex is not None and self.units is None:
            raise ValueError("有 [annex] 时必须有 [units]，否则无法按县区对账")
        return self

    def path(self, file: str) -> Path:
        """Resolve a path of the project file.

        Parameters
        ----------
        file : str
            Path as written there, relative to the project file or absolute.

        Returns
        -------
        Path
            The path to open.
        """
        return self.home / file

    def files(self) -> Iterator[Path]:
        """Name every input file, once.

        Yields
        ------
        Path
            In the order of the project file.
        """
        single = (self.parcels, self.units, self.annex, self.disposals)
        names = [source.file for source in single if source is not None]
        names += [source.file for source in (*self.zones, *self.barriers)]
        names += [source.raster or source.file or "" for source in self.evidence]
        if self.annex is not None:
            names += [name for name in (self.annex.crosswalk, self.annex.listed) if name]
        told = (self.progress.targets, self.progress.indicators, self.progress.parks)
        names += [name for name in told if name is not None]
        yield from (self.path(name) for name in dict.fromkeys(names))


def read_project(path: str | Path) -> Project:
    r"""Read a project file.

    Parameters
    ----------
    path : str or Path
        A landgis.toml, or the folder that holds one.

    Returns
    -------
    Project
        The record, its paths resolved against the file's own folder.

    Raises
    ------
    ProjectError
        ``project_missing``, ``project_syntax``, ``project_invalid`` (every fault at once, each with
        key, line and mend), ``input_missing``.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "landgis.toml"
    >>> _ = file.write_text('[clusters]\ngap = 20\n', encoding="utf-8")
    >>> try:
    ...     read_project(file)
    ... except ProjectError as error:
    ...     print(error.hint)
    landgis.toml 有 3 处需要修改：
      project：缺少必填的部分 [project]
      parcels：缺少必填的部分 [parcels]
      第 2 行 clusters.gap：没有这个键，是否想写 gap_m
    """
    file = Path(path)
    file = file / PROJECT_FILE if file.is_dir() else file
    text = _text(file)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProjectError(
            "project_syntax",
            f"not valid TOML: {error}",
            hint=f"项目文件有语法错误：{error}。文字要加引号，日期写成 2020-12-31，路径用 / 分隔。",
            file=file,
        ) from error
    try:
        project = Project.model_validate({**data, "home": file.resolve().parent})
    except ValidationError as error:
        raise _invalid(error, text, file) from error
    missing = [name for name in project.files() if not name.exists()]
    if missing:
        raise ProjectError(
            "input_missing",
            f"files that do not exist: {', '.join(str(name) for name in missing)}",
            hint="找不到这些输入文件："
            + "、".join(str(name) for name in missing)
            + "。请检查路径。",
            file=file,
        )
    return project


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ProjectError(
            "project_missing",
            "no such project file",
            hint=f"找不到项目文件“{file}”：可先运行 landgis init 文件夹 生成一份。",
            file=file,
        ) from error
    except UnicodeDecodeError as error:
        raise ProjectError(
            "project_encoding",
            "the project file is not UTF-8",
            hint="项目文件须保存为 UTF-8 编码。",
            file=file,
        ) from error
    except OSError as error:
        raise ProjectError(
            "project_unreadable",
            f"cannot read: {error.strerror}",
            hint=f"无法读取项目文件“{file}”：请检查权限。",
            file=file,
        ) from error


def _invalid(error: ValidationError, text: str, file: Path) -> ProjectError:
    chinese = _project_faults.in_chinese(error, text, Project)
    english = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
    return ProjectError(
        "project_invalid",
        "; ".join(english),
        hint=f"{file.name} 有 {len(chinese)} 处需要修改：\n  " + "\n  ".join(chinese),
        file=file,
    )


def sections() -> Iterator[tuple[str, str, type[BaseModel]]]:
    """List the sections of a project file, for the page that documents them.

    Yields
    ------
    tuple of (str, str, type)
        Name, ``table`` or ``list`` or ``key``, and the record that holds its keys.
    """
    for name, field in Project.model_fields.items():
        if name == "home":
            continue
        record = _project_faults.record_in(field.annotation)
        if record is None:
            yield name, "key", Project
        else:
            yield name, "list" if "tuple" in str(field.annotation) else "table", record
