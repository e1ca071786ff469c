"""A call's parameters as the cloud gateway takes them: pairs of a key and bytes.

What ``wx-server-sdk`` makes of each value was seen on its requests: a file is its bytes and a
file name, everything else is JSON, strings in their quotes. Nothing is checked: that is the
other side's.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openapi_shim.catalog.mime_types import extension_of
from openapi_shim.catalog.operations import Place, operation_named
from openapi_shim.naming import camel_to_snake
from openapi_shim.protocol.jsjson import NotJSONError, object_items, stringify, utf8
from openapi_shim.transports.base import OpenApiCall, ParameterError
from openapi_shim.transports.media import file_bytes

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pair:
    """One parameter; *filename* for files alone."""

    key: str
    value: bytes = field(repr=False)
    filename: str | None = None


def pairs_of(call: OpenApiCall) -> list[Pair]:
    """The parameters of *call*, in order.

    Raises:
        ParameterError: one has no JSON form, or a file cannot be read.
    """
    rename = camel_to_snake if call.convert_case else None
    known = operation_named(call.operation)
    files = {item.name for item in known.parameters if item.place is Place.FILE} if known else set()
    pairs = []
    try:
        for key, value in object_items(call.params, rename).items():
            media = _media(call, key, value, lenient=key in files)
            text = None if media else stringify(value, rename=rename, wide_escapes=True)
            pairs.append(media or Pair(key, utf8(text or "")))
    except NotJSONError as error:
        raise ParameterError(f"a parameter cannot be sent: {error}") from error
    return pairs


def _media(call: OpenApiCall, key: str, value: Any, *, lenient: bool) -> Pair | None:
    """The pair of a file, or None where *value* is none.

    A file is bytes, or a file opened in binary mode, under ``value`` beside a content type.
    For a parameter known to be a file, *lenient* also takes what bytes become in an event.
    """
    if not isinstance(value, Mapping):
        return None
    content_type = value.get("contentType") or value.get("content_type")
    content = value.get("value")
    if not content_type or content is None:
        return None
    if not isinstance(content, (bytes, bytearray, memoryview)) and not hasattr(content, "read"):
        if not lenient:
            return None
        try:
            content = file_bytes(key, content)
        except ParameterError:
            return None  # sent as JSON, as by the SDK; the other side says what is wrong
    extension = extension_of(content_type) if isinstance(content_type, str) else None
    if extension is None:
        _log.warning(
            "[openapi.%s] the input param %s.contentType is not a valid mime type",
            call.operation,
            key,
        )
    # fileName itself has become file_name where keys are converted: so it is the SDK's loss.
    given = None if call.convert_case else value.get("fileName")
    return Pair(key, file_bytes(key, content), str(given or f"{key}.{extension or 'png'}"))
