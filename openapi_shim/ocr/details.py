"""What a reading tells beyond the eleven fields, for who asks: plain frozen values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openapi_shim.ocr.reading import Field, Quad

EXTRA_NAMES = (
    "second_page_id_num",
    "second_page_name",
    "archive_number",
    "record",
    "state",
    "penalty_points",
    "generated_at",
    "current_time",
)
"""What may be in the picture beside the eleven fields: the first four on the second page, the
third and the last four on an electronic licence."""

WARNINGS = {
    "copy": "the card is a copy without colours: photograph the original",
    "screen": "the card seems to be photographed from a screen: photograph the original",
    "glare": "light is reflected on the card: tilt it, or turn off the flash",
    "blur": "the photo is blurred: hold still, and focus on the card",
    "border_incomplete": "a part of the card is outside the picture: step back",
    "second_page_missing": "the second page (副页) is not in the picture",
    "expired": "the licence has expired",
    "several_cards": "there is more than one licence in the picture: the most complete was read",
}
"""The warnings there are, each with what to do."""


@dataclass(frozen=True)
class Caution:
    """Something that a careful reader would point out.

    Attributes:
        name: a key of ``WARNINGS``.
        message: for people, with the next step.
        measure: what was measured, in the unit of docs/recognition.md, or None.
    """

    name: str
    message: str
    measure: float | None = None


@dataclass(frozen=True)
class Check:
    """Whether fields that are read apart agree.

    Attributes:
        name: ``id_checksum``, ``birth_date_in_id``, ``sex_in_id``, ``dates_in_order`` or
            ``term``.
        holds: None where it cannot be said, as of a foreigner's number or an empty field.
        message: what was compared; never a value.
    """

    name: str
    holds: bool | None
    message: str


@dataclass(frozen=True)
class Details:
    """What a reading tells beyond the eleven fields. Its ``repr`` shows no personal data.

    Attributes:
        kind: ``card`` or ``electronic``.
        corners: of the card in the photo, from its own top left clockwise, or None.
        extras: other values, by names of ``EXTRA_NAMES``; only what was read.
        warnings: in the order of ``WARNINGS``.
        checks: in their own order.
    """

    kind: str
    corners: Quad | None
    extras: dict[str, Field]
    warnings: tuple[Caution, ...]
    checks: tuple[Check, ...]
    _draw: Callable[[], bytes] | None = field(default=None, repr=False, compare=False)

    def card_image(self) -> bytes:
        """The card seen from straight above, as a JPEG; empty for an electronic licence."""
        return self._draw() if self._draw is not None else b""

    def to_dict(self) -> dict[str, Any]:
        """The details as JSON has them, without the card's image."""
        return {
            "kind": self.kind,
            "corners": rounded(self.corners),
            "extras": {name: item.value for name, item in self.extras.items()},
            "warnings": [{"name": one.name, "message": one.message} for one in self.warnings],
            "checks": [
                {"name": one.name, "holds": one.holds, "message": one.message}
                for one in self.checks
            ],
        }


def rounded(quad: Quad | None) -> list[list[float]] | None:
    """A quadrilateral for JSON, to a tenth of a pixel."""
    return None if quad is None else [[round(x, 1), round(y, 1)] for x, y in quad]
