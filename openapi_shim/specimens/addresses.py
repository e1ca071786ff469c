"""Addresses that look real and are not."""

from __future__ import annotations

import numpy as np

from openapi_shim.specimens.chance import chance, pick, weighted, whole
from openapi_shim.specimens.regions import Region

_ROADS = (
    "人民路", "解放路", "中山北路", "建设大道", "和平街", "文化路", "新华东路", "长江西路",
    "学府街", "黄河路", "滨河南路", "迎宾大道", "青年路", "胜利街", "科技二路", "香樟路",
    "光明路", "五一中路", "站前街", "龙泉路", "桂花巷", "朝阳南街", "兴业路", "环城北路",
    "体育西路", "振兴路", "梧桐街",
)  # fmt: skip
_ESTATES = (
    "阳光花园", "金色家园", "翠湖名苑", "幸福里小区", "水岸新城", "锦绣华庭", "东湖春天",
    "紫金公寓", "万和城", "书香门第", "丽景苑", "世纪城", "凤凰小区", "学林雅苑", "和谐家园",
    "枫林绿洲",
)  # fmt: skip
_STREETS = ("新华街道", "城关街道", "东风街道", "南湖街道", "桥东街道", "文昌街道", "望江街道")
_TOWNS = (
    "石桥镇",
    "龙泉镇",
    "大岭山镇",
    "河口镇",
    "永安镇",
    "清溪镇",
    "双河乡",
    "柳林镇",
    "沙田镇",
)
_VILLAGES = (
    "王家",
    "大屋",
    "上河",
    "东塘",
    "石门",
    "新民",
    "杨柳",
    "红旗",
    "李家湾",
    "前进",
    "梅林",
)


def _home(rng: np.random.Generator) -> str:
    room = f"{whole(rng, 1, 28)}{whole(rng, 1, 12):02d}"
    return weighted(
        rng,
        [
            (f"{whole(rng, 1, 36)}栋{whole(rng, 1, 4)}单元{room}室", 3.0),
            (f"{whole(rng, 1, 36)}号楼{whole(rng, 1, 6)}单元{room}号", 2.0),
            (f"{whole(rng, 1, 22)}幢{room}室", 2.0),
            (f"{pick(rng, 'ABCD')}座{room}", 0.8),
            (f"{whole(rng, 1, 40)}栋{room}房", 1.5),
        ],
    )


def _street_address(rng: np.random.Generator, region: Region) -> str:
    road, number = pick(rng, _ROADS), whole(rng, 1, 1299)
    if region.province == "上海市" and chance(rng, 0.7):
        return f"{road}{number}弄{whole(rng, 1, 160)}号{whole(rng, 1, 18)}{whole(rng, 1, 8):02d}室"
    kind = weighted(rng, [("estate", 5.0), ("yard", 2.0), ("short", 1.5), ("annex", 1.0)])
    if kind == "estate":
        return f"{road}{number}号{pick(rng, _ESTATES)}{_home(rng)}"
    if kind == "yard":
        return f"{road}{number}号院{_home(rng)}"
    if kind == "annex":
        return f"{road}{number}号附{whole(rng, 1, 60)}号"
    return f"{road}{number}号"


def invent_address(rng: np.random.Generator, region: Region) -> str:
    """An address in a region: 省市区, then a street, an estate and a flat, or a village."""
    head = region.province + region.city + region.district
    if not region.municipality and chance(rng, 0.12):
        head = region.city + region.district
    if not region.district or chance(rng, 0.15):
        village = pick(rng, _VILLAGES)
        if chance(rng, 0.5):
            return (
                f"{head}{pick(rng, _TOWNS)}{village}村{whole(rng, 1, 15)}组{whole(rng, 1, 180)}号"
            )
        return f"{head}{pick(rng, _TOWNS)}{village}村委会{village}自然村{whole(rng, 1, 180)}号"
    if chance(rng, 0.18):
        head += pick(rng, _STREETS)
    return head + _street_address(rng, region)
