"""Multipart bodies: whole ones, odd ones, broken ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi_shim.emulator.multipart import MultipartError, Part, read_multipart

TYPE = "multipart/form-data; boundary=B"


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    disposition = f'form-data; name="{name}"'
    if filename is not None:
        disposition += f'; filename="{filename}"'
    return b"Content-Disposition: " + disposition.encode() + b"\r\n\r\n" + content + b"\r\n"


def body(*parts: bytes) -> bytes:
    return b"".join(b"--B\r\n" + each for each in parts) + b"--B--\r\n"


async def test_files_and_fields() -> None:
    raw = body(part("img", b"\r\n\0--B?", "照.jpg"), part("type", b"photo"))
    assert await read_multipart(raw, TYPE) == [
        Part("img", "照.jpg", b"\r\n\0--B?"),
        Part("type", None, b"photo"),
    ]


async def test_a_preamble_and_other_headers() -> None:
    raw = b"hello\r\n--B\r\ncontent-type: image/png\r\nCONTENT-DISPOSITION:form-data;name=img;"
    raw += b"filename*=UTF-8''a.png\r\n\r\nx\r\n--B--\r\n"
    assert await read_multipart(raw, TYPE) == [Part("img", "a.png", b"x", "image/png")]


async def test_a_quoted_boundary() -> None:
    raw = body(part("img", b"x"))
    assert await read_multipart(raw, 'multipart/form-data; charset=utf-8; Boundary="B"')


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"--C\r\n" + part("img", b"x") + b"--C--\r\n", "does not occur"),
        (b"", "does not occur"),
        (b"--B\r\n" + part("img", b"x"), "breaks off"),
        (b"--B\r\nContent-Disposition: form-data; name=img", "breaks off"),
        (b"--B\r\nno header\r\n\r\nx\r\n--B--\r\n", "headers are broken"),
        (b"--B\r\nX: " + b"x" * 9000 + b"\r\n\r\nx\r\n--B--\r\n", "headers are broken"),
        (b"--B\r\nContent-Type: image/png\r\n\r\nx\r\n--B--\r\n", "no Content-Disposition"),
        (body(*[part("a", b"")] * 33), "more than 32 parts"),
    ],
)
async def test_what_is_broken_is_told(raw: bytes, reason: str) -> None:
    with pytest.raises(MultipartError, match=reason):
        await read_multipart(raw, TYPE)


async def test_without_a_boundary() -> None:
    with pytest.raises(MultipartError, match="without a boundary"):
        await read_multipart(body(part("img", b"x")), "multipart/form-data")


@given(st.binary(max_size=300), st.booleans())
async def test_any_bytes_are_parts_or_an_error(noise: bytes, framed: bool) -> None:
    raw = b"--B\r\n" + noise + b"\r\n--B--\r\n" if framed else noise
    try:
        parts = await read_multipart(raw, TYPE)
    except MultipartError:
        return
    assert all(isinstance(each, Part) for each in parts)


@given(st.lists(st.binary(max_size=200).filter(lambda b: b"--B" not in b), max_size=5))
async def test_what_was_packed_comes_out(contents: list[bytes]) -> None:
    raw = body(*(part(f"p{index}", each) for index, each in enumerate(contents)))
    parts = await read_multipart(raw, TYPE)
    assert [each.content for each in parts] == contents
