"""Counting what was read well, field by field."""

from __future__ import annotations

from pathlib import Path

import pytest

from openapi_shim.cli.scores import Scores, distance
from openapi_shim.ocr import FIELD_NAMES, Field, Reading

TRUTH = dict.fromkeys(FIELD_NAMES, "甲")
FILE = Path("a.jpg")


def reading(**changed: Field) -> Reading:
    fields = {name: Field("甲", 0.99) for name in FIELD_NAMES} | changed
    return Reading(fields, 100, 60)


def test_exact_values_and_whole_photos() -> None:
    scores = Scores()
    scores.add(FILE, TRUTH, reading(), 100.0)
    scores.add(FILE, TRUTH, reading(name=Field("乙", 0.8), sex=Field()), 300.0)
    found = scores.summary()
    assert found["photos"] == 2
    assert found["fields"]["name"] == {"photos": 2, "exact": 1}
    assert found["fields_exact_percent"] == pytest.approx(100 * 20 / 22, abs=0.1)
    assert found["all_eleven"] == {"photos": 2, "exact": 1}
    assert found["milliseconds"]["median"] == 200
    assert [(miss.name, miss.kind, miss.off) for miss in scores.misses] == [
        ("name", "wrong", 1),
        ("sex", "empty", 1),
    ]


def test_a_truth_of_some_fields_counts_those_alone() -> None:
    scores = Scores()
    scores.add(FILE, {"name": "甲", "address": ""}, reading(), 1.0)
    found = scores.summary()
    assert set(found["fields"]) == {"name", "address"}
    assert found["all_eleven"] == {"photos": 0, "exact": 0}
    assert [(miss.name, miss.kind) for miss in scores.misses] == [("address", "invented")]


def test_a_refused_photo_counts_as_nothing_read() -> None:
    scores = Scores()
    scores.add(FILE, TRUTH, "No text was found", 5.0)
    assert scores.summary()["fields_exact_percent"] == 0
    assert scores.refused == [(FILE, "No text was found")]
    assert scores.misses == []
    assert scores.whole == 0


def test_confidence_is_counted_in_bins() -> None:
    scores = Scores()
    changed = {"name": Field("乙", 0.95), "sex": Field("甲", 0.5), "address": Field("甲", 1.0)}
    scores.add(FILE, TRUTH, reading(**changed), 1.0)
    bins = {low: (values, exact) for low, _, values, exact in scores.calibration()}
    assert bins == {0.0: (1, 1), 0.7: (0, 0), 0.9: (0, 0), 0.95: (10, 9)}


def test_nothing_of_a_licence_is_in_a_summary_or_a_repr() -> None:
    scores = Scores()
    scores.add(FILE, TRUTH, reading(name=Field("乙", 0.8)), 1.0)
    assert not set("甲乙") & set(repr(scores.misses) + str(scores.summary()))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("", "", 0), ("甲", "", 1), ("kitten", "sitting", 3), ("甲乙丙", "甲丙", 1), ("ab", "ba", 2)],
)
def test_distance(one: str, other: str, apart: int) -> None:
    assert distance(one, other) == distance(other, one) == apart
