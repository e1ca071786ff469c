"""What an image's first bytes say: its kind, size and orientation, without decoding it.

A picture of a few kilobytes can claim 400 megapixels. Whoever decodes first and looks then has
already lost, so every bound is checked on what this module reads from the bytes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from openapi_shim.errors import ImageError


@dataclass(frozen=True)
class Header:
    """Facts read from the bytes alone.

    Attributes:
        kind: ``jpeg``, ``png``, ``gif``, ``webp`` or ``bmp``.
        width: in pixels, as stored (before the EXIF rotation).
        height: likewise.
        orientation: the EXIF orientation, 1 to 8; 1 where there is none.
    """

    kind: str
    width: int
    height: int
    orientation: int = 1


# Known by name only, so that the refusal can say what to do.
_UNSUPPORTED = (
    (0, b"%PDF", "a PDF"),
    (0, b"II*\0", "a TIFF image"),
    (0, b"MM\0*", "a TIFF image"),
    (0, b"<svg", "an SVG drawing"),
    (0, b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
)
_HEIF_BRANDS = {
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"heim": "HEIC",
    b"heis": "HEIC",
    b"hevc": "HEIC",
    b"hevx": "HEIC",
    b"mif1": "HEIF",
    b"msf1": "HEIF",
    b"avif": "AVIF",
    b"avis": "AVIF",
}
# Start-of-frame markers; C4, C8 and CC are tables and reserved.
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# In entropy-coded data FF00 is a stuffed FF and FFD0..FFD7 are restarts; FFFF is fill.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


def read_header(data: bytes) -> Header:
    """Reads kind, size and orientation, and checks that the file is whole.

    Raises:
        ImageError: empty, not an image, a kind that is not read here, or cut short.
    """
    if not data:
        raise ImageError("The image is empty (0 bytes). Send the bytes of a JPEG or PNG photo.")
    for magic, reader in (
        (b"\xff\xd8\xff", _jpeg),
        (b"\x89PNG\r\n\x1a\n", _png),
        (b"GIF87a", _gif),
        (b"GIF89a", _gif),
        (b"RIFF", _webp),
        (b"BM", _bmp),
    ):
        if data.startswith(magic):
            try:
                return reader(data)
            except (struct.error, IndexError) as error:
                raise _cut_short(magic.decode("latin-1").strip("\x89\r\n\x1a")) from error
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        raise _unsupported(f"{'an' if data[8:9] == b'a' else 'a'} {_HEIF_BRANDS[data[8:12]]} image")
    for offset, magic, words in _UNSUPPORTED:
        if data.startswith(magic, offset):
            raise _unsupported(words)
    raise ImageError("This is not an image. Send the bytes of a JPEG or PNG photo.")


def _unsupported(words: str) -> ImageError:
    return ImageError(f"This is {words}, which is not supported. Convert it to JPEG or PNG first.")


def _cut_short(kind: str) -> ImageError:
    return ImageError(f"The {kind} image is cut short or broken. Upload the whole file again.")


def _jpeg(data: bytes) -> Header:
    width = height = 0
    orientation = 1
    for marker, body in _jpeg_segments(data):
        if marker in _SOF and not width:
            height, width = struct.unpack_from(">HH", body, 1)
        elif marker == 0xE1 and body.startswith(b"Exif\0\0") and orientation == 1:
            orientation = _tiff_orientation(body[6:])
    if not width or not height:
        raise _cut_short("JPEG")
    return Header("jpeg", width, height, orientation)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields (marker, body) up to the end-of-image marker; a file without it is refused.

    Decoders paint what is missing grey and say nothing, so the end is looked for here. An
    embedded thumbnail's end marker does not count: its segment is stepped over whole.
    """
    position = 2
    while position < len(data):
        if data[position] != 0xFF:
            raise _cut_short("JPEG")
        marker = data[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        if marker == 0xD9:
            return
        (length,) = struct.unpack_from(">H", data, position + 2)
        body_end = position + 2 + length
        if length < 2 or body_end > len(data):
            break
        yield marker, data[position + 4 : body_end]
        position = body_end
        if marker == 0xDA:  # entropy-coded data follows the scan's header
            found = _NEXT_MARKER.search(data, position)
            if found is None:
                break
            position = found.start()
    raise _cut_short("JPEG")


def _tiff_orientation(tiff: bytes) -> int:
    """The orientation tag (0x0112) of a TIFF block's first directory; 1 if absent or odd."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for index in range(count):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * index)
            if tag == 0x0112:
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _png(data: bytes) -> Header:
    width, height = struct.unpack_from(">II", data, 16)
    orientation = 1
    position = 8
    while True:
        length, name = struct.unpack_from(">I4s", data, position)
        if name == b"IEND":
            return Header("png", width, height, orientation)
        if name == b"eXIf":
            orientation = _tiff_orientation(data[position + 8 : position + 8 + length])
        position += 12 + length


def _gif(data: bytes) -> Header:
    width, height = struct.unpack_from("<HH", data, 6)
    return Header("gif", width, height)


def _webp(data: bytes) -> Header:
    (length,) = struct.unpack_from("<I", data, 4)
    if data[8:12] != b"WEBP" or length + 8 > len(data):
        raise _cut_short("WebP")
    width = height = 0
    orientation = 1
    position = 12
    while position + 8 <= length + 8:
        name, size = struct.unpack_from("<4sI", data, position)
        body = position + 8
        if name == b"VP8X":
            width = 1 + int.from_bytes(data[body + 4 : body + 7], "little")
            height = 1 + int.from_bytes(data[body + 7 : body + 10], "little")
        elif name == b"VP8 " and not width:
            width, height = (v & 0x3FFF for v in struct.unpack_from("<HH", data, body + 6))
        elif name == b"VP8L" and not width:
            (bits,) = struct.unpack_from("<I", data, body + 1)
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        elif name == b"EXIF":
            block = data[body : body + size]
            orientation = _tiff_orientation(block.removeprefix(b"Exif\0\0"))
        position = body + size + (size & 1)
    if not width or not height:
        raise _cut_short("WebP")
    return Header("webp", width, height, orientation)


def _bmp(data: bytes) -> Header:
    (size,) = struct.unpack_from("<I", data, 14)
    if size == 12:
        width, height = struct.unpack_from("<HH", data, 18)
        (depth,) = struct.unpack_from("<H", data, 24)
        compression = 0
    else:
        width, height = struct.unpack_from("<ii", data, 18)
        depth, compression = struct.unpack_from("<HI", data, 28)
    width, height = abs(width), abs(height)  # a negative height means rows from the top
    (start,) = struct.unpack_from("<I", data, 10)
    row = (width * depth + 31) // 32 * 4
    if compression in (0, 3) and start + row * height > len(data):
        raise _cut_short("BMP")
    return Header("bmp", width, height)
