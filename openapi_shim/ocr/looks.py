"""When to look again, and at what: each look costs time and must earn it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from openapi_shim.ocr.crops import Pyramid
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.layout import Candidates
from openapi_shim.ocr.passes import Engine, Pass, read_picture
from openapi_shim.ocr.rectify import Rectified
from openapi_shim.ocr.register import transform
from openapi_shim.ocr.seal import read_seal
from openapi_shim.ocr.vote import doubtful

_SEARCH_SIDE = 960
_WIDE_SIDE = 1600  # for a card that is small in the photo
_CARD_SIDE = 768
_SEAL = "official_seal"


def find_card(engine: Engine, pyramid: Pyramid) -> Pass:
    """Reads the whole photo; once more, larger and evenly lit, if that shows no card."""
    first = read_picture(engine, pyramid, _SEARCH_SIDE)
    if first.registration is not None:
        return first
    lit = Pyramid(evenly_lit(pyramid.levels[0]))
    again = read_picture(engine, lit, _WIDE_SIDE)
    return again if again.registration is not None or again.lines > first.lines else first


def evenly_lit(pixels: Pixels) -> Pixels:
    """The picture with its uneven brightness divided out, and calmed."""
    calm = cv2.GaussianBlur(pixels, (0, 0), 1.0)
    light = cv2.GaussianBlur(cv2.cvtColor(calm, cv2.COLOR_BGR2GRAY), (0, 0), 60)
    gain = 160.0 / np.maximum(light.astype(np.float32), 12.0)
    return np.asarray(np.clip(calm * gain[:, :, np.newaxis], 0, 255), np.uint8)


def second_look(
    engine: Engine, card: Rectified, first: Candidates, doubts: Sequence[str]
) -> list[Candidates]:
    """Reads the rectified card for what the first look left open.

    Returns further candidates, one mapping per opinion; corners are in the photo's pixels.
    """
    looks: list[Candidates] = []
    if any(name != _SEAL for name in doubts):
        looks.append(read_picture(engine, Pyramid(card.pixels), _CARD_SIDE, 0.0).candidates)
    if _SEAL in doubtful(_best_seal([first, *looks]), [_SEAL]):
        looks += [{_SEAL: seal} for seal in read_seal(engine.reader, card.pixels)]
    back = np.linalg.inv(card.from_photo)
    return [
        {
            name: replace(found, corners=transform(back, found.corners).astype(np.float32))
            for name, found in look.items()
        }
        for look in looks
    ]


def _best_seal(looks: Sequence[Candidates]) -> Candidates:
    seals = [look[_SEAL] for look in looks if _SEAL in look]
    return {_SEAL: max(seals, key=lambda seal: seal.weakest)} if seals else {}
