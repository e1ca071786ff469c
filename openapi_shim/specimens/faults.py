"""Licences photographed in a way that a service warns of: copies, screens, glare, cut edges.

Each is an ordinary specimen with one fault added, so that a warning's hit rate can be measured
on them and its false alarms on the ordinary ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from openapi_shim.specimens import card
from openapi_shim.specimens.camera import Matrix, View
from openapi_shim.specimens.chance import between, chance, pick, stream
from openapi_shim.specimens.exposure import add_glare
from openapi_shim.specimens.grades import GRADES, Grade
from openapi_shim.specimens.ink import cloud
from openapi_shim.specimens.licenses import License, invent_license
from openapi_shim.specimens.pixels import Light, light
from openapi_shim.specimens.scene import photograph_page, photograph_sheet
from openapi_shim.specimens.sheet import draw_sheet, plan_sheet
from openapi_shim.specimens.specimen import Specimen

FAULTS = ("photocopy", "print", "screen", "glare", "blur", "cut off", "several")
"""What can be wrong with a photo; ``several`` is a second, smaller licence beside the first."""

_PAPER = (128.0, 92.0)  # millimetres of the sheet that a copy is on
_PANEL = (140.0, 96.0)  # of the part of a display that is photographed


def make_faulty(seed: int, fault: str, *, grade: str = "normal", rotation: int = 0) -> Specimen:
    """A specimen with one fault. The same arguments give the same bytes.

    Args:
        seed: 0 or greater.
        fault: one of ``FAULTS``.
        grade: how good the photo is otherwise.
        rotation: 0, 90, 180 or 270 degrees, clockwise.

    Raises:
        ValueError: the fault is none of ``FAULTS``.
    """
    if fault not in FAULTS:
        raise ValueError(f"unknown fault {fault!r}: choose one of {', '.join(FAULTS)}")
    layout = "older" if chance(stream(seed, "form"), 0.35) else "current"
    issued = invent_license(seed, layout)
    image = _MAKERS[fault](seed, issued, GRADES[grade], rotation // 90)
    return Specimen(image, issued.truth, seed, grade, layout, rotation)


def _copied(seed: int, issued: License, grade: Grade, quarters: int, *, colour: bool) -> bytes:
    rng = stream(seed, "copy")

    def draw(scale: float) -> Light:
        sheet = np.full((round(_PAPER[1] * scale), round(_PAPER[0] * scale), 3), 0.96, np.float32)
        drawn = card.draw_card(seed, issued, scale)
        drawn = _halftone(rng, drawn, scale) if colour else _toner(rng, drawn)
        left = round((_PAPER[0] - card.WIDTH) / 2 * scale)
        top = round((_PAPER[1] - card.HEIGHT) / 2 * scale)
        sheet[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
        return sheet

    return photograph_page(seed, draw, grade, quarters, _PAPER)


def _toner(rng: np.random.Generator, drawn: Light) -> Light:
    """Grey, with more contrast, and the grain of toner."""
    gray = light(cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY))
    gray = (gray - between(rng, 0.25, 0.4)) * between(rng, 1.5, 2.1)
    grain = rng.standard_normal(gray.shape, dtype=np.float32) * np.float32(0.05)
    return light(np.repeat(np.clip(gray + grain, 0.06, 0.97)[..., None], 3, axis=2))


def _halftone(rng: np.random.Generator, drawn: Light, scale: float) -> Light:
    """A colour printer's: each ink in dots of its own angle."""
    pitch = between(rng, 0.28, 0.42) * scale
    y, x = np.mgrid[0 : drawn.shape[0], 0 : drawn.shape[1]].astype(np.float32)
    printed = np.empty_like(drawn)
    for channel, angle in enumerate((0.26, 1.31, 0.0)):
        u = (x * np.cos(angle) + y * np.sin(angle)) * (2 * np.pi / pitch)
        v = (y * np.cos(angle) - x * np.sin(angle)) * (2 * np.pi / pitch)
        screen = 0.5 + 0.25 * (np.cos(u) + np.cos(v))
        ink = 1 - drawn[..., channel]
        covered = 1 / (1 + np.exp(-np.clip((ink - 0.9 * screen) * 14, -30, 30)))
        printed[..., channel] = 1 - covered * 0.92
    return light(0.55 * printed + 0.45 * drawn).clip(0.04, 0.97)


