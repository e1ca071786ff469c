"""A recognizer whose answers somebody chose, before the one that reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openapi_shim.catalog.operations import operation_named
from openapi_shim.errors import ControlError, ImageError, LicenseNotFoundError
from openapi_shim.wechat.ocr import OPERATION
from openapi_shim.wechat.recognition import License, Recognizer

REFUSALS: dict[int, type[ImageError] | type[LicenseNotFoundError]] = {
    101001: LicenseNotFoundError,
    101002: ImageError,
}
"""The codes with which a recognizer can refuse a photo, and its errors for them."""


@dataclass(frozen=True)
class _Canned:
    fields: Mapping[str, str]

    def values(self) -> Mapping[str, str]:
        return self.fields


def field_names() -> list[str]:
    """The fields of a licence, by WeChat's names and in WeChat's order."""
    operation = operation_named(OPERATION)
    return [] if operation is None else [field.name for field in operation.result]


class CannedRecognizer:
    """Answers what was chosen; until then, and after a reset, the real one reads.

    Args:
        real: reads photos.
    """

    def __init__(self, real: Recognizer) -> None:
        self._real = real
        self._answer: _Canned | None = None
        self._refusal: tuple[int, str] | None = None

    def load(self) -> None:
        """Load the real one."""
        self._real.load()

    def read(self, content: bytes, /) -> License:
        """The chosen answer, or what the real one reads.

        Raises:
            ImageError, LicenseNotFoundError: as chosen, or the real one's.
        """
        if self._refusal is not None:
            errcode, reason = self._refusal
            raise REFUSALS[errcode](reason)
        return self._answer or self._real.read(content)

    def returns(self, fields: Mapping[str, str]) -> None:
        """Answer every photo with *fields*; those left out are empty.

        Raises:
            ControlError: a field is none of the eleven.
        """
        names = field_names()
        unknown = [name for name in fields if name not in names]
        if unknown:
            raise ControlError(f"{unknown[0][:40]!r} is no field; there are {', '.join(names)}")
        self._refusal = None
        self._answer = _Canned({name: str(fields.get(name, "")) for name in names})

    def refuses(self, errcode: int, reason: str = "") -> None:
        """Refuse every photo.

        Raises:
            ControlError: recognizers do not refuse with this code.
        """
        if errcode not in REFUSALS:
            codes = " or ".join(str(code) for code in REFUSALS)
            raise ControlError(f"a photo is refused with {codes}; faults answer other codes")
        self._answer = None
        self._refusal = errcode, reason or "The test wants it so."

    def reset(self) -> None:
        """Let the real one read again."""
        self._answer = self._refusal = None

    def state(self) -> dict[str, object]:
        """What is answered."""
        if self._refusal is not None:
            return {"refuses": self._refusal[0]}
        return {"returns": dict(self._answer.fields)} if self._answer else {"returns": None}
