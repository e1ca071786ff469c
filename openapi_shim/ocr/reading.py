"""What the recognizer answers: plain frozen values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from openapi_shim.ocr.details import Details

FIELD_NAMES = (
    "id_num",
    "name",
    "sex",
    "nationality",
    "address",
    "birth_date",
    "issue_date",
    "car_class",
    "valid_from",
    "valid_to",
    "official_seal",
)
"""The eleven fields, in the order of WeChat's answer."""

Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""Four corners in pixels (x, y) of the photo as given after EXIF rotation: top left of the
text first, then clockwise as the text is read."""


@dataclass(frozen=True)
class Field:
    """One of the eleven values.

    Attributes:
        value: the value in WeChat's form; empty when it could not be read.
        confidence: 0 to 1; 0 when empty.
        quad: where it stands in the photo, or None.
        text: as read, before it was brought to WeChat's form.
    """

    value: str = field(default="", repr=False)
    confidence: float = 0.0
    quad: Quad | None = None
    text: str = field(default="", repr=False)


@dataclass(frozen=True)
class Reading:
    """A licence as read from one photo. Its ``repr`` shows no personal data.

    Attributes:
        fields: the eleven fields by name, in the order of ``FIELD_NAMES``.
        width: of the photo after EXIF rotation, in pixels.
        height: likewise.
        details: warnings, checks and more, where they were asked for.
    """

    fields: dict[str, Field]
    width: int
    height: int
    details: Details | None = None

    def values(self) -> dict[str, str]:
        """The eleven strings, as WeChat answers them."""
        return {name: item.value for name, item in self.fields.items()}

    def __iter__(self) -> Iterator[tuple[str, Field]]:
        return iter(self.fields.items())
