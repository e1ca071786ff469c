"""Reading places of the rectified card in which no text was found, but where some may be.

A place follows from the rows and columns that were found: printers drift, so what stands above,
below and beside says more than the form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from openapi_shim.ocr.beside import Span, place_beside
from openapi_shim.ocr.card import LABEL_PLACES
from openapi_shim.ocr.checks import (
    add_years,
    find_classes,
    find_dates,
    id_is_valid,
    is_long_term,
    simplify,
)
from openapi_shim.ocr.crops import Corners
from openapi_shim.ocr.decode import Pixels
from openapi_shim.ocr.layout import Candidate, Candidates
from openapi_shim.ocr.read_lines import LineReader, Text
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM, Rectified, cut_level, level, rectangle
from openapi_shim.ocr.timeline import LONG_TERM

_SEAL = (2.0, 35.0, 24.0, 53.0)  # mm: left, top, right, bottom of where only a seal's rows are
_ABOUT = 4.0  # mm, by which a card may be off where no label has told yet where it is
_RED = 0.45
_PORTRAIT = (68.0, 34.0, 54.0)  # mm: left, top, bottom
_TWO_LINES = 4.0  # mm, from an address' first line to its second
_REACH = 3.5  # mm up and down within which a row is looked for
_FARTHEST = 4.5  # mm, a row from its place in the form
_JUST_BELOW = (1.6, 4.5)  # mm, from a label's middle to its translation's
_LESS_HIGH = 0.9
_ADDRESS_LEFT = 9.5  # mm
_LONGEST_LABEL = 25.0  # mm
_TITLE_ENDS = 16.0  # mm, where the card may lie ten millimetres lower than it is thought to
_FREE = 0.5  # least probability of a character where any may come, or no row tells the place
_YEARS = re.compile("(.*?)(6|10)年")
_IS_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_LABELS_ENDS = "名籍"  # with which no name and no country begins
_NEXT_LABEL = "性别"  # behind a name
_HAN = re.compile("[\u3400-\u9fff·\U00020000-\U0003ffff]{2,16}")


@dataclass(frozen=True)
class Zone:
    """Where a field's value must be, and what it consists of.

    Attributes:
        row: key of its row in ``LABEL_PLACES``.
        left: mm.
        right: mm.
        alphabet: its characters; empty for any.
        beside: fields of which one is shown to the reader beside the zone, if it was found: a
            lone character has no context, and C1 alone is read as a, but not after a date.
    """

    row: str
    left: float
    right: float
    alphabet: str = ""
    beside: tuple[str, ...] = ()


_DIGITS = "0123456789"
ZONES = {
    "id_num": Zone("id", 16, 68, _DIGITS + "X"),
    "name": Zone("name", 10.5, 41),
    "sex": Zone("sex", 44, 60, "男女", ("nationality",)),
    "nationality": Zone("nationality", 66, 88),
    "birth_date": Zone("birth", 43, 70, _DIGITS + "-"),
    "issue_date": Zone("issue", 43, 70, _DIGITS + "-"),
    "car_class": Zone("class", 44, 62, "ABCDEFMNP123456", ("issue_date", "birth_date")),
    "valid_from": Zone("valid", 14, 66, _DIGITS + "-至长期年"),
}
SINGLE = ("sex", "car_class")
"""Values so short that a doubtful one is read again in its place."""
_ROW_OF = {name: zone.row for name, zone in ZONES.items()} | {"valid_to": "valid"}
_CONTEXT = frozenset("0123456789-中国")
_LEGIBLE = 5  # fields; where fewer were found, they tell too little of the rows
_LABELS = 5  # in their places; fewer may be another paper's
# A long line that no search found is tried only where hardly anything else is missing.
_LONG = frozenset({"id_num", "name", "valid_from"})
_HARDLY_ANY = 2
_COLUMN = ("birth_date", "issue_date", "car_class")
_TRIES = (-1.0, 0.0, 1.0)  # mm up and down
_HALF = 2.4  # mm, of a zone's height
_TRUST = 0.9  # what no search found and no label names is a little less sure


def is_print(line: Corners) -> bool:
    """Whether a line of a rectified card lies on neither the seal nor the portrait.

    The seal is read by its own rows.
    """
    x, y = line.mean(axis=0) / PIXELS_PER_MM - MARGIN
    on_seal = _SEAL[0] < x < _SEAL[2] and _SEAL[1] < y < _SEAL[3]
    return not on_seal and not (x > _PORTRAIT[0] and _PORTRAIT[1] < y < _PORTRAIT[2])


def is_print_about(card: Pixels) -> Callable[[Corners], bool]:
    """Like ``is_print`` for a card of which it is only known about where it lies.

    On the seal and the portrait nothing counts; around the seal what counts is the ink: black is
    print, an address' second line, say.

    Args:
        card: the rectified card's pixels.
    """

    def is_it(line: Corners) -> bool:
        x, y = line.mean(axis=0) / PIXELS_PER_MM - MARGIN
        if x > _PORTRAIT[0] + _ABOUT and _PORTRAIT[1] + _ABOUT < y < _PORTRAIT[2] - _ABOUT:
            return False
        inner = _SEAL[0] + _ABOUT, _SEAL[1] + _ABOUT, _SEAL[2] - _ABOUT, _SEAL[3] - _ABOUT
        if inner[0] < x < inner[2] and inner[1] < y < inner[3]:
            return False
        near = x < _SEAL[2] + _ABOUT and _SEAL[1] - _ABOUT < y < _SEAL[3] + _ABOUT
        return not (near and redness(card, line) > _RED)

    return is_it


def redness(pixels: Pixels, line: Corners) -> float:
    """How much less a line's ink takes of red than of green or blue: 0 for black, 1 for none."""
    (left, top), (right, bottom) = line.min(axis=0), line.max(axis=0)
    strip = pixels[max(0, int(top)) : int(bottom) + 1, max(0, int(left)) : int(right) + 1]
    colours = strip.reshape(-1, 3).astype(np.float32)
    if not len(colours):
        return 0.0
    darkness = colours[:, :2].min(axis=1)
    low, high = np.percentile(darkness, (15, 85))
    ink, paper = colours[darkness <= low].mean(axis=0), colours[darkness >= high].mean(axis=0)
    taken = paper - ink
    return float(1 - taken[2] / max(float(taken[:2].max()), 1.0))


