"""What the camera looks at, from an invented licence to the file of its photo."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from openapi_shim.specimens.backgrounds import draw_background, draw_scanner_lid
from openapi_shim.specimens.camera import (
    Matrix,
    View,
    project,
    resolution,
    sheet_to_picture,
)
from openapi_shim.specimens.chance import between, chance, stream, weighted
from openapi_shim.specimens.exposure import expose, illuminate
from openapi_shim.specimens.grades import Grade
from openapi_shim.specimens.licenses import License
from openapi_shim.specimens.pixels import Light, light, moved
from openapi_shim.specimens.sheet import (
    Draw,
    Plan,
    draw_page,
    draw_sheet,
    plan_page,
    plan_sheet,
)

_SCALES = (9.0, 18.0)  # coarsest and finest drawing, pixels per millimetre
_CARD = (88.0, 60.0)  # millimetres


def _view(rng: np.random.Generator, grade: Grade, plan: Plan) -> View:
    side = round(between(rng, *grade.side))
    shape = weighted(rng, [(0.75, 3.0), (0.5625, 1.0), (0.667, 0.8)])
    fill = between(rng, *grade.fill)
    if plan.second is not None:  # two pages: nearer to the rim and finer
        fill = fill * 0.4 + 0.57
        side = max(side, 1180 if plan.height > plan.width else 1450)
    ratio = plan.height / plan.width
    upright = ratio > 1 or (not grade.scan and side > 1500 and chance(rng, 0.15))
    if grade.scan:
        shape = min(ratio, 1 / ratio) * 1.03
    short = round(side * shape)
    return View(
        width=short if upright else side,
        height=side if upright else short,
        tilt=between(rng, *grade.tilt),
        toward=between(rng, 0, 360),
        turn=between(rng, -grade.turn, grade.turn),
        fill=fill,
        shift=(between(rng, -0.85, 0.85), between(rng, -0.85, 0.85)),
        focal=between(rng, 0.9, 1.3),
    )


def _lay_down(rng: np.random.Generator, ground: Light, seen: Light) -> None:
    """Lays the projected sheet on the ground in place, with a contact shadow."""
    cover = seen[..., 3]
    side = max(cover.shape)
    small = cv2.resize(cover, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    shadow = light(cv2.GaussianBlur(small, (0, 0), between(rng, 0.8, 2.5) * side / 2000))
    shadow = light(cv2.resize(shadow, (cover.shape[1], cover.shape[0])))
    reach = side * 0.003
    offset = (round(between(rng, -reach, reach)), round(between(rng, 0, 1.5 * reach)))
    shadow = moved(shadow, *offset)
    ground *= (1 - np.float32(between(rng, 0.25, 0.55)) * shadow)[..., None]
    ground += (seen[..., :3] - ground) * cover[..., None]


def photograph(
    seed: int, issued: License, grade: Grade, quarters: int, *, shifted: bool = False
) -> bytes:
    """A JPEG of a licence: drawn, laid down, lit, photographed, turned by quarter turns."""
    plan = plan_sheet(seed, grade, shifted=shifted)
    return photograph_sheet(
        seed, plan, lambda scale: draw_sheet(seed, issued, plan, scale), grade, quarters
    )


def photograph_page(
    seed: int, draw: Draw, grade: Grade, quarters: int, size: tuple[float, float] = _CARD
) -> bytes:
    """A JPEG of any single page of ``size``, in millimetres."""
    plan = plan_page(seed, grade, size)
    return photograph_sheet(
        seed, plan, lambda scale: draw_page(seed, draw, plan, scale), grade, quarters
    )


def photograph_sheet(
    seed: int,
    plan: Plan,
    draw: Draw,
    grade: Grade,
    quarters: int,
    *,
    framing: Callable[[View], View] = lambda view: view,
    spoil: Callable[[Light, Matrix], None] = lambda _scene, _homography: None,
) -> bytes:
    """A JPEG of what ``draw`` lays on the table.

    Args:
        seed: of the surroundings.
        plan: how large it is.
        draw: draws it, RGB and coverage.
        grade: how good the photo is.
        quarters: quarter turns, clockwise.
        framing: changes how the camera looks at it.
        spoil: changes the lit scene in place; gets the homography from millimetres to pixels.
    """
    view = framing(_view(stream(seed, "camera"), grade, plan))
    homography = sheet_to_picture(view, plan.width, plan.height)
    finest = resolution(homography, plan.width / 2, plan.height / 2)
    # A page larger than a card is seen, and drawn, coarser.
    coarsest = min(_SCALES[0], _SCALES[0] * 2 * _CARD[0] / max(plan.width, plan.height))
    scale = float(np.clip(finest * 1.15, coarsest, _SCALES[1]))
    seen = project(draw(scale), scale, homography, view)
    shape = (view.height, view.width)
    if grade.scan:
        ground = draw_scanner_lid(stream(seed, "background"), shape)
        ground += (seen[..., :3] - ground) * seen[..., 3:]
    else:
        ground = draw_background(stream(seed, "background"), shape)
        _lay_down(stream(seed, "scene"), ground, seen)
    illuminate(stream(seed, "light"), ground, seen[..., 3], grade)
    spoil(ground, homography)
    return expose(stream(seed, "exposure"), ground, grade, quarters)
