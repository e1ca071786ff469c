"""When to look again, and at what: each look costs time and must earn it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from openapi_shim.ocr.checks import looks_like_authority
from openapi_shim.ocr.crops import Pyramid
from openapi_shim.ocr.deadline import Deadline
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.detect import Box, DetectorOptions, find_boxes
from openapi_shim.ocr.documents import SECOND_PAGE, other_document
from openapi_shim.ocr.electronic import is_electronic
from openapi_shim.ocr.layout import Candidate, Candidates
from openapi_shim.ocr.locate import locate
from openapi_shim.ocr.outline import card_outlines
from openapi_shim.ocr.passes import Engine, Lines, Pass, Wanted, read_boxes, read_picture
from openapi_shim.ocr.read_lines import LineReader
from openapi_shim.ocr.reading import FIELD_NAMES
from openapi_shim.ocr.rectify import Rectified, rectify
from openapi_shim.ocr.register import Matrix, Registration, transform
from openapi_shim.ocr.seal import read_seal
from openapi_shim.ocr.vote import doubtful, merge
from openapi_shim.ocr.zones import SINGLE, is_print, on_rows_of, read_missing, read_tail

_SEARCH_SIDE = 960
# Quarter turns and sides tried when the first search finds nothing; a card may be small, too.
_OTHER_SEARCHES = ((1, 960), (2, 960), (0, 1600))
_TWO_PAGES = 24  # lines; a second page alone has about 16
_BORNE_OUT = 6  # labels and values in their places
_FEW_LINES = 20  # a fair photo has 30 on the card alone
_HARDLY_ANY = 6
_FEW_ON_CARD = 8  # then the detector that was trained on poor photos looks
_CARD_SIDE = 768
_FAINT_SIDE = 512  # noise is smaller than faint text: shrinking loses more of it
BLUR = 0.8
"""Standard deviation, in pixels of the rectified card: a little calms a sensor's noise."""
_KEEN = DetectorOptions(threshold=0.2, box_threshold=0.35)
"""On the card alone there is little to mistake for text."""
_SEAL = "official_seal"
_ENOUGH, _SURE, _DISPUTED = 0.6, 0.9, 0.85  # of a seal's least sure character


@dataclass(frozen=True)
class _Treatment:
    """What is done to a rectified card before its text is looked for.

    Attributes:
        blur: standard deviation, pixels.
        stretched: whether its range of brightness is brought to nearly the full one.
        side: pixels of the longer side in which text is looked for.
    """

    blur: float
    stretched: bool
    side: int


_CALMED = _Treatment(BLUR, stretched=False, side=_CARD_SIDE)
_FAINT = _Treatment(1.4, stretched=True, side=_FAINT_SIDE)

Looks = list[Candidates]
"""Opinions, one a look."""


def find_card(engine: Engine, pyramid: Pyramid, deadline: Deadline) -> Pass:
    """Reads the whole photo; if that shows little of a card, the card where the locator sees it.

    In a photo so poor that few lines are found at all, the card alone is read. Where the locator
    sees none either, the photo is read turned: the detector sees far more of level text than of
    text that runs up or down.
    """
    boxes = find_boxes(engine.sessions.detection, pyramid.levels[0], _SEARCH_SIDE)
    place = None
    on_card: list[Pass] = []
    if len(boxes) < _FEW_LINES:
        place = locate(engine.sessions.locating, pyramid.levels[0])
        on_card = _located(engine, pyramid, place, boxes)
        if on_card and len(_anchors(on_card[-1])) >= _BORNE_OUT:
            return on_card[-1]
    best = read_boxes(engine, pyramid, boxes)
    if len(_anchors(best)) >= _BORNE_OUT or _is_other_document(best) or deadline.passed:
        return best
    if len(boxes) >= _FEW_LINES:
        place = locate(engine.sessions.locating, pyramid.levels[0])
        on_card = _located(engine, pyramid, place, boxes)
    # What the picture is may be told by lines that only the whole photo shows.
    on_card = [replace(one, texts=[*one.texts, *best.texts]) for one in on_card]
    best = max([best, *on_card], key=_worth)
    for turns, side in _OTHER_SEARCHES if place is None else ():
        if best.registration is not None or _is_second_page(best) or deadline.passed:
            return best
        turned = Pyramid(np.ascontiguousarray(np.rot90(pyramid.levels[0], turns)))
        again = read_picture(engine, turned, side)
        if again.registration is not None or again.lines > best.lines:
            best = _turned_back(again, turns, pyramid.levels[0])
        if _is_other_document(best):
            return best
    if best.registration is not None or place is not None:
        return best
    return _by_outline(engine, pyramid) or best


