"""Photos of every kind through the real decoder and recognizer."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from openapi_shim.ocr import Recognizer

from .conftest import Emulate, Emulator

Encode = Callable[[Image.Image], bytes]
SPECIMENS = Path(__file__).parents[2] / "data" / "specimens"
NAME = "current_normal.jpg"


@pytest.fixture(scope="module")
def photo() -> bytes:
    return (SPECIMENS / NAME).read_bytes()


@pytest.fixture(scope="module")
def truth() -> dict[str, str]:
    lines = (SPECIMENS / "truth.jsonl").read_text("utf-8").splitlines()
    return next(line["truth"] for line in map(json.loads, lines) if line["file"] == NAME)


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer(threads=2)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def blank(**options: object) -> bytes:
    return saved(Image.new("RGB", (600, 400), "white"), "JPEG", **options)


def huge_png() -> bytes:
    """20 000 × 20 000 pixels in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)
    row = zlib.compressobj(9)
    pixels = row.compress(bytes(2501 * 1000)) + row.flush()
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200)


@pytest.mark.parametrize(
    ("content", "errcode"),
    [
        (b"This is a text file with a name that ends in .jpg.\n" * 20, 101002),
        (b'{"type":"Buffer","data":[255,216,255]}', 101002),
        (blank()[:600], 101002),
        (blank()[: len(blank()) // 2], 101002),
        (b"\xff\xd8\xff", 101002),
        (huge_png(), 101002),
        (HEIC, 101002),
        (b"%PDF-1.7 " + bytes(200), 101002),
        (saved(Image.new("RGB", (8, 8)), "PNG"), 101002),
        (blank(), 101001),
        (saved(Image.new("CMYK", (600, 400)), "JPEG"), 101001),
        (
            saved(
                Image.new("P", (600, 400)),
                "GIF",
                save_all=True,
                append_images=[Image.new("P", (600, 400), 1)],
            ),
            101001,
        ),
    ],
    ids=[
        "text",
        "Buffer as JSON",
        "head of a JPEG",
        "half a JPEG",
        "three bytes",
        "20000x20000",
        "HEIC",
        "PDF",
        "8x8",
        "blank",
        "blank CMYK",
        "blank animated GIF",
    ],
)
async def test_what_is_no_photo_of_a_license(
    emulate: Emulate, recognizer: Recognizer, content: bytes, errcode: int
) -> None:
    emulator = await emulate(recognizer)
    answer = await emulator.upload(content, "photo.jpg")
    assert answer.errcode == errcode, answer.reason
    assert "system error" not in answer.body["errmsg"]


def rotated(image: Image.Image) -> bytes:
    """Stored on its side, with EXIF saying so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(image.rotate(90, expand=True), "JPEG", exif=exif, quality=92)


@pytest.mark.parametrize(
    "encode",
    [
        rotated,
        lambda image: saved(image.convert("CMYK"), "JPEG", quality=92),
        lambda image: saved(image, "JPEG", progressive=True, quality=92),
        lambda image: saved(image, "BMP"),
    ],
    ids=["EXIF", "CMYK", "progressive", "BMP"],
)
async def test_forms_of_a_photo(
    emulate: Emulate, recognizer: Recognizer, photo: bytes, truth: dict[str, str], encode: Encode
) -> None:
    emulator = await emulate(recognizer)
    image = Image.open(io.BytesIO(photo)).convert("RGB")
    image.thumbnail((800, 800))
    answer = await emulator.upload(encode(image))
    assert answer.errcode == 0, answer.reason
    assert answer.body["id_num"] == truth["id_num"]


async def test_no_licence_data_in_the_log(
    emulate: Emulate, recognizer: Recognizer, photo: bytes
) -> None:
    emulator: Emulator = await emulate(recognizer)
    answer = await emulator.upload(photo)
    for name in ("id_num", "name", "address"):
        assert answer.body[name]
        assert answer.body[name] not in emulator.log()
