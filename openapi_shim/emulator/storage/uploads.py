"""Uploads to a signed URL: PUT with the file as body, or POST of a form as COS takes it."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterator

from aiohttp import web

from openapi_shim.emulator.storage.file_id import FileId
from openapi_shim.emulator.storage.receiving import Receiver
from openapi_shim.emulator.storage.refusal import Refusal, xml_document
from openapi_shim.emulator.storage.service import StorageService
from openapi_shim.emulator.storage.shelf import DEFAULT_TYPE, Incoming, StoredFile

_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(;[\x20-\x7e]*)?", re.ASCII)
_TOKEN = "x-cos-security-token"  # noqa: S105


async def put_object(
    request: web.Request, target: FileId, service: StorageService, limit: int
) -> web.Response:
    """PUT: the body is the file. The answer's body is empty, as SDKs expect of a success.

    Raises:
        Refusal: 403 the grant is wrong or over, 400 the body is.
        StorageError: STORAGE_REQUEST_FAIL, the disk is full or broken.
    """
    headers = request.headers
    service.check_upload(
        target,
        token=headers.get(_TOKEN, ""),
        authorization=headers.get("Authorization", "") or headers.get("Signature", ""),
    )
    with _incoming(service) as incoming:
        await Receiver(request, limit=limit).take_body(incoming)
        stored = await _keep(incoming, target, headers.get("Content-Type", ""))
    return web.Response(status=200, headers={"ETag": f'"{stored.etag}"'})


async def post_object(
    request: web.Request, target: FileId, service: StorageService, limit: int
) -> web.Response:
    """POST: a form whose last field is the file.

    Raises:
        Refusal: 403 the grant is wrong or over, 400 the form is.
        StorageError: STORAGE_REQUEST_FAIL, the disk is full or broken.
    """
    receiver = Receiver(request, limit=limit)
    form = await receiver.open_form()
    part = await form.file()
    fields = form.fields
    if fields.get("key", target.path) != target.path:
        raise Refusal(
            403, "SignatureDoesNotMatch", "The field key is not the path the upload was granted."
        )
    service.check_upload(
        target,
        token=fields.get(_TOKEN, ""),
        authorization=fields.get("signature", "") or fields.get("authorization", ""),
    )
    media_type = fields.get("content-type", "") or part.headers.get("Content-Type", "")
    with _incoming(service) as incoming:
        await receiver.take_part(part, incoming)
        await form.end()
        # Form libraries call a file of which they know nothing so.
        known = "" if media_type == DEFAULT_TYPE else media_type
        stored = await _keep(incoming, target, known)
    return _posted(fields.get("success_action_status", ""), target, stored)


@contextlib.contextmanager
def _incoming(service: StorageService) -> Iterator[Incoming]:
    """A file on its way in, of which nothing stays unless it is kept."""
    incoming = service.shelf.receive()
    try:
        yield incoming
    finally:
        incoming.drop()


async def _keep(incoming: Incoming, target: FileId, media_type: str) -> StoredFile:
    kept = media_type.strip() if _MEDIA_TYPE.fullmatch(media_type.strip()) else ""
    return await asyncio.to_thread(incoming.keep, target.env, target.path, kept)


def _posted(status: str, target: FileId, stored: StoredFile) -> web.Response:
    headers = {"ETag": f'"{stored.etag}"'}
    if status == "201":
        fields = {"Bucket": target.bucket, "Key": target.path, "ETag": headers["ETag"]}
        return web.Response(
            status=201,
            text=xml_document("PostResponse", fields),
            content_type="application/xml",
            headers=headers,
        )
    return web.Response(status=200 if status == "200" else 204, headers=headers)
