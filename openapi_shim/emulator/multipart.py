"""multipart/form-data, taken apart with bounds, and with words for what is wrong with it.

Pure: the body has been read, within its limit, before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_MAX_PARTS = 32
_MAX_HEADERS = 8192  # bytes of one part's headers
_MAX_BOUNDARY = 70  # characters, by RFC 2046
_PARAMETER = re.compile(
    r';\s*(name|filename)\*?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))', re.IGNORECASE
)


class MultipartError(ValueError):
    """A body that is not the multipart/form-data it claims to be; the text says why."""


@dataclass(frozen=True)
class Part:
    """One part: its field *name*, its *filename* or None for a plain field, its bytes."""

    name: str
    filename: str | None
    content: bytes = field(repr=False)


def boundary_of(content_type: str) -> bytes:
    """The boundary named in a Content-Type header.

    Raises:
        MultipartError: it names none, or one that cannot be.
    """
    match = re.search(r';\s*boundary\s*=\s*(?:"([^"]*)"|([^;\s]*))', content_type, re.IGNORECASE)
    boundary = (match.group(1) or match.group(2) or "") if match else ""
    if not boundary:
        raise MultipartError(
            "Content-Type is multipart/form-data without a boundary: let the HTTP library set it"
        )
    if len(boundary) > _MAX_BOUNDARY or not boundary.isascii():
        raise MultipartError(f"the boundary is longer than {_MAX_BOUNDARY} characters or not ASCII")
    return boundary.encode()


def parse_multipart(body: bytes, boundary: bytes) -> list[Part]:
    """The parts of *body*.

    Raises:
        MultipartError: the boundary does not occur, the body ends too early, a part's headers
            are broken, or there are too many parts.
    """
    delimiter = b"\r\n--" + boundary
    # The first delimiter needs no line break before it when the body begins with it.
    data = b"\r\n" + body
    start = _next_delimiter(data, delimiter, 0)
    if start < 0:
        raise MultipartError(
            f"the boundary {boundary.decode()!r} of the Content-Type does not occur in the body"
        )
    parts: list[Part] = []
    while True:
        position = start + len(delimiter)
        if data.startswith(b"--", position):
            return parts
        if len(parts) == _MAX_PARTS:
            raise MultipartError(f"it has more than {_MAX_PARTS} parts")
        headers_start = data.index(b"\r\n", position)
        headers_end = data.find(b"\r\n\r\n", headers_start, headers_start + _MAX_HEADERS)
        end = _next_delimiter(data, delimiter, headers_start + 2)
        if headers_end < 0 or (0 <= end < headers_end):
            raise MultipartError("a part has no end of its headers, or they are too long")
        if end < 0:
            raise MultipartError("it breaks off: the closing boundary is missing")
        head = data[headers_start:headers_end].decode("utf-8", "replace")
        parts.append(_part(head, data[headers_end + 4 : end]))
        start = end


def _next_delimiter(data: bytes, delimiter: bytes, start: int) -> int:
    """Where *delimiter* stands next, followed by ``--`` or the end of its line; else -1."""
    while (start := data.find(delimiter, start)) >= 0:
        rest = data[start + len(delimiter) : start + len(delimiter) + 80]
        if rest.startswith(b"--") or rest.lstrip(b" \t").startswith(b"\r\n"):
            return start
        start += len(delimiter)
    return -1


def _part(head: str, content: bytes) -> Part:
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            found = {
                match[1].lower(): match[2] if match[2] is not None else match[3]
                for match in _PARAMETER.finditer(value)
            }
            if "name" in found:
                return Part(found["name"], found.get("filename"), content)
    raise MultipartError("a part has no Content-Disposition with a name")
