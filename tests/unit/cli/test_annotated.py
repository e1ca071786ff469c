"""Drawing what was read, on pictures made by hand."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from openapi_shim.cli import annotated
from openapi_shim.cli.annotated import annotate
from openapi_shim.cli.contact_sheet import draw_sheet
from openapi_shim.cli.scores import Miss
from openapi_shim.ocr import FIELD_NAMES, Caution, Check, Details, Field, Quad, Reading

WIDTH, HEIGHT = 1200, 800
UPRIGHT: Quad = ((300, 200), (700, 200), (700, 260), (300, 260))


def blank(width: int = WIDTH, height: int = HEIGHT) -> bytes:
    _, data = cv2.imencode(".png", np.full((height, width, 3), 200, np.uint8))
    return bytes(data)


def reading(quad: Quad, confidence: float = 0.99, **more: Any) -> Reading:
    fields = {name: Field() for name in FIELD_NAMES}
    fields["name"] = Field("张三", confidence, quad, "张三")
    return Reading(fields, WIDTH, HEIGHT, **more)


def drawn(data: bytes) -> np.ndarray[Any, Any]:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return np.asarray(pixels, np.int16)


def coloured(pixels: np.ndarray[Any, Any]) -> tuple[float, float]:
    """The middle of what is strongly coloured: x and y."""
    spread = pixels.max(axis=2) - pixels.min(axis=2)
    y, x = np.nonzero(spread > 60)
    return float(np.median(x)), float(np.median(y))


@pytest.mark.fonts
def test_a_box_stands_where_the_value_does() -> None:
    pixels = drawn(annotate(blank(), reading(UPRIGHT)))
    assert pixels.shape[0] >= HEIGHT
    assert pixels.shape[1] > WIDTH  # the panel
    x, y = coloured(pixels[:, :WIDTH])
    assert 280 < x < 720
    assert 150 < y < 320


@pytest.mark.fonts
@pytest.mark.parametrize(
    ("confidence", "channel"),
    [(0.95, 1), (0.5, 2)],  # green, red
)
def test_its_colour_tells_the_confidence(confidence: float, channel: int) -> None:
    pixels = drawn(annotate(blank(), reading(UPRIGHT, confidence)))
    edge = pixels[195:206, 400]
    row = edge[np.argmax(edge.max(axis=1) - edge.min(axis=1))]
    assert int(np.argmax(row)) == channel


def test_a_turned_card_is_drawn_upright(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotated, "faces", tuple)  # no font: no panel
    clockwise: Quad = ((900, 100), (900, 500), (840, 500), (840, 100))  # text runs down
    pixels = drawn(annotate(blank(), reading(clockwise)))
    assert pixels.shape[:2] == (WIDTH, HEIGHT)
    x, y = coloured(pixels)
    assert 80 < x < 520
    assert 280 < y < 400


def test_without_a_font_boxes_bear_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotated, "faces", tuple)
    annotated.chinese_font.cache_clear()
    try:
        pixels = drawn(annotate(blank(), reading(UPRIGHT)))
    finally:
        annotated.chinese_font.cache_clear()
    assert pixels.shape[:2] == (HEIGHT, WIDTH)
    assert 280 < coloured(pixels)[0] < 720


@pytest.mark.fonts
def test_details_make_the_panel_longer() -> None:
    details = Details(
        "card",
        None,
        {"record": Field("请于2030年12月05日前九十日内申请换领新驾驶证。" * 8, 0.9)},
        (Caution("glare", "light is reflected on the card"),) * 8,
        (Check("term", None, "six or ten years"),) * 8,
    )
    plain = drawn(annotate(blank(), reading(UPRIGHT)))
    longer = drawn(annotate(blank(), reading(UPRIGHT, details=details)))
    assert longer.shape[0] > plain.shape[0]


@pytest.mark.fonts
def test_a_sheet_has_a_row_for_each_miss(tmp_path: Any) -> None:
    file = tmp_path / "photo.png"
    file.write_bytes(blank())
    misses = [
        Miss(file, "name", "张三", Field("张二", 0.6, UPRIGHT), 1),
        Miss(file, "address", "某省某市", Field(), 4),
    ]
    one, two = drawn(draw_sheet(misses[:1])), drawn(draw_sheet(misses))
    assert two.shape[0] == 2 * one.shape[0]
    assert drawn(draw_sheet([])).shape[0] == one.shape[0]
