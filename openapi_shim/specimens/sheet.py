"""The flat things on the table: cards cut round, in film, alone or in a holder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from openapi_shim.specimens import card
from openapi_shim.specimens.chance import between, chance, stream, weighted
from openapi_shim.specimens.grades import Grade
from openapi_shim.specimens.ink import cloud
from openapi_shim.specimens.licenses import License
from openapi_shim.specimens.page2 import draw_second_page
from openapi_shim.specimens.pixels import Light, light

Draw = Callable[[float], Light]
"""Draws a page of a card's size at so many pixels per millimetre, RGB, 0 to 1."""

_RIM = 3.2  # of the film around a card, millimetres


@dataclass(frozen=True)
class Plan:
    """What lies on the table, before it is drawn; lengths in millimetres.

    Attributes:
        width: of everything together.
        height: likewise.
        main: left and top of the main page with its film.
        second: left and top of the second page with its film, or None.
        laminated: whether the pages are in film.
        holder: whether a leather holder lies under them.
        corner: radius of the cards' corners.
        shifted: whether the form is another printer's, outside the usual ranges.
    """

    width: float
    height: float
    main: tuple[float, float]
    second: tuple[float, float] | None
    laminated: bool
    holder: bool
    corner: float
    shifted: bool = False


def plan_sheet(seed: int, grade: Grade, *, shifted: bool = False) -> Plan:
    """Chooses what lies on the table."""
    rng = stream(seed, "plan")
    laminated = chance(rng, 0.55)
    rim = 2 * _RIM if laminated else 0.0
    width, height = card.WIDTH + rim, card.HEIGHT + rim
    double = chance(rng, grade.second_page)
    holder = chance(rng, 0.6 if double else 0.1) and not grade.scan
    edge = between(rng, 3.5, 7.0) if holder else 0.0
    gap = between(rng, 3.0, 9.0)
    corner = between(rng, 2.2, 3.6)
    main, second = (edge, edge), None
    if double:
        side = weighted(rng, [("below", 1.3), ("above", 0.4), ("right", 1.0), ("left", 0.5)])
        far = (0.0, height + gap) if side in {"below", "above"} else (width + gap, 0.0)
        second = (edge + far[0], edge + far[1])
        if side in {"above", "left"}:
            main, second = second, main
        width, height = width + far[0], height + far[1]
    return Plan(
        width + 2 * edge, height + 2 * edge, main, second, laminated, holder, corner, shifted
    )


def plan_page(
    seed: int, grade: Grade, size: tuple[float, float] = (card.WIDTH, card.HEIGHT)
) -> Plan:
    """Chooses how a single page lies on the table: never beside another, never in a holder.

    What is larger than a card is paper: not in film, and with square corners.
    """
    plan = plan_sheet(seed, grade)
    is_card = max(size) <= card.WIDTH
    rim = 2 * _RIM if plan.laminated and is_card else 0.0
    return replace(
        plan,
        width=size[0] + rim,
        height=size[1] + rim,
        main=(0.0, 0.0),
        second=None,
        laminated=plan.laminated and is_card,
        holder=False,
        corner=plan.corner if is_card else 0.0,
    )


def _rounded(shape: tuple[int, int], radius: int) -> Light:
    """Coverage of a rounded rectangle that fills ``shape``; radius in pixels."""
    height, width = shape
    mask = np.zeros(shape, np.uint8)
    cv2.rectangle(mask, (radius, 0), (width - 1 - radius, height - 1), 255, -1)
    cv2.rectangle(mask, (0, radius), (width - 1, height - 1 - radius), 255, -1)
    for x in (radius, width - 1 - radius):
        for y in (radius, height - 1 - radius):
            cv2.circle(mask, (x, y), radius, 255, -1, cv2.LINE_AA)
    return light(mask) / np.float32(255)


