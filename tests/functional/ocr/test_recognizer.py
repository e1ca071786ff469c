"""The whole recognizer, with its weights, on photos that are part of the repository."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from openapi_shim.errors import ImageError, LicenseNotFoundError
from openapi_shim.ocr import FIELD_NAMES, Reading, Recognizer, first_look, sessions
from openapi_shim.ocr.locate import locate
from openapi_shim.ocr.on_card import read_in_photo
from openapi_shim.ocr.passes import Pass, read_picture
from openapi_shim.ocr.sessions import Sessions, open_sessions

SPECIMENS = Path(__file__).parents[2] / "data" / "specimens"
TRUTH: list[dict[str, Any]] = [
    json.loads(line) for line in (SPECIMENS / "truth.jsonl").read_text("utf-8").splitlines()
]


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    made = Recognizer(threads=2)
    made.load()
    made.load()  # the second time does nothing
    return made


@pytest.mark.parametrize("specimen", TRUTH, ids=lambda specimen: str(specimen["file"]))
def test_all_eleven_fields_are_exact(recognizer: Recognizer, specimen: dict[str, Any]) -> None:
    data = (SPECIMENS / specimen["file"]).read_bytes()
    reading = recognizer.read(data)
    assert reading.values() == specimen["truth"]
    assert tuple(reading.fields) == FIELD_NAMES
    for _, item in reading:
        assert 0 < item.confidence < 1
        assert item.quad is not None
        for x, y in item.quad:
            assert -20 < x < reading.width + 20
            assert -20 < y < reading.height + 20
    assert not any(value in repr(reading) for value in reading.values().values())


@pytest.mark.parametrize(
    ("name", "details", "searches"),
    [
        ("older_with_second_page.jpg", False, 0),  # the card shows it all
        ("older_with_second_page.jpg", True, 1),  # the second page lies beside it
        ("blank", False, 4),  # turned, too, and larger
    ],
)
def test_the_whole_photo_is_searched_only_where_the_card_does_not_do(
    recognizer: Recognizer,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    details: bool,
    searches: int,
) -> None:
    made = []

    def counted(*args: Any, **kwargs: Any) -> Pass:
        made.append(args[2])
        return read_picture(*args, **kwargs)

    monkeypatch.setattr(first_look, "read_picture", counted)
    blank = cv2.imencode(".png", np.full((600, 800, 3), 200, np.uint8))[1].tobytes()
    data = blank if name == "blank" else (SPECIMENS / name).read_bytes()
    with suppress(LicenseNotFoundError):
        recognizer.read(data, details=details)
    assert len(made) == searches


@pytest.mark.parametrize(("off", "looks"), [(0.0, 1), (14.0, 2)])
def test_a_card_that_the_locator_sees_elsewhere_is_read_once_more(
    recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch, off: float, looks: int
) -> None:
    specimen = next(one for one in TRUTH if one["file"] == "current_normal.jpg")
    made = []

    def mistaken(*args: Any) -> Any:
        place = locate(*args)
        assert place is not None
        return np.array([[1, 0, 0], [0, 1, off], [0, 0, 1.0]]) @ place

    def counted(*args: Any) -> Pass:
        made.append(args)
        return read_in_photo(*args)

    monkeypatch.setattr(first_look, "locate", mistaken)
    monkeypatch.setattr(first_look, "read_in_photo", counted)
    data = (SPECIMENS / specimen["file"]).read_bytes()
    assert recognizer.read(data).values() == specimen["truth"]
    assert len(made) == looks


def test_two_threads_read_the_same_as_one(recognizer: Recognizer) -> None:
    photos = [(SPECIMENS / specimen["file"]).read_bytes() for specimen in TRUTH[:2]]
    alone = [recognizer.read(photo) for photo in photos]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(recognizer.read, photos * 2))
    assert together == alone * 2


def test_loading_from_many_threads_loads_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []

    def counted(threads: int) -> tuple[Sessions, Sessions]:
        opened.append(threads)
        return open_sessions(threads)

    monkeypatch.setattr("openapi_shim.ocr.recognizer.open_sessions", counted)
    fresh = Recognizer(threads=1)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: fresh.load(), range(4)))
    assert opened == [1]


def test_models_that_few_photos_need_are_opened_when_they_are_first_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = []

    def counted(content: bytes, threads: int) -> object:
        opened.append(threads)
        return open_session(content, threads)

    open_session = sessions._session
    monkeypatch.setattr(sessions, "_session", counted)
    shipped, _ = open_sessions(1)
    assert len(opened) == 4  # detection, locating, and both readers
    line = np.zeros((1, 3, 48, 192), np.float32)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(shipped.direction, [line] * 4))
    assert len(opened) == 5
    assert all(answer.shape == (1, 2) for answer in answers)


def test_without_time_the_first_look_is_the_answer(recognizer: Recognizer) -> None:
    specimen = TRUTH[0]
    data = (SPECIMENS / specimen["file"]).read_bytes()
    hurried = Recognizer(threads=2, budget=1e-6).read(data)
    assert hurried.values()["id_num"] == specimen["truth"]["id_num"]
    number = recognizer.read(data).fields["id_num"]
    assert hurried.fields["id_num"].confidence == number.confidence
    assert np.asarray(hurried.fields["id_num"].quad) == pytest.approx(np.asarray(number.quad))
    assert hurried.fields["name"].confidence < recognizer.read(data).fields["name"].confidence


def test_the_quads_stand_where_the_text_is(recognizer: Recognizer) -> None:
    """Painting over one value's place takes that value away and leaves the others."""
    specimen = next(one for one in TRUTH if one["rotation"] == 0)
    data = (SPECIMENS / specimen["file"]).read_bytes()
    quad = recognizer.read(data).fields["name"].quad
    assert quad is not None
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    corners = np.rint(np.array(quad)).astype(np.int32)
    ground = pixels[corners[0][1] - 4, corners[0][0]].tolist()
    cv2.fillConvexPoly(pixels, corners, ground)
    _, covered = cv2.imencode(".png", pixels)
    values = recognizer.read(bytes(covered)).values()
    assert values["name"] == ""
    assert values["id_num"] == specimen["truth"]["id_num"]
    assert values["address"] == specimen["truth"]["address"]


