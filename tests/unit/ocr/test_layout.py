"""From segments on a card to fields: both layouts, shifted prints, missing labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from openapi_shim.ocr.layout import Candidate, read_fields
from openapi_shim.ocr.placed import Placed, place_segments
from openapi_shim.ocr.register import Matrix, Registration
from openapi_shim.ocr.timeline import date_tokens, order_dates
from tests.unit.ocr.made import placed, rectangle, segment, text_of

NUMBER = "11010519491231002X"
LABELS = [
    placed("title", text_of("title"), 15, 5.5, height=6),
    placed("id", "证号", 5, 14, height=3.5),
    placed("name", "姓名", 5, 20.5, height=3.5),
    placed("sex", "性别", 43, 20.5, height=3.5),
    placed("nationality", "国籍", 57, 20.5, height=3.5),
    placed("address", "住址", 5, 27, height=3.5),
    placed("birth", "出生日期", 29, 38, height=3.5),
    placed("issue", "初次领证日期", 29, 44, height=3.5),
    placed("class", "准驾车型", 29, 50, height=3.5),
]
CURRENT = [placed("valid", "有效期限", 8, 57, height=3.5)]
OLDER = [
    placed("start", "有效起始日期", 8, 57, height=3.5),
    placed("valid", "有效期限", 46, 57, height=3.5),
]
VALUES = [
    placed("", NUMBER, 26, 14.5),
    placed("", "欧阳娜娜", 15, 21),
    placed("", "女", 51, 21),
    placed("", "中国", 68, 21),
    placed("", "内蒙古自治区呼和浩特市新城区朝阳南街", 15, 27),
    placed("", "174号", 15, 32),
    placed("", "1949-12-31", 47, 38),
    placed("", "1985-08-26", 48, 44),
    placed("", "A1A2D", 48, 50),
    placed("", "河南省南", 7, 37),
    placed("", "阳市公安", 7, 42),
    placed("", "局交通警", 7, 47),
    placed("", "察支队", 7, 52),
]
VALID = [placed("", "2006-08-26至2016-08-26", 22, 57)]
FOR_YEARS = [placed("", "2006-08-26", 26, 57), placed("", "6年", 60, 57)]
EXPECTED = {
    "id_num": NUMBER,
    "name": "欧阳娜娜",
    "sex": "女",
    "nationality": "中国",
    "address": "内蒙古自治区呼和浩特市新城区朝阳南街174号",
    "birth_date": "1949-12-31",
    "issue_date": "1985-08-26",
    "car_class": "A1A2D",
    "valid_from": "2006-08-26",
    "valid_to": "2016-08-26",
    "official_seal": "河南省南阳市公安局交通警察支队",
}


def values(items: list[Placed]) -> dict[str, str]:
    return {name: found.value for name, found in read_fields(items).items()}


def moved(items: list[Placed], x: float, y: float) -> list[Placed]:
    return [replace(item, left=item.left + x, right=item.right + x, y=item.y + y) for item in items]


def swapped(items: list[Placed], old: str, *new: Placed) -> list[Placed]:
    return [item for item in items if item.text != old] + list(new)


def test_the_current_layout() -> None:
    assert values([*LABELS, *CURRENT, *VALUES, *VALID]) == EXPECTED


def test_the_older_layouts_end_is_computed() -> None:
    assert values([*LABELS, *OLDER, *VALUES, *FOR_YEARS]) == EXPECTED | {"valid_to": "2012-08-26"}


def test_without_any_label_content_and_rows_suffice() -> None:
    assert values([*VALUES, *VALID]) == EXPECTED


@pytest.mark.parametrize(("x", "y"), [(0, 2.0), (0, -2.0), (2.5, 1.5), (-1.5, -1.0)])
def test_values_printed_off_their_labels(x: float, y: float) -> None:
    assert values([*LABELS, *CURRENT, *moved([*VALUES, *VALID], x, y)]) == EXPECTED


@pytest.mark.parametrize(("x", "y"), [(3, 2), (-2, -2)])
def test_a_card_placed_with_some_error(x: float, y: float) -> None:
    assert values(moved([*LABELS, *CURRENT, *VALUES, *VALID], x, y)) == EXPECTED


def test_an_end_computed_from_a_doubtful_begin_is_as_doubtful() -> None:
    begin, years = FOR_YEARS
    doubtful = replace(begin, segment=replace(begin.segment, probabilities=(0.99,) * 9 + (0.4,)))
    found = read_fields([*LABELS, *OLDER, *VALUES, doubtful, years])
    assert found["valid_to"].value == "2012-08-26"
    assert found["valid_to"].weakest == 0.4


def test_for_ever_stays_for_ever() -> None:
    items = [*LABELS, *CURRENT, *VALUES, placed("", "2006-08-26 至 长期", 22, 57)]
    assert values(items)["valid_to"] == "长期"


def test_a_validity_read_in_pieces() -> None:
    pieces = [placed("", "2006-08-26", 22, 57), placed("", "至2016-08-26", 45, 57.4)]
    assert values([*LABELS, *CURRENT, *VALUES, *pieces]) == EXPECTED


def test_a_lost_end_is_not_replaced_by_the_begin() -> None:
    items = [*LABELS, *CURRENT, *VALUES, placed("", "2006-08-26至2016-0", 22, 57)]
    fields = values(items)
    assert fields["valid_from"] == "2006-08-26"
    assert "valid_to" not in fields


def test_a_lone_date_below_is_the_begin_or_the_end_by_its_side() -> None:
    left = values([*VALUES, placed("", "2006-08-26", 22, 57)])
    right = values([*VALUES, placed("", "2016-08-26", 45, 57)])
    assert (left.get("valid_from"), left.get("valid_to")) == ("2006-08-26", None)
    assert (right.get("valid_from"), right.get("valid_to")) == (None, "2016-08-26")


def test_a_lost_birth_date_is_not_taken_from_the_number() -> None:
    fields = values(swapped([*LABELS, *CURRENT, *VALUES, *VALID], "1949-12-31"))
    assert "birth_date" not in fields
    assert fields["issue_date"] == "1985-08-26"


def test_a_foreigner() -> None:
    items = [*LABELS, *CURRENT, *VALUES, *VALID]
    items = swapped(items, NUMBER, placed("", "USA110080011510", 30, 14.5))
    items = swapped(items, "欧阳娜娜", placed("", "MARY ANN SMITH", 15, 21))
    items = swapped(items, "中国", placed("", "美国", 68, 21))
    fields = values(items)
    assert fields["id_num"] == "USA110080011510"
    assert fields["name"] == "MARY ANN SMITH"
    assert fields["nationality"] == "美国"


@pytest.mark.parametrize("dot", "·•・.")
def test_a_name_with_a_dot(dot: str) -> None:
    items = swapped([*LABELS, *VALUES], "欧阳娜娜", placed("", f"买买提{dot}热合曼", 15, 21))
    assert values(items)["name"] == "买买提·热合曼"


def test_a_name_that_holds_a_sex() -> None:
    items = swapped([*LABELS, *VALUES], "欧阳娜娜", placed("", "胜男", 15, 21))
    fields = values(items)
    assert fields["name"] == "胜男"
    assert fields["sex"] == "女"


@pytest.mark.parametrize("label", ["", "性", "性别"])
def test_a_long_name_that_runs_into_the_sex(label: str) -> None:
    items = [item for item in [*LABELS, *VALUES] if item.text not in {"女", "欧阳娜娜", "性别"}]
    line = placed("", f"艾尼瓦尔·努尔麦麦提{label}女", 15, 21, height=4)
    fields = values([*items, line])
    assert (fields["name"], fields["sex"]) == ("艾尼瓦尔·努尔麦麦提", "女")


def test_sex_and_nationality_in_one_line() -> None:
    items = [item for item in [*LABELS, *VALUES] if item.text not in {"女", "中国"}]
    fields = values([*items, placed("", "女国箱中国", 51, 21)])
    assert fields["sex"] == "女"
    assert fields["nationality"] == "中国"


def test_a_number_off_by_one_digit_is_repaired_only_where_the_reader_doubted() -> None:
    misread = NUMBER.replace("105", "165", 1)
    item = placed("", misread, 26, 14.5)
    sure = swapped([*LABELS, *VALUES], NUMBER, item)
    assert values(sure)["id_num"] == misread
    doubtful = tuple(0.4 if index == 4 else 0.99 for index in range(18))
    unsure = replace(item, segment=replace(item.segment, probabilities=doubtful))
    assert values(swapped([*LABELS, *VALUES], NUMBER, unsure))["id_num"] == NUMBER


def test_an_empty_card_has_no_fields() -> None:
    assert read_fields([]) == {}
    assert read_fields(LABELS) == {}


def test_a_second_page_beside_is_left_out() -> None:
    by_ten = Registration(matrix=_scale(0.1), anchors=frozenset())
    on = segment("", "张三", rectangle(150, 190, 250, 230))
    beside = segment("", "李四", rectangle(1050, 190, 1150, 230))
    below = segment("", "王五", rectangle(150, 790, 250, 830))
    assert [item.text for item in place_segments([on, beside, below], by_ten)] == ["张三"]


def _scale(factor: float) -> Matrix:
    return np.diag([factor, factor, 1.0])


ROWS = {"birth": 38.0, "issue": 44.0, "valid": 57.0}


def test_the_number_helps_to_tell_dates_apart_but_gives_none() -> None:
    tokens = date_tokens([placed("", "1949-12-31", 47, 41.0)])
    assert set(order_dates(tokens, ROWS, "1949-12-31")) == {"birth_date"}
    assert order_dates([], ROWS, "1949-12-31") == {}


def test_many_dates_end_in_time_and_the_nearest_win() -> None:
    strays = [placed("", f"20{year:02d}-01-01", 60, 38 + year / 3) for year in range(60)]
    found = order_dates(date_tokens([*VALUES, *VALID, *strays]), ROWS, "1949-12-31")
    assert found["birth_date"][1] == "1949-12-31"


def test_an_address_with_a_hole_is_not_believed() -> None:
    """Under a glare both ends of a line are legible, and what is between them is lost."""
    whole = [placed("", "南京市玄武区", 15, 27), placed("", "人民路22号", 37, 27)]
    torn = [placed("", "南京市玄武区", 15, 27), placed("", "22号", 50, 27)]
    for items, believed in ((whole, True), (torn, False)):
        rest = [item for item in VALUES if item.y not in (27, 32)]
        address = read_fields([*LABELS, *CURRENT, *rest, *VALID, *items])["address"]
        assert address.value == "".join(item.text for item in items)
        assert (address.weakest > 0.9) == believed


def address_of(*items: Placed) -> Candidate:
    rest = [item for item in VALUES if item.y not in (27, 32)]
    return read_fields([*LABELS, *CURRENT, *rest, *VALID, *items])["address"]


def test_an_address_that_begins_late_is_not_believed() -> None:
    """Its begin may have been lost under a glare: a label's value is right behind it."""
    assert address_of(placed("", "人民路22号", 16, 27)).weakest > 0.9
    assert address_of(placed("", "人民路22号", 26, 27)).weakest < 0.9


