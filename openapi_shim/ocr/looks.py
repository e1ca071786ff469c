"""When to look again, and at what: each look costs time and must earn it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from openapi_shim.ocr.crops import Pyramid
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.layout import Candidates
from openapi_shim.ocr.outline import card_outlines
from openapi_shim.ocr.passes import Engine, Pass, read_picture
from openapi_shim.ocr.reading import FIELD_NAMES
from openapi_shim.ocr.rectify import Rectified, rectify
from openapi_shim.ocr.register import Registration, transform
from openapi_shim.ocr.seal import read_seal
from openapi_shim.ocr.vote import doubtful, merge
from openapi_shim.ocr.zones import read_class, read_tail

_SEARCH_SIDE = 960
# Quarter turns and sides tried when the first search finds nothing; a card may be small, too.
_OTHER_SEARCHES = ((1, 960), (2, 960), (0, 1600))
_CARD_SIDE = 768
_FAINT_SIDE = 512  # noise is smaller than faint text: shrinking loses more of it
BLUR = 0.8
"""Standard deviation, in pixels of the rectified card: a little calms a sensor's noise."""
_SEAL = "official_seal"


def find_card(engine: Engine, pyramid: Pyramid) -> Pass:
    """Reads the whole photo; if that shows no card, again turned, then larger.

    The detector sees far more of level text than of text that runs up or down, so a quarter
    turn helps more than any treatment of brightness or noise did.
    """
    best = read_picture(engine, pyramid, _SEARCH_SIDE)
    for turns, side in _OTHER_SEARCHES:
        if best.registration is not None:
            break
        turned = Pyramid(np.ascontiguousarray(np.rot90(pyramid.levels[0], turns)))
        again = read_picture(engine, turned, side)
        if again.registration is not None or again.lines > best.lines:
            best = _turned_back(again, turns, pyramid.levels[0])
    return best if best.registration is not None else _by_outline(engine, pyramid) or best


def _by_outline(engine: Engine, pyramid: Pyramid) -> Pass | None:
    """Rectifies whatever looks like a card and reads that."""
    found: Pass | None = None
    for matrix in card_outlines(pyramid.levels[0]):
        card = rectify(pyramid, Registration(matrix, frozenset()), BLUR)
        seen = read_picture(engine, Pyramid(stretched(card.pixels)), _FAINT_SIDE)
        if seen.registration is None:
            continue
        if found is None or len(seen.candidates) > len(found.candidates):
            registration = replace(
                seen.registration, matrix=seen.registration.matrix @ card.from_photo
            )
            back = np.linalg.inv(card.from_photo)
            found = Pass(seen.lines, registration, _moved(seen.candidates, back))
    return found


def stretched(pixels: Pixels) -> Pixels:
    """The picture's range of brightness, brought to nearly the full one."""
    low, high = np.percentile(pixels, (1, 99))
    scale = 235 / max(float(high - low), 1.0)
    return np.asarray(np.clip((pixels - np.float32(low)) * scale + 10, 0, 255), np.uint8)


def _turned_back(seen: Pass, turns: int, pixels: Pixels) -> Pass:
    """What was seen in a picture after ``turns`` quarter turns, in the picture's own pixels."""
    height, width = pixels.shape[:2]
    turn = {
        0: np.eye(3),
        1: np.array([[0, 1, 0], [-1, 0, width - 1], [0, 0, 1.0]]),
        2: np.array([[-1, 0, width - 1], [0, -1, height - 1], [0, 0, 1.0]]),
    }[turns]
    registration = seen.registration
    if registration is not None:
        registration = replace(registration, matrix=registration.matrix @ turn)
    return Pass(seen.lines, registration, _moved(seen.candidates, np.linalg.inv(turn)))


def _moved(candidates: Candidates, matrix: npt.NDArray[np.floating[Any]]) -> Candidates:
    return {
        name: replace(found, corners=transform(matrix, found.corners).astype(np.float32))
        for name, found in candidates.items()
    }


def second_look(
    engine: Engine, card: Rectified, first: Candidates, doubts: Sequence[str]
) -> list[Candidates]:
    """Reads the rectified card for what the first look left open.

    Args:
        engine: the models.
        card: rectified.
        first: what the first look saw; corners in the photo's pixels.
        doubts: names of the fields it left open.

    Returns:
        All opinions, the first look's among them; corners in the photo's pixels.
    """
    looks = [_moved(first, card.from_photo)]
    if any(name != _SEAL for name in doubts):
        looks.append(read_picture(engine, Pyramid(card.pixels), _CARD_SIDE, 0.0).candidates)
    if "address" in doubts:
        looks = _with_tail(engine, card, looks)
    merged, _ = merge(looks, FIELD_NAMES)
    if "car_class" not in merged and len(looks) > 1:
        found = read_class(engine.reader, card, looks[-1])
        looks += [{"car_class": found}] if found else []
    if _SEAL in doubtful(_best_seal(looks), [_SEAL]):
        looks += [{_SEAL: seal} for seal in read_seal(engine.reader, card.pixels)]
    back = np.linalg.inv(card.from_photo)
    return [_moved(look, back) for look in looks]


def _with_tail(engine: Engine, card: Rectified, looks: Sequence[Candidates]) -> list[Candidates]:
    merged, _ = merge(looks, ["address"])
    address = merged.get("address")
    longer = read_tail(engine.reader, card, address) if address else None
    if address is None or longer is None:
        return list(looks)
    return [
        {**look, "address": longer}
        if "address" in look and look["address"].value == address.value
        else look
        for look in looks
    ]


def _best_seal(looks: Sequence[Candidates]) -> Candidates:
    seals = [look[_SEAL] for look in looks if _SEAL in look]
    return {_SEAL: max(seals, key=lambda seal: seal.weakest)} if seals else {}