def without_translations(lines: Sequence[Corners]) -> list[Corners]:
    """Lines of a rectified card without those that repeat a label or the title in English.

    They say nothing that is needed, yet to read them takes a third of the time. They are less
    high than what they stand right below. Where an address may go on there are none.
    """
    if not lines:
        return []
    quads = np.array(lines) / PIXELS_PER_MM - MARGIN
    left, right = quads[:, [0, 3], 0].mean(axis=1), quads[:, [1, 2], 0].mean(axis=1)
    y = quads[:, :, 1].mean(axis=1)
    height = quads[:, [2, 3], 1].mean(axis=1) - quads[:, [0, 1], 1].mean(axis=1)
    shared = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    # What goes on below a long line is an address, unless that is the title.
    labels = (right - left < _LONGEST_LABEL) | (y < _TITLE_ENDS)
    below = y[:, None] - y
    repeats = (
        (below > _JUST_BELOW[0])
        & (below < _JUST_BELOW[1])
        & (height[:, None] < _LESS_HIGH * height)
        & (shared > 0.5 * (right - left)[:, None])
        & labels
    ).any(axis=1)
    row, slack = LABEL_PLACES["address"].y, _REACH + _ABOUT
    address = (left > _ADDRESS_LEFT) & (y > row - slack) & (y < row + _TWO_LINES + slack)
    return [quad for quad, one in zip(lines, repeats & ~address, strict=True) if not one]


