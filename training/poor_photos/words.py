"""What the reader's training sheets say: in part like the specimens, in part by chance.

Chance keeps the network from learning this project's few streets and names by heart: what it
reads must come from the picture.
"""

from __future__ import annotations

import numpy as np

from openapi_shim.specimens.chance import chance, pick, whole
from openapi_shim.specimens.licenses import LAYOUTS, License, invent_license

_HAN = "".join(
    bytes([high, low]).decode("gb2312", "ignore")
    for high in range(0xB0, 0xF8)
    for low in range(0xA1, 0xFF)
)
"""The 6 763 characters of GB 2312, the commoner half first."""
_COMMON = _HAN[:3755]
_RARE = (
    "龑赟翀旻禛鋆竑䶮喆昇堃犇淼焱垚骉祎玥珺琇翾韡昉烨燚甯潞炘曦懿鬯璟瑀頔煊珅珮琪璐瑄瑢璇璎璠"
    "祺禧禹稷彧彣彬昕昊昱晟晗晞晔暄暐曌朔杪栩桢梓楠榕槿樾歆沅沐沛泓洺涵淇淏湉湜溦滢漪潇澍濛瀚灏"
    "炜炫炯烜焓熠熹爔玮珈珏珩珞琛琰瑜瑾皓皖睿砚硕祁笙筠箫绮绫缨羿翊聿芃芊芮苒茜茵荃莘菡萱葳蒽"
    "蔚蕙薇蘅虔衍裴讷诠谌谦赉轩辰逸邈郗郦鄢酆钊钧铄铖铠锟镕阚陟霏霖靖韬颀颉颢飏馥骁骅骐骞髦鲲鹂麒"
    "鑫灝頫堉塬奡妘妤姝娅娉娴婧婵嫄嬿孛孜孺岑峋峥崧嵘嵩巍帏庹庾弋弢彤悫惟愔愫慜憬戬戢扆抒揆擎昀"
)
_PARTS = ("省", "市", "区", "县", "镇", "乡", "村", "路", "街", "街道", "小区", "花园", "苑", "巷")
_ENDS = ("号", "室", "栋", "单元", "组", "幢", "楼", "房", "弄", "座", "户")
_OFFICES = (
    "公安局交通警察支队",
    "公安局公安交通管理局",
    "公安局车辆管理所",
    "公安局交通管理局",
    "公安局交通警察总队",
    "公安局交通警察大队",
    "公安厅交通管理局",
)
LABELS = {
    "id_num": (("证号",), ("No.",)),
    "name": (("姓名",), ("Name",)),
    "sex": (("性别",), ("Sex",)),
    "nationality": (("国籍",), ("Nationality",)),
    "address": (("住址",), ("Address",)),
    "birth_date": (("出生日期",), ("Date of Birth", "Birthday")),
    "issue_date": (("初次领证日期",), ("Date of First Issue", "Issue Date")),
    "car_class": (("准驾车型",), ("Class",)),
    "valid": (("有效期限", "有效起始日期"), ("Valid Period", "Valid From", "Valid For")),
}
"""Printed labels of a row, Chinese and English."""


def _han(rng: np.random.Generator, count: int, letters: str = _COMMON) -> str:
    return "".join(pick(rng, letters) for _ in range(count))


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(pick(rng, "0123456789") for _ in range(count))


def _name(rng: np.random.Generator, usual: str) -> str:
    if chance(rng, 0.35):
        return usual
    letters = pick(rng, (_COMMON, _COMMON, _HAN, _RARE))
    if chance(rng, 0.06):
        return f"{_han(rng, whole(rng, 2, 5))}·{_han(rng, whole(rng, 2, 5))}"
    first = usual[0] if chance(rng, 0.6) and usual[0] >= "\u4e00" else _han(rng, 1)
    return first + _han(rng, whole(rng, 1, 2), letters)


def _address(rng: np.random.Generator, usual: str) -> str:
    if chance(rng, 0.35):
        return usual
    if chance(rng, 0.35):  # the usual one with other characters here and there
        return "".join(
            _han(rng, 1) if not one.isascii() and chance(rng, 0.25) else one for one in usual
        )
    parts = [_han(rng, whole(rng, 2, 3)) + pick(rng, _PARTS) for _ in range(whole(rng, 2, 4))]
    parts += [_digits(rng, whole(rng, 1, 4)) + pick(rng, _ENDS) for _ in range(whole(rng, 1, 3))]
    if chance(rng, 0.2):
        parts.append(pick(rng, "ABCDEF") + pick(rng, ("座", "栋", "区")) + _digits(rng, 3))
    return "".join(parts)


def _authority(rng: np.random.Generator, usual: str) -> str:
    if chance(rng, 0.4):
        return usual
    head = ""
    if chance(rng, 0.6):
        head = _han(rng, whole(rng, 2, 3)) + pick(rng, ("省", "省", "自治区"))
    head += _han(rng, whole(rng, 2, 3)) + pick(rng, ("市", "市", "县", "州"))
    return head + pick(rng, _OFFICES)


def invent(rng: np.random.Generator) -> tuple[dict[str, str], License]:
    """What a sheet says: the eleven fields, and the licence they were drawn from."""
    seed = 2 * int(rng.integers(1_000_000, 2_000_000))
    issued = invent_license(seed, pick(rng, LAYOUTS))
    values = dict(issued.truth)
    values["name"] = _name(rng, values["name"])
    values["address"] = _address(rng, values["address"])
    values["official_seal"] = _authority(rng, values["official_seal"])
    if chance(rng, 0.3):
        values["id_num"] = _digits(rng, 17) + pick(rng, "0123456789X")
    return values, issued
