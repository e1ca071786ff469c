"""One pass over a picture: find lines, turn them the right way, read them, place them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openapi_shim.ocr.crops import Corners, Pyramid, corners_along, cut_line
from openapi_shim.ocr.detect import find_boxes
from openapi_shim.ocr.labels import Segment, split_line
from openapi_shim.ocr.layout import Candidates, read_fields
from openapi_shim.ocr.orient import text_axis, upside_down
from openapi_shim.ocr.placed import place_segments
from openapi_shim.ocr.read_lines import LineReader
from openapi_shim.ocr.register import Registration, register
from openapi_shim.ocr.sessions import Sessions

_SMALL = 0.62  # of the usual line's height
_ENOUGH_ANCHORS = 6


@dataclass(frozen=True)
class Engine:
    """The models and the line reader made of one of them."""

    sessions: Sessions
    reader: LineReader


@dataclass(frozen=True)
class Pass:
    """What one pass saw.

    Attributes:
        lines: how many lines of text there were.
        registration: where the card is in the picture, or None.
        candidates: the fields, with corners in the picture's pixels.
    """

    lines: int
    registration: Registration | None
    candidates: Candidates


def read_picture(
    engine: Engine, pyramid: Pyramid, side: int, direction: float | None = None
) -> Pass:
    """Reads all text of a picture and sorts it into fields.

    Args:
        engine: the models.
        pyramid: of the picture.
        side: pixels of the longer side in which text is looked for.
        direction: radians in which the text runs, where that is known.
    """
    boxes = find_boxes(engine.sessions.detection, pyramid.levels[0], side)
    if not boxes:
        return Pass(0, None, {})
    if direction is None:
        direction = text_axis(boxes)
        if upside_down(engine.sessions.direction, pyramid, boxes, direction) > 0:
            direction += np.pi
    corners = [corners_along(box, direction) for box in boxes]
    large, small = split_by_height(corners)
    segments = _read_segments(engine.reader, pyramid, large)
    registration = register(segments, large, direction)
    if small and (registration is None or len(registration.anchors) < _ENOUGH_ANCHORS):
        segments += _read_segments(engine.reader, pyramid, small)
        registration = register(segments, corners, direction)
    if registration is None:
        return Pass(len(boxes), None, {})
    fields = read_fields(place_segments(segments, registration))
    return Pass(len(boxes), registration, fields)


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


def _read_segments(reader: LineReader, pyramid: Pyramid, lines: Sequence[Corners]) -> list[Segment]:
    """Reads lines and cuts them into labels and values."""
    texts = reader.read([cut_line(pyramid, quad) for quad in lines])
    return [
        segment
        for text, quad in zip(texts, lines, strict=True)
        for segment in split_line(text, quad)
    ]
