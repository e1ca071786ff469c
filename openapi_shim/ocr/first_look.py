"""The first look at a photo: where the card is, and what is read of it there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from openapi_shim.ocr.card import HEIGHT, WIDTH
from openapi_shim.ocr.crops import Corners, Pyramid
from openapi_shim.ocr.deadline import Deadline
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.documents import SECOND_PAGE, other_document
from openapi_shim.ocr.electronic import is_electronic
from openapi_shim.ocr.locate import locate
from openapi_shim.ocr.on_card import (
    BLUR,
    CALMED,
    FAINT,
    lines_on_card,
    moved_pass,
    read_in_photo,
    seen_on_card,
    stretched,
    treated,
)
from openapi_shim.ocr.outline import card_outlines
from openapi_shim.ocr.passes import Engine, Pass, read_picture
from openapi_shim.ocr.rectify import Rectified, rectify
from openapi_shim.ocr.register import Matrix, Registration, apart
from openapi_shim.ocr.zones import is_print_about

_SEARCH_SIDE = 960
# Quarter turns and sides tried when the first search finds nothing; a card may be small, too.
_OTHER_SEARCHES = ((1, 960), (2, 960), (0, 1600))
_TWO_PAGES = 24  # lines; a second page alone has about 16
_CERTAIN = 9  # labels and values in their places: a licence, whatever else is in the picture
_BORNE_OUT = 6  # enough, if the title is among them or no words of another document are there
_FEW_LINES = 18  # a fair photo of the card has 20 and more, its English labels left out
_HARDLY_ANY = 6
_FAR_OFF = 10.0  # mm; what is off by less is in the picture, with its margin, and is read


def find_card(engine: Engine, pyramid: Pyramid, deadline: Deadline) -> Pass:
    """Reads the card where the locator sees it; the whole photo, if that shows little of a card.

    Where the locator sees none either, the photo is read turned: the detector sees far more of
    level text than of text that runs up or down.
    """
    place = locate(engine.sessions.locating, pyramid)
    on_card = [] if place is None else _where_located(engine, pyramid, place, deadline)
    if on_card and (_is_certain(on_card[-1]) or deadline.passed):
        return max(on_card, key=_worth)
    whole = read_picture(engine, pyramid, _SEARCH_SIDE)
    # What the picture is may be told by lines that only the whole photo shows.
    lines, texts = whole.lines, whole.texts
    on_card = [
        replace(one, lines=max(lines, one.lines), texts=[*one.texts, *texts], alone=False)
        for one in on_card
    ]
    best = max([whole, *on_card], key=_worth)
    if len(best.anchors) >= _BORNE_OUT or _is_other_document(best) or deadline.passed:
        return best
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
    return len(seen.anchors), len(seen.candidates)


def _is_certain(seen: Pass) -> bool:
    """Whether what was read where the locator sees a card leaves no doubt that it is a licence."""
    titled = "title" in seen.anchors and not _is_other_document(seen)
    return len(seen.anchors) >= (_BORNE_OUT if titled else _CERTAIN)


def _where_located(
    engine: Engine, pyramid: Pyramid, place: Matrix, deadline: Deadline
) -> list[Pass]:
    """Reads the card where the locator sees it, in the photo itself if that is fair.

    Else as it is rectified, and with its faint print brought out; where hardly any line was
    found, the other way round.
    """
    guess = Registration(place, frozenset())
    card = treated(pyramid, guess, CALMED)
    lines = lines_on_card(engine, card, CALMED.side)
    if len(lines) >= _FEW_LINES:
        return [_read_fair(engine, pyramid, card, lines, deadline)]
    passes = []
    for treatment in (CALMED, FAINT) if len(lines) >= _HARDLY_ANY else (FAINT, CALMED):
        shown = card if treatment is CALMED else treated(pyramid, guess, treatment)
        seen = seen_on_card(
            engine,
            shown,
            treatment.side,
            wanted=is_print_about(shown.pixels),
            lines=lines if treatment is CALMED else None,
        )
        if seen.registration is not None:
            passes.append(replace(seen, located=True, alone=True))
        if len(seen.anchors) >= _BORNE_OUT or deadline.passed:
            break
    return passes


def _read_fair(
    engine: Engine,
    pyramid: Pyramid,
    card: Rectified,
    lines: list[Corners],
    deadline: Deadline,
) -> Pass:
    """Reads a fair photo; once more if its print says that the card lies elsewhere.

    What lay outside the rectified picture, or about on the seal, was not read then.
    """
    seen = read_in_photo(engine, pyramid, card, lines)
    if seen.registration is None or deadline.passed:
        return seen
    if apart(card.place, seen.registration.matrix) < _FAR_OFF:
        return seen
    card = treated(pyramid, seen.registration, CALMED)
    again = read_in_photo(engine, pyramid, card, lines_on_card(engine, card, CALMED.side))
    return max(again, seen, key=lambda one: len(one.anchors))


def rest_of(engine: Engine, pyramid: Pyramid, seen: Pass, deadline: Deadline) -> Pass:
    """The same pass with the lines beside the card, too, if it was only the card that was read."""
    registration = seen.registration
    if not seen.alone or registration is None or deadline.passed:
        return seen

    def is_beside(quad: Corners) -> bool:
        middle = registration.to_card(quad).mean(axis=0)
        return bool((middle < 0).any() or (middle > (WIDTH, HEIGHT)).any())

    rest = read_picture(
        engine, pyramid, _SEARCH_SIDE, direction=registration.direction, wanted=is_beside
    )
    return replace(seen, texts=[*seen.texts, *rest.texts], alone=False)


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
        seen = read_picture(engine, Pyramid(stretched(card.pixels)), FAINT.side)
        if seen.registration is None:
            continue
        if found is None or len(seen.candidates) > len(found.candidates):
            found = moved_pass(seen, np.linalg.inv(card.from_photo))
    return found


def _turned_back(seen: Pass, turns: int, pixels: Pixels) -> Pass:
    """What was seen in a picture after ``turns`` quarter turns, in the picture's own pixels."""
    height, width = pixels.shape[:2]
    turn = {
        0: np.eye(3),
        1: np.array([[0, 1, 0], [-1, 0, width - 1], [0, 0, 1.0]]),
        2: np.array([[-1, 0, width - 1], [0, -1, height - 1], [0, 0, 1.0]]),
    }[turns]
    return moved_pass(seen, np.linalg.inv(turn))
