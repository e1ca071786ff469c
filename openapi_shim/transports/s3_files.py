"""Cloud storage in a bucket of S3: what functions on AWS store, and the photos of their callers.

A fileID is ``cloud://<env>.<bucket>/<key>``, as on the platform. All but files goes through to
the transport within.
"""

from __future__ import annotations

import asyncio
import mimetypes
import re
from collections.abc import Mapping
from typing import Any

from openapi_shim.errors import AwsError
from openapi_shim.settings import Settings
from openapi_shim.stores.aws_requests import AwsRequests
from openapi_shim.transports.base import (
    ActionCall,
    ActionReply,
    FileContent,
    OpenApiCall,
    ParameterError,
    PlatformCall,
    Reply,
    Transport,
    Upload,
)

_KEY_LIMIT = 850  # bytes; the platform's limit, under S3's
_LONGEST = 86_400  # seconds a temporary URL is good, and the default; a role's keys may end before
_TOGETHER = 8  # deletions at a time
_FILE_ID = re.compile(r"cloud://(?P<env>[^./]*)\.(?P<bucket>[^/]+)/(?P<key>.+)", re.DOTALL)
_OK = {"code": "SUCCESS"}


class S3Files:
    """A transport that keeps files in a bucket.

    Args:
        inner: takes all other calls.
        settings: ``bucket``, and ``storage_file_limit`` for uploads.
        requests: how to reach S3; by default as the process's environment says.
    """

    def __init__(
        self, inner: Transport, settings: Settings, *, requests: AwsRequests | None = None
    ) -> None:
        self._inner = inner
        self._bucket = settings.bucket
        self._limit = settings.storage_file_limit
        self._requests = requests or AwsRequests()

    async def openapi(self, call: OpenApiCall) -> Reply:
        """See ``Transport.openapi``."""
        return await self._inner.openapi(call)

    async def platform(self, call: PlatformCall) -> Any:
        """See ``Transport.platform``."""
        return await self._inner.platform(call)

    async def action(self, call: ActionCall) -> ActionReply:
        """Temporary URLs and deletions; see ``Transport.action``.

        A URL is signed without asking S3: whether there is such a file, its download tells.
        """
        if call.action == "storage.batchGetDownloadUrl":
            links = [await self._link(item) for item in call.params["file_list"]]
            return ActionReply({"download_list": links})
        if call.action == "storage.batchDeleteFile":
            turn = asyncio.Semaphore(_TOGETHER)
            deletions = (self._delete(file_id, turn) for file_id in call.params["fileid_list"])
            return ActionReply({"delete_list": await asyncio.gather(*deletions)})
        if call.action.startswith("storage."):
            raise ParameterError(f"{call.action} does not exist on AWS: use uploadFile")
        return await self._inner.action(call)

    async def upload(self, upload: Upload) -> str:
        """Store a file; see ``Transport.upload``.

        Raises:
            ParameterError: its path is none, or it is too large.
            StoreError: S3 does not take it.
        """
        reason = _why_no_key(upload.path)
        if reason:
            raise ParameterError(f"cloudPath {reason}")
        content = await _whole(upload.content, self._limit)
        kind = mimetypes.guess_type(upload.path)[0] or "application/octet-stream"
        await self._requests.put_object(self._bucket, upload.path, content, content_type=kind)
        return file_id_of(upload.env, self._bucket, upload.path)

    async def _link(self, item: Mapping[str, Any]) -> dict[str, Any]:
        file_id, age = item["fileid"], item.get("max_age")
        seconds = _LONGEST if age is None else age
        told = {"fileID": file_id, "maxAge": seconds}
        key, reason = self._key(file_id)
        if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds <= 0:
            reason = f"maxAge is {seconds!r}, no whole number of seconds above 0"
        if reason:
            return {**told, "code": "INVALID_PARAM", "message": reason}
        seconds = min(seconds, _LONGEST)
        url = await self._requests.presigned_url("GET", self._bucket, key, seconds=seconds)
        return {**told, **_OK, "maxAge": seconds, "tempFileURL": url}

    async def _delete(self, file_id: str, turn: asyncio.Semaphore) -> dict[str, Any]:
        key, reason = self._key(file_id)
        if reason:
            return {"fileID": file_id, "code": "INVALID_PARAM", "message": reason}
        try:
            async with turn:
                await self._requests.delete_object(self._bucket, key)
        except AwsError as error:
            return {"fileID": file_id, "code": "STORAGE_REQUEST_FAIL", "message": str(error)}
        return {"fileID": file_id, **_OK}

    def _key(self, file_id: Any) -> tuple[str, str]:
        """The key of a file of this bucket, or why there is none."""
        match = _FILE_ID.fullmatch(file_id) if isinstance(file_id, str) else None
        if match is None:
            return "", "it is no fileID: it should be cloud://<env>.<bucket>/<path>"
        if match["bucket"] != self._bucket:
            return "", f"its bucket is not {self._bucket}, that of OPENAPI_SHIM_BUCKET"
        reason = _why_no_key(match["key"])
        return ("", f"its path {reason}") if reason else (match["key"], "")


def file_id_of(env: str, bucket: str, key: str) -> str:
    """The fileID of the object *key* in *bucket*."""
    return f"cloud://{env}.{bucket}/{key}"


def _why_no_key(key: str) -> str:
    segments = key.split("/")
    if not all(segments) or "." in segments or ".." in segments:
        return "has an empty part, or one that is . or .."
    if len(key.encode("utf-8", "surrogatepass")) > _KEY_LIMIT:
        return f"is longer than {_KEY_LIMIT} bytes"
    if any(char < " " or "\ud800" <= char <= "\udfff" for char in key):
        return "has a character that no path has"
    return ""


async def _whole(content: FileContent, limit: int) -> bytes:
    if isinstance(content, (bytes, bytearray, memoryview)):
        data = bytes(content)
    else:
        data = await asyncio.to_thread(content.read, limit + 1)
        if not isinstance(data, bytes):
            raise ParameterError('fileContent is a file in text mode: open it with "rb"')
    if len(data) > limit:
        raise ParameterError(
            f"fileContent has more than {limit} bytes, the limit of OPENAPI_SHIM_STORAGE_FILE_LIMIT"
        )
    return data