def _cut(rng: np.random.Generator, page: Light, plan: Plan, scale: float) -> Light:
    """A page with its coverage as fourth channel, and a rim of film if laminated."""
    radius = round(plan.corner * scale)
    inner = _rounded((page.shape[0], page.shape[1]), radius)
    if not plan.laminated:
        return light(np.dstack([page, inner]))
    rim = round(_RIM * scale)
    height, width = page.shape[0] + 2 * rim, page.shape[1] + 2 * rim
    film = _rounded((height, width), radius + rim // 2)
    sheet = np.full((height, width, 4), 0.93, np.float32)
    kernel = np.ones((5, 5), np.uint8)
    edge = light(cv2.erode(film, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0))
    sheet[..., 3] = np.maximum(film * between(rng, 0.16, 0.34), (film - edge) * 0.45)
    middle = (slice(rim, height - rim), slice(rim, width - rim))
    sheet[middle][..., :3] += (page - sheet[middle][..., :3]) * inner[..., None]
    sheet[..., 3][middle] = np.maximum(sheet[..., 3][middle], inner)
    sheen = cloud(rng, (height, width), 3)[..., None] - 0.5
    sheet[..., :3] += sheen * between(rng, 0.0, 0.06)
    return sheet


def _holder(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> Light:
    """A holder of dark artificial leather with a seam, and its coverage."""
    bumps = cloud(rng, shape, 220)
    relief = light(cv2.Sobel(bumps, cv2.CV_32F, 1, 1, ksize=3)) * 0.25
    tones = [((0.07, 0.07, 0.08), 4.0), ((0.20, 0.11, 0.08), 1.0), ((0.09, 0.11, 0.17), 1.0)]
    colour = light(weighted(rng, tones))
    leather = colour * (1 + relief[..., None] * 2) + 0.03 * cloud(rng, shape, 4)[..., None]
    cover = _rounded(shape, round(3.0 * scale))
    rim = round(1.3 * scale)
    seam = np.zeros(shape, np.uint8)
    corners = ((rim, rim), (shape[1] - rim, shape[0] - rim))
    cv2.rectangle(seam, *corners, 255, max(1, round(0.25 * scale)))
    stitched = (np.arange(shape[0])[:, None] + np.arange(shape[1])[None, :]) % max(
        2, round(2 * scale)
    )
    leather += 0.10 * (light(seam) / 255 * (stitched > 0.6 * scale))[..., None]
    return light(np.dstack([leather, cover]))


def _lay(canvas: Light, sheet: Light, left: int, top: int) -> None:
    """Lays a sheet on the canvas, both with coverage; pixels."""
    window = canvas[top : top + sheet.shape[0], left : left + sheet.shape[1]]
    sheet = sheet[: window.shape[0], : window.shape[1]]
    over, under = sheet[..., 3:], window[..., 3:]
    total = over + under * (1 - over)
    mixed = sheet[..., :3] * over + window[..., :3] * under * (1 - over)
    window[..., :3] = mixed / np.maximum(total, 1e-4)
    window[..., 3:] = total


def draw_page(seed: int, draw: Draw, plan: Plan, scale: float) -> Light:
    """A single page that ``draw`` draws, on its own, RGB and coverage."""
    return _cut(stream(seed, "sheet"), draw(scale), plan, scale)


def draw_sheet(
    seed: int, issued: License, plan: Plan, scale: float, beside: Draw | None = None
) -> Light:
    """What lies on the table, RGB and coverage, at ``scale`` pixels per millimetre.

    ``beside`` draws what lies in the place of the second page, which it is otherwise.
    """
    rng = stream(seed, "sheet")
    shape = (round(plan.height * scale) + 1, round(plan.width * scale) + 1)
    main = _cut(rng, card.draw_card(seed, issued, scale, shifted=plan.shifted), plan, scale)
    if plan.second is None and not plan.holder:
        return main
    canvas = _holder(rng, shape, scale) if plan.holder else np.zeros((*shape, 4), np.float32)
    _lay(canvas, main, round(plan.main[0] * scale), round(plan.main[1] * scale))
    if plan.second is not None:
        drawn = beside(scale) if beside else draw_second_page(seed, issued, scale)
        page = _cut(rng, drawn, plan, scale)
        _lay(canvas, page, round(plan.second[0] * scale), round(plan.second[1] * scale))
    return canvas
