"""The second page (副页) where it lies in the same picture: its file number and record.

Its text never counts for the main page. The two pages lie flat in one plane, so the main page's
place tells the second one's scale and tilt; its labels tell where it begins.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openapi_shim.ocr.card import HEIGHT, WIDTH
from openapi_shim.ocr.checks import clean_id, clean_name, id_is_valid, simplify
from openapi_shim.ocr.crops import Pyramid
from openapi_shim.ocr.labels import Segment, Spellings, split_line
from openapi_shim.ocr.layout import Candidate, Candidates
from openapi_shim.ocr.lines import Row, read_rows, values_of
from openapi_shim.ocr.on_card import KEEN
from openapi_shim.ocr.passes import Engine, Lines
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM, rectify
from openapi_shim.ocr.register import Registration, transform

LABELS: Spellings = {
    "title": ("中华人民共和国机动车驾驶证",),
    "second": ("副页",),
    "id": ("证号",),
    "name": ("姓名",),
    "archive": ("档案编号",),
    "record": ("记录",),
    "english": ("FileNo.", "Record", "Name", "No."),
}
# Where the labels begin, millimetres from the page's top left corner: left edge, middle.
_PLACES = {
    "title": (14.0, 5.5),
    "second": (66.0, 5.5),
    "id": (4.8, 13.9),
    "name": (4.8, 19.7),
    "archive": (45.5, 19.2),
    "record": (4.8, 25.2),
}
_TELLING = frozenset({"second", "archive"})  # one of them alone makes a second page
_NEAR = (7.0, 3.5)  # mm that labels of one page may be apart after shifting them to their places
_SIDE = 768
_BARCODE = 42.0  # mm; below this is the barcode and its number
_SERIAL = re.compile(r"\*.*|\d{8,}\*?")
_DOCUMENT = re.compile(r"[0-9A-Z]{6,18}")


@dataclass(frozen=True)
class SecondPage:
    """Where the second page is, and what it says.

    Attributes:
        registration: the photo's pixels to millimetres of the second page.
        values: ``second_page_id_num``, ``second_page_name``, ``archive_number`` and ``record``,
            as far as they were read; corners in the photo's pixels.
    """

    registration: Registration
    values: Candidates


def locate(main: Registration, texts: Lines) -> Registration | None:
    """Where the second page lies, by its labels among all lines of the picture, or None."""
    shifts: list[tuple[str, np.ndarray]] = []
    for quad, text in texts:
        for segment in split_line(text, quad, LABELS):
            if segment.label in _PLACES:
                corners = main.to_card(segment.corners)
                at = (corners[0] + corners[3]) / 2
                if not _on_main(at):
                    shifts.append((segment.label, at - _PLACES[segment.label]))
    best: list[tuple[str, np.ndarray]] = []
    for _, shift in shifts:
        near = [one for one in shifts if (np.abs(one[1] - shift) < _NEAR).all()]
        if len({key for key, _ in near}) > len({key for key, _ in best}):
            best = near
    keys = {key for key, _ in best}
    if len(keys) < 2 and not keys & _TELLING:
        return None
    x, y = np.median([shift for _, shift in best], axis=0)
    moved = np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1.0]])
    return Registration(moved @ main.matrix, frozenset(keys))


def _on_main(at: np.ndarray) -> bool:
    return bool((at > -2).all() and (at < (WIDTH + 2, HEIGHT + 2)).all())


def read_second_page(
    engine: Engine, pyramid: Pyramid, main: Registration, texts: Lines
) -> SecondPage | None:
    """Finds, rectifies and reads the second page; None if there is none in the picture."""
    registration = locate(main, texts)
    if registration is None:
        return None
    page = rectify(pyramid, registration, 0.0)
    rows = read_rows(engine, Pyramid(page.pixels), _SIDE, LABELS, direction=0.0, options=KEEN)
    back = np.linalg.inv(page.from_photo)
    values = {
        name: Candidate(
            found.value,
            found.text,
            found.confidence,
            found.weakest,
            transform(back, found.corners).astype(np.float32),
        )
        for name, found in sort_rows(rows).items()
    }
    return SecondPage(registration, values)


def sort_rows(rows: Sequence[Row]) -> Candidates:
    """What the rows of a rectified second page say; corners in its pixels."""
    rows = [row for row in rows if row.segment.label != "english"]
    labels = {row.segment.label: row for row in rows if row.segment.label}
    bottom = (_BARCODE + MARGIN) * PIXELS_PER_MM
    values = [row for row in rows if row.y < bottom]
    found: Candidates = {}
    for name, key, clean in (
        ("second_page_id_num", "id", _number),
        ("second_page_name", "name", lambda row: clean_name(row.segment.spaced)),
        ("archive_number", "archive", _archive),
    ):
        near = values_of(labels[key], values) if key in labels else []
        for row in near:
            if value := clean(row):
                found[name] = _candidate([row.segment], value)
                break
    # Both numbers can be told by their form, where a label was too small to be read.
    for name, clean in (("archive_number", _archive), ("second_page_id_num", _citizen)):
        fitting = [row for row in values if not row.segment.label and clean(row)]
        if name not in found and len(fitting) == 1:
            found[name] = _candidate([fitting[0].segment], clean(fitting[0]))
    record = _record(labels.get("record"), values)
    if record:
        found["record"] = record
    return found


def _record(label: Row | None, values: Sequence[Row]) -> Candidate | None:
    """All lines right of 记录 and below, down to the barcode, as one text."""
    if label is None:
        return None
    lines = [
        row
        for row in values
        if not row.segment.label
        and row.y > label.y - 0.8 * label.height
        and row.left > label.right - label.height
        and len(row.text) > 1
        and not _SERIAL.fullmatch(row.text)
    ]
    if not lines:
        return None
    lines.sort(key=lambda row: (round(row.y / (0.8 * label.height)), row.left))
    text = "".join(re.sub(r"\s", "", row.line) for row in lines)
    return _candidate([row.segment for row in lines], simplify(text))


def _candidate(segments: Sequence[Segment], value: str) -> Candidate:
    points = np.concatenate([segment.corners for segment in segments])
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    text = " ".join(segment.spaced for segment in segments)
    confidence = float(np.mean([segment.confidence for segment in segments]))
    return Candidate(value, text, confidence, min(one.weakest for one in segments), corners)


def _citizen(row: Row) -> str:
    number = clean_id(row.text)
    return number if id_is_valid(number) else ""


def _number(row: Row) -> str:
    if number := _citizen(row):
        return number
    compact = row.text.upper()
    return compact if _DOCUMENT.fullmatch(compact) else ""


def _archive(row: Row) -> str:
    return row.text if re.fullmatch(r"\d{12}", row.text) else ""
