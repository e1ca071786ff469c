"""A call's parameters as the documented HTTPS request: a query, and a file where there is one."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp import payload

from openapi_shim.transports.base import Media

# A whole URL in encoded form: nothing in it that would end the value or the request line.
_ENCODED_URL = re.compile(
    r"https?%3A%2F%2F(?:[A-Za-z0-9._~!'()*-]|%[0-9A-Fa-f]{2})+", re.IGNORECASE
)


def encode_query(params: Mapping[str, str]) -> str:
    """A query string in which every value is percent-encoded exactly once.

    An ``img_url`` that comes encoded already, as the documentation's ``ENCODE_URL`` suggests,
    is not encoded again: twice encoded, WeChat answers 101000.
    """
    return "&".join(
        f"{quote(name, safe='')}={_encoded(name, value)}" for name, value in params.items()
    )


def _encoded(name: str, value: str) -> str:
    if name == "img_url" and _ENCODED_URL.fullmatch(value):
        return value
    return quote(value, safe="", errors="replace")


def text_of(value: Any) -> str:
    """A parameter's value as text: strings as they are, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def multipart(files: Mapping[str, Media]) -> aiohttp.MultipartWriter:
    """The files as multipart/form-data, each with filename, length and content type."""
    writer = aiohttp.MultipartWriter("form-data")
    for name, media in files.items():
        part = payload.BytesIOPayload(io.BytesIO(media.value), content_type=media.content_type)
        part.set_content_disposition(
            "form-data",
            name=name,
            filename=media.filename,
            filelength=str(len(media.value)),
        )
        writer.append_payload(part)
    return writer
