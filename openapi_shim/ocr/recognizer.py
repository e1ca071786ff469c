"""The facade: bytes of a photo to a ``Reading``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from openapi_shim.errors import LicenseNotFoundError
from openapi_shim.ocr.crops import Pyramid
from openapi_shim.ocr.deadline import Deadline
from openapi_shim.ocr.decode import Photo, decode
from openapi_shim.ocr.describe import Seen, describe_card, describe_electronic, quad_in
from openapi_shim.ocr.documents import SECOND_PAGE, other_document
from openapi_shim.ocr.electronic import is_electronic, read_electronic
from openapi_shim.ocr.first_look import find_card, rest_of
from openapi_shim.ocr.kind import is_main_page
from openapi_shim.ocr.layout import Candidates
from openapi_shim.ocr.looks import look_again
from openapi_shim.ocr.passes import Engine, Pass
from openapi_shim.ocr.read_lines import LineReader
from openapi_shim.ocr.reading import FIELD_NAMES, Field, Reading
from openapi_shim.ocr.sessions import open_sessions
from openapi_shim.ocr.several import largest_card
from openapi_shim.ocr.vote import doubtful, final_confidence, is_poor, merge

BUDGET = 15.0
"""Seconds: several times what the poorest photo takes on two cores."""


class Recognizer:
    """Reads driving licences. One instance serves any number of threads.

    Args:
        threads: cores that one reading may use.
        today: tells the day on which a licence's term is judged, for the warning of an expired
            one.
        budget: seconds after which no further look at a photo begins; what was read by then is
            the answer.
    """

    def __init__(
        self,
        threads: int = 2,
        *,
        today: Callable[[], date] = date.today,
        budget: float = BUDGET,
    ) -> None:
        self._threads = threads
        self._today = today
        self._budget = budget
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    def load(self) -> None:
        """Brings the weights into memory; the first ``read`` does it otherwise."""
        self._loaded()

    def read(self, data: bytes, *, details: bool = False) -> Reading:
        """Reads the licence in a photo, or a screenshot of an electronic licence.

        Args:
            data: the image's bytes.
            details: whether to tell warnings, checks, the second page's values and the card's
                own image, too; this takes 1.5 times as long, 2.5 times with a second page.

        Raises:
            ImageError: the bytes are not an image that can be read.
            LicenseNotFoundError: the image shows no main page of a driving licence.
        """
        photo = decode(data)
        engine = self._loaded()
        deadline = Deadline.within(self._budget)
        pyramid = Pyramid(photo.pixels)
        first = largest_card(find_card(engine, pyramid, deadline))
        if is_electronic(_strings(first)):
            return self._read_electronic(engine, pyramid, photo, details=details)
        passes = [first.candidates]
        doubts = doubtful(first.candidates, FIELD_NAMES)
        if first.registration is not None and not _is_another(first):
            passes = look_again(engine, pyramid, first, doubts, deadline)
        merged, agreed = merge(passes, FIELD_NAMES)
        if not is_main_page(_values(merged), first.anchors, _strings(first), located=first.located):
            raise _not_found(first)
        reading = _reading(merged, photo, _Sureness(frozenset(agreed), is_poor(doubts)))
        if not details:
            return reading
        seen = Seen(photo, pyramid, reading.values(), self._today())
        return replace(
            reading, details=describe_card(engine, seen, rest_of(engine, pyramid, first, deadline))
        )

    def _read_electronic(
        self, engine: Engine, pyramid: Pyramid, photo: Photo, *, details: bool
    ) -> Reading:
        found = read_electronic(engine, pyramid)
        reading = _reading(found.fields, photo, _Sureness(frozenset(), poor=False))
        if not details:
            return reading
        seen = Seen(photo, pyramid, reading.values(), self._today())
        return replace(reading, details=describe_electronic(seen, found.extras))

    def _loaded(self) -> Engine:
        with self._lock:
            if self._engine is None:
                shipped, poor = open_sessions(self._threads)
                self._engine = Engine(
                    shipped,
                    LineReader(shipped.reading, shipped.characters),
                    Engine(poor, LineReader(poor.reading, poor.characters)),
                )
            return self._engine


def _values(candidates: Candidates) -> dict[str, str]:
    return {name: found.value for name, found in candidates.items()}


def _strings(seen: Pass) -> list[str]:
    return [text.string for _, text in seen.texts]


def _is_another(seen: Pass) -> bool:
    """Whether the first look shows another document: that is not looked at again."""
    texts = _strings(seen)
    if other_document(texts) in ("", SECOND_PAGE):  # the main page may lie beside that
        return False
    return not is_main_page(_values(seen.candidates), seen.anchors, texts, located=seen.located)


def _not_found(seen: Pass) -> LicenseNotFoundError:
    if not seen.lines:
        return LicenseNotFoundError("No text was found in the image. Is it a driving licence?")
    kind = other_document(_strings(seen))
    if kind:
        return LicenseNotFoundError(
            f"The image shows {kind}, not the main page of a driving licence. "
            "Photograph the main page, filling most of the picture."
        )
    lines = "1 line" if seen.lines == 1 else f"{seen.lines} lines"
    return LicenseNotFoundError(
        f"The image has {lines} of text, but not those of the main page of a driving licence. "
        "Photograph the main page, filling most of the picture."
    )


@dataclass(frozen=True)
class _Sureness:
    """What the looks together say: fields on which two agree, and whether the photo is poor."""

    agreed: frozenset[str]
    poor: bool


def _reading(candidates: Candidates, photo: Photo, sure: _Sureness) -> Reading:
    fields = {name: _field(candidates, name, photo, sure) for name in FIELD_NAMES}
    return Reading(fields, photo.width, photo.height)


def _field(candidates: Candidates, name: str, photo: Photo, sure: _Sureness) -> Field:
    found = candidates.get(name)
    if found is None:
        return Field()
    confidence = final_confidence(name, candidates, agreed=name in sure.agreed, poor=sure.poor)
    return Field(found.value, confidence, quad_in(found.corners, photo), found.text)
