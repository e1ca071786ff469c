"""By what a call is known again: the photo in it, and for whom it is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from openapi_shim.catalog.operations import Operation
from openapi_shim.naming import camel_to_snake, convert_keys
from openapi_shim.transports.base import OpenApiCall, ParameterError
from openapi_shim.transports.encoding import text_of
from openapi_shim.transports.media import file_bytes
from openapi_shim.transports.parameters import is_file, wire_name


@dataclass(frozen=True)
class KnownCall:
    """A call that can be known again.

    Attributes:
        call: with the bytes of its files in it: a file that was open has been read.
        key: the same for the same photo, parameters and caller; it tells nothing of them.
        by_url: the photo is known by its address alone.
    """

    call: OpenApiCall
    key: str
    by_url: bool


def known_call(call: OpenApiCall, operation: Operation, caller: str) -> KnownCall | None:
    """*call* as it is known again; None where it has no photo, or cannot be sent anyway.

    A photo is known by the SHA-256 of its bytes, whatever its file name and content type. One
    that is named by URL would have to be downloaded for that: it is known by the URL.

    Args:
        call: made by the function.
        operation: of the catalog.
        caller: for whom.

    Raises:
        ParameterError: a file cannot be read.
    """
    params: dict[Any, Any] = {}
    told: list[tuple[str, str, str]] = []
    for key, value in call.params.items():
        params[key] = value
        if value is None:
            continue
        name = wire_name(call, key)
        if is_file(operation, name, value):
            content = _content(name, value)
            if content is None:
                return None
            params[key] = {**value, "value": content}
            told.append((name, "file", hashlib.sha256(content).hexdigest()))
        else:
            try:
                text = text_of(convert_keys(value, camel_to_snake) if call.convert_case else value)
            except (TypeError, ValueError):
                return None
            told.append((name, "text", text))
    files = any(kind == "file" for _, kind, _ in told)
    if not files and not any(name == "img_url" and text for name, _, text in told):
        return None
    whole = [operation.name, caller, call.env, call.appid, sorted(told)]
    digest = hashlib.sha256(json.dumps(whole).encode()).hexdigest()
    return KnownCall(replace(call, params=params), f"answer/{digest}", by_url=not files)


def _content(name: str, value: Any) -> bytes | None:
    """The bytes of a file; None for what is none, of which the transport tells."""
    if not isinstance(value, Mapping) or "value" not in value:
        return None
    try:
        return file_bytes(name, value["value"])
    except ParameterError:
        if hasattr(value["value"], "read"):
            raise  # it has been read, and cannot be read again
        return None
