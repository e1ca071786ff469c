"""Parts of the drawing: fonts, seal rows, address lines, the camera's geometry."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from openapi_shim.specimens import FontsMissingError, card, fonts
from openapi_shim.specimens.camera import View, resolution, sheet_to_picture
from openapi_shim.specimens.card import WIDTH, address_lines, draw_card
from openapi_shim.specimens.chance import stream, weighted
from openapi_shim.specimens.ink import Plate
from openapi_shim.specimens.licenses import LAYOUTS, invent_license
from openapi_shim.specimens.pixels import Light
from openapi_shim.specimens.seal import draw_seal, seal_rows


def test_streams_are_repeatable_and_apart() -> None:
    assert stream(3, "paper").random() == stream(3, "paper").random()
    assert stream(3, "paper").random() != stream(3, "light").random()
    assert stream(4, "paper").random() != stream(3, "paper").random()


def test_weighted_follows_the_weights() -> None:
    rng = stream(0, "test")
    drawn = [weighted(rng, [("a", 3.0), ("b", 1.0), ("never", 0.0)]) for _ in range(400)]
    assert "never" not in drawn
    assert 250 < drawn.count("a") < 350


@pytest.mark.parametrize(
    ("text", "rows", "expected"),
    [
        ("上海市公安局交通警察总队", 3, ["上海市公", "安局交通", "警察总队"]),
        (
            "广东省东莞市公安局交通警察支队",
            4,
            ["广东省东", "莞市公安", "局交通警", "察支队"],
        ),
    ],
)
def test_seal_rows_are_nearly_equal(text: str, rows: int, expected: list[str]) -> None:
    assert seal_rows(text, rows) == expected


def test_address_breaks_only_when_too_wide() -> None:
    text = "广东省东莞市人民路18号阳光花园3栋1单元1203室"
    assert address_lines(text, 200, 3.2) == [text]
    lines = address_lines(text, 50, 3.2)
    assert len(lines) == 2
    assert "".join(lines) == text


@pytest.mark.parametrize("tilt", [0.0, 12.0, 30.0])
def test_camera_keeps_the_sheet_in_the_picture(tilt: float) -> None:
    view = View(1600, 1200, tilt, 40.0, 8.0, 0.8, (0.9, -0.9))
    homography = sheet_to_picture(view, 88, 60)
    corners = homography @ np.array([[0, 0, 1], [88, 0, 1], [88, 60, 1], [0, 60, 1]], float).T
    spots = corners[:2] / corners[2]
    assert spots.min() >= 0
    assert spots[0].max() <= 1600
    assert spots[1].max() <= 1200
    filled = max(np.ptp(spots[0]) / 1600, np.ptp(spots[1]) / 1200)
    assert filled == pytest.approx(0.8, abs=0.02)
    assert 8 < resolution(homography, 44, 30) < 20


def test_no_font_is_told_with_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "faces", tuple)
    assert not fonts.cjk_fonts_available()
    with pytest.raises(FontsMissingError, match="apt-get install fonts-noto-cjk"):
        fonts.choose_face(stream(0, "test"), ("hei",), ["驾驶证"])


@pytest.mark.fonts
def test_a_face_covers_what_it_is_chosen_for() -> None:
    face = fonts.choose_face(stream(0, "test"), ("kai",), ["龑赟翀旻禛鋆竑"])
    assert face.covers("龑 赟")
    assert not face.covers("\U0010fffe")


@pytest.mark.fonts
def test_seal_fills_its_square() -> None:
    mask = draw_seal(stream(0, "test"), "北京市公安局公安交通管理局", 20, 8)
    assert mask.shape == (160, 160)
    assert mask[:2].min() > 0.3
    assert 0.15 < float((mask > 0.5).mean()) < 0.7


@pytest.mark.fonts
@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_text_leaves_the_card(layout: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[float] = []
    print_text = Plate.text

    def blank(_rng: np.random.Generator, width: float, height: float, scale: float) -> Light:
        return np.ones((round(height * scale), round(width * scale), 3), np.float32)

    def text(plate: Plate, at: tuple[float, float], *given: Any, **options: Any) -> float:
        wide = print_text(plate, at, *given, **options)
        ends.append(at[0] + (wide / 2 if options.get("anchor") == "m" else wide))
        return wide

    monkeypatch.setattr(Plate, "text", text)
    monkeypatch.setattr(card, "green_paper", blank)
    monkeypatch.setattr(card, "press", lambda *_given, **_options: None)
    for seed in range(40):
        draw_card(seed, invent_license(seed, layout), 6)
    assert max(ends) < WIDTH
