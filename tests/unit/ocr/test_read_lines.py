"""CTC decoding and batching, with a network made of a picture's brightness."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.read_lines import Glyph, LineReader, Text
from openapi_shim.ocr.sessions import Floats

CHARACTERS = ("", "一", "二", "三", " ")


def answer_by_brightness(tensor: Floats) -> Floats:
    """Every eighth column speaks: its brightness, 0 to 4, is the character; padding is blank."""
    levels = np.rint((tensor[:, 0, 24, 4::8] + 1) * 127.5 / 50).astype(int)
    levels[tensor[:, 0, 24, 4::8] == 0] = 0
    answer = np.full((*levels.shape, len(CHARACTERS)), 0.02, np.float32)
    np.put_along_axis(answer, levels[:, :, np.newaxis], 0.92, axis=2)
    return answer


def line(levels: str) -> Pixels:
    columns = np.repeat(np.array([int(level) * 50 for level in levels], np.uint8), 8)
    return np.broadcast_to(columns[np.newaxis, :, np.newaxis], (48, len(columns), 3)).copy()


@pytest.mark.parametrize(
    ("levels", "text"),
    [
        ("010203", "一二三"),
        ("112233", "一二三"),
        ("1011", "一一"),
        ("000", ""),
        ("014020", "一 二"),
    ],
)
def test_repeats_collapse_and_blanks_vanish(levels: str, text: str) -> None:
    (read,) = LineReader(answer_by_brightness, CHARACTERS).read([line(levels)])
    assert read.string == text
    assert read.confidence == pytest.approx(0.92 if text else 0.0)


def test_positions_are_shares_of_the_line_not_of_its_padding() -> None:
    (read,) = LineReader(answer_by_brightness, CHARACTERS).read([line("10000000002")])
    first, last = read.glyphs
    assert first.position == pytest.approx(0.5 / 11, abs=0.01)
    assert last.position == pytest.approx(10.5 / 11, abs=0.01)


def test_answers_come_in_the_order_asked_whatever_the_widths() -> None:
    asked = ["1" + "0" * (7 * k % 40) + "23"[k % 2] for k in range(30)]
    reads = LineReader(answer_by_brightness, CHARACTERS).read([line(levels) for levels in asked])
    assert [read.string for read in reads] == ["一二" if k % 2 == 0 else "一三" for k in range(30)]


def test_no_lines_no_texts() -> None:
    assert LineReader(answer_by_brightness, CHARACTERS).read([]) == []


def test_an_alphabet_leaves_the_others_out() -> None:
    reader = LineReader(answer_by_brightness, CHARACTERS)
    (read,) = reader.read([line("010203")], "一三")
    assert read.string == "一三"
    assert read.confidence == pytest.approx(0.92)


LETTERS = ("", "a", "b", "一", "二", " ", "·")


def answer(*steps: dict[str, float]) -> LineReader:
    """A reader whose network gives these probabilities, step by step; the blank has the rest."""
    told = np.zeros((1, len(steps), len(LETTERS)), np.float32)
    for place, step in enumerate(steps):
        for letter, probability in step.items():
            told[0, place, LETTERS.index(letter)] = probability
        told[0, place, 0] = 1 - sum(step.values())
    return LineReader(lambda _: told, LETTERS)


@pytest.mark.parametrize(
    ("before", "mark", "chance", "after", "text"),
    [
        ("a", " ", 0.2, "b", "a b"),
        ("a", " ", 0.05, "b", "ab"),
        ("一", "·", 0.2, "二", "一·二"),
        ("一", "·", 0.05, "二", "一二"),
        ("a", "·", 0.2, "b", "ab"),
        ("一", " ", 0.2, "二", "一二"),
        ("a", " ", 0.2, "二", "a二"),
    ],
)
def test_a_faint_mark_stands_only_where_it_may(
    before: str, mark: str, chance: float, after: str, text: str
) -> None:
    (read,) = answer({before: 0.9}, {mark: chance}, {after: 0.9}).read([line("000")])
    assert read.string == text


def test_a_mark_stands_between_characters_and_not_on_one() -> None:
    (read,) = answer({"一": 0.8, "·": 0.19}, {"二": 0.8, "·": 0.19}).read([line("00")])
    assert read.string == "一二"


class Crowded(LineReader):
    """Of narrow digits one is lost; where they are spread it says something else."""

    def __init__(self, probability: float, step: int, then: str = "2020-12-22") -> None:
        super().__init__(lambda tensor: tensor, ("", *"0123456789-"))
        self.probability, self.step, self.then = probability, step, then
        self.widths: list[list[int]] = []

    def read(self, lines: Sequence[Pixels], alphabet: str = "") -> list[Text]:
        self.widths.append([one.shape[1] for one in lines])
        if len(self.widths) == 1:
            return [self._text("2020-122", self.probability, self.step) for _ in lines]
        return [self._text(self.then, 0.95, self.step) for _ in lines]

    def _text(self, string: str, probability: float, step: int) -> Text:
        return Text(
            tuple(Glyph(one, probability, k * step / 200) for k, one in enumerate(string, 1))
        )


@pytest.mark.parametrize(
    ("probability", "step", "text"),
    [(0.6, 10, "2020-12-22"), (0.95, 10, "2020-122"), (0.6, 20, "2020-122")],
)
def test_doubtful_digits_that_stand_close_together_are_spread(
    probability: float, step: int, text: str
) -> None:
    reader = Crowded(probability, step)
    (read,) = reader.read_spread([np.zeros((48, 200, 3), np.uint8)])
    assert read.string == text
    assert reader.widths == [[200], [360] if text == "2020-12-22" else []]


@pytest.mark.parametrize("then", ["202-122", "20O0-122", "2020122"])
def test_a_spread_reading_that_lost_a_digit_does_not_count(then: str) -> None:
    (read,) = Crowded(0.6, 10, then).read_spread([np.zeros((48, 200, 3), np.uint8)])
    assert read.string == "2020-122"
