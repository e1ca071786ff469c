"""Bodies of uploads, from the socket to the disk in pieces.

At most about 1 MB of an upload is in memory, whatever its size.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError, PayloadEncodingError

from openapi_shim.emulator.storage.refusal import Refusal
from openapi_shim.emulator.storage.shelf import Incoming

IDLE_TIME = web.AppKey("storage_idle_time", float)
"""Seconds a client may be silent in the middle of an upload."""

_IDLE_TIME = 30.0
_PIECE = 1024 * 1024  # bytes gathered before they go to the disk
_FIELD_LIMIT = 64 * 1024  # bytes of one field of a form
_FIELDS_LIMIT = 100
_FORM_MARGIN = 1024 * 1024  # bytes a form may have beside its file
_T = TypeVar("_T")


class Receiver:
    """Reads the body of one upload.

    Args:
        request: whose body it is.
        limit: bytes the file may have.
    """

    def __init__(self, request: web.Request, *, limit: int) -> None:
        self._request = request
        self._limit = limit
        self._idle = request.app.get(IDLE_TIME, _IDLE_TIME)

    async def take_body(self, incoming: Incoming) -> None:
        """Put the whole body into *incoming*.

        Raises:
            Refusal: 400, it is too large, too slow or broken.
            StorageError: STORAGE_REQUEST_FAIL, the disk is full or broken.
        """
        self._check_declared(self._limit)
        await self._fill(incoming, self._pieces(self._request.content.readany))

    async def open_form(self) -> Form:
        """The body as a form.

        Raises:
            Refusal: 400, it is none, or too large.
        """
        if self._request.content_type != "multipart/form-data":
            raise malformed("the body of a POST is multipart/form-data")
        self._check_declared(self._limit + _FORM_MARGIN)
        try:
            return Form(self, await self._request.multipart())
        except (ValueError, AssertionError) as error:
            raise malformed(str(error)) from error

    async def take_part(self, part: BodyPartReader, incoming: Incoming) -> None:
        """Put a part's content into *incoming*; raises as ``take_body``."""
        await self._fill(incoming, self._pieces(part.read_chunk))

    async def wait(self, reading: Awaitable[_T]) -> _T:
        """What *reading* brings.

        Raises:
            Refusal: 400, nothing came for too long, or what came is broken.
        """
        try:
            return await asyncio.wait_for(reading, self._idle)
        except (asyncio.TimeoutError, TimeoutError) as error:
            raise Refusal(
                400, "RequestTimeout", f"Nothing came for {self._idle:g} seconds."
            ) from error
        except (PayloadEncodingError, web.PayloadAccessError, web.RequestPayloadError) as error:
            raise Refusal(400, "IncompleteBody", "The body is broken or breaks off.") from error
        except (HttpProcessingError, ValueError, AssertionError, RuntimeError) as error:
            # What aiohttp's reader of forms raises for forms that are none.
            raise malformed(str(error)) from error

    def _check_declared(self, limit: int) -> None:
        if (self._request.content_length or 0) > limit:
            raise self._too_large()

    async def _pieces(self, read: Callable[[], Awaitable[bytes]]) -> AsyncIterator[bytes]:
        while piece := await self.wait(read()):
            yield piece

    async def _fill(self, incoming: Incoming, pieces: AsyncIterator[bytes]) -> None:
        gathered = bytearray()
        size = 0
        async for piece in pieces:
            size += len(piece)
            if size > self._limit:
                raise self._too_large()
            gathered += piece
            if len(gathered) >= _PIECE:
                await asyncio.to_thread(incoming.write, bytes(gathered))
                gathered.clear()
        await asyncio.to_thread(incoming.write, bytes(gathered))

    def _too_large(self) -> Refusal:
        return Refusal(
            400,
            "EntityTooLarge",
            f"A file has at most {self._limit} bytes (OPENAPI_SHIM_STORAGE_FILE_LIMIT).",
        )


class Form:
    """A form with one file, its fields before it.

    Attributes:
        fields: those read so far, by their names in lower case; of two the first counts.
    """

    def __init__(self, receiver: Receiver, reader: MultipartReader) -> None:
        self.fields: dict[str, str] = {}
        self._receiver = receiver
        self._reader = reader

    async def file(self) -> BodyPartReader:
        """The file's part, when all fields before it have been read.

        Raises:
            Refusal: 400, there is none, or the form is broken.
        """
        part = await self._next_part()
        while part is not None and part.name != "file":
            await self._read_field(part)
            part = await self._next_part()
        if part is None:
            raise malformed("it has no field named file")
        return part

    async def end(self) -> None:
        """Read on to the end of the form, so that a form cut short is not taken for a whole one.

        Raises:
            Refusal: 400, it breaks off or is broken.
        """
        while (part := await self._next_part()) is not None:
            await self._read_field(part)

    async def _next_part(self) -> BodyPartReader | None:
        part = await self._receiver.wait(self._reader.next())
        if part is None:
            return None
        if not isinstance(part, BodyPartReader):
            raise malformed("a form lies within it")
        if not part.name:
            raise malformed("it breaks off, or a part of it has no name")
        return part

    async def _read_field(self, part: BodyPartReader) -> None:
        value = b""
        while piece := await self._receiver.wait(part.read_chunk()):
            value += piece
            if len(value) > _FIELD_LIMIT:
                raise malformed(f"a field has more than {_FIELD_LIMIT} bytes")
        if len(self.fields) >= _FIELDS_LIMIT:
            raise malformed(f"it has more than {_FIELDS_LIMIT} fields")
        self.fields.setdefault(str(part.name).lower(), value.decode("utf-8", "replace"))


def malformed(reason: str) -> Refusal:
    """The refusal of a form that cannot be read."""
    return Refusal(400, "MalformedPOSTRequest", f"The form cannot be read: {reason}.")
