"""The authority's seal: a red square of two to five rows of characters, which mostly fill it.

The rows are found by the gaps between them rather than by the text detector, which takes the
stretched characters of two rows for one. What is read stays as read: no list of authorities
completes it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from openapi_shim.ocr.checks import looks_like_authority, simplify
from openapi_shim.ocr.crops import LINE_HEIGHT, Corners
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.layout import Candidate
from openapi_shim.ocr.read_lines import Glyph, LineReader, Text
from openapi_shim.ocr.seal_frame import find_frame, redness
from openapi_shim.ocr.seal_rim import Gray, rims

_SIDE = 256  # pixels to which the seal is brought
_ROWS = (2, 3, 4, 5)
_EVEN, _UNLIKE = 0.16, 0.36  # of a row's height, how far off a gap may be
_LOWEST, _TALLEST = 0.6, 1.6  # of the rows' mean height
_PAPER, _INK = 85, 128  # percentile of a line's brightness, and where that is a stroke's
_COLOURED = 0.03  # more red than green and blue, in shares of all light
_NEVER = 9.0  # more than any line's darkness in shares of the mean
_CLEARER = 0.25  # of a seal's mean darkness
_NO_CHARACTERS = 0.65  # of a seal's mean darkness
_DOUBTFUL = 0.9  # a row's least sure character
_BLANK_ROW = 0.3  # of a seal's mean darkness
_FRAME_LEFT = 0.07  # of a seal's side: what may be left of its frame at an edge
_BLANK = 0.25  # of the darkness where a row is darkest
_NARROW = 0.6  # a character's step by its row's height
_ABOUT_SQUARE = 0.85  # a character's width by its height
_RIM = 0.035  # of a row, at each edge: what may be left of the frame
_MOST = 8  # characters of a row
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
    top, right, bottom, left = rims(ink_of(seal))
    seal = seal[top : _SIDE - bottom, left : _SIDE - right]
    rows = _cut_rows(seal, split_rows(seal))
    texts = reader.read(rows)
    doubtful = [
        place
        for place, text in enumerate(texts)
        if _worth(text)[0] < _DOUBTFUL or _squeezed(text, rows[place])
    ]
    step = _usual_step(texts)
    again = reader.read([_closer(rows[place], texts[place], step) for place in doubtful])
    for place, text in zip(doubtful, again, strict=True):
        texts[place] = _voted(texts[place], text)
    return _candidate(texts, frame)


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


def split_rows(seal: Pixels) -> list[Row]:
    """The rows of characters: as many as leave the emptiest gaps between them."""
    light = ink_of(seal).astype(np.float32)
    paper = np.percentile(light, _PAPER, axis=1, keepdims=True)
    paper[paper < _INK] = 255
    # Where a shadow ends within the seal a gap is dark all along: then each line's own paper tells.
    # Shadows, creases and print that runs into the seal are dark, but not red.
    profiles = [255 - light, np.maximum(paper - light, 0), *_redness(seal)]
    _, cuts = min((_gaps(one.mean(axis=1)) for one in profiles), key=lambda one: one[0])
    edges = [0, *cuts, len(light)]
    return [Row(top / len(light), bottom / len(light)) for top, bottom in pairwise(edges)]


def _redness(seal: Pixels) -> list[npt.NDArray[np.float32]]:
    """How red the ink is at each point, 0 to 255; nothing for a copy without colours."""
    red = redness(seal, 1.0)
    low, high = np.percentile(red, (50, 97))
    if high - low < _COLOURED:
        return []
    return [np.asarray(np.clip((red - low) / (high - low), 0, 1) * 255, np.float32)]


def _gaps(darkness: npt.NDArray[np.float32]) -> tuple[float, list[int]]:
    """Where rows meet, and before that the darkest such line's share of the mean darkness."""
    smooth = np.convolve(np.pad(darkness, 2, mode="edge"), np.ones(5) / 5, "valid")
    share = (smooth / max(float(smooth.mean()), 1.0)).astype(np.float32)
    worst, cuts = _most_rows([_cuts(share, count, _EVEN) for count in _ROWS])
    others = [_cuts(share, count, _UNLIKE) for count in _ROWS if count > len(cuts)]
    # Rows are of one height, but for seals where as many others leave clearly emptier gaps.
    return _most_rows(others) if min(others)[0] < worst - _CLEARER else (worst, cuts)


def _most_rows(found: list[tuple[float, list[int]]]) -> tuple[float, list[int]]:
    # Half of four rows' gaps make two: the most rows whose every gap is about as empty count.
    # A cut through characters is about as dark as the mean, whatever the seal.
    limit = max(min(found)[0] + _CLEARER, _NO_CHARACTERS)
    return next(one for one in reversed(found) if one[0] < limit)


