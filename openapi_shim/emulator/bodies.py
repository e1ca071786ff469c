"""Bodies of requests, read within bounds of size and time."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import parse_qsl

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from openapi_shim.emulator.multipart import MultipartError, read_multipart
from openapi_shim.errors import WeChatError
from openapi_shim.wechat.calls import Body, Upload
from openapi_shim.wechat.ocr import IMAGE_LIMIT

IMAGE_BODY_LIMIT = IMAGE_LIMIT + 512 * 1024  # bytes: an image a little too large, and its wrapping
EVENT_LIMIT = 6 * 1024 * 1024  # bytes, as the platform has it
FORM_LIMIT = 64 * 1024  # bytes; the token endpoints
_READ_TIME = 30.0  # seconds for a whole body

READ_TIME = web.AppKey("read_time", float)


async def read_bytes(request: web.Request, limit: int) -> tuple[bytes, bool]:
    """The body, or its first *limit* bytes and True when it is longer.

    Raises:
        WeChatError: 41005 it came too slowly, broke off, or its compression is broken.
    """
    seconds = request.app.get(READ_TIME, _READ_TIME)
    try:
        if request.content.is_eof():  # it came with its headers: no clock need watch it
            raw = request.content.read_nowait()
            return raw[:limit], len(raw) > limit
        return await asyncio.wait_for(_read(request, limit), seconds)
    except (asyncio.TimeoutError, TimeoutError) as error:
        raise WeChatError(41005, f"the body did not come within {seconds:g} s") from error
    except (HttpProcessingError, web.PayloadAccessError, web.RequestPayloadError) as error:
        raise WeChatError(41005, f"the body is broken: {type(error).__name__}") from error
    except ConnectionError as error:
        raise WeChatError(41005, "the body broke off: the client hung up") from error


async def _read(request: web.Request, limit: int) -> tuple[bytes, bool]:
    if (request.content_length or 0) > limit:
        return b"", True
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            return b"".join(chunks)[:limit], True
    return b"".join(chunks), False


async def read_image_body(request: web.Request) -> Body:
    """The body of a call that may carry an image as ``img``."""
    content_type = request.headers.get("Content-Type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    raw, cut = await read_bytes(request, IMAGE_BODY_LIMIT)
    size = max(request.content_length or 0, len(raw))
    if cut:
        return Body(media_type or "untyped", size=max(size, IMAGE_BODY_LIMIT), cut=True)
    if not raw:
        return Body()
    if media_type == "multipart/form-data":
        return await _multipart(raw, content_type)
    if media_type == "application/x-www-form-urlencoded":
        return Body("form", names=tuple(dict(_form(raw))), size=size)
    names = _json_names(raw)
    if names is not None:
        return Body("JSON", names=names, size=size)
    return Body(media_type[:60] or "without a Content-Type", size=size)


async def read_fields(request: web.Request) -> dict[str, object]:
    """Fields of a small JSON object or form.

    Raises:
        WeChatError: 44002 the body is empty; 47001 it is neither, or too large.
    """
    raw, cut = await read_bytes(request, FORM_LIMIT)
    if cut:
        raise WeChatError(47001, f"the body has more than {FORM_LIMIT} bytes")
    if not raw.strip():
        raise WeChatError(44002, "the body is empty; a JSON object is expected")
    no_form = raw.startswith(b"{") or b"=" not in raw  # JSON, or meant to be, as from curl -d
    if request.content_type == "application/x-www-form-urlencoded" and not no_form:
        return dict(_form(raw))
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise WeChatError(47001, f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise WeChatError(47001, "the body is JSON, but not an object such as {}")
    return value


async def _multipart(raw: bytes, content_type: str) -> Body:
    try:
        parts = await read_multipart(raw, content_type)
    except MultipartError as error:
        return Body("multipart", problem=str(error), size=len(raw))
    images = [part for part in parts if part.name == "img"]
    img = Upload(images[0].content, images[0].filename is not None) if images else None
    return Body("multipart", img, tuple(part.name for part in parts), size=len(raw))


def _form(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return []


def _json_names(raw: bytes) -> tuple[str, ...] | None:
    """Keys of a JSON object, or None when *raw* is none."""
    if raw.lstrip()[:1] != b"{":
        return None
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return tuple(value) if isinstance(value, dict) else None
