"""The cloud environment's actions as calls of WeChat's server API, and their answers back."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openapi_shim.transports.base import ActionCall, ParameterError, RefusedError

_DEFAULT_AGE = 7200  # seconds a temporary URL is good; the server API wants a number


@dataclass(frozen=True)
class ServerCall:
    """One call: JSON text in the body."""

    path: str
    body: str = field(repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)


def server_call(call: ActionCall) -> ServerCall:
    """*call* as WeChat's server API takes it.

    Raises:
        ParameterError: there is no environment, or no such call over HTTPS.
    """
    if call.action == "wx.api":
        raise ParameterError("callOpenAPI exists on the platform alone: use openapi")
    if not call.env:
        raise ParameterError(
            "no cloud environment: WeChat's server API wants its id; pass env to cloud.init, "
            "or set TCB_ENV"
        )
    params, env = call.params, {"env": call.env}
    if call.action == "functions.invokeFunction":
        query = {**env, "name": params["function_name"]}
        return ServerCall("/tcb/invokecloudfunction", params["request_data"], query)
    if call.action == "storage.getUploadMetadata":
        return _json("/tcb/uploadfile", {**env, "path": params["path"]})
    if call.action == "storage.batchGetDownloadUrl":
        files = [
            {"fileid": item["fileid"], "max_age": item.get("max_age", _DEFAULT_AGE)}
            for item in params["file_list"]
        ]
        return _json("/tcb/batchdownloadfile", {**env, "file_list": files})
    if call.action == "storage.batchDeleteFile":
        return _json("/tcb/batchdeletefile", {**env, "fileid_list": params["fileid_list"]})
    raise ParameterError(f"{call.action} cannot be called over HTTPS")


def action_data(call: ActionCall, document: Any) -> dict[str, Any]:
    """An answer of the server API in the words of the gateway.

    Raises:
        RefusedError: it is an error.
        LookupError, TypeError, AttributeError: it is no answer to this call.
    """
    if not isinstance(document, dict):
        raise TypeError("the answer is JSON that is no object")
    if document.get("errcode"):
        raise RefusedError(document["errcode"], str(document.get("errmsg", "")))
    if call.action == "functions.invokeFunction":
        return {"response_data": document.get("resp_data")}
    if call.action == "storage.getUploadMetadata":
        names = {"fileId": "file_id", "cosFileId": "cos_file_id"}
        names |= {name: name for name in ("url", "token", "authorization")}
        return {name: document[there] for name, there in names.items()}
    if call.action == "storage.batchDeleteFile":
        return {"delete_list": [_file(item) for item in document["delete_list"]]}
    ages: dict[str, deque[int]] = defaultdict(deque)
    for item in call.params["file_list"]:  # a file may be asked for twice, with two ages
        ages[item["fileid"]].append(item.get("max_age", _DEFAULT_AGE))
    return {
        "download_list": [
            {
                **_file(item),
                "tempFileURL": item.get("download_url", ""),
                "maxAge": _next(ages[item["fileid"]]),
            }
            for item in document["file_list"]
        ]
    }


def _next(ages: deque[int]) -> int | None:
    return ages.popleft() if ages else None


def _file(item: Mapping[str, Any]) -> dict[str, Any]:
    status = item.get("status", 0)
    code = {"code": "SUCCESS"} if status == 0 else {"code": status, "message": item.get("errmsg")}
    return {"fileID": item.get("fileid"), **code}


def _json(path: str, body: Mapping[str, Any]) -> ServerCall:
    return ServerCall(path, json.dumps(body, ensure_ascii=False))
