"""What a reading tells beyond the eleven fields, on real pictures.

How often each warning is right is measured by bench/warnings.py; here one picture of each shows
that it works at all.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from openapi_shim.ocr import EXTRA_NAMES, Recognizer
from openapi_shim.specimens.electronic import make_electronic
from openapi_shim.specimens.faults import make_faulty

SPECIMENS = Path(__file__).parents[2] / "data" / "specimens"
TRUTH: dict[str, dict[str, Any]] = {
    line["file"]: line
    for line in map(json.loads, (SPECIMENS / "truth.jsonl").read_text("utf-8").splitlines())
}
TODAY = date(2014, 1, 1)
CLOCK = [TODAY]


SEEDS = {
    "photocopy": 50_000,
    "screen": 50_004,
    "glare": 50_000,
    "blur": 50_003,
    "cut off": 50_000,
    "several": 50_007,
}


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer(threads=2, today=lambda: CLOCK[0])


def test_a_second_page_in_the_picture_and_the_cards_own_image(recognizer: Recognizer) -> None:
    name = "older_with_second_page.jpg"
    data = (SPECIMENS / name).read_bytes()
    reading = recognizer.read(data, details=True)
    truth = TRUTH[name]["truth"]
    assert reading.values() == truth
    plain = recognizer.read(data)
    assert (plain.details, plain.fields) == (None, reading.fields)
    details = reading.details
    assert details is not None
    assert details.kind == "card"
    extras = {name: item.value for name, item in details.extras.items()}
    assert extras["second_page_id_num"] == truth["id_num"]
    assert extras["second_page_name"] == truth["name"]
    assert extras["archive_number"].isdigit()
    assert truth["valid_to"][:4] in extras["record"]
    assert set(extras) <= set(EXTRA_NAMES)
    assert [one.name for one in details.warnings] == []
    assert {check.holds for check in details.checks} == {True}
    assert not any(value in repr(reading) for value in [*truth.values(), *extras.values()])
    told = json.dumps(details.to_dict())
    assert json.loads(told)["extras"] == extras
    read_again = recognizer.read(details.card_image(), details=True)
    assert read_again.values() == truth
    assert read_again.details is not None
    assert [one.name for one in read_again.details.warnings] == ["second_page_missing"]


def test_the_cards_corners_are_where_the_card_is(recognizer: Recognizer) -> None:
    data = (SPECIMENS / "current_normal.jpg").read_bytes()
    reading = recognizer.read(data, details=True)
    assert reading.details is not None
    assert reading.details.corners is not None
    around = np.array(reading.details.corners, np.float32)
    assert cv2.contourArea(around) > 0.2 * reading.width * reading.height
    for _, item in reading:
        assert item.quad is not None
        for point in item.quad:
            assert cv2.pointPolygonTest(around, point, measureDist=True) > -12


def test_a_term_that_is_over_depends_on_the_day(recognizer: Recognizer) -> None:
    data = (SPECIMENS / "older_rot90.jpg").read_bytes()
    CLOCK[0] = date(2199, 1, 1)
    try:
        details = recognizer.read(data, details=True).details
    finally:
        CLOCK[0] = TODAY
    assert details is not None
    assert "expired" in [one.name for one in details.warnings]


@pytest.mark.fonts
@pytest.mark.parametrize(
    ("fault", "warning"),
    [
        ("photocopy", "copy"),
        ("screen", "screen"),
        ("glare", "glare"),
        ("blur", "blur"),
        ("cut off", "border_incomplete"),
        ("several", "several_cards"),
    ],
)
def test_a_fault_gets_its_warning(recognizer: Recognizer, fault: str, warning: str) -> None:
    specimen = make_faulty(SEEDS[fault], fault)
    reading = recognizer.read(specimen.image, details=True)
    assert reading.details is not None
    found = [one.name for one in reading.details.warnings]
    assert warning in found
    assert set(found) <= {warning, "second_page_missing", "expired"}
    if fault == "several":  # the larger card is the one that is read
        assert reading.values()["id_num"] == specimen.truth["id_num"]


@pytest.mark.fonts
def test_an_electronic_licence(recognizer: Recognizer) -> None:
    for seed in (1, 2):  # values right of their labels, and below them
        made = make_electronic(seed)
        reading = recognizer.read(made.image, details=True)
        assert reading.values() == made.truth
        assert reading.details is not None
        assert reading.details.kind == "electronic"
        extras = {name: item.value for name, item in reading.details.extras.items()}
        assert extras == made.extras
        assert reading.details.card_image() == b""
        assert "second_page_missing" not in [one.name for one in reading.details.warnings]
