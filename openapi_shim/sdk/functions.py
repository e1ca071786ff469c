"""``callFunction``: one cloud function calls another."""

from __future__ import annotations

import json
from typing import Any

from openapi_shim.protocol.jsjson import CycleError, NotJSONError, stringify
from openapi_shim.sdk.checks import arguments, check_types, plain_failure
from openapi_shim.sdk.connection import Connection
from openapi_shim.sdk.failures import failing_as
from openapi_shim.sdk.results import CallFunctionResult
from openapi_shim.transports.base import ActionCall

_API = "callFunction"


async def call_function(
    connection: Connection, options: Any, named: dict[str, Any]
) -> CallFunctionResult:
    """Call a cloud function; see ``Cloud.callFunction``."""
    given = arguments(_API, options, named, name="string")
    if "data" in given:
        check_types(given, data="object")
    if not given["name"]:
        raise plain_failure(_API, "函数名不能为空")
    try:
        event = stringify(given.get("data", {}))
    except CycleError as error:
        raise plain_failure(_API, "对象出现了循环引用") from error
    except NotJSONError as error:
        raise plain_failure(_API, f"data cannot be sent: data{error}") from error
    timeout = given.get("timeout")
    limited = isinstance(timeout, (int, float)) and timeout > 0
    params = {"function_name": given["name"], "request_data": event}
    with failing_as(_API, request_id=True):
        call = ActionCall(
            "functions.invokeFunction",
            params,
            connection.env("functions", given.get("config")),
            timeout / 1000 if limited and timeout else None,
        )
        reply = await connection.environment_transport.action(call)
    return {
        "result": parsed(parsed(reply.data.get("response_data"))),
        "errMsg": f"{_API}:ok",
        "requestID": reply.request_id or "",
    }


def parsed(value: Any) -> Any:
    """*value* as JSON where it is text that is JSON; as it is else.

    ``callFunction`` does so twice, as the SDK does: a function that returns the text ``"123"``
    is heard to return the number.
    """
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return value


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
