"""Reading the rectified card: how it is treated before its text is looked for, and the look."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from openapi_shim.ocr.crops import Corners, Pyramid, corners_along
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.detect import DetectorOptions, find_boxes
from openapi_shim.ocr.layout import Candidates
from openapi_shim.ocr.passes import Engine, Lines, Pass, Wanted, read_corners
from openapi_shim.ocr.rectify import Rectified, rectify
from openapi_shim.ocr.register import Registration, transform
from openapi_shim.ocr.zones import is_print, is_print_about, without_translations

_FEW_ON_CARD = 8  # lines; then the detector that was trained on poor photos looks
BLUR = 0.8
"""Standard deviation, in pixels of the rectified card: a little calms a sensor's noise."""
KEEN = DetectorOptions(threshold=0.2, box_threshold=0.35)
"""On the card alone there is little to mistake for text."""


@dataclass(frozen=True)
class Treatment:
    """What is done to a rectified card before its text is looked for.

    Attributes:
        blur: standard deviation, pixels.
        stretched: whether its range of brightness is brought to nearly the full one.
        side: pixels of the longer side in which text is looked for.
    """

    blur: float
    stretched: bool
    side: int


CALMED = Treatment(BLUR, stretched=False, side=768)
FAINT = Treatment(1.4, stretched=True, side=512)
"""Noise is smaller than faint text: shrinking loses more of it."""


def treated(pyramid: Pyramid, place: Registration, treatment: Treatment) -> Rectified:
    """The card, warped out of the photo and treated."""
    card = rectify(pyramid, place, treatment.blur)
    return replace(card, pixels=stretched(card.pixels)) if treatment.stretched else card


def stretched(pixels: Pixels) -> Pixels:
    """The picture's range of brightness, brought to nearly the full one."""
    low, high = np.percentile(pixels, (1, 99))
    scale = 235 / max(float(high - low), 1.0)
    return np.asarray(np.clip((pixels - np.float32(low)) * scale + 10, 0, 255), np.uint8)


def lines_on_card(engine: Engine, card: Rectified, side: int) -> list[Corners]:
    """Where lines of text are on a rectified card, its English labels left out."""
    boxes = find_boxes(engine.sessions.detection, card.pixels, side, KEEN)
    return without_translations([corners_along(box, 0.0) for box in boxes])


def seen_on_card(
    engine: Engine,
    card: Rectified,
    side: int,
    before: Lines = (),
    wanted: Wanted = is_print,
    lines: list[Corners] | None = None,
) -> Pass:
    """Reads a rectified card; the answer's corners and registration are the photo's.

    Args:
        engine: the models.
        card: the rectified card.
        side: pixels of the longer side in which text is looked for.
        before: what an earlier look read; its sure lines are not read again.
        wanted: tells which lines are worth reading.
        lines: what the shipped detector found on it, if it was asked already.
    """
    known = [(transform(card.from_photo, quad).astype(np.float32), text) for quad, text in before]
    keen = engine.on_card
    if lines is None:
        lines = lines_on_card(engine, card, side)
    if len(lines) < _FEW_ON_CARD:
        lines = lines_on_card(keen, card, side)
    seen = read_corners(
        keen, Pyramid(card.pixels), lines, 0.0, known=known, guess=card.to_card, wanted=wanted
    )
    return replace(moved_pass(seen, np.linalg.inv(card.from_photo)), rectified=True)


def read_in_photo(engine: Engine, pyramid: Pyramid, card: Rectified, lines: list[Corners]) -> Pass:
    """Reads lines that were found on a rectified card where they are sharpest: in the photo."""
    back = np.linalg.inv(card.from_photo)
    wanted = is_print_about(card.pixels)
    corners = [transform(back, quad).astype(np.float32) for quad in lines if wanted(quad)]
    direction = Registration(card.place, frozenset()).direction
    seen = read_corners(engine, pyramid, corners, direction, guess=card.place)
    return replace(seen, located=True, alone=True)


def moved_pass(seen: Pass, matrix: npt.NDArray[np.floating[Any]]) -> Pass:
    """The same pass in the pixels of the picture to which ``matrix`` leads."""
    registration = seen.registration
    if registration is not None:
        registration = replace(registration, matrix=registration.matrix @ np.linalg.inv(matrix))
    texts = [(transform(matrix, quad).astype(np.float32), text) for quad, text in seen.texts]
    return replace(
        seen, registration=registration, candidates=moved(seen.candidates, matrix), texts=texts
    )


def moved(candidates: Candidates, matrix: npt.NDArray[np.floating[Any]]) -> Candidates:
    """The same candidates in the pixels of the picture to which ``matrix`` leads."""
    return {
        name: replace(found, corners=transform(matrix, found.corners).astype(np.float32))
        for name, found in candidates.items()
    }