def on_rows_of(names: Sequence[str]) -> Callable[[Corners], bool]:
    """Tells whether a line of a rectified card may belong to one of the fields.

    Args:
        names: of the fields.
    """
    keys = {_row_of(name) for name in names}
    spans = [
        (LABEL_PLACES[key].y - _REACH, LABEL_PLACES[key].y + (_TWO_LINES if key == "address" else 0)
         + _REACH)
        for key in keys
    ]  # fmt: skip

    def is_on_one(line: Corners) -> bool:
        y = float(line[:, 1].mean()) / PIXELS_PER_MM - MARGIN
        return is_print(line) and any(low < y < high for low, high in spans)

    return is_on_one


def fields_on_rows_of(names: Sequence[str], fields: Candidates) -> Candidates:
    """Those of the fields that stand on a row of one of the named ones; the seal has no row."""
    keys = {_row_of(name) for name in names}
    return {
        name: found
        for name, found in fields.items()
        if name != "official_seal" and _row_of(name) in keys
    }


def _row_of(name: str) -> str:
    return _ROW_OF.get(name, "address")


def read_missing(
    reader: LineReader,
    card: Rectified,
    fields: Mapping[str, Candidate],
    names: Sequence[str],
    labels: Mapping[str, Span],
) -> Candidates:
    """Reads the places of missing fields without searching them for text.

    Args:
        reader: of lines.
        card: the rectified card.
        fields: what was found, with corners in the card's pixels.
        names: of the missing fields.
        labels: those that were read on the card.
    """
    found: Candidates = {}
    wanted = list(dict.fromkeys("valid_from" if n == "valid_to" else n for n in names))
    for name in wanted:
        zone = ZONES.get(name)
        if zone is None:
            continue
        hardly_any = len(wanted) <= _HARDLY_ANY
        for (left, right, middle), least in _places(
            name, zone, fields, labels, hardly_any=hardly_any
        ):
            tries = [
                rectangle(
                    left + MARGIN,
                    middle + shift - _HALF + MARGIN,
                    right + MARGIN,
                    middle + shift + _HALF + MARGIN,
                )
                for shift in _TRIES
            ]
            texts = _read_beside(reader, card.pixels, tries, zone, fields)
            seen = [_as_fields(name, *pair) for pair in zip(texts, tries, strict=True)]
            best = max(seen, key=_sureness)
            if _sureness(best) > least:
                found |= {one: candidate for one, candidate in best.items() if one in names}
                break
    return found


def _places(
    name: str,
    zone: Zone,
    fields: Mapping[str, Candidate],
    labels: Mapping[str, Span],
    *,
    hardly_any: bool,
) -> Iterator[tuple[tuple[float, float, float], float]]:
    """Where a value may be, the likeliest first: left, right and middle, mm.

    And how sure its least sure character must be: labels alone are on other papers, too.
    """
    offsets = row_offsets(fields)
    if len(fields) >= _LEGIBLE and offsets and (name not in _LONG or hardly_any):
        rows = sorted(offsets)
        expected = LABEL_PLACES[zone.row].y
        middle = expected + float(np.interp(expected, rows, [offsets[row] for row in rows]))
        yield (*_columns_of(name, zone, fields), middle), 0.0
    if len(labels) >= _LABELS:
        found = {other: (_ROW_OF[other], one) for other, one in fields.items() if other in _ROW_OF}
        if place := place_beside(name, zone.row, labels, found):
            yield place, _FREE


def row_offsets(fields: Mapping[str, Candidate]) -> dict[float, float]:
    """Where rows are, against where the form has them: its middle → how far below it, mm."""
    offsets: dict[float, list[float]] = {}
    for name, candidate in fields.items():
        if name not in _ROW_OF:
            continue
        place = LABEL_PLACES[_ROW_OF[name]].y
        off = float(candidate.corners[:, 1].mean()) / PIXELS_PER_MM - MARGIN - place
        if abs(off) < _FARTHEST:
            offsets.setdefault(place, []).append(off)
    return {place: float(np.mean(offs)) for place, offs in offsets.items()}


