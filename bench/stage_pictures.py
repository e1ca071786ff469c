"""Pictures of each stage for docs/recognition.md, of one poor photo: by the pipeline's functions.

python -m bench.stage_pictures [--seed 522]
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from bench.drawing import GROUND, INK, Canvas, Colour, Shape, beside, save_small, with_legend
from bench.floor import slice_across
from openapi_shim.cli.annotated import annotate, chinese_font
from openapi_shim.ocr import Recognizer
from openapi_shim.ocr.card import HEIGHT, LABEL_PLACES, WIDTH
from openapi_shim.ocr.crops import Corners, Pyramid, corners_along, cut_line
from openapi_shim.ocr.deadline import Deadline
from openapi_shim.ocr.decode import Pixels, decode
from openapi_shim.ocr.detect import find_boxes
from openapi_shim.ocr.first_look import find_card
from openapi_shim.ocr.labels import split_line
from openapi_shim.ocr.locate import SIDE, locate
from openapi_shim.ocr.looks import look_again
from openapi_shim.ocr.on_card import BLUR, CALMED, FAINT, KEEN, treated
from openapi_shim.ocr.passes import Engine, Pass
from openapi_shim.ocr.placed import place_segments
from openapi_shim.ocr.reading import FIELD_NAMES
from openapi_shim.ocr.rectify import MARGIN, PIXELS_PER_MM, rectify
from openapi_shim.ocr.register import Matrix, Registration, transform
from openapi_shim.ocr.seal import split_rows
from openapi_shim.ocr.seal_frame import find_frame
from openapi_shim.ocr.sessions import Floats, Model
from openapi_shim.ocr.vote import doubtful, merge
from openapi_shim.ocr.zones import ZONES, is_print_about, row_offsets, without_translations
from openapi_shim.specimens import make_specimen

_IMAGES = Path(__file__).parent.parent / "docs" / "images"
_WIDE = 800  # pixels, as wide as a page of the documents
_GREEN, _BLUE, _ORANGE = (22, 133, 84), (40, 96, 190), (205, 112, 16)
_RED, _VIOLET = (200, 48, 48), (130, 70, 170)
_CORNERS: tuple[tuple[str, Colour], ...] = (
    ("top left", (222, 60, 48)),
    ("top right", (240, 190, 40)),
    ("bottom right", (50, 110, 220)),
    ("bottom left", (30, 160, 90)),
)
_HALF_ZONE = 2.4  # mm
_SEAL_SIDE = 256  # pixels
_LINES = 20  # shown
_LOOK = 180  # pixels, a look of the locator
_RESULT = 1000  # pixels of width: there is a panel beside the photo


@dataclass(frozen=True)
class Case:
    """One photo, and what the stages that later ones build on made of it."""

    data: bytes
    engine: Engine
    pyramid: Pyramid
    place: Matrix
    seen: Pass
    card: Registration

    @property
    def pixels(self) -> Pixels:
        """The photo."""
        return self.pyramid.levels[0]

    @property
    def turns(self) -> int:
        """Quarter turns anticlockwise that bring the card upright."""
        return round(self.direction / (np.pi / 2)) % 4

    @property
    def direction(self) -> float:
        """In which the text runs, radians."""
        (x0, y0), (x1, y1) = self.card.to_photo([(WIDTH / 4, HEIGHT / 2), (WIDTH, HEIGHT / 2)])
        return float(np.arctan2(y1 - y0, x1 - x0))

    def upright(self) -> tuple[Pixels, Matrix]:
        """The photo after those turns, and the matrix that leads to its pixels."""
        height, width = self.pixels.shape[:2]
        matrix = {
            0: np.eye(3),
            1: np.array([[0, 1, 0], [-1, 0, width - 1], [0, 0, 1.0]]),
            2: np.array([[-1, 0, width - 1], [0, -1, height - 1], [0, 0, 1.0]]),
            3: np.array([[0, -1, height - 1], [1, 0, 0], [0, 0, 1.0]]),
        }[self.turns]
        return np.ascontiguousarray(np.rot90(self.pixels, self.turns)), matrix


def examine(engine: Engine, data: bytes) -> Case:
    """Runs the first stages."""
    pyramid = Pyramid(decode(data).pixels)
    place = locate(engine.sessions.locating, pyramid)
    seen = find_card(engine, pyramid, Deadline.within(60))
    if place is None or seen.registration is None:
        raise SystemExit("No card was found in this photo: choose another seed.")
    return Case(data, engine, pyramid, place, seen, seen.registration)


def found(case: Case) -> Image.Image:
    """The card where the locator saw it, with the boxes of the search for text."""
    card = treated(case.pyramid, Registration(case.place, frozenset()), CALMED)
    boxes = find_boxes(case.engine.sessions.detection, card.pixels, CALMED.side, KEEN)
    quads = [corners_along(box, 0.0) for box in boxes]
    kept = {id(quad) for quad in without_translations(quads)}
    is_print = is_print_about(card.pixels)
    groups: dict[Colour, list[Corners]] = {_ORANGE: [], _BLUE: [], _RED: []}
    for quad in quads:
        groups[_BLUE if id(quad) not in kept else _ORANGE if is_print(quad) else _RED].append(quad)
    canvas = Canvas(card.pixels, _WIDE)
    for colour, some in groups.items():
        for quad in some:
            canvas.outline(quad, colour, fill=30)
    words = {
        _ORANGE: "lines, which are read",
        _BLUE: "translations, which are not",
        _RED: "on seal and portrait, which are not",
    }
    return with_legend(
        canvas.finished(),
        [(colour, f"{len(groups[colour])} {text}") for colour, text in words.items()],
    )


def lines(case: Case) -> Image.Image:
    """Which way the text runs, and lines as they are cut out of the photo."""
    canvas = Canvas(case.pixels, 330)
    height, width = case.pixels.shape[:2]
    along = np.array([np.cos(case.direction), np.sin(case.direction)]) * 0.32 * width
    middle = np.array([width / 2, height / 2])
    for quad, _ in case.seen.texts:
        canvas.outline(quad, _ORANGE, 1)
    canvas.arrow(middle - along, middle + along, _RED)
    left = with_legend(canvas.finished(), [(_RED, "the way the text is read")])
    on_card = [
        (quad, text)
        for quad, text in case.seen.texts
        if _inside(case.card, quad) and _is_shown(text.string)
    ]
    on_card.sort(key=lambda item: float(case.card.to_card(item[0].mean(axis=0))[0, 1]))
    tall, strip = 24, 240
    right = Image.new("RGB", (_WIDE - 340, (tall + 6) * min(_LINES, len(on_card))), GROUND)
    pen = ImageDraw.Draw(right)
    for row, (quad, text) in enumerate(on_card[:_LINES]):
        cut = Image.fromarray(np.ascontiguousarray(cut_line(case.pyramid, quad)[:, :, ::-1]))
        scale = min(tall / cut.height, strip / cut.width)
        size = (max(1, round(cut.width * scale)), max(1, round(cut.height * scale)))
        top = row * (tall + 6)
        right.paste(cut.resize(size, Image.Resampling.LANCZOS), (0, top + (tall - size[1]) // 2))
        words = text.string
        while pen.textlength(words, font=chinese_font(13)) > right.width - strip - 48:
            words = f"{words[:-2]}…"
        colour = _GREEN if text.confidence >= 0.9 else _ORANGE
        pen.text((strip + 8, top + tall / 2), words, INK, font=chinese_font(13), anchor="lm")
        sure = f"{text.confidence:.2f}"
        pen.text(
            (right.width - 6, top + tall / 2), sure, colour, font=chinese_font(13), anchor="rm"
        )
    return beside([left, right])


def places(case: Case) -> Image.Image:
    """Labels and values on the photo, where the form has the labels, and the card."""
    pixels, turn = case.upright()
    outline = transform(turn, case.card.corners())
    canvas = Canvas(pixels, _WIDE, _around(outline, pixels, 0.18))
    canvas.outline(outline, _GREEN, 2.5)
    segments = [one for quad, text in case.seen.texts for one in split_line(text, quad)]
    placed = [item.segment for item in place_segments(segments, case.card)]
    labels = {one.label: one.corners for one in placed if one.label and not one.english}
    values: dict[str, Corners] = {}
    for name, one in case.seen.candidates.items():
        same = [known for known, quad in values.items() if np.array_equal(quad, one.corners)]
        values[", ".join([*same, name])] = values.pop(same[0]) if same else one.corners
    marks = [(name, transform(turn, quad), _BLUE) for name, quad in labels.items()]
    marks += [(name, transform(turn, quad), _ORANGE) for name, quad in values.items()]
    for _, quad, colour in marks:
        canvas.outline(quad, colour, fill=36)
        canvas.keep_clear(quad)
    for name in labels:
        if name in LABEL_PLACES:
            place = LABEL_PLACES[name]
            canvas.cross(transform(turn, case.card.to_photo([(place.x, place.y)])), _VIOLET)
    for name, quad, colour in marks:
        canvas.tag(name, quad, colour)
    return with_legend(
        canvas.finished(),
        [
            (_BLUE, "printed labels"),
            (_ORANGE, "values"),
            (_VIOLET, "where the form has the label's left end"),
            (_GREEN, "the card, as it was fitted"),
        ],
    )


class _Recorder:
    """A network that keeps what it was shown and what it answered."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.looks: list[tuple[Floats, Floats]] = []

    def __call__(self, tensor: Floats) -> Floats:
        answer = self._model(tensor)
        self.looks.append((tensor[0], answer[0]))
        return answer


