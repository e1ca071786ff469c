"""Whether what was read is a driving licence's main page, and what it is otherwise.

A title or a number alone is not enough: other documents have them, too. What counts is fields
that only the main page has, in their places on the card.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from openapi_shim.ocr.placed import Placed

# Fields of the main page that the second page lacks.
_MAIN = (
    {"birth_date"},
    {"issue_date"},
    {"car_class"},
    {"valid_from", "valid_to"},
    {"sex"},
    {"nationality"},
)
_ENOUGH = 2
# Names, numbers and dates are on many forms; of these, one at least must be there, or three dates.
_ONLY_HERE = {"car_class", "title", "issue", "class", "start"}
_THREE_DATES = {"birth_date", "issue_date", "valid_from"}
# What only a driving licence says, so that it is none of the documents below.
_LICENCE = ("机动车驾驶证", "准驾车型", "初次领证日期", "有效起始日期")
_OTHERS = (
    (
        "a vehicle licence (行驶证)",
        ("机动车行驶证", "号牌号码", "使用性质", "品牌型号", "车辆识别代号", "发动机号码"),
    ),
    ("an identity card", ("公民身份号码", "居民身份证", "签发机关")),
    ("a bank card", ("银行卡", "储蓄卡", "信用卡", "银联", "UnionPay", "VALIDTHRU", "DEBIT")),
    ("a form", ("申请表", "登记表", "申请人", "体检表", "报名表", "填表日期")),
)
_SECOND = ("副页", "档案编号")


def is_main_page(found: Collection[str], anchors: Collection[str]) -> bool:
    """Whether what was found is enough to call the picture a licence's main page.

    Args:
        found: names of the fields.
        anchors: keys of the labels and values that stood in their places on the card.
    """
    if sum(bool(names & set(found)) for names in _MAIN) < _ENOUGH:
        return False
    return bool(_ONLY_HERE & {*found, *anchors}) or set(found) >= _THREE_DATES


def is_second_page(placed: Sequence[Placed]) -> bool:
    """Whether the card that was found is a licence's second page."""
    labels = {item.segment.label for item in placed}
    return "second" in labels and not labels & {"birth", "issue", "class", "sex", "nationality"}


def other_document(texts: Iterable[str]) -> str:
    """What another document these lines are of, in words; "" if nothing says so."""
    lines = [re.sub(r"\s", "", text) for text in texts]
    if any(_says(line, word) for line in lines for word in _LICENCE):
        if any(word in line for line in lines for word in _SECOND):
            return "the second page (副页)"
        return ""
    for words, marks in _OTHERS:
        if any(_says(line, mark) for line in lines for mark in marks):
            return words
    return "the second page (副页)" if any(w in line for line in lines for w in _SECOND) else ""


def _says(line: str, word: str) -> bool:
    """Whether a line holds a word; one character of six or more may be misread.

    Not the one that tells it from another word: 行驶证 is not 驾驶证.
    """
    if word in line:
        return True
    if len(word) < 6 or word.isascii() or word in {"机动车行驶证", "机动车驾驶证"}:
        return False
    return any(
        sum(a != b for a, b in zip(word, line[start : start + len(word)], strict=True)) <= 1
        for start in range(len(line) - len(word) + 1)
    )