def _worth(seen: Pass) -> tuple[int, int]:
    return len(_anchors(seen)), len(seen.candidates)


def _located(
    engine: Engine, pyramid: Pyramid, place: Matrix | None, boxes: Sequence[Box]
) -> list[Pass]:
    """Reads the card where the locator sees it: as it is, and with its faint print brought out.

    Where hardly any line was found in the photo, the other way round.
    """
    if place is None:
        return []
    guess = Registration(place, frozenset())
    treatments = (_CALMED, _FAINT) if len(boxes) >= _HARDLY_ANY else (_FAINT, _CALMED)
    passes = []
    for treatment in treatments:
        card = _treated(pyramid, guess, treatment)
        seen = _seen_on_card(engine, card, (), treatment.side)
        if seen.registration is None:
            continue
        passes.append(seen)
        if len(_anchors(seen)) >= _BORNE_OUT:
            break
    return passes


def _is_other_document(seen: Pass) -> bool:
    """Whether the picture could be read, and says itself that it is no card of a licence."""
    texts = [text.string for _, text in seen.texts]
    return other_document(texts) not in ("", SECOND_PAGE) or is_electronic(texts)


def _is_second_page(seen: Pass) -> bool:
    """Whether the picture shows a second page, and too little for a main page beside it."""
    kind = other_document([text.string for _, text in seen.texts])
    return kind == SECOND_PAGE and seen.lines < _TWO_PAGES


def _by_outline(engine: Engine, pyramid: Pyramid) -> Pass | None:
    """Rectifies whatever looks like a card and reads that."""
    found: Pass | None = None
    for matrix in card_outlines(pyramid.levels[0]):
        card = rectify(pyramid, Registration(matrix, frozenset()), BLUR)
        seen = read_picture(engine, Pyramid(stretched(card.pixels)), _FAINT_SIDE)
        if seen.registration is None:
            continue
        if found is None or len(seen.candidates) > len(found.candidates):
            found = _moved_pass(seen, np.linalg.inv(card.from_photo))
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
    return _moved_pass(seen, np.linalg.inv(turn))


def _moved_pass(seen: Pass, matrix: npt.NDArray[np.floating[Any]]) -> Pass:
    """The same pass in the pixels of the picture to which ``matrix`` leads."""
    registration = seen.registration
    if registration is not None:
        registration = replace(registration, matrix=registration.matrix @ np.linalg.inv(matrix))
    texts = [(transform(matrix, quad).astype(np.float32), text) for quad, text in seen.texts]
    return Pass(seen.lines, registration, _moved(seen.candidates, matrix), texts, seen.rectified)


def _moved(candidates: Candidates, matrix: npt.NDArray[np.floating[Any]]) -> Candidates:
    return {
        name: replace(found, corners=transform(matrix, found.corners).astype(np.float32))
        for name, found in candidates.items()
    }


