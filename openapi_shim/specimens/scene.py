"""What the camera looks at: the card, laminated or not, on its ground, maybe with page two."""

from __future__ import annotations

import cv2
import numpy as np

from openapi_shim.specimens import card
from openapi_shim.specimens.backgrounds import draw_background, draw_scanner_lid
from openapi_shim.specimens.camera import View, project, sheet_to_picture
from openapi_shim.specimens.chance import between, chance, stream, weighted
from openapi_shim.specimens.exposure import expose, illuminate
from openapi_shim.specimens.grades import Grade
from openapi_shim.specimens.ink import cloud
from openapi_shim.specimens.licenses import License
from openapi_shim.specimens.pixels import Light, light

_SCALE = 16.0  # pixels per millimetre of the drawn card


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


def _as_sheet(rng: np.random.Generator, page: Light, laminated: bool) -> Light:
    """A page with its coverage as fourth channel, and a rim of film if laminated."""
    radius = round(between(rng, 2.2, 3.6) * _SCALE)
    inner = _rounded((page.shape[0], page.shape[1]), radius)
    if not laminated:
        return light(np.dstack([page, inner]))
    rim = round(3.2 * _SCALE)
    height, width = page.shape[0] + 2 * rim, page.shape[1] + 2 * rim
    film = _rounded((height, width), radius + rim // 2)
    sheet = np.full((height, width, 4), 0.93, np.float32)
    cover = film * between(rng, 0.16, 0.34)
    edge = light(cv2.erode(film, np.ones((5, 5), np.uint8)))
    cover = np.maximum(cover, (film - edge) * 0.6)
    sheet[..., 3] = cover
    middle = (slice(rim, height - rim), slice(rim, width - rim))
    sheet[middle][..., :3] += (page - sheet[middle][..., :3]) * inner[..., None]
    sheet[..., 3][middle] = np.maximum(sheet[..., 3][middle], inner)
    sheen = cloud(rng, (height, width), 3)[..., None] - 0.5
    sheet[..., :3] += sheen * between(rng, 0.0, 0.06)
    return sheet


def _view(rng: np.random.Generator, grade: Grade, width: float, height: float) -> View:
    side = round(between(rng, *grade.side))
    shape = weighted(rng, [(0.75, 3.0), (0.5625, 1.0), (0.667, 0.8)])
    if grade.scan:
        shape = min(1.0, height / width * 1.03)
    return View(
        width=side,
        height=round(side * shape),
        tilt=between(rng, *grade.tilt),
        toward=between(rng, 0, 360),
        turn=between(rng, -grade.turn, grade.turn),
        fill=between(rng, *grade.fill),
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
    shadow = np.roll(shadow, (offset[1], offset[0]), (0, 1))
    ground *= (1 - np.float32(between(rng, 0.25, 0.55)) * shadow)[..., None]
    ground += (seen[..., :3] - ground) * cover[..., None]


def photograph(seed: int, issued: License, grade: Grade, quarters: int) -> bytes:
    """A JPEG of a licence: drawn, laid down, lit and photographed."""
    rng = stream(seed, "scene")
    page = card.draw_card(seed, issued, _SCALE)
    sheet = _as_sheet(rng, page, laminated=chance(rng, 0.55))
    width, height = sheet.shape[1] / _SCALE, sheet.shape[0] / _SCALE
    view = _view(stream(seed, "camera"), grade, width, height)
    homography = sheet_to_picture(view, width, height)
    seen = project(sheet, _SCALE, homography, view)
    shape = (view.height, view.width)
    paint = draw_scanner_lid if grade.scan else draw_background
    ground = paint(stream(seed, "background"), shape)
    if grade.scan:
        ground += (seen[..., :3] - ground) * seen[..., 3:]
    else:
        _lay_down(rng, ground, seen)
    illuminate(stream(seed, "light"), ground, seen[..., 3], grade)
    return expose(stream(seed, "exposure"), ground, grade, quarters)