def _on_screen(seed: int, issued: License, grade: Grade, quarters: int) -> bytes:
    rng = stream(seed, "display")
    pitch = between(rng, 0.18, 0.27)  # millimetres of one picture element
    tone = light([between(rng, 0.85, 0.95), between(rng, 0.93, 1.0), between(rng, 1.0, 1.12)])

    def draw(scale: float) -> Light:
        height, width = round(_PANEL[1] * scale), round(_PANEL[0] * scale)
        panel = np.full((height, width, 3), pick(rng, (0.08, 0.2, 0.9)), np.float32)
        drawn = card.draw_card(seed, issued, scale)
        enlarged = between(rng, 1.15, 1.4)
        drawn = light(cv2.resize(drawn, None, fx=enlarged, fy=enlarged))
        top, left = (height - drawn.shape[0]) // 2, (width - drawn.shape[1]) // 2
        panel[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
        return light(_pixel_grid(panel, pitch * scale) * tone).clip(0, 1)

    return photograph_page(seed, draw, grade, quarters, _PANEL)


def _pixel_grid(panel: Light, pitch: float) -> Light:
    """The panel as red, green and blue stripes with dark gaps, ``pitch`` pixels an element."""
    x = np.arange(panel.shape[1], dtype=np.float32) * np.float32(2 * np.pi / pitch)
    y = np.arange(panel.shape[0], dtype=np.float32) * np.float32(2 * np.pi / pitch)
    rows = 0.8 + 0.2 * np.cos(y)
    lit = np.empty_like(panel)
    for channel in range(3):
        stripes = 0.72 + 0.5 * np.cos(x - channel * 2 * np.pi / 3)
        lit[..., channel] = panel[..., channel] * stripes[None, :] * rows[:, None]
    return lit * np.float32(1.35)


def _glaring(seed: int, issued: License, grade: Grade, quarters: int) -> bytes:
    rng = stream(seed, "glare")
    plan = plan_sheet(seed, grade)
    at = np.array([plan.main[0] + between(rng, 18, 70), plan.main[1] + between(rng, 14, 52), 1.0])

    def spoil(scene: Light, homography: Matrix) -> None:
        spot = homography @ at
        add_glare(
            scene,
            (float(spot[0] / spot[2]), float(spot[1] / spot[2])),
            (between(rng, 0.08, 0.16), between(rng, 0.05, 0.1)),
            angle=between(rng, 0, np.pi),
            strength=between(rng, 0.9, 1.5),
        )

    return photograph_sheet(
        seed,
        plan,
        lambda scale: draw_sheet(seed, issued, plan, scale),
        grade,
        quarters,
        spoil=spoil,
    )


def _blurred(seed: int, issued: License, grade: Grade, quarters: int) -> bytes:
    plan = plan_sheet(seed, grade)
    moved = chance(stream(seed, "shake"), 0.4)
    soft = replace(grade, defocus=(0.6, 1.2) if moved else (2.2, 3.4))
    soft = replace(soft, motion=(5.0, 8.0)) if moved else soft
    return photograph_sheet(
        seed, plan, lambda scale: draw_sheet(seed, issued, plan, scale), soft, quarters
    )


def _cut_off(seed: int, issued: License, grade: Grade, quarters: int) -> bytes:
    rng = stream(seed, "framing")
    plan = replace(plan_sheet(seed, replace(grade, second_page=0.0)), holder=False)

    def framing(view: View) -> View:
        side = pick(rng, (-1.0, 1.0))
        across = (side, between(rng, -0.5, 0.5)) if chance(rng, 0.5) else (0.0, side)
        return replace(view, fill=between(rng, 1.12, 1.3), shift=across)

    return photograph_sheet(
        seed,
        plan,
        lambda scale: draw_sheet(seed, issued, plan, scale),
        grade,
        quarters,
        framing=framing,
    )


def _several(seed: int, issued: License, grade: Grade, quarters: int) -> bytes:
    plan = replace(plan_sheet(seed, replace(grade, second_page=1.0)), holder=False)
    other = invent_license(seed + 500_000, "current")

    def beside(scale: float) -> Light:
        page = card.draw_card(seed + 500_000, other, scale)
        small = light(cv2.resize(page, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA))
        table = cloud(stream(seed, "between"), (page.shape[0], page.shape[1]), 6)
        ground = light(np.repeat(0.2 + 0.1 * table[..., None], 3, axis=2))
        top, left = (ground.shape[0] - small.shape[0]) // 2, (ground.shape[1] - small.shape[1]) // 2
        ground[top : top + small.shape[0], left : left + small.shape[1]] = small
        return ground

    return photograph_sheet(
        seed,
        plan,
        lambda scale: draw_sheet(seed, issued, plan, scale, beside),
        grade,
        quarters,
    )


_MAKERS: dict[str, Callable[[int, License, Grade, int], bytes]] = {
    "photocopy": lambda *shot: _copied(*shot, colour=False),
    "print": lambda *shot: _copied(*shot, colour=True),
    "screen": _on_screen,
    "glare": _glaring,
    "blur": _blurred,
    "cut off": _cut_off,
    "several": _several,
}
