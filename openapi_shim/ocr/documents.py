"""Other documents by their own words: what they print and a driving licence does not."""

from __future__ import annotations

import re
from collections.abc import Iterable

SECOND_PAGE = "the second page (副页) of a driving licence alone"
# What the picture is called → what is printed on it. The first that fits counts, so papers that
# quote other documents' words come before those.
_MARKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "a professional driver's certificate (从业资格证)",
        ("从业资格证", "从业资格类别", "道路运输从业人员"),
    ),
    (
        "an extract of a driver's records",
        ("信息查询", "查询结果单", "安全驾驶信用报告", "驾驶证信息核查", "驾驶证状态", "查询时间"),
    ),
    (
        "a driving school's or an applicant's paper",
        (
            "驾驶证申请表", "驾驶人身体条件证明", "驾驶培训", "培训学员", "培训记录", "考试预约",
            "培训机构", "教练员", "申请的准驾车型", "身份证明名称",
        ),
    ),
    (
        "an insurance policy",
        ("强制保险", "保险单", "被保险人", "保险期间", "保险费合计"),
    ),
    (
        "a vehicle licence's second page (行驶证副页)",
        ("机动车行驶证副页", "核定载人数", "整备质量", "外廓尺寸", "准牵引总质量", "检验记录"),
    ),
    (
        "a vehicle licence (行驶证)",
        ("机动车行驶证", "使用性质", "品牌型号", "车辆识别代号", "发动机号码", "号牌号码"),
    ),
    ("a passport", ("护照号", "PASSPORT", "PassportNo", "<<<<<<")),
    ("a business licence", ("营业执照", "统一社会信用代码", "法定代表人", "注册资本")),
    (
        "a bill",
        ("增值税", "发票", "合计", "开票日期", "开票人", "纳税人识别号", "价税合计", "应税劳务"),
    ),
    (
        "a form",
        ("申请表", "登记表", "申请人", "体检表", "报名表", "填表日期", "健康证明", "租赁合同"),
    ),
    ("a social security card", ("社会保障卡", "社会保障号码")),
    ("an identity card", ("公民身份号码", "居民身份证", "签发机关")),
    (
        "a bank card",
        ("银行卡", "储蓄卡", "信用卡", "银联", "UnionPay", "VALIDTHRU", "DEBIT"),
    ),
    ("another country's driving licence", ("DRIVINGLICENCE", "DRIVERLICENSE", "PERMISDECONDUIRE")),
)  # fmt: skip
_SECOND = ("驾驶证副页", "档案编号", "FileNo")


def other_document(texts: Iterable[str]) -> str:
    """What another document these lines are of, in words; "" if nothing says so.

    The second page comes last: it may lie beside anything.
    """
    lines = [re.sub(r"\s", "", text) for text in texts]
    for words, marks in _MARKS:
        if any(_says(line, mark) for line in lines for mark in marks):
            return words
    return SECOND_PAGE if any(_says(line, word) for line in lines for word in _SECOND) else ""


def _says(line: str, word: str) -> bool:
    """Whether a line holds a word; one character of six or more may be misread.

    Not the one that tells it from another word: 行驶证 is not 驾驶证.
    """
    if word in line:
        return True
    if len(word) < 6 or word.isascii() or "行驶证" in word:
        return False
    if len(set(word) - set(line)) > 1:
        return False
    return any(
        sum(a != b for a, b in zip(word, line[start : start + len(word)], strict=True)) <= 1
        for start in range(len(line) - len(word) + 1)
    )
