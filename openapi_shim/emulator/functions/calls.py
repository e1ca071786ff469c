"""Calls on their way through a pool, and the errors they end with."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from openapi_shim.catalog.cloud_codes import cloud_code_text
from openapi_shim.emulator.functions.frames import Frame
from openapi_shim.emulator.functions.output import LOG
from openapi_shim.errors import InvocationError
from openapi_shim.wechat.answers import FUNCTION_FAILED
from openapi_shim.wechat.tcb import Invocation

_RESULT_TOO_LARGE = -604001


class Call:
    """An invocation that somebody waits for.

    Attributes:
        invocation: what is called by whom.
        event: what ``main`` gets, as JSON.
        future: the result as JSON text; cancelled when the caller has gone.
        since: when it came, on the loop's clock.
    """

    __slots__ = ("event", "future", "invocation", "since")

    def __init__(self, invocation: Invocation, loop: asyncio.AbstractEventLoop) -> None:
        self.invocation = invocation
        self.event = invocation.event.encode("utf-8", "surrogatepass")
        self.future: asyncio.Future[str] = loop.create_future()
        self.since = loop.time()

    def succeed(self, result: str) -> None:
        """Hand the result over, if anybody still waits."""
        if not self.future.done():
            self.future.set_result(result)

    def fail(self, error: InvocationError) -> None:
        """Hand the error over, if anybody still waits."""
        if not self.future.done():
            self.future.set_exception(error)


@dataclass
class Running:
    """A call that a worker has.

    Attributes:
        call: the call.
        request_id: of this invocation.
        token: with which the function makes its own calls.
        deadline: when its time is up, on the loop's clock.
    """

    call: Call
    request_id: str
    token: str
    deadline: float


def failure(name: str, request_id: str, frame: Frame) -> InvocationError:
    """The error a function's own exception becomes; the traceback goes to the log.

    Args:
        name: of the function.
        request_id: of the invocation, or ``start``.
        frame: with which the worker told of it.
    """
    error: dict[str, Any] = json.loads(frame.head)
    if error["trace"]:
        LOG.error("[%s %s] %s", name, request_id[:8], error["trace"].rstrip())
    where = f" ({error['line']})" if error["line"] else ""
    text = f"{error['type']}: {error['message']}{where}"
    if error["code"] == _RESULT_TOO_LARGE:
        LOG.error("[%s %s] %s", name, request_id[:8], text)
        return InvocationError(_RESULT_TOO_LARGE, cloud_code_text(_RESULT_TOO_LARGE))
    return InvocationError(FUNCTION_FAILED, text)


def out_of_memory(megabytes: int) -> InvocationError:
    """The error of a function that used more memory than it may."""
    return InvocationError(
        FUNCTION_FAILED,
        f"Invoking task failed: memory limit exceeded, {megabytes} MB (memorySize in config.json)",
    )
