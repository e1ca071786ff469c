"""What lies under the card: wood, a desk, cloth, paper, leather, daubed colours."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from openapi_shim.specimens.chance import between, chance, pick, weighted, whole
from openapi_shim.specimens.ink import cloud
from openapi_shim.specimens.pixels import Light, light, moved

Shape = tuple[int, int]
"""Height and width in pixels."""


def _tint(
    values: Light, dark: tuple[float, float, float], bright: tuple[float, float, float]
) -> Light:
    low, high = light(dark), light(bright)
    return light(low + (high - low) * values[..., None])


def _wood(rng: np.random.Generator, shape: Shape) -> Light:
    height, width = shape
    bend = (cloud(rng, shape, 3) - 0.5) * between(rng, 40, 140)
    y = np.arange(height, dtype=np.float32)[:, None] * (1200 / max(shape)) + bend
    fine = cv2.resize(rng.random((height, max(2, width // 60)), dtype=np.float32), (width, height))
    rings = 0.5 + 0.5 * np.sin(y / between(rng, 9, 26) + 3 * cloud(rng, shape, 5))
    grain = light(0.45 * rings + 0.35 * light(fine) + 0.2 * cloud(rng, shape, 40))
    colours = (
        ((0.36, 0.22, 0.13), (0.60, 0.41, 0.26)),
        ((0.58, 0.44, 0.30), (0.79, 0.64, 0.47)),
        ((0.20, 0.13, 0.10), (0.36, 0.25, 0.19)),
        ((0.68, 0.60, 0.50), (0.84, 0.77, 0.67)),
    )
    wood = _tint(grain, *pick(rng, colours))
    planks = whole(rng, 0, 3)
    for number in range(planks):
        edge = int(height * (number + between(rng, 0.3, 0.7)) / planks)
        wood[edge : edge + 3] *= 0.55
    return wood


def _desk(rng: np.random.Generator, shape: Shape) -> Light:
    base = between(rng, 0.25, 0.9)
    hue = light([between(rng, 0.92, 1.04), 1.0, between(rng, 0.92, 1.06)]) * base
    speckle = cloud(rng, shape, 300) * 0.06 + cloud(rng, shape, 4) * 0.08
    return light(hue * (0.93 + speckle[..., None]))


def _cloth(rng: np.random.Generator, shape: Shape) -> Light:
    height, width = shape
    step = between(rng, 3.5, 8.0)
    y = np.arange(height, dtype=np.float32)[:, None]
    x = np.arange(width, dtype=np.float32)[None, :]
    wobble = cloud(rng, shape, 8) * 4
    weave = (
        0.5
        + 0.25 * np.sin((x + wobble) * 6.283 / step)
        + 0.25 * np.sin((y + wobble) * 6.283 / step)
    )
    values = light(0.35 * weave + 0.4 * cloud(rng, shape, 5) + 0.25 * cloud(rng, shape, 200))
    colours = (
        ((0.10, 0.14, 0.26), (0.26, 0.32, 0.48)),
        ((0.46, 0.42, 0.38), (0.72, 0.68, 0.62)),
        ((0.38, 0.10, 0.12), (0.62, 0.22, 0.24)),
        ((0.18, 0.24, 0.18), (0.38, 0.46, 0.36)),
        ((0.62, 0.60, 0.62), (0.86, 0.84, 0.86)),
    )
    return _tint(values, *pick(rng, colours))


def _paper(rng: np.random.Generator, shape: Shape) -> Light:
    tone = light([between(rng, 0.84, 0.95), between(rng, 0.84, 0.94), between(rng, 0.78, 0.94)])
    values = 0.94 + 0.05 * cloud(rng, shape, 3) + 0.02 * cloud(rng, shape, 350)
    if chance(rng, 0.4):  # ruled
        pitch = whole(rng, 34, 80)
        values[whole(rng, 0, pitch) :: pitch] -= 0.12
    return light(tone * values[..., None])


def _leather(rng: np.random.Generator, shape: Shape) -> Light:
    bumps = cloud(rng, shape, 170)
    relief = light(cv2.Sobel(bumps, cv2.CV_32F, 1, 1, ksize=3)) * 0.5
    values = light(np.clip(0.4 + relief + 0.3 * (cloud(rng, shape, 4) - 0.5), 0, 1))
    colours = (
        ((0.05, 0.05, 0.06), (0.20, 0.20, 0.22)),
        ((0.16, 0.08, 0.05), (0.38, 0.23, 0.16)),
        ((0.06, 0.08, 0.12), (0.20, 0.24, 0.32)),
    )
    return _tint(values, *pick(rng, colours))


def _daub(rng: np.random.Generator, shape: Shape) -> Light:
    """Paint daubed by hand: broad strokes of a few related colours."""
    height, width = shape
    base = np.clip(between(rng, 0.25, 0.75) + rng.normal(0, 0.12, 3), 0.1, 0.9)
    ground = np.empty((height, width, 3), np.float32)
    ground[:] = base
    for _ in range(whole(rng, 30, 70)):
        tone = np.clip(base + rng.normal(0, 0.07, 3), 0.03, 0.97)
        angle, length = between(rng, -0.6, 0.6), between(rng, 0.2, 0.7) * width
        x, y = between(rng, 0, width), between(rng, 0, height)
        dx, dy = np.cos(angle) * length / 2, np.sin(angle) * length / 2
        ends = (int(x - dx), int(y - dy)), (int(x + dx), int(y + dy))
        cv2.line(ground, *ends, tone.tolist(), max(4, int(height * between(rng, 0.03, 0.14))))
    smooth = light(cv2.GaussianBlur(ground, (0, 0), max(1.0, width / 120)))
    bristle = light(
        cv2.resize(rng.random((height, max(2, width // 40)), dtype=np.float32), (width, height))
    )
    return light(smooth * (0.95 + 0.08 * bristle[..., None]))


_KINDS: tuple[tuple[Callable[[np.random.Generator, Shape], Light], float], ...] = (
    (_wood, 3.0),
    (_desk, 2.0),
    (_cloth, 1.6),
    (_paper, 1.2),
    (_leather, 1.2),
    (_daub, 0.8),
)


def _clutter(rng: np.random.Generator, ground: Light) -> None:
    """A pen, a coin or a sheet's edge at the rim of the picture; nothing with text."""
    height, width = ground.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    kind = pick(rng, ("pen", "coin", "sheet"))
    x, y = pick(rng, (0.03, 0.97)) * width, between(rng, 0.0, 1.0) * height
    size = max(height, width)
    if kind == "pen":
        angle = between(rng, 0, np.pi)
        dx, dy = np.cos(angle) * size * 0.3, np.sin(angle) * size * 0.3
        ends = (int(x - dx), int(y - dy)), (int(x + dx), int(y + dy))
        cv2.line(mask, *ends, 255, max(5, size // 70), cv2.LINE_AA)
    elif kind == "coin":
        cv2.circle(mask, (int(x), int(y)), size // 18, 255, -1, cv2.LINE_AA)
    else:
        corners = cv2.boxPoints(((x, y), (size * 0.4, size * 0.3), between(rng, 0, 90)))
        cv2.fillPoly(mask, [corners.astype(np.int32)], 255, cv2.LINE_AA)
    shadow = light(cv2.GaussianBlur(mask, (0, 0), size / 120)) / np.float32(255)
    ground *= 1 - 0.4 * moved(shadow, size // 150, size // 150)[..., None]
    tone = (
        rng.uniform(0.1, 0.9, 3).astype(np.float32) if kind == "pen" else light([0.8, 0.79, 0.76])
    )
    cover = light(mask)[..., None] / np.float32(255)
    ground += (tone - ground) * cover


def draw_background(rng: np.random.Generator, shape: Shape) -> Light:
    """A surface of ``shape`` pixels, RGB, 0 to 1, sometimes with an object at its rim."""
    half = (shape[0] // 2 + 1, shape[1] // 2 + 1)  # half the detail is enough, and quicker
    ground = weighted(rng, list(_KINDS))(rng, half)
    if chance(rng, 0.5) and half[0] > half[1]:
        ground = light(np.ascontiguousarray(ground[:, ::-1]))
    if chance(rng, 0.35):
        _clutter(rng, ground)
    return light(cv2.resize(ground, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)).clip(
        0, 1
    )


def draw_scanner_lid(rng: np.random.Generator, shape: Shape) -> Light:
    """The even, light ground of a scan."""
    tone = light([1.0, 1.0, between(rng, 0.97, 1.0)]) * between(rng, 0.86, 0.99)
    return light(tone * (0.99 + 0.01 * cloud(rng, shape, 3)[..., None]))
