"""Hostile and odd images: bounds, truncation, orientation, kinds."""

from __future__ import annotations

import struct
import tracemalloc
import zlib

import cv2
import numpy as np
import pytest

from openapi_shim.errors import ImageError
from openapi_shim.ocr.decode import Pixels, decode
from openapi_shim.ocr.header import read_header


def quadrants(height: int = 96, width: int = 128) -> Pixels:
    """A picture whose four corners differ: top left red, top right green, bottom left blue."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[: height // 2, : width // 2] = (0, 0, 255)
    pixels[: height // 2, width // 2 :] = (0, 255, 0)
    pixels[height // 2 :, : width // 2] = (255, 0, 0)
    return pixels


def encoded(kind: str, pixels: Pixels) -> bytes:
    ok, data = cv2.imencode(kind, pixels)
    assert ok
    return bytes(data)


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_claiming(width: int, height: int, rows: int) -> bytes:
    """A PNG that claims a size and holds ``rows`` rows of black, hard compressed."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes((width + 1) * rows), 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", body)
        + png_chunk(b"IEND", b"")
    )


def with_orientation(jpeg: bytes, orientation: int, order: str = ">") -> bytes:
    mark = b"MM" if order == ">" else b"II"
    tiff = mark + struct.pack(f"{order}HI", 42, 8) + struct.pack(f"{order}H", 1)
    tiff += struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0) + b"\0\0\0\0"
    body = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize("kind", [".jpg", ".png", ".webp", ".bmp", ".gif"])
def test_kinds_that_are_read(kind: str) -> None:
    photo = decode(encoded(kind, quadrants()))
    assert (photo.width, photo.height) == (128, 96)
    assert photo.pixels.shape == (96, 128, 3)
    np.testing.assert_allclose(photo.pixels[10, 10], (0, 0, 255), atol=40)
    np.testing.assert_allclose(photo.pixels[80, 10], (255, 0, 0), atol=40)
    assert photo.scale == 1.0


def test_nothing_at_all() -> None:
    with pytest.raises(ImageError, match="empty"):
        decode(b"")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"this is a text, whatever its name says", "not an image"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64), "HEIC"),
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1" + bytes(64), "AVIF"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"II*\0" + bytes(64), "TIFF"),
    ],
)
def test_what_is_refused_is_named(data: bytes, words: str) -> None:
    with pytest.raises(ImageError, match=words):
        decode(data)


def test_a_png_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = png_claiming(20_000, 20_000, 200)
    assert len(bomb) < 20_000

    def never(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(cv2, "imdecode", never)
    tracemalloc.start()
    with pytest.raises(ImageError, match=r"too large: 20000 × 20000"):
        decode(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(("width", "height"), [(12_001, 100), (100, 12_001), (8_000, 7_000)])
def test_bounds(width: int, height: int) -> None:
    with pytest.raises(ImageError, match="too large"):
        decode(png_claiming(width, height, 1))


def test_tiny_pictures_are_refused() -> None:
    with pytest.raises(ImageError, match="too small"):
        decode(encoded(".png", quadrants(20, 30)))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.98, 0.999])
@pytest.mark.parametrize("kind", [".jpg", ".png", ".webp", ".bmp"])
def test_a_file_cut_short_is_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 300, 3)).astype(np.uint8)
    data = encoded(kind, noise)
    with pytest.raises(ImageError):
        decode(data[: max(12, int(share * len(data)))])


def test_a_progressive_jpeg_cut_between_its_scans_is_refused() -> None:
    noise = np.random.default_rng(2).integers(0, 255, (200, 300, 3)).astype(np.uint8)
    _, buffer = cv2.imencode(".jpg", noise, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])
    data = bytes(buffer)
    assert decode(data).width == 300
    last_scan = data.rindex(b"\xff\xda")
    with pytest.raises(ImageError, match="cut short"):
        decode(data[:last_scan])


def test_bytes_after_the_end_do_no_harm() -> None:
    assert decode(encoded(".jpg", quadrants()) + b"maker's trailer" * 10).width == 128


def test_a_thumbnails_end_is_not_the_files() -> None:
    thumbnail = encoded(".jpg", quadrants(48, 64))
    jpeg = encoded(".jpg", quadrants())
    body = b"Exif\0\0" + thumbnail
    whole = jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]
    assert decode(whole).width == 128
    with pytest.raises(ImageError, match="cut short"):
        decode(whole[:-30])


@pytest.mark.parametrize("order", [">", "<"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_once(orientation: int, order: str) -> None:
    upright = quadrants()
    undo = {  # how a camera held that way stores an upright scene
        1: lambda p: p,
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.transpose(1, 0, 2),
        6: lambda p: np.rot90(p, 1),
        7: lambda p: np.rot90(p, 2).transpose(1, 0, 2),
        8: lambda p: np.rot90(p, -1),
    }
    stored = np.ascontiguousarray(undo[orientation](upright))
    photo = decode(with_orientation(encoded(".jpg", stored), orientation, order))
    assert (photo.width, photo.height) == (128, 96)
    for row, column in ((10, 10), (10, 110), (80, 10), (80, 110)):
        np.testing.assert_allclose(photo.pixels[row, column], upright[row, column], atol=40)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_a_senseless_orientation_is_none(orientation: int) -> None:
    data = with_orientation(encoded(".jpg", quadrants()), orientation)
    assert read_header(data).orientation == 1


def test_a_cmyk_jpeg_is_read() -> None:
    image = pytest.importorskip("PIL.Image")
    from io import BytesIO

    buffer = BytesIO()
    image.fromarray(quadrants()[:, :, ::-1]).convert("CMYK").save(buffer, "JPEG", quality=95)
    photo = decode(buffer.getvalue())
    assert photo.pixels.shape == (96, 128, 3)
    assert photo.pixels[10, 10, 2] > photo.pixels[10, 10, 0] + 80  # red stays red


def test_of_an_animation_the_first_frame_is_read() -> None:
    image = pytest.importorskip("PIL.Image")
    from io import BytesIO

    frames = [image.new("RGB", (128, 96), color) for color in ("red", "blue", "lime")]
    buffer = BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=100)
    pixels = decode(buffer.getvalue()).pixels
    np.testing.assert_allclose(pixels[48, 64], (0, 0, 255), atol=10)


def test_a_large_photo_is_held_smaller_and_keeps_its_size() -> None:
    photo = decode(encoded(".jpg", quadrants(3000, 5000)))
    assert (photo.width, photo.height) == (5000, 3000)
    assert max(photo.pixels.shape) == 2000
    assert photo.scale == 2.5


def test_a_grey_picture_has_three_channels() -> None:
    ok, data = cv2.imencode(".png", np.full((60, 70), 128, np.uint8))
    assert ok
    assert decode(bytes(data)).pixels.shape == (60, 70, 3)


def test_broken_content_in_a_whole_file_is_refused() -> None:
    data = png_claiming(200, 200, 200)
    broken = data.replace(data[45:60], bytes(15), 1)
    with pytest.raises(ImageError, match="broken"):
        decode(broken)
