"""Telling printed labels from values on one line."""

from __future__ import annotations

import pytest

from openapi_shim.ocr.labels import split_line
from tests.unit.ocr.made import read_text, rectangle


def parts(text: str) -> list[tuple[str, str]]:
    corners = rectangle(0, 0, 400, 40)
    return [
        (s.label, s.spaced if not s.label else "") for s in split_line(read_text(text), corners)
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("姓名", [("name", "")]),
        ("姓名 Name 张三", [("name", ""), ("name", ""), ("", "张三")]),
        ("姓名张三性别男", [("name", ""), ("", "张三"), ("sex", ""), ("", "男")]),
        ("证号 No.110105194912310021", [("id", ""), ("id", ""), ("", "110105194912310021")]),
        ("Date of First Issue", [("issue", "")]),
        ("Dale of Firsl Issue", [("issue", "")]),
        ("初次领证日期 2012-08-29", [("issue", ""), ("", "2012-08-29")]),
        ("初欠领证曰期", [("issue", "")]),
        ("有效起始日期", [("start", "")]),
        ("有效期限 2018-07-06 至 长期", [("valid", ""), ("", "2018-07-06 至 长期")]),
        ("中华人民共和国机动车驾驶证副页", [("title", ""), ("second", "")]),
        ("PRIYA SHARMA", [("", "PRIYA SHARMA")]),
        # A translation beside its label, misread, and the value right behind it.
        ("住址 Addre内蒙古自治区", [("address", ""), ("", "内蒙古自治区")]),
        ("住址Addres广东省", [("address", ""), ("", "广东省")]),
        ("住址 A广东省", [("address", ""), ("", "广东省")]),
        ("有效期限 va2018-07-06 至 长期", [("valid", ""), ("", "2018-07-06 至 长期")]),
        ("国籍Nationali中国", [("nationality", ""), ("", "中国")]),
        ("姓名 Namd 张三", [("name", ""), ("", "张三")]),
        ("姓名 Name Priya Sharma", [("name", ""), ("name", ""), ("", "Priya Sharma")]),
        ("姓名Priya Sharma", [("name", ""), ("", "Priya Sharma")]),
        # A foreigner's name up to the next label.
        (
            "姓名 SHARMA RAJESH KUMAR 性别 男",
            [("name", ""), ("", "SHARMA RAJESH KUMAR"), ("sex", ""), ("", "男")],
        ),
        (
            "姓名Priya Sharma性别女",
            [("name", ""), ("", "Priya Sharma"), ("sex", ""), ("", "女")],
        ),
        ("姓名LI NA性别女", [("name", ""), ("", "LI NA"), ("sex", ""), ("", "女")]),
        ("姓名Nane性别女", [("name", ""), ("sex", ""), ("", "女")]),
        # Letters that digits and classes are misread as.
        ("准驾车型c1", [("class", ""), ("", "c1")]),
        ("证号l10105194912310021", [("id", ""), ("", "l10105194912310021")]),
        ("出生日期l949-12-31", [("birth", ""), ("", "l949-12-31")]),
        ("准驾车型D有效期限", [("class", ""), ("", "D"), ("valid", "")]),
        # A digit is no misread character of a label.
        ("有效起2018-07-06", [("", "有效起2018-07-06")]),
        ("有效期2018-07-06", [("valid", ""), ("", "2018-07-06")]),
        ("准驾车C1", [("", "准驾车C1")]),
        ("JAMES NAME", [("", "JAMES NAME")]),
        ("：张三。", [("", "张三")]),
        ("阿卜杜热合曼·买买提", [("", "阿卜杜热合曼·买买提")]),
        ("  ", []),
        ("", []),
    ],
)
def test_lines(line: str, expected: list[tuple[str, str]]) -> None:
    assert parts(line) == expected


def test_full_width_print_becomes_narrow() -> None:
    assert parts("Ｃ１") == [("", "C1")]


def test_each_part_has_its_own_corners() -> None:
    label, value = split_line(read_text("姓名张三"), rectangle(0, 0, 400, 40))
    assert label.corners[1][0] == pytest.approx(200)
    assert value.corners[0][0] == pytest.approx(200)
    assert value.corners[1][0] == pytest.approx(400)
    tail = value.part(1, 2)
    assert tail.text == "三"
    assert tail.corners[0][0] == pytest.approx(300)
