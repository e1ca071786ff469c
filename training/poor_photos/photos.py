"""Photos of training sheets, and the lines cut out of them as the recognizer cuts them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from openapi_shim.ocr.crops import LINE_HEIGHT, Pyramid, cut_line
from openapi_shim.ocr.on_card import stretched
from openapi_shim.specimens.chance import between, chance, pick
from training.poor_photos.sheets import HEIGHT, SCALE, WIDTH, Box, Pixels, Printed, Sheet

_JOINED = 0.4  # of the seals are one line, too
_CARD = 8.0  # pixels per millimetre of a rectified card
Matrix = npt.NDArray[np.float64]
Line = tuple[Pixels, str]


def _camera(rng: np.random.Generator, badness: float) -> tuple[Matrix, tuple[int, int]]:
    """From a sheet's millimetres to a photo's pixels, and the photo's size."""
    scale = float(np.exp(rng.uniform(np.log(4.2), np.log(15 - 4 * badness))))
    tilt = np.deg2rad(between(rng, 0, 12 + 28 * badness))
    toward = between(rng, 0, 2 * np.pi)
    turn = np.deg2rad(pick(rng, (0, 0, 90, 180, 270)) + rng.normal(0, 4 + 10 * badness))
    lean = cv2.Rodrigues(np.array([np.cos(toward), np.sin(toward), 0.0]) * tilt)[0]
    spin = cv2.Rodrigues(np.array([0, 0, turn]))[0]
    rotation = lean @ spin
    far = between(rng, 2.2, 5) * WIDTH
    pose = np.column_stack([rotation[:, 0], rotation[:, 1], [0, 0, far]])
    centre = np.array([[1, 0, -WIDTH / 2], [0, 1, -HEIGHT / 2], [0, 0, 1.0]])
    flat = np.diag([far * scale, far * scale, 1]) @ pose @ centre
    corners = _mapped(flat, np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], float))
    low, high = corners.min(axis=0), corners.max(axis=0)
    move = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1.0]])
    size = np.ceil(high - low).astype(int)
    return move @ flat, (int(size[0]), int(size[1]))


def _mapped(matrix: Matrix, points: npt.NDArray[np.floating]) -> Matrix:
    mapped = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return mapped[:, :2] / mapped[:, 2:]


def _blurred(
    rng: np.random.Generator, seen: npt.NDArray[np.float32], scale: float, badness: float
) -> npt.NDArray[np.float32]:
    sigma = min(0.32, abs(rng.normal(0, 0.05 + 0.11 * badness))) * scale
    if sigma > 0.25:
        if chance(rng, 0.3):  # a disc: out of focus
            reach = int(2 * np.ceil(2 * sigma)) + 1
            y, x = np.mgrid[:reach, :reach] - reach // 2
            disc = (x**2 + y**2 <= (2 * sigma) ** 2).astype(np.float32)
            seen = cv2.filter2D(seen, -1, disc / disc.sum())
        else:
            seen = cv2.GaussianBlur(seen, (0, 0), sigma)
    length = min(0.5, abs(rng.normal(0, 0.05 + 0.17 * badness))) * scale
    if length > 1.2:
        reach = int(np.ceil(length)) | 1
        kernel = np.zeros((reach, reach), np.float32)
        angle, middle = between(rng, 0, np.pi), reach // 2
        dx, dy = np.cos(angle) * length / 2, np.sin(angle) * length / 2
        ends = (round(middle - dx), round(middle - dy)), (round(middle + dx), round(middle + dy))
        cv2.line(kernel, *ends, 1.0, 1, cv2.LINE_AA)
        seen = cv2.filter2D(seen, -1, kernel / kernel.sum())
    return seen