def test_a_misread_translation_beside_the_address_does_not_take_its_line_away() -> None:
    lines = placed("", "江西省于都县临江镇", 18.5, 26), placed("", "自然村69号", 18.5, 31)
    found = address_of(placed("", "Addres", 12, 27), *lines)
    assert found.value == "江西省于都县临江镇自然村69号"


def test_an_address_printed_two_millimetres_high_keeps_its_first_line() -> None:
    lines = placed("", "江西省于都县临江镇", 15, 24.9), placed("", "自然村69号", 15, 29.4)
    assert address_of(*lines).value == "江西省于都县临江镇自然村69号"


def test_a_misread_label_is_no_nationality() -> None:
    labels = [item for item in LABELS if item.segment.label != "nationality"]
    rest = [item for item in VALUES if item.text != "中国"]
    left = placed("", "园籍", 59, 20.5, height=3.5)
    items = [*labels, *CURRENT, *rest, *VALID, left, placed("", "中国", 71, 20.5)]
    assert values(items)["nationality"] == "中国"


def test_a_name_in_pieces_right_behind_its_label_stays_whole() -> None:
    rest = [item for item in VALUES if item.text != "欧阳娜娜"]
    pieces = [placed("", letter, 11.5 + 5.5 * place, 20.5) for place, letter in enumerate("王小明")]
    assert values([*LABELS, *CURRENT, *rest, *VALID, *pieces])["name"] == "王小明"


