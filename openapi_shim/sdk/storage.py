"""Files in the cloud environment's storage."""

from __future__ import annotations

from typing import Any

from openapi_shim.catalog.cloud_codes import (
    TCB_INVALID_PARAM,
    TCB_RESOURCE_SYSTEM_ERROR,
    cloud_code_text,
    gateway_code,
)
from openapi_shim.sdk.checks import UNDEFINED, arguments, js_type, js_typeof, plain_failure
from openapi_shim.sdk.connection import Connection
from openapi_shim.sdk.failures import coded_failure, failing_as
from openapi_shim.sdk.results import (
    DeletedFile,
    DeleteFileResult,
    DownloadFileResult,
    GetTempFileURLResult,
    TempFileURL,
    UploadFileResult,
)
from openapi_shim.transports.base import ActionCall, Upload
from openapi_shim.transports.cloudbase import CloudbaseTransport
from openapi_shim.transports.files import fetch_file

_DOWNLOAD_AGE = 600  # seconds the URL of a download is good, as the SDK asks for


async def upload_file(
    connection: Connection, options: Any, named: dict[str, Any]
) -> UploadFileResult:
    """Store a file; see ``Cloud.uploadFile``."""
    api = "uploadFile"
    given = arguments(api, options, named, cloudPath="string")
    content = given.get("fileContent", UNDEFINED)
    if content is UNDEFINED or content is None:
        raise plain_failure(
            api, f"Type of fileContent must be fs.ReadStream instead of {js_typeof(content)}"
        )
    if not isinstance(content, (bytes, bytearray, memoryview)) and not hasattr(content, "read"):
        raise plain_failure(
            api, f"fileContent should be bytes or a file opened in binary mode, not "
            f"{js_type(content)}"
        )  # fmt: skip
    with failing_as(api):
        env = connection.env("storage", given.get("config"))
        file_id = await connection.environment_transport.upload(
            Upload(given["cloudPath"], content, env)
        )
    return {"fileID": file_id, "statusCode": -1, "errMsg": f"{api}:ok"}


async def download_file(
    connection: Connection, options: Any, named: dict[str, Any]
) -> DownloadFileResult:
    """Fetch a file; see ``Cloud.downloadFile``."""
    api = "downloadFile"
    given = arguments(api, options, named, fileID="string")
    wanted = {"fileid": given["fileID"], "max_age": _DOWNLOAD_AGE}
    with failing_as(api):
        items = await _download_urls(connection, [wanted], given.get("config"))
        if not items:
            raise coded_failure(api, TCB_RESOURCE_SYSTEM_ERROR, "the answer names no file")
        item = items[0]
        if item.get("code") != "SUCCESS":
            code = _status(item) or TCB_RESOURCE_SYSTEM_ERROR
            raise coded_failure(api, code, str(item.get("message") or ""))
        content = await fetch_file(
            connection.settings,
            str(item.get("tempFileURL", "")),
            encoded=not isinstance(connection.environment_transport, CloudbaseTransport),
        )
    return {"fileContent": content, "statusCode": 200, "errMsg": f"{api}:ok"}


async def get_temp_file_url(
    connection: Connection, options: Any, named: dict[str, Any]
) -> GetTempFileURLResult:
    """URLs for files; see ``Cloud.getTempFileURL``."""
    api = "getTempFileURL"
    given = arguments(api, options, named, fileList="array")
    wanted = [_wanted(api, item) for item in given["fileList"]]
    with failing_as(api):
        items = await _download_urls(connection, wanted, given.get("config"))
    return {"fileList": [_temp_file_url(item) for item in items], "errMsg": f"{api}:ok"}


async def delete_file(
    connection: Connection, options: Any, named: dict[str, Any]
) -> DeleteFileResult:
    """Delete files; see ``Cloud.deleteFile``."""
    api = "deleteFile"
    given = arguments(api, options, named, fileList="array")
    for index, item in enumerate(given["fileList"]):
        if not isinstance(item, str):
            raise plain_failure(
                api, f"Type of fileList[{index}] must be string instead of {js_typeof(item)}"
            )
    if not all(given["fileList"]):
        raise coded_failure(api, TCB_INVALID_PARAM, "fileList的元素必须是非空的字符串")
    with failing_as(api):
        env = connection.env("storage", given.get("config"))
        params = {"fileid_list": list(given["fileList"])}
        reply = await connection.environment_transport.action(
            ActionCall("storage.batchDeleteFile", params, env)
        )
    items = reply.data.get("delete_list") or []
    return {"fileList": [_deleted(item) for item in items if item], "errMsg": f"{api}:ok"}


async def _download_urls(
    connection: Connection, wanted: list[dict[str, Any]], config: Any
) -> list[dict[str, Any]]:
    call = ActionCall(
        "storage.batchGetDownloadUrl", {"file_list": wanted}, connection.env("storage", config)
    )
    reply = await connection.environment_transport.action(call)
    return [item for item in reply.data.get("download_list") or [] if item]


def _wanted(api: str, item: Any) -> dict[str, Any]:
    if isinstance(item, str):
        return {"fileid": item}
    if js_type(item) != "object":
        text = "fileList的元素如果不是对象，则必须是字符串"
        raise coded_failure(api, TCB_INVALID_PARAM, text)
    if "fileID" not in item or "maxAge" not in item:
        text = "fileList的元素如果是对象，必须是包含fileID和maxAge的对象"
        raise coded_failure(api, TCB_INVALID_PARAM, text)
    return {"fileid": item["fileID"], "max_age": item["maxAge"]}


def _temp_file_url(item: dict[str, Any]) -> TempFileURL:
    deleted = _deleted(item)
    return {
        **deleted,
        "maxAge": item.get("maxAge"),
        "tempFileURL": "" if deleted["status"] else item.get("tempFileURL", ""),
    }


def _deleted(item: dict[str, Any]) -> DeletedFile:
    status = _status(item)
    text = cloud_code_text(status) or str(item.get("message") or "") if status else "ok"
    return {"fileID": item.get("fileID", ""), "status": status, "errMsg": text}


def _status(item: dict[str, Any]) -> int:
    """The number of what went wrong with one file; the server API gives numbers, not words."""
    code = item.get("code")
    if isinstance(code, int):
        return code
    return gateway_code(code) if code else 0
