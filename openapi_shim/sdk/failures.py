"""What went wrong below, as the one error that a function catches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from openapi_shim.catalog.cloud_codes import (
    TCB_INVALID_PARAM,
    TCB_RESOURCE_NOT_INITIALIZED,
    TCB_RESOURCE_SYSTEM_ERROR,
    cloud_code_text,
    gateway_code,
)
from openapi_shim.errors import (
    CloudError,
    ConfigError,
    CredentialError,
    ShimError,
    TransportError,
)
from openapi_shim.sdk.checks import plain_failure
from openapi_shim.transports.base import ParameterError, RefusedError


@contextmanager
def failing_as(api: str, *, wechat: bool = False, request_id: bool = False) -> Iterator[None]:
    """Within this block, every error of the package becomes a ``CloudError`` of *api*.

    Args:
        api: as the error's text begins.
        wechat: the call goes to WeChat itself: what does not arrive has the number -501001
            then, and none (-1) else, as by the SDK.
        request_id: the text tells the id of the refused request.
    """
    try:
        yield
    except CloudError:
        raise
    except ShimError as error:
        raise _cloud_error(api, error, wechat=wechat, request_id=request_id) from error


def coded_failure(api: str, code: int, text: str, *, request_id: str = "") -> CloudError:
    """The error of *api* with the number *code*, in the SDK's form."""
    return CloudError(
        code, f"{api}:fail {code} {cloud_code_text(code)}. {text}", requestId=request_id
    )


def _cloud_error(api: str, error: ShimError, *, wechat: bool, request_id: bool) -> CloudError:
    if isinstance(error, RefusedError):
        code = error.code if isinstance(error.code, int) else gateway_code(error.code)
        told = f"requestID {error.request_id}, " if request_id and error.request_id else ""
        return coded_failure(
            api, code, f"{told}{error.message}", request_id=str(error.request_id or "")
        )
    if isinstance(error, ParameterError):
        return CloudError(TCB_INVALID_PARAM, f"{api}:fail invalid parameters. {error}")
    if isinstance(error, ConfigError):
        return CloudError(TCB_INVALID_PARAM, f"{api}:fail invalid configuration. {error}")
    if isinstance(error, CredentialError):
        return CloudError(error.errcode or TCB_RESOURCE_NOT_INITIALIZED, f"{api}:fail {error}")
    if isinstance(error, TransportError) and wechat:
        return coded_failure(api, TCB_RESOURCE_SYSTEM_ERROR, str(error))
    return plain_failure(api, str(error))