def _columns_of(name: str, zone: Zone, fields: Mapping[str, Candidate]) -> tuple[float, float]:
    """The zone's left and right edge, mm, by what stands above and below it."""
    if name not in _COLUMN:
        return zone.left, zone.right
    lefts = [
        float(fields[other].corners[:, 0].min()) / PIXELS_PER_MM - MARGIN
        for other in _COLUMN
        if other in fields and other != name
    ]
    lefts = [left for left in lefts if abs(left - zone.left) < 10]
    if not lefts:
        return zone.left, zone.right
    return min(lefts) - 1.0, min(lefts) + (12 if name == "car_class" else 23)


def _sureness(fields: Candidates) -> float:
    return max((candidate.weakest for candidate in fields.values()), default=0.0)


def _as_fields(name: str, text: Text, corners: Corners) -> Candidates:
    """What a zone's text says, or nothing if it has not the form of the value."""
    if not ZONES[name].alphabet:
        text = _without_labels(text)
    compact = text.string.replace(" ", "")
    if not compact:
        return {}
    weakest = _TRUST * min(glyph.probability for glyph in text.glyphs)
    values: dict[str, str] = {}
    if name == "sex":
        values[name] = compact if len(compact) == 1 else ""
    elif name == "car_class":
        values[name] = find_classes(compact)
    elif name == "id_num":
        values[name] = compact if id_is_valid(compact) else ""
    elif name in {"birth_date", "issue_date"}:
        dates = find_dates(compact)
        values[name] = dates[0] if len(dates) == 1 else ""
    elif name == "valid_from":
        values = _validity(compact)
    elif weakest > _FREE and _HAN.fullmatch(compact):
        values[name] = simplify(compact)
    confidence = _TRUST * text.confidence
    return {
        one: Candidate(value, text.string, confidence, weakest, corners)
        for one, value in values.items()
        if value
    }


def _without_labels(text: Text) -> Text:
    """The text without what is left of its own label, of its translation, or of the next label."""
    glyphs = list(text.glyphs)
    if any(_IS_HAN.match(glyph.character) for glyph in glyphs):
        while not _IS_HAN.match(glyphs[0].character) or glyphs[0].character in _LABELS_ENDS:
            del glyphs[0]
            if not glyphs:
                return Text(())
    if "".join(glyph.character for glyph in glyphs[-2:]) == _NEXT_LABEL:
        del glyphs[-2:]
    return Text(tuple(glyphs))


def _validity(text: str) -> dict[str, str]:
    ends = _YEARS.fullmatch(text)  # the date may run into the number of years
    dates = find_dates(ends[1] if ends else text)
    if len(dates) == 2 and dates[0] < dates[1]:
        return {"valid_from": dates[0], "valid_to": dates[1]}
    if len(dates) != 1:
        return {}
    if is_long_term(text):
        return {"valid_from": dates[0], "valid_to": LONG_TERM}
    if ends is None:
        return {}
    return {"valid_from": dates[0], "valid_to": add_years(dates[0], int(ends[2]))}


def _read_beside(
    reader: LineReader,
    pixels: Pixels,
    tries: Sequence[Corners],
    zone: Zone,
    fields: Mapping[str, Candidate],
) -> list[Text]:
    """Reads a zone's places with a found field in front; answers what belongs to the zone."""
    found = [fields[name] for name in zone.beside if name in fields]
    lines = [cut_level(pixels, corners) for corners in tries]
    if not found:
        return reader.read(lines, zone.alphabet)
    context = cut_level(pixels, level(found[0].corners))
    extra = set(found[0].text) & _CONTEXT - set(zone.alphabet)
    joined = [np.asarray(np.hstack([context, line]), np.uint8) for line in lines]
    texts = reader.read(joined, zone.alphabet + "".join(sorted(extra)))
    own = []
    for text, line in zip(texts, joined, strict=True):
        share = context.shape[1] / line.shape[1]
        glyphs = [glyph for glyph in text.glyphs if glyph.position > share]
        own.append(Text(tuple(one for one in glyphs if one.character in zone.alphabet)))
    return own
