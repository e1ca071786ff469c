"""Lines of pixels to text: the reader network and CTC's decoding of what it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from openapi_shim.ocr.crops import LINE_HEIGHT
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.sessions import Floats, Model

# Lines are padded to a multiple of this, in pixels; fewer sizes mean fuller batches.
_BUCKET = 32
_BATCH = 8
# Pixels of width in one batch: every eighth answers with a probability for each of 18 000
# characters, so that a full batch of long lines alone would take 120 MB.
_BATCH_WIDTH = 3200
_POSSIBLE = 0.08  # what an alphabet must have of a place's probability to be read there
# What is little or no ink is easily taken for nothing. It comes up where it is possible: the space
# between two Latin letters, and the dot between two Chinese characters.
_MARKS = ((" ", re.compile("[A-Za-z]{2}")), ("·", re.compile("[\u3400-\u9fff]{2}")))
_FAINT = 0.1
_COUNTS = re.compile("[0-9\u3400-\u9fff-]")
_NARROW = 0.28  # from character to character, by the line's height
_SEVERAL, _DOUBTFUL = 6, 0.9
_SPREAD = 1.8


@dataclass(frozen=True)
class Glyph:
    """One character as read.

    Attributes:
        character: a single character.
        probability: 0 to 1.
        position: of its peak along the line, 0 to 1.
    """

    character: str
    probability: float
    position: float


@dataclass(frozen=True)
class Text:
    """A line as read.

    Attributes:
        glyphs: its characters in order, spaces included.
    """

    glyphs: tuple[Glyph, ...]

    @cached_property
    def string(self) -> str:
        """The characters as one string."""
        return "".join(glyph.character for glyph in self.glyphs)

    @cached_property
    def confidence(self) -> float:
        """The characters' mean probability; 0 when empty."""
        if not self.glyphs:
            return 0.0
        return sum(glyph.probability for glyph in self.glyphs) / len(self.glyphs)


