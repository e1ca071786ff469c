"""The seam between the SDK and the ways a call can travel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, BinaryIO, Protocol

from openapi_shim.errors import ShimError

FileContent = bytes | bytearray | memoryview | BinaryIO
"""What a file to be stored may be; one opened in binary mode is sent as a stream."""


class ParameterError(ShimError):
    """A parameter that cannot be understood; the text says what to pass instead."""


class RefusedError(ShimError):
    """The other side answered with an error of its own.

    Attributes:
        code: the gateway's word, e.g. ``FUNCTIONS_EXECUTE_FAIL``, or WeChat's number.
        message: its text.
        request_id: where it gave one, else None.
    """

    def __init__(self, code: str | int, message: str, request_id: str | None = None) -> None:
        self.code = code
        self.message = message
        self.request_id = request_id
        super().__init__(f"{code}: {message}")


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
        params: as the user passed them.
        convert_case: keys are camelCase here and snake_case on the wire.
        env: the cloud environment; empty for the default one.
        appid: of the mini-program to call for; empty for the function's own.
        version: ``v2`` names the newer of the platform's two ways.
    """

    operation: str
    params: Mapping[Any, Any] = field(repr=False)
    convert_case: bool = True
    env: str = ""
    appid: str = ""
    version: str = ""


@dataclass(frozen=True)
class Reply:
    """What an operation of WeChat answered, undecoded."""

    content_type: str
    body: bytes = field(repr=False)

    @cached_property
    def document(self) -> Any:
        """The body as JSON; its integers keep all their digits.

        Raises:
            ValueError: it is none.
        """
        return json.loads(self.body.decode("utf-8", "replace"), parse_constant=_refuse)

    @property
    def errcode(self) -> int:
        """WeChat's errcode, 0 where the body has none."""
        try:
            code = self.document.get("errcode", 0)
        except (ValueError, AttributeError, RecursionError):
            return 0
        return code if isinstance(code, int) else 0


@dataclass(frozen=True)
class ActionCall:
    """One action of the cloud environment, in the vocabulary of its gateway.

    Attributes:
        action: e.g. ``functions.invokeFunction``.
        params: its members, JSON values.
        env: the cloud environment; empty for the default one.
        timeout: seconds; None for the one of the settings.
    """

    action: str
    params: Mapping[str, Any] = field(repr=False)
    env: str = ""
    timeout: float | None = None


@dataclass(frozen=True)
class ActionReply:
    """What an action answered."""

    data: Mapping[str, Any] = field(repr=False)
    request_id: str | None = None


@dataclass(frozen=True)
class Upload:
    """A file on its way into the cloud environment's storage."""

    path: str
    content: FileContent = field(repr=False)
    env: str = ""


@dataclass(frozen=True)
class PlatformCall:
    """One call of the platform's own, in protobuf both ways.

    Attributes:
        api: e.g. ``ApiGetOpenDataByCloudId``.
        request: type of its message, of those in ``protocol.messages``.
        fields: of that message.
        answer: type of the message it answers.
        env: the cloud environment; empty for the default one.
        appid: of the mini-program to call for; empty for the function's own.
    """

    api: str
    request: str
    fields: Mapping[str, Any] = field(repr=False)
    answer: str
    env: str = ""
    appid: str = ""


class Transport(Protocol):
    """A way for cloud calls to leave the SDK.

    All raise ``RefusedError`` when the other side refused, ``TransportError`` when the call
    did not arrive or no answer came back, ``CredentialError`` when nothing authorizes it,
    ``ParameterError`` when it cannot be sent, and ``CloudError`` where the SDK has a text of
    its own for what happened.
    """

    async def openapi(self, call: OpenApiCall) -> Reply:
        """Call an operation of WeChat's server API."""

    async def action(self, call: ActionCall) -> ActionReply:
        """Carry out an action of the cloud environment."""

    async def upload(self, upload: Upload) -> str:
        """Store a file; the answer is its id, ``cloud://…``."""

    async def platform(self, call: PlatformCall) -> Any:
        """Call the platform; the answer is the message."""


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
