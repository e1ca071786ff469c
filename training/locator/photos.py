"""Photos for the locator's training: flat cards thrown on grounds, at a few milliseconds each."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

SIDE = 256
"""Pixels, the network's input."""

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

_UNIT = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)


@dataclass(frozen=True)
class Flats:
    """What ``flats.py`` drew.

    Attributes:
        mains: n × height × width × 3, main pages.
        others: likewise, pages that are none.
        grounds: n × side × side × 3.
    """

    mains: Pixels
    others: Pixels
    grounds: Pixels


def _view(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """A homography from the table (a card is 1.467 × 1 there, its centre 0) to the picture."""
    tilt = np.deg2rad(rng.uniform(0, 48) if rng.random() < 0.8 else 0)
    toward, turn = rng.uniform(0, 2 * np.pi), rng.uniform(0, 2 * np.pi)
    if rng.random() < 0.5:  # most cards lie near one of the four ways
        turn = rng.integers(4) * np.pi / 2 + rng.normal(0, 0.15)
    lean = cv2.Rodrigues(np.array([np.cos(toward), np.sin(toward), 0.0]) * tilt)[0]
    spin = np.array(
        [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1.0]]
    )
    pose = (lean @ spin)[:, :2]
    focal, width = rng.uniform(0.8, 2.0), np.exp(rng.uniform(np.log(0.16), np.log(1.0)))
    distance = 1.467 * focal / width
    flat = np.diag([focal, focal, 1.0]) @ np.column_stack([pose, [0, 0, distance]])
    corners = flat @ np.column_stack([_UNIT * (0.7335, 0.5), np.ones(4)]).T
    seen = (corners[:2] / corners[2]).T
    middle, half = (seen.max(0) + seen.min(0)) / 2, (seen.max(0) - seen.min(0)) / 2
    room = np.maximum(0.5 - half, 0.06)  # may be cut by the picture's edge
    target = rng.uniform(-1, 1, 2) * room
    move = np.array(
        [[1, 0, target[0] - middle[0] + 0.5], [0, 1, target[1] - middle[1] + 0.5], [0, 0, 1.0]]
    )
    return np.diag([SIDE, SIDE, 1.0]) @ move @ flat


