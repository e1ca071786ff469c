"""The seam between the SDK and the ways a call can travel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol


@dataclass(frozen=True)
class Media:
    """A file among the parameters of a call; its bytes are not shown by ``repr``."""

    value: bytes = field(repr=False)
    content_type: str
    filename: str


@dataclass(frozen=True)
class OpenApiCall:
    """One call of an operation.

    Attributes:
        operation: e.g. ``ocr.driverLicense``.
        params: by their names on the wire: JSON values or ``Media``.
    """

    operation: str
    params: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Reply:
    """What came back, undecoded."""

    content_type: str
    body: bytes = field(repr=False)

    @cached_property
    def document(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: it is none.
        """
        return json.loads(self.body)

    @property
    def errcode(self) -> int:
        """WeChat's errcode, 0 where the body has none."""
        try:
            code = self.document.get("errcode", 0)
        except (ValueError, AttributeError, RecursionError):
            return 0
        return code if isinstance(code, int) else 0


class Transport(Protocol):
    """A way for cloud calls to leave the SDK."""

    def supports(self, operation: str) -> bool:
        """Whether this transport can carry *operation*."""

    async def openapi(self, call: OpenApiCall) -> Reply:
        """Make the call.

        Raises:
            TransportError: it did not arrive, or no answer came back.
            CredentialError: there is no access token.
        """
