"""All lines of a picture, read: for pages whose layout is not the main page's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from openapi_shim.ocr.crops import Pyramid, corners_along, cut_line
from openapi_shim.ocr.detect import USUAL, DetectorOptions, find_boxes
from openapi_shim.ocr.labels import LABELS, Segment, Spellings, split_line
from openapi_shim.ocr.orient import text_axis, upside_down
from openapi_shim.ocr.passes import Engine


@dataclass(frozen=True)
class Row:
    """A segment in a frame whose first axis runs along the text.

    Attributes:
        segment: what was read.
        left: of its middle line, pixels along the text.
        right: likewise.
        y: of its middle, pixels across the text, growing downwards.
        height: pixels.
        line: all that the line says of which the segment is a part, its marks included.
    """

    segment: Segment
    left: float
    right: float
    y: float
    height: float
    line: str = ""

    @property
    def text(self) -> str:
        """The characters, without spaces."""
        return self.segment.text


def read_rows(
    engine: Engine,
    pyramid: Pyramid,
    side: int,
    labels: Spellings = LABELS,
    *,
    direction: float | None = None,
    options: DetectorOptions = USUAL,
) -> list[Row]:
    """Reads every line of a picture and cuts it into labels and values, from the top.

    Args:
        engine: the models.
        pyramid: of the picture.
        side: pixels of the longer side in which text is looked for.
        labels: what is printed on the page.
        direction: radians in which the text runs, where that is known.
        options: of the search for text.
    """
    boxes = find_boxes(engine.sessions.detection, pyramid.levels[0], side, options)
    if not boxes:
        return []
    if direction is None:
        direction = text_axis(boxes)
        if upside_down(engine.sessions.direction, pyramid, boxes, direction) > 0:
            direction += np.pi
    corners = [corners_along(box, direction) for box in boxes]
    texts = engine.reader.read([cut_line(pyramid, quad) for quad in corners])
    rows = [
        _row(segment, text.string, direction)
        for text, quad in zip(texts, corners, strict=True)
        for segment in split_line(text, quad, labels)
    ]
    return sorted(rows, key=lambda row: row.y)


def _row(segment: Segment, line: str, direction: float) -> Row:
    """The segment in the frame of the text that runs along ``direction``."""
    along = np.array([np.cos(direction), np.sin(direction)])
    across = np.array([-along[1], along[0]])
    u, v = segment.corners @ along, segment.corners @ across
    left, right = float(u[[0, 3]].mean()), float(u[[1, 2]].mean())
    height = float(v[[2, 3]].mean() - v[[0, 1]].mean())
    return Row(segment, left, right, float(v.mean()), height, line)


def values_of(label: Row, rows: Sequence[Row], *, below: float = 2.8) -> list[Row]:
    """What may be a label's value, likeliest first: what stands right of it, then under it.

    Args:
        label: the label.
        rows: of the page, labels and values.
        below: how far under it a value may stand, in heights of the label.
    """
    level = [row for row in rows if row.left > label.left and _level(row, label)]
    level.sort(key=lambda row: row.left)
    beside = list(takewhile(lambda row: not row.segment.label, level))
    under = [
        row
        for row in rows
        if not row.segment.label
        and 0.6 * label.height < row.y - label.y < below * label.height
        and abs(row.left - label.left) < 1.5 * label.height
    ]
    return beside + under


def _level(row: Row, label: Row) -> bool:
    return abs(row.y - label.y) < 0.6 * max(label.height, row.height) and row is not label