def test_a_long_name_is_no_line_of_the_address() -> None:
    rest = [item for item in VALUES if item.text not in {"欧阳娜娜", "女", "中国"}]
    name = placed("", "阿卜杜热合曼·买买提", 15, 22.6)
    found = values([*LABELS, *CURRENT, *rest, *VALID, name])
    assert found["address"] == EXPECTED["address"]


def test_what_lies_far_behind_the_nationality_is_none_of_it() -> None:
    stray = placed("", "产就", 84, 21)
    assert values([*LABELS, *CURRENT, *VALUES, *VALID, stray])["nationality"] == "中国"
    near = placed("", "香港", 68 + 8.5, 21)
    assert values([*LABELS, *CURRENT, *VALUES, *VALID, near])["nationality"] == "中国香港"


def test_a_mark_in_the_number_does_not_shift_its_doubtful_digits() -> None:
    """The mark is dropped; the last digit is doubtful, and one past the end there is none."""
    read = segment("", "1101051949123-1002X", rectangle(26, 12, 70, 17))
    unsure = replace(read, probabilities=(*read.probabilities[:-1], 0.4))
    item = Placed(unsure, 26, 70, 14.5, 4.5)
    assert read_fields([*LABELS, item])["id_num"].value == NUMBER
    wrong = replace(unsure, text="1101051949123-10020")
    found = read_fields([*LABELS, replace(item, segment=wrong)])["id_num"].value
    assert found == "110105194912310020"


