"""Making one specimen: a seed in, a photo and its exact truth out."""

from __future__ import annotations

from dataclasses import dataclass, field

from openapi_shim.specimens.chance import chance, pick, stream
from openapi_shim.specimens.grades import GRADES
from openapi_shim.specimens.licenses import LAYOUTS, invent_license
from openapi_shim.specimens.page2 import second_page_values
from openapi_shim.specimens.scene import photograph
from openapi_shim.specimens.sheet import plan_sheet

ROTATIONS = (0, 90, 180, 270)
"""Degrees, clockwise, by which the card can be turned in the photo."""


@dataclass(frozen=True)
class Specimen:
    """A photo of an invented person's licence.

    Attributes:
        image: the JPEG.
        truth: the eleven fields in WeChat's form and order.
        seed: what it was made from.
        grade: clean, normal, hard, extreme or severe.
        layout: current or older.
        rotation: degrees, clockwise, by which the card is turned in the photo.
        second_page: what the second page says, where it is in the photo; else empty.
    """

    image: bytes = field(repr=False)
    truth: dict[str, str]
    seed: int
    grade: str
    layout: str
    rotation: int
    second_page: dict[str, str] = field(default_factory=dict)


def _known(kind: str, value: object, among: tuple[object, ...]) -> None:
    if value not in among:
        choices = ", ".join(str(item) for item in among)
        raise ValueError(f"unknown {kind} {value!r}: choose one of {choices}")


def make_specimen(
    seed: int,
    *,
    grade: str = "normal",
    layout: str | None = None,
    rotation: int | None = None,
    shifted: bool = False,
) -> Specimen:
    """Makes the specimen of a seed. The same arguments give the same bytes.

    Args:
        seed: 0 or greater.
        grade: how good the photo is: a key of ``GRADES``.
        layout: ``current`` or ``older``; chosen by the seed when None.
        rotation: 0, 90, 180 or 270 degrees, clockwise; chosen by the seed when None.
        shifted: a form outside the usual ranges, to measure how far a recognizer's tuning
            to them goes.

    Raises:
        ValueError: an argument is none of its choices.
        FontsMissingError: the system has no CJK font.
    """
    if seed < 0:
        raise ValueError(f"seed {seed} is negative: give 0 or greater")
    _known("grade", grade, tuple(GRADES))
    form = stream(seed, "form")
    chosen_layout = layout or ("older" if chance(form, 0.35) else "current")
    _known("layout", chosen_layout, LAYOUTS)
    turned = stream(seed, "rotation")
    drawn = pick(turned, ROTATIONS[1:]) if chance(turned, GRADES[grade].quarter) else 0
    chosen_rotation = drawn if rotation is None else rotation
    _known("rotation", chosen_rotation, ROTATIONS)
    issued = invent_license(seed, chosen_layout)
    image = photograph(seed, issued, GRADES[grade], chosen_rotation // 90, shifted=shifted)
    double = plan_sheet(seed, GRADES[grade]).second is not None
    second = second_page_values(seed, issued) if double else {}
    return Specimen(image, issued.truth, seed, grade, chosen_layout, chosen_rotation, second)
