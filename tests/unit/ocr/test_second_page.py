"""The second page's place and its values."""

from __future__ import annotations

import numpy as np
import pytest

from openapi_shim.ocr.labels import split_line
from openapi_shim.ocr.lines import Row
from openapi_shim.ocr.passes import Lines
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM
from openapi_shim.ocr.register import Registration
from openapi_shim.ocr.second_page import LABELS, locate, sort_rows
from tests.unit.ocr.made import read_text, rectangle

TENTHS = Registration(np.diag([0.1, 0.1, 1.0]), frozenset())
"""The main page at the photo's top left, ten pixels a millimetre."""


def line(text: str, left: float, y: float) -> tuple[np.ndarray, object]:
    wide = sum(18 if one.isascii() else 36 for one in text)
    return rectangle(10 * left, 10 * y - 20, 10 * left + wide, 10 * y + 20), read_text(text)


def below(*texts: tuple[str, float, float]) -> Lines:
    """Lines of a second page that begins 66 mm under the main one's top."""
    return [line(text, left, y + 66) for text, left, y in texts]  # type: ignore[misc]


def test_labels_tell_where_it_begins() -> None:
    lines = below(("档案编号", 45.5, 19.2), ("记录", 4.8, 25.2), ("姓名", 4.8, 19.7))
    found = locate(TENTHS, lines)
    assert found is not None
    assert found.anchors == {"archive", "record", "name"}
    np.testing.assert_allclose(found.to_card([(0, 660)]), [[0, 0]], atol=0.5)


@pytest.mark.parametrize(
    ("texts", "there"),
    [
        ([("档案编号", 45.5, 19.2)], True),
        ([("姓名", 4.8, 19.7)], False),  # that label alone is on anything
        ([("张三", 14.0, 19.7)], False),
        ([], False),
    ],
)
def test_one_telling_label_is_enough(texts: list[tuple[str, float, float]], there: bool) -> None:
    assert (locate(TENTHS, below(*texts)) is not None) == there


def test_the_main_pages_own_labels_do_not_count() -> None:
    lines: Lines = [line("姓名", 5, 20), line("证号", 5, 14)]  # type: ignore[list-item]
    assert locate(TENTHS, lines) is None


def rows(*texts: tuple[str, float, float]) -> list[Row]:
    """Rows of the rectified page; left and middle in millimetres."""
    found = []
    for text, left, y in texts:
        wide = sum(1.8 if one.isascii() else 3.4 for one in text)
        edges = (left, y - 2.2, left + wide, y + 2.2)
        corners = rectangle(*((edge + MARGIN) * PIXELS_PER_MM for edge in edges))
        for segment in split_line(read_text(text), corners, LABELS):
            begin, end = float(segment.corners[0, 0]), float(segment.corners[1, 0])
            middle = float(segment.corners[:, 1].mean())
            found.append(Row(segment, begin, end, middle, 4.4 * PIXELS_PER_MM, text))
    return found


PAGE = (
    ("中华人民共和国机动车驾驶证副页", 14, 5.5),
    ("证号", 5, 13.9),
    ("No.", 5, 15.5),
    ("11010519491231002X", 24, 13.5),
    ("姓名", 5, 19.7),
    ("Name", 5, 21.3),
    ("欧阳雪", 15, 19.4),
    ("档案编号 110100123456", 45, 19.4),
    ("记录", 5, 25.5),
    ("实习期至2025年12月05日。", 17, 25.3),
    ("请于2030年12月05日前九十日内", 17, 30),
    ("申请换领新驾驶证。", 17, 35),
    ("*1101234567890*", 28, 51),
)


def test_its_values_by_labels_and_the_record_in_lines() -> None:
    found = sort_rows(rows(*PAGE))
    assert {name: item.value for name, item in found.items()} == {
        "second_page_id_num": "11010519491231002X",
        "second_page_name": "欧阳雪",
        "archive_number": "110100123456",
        "record": "实习期至2025年12月05日。请于2030年12月05日前九十日内申请换领新驾驶证。",
    }


def test_numbers_are_told_by_their_form_where_labels_are_lost() -> None:
    found = sort_rows(rows(("11010519491231002X", 24, 13.5), ("110100123456", 56, 19.4)))
    assert {name: item.value for name, item in found.items()} == {
        "second_page_id_num": "11010519491231002X",
        "archive_number": "110100123456",
    }
    two = sort_rows(rows(("110100123456", 56, 19.4), ("110100123457", 56, 30)))
    assert "archive_number" not in two
