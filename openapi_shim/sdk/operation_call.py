"""One call of ``cloud.openapi``, from its arguments to its result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openapi_shim.sdk.answers import answer_of
from openapi_shim.sdk.connection import Connection
from openapi_shim.sdk.failures import failing_as
from openapi_shim.transports.base import OpenApiCall, ParameterError


async def call_operation(
    connection: Connection,
    operation: str,
    params: Any,
    named: Mapping[str, Any],
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """Call *operation* with a dict, keywords, or both.

    Raises:
        CloudError: it failed.
    """
    convert = options.get("convertCase") is not False
    with failing_as(f"openapi.{operation}", wechat=True):
        if params is not None and not isinstance(params, Mapping):
            raise ParameterError(
                "parameters are a dict or keyword arguments, as imgUrl=…, "
                f"not {type(params).__name__}"
            )
        call = OpenApiCall(
            operation,
            {**(params or {}), **named},
            convert,
            connection.env("default"),
            str(options.get("appid") or ""),
            str(options.get("version") or ""),
        )
        reply = await connection.transport.openapi(call)
    return answer_of(operation, reply, convert_case=convert)
