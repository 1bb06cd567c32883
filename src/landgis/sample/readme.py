"""The texts of the folder: 数据说明 (what each file is, what is invented) and the project file."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from landgis.model.files import complete_file
from landgis.sample.outline import SOURCE
from landgis.sample.writing import NOTE

if TYPE_CHECKING:
    from pathlib import Path

TEXT = f"""# 示意钦州：数据说明

**{NOTE}**

真实的只有两样：

- `annex.csv`、`annex.xlsx` 的数值，抄自《钦州市盘活存量土地三年行动工作方案（2021—2023年）》（钦政办〔2021〕41号）附件，截至 2020 年 12 月 31 日，单位公顷，空白格照原样留空；
- `units.gpkg` 的外轮廓，{SOURCE}

其余（道路、河流、铁路、地块、权利人、合同、日期、规划图层）全部由种子 {{seed}} 生成，同一种子结果相同。

| 文件 | 内容 |
|---|---|
| `parcels.gpkg` | 图层“存量地块”：存量地块与周边普通地块（存量类别为“其他”），字段用部颁代码，EPSG:4524 |
| `units.gpkg` | 六个统计单元，EPSG:4490 |
| `control_lines.gpkg` | `YJJBNTTB` 永久基本农田、`STBHHX` 生态保护红线（面积字段 QYMJ 单位为平方千米）、`CZKFBJ` 城镇开发边界 |
| `land_use_plan.gpkg` | `GHYDYH` 规划用地用海（分类代码补零至六位） |
| `barriers.gpkg` | 图层“阻隔”：主干路、次干路、公路、铁路为中心线（KD 为宽度，米），河流为水面 |
| `built_up.tif` | 市主城区与自贸区钦州港片区的建成栅格，10 米；1 建成，0 未建，255 无数据 |
| `annex.csv` `annex.xlsx` | 存量土地统计表，按原件样式 |
| `progress.xlsx` | 2022、2023 年季度进度（虚构），单位亩 |
| `landgis.toml` | 项目文件：landgis run 照它运行 |
| `TRUTHS.json` | 生成时埋下的事实：净地与毛地及理由、20 米间距的连片、压占控制线的地块与面积、台账面积差错等 |

台账面积（DKMJ，公顷，四位小数）按单元和类别合计，与附件逐格相等；除 TRUTHS.json 列明的几宗外，与椭球面积相差不到 1 平方米。
有的字段留空，表示“未知”，这是有意的。
"""  # noqa: E501 - a row of a table is one line


def write_readme(path: Path, *, seed: int) -> None:
    """Write the note that goes with the folder."""
    with complete_file(path) as temporary:
        temporary.write_text(TEXT.replace("{seed}", str(seed)), encoding="utf-8")


def write_project(path: Path) -> None:
    """Write the project file, so that ``landgis run`` works on the folder as it is."""
    text = files("landgis.sample").joinpath("landgis.toml").read_text(encoding="utf-8")
    with complete_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
