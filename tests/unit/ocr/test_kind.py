"""What is a licence's main page."""

from __future__ import annotations

import pytest

from openapi_shim.ocr.kind import is_main_page

VALUES = {
    "id_num": "11010519491231002X",
    "birth_date": "1949-12-31",
    "issue_date": "2001-05-06",
    "car_class": "C1",
    "valid_from": "2013-05-06",
    "valid_to": "2023-05-06",
    "name": "张三",
    "official_seal": "北京市公安局公安交通管理局",
}
IN_PLACE = {"birth value", "issue value", "class value", "id value"}
LABELS = {"name", "address", "birth", "issue", "class"}


@pytest.mark.parametrize(
    ("fields", "anchors", "is_main"),
    [
        ("birth_date car_class", {"title", "birth", "class", "class value"}, True),
        ("birth_date car_class", {"title", "birth"}, False),  # a title and a date
        ("birth_date car_class", IN_PLACE | LABELS, True),  # the title is under a glare
        ("birth_date car_class", LABELS, False),  # a table with the same labels
        ("id_num birth_date issue_date", IN_PLACE, True),  # a poor photo: values alone
        ("id_num birth_date issue_date", {"birth value", "valid value"}, False),
        ("birth_date issue_date", IN_PLACE, False),  # nothing says that they belong together
        ("car_class valid_from valid_to", IN_PLACE, True),  # ten years of validity
        (" ".join(VALUES), {"birth value", "issue value"}, True),  # nearly all of it, and the seal
        (" ".join(VALUES).replace("name ", ""), {"birth value", "issue value"}, False),
        ("valid_from valid_to", IN_PLACE | LABELS, False),
        ("id_num", {"title", "id", "id value", "name"}, False),
        ("", set(), False),
    ],
)
def test_a_main_page_stands_in_its_place(fields: str, anchors: set[str], is_main: bool) -> None:
    values = {name: VALUES[name] for name in fields.split()}
    assert is_main_page(values, anchors) == is_main


def test_another_documents_words_outweigh_a_few_rows_in_place() -> None:
    values = {"birth_date": "1949-12-31", "car_class": "C1"}
    few = {"title", "birth", "birth value", "class"}
    assert is_main_page(values, few, ["准驾车型 C1"])
    assert not is_main_page(values, few, ["从业资格类别 客运"])
    assert is_main_page(values, few | IN_PLACE | LABELS, ["公民身份号码"])  # a card beside it
    assert is_main_page(values, few, ["中华人民共和国机动车驾驶证副页"])