def _lit(
    rng: np.random.Generator, seen: npt.NDArray[np.float32], badness: float
) -> npt.NDArray[np.float32]:
    high, wide = seen.shape[:2]
    y, x = np.mgrid[0 : high // 4 + 1, 0 : wide // 4 + 1].astype(np.float32)
    y, x = y / (high / 4) - 0.5, x / (wide / 4) - 0.5
    angle = between(rng, 0, 6.28)
    across = x * np.cos(angle) + y * np.sin(angle)
    field = 1 + rng.normal(0, 0.2) * across
    if chance(rng, 0.4 + 0.4 * badness):
        far = np.clip((across + rng.normal(0, 0.3)) / between(rng, 0.015, 0.15), -30, 30)
        field *= 1 - between(rng, 0.1, 0.25 + 0.4 * badness) / (1 + np.exp(-far))
    seen *= cv2.resize(field.astype(np.float32), (wide, high))[..., None]
    if chance(rng, 0.2 + 0.4 * badness):
        cx, cy = rng.uniform(-0.5, 0.5, 2)
        rx, ry = rng.uniform(0.04, 0.25, 2)
        glare = np.exp(-(((x - cx) / rx) ** 2) - ((y - cy) / ry) ** 2) * between(
            rng, 0.05, 0.2 + 0.6 * badness
        )
        seen += cv2.resize(glare.astype(np.float32), (wide, high))[..., None]
    return seen


def _sensed(rng: np.random.Generator, seen: npt.NDArray[np.float32], badness: float) -> Pixels:
    high, wide = seen.shape[:2]
    bright = np.exp(rng.uniform(np.log(max(0.24, 0.95 - 0.7 * badness)), np.log(1.2)))
    seen = seen * (bright * rng.uniform(1 - 0.2 * badness, 1 + 0.2 * badness, 3)).astype(np.float32)
    if chance(rng, 0.2):
        seen = np.clip(seen, 0, 1) ** np.float32(between(rng, 0.7, 1.5))
    strength = min(0.075, abs(rng.normal(0, 0.012 + 0.03 * badness)))
    grey, coarse = rng.dirichlet((1, 1)) * 1.5
    noise = rng.standard_normal((high, wide, 1), np.float32) * np.float32(grey)
    cells = between(rng, 1.3, 3.5)
    patches = rng.standard_normal((int(high / cells) + 1, int(wide / cells) + 1, 3), np.float32)
    noise = noise + cv2.resize(patches, (wide, high)) * np.float32(coarse)
    level = np.float32(0.4) + np.float32(0.9) * np.sqrt(np.clip(seen, 0.02, 1))
    done = np.clip((seen + noise * level * np.float32(strength)) * 255, 0, 255).astype(np.uint8)
    if badness and chance(rng, 0.15):  # what phones do against noise and softness
        done = cv2.medianBlur(done, 3) if chance(rng, 0.5) else cv2.bilateralFilter(done, 5, 30, 3)
        soft = cv2.GaussianBlur(done, (0, 0), 1.2)
        done = cv2.addWeighted(done, 1.7, soft, -0.7, 0)
    if chance(rng, 0.05):
        done = cv2.cvtColor(cv2.cvtColor(done, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    for low in (70 - 25 * badness, 65 - 35 * badness):
        quality = [cv2.IMWRITE_JPEG_QUALITY, round(between(rng, low, 95))]
        done = cv2.imdecode(cv2.imencode(".jpg", done, quality)[1], cv2.IMREAD_COLOR)
    return done


def _corners(rng: np.random.Generator, box: Box, em: float) -> npt.NDArray[np.float64]:
    """A box as a detector cuts it: with some air, a little askew."""
    left, top, right, bottom = box
    left -= em * between(rng, 0.0, 0.45)
    right += em * between(rng, 0.0, 0.45)
    top -= em * between(rng, 0.0, 0.34)
    bottom += em * between(rng, 0.0, 0.34)
    quad = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    quad[:, 1] += rng.normal(0, 0.03) * em * np.array([-1, 1, 1, -1])
    return quad + rng.normal(0, 0.03 * em, (4, 2))


def _joined(parts: list[Printed]) -> tuple[str, Box, float]:
    boxes = np.array([one.box for one in parts])
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return "".join(one.text for one in parts), box, max(one.em for one in parts)


def _chosen(rng: np.random.Generator, sheet: Sheet) -> list[tuple[str, Box, float]]:
    """The pieces that are cut out: values, labels, both joined, seldom the small print."""
    pieces = []
    for row in sheet.rows:
        parts = [sheet.lines[place] for place in row]
        if len(parts) == 1 and parts[0].text.isascii() and parts[0].text[-1:].islower():
            if chance(rng, 0.08):
                pieces.append(_joined(parts))
            continue
        place = 0
        while place < len(parts):
            count = 2 if place + 1 < len(parts) and chance(rng, 0.3) else 1
            piece = parts[place : place + count]
            # Labels alone are few and soon known.
            known = count == 1 and piece[0].em < 2.75 and not piece[0].text[-1:].isdigit()
            if not known or chance(rng, 0.25):
                pieces.append(_joined(piece))
            place += count
    return pieces


def _seal_rows(rng: np.random.Generator, sheet: Sheet, card: Pixels, to_card: Matrix) -> list[Line]:
    """The seal's rows, cut about as ``openapi_shim.ocr.seal`` cuts them: whole, and closer.

    Some seals are one line, too, so that the reader sees the authority's words as a whole.
    """
    left, top, right, bottom = sheet.seal
    quad = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    quad = _mapped(to_card, quad + rng.normal(0, 0.18, (4, 2))).astype(np.float32)
    side = 256
    square = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, square)
    seal = cv2.warpPerspective(card, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE)
    inner = round(0.035 * side)
    seal = seal[inner:-inner, inner:-inner]
    count = len(sheet.seal_lines)
    done, close = [], []
    for row, printed in enumerate(sheet.seal_lines):
        close.append(_closer(rng, card, to_card, printed))
        done.append((close[-1], printed.text))
        low, high = (
            np.clip((row + end) / count + rng.normal(0, 0.02), 0, 1) * len(seal) for end in (0, 1)
        )
        line = seal[round(float(low)) : max(round(float(high)), round(float(low)) + 8)]
        width = min(round(LINE_HEIGHT * seal.shape[1] / len(line)), 6 * LINE_HEIGHT)
        line = cv2.resize(line, (width, LINE_HEIGHT), interpolation=cv2.INTER_AREA)
        done.append((line, printed.text))
    if chance(rng, _JOINED):
        done.append((np.hstack(close), "".join(one.text for one in sheet.seal_lines)))
    return done


def _closer(rng: np.random.Generator, card: Pixels, to_card: Matrix, row: Printed) -> Pixels:
    """A seal's row close to its ink, its characters as wide as print is."""
    left, top, right, bottom = row.box
    quad = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    quad = _mapped(to_card, quad + rng.normal(0, 0.15, (4, 2))).astype(np.float32)
    width = round(between(rng, 0.7, 1.0) * LINE_HEIGHT * len(row.text))
    line = np.array([[0, 0], [width, 0], [width, LINE_HEIGHT], [0, LINE_HEIGHT]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, line)
    return cv2.warpPerspective(card, matrix, (width, LINE_HEIGHT), borderMode=cv2.BORDER_REPLICATE)


def _photographed(
    rng: np.random.Generator, flat: Pixels, badness: float
) -> tuple[Pixels, Matrix, float]:
    """A photo of a flat picture, its millimetres' way to the photo, and pixels per millimetre."""
    to_photo, size = _camera(rng, badness)
    step = float(np.sqrt(size[0] * size[1] / (WIDTH * HEIGHT)))
    light = flat.astype(np.float32) / 255
    if step < 8:
        light = cv2.GaussianBlur(light, (0, 0), 0.42 * SCALE / step)
    rim = rng.uniform(0, 1, 3).tolist()
    seen = cv2.warpPerspective(
        light, to_photo @ np.diag([1 / SCALE, 1 / SCALE, 1]), size, borderValue=rim
    )
    seen = _blurred(rng, _lit(rng, seen, badness), step, badness)
    return _sensed(rng, seen, badness), to_photo, step


def _rectified(
    rng: np.random.Generator, pyramid: Pyramid, step: float, from_photo: Matrix
) -> Pixels:
    """The card as ``openapi_shim.ocr.on_card`` treats it, one way or the other."""
    pixels, factor = pyramid.level_for(step, _CARD)
    card = cv2.warpPerspective(
        pixels, from_photo @ np.diag([1 / factor, 1 / factor, 1]),
        (round(WIDTH * _CARD), round(HEIGHT * _CARD)),
        flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    blur = pick(rng, (0.8, 0.8, 1.4, 0.4))
    card = cv2.GaussianBlur(card, (0, 0), blur)
    return stretched(card) if blur == 1.4 or chance(rng, 0.15) else card


def make_lines(rng: np.random.Generator, sheet: Sheet) -> list[Line]:
    """One photo's lines: 48 × width × 3 and what they say."""
    badness = float(rng.choice((0.0, 0.35, 0.7, 1.0), p=(0.1, 0.2, 0.3, 0.4)))
    photo, to_photo, step = _photographed(rng, sheet.pixels, badness)
    pieces = _chosen(rng, sheet)
    pyramid = Pyramid(photo)
    off = np.diag([_CARD, _CARD, 1.0])
    off += np.array([[0, rng.normal(0, 0.08), 0], [rng.normal(0, 0.08), 0, 0], [0, 0, 0]])
    card = _rectified(rng, pyramid, step, off @ np.linalg.inv(to_photo))
    # Straight out of the photo, or out of the rectified card.
    seen, place = (pyramid, to_photo) if chance(rng, 0.25) else (Pyramid(card), off)
    done = [
        (cut_line(seen, _mapped(place, _corners(rng, box, em)).astype(np.float32)), text)
        for text, box, em in pieces
    ]
    return done + _seal_rows(rng, sheet, card, off)


def make_cards(
    rng: np.random.Generator, sheet: Sheet, photos: int
) -> tuple[Pixels, list[Pixels], Pixels]:
    """A sheet seen from straight above: as printed, as so many photos show it, and its portrait.

    The last is 1 in the portrait and 0 elsewhere.
    """
    flat = sheet.pixels
    if chance(rng, 0.8):  # what the card lies on
        ground = np.full_like(flat, rng.uniform(0, 255, 3).astype(np.uint8))
        rim = [round(between(rng, 2.5, 5) * SCALE) for _ in range(4)]
        inside = (slice(rim[0], len(flat) - rim[1]), slice(rim[2], flat.shape[1] - rim[3]))
        ground[inside] = flat[inside]
        flat = ground
    corners = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    moved = (corners + rng.normal(0, 1.5, (4, 2))).astype(np.float32)
    off = np.diag([_CARD, _CARD, 1.0]) @ cv2.getPerspectiveTransform(corners, moved)
    size = (round(WIDTH * _CARD), round(HEIGHT * _CARD))
    back = off @ np.diag([1 / SCALE, 1 / SCALE, 1])
    clean = cv2.warpPerspective(
        cv2.GaussianBlur(flat, (0, 0), 0.5), back, size, borderMode=cv2.BORDER_REPLICATE
    )
    cards = []
    for _ in range(photos):
        badness = float(rng.choice((0.0, 0.35, 0.7, 1.0), p=(0.08, 0.12, 0.3, 0.5)))
        photo, to_photo, step = _photographed(rng, flat, badness)
        cards.append(_rectified(rng, Pyramid(photo), step, off @ np.linalg.inv(to_photo)))
    left, top, right, bottom = sheet.portrait
    quad = _mapped(off, np.array([[left, top], [right, top], [right, bottom], [left, bottom]]))
    portrait = np.zeros(clean.shape[:2], np.uint8)
    cv2.fillConvexPoly(portrait, quad.round().astype(np.int32), 1)
    return clean, cards, portrait