def located(case: Case) -> Image.Image:
    """What the locator says of each cell in each look, and the card that the cells agree on."""
    network = _Recorder(case.engine.sessions.locating)
    matrix = locate(network, case.pyramid)
    panels = []
    names = ("1: the photo", "2: closer", "3: from above")
    for (tensor, answer), words in zip(network.looks, names, strict=False):
        shown = np.clip((tensor.transpose(1, 2, 0) + 1) * 127.5, 0, 255).astype(np.uint8)
        panel = Canvas(shown, _LOOK)
        step = SIDE / answer.shape[1]
        for row, column in zip(*np.nonzero(answer[0] > 0), strict=True):
            x, y = column * step, row * step
            square = [(x, y), (x + step, y), (x + step, y + step), (x, y + step)]
            panel.outline(square, _colour_of(answer[1:, row, column]), 0, fill=190)
        panels.append(with_legend(panel.finished(), [(None, words)]))
    canvas = Canvas(case.pixels, _WIDE - len(panels) * (_LOOK + 10))
    if matrix is not None:
        corners = Registration(matrix, frozenset()).corners()
        canvas.outline(corners, GROUND, 4)
        canvas.outline(corners, _GREEN, 2.5)
        for (_, colour), corner in zip(_CORNERS, corners, strict=True):
            canvas.dot(corner, colour, 6)
    panels.append(with_legend(canvas.finished(), [(None, "what most cells agree on")]))
    legend: list[tuple[Colour | None, str]] = [(None, "a cell says it lies near the card's")]
    legend += [(colour, name) for name, colour in _CORNERS]
    return with_legend(beside(panels), legend)


