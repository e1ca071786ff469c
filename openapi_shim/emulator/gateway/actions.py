"""The actions of ``/admin`` and ``/web``: a table, each action a few lines over its service."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from openapi_shim.emulator.bodies import EVENT_LIMIT
from openapi_shim.emulator.gateway.answers import function_failed
from openapi_shim.emulator.gateway.invocations import Caller
from openapi_shim.emulator.gateway.openapi import OpenApi, Reply, refusal
from openapi_shim.emulator.storage.service import SUCCESS, StorageService
from openapi_shim.errors import GatewayError, InvocationError
from openapi_shim.protocol.strict_json import parse
from openapi_shim.wechat.tcb import FunctionRunner, Invocation

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Origin:
    """On whose behalf an action runs a function.

    Attributes:
        source: SOURCE of the function that is called.
        appid: of the mini-program.
        openid: of the user; empty where there is none.
        uid: of an anonymous web user; empty where there is none.
        env: name of the cloud environment; empty for the emulator's own.
    """

    source: str
    appid: str = ""
    openid: str = ""
    uid: str = ""
    env: str = ""


Action = Callable[[Fields, Origin], Awaitable[Fields]]


class Actions:
    """The actions that answer in JSON.

    Args:
        functions: runs cloud functions.
        storage: of the environment.
    """

    def __init__(self, *, functions: FunctionRunner, storage: StorageService) -> None:
        self._functions = functions
        self._storage = storage
        self.table: dict[str, Action] = {
            "functions.invokeFunction": self.invoke_function,
            "storage.getUploadMetadata": self.prepare_upload,
            "storage.batchGetDownloadUrl": self.links,
            "storage.batchDeleteFile": self.delete,
        }

    def named(self, name: object) -> Action:
        """The action called *name*.

        Raises:
            GatewayError: INVALID_PARAM there is no name; INVALID_ACTION the emulator lacks it.
        """
        action = self.table.get(name) if isinstance(name, str) else None
        if action is not None:
            return action
        if not isinstance(name, str) or not name:
            raise GatewayError("INVALID_PARAM", "action is missing")
        message = f"{name[:80]} is not emulated"
        if name.startswith("database."):
            raise GatewayError(
                "INVALID_ACTION",
                message,
                f"{message}: the emulator has functions, storage and openapi, but no database",
            )
        raise GatewayError(
            "INVALID_ACTION", message, f"{message}; there are {', '.join(self.table)}"
        )

    async def invoke_function(self, fields: Fields, origin: Origin) -> Fields:
        """``functions.invokeFunction``: ``{function_name, request_data}``."""
        name = fields.get("function_name")
        if not isinstance(name, str) or not name:
            raise GatewayError("INVALID_PARAM", "function_name is missing")
        event = event_text(fields.get("request_data"), "request_data")
        try:
            result = await self.run(name, event, origin)
        except InvocationError as error:
            raise function_failed(error) from error
        return {"response_data": result}

    async def run(self, name: str, event: str, origin: Origin) -> str:
        """The result of the function *name* as JSON text.

        Raises:
            InvocationError: the runner's own.
        """
        return await self._functions.invoke(
            Invocation(
                name,
                event,
                env=origin.env,
                appid=origin.appid,
                source=origin.source,
                openid=origin.openid,
                uid=origin.uid,
            )
        )

    async def prepare_upload(self, fields: Fields, origin: Origin) -> Fields:
        """``storage.getUploadMetadata``: ``{path, method?}``."""
        path = fields.get("path")
        if not isinstance(path, str):
            raise GatewayError("INVALID_PARAM", "path is not a string")
        method = fields.get("method")
        grant = self._storage.prepare_upload(
            path, method=method if isinstance(method, str) else "put", env=origin.env
        )
        return {
            "url": grant.url,
            "token": grant.token,
            "authorization": grant.authorization,
            "fileId": grant.file_id,
            "cosFileId": grant.cos_file_id,
            "download_url": grant.download_url,
        }

    async def links(self, fields: Fields, _: Origin) -> Fields:
        """``storage.batchGetDownloadUrl``: ``{file_list: [{fileid, max_age}]}``."""
        items = [_file(item) for item in _list(fields, "file_list")]
        links = self._storage.links(items)
        return {
            "download_list": [
                {
                    "code": link.code,
                    "fileID": link.file_id,
                    "fileid": link.file_id,
                    "tempFileURL": link.url,
                    "download_url": link.url,
                    "maxAge": link.max_age,
                    **_message(link.code, link.message),
                }
                for link in links
            ]
        }

    async def delete(self, fields: Fields, _: Origin) -> Fields:
        """``storage.batchDeleteFile``: ``{fileid_list: [fileID]}``."""
        items = _list(fields, "fileid_list")
        if not all(isinstance(item, str) for item in items):
            raise GatewayError("INVALID_PARAM", "fileid_list has a member that is not a string")
        deleted = self._storage.delete(items)
        return {
            "delete_list": [
                {"code": file.code, "fileID": file.file_id, **_message(file.code, file.message)}
                for file in deleted
            ]
        }


async def call_openapi(openapi: OpenApi, fields: Fields, caller: Caller) -> tuple[Fields, Reply]:
    """``wx.api``, of the deprecated ``callOpenAPI``: the data, and what it came to.

    Raises:
        GatewayError: INVALID_PARAM.
    """
    api, request = fields.get("apiName"), fields.get("requestData", "{}")
    if not isinstance(api, str) or not isinstance(request, str):
        raise GatewayError("INVALID_PARAM", "apiName and requestData are strings")
    try:
        values = json.loads(request)
    except (ValueError, RecursionError) as error:
        raise GatewayError("INVALID_PARAM", f"requestData is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise GatewayError("INVALID_PARAM", "requestData is JSON, but not an object")
    parameters = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
    reply = await openapi.call(api, parameters, caller)
    data = refusal(reply) if reply.refused else reply.data
    return {"responseData": json.dumps(data, ensure_ascii=False)}, reply


def event_text(data: object, what: str) -> str:
    """The event of a function as JSON text; none at all is ``{}``.

    Raises:
        GatewayError: INVALID_PARAM it is no JSON object; EXCEED_REQUEST_SIZE_LIMIT it has more
            than 6 MB.
    """
    if data is None or data == "":
        return "{}"
    if not isinstance(data, str):
        raise GatewayError("INVALID_PARAM", f"{what} is not a string")
    if len(data) > EVENT_LIMIT or (
        len(data) * 3 > EVENT_LIMIT and len(data.encode("utf-8", "replace")) > EVENT_LIMIT
    ):
        raise GatewayError(
            "EXCEED_REQUEST_SIZE_LIMIT",
            "request size exceeds the limit (6MB)",
            f"the event has more than {EVENT_LIMIT} bytes (6 MB)",
        )
    try:
        value = parse(data)
    except (ValueError, RecursionError) as error:
        raise GatewayError("INVALID_PARAM", f"{what} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise GatewayError("INVALID_PARAM", f"{what} is JSON, but not an object")
    return data


def _list(fields: Fields, name: str) -> list[Any]:
    value = fields.get(name)
    if not isinstance(value, list):
        raise GatewayError("INVALID_PARAM", f"{name} is not a list")
    return value


def _file(item: object) -> tuple[str, int | None]:
    file_id, max_age = item, None
    if isinstance(item, dict):
        file_id, max_age = item.get("fileid"), item.get("max_age")
    if not isinstance(file_id, str):
        raise GatewayError("INVALID_PARAM", "file_list has a member without a fileid")
    if max_age is not None and (isinstance(max_age, bool) or not isinstance(max_age, (int, float))):
        raise GatewayError("INVALID_PARAM", "max_age is not a number")
    if isinstance(max_age, float) and max_age != max_age // 1:
        raise GatewayError("INVALID_PARAM", "max_age is not a whole number of seconds")
    return file_id, None if max_age is None else int(max_age)


def _message(code: str, message: str) -> dict[str, str]:
    # The SDKs show an item's message where there is one, and `undefined` where there is none.
    return {} if code == SUCCESS else {"message": message}
