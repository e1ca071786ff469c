"""Security paper: a pale green ground with guilloche lines, rosettes and fibres."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from openapi_shim.specimens.chance import between, pick
from openapi_shim.specimens.ink import cloud
from openapi_shim.specimens.pixels import Light, light

_SUBPIXEL = 4  # bits of cv2's fixed-point coordinates


@dataclass(frozen=True)
class Stock:
    """The colours of one printer's paper; RGB, 0 to 1."""

    ground: tuple[float, float, float]
    edge: tuple[float, float, float]
    waves: tuple[float, float, float]
    rosette: tuple[float, float, float]


_STOCKS = (
    Stock((0.93, 0.96, 0.87), (0.80, 0.91, 0.80), (0.55, 0.76, 0.60), (0.86, 0.68, 0.58)),
    Stock((0.92, 0.96, 0.90), (0.81, 0.92, 0.84), (0.52, 0.75, 0.64), (0.60, 0.76, 0.72)),
    Stock((0.95, 0.96, 0.84), (0.86, 0.92, 0.76), (0.64, 0.77, 0.50), (0.88, 0.72, 0.55)),
    Stock((0.90, 0.95, 0.88), (0.82, 0.91, 0.82), (0.58, 0.74, 0.58), (0.80, 0.66, 0.62)),
)


def _lines(shape: tuple[int, int], curves: list[Light], strength: float) -> Light:
    mask = np.zeros(shape, np.uint8)
    points = [np.asarray(curve * (1 << _SUBPIXEL), np.int32).reshape(-1, 1, 2) for curve in curves]
    cv2.polylines(mask, points, False, 255, 1, cv2.LINE_AA, _SUBPIXEL)
    return light(mask) * np.float32(strength / 255.0)


def _waves(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> list[Light]:
    height, width = shape
    x = np.linspace(0, width, 260, dtype=np.float32)
    curves = []
    for _ in range(2):
        pitch, swing = between(rng, 0.75, 1.1) * scale, between(rng, 2.0, 4.5) * scale
        length = between(rng, 22, 46) * scale
        beat, drift = between(rng, 60, 130) * scale, between(rng, 0.1, 0.35)
        count = int((height + 2 * swing) / pitch) + 1
        for number in range(count):
            phase = number * drift
            y = (
                number * pitch
                - swing
                + swing
                * np.sin(x / length * 6.283 + phase)
                * np.cos(x / beat * 6.283 - 0.5 * phase)
            )
            curves.append(light(np.stack([x, y], axis=1)))
    return curves


def _rosette(
    rng: np.random.Generator, centre: tuple[float, float], radius: float, turns: int
) -> list[Light]:
    petals = pick(rng, (8, 10, 12, 16))
    angle = np.linspace(0, 2 * np.pi, 540, dtype=np.float32)
    curves = []
    for number in range(turns):
        part = 0.35 + 0.65 * number / turns
        reach = radius * part * (1 + 0.16 * np.cos(petals * angle + number * 0.35))
        x, y = centre[0] + reach * np.cos(angle), centre[1] + reach * np.sin(angle) * 0.8
        curves.append(light(np.stack([x, y], axis=1)))
    return curves


def green_paper(rng: np.random.Generator, width: float, height: float, scale: float) -> Light:
    """A sheet of ``width`` x ``height`` millimetres at ``scale`` pixels per millimetre."""
    shape = (round(height * scale), round(width * scale))
    stock = pick(rng, _STOCKS)
    x = np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :, None]
    y = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None, None]
    far = np.clip(np.hypot(x * 0.9, y) * 0.75, 0, 1)
    ground, edge = light(stock.ground), light(stock.edge)
    paper = light(ground + (edge - ground) * far)
    strength = between(rng, 0.35, 0.6) * min(1.0, scale / 14)  # a line is a pixel wide
    waves = _lines(shape, _waves(rng, shape, scale), strength)
    centre = (shape[1] * between(rng, 0.44, 0.56), shape[0] * between(rng, 0.48, 0.6))
    rosette = _lines(
        shape, _rosette(rng, centre, 19 * scale * between(rng, 0.8, 1.2), 34), strength * 0.9
    )
    grain = (cloud(rng, shape, 260) - 0.5) * 0.02
    for channel in range(3):
        paper[..., channel] *= 1 - waves * (1 - stock.waves[channel])
        paper[..., channel] *= 1 - rosette * (1 - stock.rosette[channel])
        paper[..., channel] += grain
    return paper
