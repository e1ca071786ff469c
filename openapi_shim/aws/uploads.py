"""A function that signs the form by which a client stores one photo: POST /uploads.

Event: ``{"contentType": "image/jpeg"}``. The answer has ``url`` and ``fields`` of a form
(``wx.uploadFile``'s ``url`` and ``formData``, with ``name: "file"``), the photo's ``fileID``,
``maxBytes``, and ``expires`` in seconds since 1970. A fileID cannot be guessed: who has it may
have the photo read.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from openapi_shim.catalog.cloud_codes import TCB_INVALID_PARAM
from openapi_shim.errors import CloudError, ConfigError
from openapi_shim.settings import load_settings
from openapi_shim.stores.aws_requests import AwsRequests
from openapi_shim.transports.s3_files import file_id_of

FOLDER = "uploads"
_LARGEST = 10_000_000  # bytes, as the SDK takes them; WeChat takes images under 2 MB
_SECONDS = 300  # the form is good
_EXTENSIONS = {
    "image/bmp": "bmp",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    "image/webp": "webp",
}


@lru_cache(maxsize=1)
def _place() -> tuple[AwsRequests, str]:
    bucket = load_settings(function_dir=Path()).bucket
    if not bucket:
        raise ConfigError("OPENAPI_SHIM_BUCKET is not set: name the bucket for uploads")
    return AwsRequests(), bucket


async def main(event: Any, context: Mapping[str, Any]) -> dict[str, Any]:
    """The form for one photo, or ``{"errCode", "errMsg"}`` for an event that names no image."""
    given = event.get("contentType", "image/jpeg") if isinstance(event, Mapping) else None
    extension = _EXTENSIONS.get(given) if isinstance(given, str) else None
    if extension is None:
        text = f"uploads:fail contentType is none of {', '.join(_EXTENSIONS)}"
        return CloudError(TCB_INVALID_PARAM, text).to_dict()
    requests, bucket = _place()
    key = f"{FOLDER}/{uuid.uuid4()}.{extension}"
    expires = int(time.time()) + _SECONDS
    url, fields = await requests.presigned_form(
        bucket, key, seconds=_SECONDS, content_type=str(given), largest=_LARGEST
    )
    return {
        "url": url,
        "fields": fields,
        "fileID": file_id_of(str(context.get("namespace", "")), bucket, key),
        "maxBytes": _LARGEST,
        "expires": expires,
    }
