"""EventBridge, rules and schedules: ``detail`` is the event, and nobody reads the answer."""

from __future__ import annotations

from typing import Any

from openapi_shim.aws.invocation import Invocation

SOURCE = "aws_events"
_KEYS = {"id", "detail-type", "source", "account", "time", "region", "detail"}


def recognizes(event: Any) -> bool:
    """Whether *event* has EventBridge's envelope."""
    return isinstance(event, dict) and event.keys() >= _KEYS


def answer(event: Any, invocation: Invocation) -> None:
    """Call the function; what fails is raised, so that Lambda tries again.

    Raises:
        BaseException: as by ``Invocation.run_unheard``.
    """
    invocation.run_unheard(event["detail"], source=SOURCE)