def _colour_of(place: Floats) -> Colour:
    """Between the corners' colours, by where on the card (-1 to 1) a cell says it is."""
    x, y = np.clip((place.astype(float) + 1) / 2, 0, 1)
    shares = np.array([(1 - x) * (1 - y), x * (1 - y), x * y, (1 - x) * y])
    r, g, b = shares @ np.array([colour for _, colour in _CORNERS])
    return round(r), round(g), round(b)


def rectified(case: Case) -> Image.Image:
    """The card from straight above, as it is and with its faint print brought out."""
    half = (_WIDE - 10) // 2
    calm = treated(case.pyramid, case.card, CALMED).pixels
    faint = treated(case.pyramid, case.card, FAINT).pixels
    words = (f"{PIXELS_PER_MM:.0f} pixels a millimetre", "its faint print brought out")
    return beside(
        [
            with_legend(Canvas(pixels, half).finished(), [(None, text)])
            for pixels, text in zip((calm, faint), words, strict=True)
        ]
    )


def zones(case: Case) -> Image.Image:
    """Where missing values would be read without a search, and the seal's rows."""
    card = rectify(case.pyramid, case.card, BLUR)
    doubts = doubtful(case.seen.candidates, FIELD_NAMES)
    looks = look_again(case.engine, case.pyramid, case.seen, doubts, Deadline.within(60))
    merged, _ = merge(looks, FIELD_NAMES)
    fields = {
        name: replace(one, corners=transform(card.from_photo, one.corners).astype(np.float32))
        for name, one in merged.items()
    }
    canvas = Canvas(card.pixels, _WIDE)
    offsets = row_offsets(fields)
    rows = sorted(offsets)
    for quad, _ in case.seen.texts:
        canvas.keep_clear(transform(card.from_photo, quad))
    for one in fields.values():
        canvas.keep_clear(one.corners)
    tags = []
    for name, zone in ZONES.items():
        place = LABEL_PLACES[zone.row].y
        middle = place + (float(np.interp(place, rows, [offsets[y] for y in rows])) if rows else 0)
        quad = _on_card(zone.left, middle - _HALF_ZONE, zone.right, middle + _HALF_ZONE)
        canvas.outline(quad, _ORANGE, 1.5, fill=30)
        letters = zone.alphabet.replace("0123456789", "0–9 ").replace("123456", " 1–6")
        tags.append((f"{name}: {letters}" if letters else name, quad))
    for words, quad in tags:
        canvas.tag(words, quad, _ORANGE)
    frame = find_frame(card.pixels)
    if frame is not None:
        canvas.outline(frame, _RED, 2.5)
        seal = cut_line(Pyramid(card.pixels), frame, _SEAL_SIDE)
        for row, colour in zip(split_rows(seal), (_BLUE, _GREEN) * 3, strict=False):
            canvas.outline(slice_across(frame, row.top, row.bottom), colour, 0, fill=70)
    return with_legend(
        canvas.finished(),
        [
            (_ORANGE, "read if the value is missing, with these characters alone"),
            (_RED, "the seal's frame"),
            (_BLUE, "its odd rows"),
            (_GREEN, "its even rows"),
        ],
    )


