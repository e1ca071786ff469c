"""Lambda's context, with time that a test sets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any


class FakeContext:
    """As Lambda gives it to a handler; *seconds* are left."""

    aws_request_id = "request-1"
    function_name = "stack-driverLicense"
    function_version = "$LATEST"
    memory_limit_in_mb = "512"
    identity: Any = None

    def __init__(self, seconds: float = 29.0, cognito_identity: str | None = None) -> None:
        self.seconds = seconds
        self.identity = SimpleNamespace(cognito_identity_id=cognito_identity)

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)