def look_again(
    engine: Engine, pyramid: Pyramid, first: Pass, doubts: Sequence[str], deadline: Deadline
) -> Looks:
    """Reads the rectified card for what the first look left open, twice if need be.

    Args:
        engine: the models.
        pyramid: of the photo.
        first: what the first look saw, with a registration.
        doubts: names of the fields it left open.
        deadline: after which no further look begins.
    """
    looks = [first.candidates]
    best = first
    for treatment in (_FAINT,) if first.rectified else (_CALMED, _FAINT):
        open_fields = [name for name in doubts if name != _SEAL]
        if not open_fields or deadline.passed:
            break
        card = _treated(pyramid, _place_of(best), treatment)
        seen = _seen_on_card(engine, card, best.texts, treatment.side, on_rows_of(open_fields))
        if seen.registration is None:
            break
        looks.append(seen.candidates)
        # A pass that fits more of the card's print knows better where the card lies.
        if len(seen.registration.anchors) >= len(_anchors(best)):
            best = seen
        merged, _ = merge(looks, FIELD_NAMES)
        doubts = doubtful(merged, doubts)
    if deadline.passed:
        return looks
    card = rectify(pyramid, _place_of(best), BLUR)
    on_card = [_moved(look, card.from_photo) for look in looks]
    on_card = _fill_in(engine, card, on_card)
    back = np.linalg.inv(card.from_photo)
    return [_moved(look, back) for look in on_card]


def _anchors(seen: Pass) -> frozenset[str]:
    return seen.registration.anchors if seen.registration else frozenset()


def _place_of(seen: Pass) -> Registration:
    if seen.registration is None:
        raise ValueError("a pass without a registration shows no card")
    return seen.registration


def _treated(pyramid: Pyramid, place: Registration, treatment: _Treatment) -> Rectified:
    card = rectify(pyramid, place, treatment.blur)
    return replace(card, pixels=stretched(card.pixels)) if treatment.stretched else card


def _seen_on_card(
    engine: Engine,
    card: Rectified,
    before: Lines,
    side: int,
    wanted: Wanted = is_print,
) -> Pass:
    """Reads a rectified card; the answer's corners and registration are the photo's."""
    known = [(transform(card.from_photo, quad).astype(np.float32), text) for quad, text in before]
    keen = engine.on_card
    boxes = find_boxes(engine.sessions.detection, card.pixels, side, _KEEN)
    if len(boxes) < _FEW_ON_CARD:
        boxes = find_boxes(keen.sessions.detection, card.pixels, side, _KEEN)
    seen = read_boxes(
        keen, Pyramid(card.pixels), boxes, 0.0, known=known, guess=card.to_card, wanted=wanted
    )
    return replace(_moved_pass(seen, np.linalg.inv(card.from_photo)), rectified=True)


def _fill_in(engine: Engine, card: Rectified, looks: Looks) -> Looks:
    """What the search for text overlooks: short second lines, lone letters, the seal's rows."""
    merged, _ = merge(looks, FIELD_NAMES)
    reader = engine.on_card.reader
    if "address" in doubtful(merged, ["address"]):
        looks = _with_tail(reader, card, looks)
    missing = [name for name in FIELD_NAMES if name not in merged]
    missing += [name for name in doubtful(merged, list(merged)) if name in SINGLE]
    if missing:
        looks = [*looks, read_missing(reader, card, merged, missing)]
    return _with_seal(looks, read_seal(reader, card.pixels))


def _with_seal(looks: Looks, rows: Sequence[Candidate]) -> Looks:
    """The looks with what the seal's rows say, which is right where lines found in it differ.

    Lines of text lose a stretched character at the frame without being less sure of the rest.
    """
    seals = [look[_SEAL] for look in looks if _SEAL in look]
    whole = [seal for seal in rows if looks_like_authority(seal.value) and seal.weakest > _ENOUGH]
    if whole and all(seal.value != whole[0].value for seal in seals):
        looks = [{n: one for n, one in look.items() if n != _SEAL} for look in looks]
        if any(looks_like_authority(seal.value) and seal.weakest >= _SURE for seal in seals):
            rows = [replace(seal, weakest=min(seal.weakest, _DISPUTED)) for seal in whole]
    return [*looks, *({_SEAL: seal} for seal in rows)]


def _with_tail(reader: LineReader, card: Rectified, looks: Looks) -> Looks:
    merged, _ = merge(looks, ["address"])
    address = merged.get("address")
    longer = read_tail(reader, card, address) if address else None
    if address is None or longer is None:
        return list(looks)
    return [
        {**look, "address": longer}
        if "address" in look and look["address"].value == address.value
        else look
        for look in looks
    ]
