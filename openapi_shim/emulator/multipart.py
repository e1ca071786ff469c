"""multipart/form-data of a body that was read within its limit, with words for what is wrong."""

from __future__ import annotations

import asyncio
import warnings
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, MultipartReader, StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDict

_MAX_PARTS = 32


class MultipartError(ValueError):
    """A body that is not the multipart/form-data it claims to be; the text says why."""


@dataclass(frozen=True)
class Part:
    """One part: its field *name*, its *filename* or None for a plain field, its bytes.

    *content_type* is what it names; it may be empty.
    """

    name: str
    filename: str | None
    content: bytes = field(repr=False)
    content_type: str = ""


async def read_multipart(body: bytes, content_type: str) -> list[Part]:
    """The parts of *body*.

    Raises:
        MultipartError: Content-Type names no boundary, or one that does not occur; the body
            ends too early; a part's headers are broken; there are too many parts.
    """
    loop = asyncio.get_running_loop()
    stream = StreamReader(BaseProtocol(loop), len(body) + 1, loop=loop)
    stream.feed_data(body)
    stream.feed_eof()
    parts: list[Part] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # aiohttp warns of odd headers; they are told below
            reader = MultipartReader(CIMultiDict({"Content-Type": content_type}), stream)
            while len(parts) <= _MAX_PARTS and (part := await reader.next()) is not None:
                parts.append(await _read(part))
    except MultipartError:
        raise
    except HttpProcessingError as error:
        raise MultipartError(f"a part's headers are broken: {error.message}") from error
    except (ValueError, AssertionError) as error:
        raise MultipartError(_in_words(str(error), parts)) from error
    if len(parts) > _MAX_PARTS:
        raise MultipartError(f"it has more than {_MAX_PARTS} parts")
    return parts


async def _read(part: BodyPartReader | MultipartReader) -> Part:
    if not isinstance(part, BodyPartReader):
        raise MultipartError("a part is itself multipart")
    if part.name is None:
        raise MultipartError("a part has no Content-Disposition with a name")
    name, filename = part.name, part.filename
    kind = part.headers.get("Content-Type", "")
    return Part(name, filename, bytes(await part.read(decode=False)), kind)


def _in_words(error: str, parts: list[Part]) -> str:
    """The error of aiohttp, for the developer whose client made the body."""
    if error.startswith("boundary missed"):
        return "Content-Type is multipart/form-data without a boundary: let the HTTP library set it"
    if error.startswith("Could not find starting boundary"):
        return "the boundary of the Content-Type does not occur in the body"
    if "EOF" in error:
        return f"it breaks off after {len(parts)} whole parts: the closing boundary is missing"
    return f"it cannot be parsed ({error[:100]})"
