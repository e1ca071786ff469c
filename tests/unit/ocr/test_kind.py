"""What is a licence's main page, and what another document is called."""

from __future__ import annotations

import pytest

from openapi_shim.ocr.kind import is_main_page, other_document


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["中华人民共和国机动车行驶证", "号牌号码 京A12345"], "vehicle licence"),
        (["车辆识刑代号 LSVAA"], "vehicle licence"),  # one character misread
        (["公民身份号码 11010519491231002X"], "identity card"),
        (["VALID THRU 12/30"], "bank card"),
        (["入职登记表", "姓名 张三"], "form"),
        (["中华人民共和国机动车驾驶证副页", "记录"], "second page"),
        (["档案编号 110100123456"], "second page"),
        (["中华人民共和国机动车驾驶证", "准驾车型 C1"], ""),
        (["中华人民共和国机动车驾驶证", "机动车行驶证"], ""),  # both in one picture
        (["姓名 张三"], ""),
        ([], ""),
    ],
)
def test_another_document_is_named(lines: list[str], words: str) -> None:
    found = other_document(lines)
    assert words in found
    assert bool(found) == bool(words)


@pytest.mark.parametrize(
    ("found", "anchors", "is_main"),
    [
        ({"birth_date", "car_class"}, set(), True),
        ({"birth_date", "sex"}, {"title"}, True),
        ({"birth_date", "issue_date", "valid_from"}, set(), True),
        ({"id_num", "name", "sex", "nationality", "birth_date"}, {"name", "sex"}, False),  # a form
        ({"valid_from", "valid_to"}, {"title"}, False),
        ({"id_num", "name", "address"}, {"title", "name", "id"}, False),
        (set(), set(), False),
    ],
)
def test_a_main_page_has_what_only_it_has(
    found: set[str], anchors: set[str], is_main: bool
) -> None:
    assert is_main_page(found, anchors) == is_main
