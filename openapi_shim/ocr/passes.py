"""One pass over a picture: find lines, turn them the right way, read them, place them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from openapi_shim.ocr.crops import Corners, Pyramid, corners_along, cut_line
from openapi_shim.ocr.detect import find_boxes
from openapi_shim.ocr.kind import is_second_page
from openapi_shim.ocr.labels import Segment, split_line
from openapi_shim.ocr.layout import Candidates, read_fields
from openapi_shim.ocr.orient import text_axis, upside_down
from openapi_shim.ocr.placed import place_segments
from openapi_shim.ocr.read_lines import LineReader, Text
from openapi_shim.ocr.register import Matrix, Registration, register
from openapi_shim.ocr.sessions import Sessions

_SMALL = 0.62  # of the usual line's height
_ENOUGH_ANCHORS = 6
_KNOWN = 0.93  # a line whose every character was read at least so surely is not read again


@dataclass(frozen=True)
class Engine:
    """The models and the line reader made of one of them.

    Attributes:
        sessions: the models.
        reader: of lines.
        poor: the same, trained on poor photos of the card, or None in that itself.
    """

    sessions: Sessions
    reader: LineReader
    poor: Engine | None = None

    @property
    def on_card(self) -> Engine:
        """For the rectified card, which is looked at where the photo was not enough."""
        return self.poor or self


Wanted = Callable[[Corners], bool]
Lines = Sequence[tuple[Corners, Text]]
"""Lines that were read, with their corners."""


@dataclass(frozen=True)
class Pass:
    """What one pass saw.

    Attributes:
        lines: how many lines of text there were.
        registration: where the card is in the picture, or None.
        candidates: the fields, with corners in the picture's pixels.
        texts: the lines read, likewise.
        rectified: whether the picture was the rectified card.
        located: whether the locator told where to read.
        alone: whether only the card was read, so that ``texts`` has nothing beside it.
    """

    lines: int
    registration: Registration | None
    candidates: Candidates
    texts: Lines = ()
    rectified: bool = False
    located: bool = False
    alone: bool = False

    @property
    def anchors(self) -> frozenset[str]:
        """Keys of the labels and values that stand in their places."""
        return self.registration.anchors if self.registration else frozenset()


def read_picture(
    engine: Engine,
    pyramid: Pyramid,
    side: int,
    *,
    direction: float | None = None,
    wanted: Wanted = lambda _: True,
) -> Pass:
    """Finds the lines of a picture, turns them the right way and reads them.

    Args:
        engine: the models.
        pyramid: of the picture.
        side: pixels of the longer side in which text is looked for.
        direction: radians in which the text runs, where that is known.
        wanted: tells which lines are worth reading.
    """
    boxes = find_boxes(engine.sessions.detection, pyramid.levels[0], side)
    if not boxes:
        return Pass(0, None, {})
    if direction is None:
        direction = text_axis(boxes)
        if upside_down(engine.sessions.direction, pyramid, boxes, direction) > 0:
            direction += np.pi
    corners = [corners_along(box, direction) for box in boxes]
    return read_corners(engine, pyramid, corners, direction, wanted=wanted)


def read_corners(
    engine: Engine,
    pyramid: Pyramid,
    corners: Sequence[Corners],
    direction: float,
    *,
    known: Lines = (),
    guess: Matrix | None = None,
    wanted: Wanted = lambda _: True,
) -> Pass:
    """Reads the lines of a picture and sorts them into fields.

    Args:
        engine: the models.
        pyramid: of the picture.
        corners: of its lines.
        direction: radians in which the text runs.
        known: what an earlier pass read; its sure lines are not read again.
        guess: pixels to millimetres, about, where that is known; it stands if no label does.
        wanted: tells which lines are worth reading; what is known counts all the same.
    """
    if not corners:
        return Pass(0, None, {})
    large, small = split_by_height(corners)
    texts = _read(engine.reader, pyramid, large, known, wanted)
    segments = _segments(texts)
    registration = register(segments, large, direction, guess)
    if small and (registration is None or len(registration.anchors) < _ENOUGH_ANCHORS):
        texts += _read(engine.reader, pyramid, small, known, wanted)
        segments = _segments(texts)
        registration = register(segments, corners, direction, guess)
    if registration is None and guess is not None:
        registration = Registration(guess, frozenset())
    if registration is None:
        return Pass(len(corners), None, {}, texts)
    placed = place_segments(segments, registration)
    if is_second_page(placed):
        inside = {id(item.segment) for item in placed}
        others = [segment for segment in segments if id(segment) not in inside]
        registration = register(others, [segment.corners for segment in others], direction)
        if registration is None:
            return Pass(len(corners), None, {}, texts)
        placed = place_segments(others, registration)
    return Pass(len(corners), registration, read_fields(placed), texts)


def split_by_height(lines: Sequence[Corners]) -> tuple[list[Corners], list[Corners]]:
    """Lines of values and Chinese labels, and lines of smaller print.

    The English labels are half as high as the values and say nothing that is needed, yet to read
    them takes a third of the time: the reader's time goes by a line's length over its height.
    """
    heights = np.array([np.linalg.norm(quad[3] - quad[0]) for quad in lines])
    lengths = np.array([np.linalg.norm(quad[1] - quad[0]) for quad in lines])
    order = np.argsort(heights)
    share = np.cumsum(lengths[order]) / lengths.sum()
    usual = float(heights[order][int(np.searchsorted(share, 0.5))])
    small = heights < _SMALL * usual
    return (
        [quad for quad, is_small in zip(lines, small, strict=True) if not is_small],
        [quad for quad, is_small in zip(lines, small, strict=True) if is_small],
    )


def _read(
    reader: LineReader, pyramid: Pyramid, lines: Sequence[Corners], known: Lines, wanted: Wanted
) -> list[tuple[Corners, Text]]:
    """Reads the wanted lines that no earlier pass read surely."""
    sure = [(quad, text) for quad, text in known if _is_sure(text)]
    found = {index: text for index, quad in enumerate(lines) if (text := _same_line(quad, sure))}
    unread = [index for index, quad in enumerate(lines) if index not in found and wanted(quad)]
    fresh = reader.read_spread([cut_line(pyramid, lines[index]) for index in unread])
    found |= dict(zip(unread, fresh, strict=True))
    return [(lines[index], found[index]) for index in sorted(found)]


def _is_sure(text: Text) -> bool:
    return len(text.glyphs) > 1 and min(glyph.probability for glyph in text.glyphs) >= _KNOWN


def _same_line(line: Corners, known: Lines) -> Text | None:
    """The text of a known line that covers this one and is no longer."""
    area = cv2.contourArea(line)
    for quad, text in known:
        shared, _ = cv2.intersectConvexConvex(line, quad)
        if shared > 0.6 * max(area, cv2.contourArea(quad)):
            return text
    return None


def _segments(texts: Lines) -> list[Segment]:
    """Lines cut into labels and values."""
    return [segment for quad, text in texts for segment in split_line(text, quad)]
