"""A form (multipart/form-data) as members of an event: what ``wx.uploadFile`` and curl send."""

from __future__ import annotations

import base64
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any

_MAX_PARTS = 32
_HEADERS_LIMIT = 4096  # bytes of one part's headers


class FormError(ValueError):
    """A body that is not the form it claims to be; the text says why."""


def form_fields(body: bytes, content_type: str) -> dict[str, Any]:
    """The fields of a form: text, and files as ``{"contentType", "fileName", "value"}``.

    Args:
        body: whole.
        content_type: of the request, with its boundary.

    Raises:
        FormError: it is broken, or has more than 32 parts.
    """
    head = Message()
    head["Content-Type"] = content_type
    boundary = head.get_boundary()
    if not boundary:
        raise FormError("Content-Type has no boundary; let the HTTP library set it")
    # What stands before the first boundary does not count, what stands after the last neither.
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("utf-8", "replace"))[1:]
    end = next((index for index, part in enumerate(parts) if part.startswith(b"--")), None)
    if end is None:
        raise FormError("its closing boundary is missing; was it sent whole?")
    if end > _MAX_PARTS:
        raise FormError(f"it has more than {_MAX_PARTS} parts")
    return dict(_field(part) for part in parts[:end])


def _field(part: bytes) -> tuple[str, Any]:
    lines, blank, content = part.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
    if not blank or len(lines) > _HEADERS_LIMIT:
        raise FormError("a part's headers have no end")
    headers = BytesHeaderParser().parsebytes(lines + b"\r\n\r\n")
    name = headers.get_param("name", header="content-disposition")
    if not isinstance(name, str) or not name:
        raise FormError("a part has no Content-Disposition with a name")
    filename = headers.get_filename()
    if filename is None:
        return name, content.decode("utf-8", "replace")
    return name, {
        "contentType": headers.get_content_type(),
        "fileName": filename,
        "value": base64.b64encode(content).decode("ascii"),
    }
