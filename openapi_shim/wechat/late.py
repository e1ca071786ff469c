"""The recognizer, imported when it is loaded: who answers calls starts before numpy is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openapi_shim.wechat.details import are_details_wanted

if TYPE_CHECKING:
    from openapi_shim.ocr import Reading, Recognizer


class LateRecognizer:
    """Stands for :class:`openapi_shim.ocr.Recognizer`; to be used from one thread.

    Args:
        threads: cores that one reading may use.
        budget: seconds after which no further look at a photo begins.
    """

    def __init__(self, threads: int, budget: float) -> None:
        self._threads = threads
        self._budget = budget
        self._recognizer: Recognizer | None = None

    def load(self) -> None:
        """Import the recognizer and load its weights."""
        self._imported().load()

    def read(self, content: bytes) -> Reading:
        """Read one photo, with details if the request asked for them.

        Raises:
            ImageError: not an image, broken, or beyond the bounds.
            LicenseNotFoundError: no main page of a driving licence is in it.
        """
        return self._imported().read(content, details=are_details_wanted())

    def _imported(self) -> Recognizer:
        if self._recognizer is None:
            from openapi_shim.ocr import Recognizer  # noqa: PLC0415 - what this module is for

            self._recognizer = Recognizer(threads=self._threads, budget=self._budget)
        return self._recognizer
