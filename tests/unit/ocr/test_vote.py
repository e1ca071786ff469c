"""Doubts, votes and confidence."""

from __future__ import annotations

from openapi_shim.ocr.vote import doubtful, final_confidence, merge, plausibility
from tests.unit.ocr.made import candidate

NUMBER = "11010519491231002X"


def test_what_is_missing_or_unsure_or_implausible_is_doubtful() -> None:
    fields = {
        "id_num": candidate(NUMBER),
        "name": candidate("张三", weakest=0.4),
        "sex": candidate("男"),
        "birth_date": candidate("1949-12-31"),
    }
    assert doubtful(fields, ["id_num", "name", "sex", "birth_date", "address"]) == [
        "name",
        "sex",
        "address",
    ]


def test_checks_look_at_the_other_fields() -> None:
    fields = {
        "id_num": candidate("H1234567"),
        "nationality": candidate("美国"),
        "issue_date": candidate("1948-01-01"),
        "birth_date": candidate("1949-12-31"),
        "valid_from": candidate("2010-01-01"),
        "valid_to": candidate("2016-01-01"),
        "address": candidate("东省深圳市宝安区建设大道507号"),
    }
    assert plausibility("id_num", fields) == 1
    assert plausibility("issue_date", fields) < 1
    assert plausibility("valid_to", fields) == 1
    assert plausibility("address", fields) < 1
    assert plausibility("valid_to", fields | {"valid_to": candidate("2017-01-01")}) < 1
    assert plausibility("valid_to", fields | {"valid_to": candidate("长期")}) == 1
    assert plausibility("id_num", fields | {"nationality": candidate("中国")}) < 1


def test_agreement_outvotes_one_surer_reader() -> None:
    looks = [
        {"name": candidate("张三", 0.9, 0.8)},
        {"name": candidate("张兰", 0.99, 0.98)},
        {"name": candidate("张三", 0.88, 0.8)},
    ]
    merged, agreed = merge(looks, ["name"])
    assert merged["name"].value == "张三"
    assert agreed == {"name"}


def test_an_address_with_both_lines_wins_over_a_surer_one_of_them() -> None:
    whole = candidate("湖南省株洲市天元区大王镇赵集村委会下塘自然村51号", 0.8, 0.4)
    for part in ("会下城自然村51号", "湖南省株洲市天元区大王镇赵集村"):
        looks = [{"address": whole}, {"address": candidate(part, 0.95, 0.8)}]
        assert merge(looks, ["address"])[0]["address"] == whole


def test_another_address_or_noise_behind_it_is_no_line_of_it() -> None:
    village = candidate("会下塘自然村51号", 0.99, 0.9)
    for other in ("湖北省武汉市江岸区中山路98号", "会下塘自然村51号的"):
        looks = [{"address": village}, {"address": candidate(other, 0.95, 0.8)}]
        assert merge(looks, ["address"])[0]["address"] == village


def test_a_line_taken_over_is_no_second_opinion() -> None:
    look = {"name": candidate("张三", 0.9, 0.8)}
    _, agreed = merge([look, look], ["name"])
    assert agreed == set()


def test_a_look_at_one_row_is_checked_against_the_first_look() -> None:
    first = {"id_num": candidate("RU510000", 0.8, 0.5), "nationality": candidate("俄罗斯")}
    merged, _ = merge([first, {"id_num": candidate("RUS10000", 0.9, 0.7)}], ["id_num"])
    assert merged["id_num"].value == "RUS10000"
    first = {"id_num": candidate(NUMBER), "birth_date": candidate("1949-12-31", 0.9, 0.6)}
    merged, _ = merge([first, {"birth_date": candidate("1949-12-21", 0.9, 0.7)}], ["birth_date"])
    assert merged["birth_date"].value == "1949-12-31"


def test_a_checksum_beats_confidence() -> None:
    wrong = NUMBER.replace("105", "165", 1)
    looks = [{"id_num": candidate(wrong, 0.99, 0.98)}, {"id_num": candidate(NUMBER, 0.9, 0.7)}]
    merged, agreed = merge(looks, ["id_num"])
    assert merged["id_num"].value == NUMBER
    assert agreed == set()


def test_nothing_comes_of_nothing() -> None:
    assert merge([{}, {}], ["name"]) == ({}, set())


def test_confidence_rises_with_agreement_and_falls_with_a_failed_check() -> None:
    fields = {"id_num": candidate(NUMBER), "sex": candidate("男", 0.95, 0.9)}
    alone = final_confidence("sex", fields, agreed=False)
    assert 0 < alone < 0.6  # the number says 女
    right = {"id_num": candidate(NUMBER), "sex": candidate("女", 0.95, 0.9)}
    assert alone < final_confidence("sex", right, agreed=False)
    assert final_confidence("sex", right, agreed=False) < final_confidence(
        "sex", right, agreed=True
    )
    assert final_confidence("sex", right, agreed=True) < 1


def test_words_of_a_poor_photo_are_not_sure_for_being_read_twice() -> None:
    fields = {"name": candidate("张三", 0.99, 0.95)}
    assert final_confidence("name", fields, agreed=True) > 0.9
    assert final_confidence("name", fields, agreed=True, poor=True) < 0.9
    fields = {"name": candidate("张三", 0.97, 0.85)}
    assert final_confidence("name", fields, agreed=True) < 0.9


def test_a_poor_photo_s_date_is_believed_if_another_field_speaks_for_it() -> None:
    fields = {
        "issue_date": candidate("2006-05-07", 0.99, 0.99),
        "valid_from": candidate("2012-05-07", 0.99, 0.99),
    }
    assert final_confidence("issue_date", fields, agreed=True, poor=True) > 0.9
    del fields["valid_from"]
    assert final_confidence("issue_date", fields, agreed=True, poor=True) < 0.9
    assert final_confidence("issue_date", fields, agreed=True) > 0.9
