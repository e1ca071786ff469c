"""What a reply becomes for the function: a dict, or a ``CloudError``."""

from __future__ import annotations

from typing import Any

from openapi_shim.catalog.cloud_codes import WX_SYSTEM_ERROR
from openapi_shim.errors import CloudError
from openapi_shim.naming import convert_keys, snake_to_camel
from openapi_shim.protocol.jsjson import stringify
from openapi_shim.transports.base import Reply

_TEXT_TYPES = ("application/json", "text/plain")


def answer_of(operation: str, reply: Reply, *, convert_case: bool) -> dict[str, Any]:
    """The result of a call, as wx-server-sdk gives it.

    ``errcode`` and ``errmsg`` go, keys become camelCase, and ``errMsg`` and ``errCode`` come
    last. A reply that is no text is ``{"contentType", "buffer"}``.

    Raises:
        CloudError: the reply has an errcode other than 0, or is not the JSON it claims to be.
    """
    api = f"openapi.{operation}"
    done = {"errMsg": f"{api}:ok", "errCode": 0}
    if not any(kind in reply.content_type for kind in _TEXT_TYPES):
        return {"contentType": reply.content_type.strip(), "buffer": reply.body, **done}
    try:
        document = reply.document
    except (ValueError, RecursionError) as error:
        text = reply.body.decode("utf-8", "replace")
        if "application/json" not in reply.content_type:
            return {"result": text, **done}
        raise CloudError(
            WX_SYSTEM_ERROR,
            f"{api}:fail wechat server internal error, response body is invalid json: {text[:200]}",
        ) from error
    if not isinstance(document, dict):
        return {"result": document, **done}
    if document.get("errcode"):
        told = document.get("errmsg", "")
        text = told if isinstance(told, str) else stringify(told)
        raise CloudError(document["errcode"], f"{api}:fail {text}")
    result = {key: value for key, value in document.items() if key not in {"errcode", "errmsg"}}
    if convert_case:
        result = convert_keys(result, snake_to_camel)
    for key, value in done.items():
        result.pop(key, None)  # so that they come last
        result[key] = value
    return result