def result(case: Case, recognizer: Recognizer) -> Image.Image:
    """What the reader gets: the photo with the values drawn on it."""
    drawn = annotate(case.data, recognizer.read(case.data, details=True))
    image = Image.open(BytesIO(drawn)).convert("RGB")
    height = round(image.height * _RESULT / image.width)
    return with_legend(
        image.resize((_RESULT, height), Image.Resampling.LANCZOS),
        [
            (None, "confidence:"),
            (_GREEN, "0.9 or more"),
            (_ORANGE, "0.7 or more"),
            (_RED, "less"),
            (None, "(names, warnings and checks as recognize --annotate draws them)"),
        ],
    )


def _on_card(left: float, top: float, right: float, bottom: float) -> Corners:
    """Millimetres to pixels of the rectified card."""
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return (corners + np.float32(MARGIN)) * np.float32(PIXELS_PER_MM)


def _is_shown(text: str) -> bool:
    """Digits and Chinese: the English print says nothing that the labels do not."""
    return len(text) > 1 and bool(re.search("[0-9\u4e00-\u9fff]", text))


def _inside(card: Registration, quad: Corners) -> bool:
    middle = card.to_card(quad.mean(axis=0))[0]
    return bool((middle > 0).all() and (middle < (WIDTH, HEIGHT)).all())


def _around(outline: npt.NDArray[np.float64], pixels: Pixels, air: float) -> Shape:
    """The part of a picture that shows an outline, with some air, within the picture."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    margin = air * (high - low).max()
    left, top = np.maximum(low - margin, 0)
    right, bottom = np.minimum(high + margin, pixels.shape[1::-1])
    return float(left), float(top), float(right), float(bottom)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m bench.stage_pictures", description=__doc__)
    parser.add_argument("--seed", type=int, default=522, help="of the specimen (default 522)")
    parser.add_argument("--folder", type=Path, default=_IMAGES, help="where the pictures go")
    options = parser.parse_args(arguments)
    recognizer = Recognizer()
    engine = recognizer._loaded()  # noqa: SLF001 - its parts are shown
    case = examine(engine, make_specimen(options.seed, grade="hard").image)
    pictures = {
        "found": found(case),
        "lines": lines(case),
        "places": places(case),
        "located": located(case),
        "rectified": rectified(case),
        "zones": zones(case),
        "result": result(case, recognizer),
    }
    for name, picture in pictures.items():
        path = options.folder / f"stages-{name}.jpg"
        save_small(picture, path)
        print(f"{path}: {picture.width} × {picture.height}, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