def _cuts(share: npt.NDArray[np.float32], count: int, reach: float) -> tuple[float, list[int]]:
    """The emptiest lines between rows, and before them the darkest one's share.

    Args:
        share: of the mean darkness, line by line.
        count: how many rows there are.
        reach: how far from where rows of one height meet a gap may be, in such a row's height.
    """
    first, last = _of_characters(share >= _BLANK_ROW)
    pitch = (last - first) / count
    cuts = []
    for index in range(1, count):
        centre = first + index * pitch
        low, high = round(centre - reach * pitch), round(centre + reach * pitch) + 1
        cuts.append(low + int(np.argmin(share[low:high])))
    worst = max(float(share[cut]) for cut in cuts)
    heights = np.diff([first, *cuts, last]) / pitch
    likely = heights.min() > _LOWEST and heights.max() < _TALLEST
    return (worst if likely else _NEVER), cuts


def _of_characters(inked: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """First and last line of a seal's characters, without what is left of its frame."""
    blank = np.flatnonzero(~inked)
    most = round(_FRAME_LEFT * len(inked))
    first, last = 0, len(inked)
    if len(blank):
        first = int(blank[0]) if blank[0] <= most else 0
        last = int(blank[-1]) if blank[-1] >= last - most else last
    places = np.flatnonzero(inked[first:last]) + first
    if not len(places):
        return 0, len(inked)
    return max(0, int(places[0]) - 2), min(int(places[-1]) + 3, len(inked))


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


def _usual_step(texts: Sequence[Text]) -> float:
    """From character to character, in shares of a row; 0 if no row has two."""
    steps = [np.diff([glyph.position for glyph in _characters(text)]) for text in texts]
    return float(np.median(np.concatenate(steps))) if any(map(len, steps)) else 0.0


def _squeezed(read: Text, row: Pixels) -> bool:
    """Whether a row's characters are so narrow that even what is surely read may be another."""
    steps = np.diff([glyph.position for glyph in _characters(read)])
    return bool(len(steps)) and float(np.median(steps)) * row.shape[1] < _NARROW * row.shape[0]


def _closer(row: Pixels, read: Text, step: float) -> Pixels:
    """A row's characters without the blank around them, as wide as print is.

    They are stretched or squeezed to fill the row, or as wide as in the other rows, a ``step``:
    then it has as many as there is room for.
    """
    ink = 255 - ink_of(row).astype(np.float32)
    high, wide = (round(_RIM * length) for length in ink.shape)
    ink[:high] = ink[-high:] = ink[:, :wide] = ink[:, -wide:] = 0
    (top, bottom), (left, right) = (
        _extent(darkness, _BLANK * float(darkness.max()))
        for darkness in (ink.mean(axis=1), cv2.blur(ink, (5, 1)).mean(axis=0))
    )
    room = min(round((right - left) / row.shape[1] / step), _MOST) if step else 0
    count = len(_characters(read))
    width = round(_ABOUT_SQUARE * LINE_HEIGHT * max(count if count > 1 else room, 2))
    how = cv2.INTER_AREA if width < right - left else cv2.INTER_LINEAR
    cut = cv2.resize(row[top:bottom, left:right], (width, LINE_HEIGHT), interpolation=how)
    return np.asarray(cut, np.uint8)


def _extent(darkness: npt.NDArray[np.float32], least: float) -> tuple[int, int]:
    """First and last of the lines that are not blank, and a little air."""
    inked = np.flatnonzero(darkness >= least)
    return max(0, int(inked[0]) - 2), int(inked[-1]) + 3


def _voted(first: Text, closer: Text) -> Text:
    """Two readings of a row: the surer one, or the surer of each character where both have it.

    A character of which they say different things is the less sure for it. Where the characters
    stand is told by the closer look, beside which there is no other.
    """
    if len(_characters(first)) != len(_characters(closer)):
        return max(closer, first, key=lambda text: (sum(_worth(text)), len(_characters(text))))
    pairs = zip(_characters(first), _characters(closer), strict=True)
    return Text(tuple(replace(_surer(*pair), position=pair[1].position) for pair in pairs))


def _surer(one: Glyph, another: Glyph) -> Glyph:
    best, less = (one, another) if one.probability >= another.probability else (another, one)
    if best.character == less.character:
        return best
    share = best.probability / (best.probability + less.probability)
    return replace(best, probability=best.probability * share)


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
