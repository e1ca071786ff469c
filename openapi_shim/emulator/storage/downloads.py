"""Files behind their temporary URLs, in pieces from the disk to the socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import BinaryIO

from aiohttp import web

from openapi_shim.emulator.storage.file_id import FileId
from openapi_shim.emulator.storage.refusal import Refusal
from openapi_shim.emulator.storage.service import StorageService
from openapi_shim.emulator.storage.shelf import StoredFile

Dress = Callable[[web.StreamResponse], None]
_PIECE = 256 * 1024  # bytes read from the disk at a time


async def get_object(
    request: web.Request,
    candidates: Sequence[FileId],
    service: StorageService,
    dress: Dress,
) -> web.StreamResponse:
    """GET or HEAD of a temporary URL; whole, or the one range asked for.

    Args:
        request: asks.
        candidates: what the URL's path may mean; the signature tells which is meant.
        service: has the files.
        dress: called with the response before it begins.

    Raises:
        Refusal: 403 the URL was not given out here or is over, 404 the file is gone, 416 the
            range is outside of the file.
    """
    query = request.query
    target = service.linked(candidates, sign=query.get("sign", ""), expires=query.get("t", ""))
    opened = await asyncio.to_thread(service.shelf.open, target.env, target.path)
    if opened is None:
        raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
    file, stored = opened
    with contextlib.closing(file):
        return await _serve(request, file, stored, dress)


async def _serve(
    request: web.Request, file: BinaryIO, stored: StoredFile, dress: Dress
) -> web.StreamResponse:
    etag = f'"{stored.etag}"'
    modified = datetime.fromtimestamp(stored.modified_ns // 1_000_000_000, timezone.utc)
    headers = {
        "ETag": etag,
        "Last-Modified": format_datetime(modified, usegmt=True),
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    if _known(request, stored.etag, modified):
        return web.Response(status=304, headers=headers)
    asked = _range(request, stored)
    begin, end = asked or (0, stored.size)
    response = web.StreamResponse(headers=headers)
    response.headers["Content-Type"] = stored.content_type
    response.content_length = end - begin
    if asked:
        response.set_status(206)
        response.headers["Content-Range"] = f"bytes {begin}-{end - 1}/{stored.size}"
    dress(response)
    await response.prepare(request)
    if request.method != "HEAD":
        await _send(response, file, begin, end)
    await response.write_eof()
    return response


def _known(request: web.Request, etag: str, modified: datetime) -> bool:
    """Whether the client says that it has this content already."""
    tags = request.if_none_match
    if tags is not None:
        return any(tag.value in ("*", etag) for tag in tags)
    since = request.if_modified_since
    return since is not None and modified <= since


def _range(request: web.Request, stored: StoredFile) -> tuple[int, int] | None:
    """First byte and the one after the last, or None when the whole file is asked for."""
    if request.headers.get("If-Range", f'"{stored.etag}"') != f'"{stored.etag}"':
        return None
    unsatisfiable = Refusal(416, "InvalidRange", "The requested range cannot be satisfied.")
    try:
        asked = request.http_range
    except ValueError as error:
        raise unsatisfiable from error
    if asked.start is None:
        return None
    begin = asked.start if asked.start >= 0 else max(0, stored.size + asked.start)
    end = stored.size if asked.stop is None else min(asked.stop, stored.size)
    if begin >= end:
        raise unsatisfiable
    return begin, end


async def _send(response: web.StreamResponse, file: BinaryIO, begin: int, end: int) -> None:
    file.seek(begin)
    left = end - begin
    while left > 0:
        piece = await asyncio.to_thread(file.read, min(_PIECE, left))
        if not piece:
            return  # somebody cut the file short by hand: the client sees it by the length
        left -= len(piece)
        await response.write(piece)