def _lay(picture: Pixels, page: Pixels, table: npt.NDArray[np.float64]) -> None:
    """Lays a page on the picture in place; ``table`` leads from the page's -1 to 1 to pixels."""
    height, width = page.shape[:2]
    unit = np.array([[2 / width, 0, -1], [0, 2 / height, -1], [0, 0, 1.0]])
    matrix = table @ unit
    scale = np.sqrt(abs(np.linalg.det(matrix[:2, :2] / matrix[2, 2])))
    if scale < 0.7:
        page = cv2.GaussianBlur(page, (0, 0), 0.45 / max(scale, 0.1))
    seen = cv2.warpPerspective(page, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    cover = cv2.warpPerspective(
        np.full((height, width), 255, np.uint8), matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR
    )
    share = cover[..., None].astype(np.float32) / 255
    picture[...] = (picture * (1 - share) + seen * share).astype(np.uint8)


def _beside(rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Where a second page lies beside the first, in the first's -1 to 1."""
    gap = 2 * rng.uniform(1.0, 1.25)
    dx, dy = ((gap, 0), (-gap, 0), (0, gap), (0, -gap))[rng.integers(4)]
    jitter = rng.normal(0, 0.03, (4, 2)) if rng.random() < 0.5 else np.zeros((4, 2))
    target = (_UNIT + np.array([dx, dy]) + jitter).astype(np.float32)
    return cv2.getPerspectiveTransform(_UNIT, target)


def _coloured(rng: np.random.Generator, page: Pixels) -> Pixels:
    """The same page on other paper and in other ink."""
    if rng.random() < 0.5:
        return page
    mixed = page.astype(np.float32)
    kind = rng.integers(4)
    if kind == 0:
        mixed = mixed[..., rng.permutation(3)]
    elif kind == 1:
        grey = mixed.mean(axis=2, keepdims=True)
        mixed = grey + (mixed - grey) * rng.uniform(0, 0.6)
    elif kind == 2:
        mixed = mixed @ (np.eye(3) + rng.normal(0, 0.25, (3, 3))).astype(np.float32)
    contrast = rng.uniform(0.5, 1.2)
    mixed = (mixed - 128) * contrast + 128 + rng.normal(0, 25)
    return np.clip(mixed, 0, 255).astype(np.uint8)


def _ground(rng: np.random.Generator, grounds: Pixels) -> Pixels:
    kind = rng.random()
    if kind < 0.6:
        ground = grounds[rng.integers(len(grounds))]
        side = rng.integers(SIDE // 2, SIDE + 1)
        x, y = (
            rng.integers(0, ground.shape[1] - side + 1),
            rng.integers(0, ground.shape[0] - side + 1),
        )
        ground = _coloured(rng, cv2.resize(ground[y : y + side, x : x + side], (SIDE, SIDE)))
    else:
        cells = int(rng.integers(1, 24))
        noise = rng.uniform(0, 255, (cells + 1, cells + 1, 3)).astype(np.float32)
        mean = noise.mean(axis=(0, 1)) if kind < 0.8 else rng.uniform(0, 255, 3)
        ground = cv2.resize(
            mean + (noise - mean) * rng.uniform(0, 0.6), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC
        )
    ground = np.clip(ground, 0, 255).astype(np.uint8).copy()
    for _ in range(rng.poisson(1.2)):
        points = (
            rng.uniform(-0.2, 1.2, 2)
            + rng.normal(0, rng.uniform(0.05, 0.4), (rng.integers(2, 7), 2))
        ) * SIDE
        colour = rng.uniform(0, 255, 3).tolist()
        if rng.random() < 0.5:
            cv2.fillConvexPoly(ground, cv2.convexHull(points.astype(np.int32)), colour)
        else:
            cv2.polylines(
                ground, [points.astype(np.int32)], False, colour, int(rng.integers(1, 12))
            )
    return ground


def _fault(rng: np.random.Generator, picture: Pixels) -> Pixels:
    """Light, lens, sensor and JPEG."""
    seen = picture.astype(np.float32) / 255
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE - 0.5
    angle = rng.uniform(0, 6.28)
    across = x * np.cos(angle) + y * np.sin(angle)
    seen *= (1 + rng.normal(0, 0.35) * across)[..., None].clip(0.2, 1.8)
    if rng.random() < 0.5:
        edge = 1 / (
            1 + np.exp(-((across + rng.normal(0, 0.2)) / rng.uniform(0.01, 0.1)).clip(-30, 30))
        )
        seen *= (1 - rng.uniform(0.1, 0.7) * edge)[..., None]
    for _ in range(rng.poisson(0.6)):
        cx, cy = rng.uniform(-0.5, 0.5, 2)
        rx, ry = rng.uniform(0.03, 0.3, 2)
        seen += (rng.uniform(0.1, 1.0) * np.exp(-(((x - cx) / rx) ** 2) - ((y - cy) / ry) ** 2))[
            ..., None
        ]
    sigma = rng.exponential(0.6)
    if sigma > 0.3:
        seen = cv2.GaussianBlur(seen, (0, 0), min(sigma, 3.0))
    exposure = np.exp(rng.uniform(np.log(0.12), np.log(1.25)))
    seen = seen * exposure * rng.uniform(0.75, 1.25, 3).astype(np.float32)
    noise = rng.exponential(0.025)
    seen += rng.normal(0, noise, seen.shape).astype(np.float32)
    if rng.random() < 0.4:
        coarse = rng.normal(0, noise, (SIDE // 3, SIDE // 3, 3)).astype(np.float32)
        seen += cv2.resize(coarse, (SIDE, SIDE))
    done = np.clip(seen * 255, 0, 255).astype(np.uint8)
    if rng.random() < 0.1:
        done = cv2.cvtColor(cv2.cvtColor(done, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    if rng.random() < 0.6:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))]
        done = cv2.imdecode(cv2.imencode(".jpg", done, quality)[1], cv2.IMREAD_COLOR)
    return done


def make_photo(rng: np.random.Generator, flats: Flats, cells: int) -> tuple[Pixels, Floats]:
    """One photo and what the network should say of it.

    Returns:
        SIDE × SIDE × 3 bytes, blue green red; 3 × cells × cells: whether a cell's middle lies on
        the main page (0 or 1), and where on it, x and y from -1 to 1.
    """
    picture = _ground(rng, flats.grounds)
    for _ in range(rng.poisson(0.7)):  # letters, newspapers, other cards
        page = _coloured(rng, flats.others[rng.integers(len(flats.others))])
        _lay(picture, page, _view(rng) @ np.diag([0.7335, rng.uniform(0.5, 1.0), 1.0]))
    view = _view(rng)
    table = view @ np.diag([0.7335, 0.5, 1.0])
    if rng.random() < 0.45:
        second = table @ _beside(rng)
        if (second @ np.column_stack([_UNIT, np.ones(4)]).T)[2].min() > 0.2 * table[2, 2]:
            if rng.random() < 0.5:  # a holder under both
                holder = _UNIT * rng.uniform(1.05, 1.3)
                both = np.concatenate([_warp(table, holder), _warp(second, holder)])
                colour = rng.uniform(0, 120, 3).tolist()
                cv2.fillConvexPoly(picture, cv2.convexHull(both.astype(np.int32)), colour)
            _lay(picture, _coloured(rng, flats.others[rng.integers(len(flats.others))]), second)
    if rng.random() < 0.4:  # film or a holder around the card
        rim = _warp(table, _UNIT * rng.uniform(1.03, 1.15))
        overlay = picture.copy()
        cv2.fillConvexPoly(overlay, rim.astype(np.int32), rng.uniform(0, 255, 3).tolist())
        share = rng.uniform(0.1, 1.0)
        picture = cv2.addWeighted(overlay, share, picture, 1 - share, 0)
    target = np.zeros((3, cells, cells), np.float32)
    if rng.random() < 0.95:
        main = _coloured(rng, flats.mains[rng.integers(len(flats.mains))])
        if rng.random() < 0.15:  # a finger, a pen, a torn corner
            main = main.copy()
            at = rng.uniform(0, 1, 2) * main.shape[1::-1]
            radius = int(rng.uniform(10, 60))
            cv2.circle(main, at.astype(int).tolist(), radius, rng.uniform(0, 255, 3).tolist(), -1)
        _lay(picture, main, table)
        target = _target(table, cells)
        if rng.random() < 0.3:
            _put_fingers(rng, picture, table)
    return _fault(rng, picture), target


def _put_fingers(rng: np.random.Generator, picture: Pixels, table: npt.NDArray[np.float64]) -> None:
    """Fingers or pens over the card's edge; what they hide still belongs to the card."""
    wide = np.sqrt(abs(np.linalg.det(table[:2, :2] / table[2, 2])))  # pixels, of half a card
    tip = _warp(table, rng.uniform(-1, 1, (1, 2)))[0]
    away = rng.uniform(0, 2 * np.pi)
    colour = np.array([110, 140, 190]) * rng.uniform(0.5, 1.3) + rng.normal(0, 15, 3)
    for _ in range(rng.integers(1, 3)):
        thick = max(1, int(wide * rng.uniform(0.05, 0.4)))
        end = tip + 2 * SIDE * np.array([np.cos(away), np.sin(away)])
        ends = [tuple(int(value) for value in point) for point in (tip, end)]
        cv2.line(picture, *ends, np.clip(colour, 0, 255).tolist(), thick)
        tip = tip + 1.2 * thick * np.array([-np.sin(away), np.cos(away)])


def _warp(
    matrix: npt.NDArray[np.float64], points: npt.NDArray[np.floating]
) -> npt.NDArray[np.float64]:
    mapped = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return mapped[:, :2] / mapped[:, 2:]


def _target(table: npt.NDArray[np.float64], cells: int) -> Floats:
    step = SIDE / cells
    y, x = np.mgrid[0:cells, 0:cells] * step + (step - 1) / 2
    place = _warp(np.linalg.inv(table), np.column_stack([x.ravel(), y.ravel()]))
    place = place.reshape(cells, cells, 2)
    inside = (np.abs(place) < 1).all(axis=2)
    return np.stack([inside, place[..., 0] * inside, place[..., 1] * inside]).astype(np.float32)
