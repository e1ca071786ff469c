"""Direct invocation (``aws lambda invoke``, an SDK): the event as it is, the result as it is."""

from __future__ import annotations

from typing import Any

from openapi_shim.aws.invocation import Invocation
from openapi_shim.hosting.function import json_text

SOURCE = "aws_invoke"


def recognizes(event: Any) -> bool:  # noqa: ARG001 - the last one takes all
    """True: whatever nobody else recognizes."""
    return True


def answer(event: Any, invocation: Invocation) -> Any:
    """What the function returns; what it raises, Lambda answers by type and message.

    Raises:
        ResultError: JSON has nothing for the result; Lambda's own encoder would let NaN pass.
        BaseException: whatever the function raises.
    """
    result = invocation.run(event, source=SOURCE, principal=invocation.cognito_identity)
    json_text(invocation.name, result)
    return result