def picture(pixels: np.ndarray[Any, Any]) -> bytes:
    _, data = cv2.imencode(".png", pixels)
    return bytes(data)


def test_a_picture_without_text(recognizer: Recognizer) -> None:
    with pytest.raises(LicenseNotFoundError, match="No text"):
        recognizer.read(picture(np.full((400, 600, 3), 200, np.uint8)))


def test_a_picture_with_other_text(recognizer: Recognizer) -> None:
    page = np.full((500, 800, 3), 255, np.uint8)
    for row, words in enumerate(("INVOICE 2024-11", "Total amount 42", "Thank you for it")):
        cv2.putText(page, words, (40, 100 + 120 * row), cv2.FONT_HERSHEY_SIMPLEX, 2, (0, 0, 0), 4)
    with pytest.raises(LicenseNotFoundError, match="lines of text, but") as caught:
        recognizer.read(picture(page))
    assert "INVOICE" not in str(caught.value)


def test_noise_is_no_licence(recognizer: Recognizer) -> None:
    noise = np.random.default_rng(5).integers(0, 255, (600, 800, 3)).astype(np.uint8)
    with pytest.raises(LicenseNotFoundError):
        recognizer.read(picture(noise))


def test_bytes_that_are_no_image(recognizer: Recognizer) -> None:
    with pytest.raises(ImageError):
        recognizer.read(b"no image")


FLOORS = {  # of 16 photos, at least this many exact
    "id_num": 16,
    "name": 14,
    "sex": 15,
    "nationality": 15,
    "address": 14,
    "birth_date": 15,
    "issue_date": 15,
    "car_class": 15,
    "valid_from": 15,
    "valid_to": 15,
    "official_seal": 14,
}


@pytest.mark.fonts
def test_a_floor_per_field(recognizer: Recognizer) -> None:
    from openapi_shim.specimens import make_specimen

    hits = dict.fromkeys(FIELD_NAMES, 0)
    for index in range(16):
        specimen = make_specimen(
            77_000 + index,
            grade="clean" if index % 2 else "normal",
            layout="older" if index % 3 == 2 else "current",
            rotation=(0, 90, 180, 270)[index // 2 % 4],
        )
        values: Reading = recognizer.read(specimen.image)
        for name, value in values.values().items():
            hits[name] += value == specimen.truth[name]
    below = {name: count for name, count in hits.items() if count < FLOORS[name]}
    assert below == {}


POOR_FLOORS = {  # of 8 photos, at least this many exact
    "hard": dict.fromkeys(FIELD_NAMES, 7) | {"name": 6},
    "extreme": dict.fromkeys(FIELD_NAMES, 4) | {"name": 2, "address": 3, "official_seal": 3},
}


@pytest.mark.fonts
@pytest.mark.parametrize("grade", POOR_FLOORS)
def test_a_floor_per_field_of_poor_photos(recognizer: Recognizer, grade: str) -> None:
    from openapi_shim.specimens import make_specimen

    hits = dict.fromkeys(FIELD_NAMES, 0)
    for index in range(8):
        specimen = make_specimen(
            78_000 + index,
            grade=grade,
            layout="older" if index % 3 == 2 else "current",
            rotation=(0, 90, 180, 270)[index // 2 % 4],
            shifted=index % 2 == 1,
        )
        with suppress(LicenseNotFoundError):
            for name, value in recognizer.read(specimen.image).values().items():
                hits[name] += value == specimen.truth[name]
    below = {name: hits[name] for name, least in POOR_FLOORS[grade].items() if hits[name] < least}
    assert below == {}
