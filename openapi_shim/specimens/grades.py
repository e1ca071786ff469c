"""How good a photo is: four grades, each as ranges that chance draws from."""

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
        scan=False, side=(960, 2000), tilt=(8, 30), turn=20, fill=(0.5, 0.92), defocus=(0.4, 1.35),
        motion=(0, 1.8), exposure=(0.38, 1.1), noise=(0.012, 0.05), glare=0.5,
        glare_strength=(0.2, 0.55), shadow=0.7, shadow_depth=(0.15, 0.5), balance=0.16,
        first=(65, 92), second=(50, 88), quarter=0.6, second_page=0.25,
    ),
    "extreme": Grade(
        scan=False, side=(720, 1600), tilt=(15, 40), turn=32, fill=(0.4, 0.9), defocus=(0.8, 2.3),
        motion=(0, 3.6), exposure=(0.16, 1.2), noise=(0.025, 0.09), glare=0.7,
        glare_strength=(0.3, 0.9), shadow=0.85, shadow_depth=(0.2, 0.65), balance=0.25,
        first=(45, 85), second=(32, 75), quarter=0.6, second_page=0.3,
    ),
}  # fmt: skip
"""The grades by name."""
