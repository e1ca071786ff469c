"""The authority's seal: a red square whose three or four rows of characters fill it.

The rows are found by the gaps between them rather than by the text detector, which takes the
stretched characters of two rows for one. What is read stays as read: no list of authorities
completes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from openapi_shim.ocr.card import SEAL
from openapi_shim.ocr.checks import looks_like_authority, simplify
from openapi_shim.ocr.crops import LINE_HEIGHT, Corners
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.layout import Candidate
from openapi_shim.ocr.read_lines import Glyph, LineReader, Text
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM

Gray = npt.NDArray[np.uint8]

_SMALLEST, _LARGEST = 13.0, 27.0  # mm, a seal's side
_SIDE = 256  # pixels to which the seal is brought
_INNER = 0.035  # of the side: the frame's own width and a little air
_ROWS = (2, 3, 4, 5)
_NO_CHARACTERS = 0.65  # of a seal's mean darkness
_DOUBTFUL = 0.9  # a row's least sure character
_ABOUT_SQUARE = 0.85  # a character's width by its height
_WIDE = 1.65  # of the usual step from character to character
_GAP = 0.7  # how sure a seal is in which a character may be missing
_HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Row:
    """One row of a seal, in shares of its height, 0 to 1."""

    top: float
    bottom: float


def read_seal(reader: LineReader, card: Pixels) -> Candidate | None:
    """What the seal says, corners in the card's pixels.

    A row that is not read surely is read once more, its characters brought to their usual shape.
    """
    frame = find_frame(card)
    if frame is None:
        return None
    square = np.array([[0, 0], [_SIDE, 0], [_SIDE, _SIDE], [0, _SIDE]], np.float32)
    matrix = cv2.getPerspectiveTransform(frame, square)
    seal = np.asarray(
        cv2.warpPerspective(card, matrix, (_SIDE, _SIDE), borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )
    inner = round(_INNER * _SIDE)
    seal = seal[inner:-inner, inner:-inner]
    rows = _cut_rows(seal, split_rows(ink_of(seal)))
    texts = reader.read(rows)
    doubtful = [place for place, text in enumerate(texts) if _worth(text)[0] < _DOUBTFUL]
    squared = [_squared(rows[place], len(_characters(texts[place]))) for place in doubtful]
    for place, text in zip(doubtful, reader.read(squared), strict=True):
        texts[place] = max(texts[place], text, key=lambda one: sum(_worth(one)))
    return _candidate(texts, frame)


def find_frame(card: Pixels) -> Corners | None:
    """The red square's four corners in a rectified card's pixels, or None."""
    left, top, right, bottom = (
        round((edge + MARGIN) * PIXELS_PER_MM)
        for edge in (SEAL[0] - 5, SEAL[1] - 6, SEAL[2] + 6, SEAL[3] + 3)
    )
    zone = card[top:bottom, max(0, left) : right]
    expected = np.array([(SEAL[0] + SEAL[2]) / 2 + MARGIN, (SEAL[1] + SEAL[3]) / 2 + MARGIN])
    offset = np.array([max(0, left), top])
    best: tuple[float, Corners] | None = None
    for mask in _masks(zone):
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            quad = _as_square(contour)
            if quad is None:
                continue
            quad = (quad + offset).astype(np.float32)
            off_centre = quad.mean(axis=0) / PIXELS_PER_MM - expected
            askew = (quad[0] - quad[1] + quad[2] - quad[3]) / PIXELS_PER_MM
            cost = float(np.linalg.norm(off_centre) + np.linalg.norm(askew))
            if best is None or cost < best[0]:
                best = cost, quad
    return best[1] if best else None


def ink_of(seal: Pixels) -> Gray:
    """The seal's ink dark on white: red ink is darkest in blue and green."""
    plain = seal[:, :, :2].min(axis=2)
    plain = cv2.GaussianBlur(plain, (0, 0), 0.8).astype(np.float32)
    # Uneven light is divided out; what is left is stretched to the full range.
    ground = cv2.GaussianBlur(cv2.dilate(plain, np.ones((25, 25), np.uint8)), (0, 0), 15)
    share = plain / np.maximum(ground, 1.0)
    low, high = np.percentile(share, (3, 85))
    stretched = np.clip((share - low) / max(high - low, 0.02), 0, 1) * 255
    return np.asarray(stretched, np.uint8)


