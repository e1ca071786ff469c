"""Every error of the package, as one tree.

    ShimError
    ├── CloudError           what a cloud function catches: errCode, errMsg, requestId
    ├── ConfigError          config.json or an environment variable cannot be used
    ├── CredentialError      no access token can be had
    ├── TransportError       a call did not reach the other side, or no answer came back
    ├── StoreError           the store of shared state cannot be reached
    │   └── AwsError         a service of AWS refuses a request or cannot be reached
    ├── ServingError         the processes of a server keep ending before they serve
    ├── DownloadError        an image URL cannot or must not be fetched
    ├── RecognitionError
    │   ├── ImageError       not an image, broken, or beyond the bounds
    │   └── LicenseNotFoundError   an image without a driving licence's main page
    ├── BatchError           a batch of photos cannot be started, or is not known
    │   └── BatchStoppedError      it cannot go on now; submitted again it goes on where it was
    ├── InvocationError      a cloud function could not be run to its end
    ├── GatewayError         an answer of the cloud environment's gateway other than success
    │   └── StorageError     cloud storage refuses a call, or one file of it
    ├── ControlError         a command to the emulator itself cannot be carried out
    │   └── StateError       the state of the emulator, or an archive of it, cannot be used
    └── WeChatError          an answer of WeChat's HTTPS API other than errcode 0
        └── UpstreamError    the real WeChat, or a recording of it, gives the emulator no answer

Low layers raise with ``from``; whoever answers the user turns the error into words once.
Messages name the value and the next step, and never hold licence data or secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openapi_shim.catalog.cloud_codes import cloud_code_text


class ShimError(Exception):
    """Base of everything this package raises on purpose."""


class CloudError(ShimError):
    """A cloud call that failed, with the face of wx-server-sdk's ``CloudSDKError``.

    ``str()`` is the SDK's text: ``errCode: -604101 function has no permission to call this
    API | errMsg: …``.

    Attributes:
        errCode: WeChat's or the cloud's number; never 0.
        errMsg: the text, e.g. ``openapi.ocr.driverLicense:fail invalid image url …``.
        requestId: the request's id where the other side gave one, else an empty string.
    """

    def __init__(self, errCode: int, errMsg: str, *, requestId: str = "") -> None:
        self.errCode = errCode or -1  # as in the SDK: a falsy code becomes -1
        self.errMsg = errMsg
        self.requestId = requestId
        super().__init__(self.errCode, errMsg)

    def __str__(self) -> str:

        return f"errCode: {self.errCode} {cloud_code_text(self.errCode)} | errMsg: {self.errMsg}"

    def to_dict(self) -> dict[str, object]:
        """The form a function returns to its caller: ``{"errCode": …, "errMsg": …}``."""
        return {"errCode": self.errCode, "errMsg": self.errMsg}


class ConfigError(ShimError):
    """A setting or a config.json that cannot be used; the text says which, where and why."""


class CredentialError(ShimError):
    """No access token: nothing is configured, or the other side refused what is.

    Attributes:
        errcode: WeChat's code when it was WeChat who refused, else 0.
    """

    def __init__(self, message: str, *, errcode: int = 0) -> None:
        self.errcode = errcode
        super().__init__(message)


class TransportError(ShimError):
    """A call that did not arrive, or whose answer did not come back whole.

    Attributes:
        timeout: whether the time for the call ran out.
        sent: whether the call may have arrived.
    """

    def __init__(self, message: str, *, timeout: bool = False, sent: bool = True) -> None:
        self.timeout = timeout
        self.sent = sent
        super().__init__(message)


class StoreError(ShimError):
    """The store of shared state cannot be reached, or refuses; the text says which and why."""


class AwsError(StoreError):
    """A request to a service of AWS that was refused, or whose answer did not come.

    Attributes:
        code: AWS's word, e.g. ``ConditionalCheckFailedException``; empty when no answer came.
        status: of HTTP; 0 when no answer came.
        undone: whether it is sure that nothing was done.
        answer: the members of the answer's JSON, as ``Item`` of a condition that failed.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        status: int = 0,
        undone: bool = False,
        answer: Mapping[str, Any] | None = None,
    ) -> None:
        self.code = code
        self.status = status
        self.undone = undone
        self.answer = dict(answer or {})
        super().__init__(message)


class ServingError(ShimError):
    """The processes of a server keep ending before they serve; the text says how."""


class DownloadError(ShimError):
    """An image URL that cannot, or by policy must not, be fetched."""


class RecognitionError(ShimError):
    """Base of what the recognizer raises."""


class ImageError(RecognitionError):
    """Bytes that are not an image, are broken, or are beyond the bounds set for images."""


class LicenseNotFoundError(RecognitionError):
    """An image in which no main page of a driving licence was found."""


class BatchError(ShimError):
    """A batch of photos that cannot be started, or is not known; the text says what to do."""


class BatchStoppedError(BatchError):
    """A batch that cannot go on now; what was read is kept, and submitting again goes on."""


class InvocationError(ShimError):
    """A cloud function that could not be run to its end.

    Attributes:
        errcode: the platform's number: -501000 no such function, -504002 it failed,
            -504003 it ran out of time.
    """

    def __init__(self, errcode: int, message: str) -> None:
        self.errcode = errcode
        super().__init__(message)


class GatewayError(ShimError):
    """An answer of the cloud environment's gateway other than success.

    Attributes:
        code: the platform's word, e.g. ``INVALID_PARAM``.
        message: the platform's sentence.
        reason: why, in one sentence for the developer, with the next step; for the log.
    """

    def __init__(self, code: str, message: str, reason: str = "") -> None:
        self.code = code
        self.message = message
        self.reason = reason or message
        super().__init__(f"{code}: {self.reason}")


class StorageError(GatewayError):
    """A call to cloud storage that is refused, or one file of it; *message* says why."""


class ControlError(ShimError):
    """A command to the emulator itself that cannot be carried out; the text says what to do."""


class StateError(ControlError):
    """The emulator's state, or an archive of it, that cannot be used; the text says why."""


class WeChatError(ShimError):
    """An answer of WeChat's HTTPS API other than errcode 0.

    Attributes:
        errcode: WeChat's code, e.g. 101000.
        reason: why, in one sentence for the developer, with the next step. It goes to the
            log and never into the answer, which stays WeChat's own.
    """

    def __init__(self, errcode: int, reason: str) -> None:
        self.errcode = errcode
        self.reason = reason
        super().__init__(f"{errcode}: {reason}")


class UpstreamError(WeChatError):
    """The real WeChat, or a recording of it, gives the emulator no answer to pass on.

    Attributes:
        status: of HTTP, with which the emulator says so.
    """

    def __init__(self, errcode: int, reason: str, *, status: int) -> None:
        self.status = status
        super().__init__(errcode, reason)