class LineReader:
    """Reads batches of lines. Holds no state between calls."""

    def __init__(self, model: Model, characters: Sequence[str]) -> None:
        self._model = model
        self._characters = tuple(characters)
        self._marks = [
            (self._characters.index(mark), beside)
            for mark, beside in _MARKS
            if mark in self._characters
        ]

    def read(self, lines: Sequence[Pixels], alphabet: str = "") -> list[Text]:
        """Reads pictures of 48 rows, each 48 × width × 3; answers in their order.

        Args:
            lines: the pictures.
            alphabet: the characters that may occur; empty for all.
        """
        allowed = self._columns(alphabet) if alphabet else None
        texts: dict[int, Text] = {}
        order = sorted(range(len(lines)), key=lambda index: lines[index].shape[1])
        start = 0
        while start < len(order):
            width = _bucket(lines[order[start]].shape[1])
            count = max(1, min(_BATCH, _BATCH_WIDTH // width))
            batch = [
                index for index in order[start : start + count] if lines[index].shape[1] <= width
            ]
            texts |= dict(
                zip(batch, self._read_batch([lines[i] for i in batch], width, allowed), strict=True)
            )
            start += len(batch)
        return [texts[index] for index in range(len(lines))]

    def read_spread(self, lines: Sequence[Pixels]) -> list[Text]:
        """The same, but lines whose digits stand too close to be told apart are read spread, too.

        The network answers for every eighth pixel: of narrow 22 one 2 is left.
        """
        texts = self.read(lines)
        narrow = [place for place, text in enumerate(texts) if _is_narrow(lines[place], text)]
        again = self.read([_spread(lines[place]) for place in narrow])
        for place, text in zip(narrow, again, strict=True):
            if _is_surer(text, texts[place]):
                texts[place] = text
        return texts

    def _columns(self, alphabet: str) -> npt.NDArray[np.intp]:
        """The columns of an alphabet's characters, the blank first."""
        return np.array([0, *(self._characters.index(one) for one in alphabet)], np.intp)

    def _read_batch(
        self, lines: Sequence[Pixels], width: int, allowed: npt.NDArray[np.intp] | None
    ) -> list[Text]:
        tensor = np.zeros((len(lines), 3, LINE_HEIGHT, width), np.float32)
        for row, line in zip(tensor, lines, strict=True):
            row[:, :, : line.shape[1]] = line.transpose(2, 0, 1)
            row[:, :, : line.shape[1]] *= 2 / 255
            row[:, :, : line.shape[1]] -= 1
        answers = self._model(tensor)
        if allowed is not None:
            answers = _restricted(answers, allowed)
        return [
            self._decode(answer, line.shape[1] / width)
            for answer, line in zip(answers, lines, strict=True)
        ]

    def _decode(self, answer: Floats, filled: float) -> Text:
        """Greedy CTC: repeats collapse, blanks vanish, but for a mark that may be among them.

        ``answer`` is steps × characters.
        """
        best = answer.argmax(axis=1)
        starts = np.flatnonzero((best != 0) & (best != np.concatenate(([0], best[:-1]))))
        glyphs: list[Glyph] = []
        for start, following in pairwise([*starts, len(best)]):
            end = start
            while end + 1 < following and best[end + 1] == best[start]:
                end += 1
            sure = float(answer[start : end + 1, best[start]].max())
            place = _position((start + end) / 2, len(best), filled)
            glyphs.append(Glyph(self._characters[best[start]], sure, place))
            if following < len(best):
                glyphs += self._mark_between(answer, end, following, filled)
        return Text(tuple(glyphs))

    def _mark_between(self, answer: Floats, end: int, following: int, filled: float) -> list[Glyph]:
        """The mark that may stand between the characters of two steps, if there is any."""
        both = "".join(self._characters[answer[step].argmax()] for step in (end, following))
        for column, beside in self._marks:
            chances = answer[end + 1 : following, column]
            if beside.fullmatch(both) and chances.size and chances.max() > _FAINT:
                place = _position(end + 1 + int(chances.argmax()), len(answer), filled)
                return [Glyph(self._characters[column], float(chances.max()), place)]
        return []


def _is_narrow(line: Pixels, text: Text) -> bool:
    """Whether a line has several digits that are doubtful, and close together."""
    digits = _digits(text)
    if len(digits) < _SEVERAL or _weakest(digits) >= _DOUBTFUL:
        return False
    steps = np.diff([glyph.position for glyph in digits]) * line.shape[1]
    return float(np.percentile(steps, 25)) < _NARROW * LINE_HEIGHT


def _is_surer(spread: Text, narrow: Text) -> bool:
    """Whether a line read spread lost no digit, and is surer of all but small print and spaces."""
    if len(_digits(spread)) < len(_digits(narrow)):
        return False
    after, before = (
        _weakest([one for one in text.glyphs if _COUNTS.match(one.character)])
        for text in (spread, narrow)
    )
    return after > before


def _digits(text: Text) -> list[Glyph]:
    return [glyph for glyph in text.glyphs if glyph.character in "0123456789-"]


def _weakest(glyphs: Sequence[Glyph]) -> float:
    return min((glyph.probability for glyph in glyphs), default=0.0)


def _spread(line: Pixels) -> Pixels:
    wide = (round(_SPREAD * line.shape[1]), LINE_HEIGHT)
    return np.asarray(cv2.resize(line, wide, interpolation=cv2.INTER_LINEAR), np.uint8)


def _position(step: float, steps: int, filled: float) -> float:
    """Of the middle of a step along the line, 0 to 1, of which ``filled`` is no padding."""
    return float(min(1.0, (step + 0.5) / steps / filled))


def _restricted(answers: Floats, allowed: npt.NDArray[np.intp]) -> Floats:
    """The same answers with all other characters left out, and their share as blank.

    What is left keeps its own probability: a character that the reader only thinks possible
    stays doubtful, and one that it rules out does not come up.
    """
    kept = np.zeros_like(answers)
    kept[:, :, allowed] = answers[:, :, allowed]
    known = kept.sum(axis=2) > _POSSIBLE
    kept[:, :, 0] = np.where(known, kept[:, :, 0], 1.0)
    return kept


def _bucket(width: int) -> int:
    return -(-width // _BUCKET) * _BUCKET
