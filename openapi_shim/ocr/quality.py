"""What is measured of a card's picture to warn of: copies, screens, glare, blur, cut edges.

Thresholds are set by ``bench/warnings.py`` on one half of the specimens and reported on the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from openapi_shim.ocr.card import HEIGHT, WIDTH
from openapi_shim.ocr.crops import Pyramid
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM, rectify
from openapi_shim.ocr.register import Registration

Plane = npt.NDArray[np.float32]

_PORTRAIT = (58.0, 26.0)  # mm; right of and below this is the portrait, white ground and all
_PATCH = 192  # pixels of the photo whose spectrum is looked at at a time,
_COLUMNS = (0.2, 0.4, 0.6, 0.8)  # around these places, in shares of the card
_ROWS = (0.2, 0.5, 0.8)
_RIM = 5.0  # mm; where the card's edges lie is known to a few
_WHITE = 247  # of 255: paper and even light leave at least one channel below


@dataclass(frozen=True)
class Quality:
    """Measures of one picture.

    Attributes:
        colour: how far red ink and paper differ in hue, in natural logarithms of red to green.
        grid: how far a regular grid stands out of the picture's spectrum, in decibels.
        white: the largest burnt-out spot, square millimetres.
        sharpness: the steepest edges of the print against its contrast, per pixel of 1/8 mm.
        outside: how far the card reaches beyond the picture, millimetres.
    """

    colour: float
    grid: float
    white: float
    sharpness: float
    outside: float


def measure(pyramid: Pyramid, registration: Registration) -> Quality:
    """Measures the card that ``registration`` locates in the photo."""
    card = rectify(pyramid, registration, 0.0).pixels
    return Quality(
        colour=colour_of(card),
        grid=grid_of(pyramid.levels[0], registration),
        white=white_spot(card),
        sharpness=sharpness_of(card),
        outside=outside_of(pyramid.levels[0].shape[:2], registration),
    )


def _zone(card: Pixels, left: float, top: float, right: float, bottom: float) -> Pixels:
    """A part of the rectified card, edges in millimetres."""
    x0, y0, x1, y1 = (round((edge + MARGIN) * PIXELS_PER_MM) for edge in (left, top, right, bottom))
    return card[y0:y1, x0:x1]


def colour_of(card: Pixels) -> float:
    """The spread of red to green around the seal: red ink on green paper has much, toner none."""
    zone = cv2.GaussianBlur(_zone(card, 2, 30, 27, 58), (0, 0), 3.0).astype(np.float32) + 8
    ratio = np.log(zone[:, :, 2] / zone[:, :, 1])
    low, high = np.percentile(ratio, (5, 95))
    return float(high - low)


def white_spot(card: Pixels) -> float:
    """The area of the largest spot without any colour or print left, in square millimetres.

    The rim of the card does not count: what lies beside it may be white, as a scanner's lid.
    """
    burnt = (card.min(axis=2) >= _WHITE).astype(np.uint8)
    edge = round((MARGIN + _RIM) * PIXELS_PER_MM)
    inside = np.zeros_like(burnt)
    inside[edge:-edge, edge:-edge] = burnt[edge:-edge, edge:-edge]
    left, top = (round((place + MARGIN) * PIXELS_PER_MM) for place in _PORTRAIT)
    inside[top:, left:] = 0
    count, _, stats, _ = cv2.connectedComponentsWithStats(inside)
    largest = max((int(stats[index, cv2.CC_STAT_AREA]) for index in range(1, count)), default=0)
    return largest / PIXELS_PER_MM**2


def sharpness_of(card: Pixels) -> float:
    """The steepest slopes of the print, as a share of its contrast a pixel."""
    gray = cv2.cvtColor(_zone(card, 20, 9, 57, 54), cv2.COLOR_BGR2GRAY).astype(np.float32)
    slopes = np.hypot(cv2.Scharr(gray, cv2.CV_32F, 1, 0), cv2.Scharr(gray, cv2.CV_32F, 0, 1)) / 32
    dark, bright = np.percentile(gray, (1, 90))
    return float(np.percentile(slopes, 99) / max(bright - dark, 8.0))


def grid_of(pixels: Pixels, registration: Registration) -> float:
    """How far the strongest regular pattern stands out, in decibels.

    A display's elements, or their beat with the sensor's, repeat all over the card; print and
    printed waves do not. So the spectra of many places are averaged, each against its own
    ground: what is in one place alone averages out. JPEG's blocks repeat too, along the axes,
    which are left out.
    """
    height, width = pixels.shape[:2]
    size = min(_PATCH, height, width)
    window = np.outer(np.hanning(size), np.hanning(size)).astype(np.float32)
    places = [(x * WIDTH, y * HEIGHT) for y in _ROWS for x in _COLUMNS]
    total = np.zeros((size, size), np.float32)
    for middle in registration.to_photo(places):
        x = int(np.clip(middle[0] - size / 2, 0, width - size))
        y = int(np.clip(middle[1] - size / 2, 0, height - size))
        total += _excess(pixels[y : y + size, x : x + size, 1].astype(np.float32), window)
    frequency = np.abs(np.fft.fftshift(np.fft.fftfreq(size)))
    fx, fy = np.meshgrid(frequency, frequency)
    allowed = (np.hypot(fx, fy) > 0.1) & (fx > 0.02) & (fy > 0.02)
    return float(total[allowed].max()) / len(places)


def _excess(plane: Plane, window: Plane) -> Plane:
    """A place's spectrum against the ground around each frequency, in decibels."""
    calm = plane - cv2.GaussianBlur(plane, (0, 0), 6)
    power = np.abs(np.fft.fftshift(np.fft.fft2(calm * window))) ** 2 + 1e-3
    decibels = (10 * np.log10(power)).astype(np.float32)
    excess = cv2.GaussianBlur(decibels, (0, 0), 0.8) - cv2.blur(decibels, (31, 31))
    # Perspective moves a pattern's frequency a little from place to place.
    return np.asarray(cv2.dilate(excess, np.ones((3, 3), np.uint8)), np.float32)


def outside_of(shape: tuple[int, ...], registration: Registration) -> float:
    """How far the card's corners lie outside the picture, in millimetres; 0 if all are inside."""
    corners = registration.corners()
    height, width = shape[:2]
    beyond = np.maximum(-corners, corners - (width, height)).max(axis=1).clip(0)
    side = np.linalg.norm(corners[1] - corners[0]) / WIDTH
    return float(beyond.max() / max(side, 1e-6))
