"""The least work in which these models can read a photo: what the recognizer's time is held to.

One search for text at 960 pixels and one reading of the value lines, bare: only the networks run,
on tensors made beforehand as the recognizer makes them. Not in it: decoding the photo, boxes,
which end is up, labels, finding the card, cutting lines, characters from what a network answers.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import cv2
import numpy as np

from openapi_shim.ocr import Reading, Recognizer
from openapi_shim.ocr.crops import Corners, Pyramid, corners_along, cut_line
from openapi_shim.ocr.decode import Photo, decode
from openapi_shim.ocr.detect import Box, find_boxes
from openapi_shim.ocr.read_lines import LineReader
from openapi_shim.ocr.seal import split_rows
from openapi_shim.ocr.sessions import Floats, Model

_SIDE = 960
_SEAL_SIDE = 256  # pixels in which its rows are found


class Floor:
    """Measures the floor with a recognizer's own sessions, so with its threads and memory.

    Args:
        recognizer: whose readings are measured.
    """

    def __init__(self, recognizer: Recognizer) -> None:
        self._engine = recognizer._loaded()  # noqa: SLF001 - these very sessions are measured

    def milliseconds(self, data: bytes, reading: Reading) -> float | None:
        """The floor for a photo, or None where no value was found in it.

        Args:
            data: the photo.
            reading: of it; tells where the values stand.
        """
        photo = decode(data)
        pyramid = Pyramid(photo.pixels)
        sessions = self._engine.sessions
        search, rows = _Recorder(sessions.detection), _Recorder(sessions.reading)
        boxes = find_boxes(search, photo.pixels, _SIDE)
        lines = [cut_line(pyramid, quad) for quad in value_lines(reading, photo, pyramid, boxes)]
        if not lines:
            return None
        LineReader(rows, sessions.characters).read(lines)
        start = time.perf_counter()
        for tensor in search.tensors:
            sessions.detection(tensor)
        for tensor in rows.tensors:
            sessions.reading(tensor)
        return 1000 * (time.perf_counter() - start)


class _Recorder:
    """A network that keeps what it is given."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.tensors: list[Floats] = []

    def __call__(self, tensor: Floats) -> Floats:
        self.tensors.append(tensor)
        return self._model(tensor)


def value_lines(
    reading: Reading, photo: Photo, pyramid: Pyramid, boxes: Sequence[Box]
) -> list[Corners]:
    """The lines in which the values stand, corners in the pixels held.

    Begin and end of validity often share a line; a seal has rows, and an address may have two
    lines: those of the search, where it saw them apart.
    """
    places = {item.quad: name for name, item in reading if item.quad is not None}
    lines: list[Corners] = []
    for place, name in places.items():
        quad = np.asarray(np.array(place) / photo.scale, np.float32)
        if name == "official_seal":
            rows = split_rows(cut_line(pyramid, quad, _SEAL_SIDE))
            lines += [slice_across(quad, row.top, row.bottom) for row in rows]
            continue
        inside = [box for box in boxes if cv2.pointPolygonTest(quad, box.centre, False) > 0]
        along = quad[1] - quad[0]
        apart = [corners_along(box, float(np.arctan2(along[1], along[0]))) for box in inside]
        lines += apart if name == "address" and len(apart) > 1 else [quad]
    return lines


def slice_across(quad: Corners, top: float, bottom: float) -> Corners:
    """The part of a quadrilateral between two shares of its height."""
    down = quad[[3, 2]] - quad[:2]
    above, below = quad[:2] + top * down, quad[:2] + bottom * down
    return np.array([*above, *below[::-1]], np.float32)
