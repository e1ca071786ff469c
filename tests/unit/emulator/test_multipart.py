from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi_shim.emulator.multipart import MultipartError, Part, boundary_of, parse_multipart


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    disposition = f'form-data; name="{name}"'
    if filename is not None:
        disposition += f'; filename="{filename}"'
    return b"Content-Disposition: " + disposition.encode() + b"\r\n\r\n" + content + b"\r\n"


def body(*parts: bytes) -> bytes:
    return b"".join(b"--B\r\n" + each for each in parts) + b"--B--\r\n"


def test_files_and_fields() -> None:
    parts = parse_multipart(
        body(part("img", b"\r\n\0--B?", "照.jpg"), part("type", b"photo")), b"B"
    )
    assert parts == [Part("img", "照.jpg", b"\r\n\0--B?"), Part("type", None, b"photo")]


def test_a_preamble_blanks_after_the_boundary_and_other_headers() -> None:
    raw = b"hello\r\n--B \t\r\ncontent-type: image/png\r\nCONTENT-DISPOSITION:form-data;name=img;"
    raw += b"filename*=UTF-8''a.png\r\n\r\nx\r\n--B--"
    assert parse_multipart(raw, b"B") == [Part("img", "UTF-8''a.png", b"x")]


def test_a_longer_boundary_is_another_one() -> None:
    raw = b"--B\r\nContent-Disposition: form-data; name=img\r\n\r\nx\r\n--BB\r\ny\r\n--B--"
    assert parse_multipart(raw, b"B") == [Part("img", None, b"x\r\n--BB\r\ny")]


def test_no_parts() -> None:
    assert parse_multipart(b"--B--\r\n", b"B") == []


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"--C\r\n" + part("img", b"x") + b"--C--", "the boundary 'B' of the Content-Type"),
        (b"", "does not occur"),
        (b"--B\r\n" + part("img", b"x"), "breaks off"),
        (b"--B\r\nContent-Disposition: form-data; name=img", "no end of its headers"),
        (b"--B\r\n\r\n--B--", "no Content-Disposition"),
        (b"--B\r\nX: " + b"x" * 9000 + b"\r\n\r\nx\r\n--B--", "too long"),
        (b"--B\r\nContent-Type: image/png\r\n\r\nx\r\n--B--", "no Content-Disposition"),
        (body(*[part("a", b"")] * 33), "more than 32 parts"),
    ],
)
def test_what_is_broken_is_told(raw: bytes, reason: str) -> None:
    with pytest.raises(MultipartError, match=reason):
        parse_multipart(raw, b"B")


@pytest.mark.parametrize(
    ("header", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('multipart/form-data; charset=utf-8; Boundary="a b;c"', b"a b;c"),
        ("multipart/form-data;boundary=----WebKit; x=y", b"----WebKit"),
    ],
)
def test_boundaries(header: str, boundary: bytes) -> None:
    assert boundary_of(header) == boundary


@pytest.mark.parametrize(
    "header",
    ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=é"],
)
def test_no_boundary(header: str) -> None:
    with pytest.raises(MultipartError):
        boundary_of(header)


@given(st.lists(st.tuples(st.sampled_from(["img", "a b"]), st.binary(max_size=50)), max_size=5))
def test_what_is_put_together_comes_apart(parts: list[tuple[str, bytes]]) -> None:
    boundary = b"3a7f-unlikely"
    raw = b"".join(b"--" + boundary + b"\r\n" + part(*each) for each in parts)
    parsed = parse_multipart(raw + b"--" + boundary + b"--\r\n", boundary)
    assert [(each.name, each.content) for each in parsed] == parts


@given(st.binary(max_size=200), st.integers(0, 60))
def test_no_body_breaks_it(noise: bytes, cut: int) -> None:
    whole = body(part("img", noise, "a.jpg"))
    for raw in (noise, b"--B" + noise, b"--B\r\n" + noise, whole[:cut], whole[: len(whole) - cut]):
        with contextlib.suppress(MultipartError):
            parse_multipart(raw, b"B")
