"""One event of Lambda on its way to the function: its context, its time, its caller."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Protocol

from openapi_shim.errors import CloudError, InvocationError
from openapi_shim.hosting.function import HostedFunction, wx_caller

OUT_OF_TIME = -504003  # the platform's number, as by the emulator
# Seconds kept back for the answer: past its time-out Lambda ends the whole process.
_RESERVE = 0.25


class LambdaContext(Protocol):
    """What is used of the context that Lambda gives to a handler."""

    aws_request_id: str
    function_name: str
    function_version: str
    memory_limit_in_mb: str
    identity: Any

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda ends the process."""


class Invocation:
    """The function, ready to be called for one event of Lambda.

    Args:
        function: to call.
        context: Lambda's.
        env: the cloud environment's name.
    """

    def __init__(self, function: HostedFunction, context: LambdaContext, env: str) -> None:
        self._function = function
        self._env = env
        self._lambda_context = context
        remaining = context.get_remaining_time_in_millis()
        self.name = function.name
        self.request_id = context.aws_request_id
        self.context: Mapping[str, Any] = {
            "request_id": context.aws_request_id,
            "function_name": context.function_name,
            "function_version": context.function_version,
            "memory_limit_in_mb": int(context.memory_limit_in_mb or 0),
            "time_limit_in_ms": remaining,
            "deadline_ms": int(time.time() * 1000) + remaining,
            "namespace": env,
        }

    @property
    def cognito_identity(self) -> str:
        """Id of the Cognito identity that called Lambda directly, else an empty string."""
        return str(getattr(self._lambda_context.identity, "cognito_identity_id", None) or "")

    def seconds_left(self) -> float:
        """Seconds the function may still take."""
        return self._lambda_context.get_remaining_time_in_millis() / 1000 - _RESERVE

    def run(self, event: Any, *, source: str, principal: str = "") -> Any:
        """What the function returns for *event*.

        Args:
            event: for ``main``.
            source: as ``cloud.getWXContext().SOURCE`` shows it.
            principal: the caller whom AWS has authenticated, shown as OPENID.

        Raises:
            InvocationError: it was cancelled, since time ran out.
            BaseException: whatever ``main`` raises.
        """
        caller = wx_caller({"OPENID": principal, "SOURCE": source, "ENV": self._env})
        timeout = max(0.0, self.seconds_left())
        try:
            return self._function.call(event, self.context, caller, timeout=timeout)
        except (asyncio.TimeoutError, TimeoutError) as error:
            if self.seconds_left() > 0:
                raise  # of the function itself
            raise InvocationError(
                OUT_OF_TIME,
                f"{self.name} did not end in time: give it a larger Timeout, or less to do",
            ) from error

    def run_unheard(self, event: Any, *, source: str) -> None:
        """Call the function where nobody reads its answer: an error returned is one raised.

        Raises:
            CloudError: the function returned one, as ``{"errCode": …, "errMsg": …}``.
            BaseException: as by ``run``.
        """
        result = self.run(event, source=source)
        if isinstance(result, Mapping) and result.get("errCode"):
            raise CloudError(result["errCode"], str(result.get("errMsg", "")))
