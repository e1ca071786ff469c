"""The electronic licence's rows, by their labels."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from openapi_shim.ocr.electronic import LABELS, is_electronic, sort_rows
from openapi_shim.ocr.labels import split_line
from openapi_shim.ocr.lines import Row
from tests.unit.ocr.made import read_text, rectangle

BESIDE = [
    ("机动车驾驶证(电子版)", 20, 10),
    ("姓名 张三", 5, 30),
    ("性别 女", 5, 40),
    ("国籍", 5, 50),
    ("中国", 30, 50),
    ("证号：", 5, 60),
    ("11010519491231002X", 30, 60),
    ("出生日期 1949-12-31", 5, 70),
    ("准驾车型", 5, 80),
    ("C1D", 30, 80),
    ("初次领证日期 2001-05-06", 5, 90),
    ("有效期限", 5, 100),
    ("2013-05-06 至 长期", 30, 100),
    ("发证机关", 5, 110),
    ("北京市公安局公安交通管理局", 30, 110),
    ("状态 正常", 5, 120),
    ("累计记分", 5, 130),
    ("12分", 30, 130),
    ("档案编号 110100123456", 5, 140),
    ("生成时间 2025-01-0212:34:56", 5, 200),
    ("当前时间：", 5, 210),
    ("2025-01-02 12:35", 40, 210),
]
FIELDS = {
    "name": "张三",
    "sex": "女",
    "nationality": "中国",
    "id_num": "11010519491231002X",
    "birth_date": "1949-12-31",
    "car_class": "C1D",
    "issue_date": "2001-05-06",
    "valid_from": "2013-05-06",
    "valid_to": "长期",
    "official_seal": "北京市公安局公安交通管理局",
}
EXTRAS = {
    "penalty_points": "12分",
    "state": "正常",
    "generated_at": "2025-01-02 12:34:56",
    "current_time": "2025-01-02 12:35",
    "archive_number": "110100123456",
}


def rows(lines: Sequence[tuple[str, float, float]]) -> list[Row]:
    """Lines of 6 high text as rows: text, left, middle."""
    found = []
    for text, left, y in lines:
        width = sum(2.5 if one.isascii() else 5.0 for one in text)
        corners = rectangle(left, y - 3, left + width, y + 3)
        for segment in split_line(read_text(text), corners, LABELS):
            begin, end = float(segment.corners[0, 0]), float(segment.corners[1, 0])
            found.append(Row(segment, begin, end, y, 6.0, text))
    return found


def test_values_stand_right_of_their_labels() -> None:
    found = sort_rows(rows(BESIDE))
    assert {name: item.value for name, item in found.fields.items()} == FIELDS
    assert {name: item.value for name, item in found.extras.items()} == EXTRAS


def test_or_below_them_in_two_columns() -> None:
    found = sort_rows(
        rows(
            [
                ("准驾车型", 5, 10), ("初次领证日期", 60, 10),
                ("C1", 5, 19), ("2001-05-06", 60, 19),
                ("状态", 5, 40), ("累积记分", 60, 40),
                ("逾期未换证", 5, 49), ("0分", 60, 49),
            ]
        )
    )  # fmt: skip
    assert {name: item.value for name, item in found.fields.items()} == {
        "car_class": "C1",
        "issue_date": "2001-05-06",
    }
    assert {name: item.value for name, item in found.extras.items()} == {
        "penalty_points": "0分",
        "state": "逾期未换证",
    }


def test_what_cannot_be_a_value_is_passed_over() -> None:
    found = sort_rows(rows([("初次领证日期", 5, 10), ("2", 40, 10), ("2001-05-06", 50, 10)]))
    assert found.fields["issue_date"].value == "2001-05-06"
    assert sort_rows(rows([("证号", 5, 10), ("见副页", 40, 10)])).fields == {}


@pytest.mark.parametrize(
    ("texts", "electronic"),
    [
        ([text for text, _, _ in BESIDE], True),
        (["电子驾驶证", "姓名", "证号", "准驾车型", "性别", "状态 正常"], True),
        (["驾驶人信息查询结果单", *(text for text, _, _ in BESIDE)], False),
        (["姓名", "性别", "国籍", "证号", "准驾车型", "初次领证日期"], False),
        (["电子驾驶证怎么申领", "打开电子驾驶证"], False),
    ],
)
def test_its_own_rows_tell_it_from_the_card(texts: list[str], electronic: bool) -> None:
    assert is_electronic(texts) == electronic
