"""From light to a file: illumination, lens, sensor, white balance, two encodings."""

from __future__ import annotations

import cv2
import numpy as np

from openapi_shim.specimens.chance import between, chance
from openapi_shim.specimens.grades import Grade
from openapi_shim.specimens.ink import cloud
from openapi_shim.specimens.pixels import Light, Picture, light, picture

_MAX_BYTES = 1_400_000


def _blob(
    shape: tuple[int, int], centre: tuple[float, float], radii: tuple[float, float], angle: float
) -> Light:
    """A soft ellipse, 1 in its middle; centre and radii in pixels, angle in radians."""
    y = np.arange(shape[0], dtype=np.float32)[:, None] - np.float32(centre[1])
    x = np.arange(shape[1], dtype=np.float32)[None, :] - np.float32(centre[0])
    across = (x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))) / np.float32(radii[0])
    along = (y * np.float32(np.cos(angle)) - x * np.float32(np.sin(angle))) / np.float32(radii[1])
    return light(np.exp(-(across**2 + along**2)))


def _edge_shadow(rng: np.random.Generator, shape: tuple[int, int]) -> Light:
    """The shadow of a hand or a phone: a half plane with a soft, slightly bent rim."""
    height, width = shape
    angle = between(rng, 0, 2 * np.pi)
    y = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None] * (height / max(shape))
    x = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :] * (width / max(shape))
    far = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle))
    far = far + (cloud(rng, shape, 3) - 0.5) * 0.25 - between(rng, -0.15, 0.3)
    return light(1 / (1 + np.exp(-np.clip(far / between(rng, 0.012, 0.08), -30, 30))))


def illuminate(rng: np.random.Generator, scene: Light, shiny: Light, grade: Grade) -> None:
    """Lights the scene in place: uneven light, shadows, and glare where it is ``shiny``."""
    shape = (scene.shape[0], scene.shape[1])
    half = (shape[0] // 4 + 1, shape[1] // 4 + 1)
    size = (shape[1], shape[0])
    side = max(half)
    if grade.scan:
        return
    lamp = (between(rng, -0.2, 1.2) * half[1], between(rng, -0.2, 1.2) * half[0])
    fall = between(rng, 0.05, 0.3)
    field = 1 - fall + fall * _blob(half, lamp, (side * 0.9, side * 0.9), 0.0)
    if chance(rng, grade.shadow):
        field *= 1 - between(rng, *grade.shadow_depth) * _edge_shadow(rng, half)
    scene *= light(cv2.resize(field, size, interpolation=cv2.INTER_CUBIC))[..., None]
    if chance(rng, grade.glare):
        spot = (between(rng, 0.2, 0.8) * half[1], between(rng, 0.2, 0.8) * half[0])
        radii = (side * between(rng, 0.05, 0.22), side * between(rng, 0.03, 0.12))
        blob = _blob(half, spot, radii, between(rng, 0, np.pi)) * between(
            rng, *grade.glare_strength
        )
        shine = light(cv2.resize(blob, size, interpolation=cv2.INTER_LINEAR)) * (
            0.15 + 0.85 * shiny
        )
        scene += shine[..., None]


def add_glare(
    scene: Light,
    at: tuple[float, float],
    radii: tuple[float, float],
    *,
    angle: float,
    strength: float,
) -> None:
    """Adds the mirror image of a lamp in place.

    Args:
        scene: RGB.
        at: its middle, pixels (x, y).
        radii: shares of the longer side.
        angle: of the first radius, radians.
        strength: brightness added in its middle.
    """
    side = max(scene.shape[:2])
    size = (radii[0] * side, radii[1] * side)
    scene += strength * _blob((scene.shape[0], scene.shape[1]), at, size, angle)[..., None]


def _lens(rng: np.random.Generator, scene: Light, grade: Grade) -> Light:
    side = max(scene.shape[:2])
    sigma = between(rng, *grade.defocus) * side / 1000
    if sigma > 0.25:
        scene = light(cv2.GaussianBlur(scene, (0, 0), sigma))
    length = between(rng, *grade.motion) * side / 1000
    if length > 1.2:
        reach = int(np.ceil(length)) | 1
        kernel = np.zeros((reach, reach), np.float32)
        angle, middle = between(rng, 0, np.pi), reach // 2
        dx, dy = np.cos(angle) * length / 2, np.sin(angle) * length / 2
        ends = (round(middle - dx), round(middle - dy)), (round(middle + dx), round(middle + dy))
        cv2.line(kernel, *ends, 1.0, 1, cv2.LINE_AA)
        scene = light(cv2.filter2D(scene, -1, kernel / kernel.sum()))
    return scene


def _sensor(rng: np.random.Generator, scene: Light, grade: Grade) -> Light:
    error = grade.balance
    gains = light([1 + between(rng, -error, error), 1.0, 1 + between(rng, -error, error)])
    scene = scene * (gains * between(rng, *grade.exposure))
    strength = between(rng, *grade.noise)
    height, width = scene.shape[:2]
    fine = rng.standard_normal((height, width), dtype=np.float32)
    coarse = rng.standard_normal((height // 2 + 1, width // 2 + 1, 3), dtype=np.float32)
    colour = light(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR))
    noise = (fine[..., None] * np.float32(0.8) + colour * np.float32(0.8)) * np.float32(strength)
    bright = np.sqrt(np.clip(scene, 0.02, 1.0))
    return light(scene + noise * (np.float32(0.4) + np.float32(0.9) * bright))


def _encode(pixels: Picture, quality: int) -> bytes:
    flags = [cv2.IMWRITE_JPEG_QUALITY, quality]
    return bytes(cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), flags)[1])


def _decode(data: bytes) -> Picture:
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(np.asarray(decoded), cv2.COLOR_BGR2RGB), dtype=np.uint8)


def expose(rng: np.random.Generator, scene: Light, grade: Grade, quarters: int) -> bytes:
    """Takes the photo: a JPEG, encoded twice, turned clockwise by ``quarters`` quarter turns."""
    seen = picture(_sensor(rng, _lens(rng, scene, grade), grade))
    seen = np.ascontiguousarray(np.rot90(seen, -quarters))
    first = _encode(seen, round(between(rng, *grade.first)))
    again = _decode(first)
    quality = round(between(rng, *grade.second))
    data = _encode(again, quality)
    while len(data) > _MAX_BYTES and quality > 40:
        quality -= 8
        data = _encode(again, quality)
    return data
