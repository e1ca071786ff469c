"""The file parameter of a call: ``{"contentType": …, "value": …}`` in all the forms it takes."""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import Mapping
from typing import Any

from openapi_shim.catalog.mime_types import extension_of
from openapi_shim.transports.base import Media, ParameterError

_log = logging.getLogger(__name__)

_LIMIT = 10_000_000  # bytes; WeChat takes images under 2 MB, and says so itself

_DATA_URL = re.compile(r"data:[^,]{0,200};base64,")


def is_media(value: Any) -> bool:
    """Whether *value* has the form of a file parameter, in either spelling of its keys."""
    return isinstance(value, Mapping) and bool(_content_type(value)) and "value" in value


def to_media(name: str, value: Any) -> Media:
    """The file parameter *name*, from whatever form its value has.

    ``value`` may be bytes, bytearray, memoryview, a file opened in binary mode, and what
    they become on their way through an event: the JSON form of a Node Buffer
    (``{"type": "Buffer", "data": [...]}``), or base64 text (a data URL too).

    Args:
        name: of the parameter on the wire, e.g. ``img``.
        value: what the user passed.

    Raises:
        ParameterError: it is none of these.
    """
    if not isinstance(value, Mapping) or "value" not in value:
        raise ParameterError(
            f'{name} is {{"contentType": "image/jpeg", "value": <bytes>}}, not {_kind(value)}'
        )
    content_type = _content_type(value)
    if not isinstance(content_type, str) or not content_type:
        raise ParameterError(f'{name}.contentType is missing: a MIME type such as "image/jpeg"')
    if any(not " " <= char <= "~" for char in content_type):
        raise ParameterError(f"{name}.contentType is no MIME type")
    extension = extension_of(content_type)
    if extension is None:
        _log.warning("the input param %s.contentType is not a known mime type", name)
        extension = "png"  # as the SDK does
    filename = value.get("fileName") or f"{name}.{extension}"
    data = file_bytes(name, value["value"])
    return Media(data, content_type, str(filename))


def _content_type(value: Mapping[str, Any]) -> Any:
    return value.get("contentType") or value.get("content_type")


def file_bytes(name: str, value: Any) -> bytes:
    """The bytes of the ``value`` of the file parameter *name*; see ``to_media``."""
    if isinstance(value, memoryview):
        value = value.tobytes()
    if isinstance(value, (bytes, bytearray)):
        data = bytes(value)
    elif isinstance(value, str):
        data = _from_base64(name, value)
    elif isinstance(value, Mapping):
        data = _from_node_buffer(name, value)
    elif hasattr(value, "read"):
        data = _from_file(name, value)
    else:
        raise ParameterError(f"{name}.value is the file's bytes, not {_kind(value)}")
    if len(data) > _LIMIT:
        raise ParameterError(f"{name}.value has more than {_LIMIT} bytes; WeChat takes under 2 MB")
    return data


def _from_base64(name: str, text: str) -> bytes:
    prefix = _DATA_URL.match(text)
    packed = "".join(text[prefix.end() if prefix else 0 :].split())
    try:
        return base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ParameterError(
            f"{name}.value is text that is not base64: pass the bytes of the file, "
            "or their base64 text"
        ) from error


def _from_node_buffer(name: str, value: Mapping[str, Any]) -> bytes:
    data = value.get("data")
    if value.get("type") != "Buffer" or not isinstance(data, (list, bytes)):
        raise ParameterError(
            f'{name}.value is an object other than {{"type": "Buffer", "data": […]}}'
        )
    try:
        return bytes(data)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"{name}.value.data has something other than numbers 0 to 255"
        ) from error


def _from_file(name: str, file: Any) -> bytes:
    data = file.read(_LIMIT + 1)
    if not isinstance(data, bytes):
        raise ParameterError(f'{name}.value is a file in text mode: open it with "rb"')
    return data


def _kind(value: Any) -> str:
    return "nothing" if value is None else type(value).__name__