def test_a_long_name_without_a_dot_is_doubtful_and_a_shorter_one_with_a_gap() -> None:
    name = segment("", "阿不力克木", rectangle(15, 18, 32, 23))
    item = Placed(name, 15, 32, 20.5, 4.5)
    assert read_fields([*LABELS, item])["name"].weakest > 0.9
    middles = [0, 1, 3, 4, 5]  # room for one between the second and the third
    apart = replace(name, places=tuple((middle + 0.5) / 6 for middle in middles))
    assert read_fields([*LABELS, replace(item, segment=apart)])["name"].weakest < 0.9
    longer = Placed(segment("", "阿不力克木江", rectangle(15, 18, 35, 23)), 15, 35, 20.5, 4.5)
    assert read_fields([*LABELS, longer])["name"].weakest < 0.9


@pytest.mark.parametrize(
    ("places", "sure"),
    [
        ((0.16, 0.5, 0.84), True),
        ((0.15, 0.48, 0.8), True),
        ((0.12, 0.37, 0.62), False),  # room for one behind the third
        ((0.38, 0.63, 0.88), False),  # or before the first
    ],
)
def test_a_name_with_room_at_an_end_may_lack_a_character(
    places: tuple[float, ...], sure: bool
) -> None:
    name = replace(segment("", "司徒菲", rectangle(15, 18, 25, 23)), places=places)
    found = read_fields([*LABELS, Placed(name, 15, 25, 20.5, 4.5)])["name"]
    assert (found.weakest > 0.9) is sure
