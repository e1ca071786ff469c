"""How good a photo is: five grades, each as ranges that chance draws from.

The first four are set so that a plain reader (rapidocr and a label parser, upright photos) gets
about 98, 90, 63 and 19 % of the fields; ``severe`` is where reading ends.
"""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class Grade:
    """Ranges of one grade.

    Attributes:
        scan: whether it is a flat scan instead of a photo.
        side: longest side of the picture, pixels.
        tilt: of the camera, degrees.
        turn: greatest turn of the card beside the quarter turns, degrees.
        fill: share of the picture that the card's outline takes along the tighter side.
        defocus: standard deviation of the lens blur, in thousandths of the longest side.
        motion: length of the motion blur, in thousandths of the longest side.
        exposure: brightness of the picture, 1 being right.
        noise: standard deviation of the sensor's noise at middle grey, of 1.
        glare: chance of a glare on the card.
        glare_strength: brightness added in its middle.
        shadow: chance of a shadow across the picture.
        shadow_depth: light taken away in it.
        balance: greatest error of the white balance, share of a channel.
        first: JPEG quality of the camera.
        second: JPEG quality of the second encoding.
        quarter: chance that the card is not upright.
        second_page: chance that the second page is in the picture.
    """

    scan: bool
    side: Range
    tilt: Range
    turn: float
    fill: Range
    defocus: Range
    motion: Range
    exposure: Range
    noise: Range
    glare: float
    glare_strength: Range
    shadow: float
    shadow_depth: Range
    balance: float
    first: Range
    second: Range
    quarter: float
    second_page: float


GRADES = {
    "clean": Grade(
        scan=True, side=(1000, 1900), tilt=(0, 0.3), turn=1.2, fill=(0.86, 0.97), defocus=(0, 0.3),
        motion=(0, 0), exposure=(0.97, 1.03), noise=(0.002, 0.008), glare=0, glare_strength=(0, 0),
        shadow=0, shadow_depth=(0, 0), balance=0.02, first=(88, 96), second=(84, 95), quarter=0.35,
        second_page=0.08,
    ),
    "normal": Grade(
        scan=False, side=(1050, 2400), tilt=(0, 12), turn=8, fill=(0.62, 0.94), defocus=(0.1, 0.75),
        motion=(0, 0.6), exposure=(0.82, 1.08), noise=(0.006, 0.024), glare=0.25,
        glare_strength=(0.06, 0.25), shadow=0.5, shadow_depth=(0.08, 0.3), balance=0.08,
        first=(80, 95), second=(72, 93), quarter=0.5, second_page=0.2,
    ),
    "hard": Grade(
        scan=False, side=(1000, 2200), tilt=(6, 30), turn=18, fill=(0.52, 0.93),
        defocus=(0.25, 1.05), motion=(0, 1.3), exposure=(0.45, 1.1), noise=(0.01, 0.04), glare=0.5,
        glare_strength=(0.15, 0.5), shadow=0.65, shadow_depth=(0.12, 0.42), balance=0.13,
        first=(70, 92), second=(58, 90), quarter=0.6, second_page=0.25,
    ),
    "extreme": Grade(
        scan=False, side=(860, 1800), tilt=(12, 36), turn=26, fill=(0.45, 0.9), defocus=(0.6, 1.75),
        motion=(0, 2.5), exposure=(0.26, 1.15), noise=(0.018, 0.066), glare=0.6,
        glare_strength=(0.25, 0.7), shadow=0.75, shadow_depth=(0.15, 0.55), balance=0.2,
        first=(55, 88), second=(42, 82), quarter=0.6, second_page=0.3,
    ),
    "severe": Grade(
        scan=False, side=(720, 1600), tilt=(15, 40), turn=32, fill=(0.4, 0.9), defocus=(0.8, 2.3),
        motion=(0, 3.6), exposure=(0.16, 1.2), noise=(0.025, 0.09), glare=0.7,
        glare_strength=(0.3, 0.9), shadow=0.85, shadow_depth=(0.2, 0.65), balance=0.25,
        first=(45, 85), second=(32, 75), quarter=0.6, second_page=0.3,
    ),
}  # fmt: skip
"""The grades by name."""
