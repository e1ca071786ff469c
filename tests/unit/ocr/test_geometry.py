"""Boxes, direction, crops, the card's place: no weights."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from openapi_shim.ocr.card import LABEL_PLACES
from openapi_shim.ocr.crops import Corners, Pyramid, corners_along, cut_line
from openapi_shim.ocr.detect import Box, DetectorOptions, boxes_from_map, find_boxes
from openapi_shim.ocr.labels import Segment
from openapi_shim.ocr.orient import text_axis
from openapi_shim.ocr.outline import card_outlines
from openapi_shim.ocr.passes import split_by_height
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM, rectify
from openapi_shim.ocr.register import register, transform
from openapi_shim.ocr.sessions import Floats
from tests.unit.ocr.made import segment, text_of


def painted(angle: float, size: tuple[float, float] = (120, 20)) -> Floats:
    area = np.zeros((320, 320), np.float32)
    corners = cv2.boxPoints(((160.0, 160.0), size, angle))
    cv2.fillPoly(area, [np.rint(corners).astype(np.int32)], (0.9,))
    return area


@pytest.mark.parametrize("angle", [0.0, 20.0, 70.0, 90.0, -45.0])
def test_a_box_is_the_core_grown_back(angle: float) -> None:
    (box,) = boxes_from_map(painted(angle), 2.0, 2.0, DetectorOptions(unclip=1.5))
    grow = 2 * 120 * 20 * 1.5 / (2 * 140)
    assert box.centre == pytest.approx((320, 320), abs=4)
    assert box.length == pytest.approx(2 * (120 + grow), rel=0.06)
    assert box.height == pytest.approx(2 * (20 + grow), rel=0.12)
    apart = abs(np.sin(box.angle - np.deg2rad(angle)))
    assert apart < 0.03
    assert box.score > 0.7


def test_faint_and_small_marks_are_no_boxes() -> None:
    area = painted(0) * 0.4
    assert boxes_from_map(area, 1, 1, DetectorOptions()) == []
    speck = np.zeros((320, 320), np.float32)
    speck[100, 100] = 1
    assert boxes_from_map(speck, 1, 1, DetectorOptions()) == []


def test_boxes_come_back_in_the_photos_pixels_and_are_bounded() -> None:
    def everywhere(tensor: Floats) -> Floats:
        height, width = tensor.shape[2:]
        assert height % 32 == 0
        assert width % 32 == 0
        area = np.zeros((height, width), np.float32)
        area[::16, :] = 0
        for row in range(4, height, 12):
            for column in range(4, width - 20, 40):
                area[row : row + 6, column : column + 24] = 1
        return area[np.newaxis, np.newaxis]

    photo = np.zeros((900, 1800, 3), np.uint8)
    boxes = find_boxes(everywhere, photo, 960)
    assert 100 <= len(boxes) <= 150
    assert max(box.centre[0] for box in boxes) > 1500


@pytest.mark.parametrize("degrees", [-80, -30, 0, 3, 45, 88, 90])
def test_the_axis_is_where_most_text_lies(degrees: float) -> None:
    radians = float(np.deg2rad(degrees))
    lines = [Box((0, 0), 200, 20, radians + jitter, 1) for jitter in (-0.02, 0, 0.02)]
    other = [Box((0, 0), 90, 20, radians + 0.8, 1)]
    dots = [Box((0, 0), 22, 20, radians + 1.3, 1)] * 5
    axis = text_axis(lines + other + dots)
    assert abs(np.sin(axis - radians)) < 0.02


def test_the_axis_without_boxes_is_level() -> None:
    assert text_axis([]) == 0.0


@pytest.mark.parametrize("turn", [0.0, np.pi / 2, np.pi, -np.pi / 2, 0.4, np.pi + 0.4])
def test_corners_begin_where_the_text_begins(turn: float) -> None:
    angle = (turn + np.pi / 2) % np.pi - np.pi / 2
    corners = corners_along(Box((100, 100), 80, 20, angle, 1), turn)
    along = (corners[1] - corners[0]) / 80
    down = (corners[3] - corners[0]) / 20
    np.testing.assert_allclose(along, (np.cos(turn), np.sin(turn)), atol=1e-5)
    np.testing.assert_allclose(down, (-np.sin(turn), np.cos(turn)), atol=1e-5)


def test_a_single_tall_character_is_read_along_the_lines() -> None:
    corners = corners_along(Box((50, 50), 30, 20, float(np.pi / 2), 1), 0.0)
    np.testing.assert_allclose(corners[1] - corners[0], (20, 0), atol=1e-4)


@pytest.mark.parametrize("quarter", range(4))
def test_a_cut_line_is_upright(quarter: int) -> None:
    picture = np.zeros((200, 400, 3), np.uint8)
    picture[80:120, 100:200] = 255  # the line's left half is white
    turned = np.ascontiguousarray(np.rot90(picture, -quarter))
    corners = np.array([[100, 80], [300, 80], [300, 120], [100, 120]], np.float32)
    for _ in range(quarter):  # a quarter turn clockwise, width and height swapped
        height = 200 if _ % 2 == 0 else 400
        corners = np.stack([height - corners[:, 1], corners[:, 0]], axis=1).astype(np.float32)
    line = cut_line(Pyramid(turned), corners)
    assert line.shape == (48, 240, 3)
    assert line[24, 40:100].mean() > 250
    assert line[24, 140:200].mean() < 5


def label_at(key: str, matrix: npt.NDArray[np.float64]) -> Segment:
    place = LABEL_PLACES[key]
    corners = np.array(
        [(place.x, place.y - 1.5), (place.x + 8, place.y - 1.5),
         (place.x + 8, place.y + 1.5), (place.x, place.y + 1.5)]
    )  # fmt: skip
    return segment(key, text_of(key), transform(matrix, corners).astype(np.float32))


TILTED = np.array([[9.0, 1.2, 200.0], [-0.8, 8.4, 300.0], [0.0008, 0.0006, 1.0]])


def lines_on(matrix: npt.NDArray[np.float64]) -> list[Corners]:
    return [
        transform(matrix, [(x, y - 2), (x + 50, y - 2), (x + 50, y + 2), (x, y + 2)]).astype(
            np.float32
        )
        for x, y in ((20, 5), (24, 14), (15, 27), (15, 32), (20, 56))
    ]


def test_a_card_is_found_in_perspective() -> None:
    labels = [label_at(key, TILTED) for key in LABEL_PLACES if key != "start"]
    found = register(labels, lines_on(TILTED), direction=-0.09)
    assert found is not None
    corners = np.array([(0, 0), (88, 0), (88, 60), (0, 60)], float)
    off = found.to_card(transform(TILTED, corners)) - corners
    assert np.abs(off).max() < 3.0
    assert {"id", "name", "birth", "valid"} <= found.anchors


def test_strays_do_not_move_the_card() -> None:
    labels = [label_at(key, TILTED) for key in LABEL_PLACES if key != "start"]
    shifted = TILTED @ np.array([[1, 0, 95], [0, 1, 20], [0, 0, 1.0]])  # a second page
    labels += [label_at(key, shifted) for key in ("id", "name", "title")]
    found = register(labels, lines_on(TILTED), direction=-0.09)
    assert found is not None
    corners = np.array([(0, 0), (88, 0), (88, 60), (0, 60)], float)
    assert np.abs(found.to_card(transform(TILTED, corners)) - corners).max() < 3.0


def test_no_card_without_labels() -> None:
    assert register([], [], 0.0) is None
    one = label_at("name", TILTED)
    assert register([one], lines_on(TILTED), 0.0) is None


def test_rectifying_brings_a_point_to_its_millimetre() -> None:
    photo = np.zeros((1000, 1200, 3), np.uint8)
    labels = [label_at(key, TILTED) for key in LABEL_PLACES if key != "start"]
    found = register(labels, lines_on(TILTED), direction=-0.09)
    assert found is not None
    x, y = found.to_photo([(44.0, 30.0)])[0]
    cv2.circle(photo, (round(x), round(y)), 6, (255, 255, 255), -1)
    card = rectify(Pyramid(photo), found, 0.0)
    spot = np.argwhere(card.pixels[:, :, 0] > 128).mean(axis=0)[::-1]
    np.testing.assert_allclose(spot / PIXELS_PER_MM - MARGIN, (44, 30), atol=0.3)


def test_a_bright_card_on_dark_ground_has_an_outline() -> None:
    photo = np.full((800, 1000, 3), 30, np.uint8)
    corners = np.array([[300, 200], [760, 260], [720, 570], [270, 500]], np.int32)
    cv2.fillPoly(photo, [corners], (170, 200, 170))
    (matrix,) = card_outlines(photo)
    placed = transform(matrix, corners)
    corner_set = {(round(x / 88), round(y / 60)) for x, y in placed}
    assert corner_set == {(0, 0), (1, 0), (1, 1), (0, 1)}
    assert np.linalg.det(matrix[:2, :2]) > 0  # turned perhaps, never mirrored


def test_an_even_ground_has_no_outline() -> None:
    assert card_outlines(np.full((400, 500, 3), 120, np.uint8)) == []


def test_small_print_is_set_aside() -> None:
    def line(length: float, height: float) -> Corners:
        return np.array([(0, 0), (length, 0), (length, height), (0, height)], np.float32)

    values = [line(200, 20), line(300, 21), line(20, 22), line(250, 19)]
    labels, english = [line(60, 14), line(90, 14)], [line(120, 9), line(90, 10)]
    large, small = split_by_height([*values, *english, *labels])
    assert len(large) == 6
    assert [float(quad[2][1]) for quad in small] == [9, 10]
