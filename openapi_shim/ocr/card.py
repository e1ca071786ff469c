"""The card's layout as the traffic police's standard and public specimens show it.

Millimetres from the card's top left corner. Printers drift, labels and values are printed in
two runs, and layouts differ: these places serve to find the card and to order its rows, never
to decide a value alone.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDTH = 88.0
HEIGHT = 60.0


@dataclass(frozen=True)
class Place:
    """Where something is printed.

    Attributes:
        x: the left edge, mm.
        y: the middle of the row, mm.
        spread_x: how far off that may be, one standard deviation, mm.
        spread_y: likewise.
    """

    x: float
    y: float
    spread_x: float
    spread_y: float


# The left edge of the Chinese label.
LABEL_PLACES: dict[str, Place] = {
    "title": Place(17.0, 5.5, 6.0, 2.0),
    "id": Place(5.0, 14.5, 3.0, 2.0),
    "name": Place(5.0, 20.5, 2.0, 1.5),
    "sex": Place(41.0, 20.5, 3.0, 1.5),
    "nationality": Place(59.0, 20.5, 4.0, 1.5),
    "address": Place(5.0, 27.5, 2.0, 2.0),
    "birth": Place(29.0, 38.5, 3.0, 1.8),
    "issue": Place(29.0, 44.5, 3.0, 1.8),
    "class": Place(29.0, 50.0, 3.0, 1.8),
    "valid": Place(10.0, 56.0, 15.0, 1.8),
    "start": Place(10.0, 56.0, 15.0, 1.8),
}
# The left edge of the value. Values are known by their form, so a date may be any of the dates.
VALUE_PLACES: dict[str, Place] = {
    "id": Place(24.0, 14.5, 7.0, 2.5),
    "sex": Place(50.0, 20.5, 4.0, 2.0),
    "nationality": Place(71.0, 20.5, 6.0, 2.0),
    "birth": Place(48.0, 38.5, 6.0, 2.0),
    "issue": Place(49.0, 44.5, 6.0, 2.0),
    "class": Place(48.0, 50.0, 6.0, 2.5),
    "valid": Place(30.0, 56.0, 12.0, 2.5),
}
SEAL = (3.0, 34.0, 28.0, 57.5)
"""Left, top, right, bottom, with slack."""