def split_rows(ink: Gray) -> list[Row]:
    """The rows of characters: as many as leave the emptiest gaps between them."""
    height = len(ink)
    darkness = (255 - ink.astype(np.float32)).mean(axis=1)
    darkness = np.convolve(np.pad(darkness, 2, mode="edge"), np.ones(5) / 5, "valid")
    middle = float(darkness.mean())
    found = []
    for count in _ROWS:
        cuts = []
        for index in range(1, count):
            centre, reach = height * index / count, 0.16 * height / count
            low, high = round(centre - reach), round(centre + reach) + 1
            cuts.append(low + int(np.argmin(darkness[low:high])))
        found.append((max(float(darkness[cut]) for cut in cuts) / max(middle, 1.0), cuts))
    emptiest = min(worst for worst, _ in found)
    # Half of four rows' gaps make two: the most rows whose every gap is about as empty count.
    # A cut through characters is about as dark as the mean, whatever the seal.
    limit = max(emptiest + 0.25, _NO_CHARACTERS)
    cuts = [cuts for worst, cuts in found if worst < limit][-1]
    edges = [0, *cuts, height]
    return [Row(top / height, bottom / height) for top, bottom in pairwise(edges)]


def _masks(zone: Pixels) -> Iterator[Gray]:
    """Where the seal's ink may be: by its redness, and by its darkness in blue and green.

    And by how much redder it is than what is around it: a lamp's reflection is red, too.
    """
    calm = cv2.GaussianBlur(zone, (0, 0), 1.0).astype(np.int16)
    red = np.clip(calm[:, :, 2] - calm[:, :, :2].max(axis=2) + 40, 0, 255).astype(np.uint8)
    _, mask = cv2.threshold(red, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    yield _joined(mask)
    dark = np.asarray(calm[:, :, :2].min(axis=2), np.uint8)
    mask = cv2.adaptiveThreshold(
        dark, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 41, 6
    )
    yield _joined(mask)
    mask = cv2.adaptiveThreshold(red, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 41, -12)
    yield _joined(mask)


def _joined(mask: npt.NDArray[np.generic]) -> Gray:
    return np.asarray(
        cv2.morphologyEx(np.asarray(mask, np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)),
        np.uint8,
    )


def _as_square(contour: cv2.typing.MatLike) -> Corners | None:
    """The contour's corners from the top left clockwise, if it is about a seal's square."""
    hull = cv2.convexHull(contour)
    width, height = (value / PIXELS_PER_MM for value in cv2.boundingRect(hull)[2:])
    if not (_SMALLEST < width < _LARGEST and _SMALLEST < height < _LARGEST):
        return None
    points = hull.reshape(-1, 2).astype(np.float32)
    sums, differences = points.sum(axis=1), points[:, 0] - points[:, 1]
    quad = points[[sums.argmin(), differences.argmax(), sums.argmax(), differences.argmin()]]
    # A square's hull is filled by its corners; a cross of text lines is not.
    if cv2.contourArea(quad) < 0.9 * cv2.contourArea(hull):
        return None
    return np.asarray(quad, np.float32)


def _cut_rows(view: Pixels, rows: list[Row]) -> list[Pixels]:
    lines = []
    for row in rows:
        air = 0.01
        top = max(0, round((row.top - air) * len(view)))
        bottom = round((row.bottom + air) * len(view))
        line = view[top:bottom]
        width = min(round(LINE_HEIGHT * view.shape[1] / len(line)), 6 * LINE_HEIGHT)
        lines.append(
            np.asarray(
                cv2.resize(line, (width, LINE_HEIGHT), interpolation=cv2.INTER_AREA), np.uint8
            )
        )
    return lines


def _squared(row: Pixels, count: int) -> Pixels:
    """A row with its characters as wide as print is: they are stretched or squeezed to fill it."""
    width = round(_ABOUT_SQUARE * LINE_HEIGHT * max(count, 2))
    how = cv2.INTER_AREA if width < row.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(row, (width, LINE_HEIGHT), interpolation=how), np.uint8)


def _characters(row: Text) -> list[Glyph]:
    return [glyph for glyph in row.glyphs if _HAN.match(glyph.character)]


def _worth(row: Text) -> tuple[float, float]:
    """The least sure character's probability and their mean, less for one that is missing."""
    sure = [glyph.probability for glyph in _characters(row)]
    if len(sure) < 2 or has_gap(row):  # a single character may be any of the row's
        return 0.0, 0.0
    return min(sure), float(np.mean(sure))


def _candidate(texts: list[Text], frame: Corners) -> Candidate | None:
    glyphs = [glyph for text in texts for glyph in _characters(text)]
    value = simplify("".join(glyph.character for glyph in glyphs))
    if len(value) < 4:
        return None
    sure = [glyph.probability for glyph in glyphs]
    confidence = float(np.mean(sure)) * (1.0 if looks_like_authority(value) else 0.8)
    share = _GAP if any(has_gap(text) for text in texts) else 1.0
    return Candidate(value, value, share * confidence, share * min(sure), frame)


def has_gap(row: Text) -> bool:
    """Whether a row, evenly set from rim to rim, has room for a character that was not read."""
    places = [glyph.position for glyph in _characters(row)]
    if len(places) < 2:
        return False
    steps = [2 * places[0], *np.diff(places), 2 * (1 - places[-1])]
    return float(max(steps)) > _WIDE * float(np.median(steps))
