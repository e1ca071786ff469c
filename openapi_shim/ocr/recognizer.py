"""The facade: bytes of a photo to a ``Reading``."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from openapi_shim.errors import LicenseNotFoundError
from openapi_shim.ocr.crops import Pyramid, corners_along, cut_line
from openapi_shim.ocr.decode import Photo, decode
from openapi_shim.ocr.detect import find_boxes
from openapi_shim.ocr.labels import Segment, split_line
from openapi_shim.ocr.layout import Candidates, read_fields
from openapi_shim.ocr.orient import text_axis, upside_down
from openapi_shim.ocr.placed import place_segments
from openapi_shim.ocr.read_lines import LineReader
from openapi_shim.ocr.reading import FIELD_NAMES, Field, Quad, Reading
from openapi_shim.ocr.register import register
from openapi_shim.ocr.sessions import Sessions, open_sessions

_SEARCH_SIDE = 960


@dataclass(frozen=True)
class _Engine:
    sessions: Sessions
    reader: LineReader


class Recognizer:
    """Reads driving licences. One instance serves any number of threads.

    Args:
        threads: cores that one reading may use.
    """

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._engine: _Engine | None = None

    def load(self) -> None:
        """Brings the weights into memory; the first ``read`` does it otherwise."""
        self._loaded()

    def read(self, data: bytes) -> Reading:
        """Reads the licence in a photo.

        Raises:
            ImageError: the bytes are not an image that can be read.
            LicenseNotFoundError: the image shows no main page of a driving licence.
        """
        photo = decode(data)
        candidates = _first_pass(self._loaded(), photo)
        fields = {name: _field(candidates, name, photo.scale) for name in FIELD_NAMES}
        return Reading(fields, photo.width, photo.height)

    def _loaded(self) -> _Engine:
        with self._lock:
            if self._engine is None:
                sessions = open_sessions(self._threads)
                self._engine = _Engine(
                    sessions, LineReader(sessions.reading, sessions.characters)
                )
            return self._engine


def _first_pass(engine: _Engine, photo: Photo) -> Candidates:
    boxes = find_boxes(engine.sessions.detection, photo.pixels, _SEARCH_SIDE)
    if not boxes:
        raise LicenseNotFoundError("No text was found in the image. Is it a driving licence?")
    pyramid = Pyramid(photo.pixels)
    direction = text_axis(boxes)
    if upside_down(engine.sessions.direction, pyramid, boxes, direction) > 0:
        direction += np.pi
    corners = [corners_along(box, direction) for box in boxes]
    texts = engine.reader.read([cut_line(pyramid, quad) for quad in corners])
    segments: list[Segment] = []
    for index, (text, quad) in enumerate(zip(texts, corners, strict=True)):
        segments += split_line(index, text, quad)
    registration = register(segments, corners, direction)
    if registration is None:
        raise LicenseNotFoundError("Text was found, but no main page of a driving licence.")
    return read_fields(place_segments(segments, registration))


def _field(candidates: Candidates, name: str, scale: float) -> Field:
    found = candidates.get(name)
    if found is None:
        return Field()
    points = [(float(x) * scale, float(y) * scale) for x, y in found.corners]
    quad: Quad = (points[0], points[1], points[2], points[3])
    return Field(found.value, found.confidence, quad, found.text)
