"""From an event of AWS to the function, and back: one format for each kind of sender."""

from __future__ import annotations

from typing import Any, Protocol

from openapi_shim.aws.formats import direct, event_bridge, http_api, sqs
from openapi_shim.aws.invocation import Invocation, LambdaContext
from openapi_shim.hosting.function import HostedFunction


class Format(Protocol):
    """One kind of sender: a module with these two functions."""

    def recognizes(self, event: Any) -> bool:
        """Whether *event* comes from such a sender."""

    def answer(self, event: Any, invocation: Invocation) -> Any:
        """Call the function as often as *event* asks, and answer in the sender's form."""


# The first that recognizes an event takes it; the last takes all.
FORMATS: tuple[Format, ...] = (http_api, sqs, event_bridge, direct)


class Adapter:
    """What Lambda calls.

    Args:
        function: to call.
        env: the cloud environment's name, as ``cloud.getWXContext().ENV`` shows it.
    """

    def __init__(self, function: HostedFunction, env: str = "") -> None:
        self._function = function
        self._env = env

    def __call__(self, event: Any, context: LambdaContext) -> Any:
        """Answer one event of Lambda."""
        chosen = next(format_ for format_ in FORMATS if format_.recognizes(event))
        return chosen.answer(event, Invocation(self._function, context, self._env))
