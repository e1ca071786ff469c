"""Cloud calls, which come without a token, as requests of WeChat's HTTPS API."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from typing import Any, cast

from openapi_shim.catalog.operations import Operation
from openapi_shim.emulator.upstream.describing import Asked
from openapi_shim.transports.base import Media
from openapi_shim.transports.encoding import encode_query, multipart

_OTHER = "application/octet-stream"


class _Collected(bytearray):
    """What a writer of multipart bodies writes to."""

    async def write(self, piece: bytes) -> None:
        self.extend(piece)


async def asked_of(
    operation: Operation, query: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]
) -> Asked:
    """The request that the SDK would send, with an empty access token.

    Args:
        operation: of the catalog.
        query: parameters by their names on the wire.
        files: file name and bytes, by the names of the parameters.
    """
    text = encode_query({"access_token": "", **query})
    if not files:
        return Asked("POST", operation.path, text, {}, b"")
    writer = multipart(
        {
            name: Media(content, mimetypes.guess_type(filename)[0] or _OTHER, filename)
            for name, (filename, content) in files.items()
        }
    )
    body = _Collected()
    await writer.write(cast("Any", body))
    return Asked(
        "POST", operation.path, text, {"Content-Type": writer.headers["Content-Type"]}, bytes(body)
    )
