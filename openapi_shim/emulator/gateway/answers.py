"""What the gateway answers: envelopes, the platform's words for errors, request ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openapi_shim.errors import GatewayError, InvocationError, WeChatError
from openapi_shim.wechat.answers import (
    FUNCTION_TIMED_OUT,
    NO_SUCH_FUNCTION,
    TOO_MANY_CALLS,
)

RESULT_TOO_LARGE = -604001

# The same failures have other names at the newer door, ``/v1``.
_ADMIN_CODES = {
    NO_SUCH_FUNCTION: "FUNCTION_NOT_FOUND",
    FUNCTION_TIMED_OUT: "FUNCTIONS_TIME_LIMIT_EXCEEDED",
    TOO_MANY_CALLS: "EXCEED_CONCURRENT_REQUEST_LIMIT",
}
_V1_CODES = {
    NO_SUCH_FUNCTION: "FUNCTION_NOT_FOUND",
    FUNCTION_TIMED_OUT: "FUNCTION_TIME_LIMIT_EXCEEDED",
    TOO_MANY_CALLS: "FUNCTION_EXCEED_RESOURCE_LIMIT",
}
_TEXTS = {
    NO_SUCH_FUNCTION: "FunctionName parameter could not be found.",
    TOO_MANY_CALLS: "exceed concurrent request limit",
}


def succeeded(request_id: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope of a success."""
    return {"requestId": request_id, "data": data}


def failed(request_id: str, error: GatewayError) -> dict[str, Any]:
    """The envelope of a failure; its HTTP status is 200 nevertheless."""
    return {"code": error.code, "message": error.message, "requestId": request_id}


def function_failed(error: InvocationError) -> GatewayError:
    """How ``/admin`` and ``/web`` tell that a function failed: its own error nested within."""
    code = _ADMIN_CODES.get(error.errcode, "FUNCTIONS_EXECUTE_FAIL")
    return GatewayError(code, _TEXTS.get(error.errcode, str(error)), str(error))


def function_failed_v1(error: InvocationError) -> GatewayError:
    """How ``/v1/functions`` tells it."""
    code = _V1_CODES.get(error.errcode, "FUNCTION_INVOCATION_FAILED")
    return GatewayError(code, _TEXTS.get(error.errcode, str(error)), str(error))


def body_failed(error: WeChatError) -> GatewayError:
    """A body that did not come whole."""
    return GatewayError("INVALID_PARAM", "the request's body is incomplete", error.reason)
