"""Bytes of a photo to pixels the right way up, within bounds.

This is the only place where a photo is decoded and where its EXIF orientation is applied.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from openapi_shim.errors import ImageError
from openapi_shim.ocr.header import Header, read_header

Pixels = npt.NDArray[np.uint8]
"""Height × width × 3, blue green red, 0 to 255."""

MAX_SIDE = 12_000
MAX_PIXELS = 50_000_000
MIN_SIDE = 48
# Nothing on a card is legible in a smaller picture and unreadable in this one: a card that
# fills half of 2 000 px has 11 px per millimetre, more than the reader can use.
_ENOUGH_SIDE = 2000


@dataclass(frozen=True)
class Photo:
    """A decoded photo.

    Attributes:
        pixels: the right way up; large photos are held smaller than they are.
        width: of the photo as given, after EXIF rotation, in pixels.
        height: likewise.
    """

    pixels: Pixels
    width: int
    height: int

    @property
    def scale(self) -> float:
        """Photo pixels per pixel held."""
        return self.width / int(self.pixels.shape[1])


def decode(data: bytes) -> Photo:
    """Decodes a JPEG, PNG, WebP, BMP or the first frame of a GIF.

    Raises:
        ImageError: not an image, an unsupported kind, broken, or beyond the bounds.
    """
    header = read_header(data)
    _check_bounds(header)
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    if header.kind == "jpeg":
        flags = _reduction(max(header.width, header.height)) | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:
        raise _broken(header) from error
    if decoded is None or decoded.size == 0:
        raise _broken(header)
    pixels = np.asarray(decoded, np.uint8)
    side = max(pixels.shape[:2])
    if side > _ENOUGH_SIDE:
        factor = _ENOUGH_SIDE / side
        size = (round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    turned = header.orientation >= 5
    width, height = (header.height, header.width) if turned else (header.width, header.height)
    return Photo(_upright(pixels, header.orientation), width, height)


def _broken(header: Header) -> ImageError:
    return ImageError(
        f"The {header.kind.upper()} image is broken: it cannot be decoded. Upload it again."
    )


def _check_bounds(header: Header) -> None:
    size = f"{header.width} × {header.height} pixels"
    if max(header.width, header.height) > MAX_SIDE or header.width * header.height > MAX_PIXELS:
        raise ImageError(
            f"The image is too large: {size}; at most {MAX_SIDE} a side and "
            f"{MAX_PIXELS // 1_000_000} million in all. Scale it down."
        )
    if min(header.width, header.height) < MIN_SIDE:
        raise ImageError(
            f"The image is too small to read: {size}; at least {MIN_SIDE} a side are needed."
        )


def _reduction(side: int) -> int:
    """The decoder's own scaling, where it leaves at least ``_ENOUGH_SIDE`` pixels."""
    if side >= 4 * _ENOUGH_SIDE:
        return int(cv2.IMREAD_REDUCED_COLOR_4)
    if side >= 2 * _ENOUGH_SIDE:
        return int(cv2.IMREAD_REDUCED_COLOR_2)
    return int(cv2.IMREAD_COLOR)


def _upright(pixels: Pixels, orientation: int) -> Pixels:
    """Undoes the EXIF orientation (1 to 8); the result is contiguous."""
    turned = {
        1: lambda p: p,
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.transpose(1, 0, 2),
        6: lambda p: np.rot90(p, -1),
        7: lambda p: np.rot90(p.transpose(1, 0, 2), 2),
        8: lambda p: np.rot90(p, 1),
    }[orientation](pixels)
    return np.ascontiguousarray(turned)
