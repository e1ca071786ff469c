"""The emulator's log: one line for a request, and one more with the reason when it failed.

No token, secret, licence data or image byte is ever handed to these functions.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from urllib.parse import quote

from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from aiohttp.web import RequestPayloadError

from openapi_shim.wechat.answers import Answer

LOG = logging.getLogger("openapi_shim.emulator")
REQUESTS = logging.getLogger("openapi_shim.emulator.requests")
"""Lines about single requests; a server that keeps account of them in another way turns it off."""

REASON_HEADER = "X-Openapi-Shim-Reason"
RID_HEADER = "X-Openapi-Shim-Rid"
_SHOWN = 1000  # characters of a text that holds what a client sent
_IN_HEADER = 500  # characters; percent-encoded still under the 8 KB that clients take
_HEADER_SAFE = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


@dataclass
class Outcome:
    """How a request ended; its handler fills it in for whoever asked by :data:`OUTCOME`.

    Attributes:
        code: the errcode, the gateway's word, or a status of HTTP.
        rid: the id by which the client knows the request.
        reason: why it failed, with words of the client's in it.
        appid: that called; empty until it is known.
        answer: what the client got, where it is WeChat's JSON; licence data may be in it.
    """

    code: int | str = 0
    rid: str = ""
    reason: str = ""
    appid: str = ""
    answer: Mapping[str, object] = field(default_factory=dict, repr=False)


OUTCOME: ContextVar[Outcome | None] = ContextVar("outcome", default=None)
"""Set by a middleware that wants to know how its request ends."""


def note(
    code: int | str,
    rid: str,
    reason: str = "",
    *,
    appid: str = "",
    answer: Mapping[str, object] | None = None,
) -> None:
    """Say how the request under way ended, if anybody wants to know."""
    outcome = OUTCOME.get()
    if outcome is not None:
        outcome.code, outcome.rid, outcome.reason = code, rid, reason
        outcome.appid, outcome.answer = appid, answer or {}


def one_line(text: str) -> str:
    """*text* fit for one line of a log: what a client sent cannot forge a second one."""
    if len(text) <= _SHOWN and text.isprintable():
        return text
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in shown)


def header_value(text: str) -> str:
    """*text* fit for a header: printable ASCII, the rest percent-encoded as UTF-8."""
    return quote(text[:_IN_HEADER].strip(), safe=_HEADER_SAFE, errors="replace")


def log_request(
    *, method: str, path: str, appid: str, errcode: int, seconds: float, rid: str
) -> None:
    """Log one request; *path* is without its query, which may hold a token."""
    REQUESTS.info(
        "%s %s appid=%s errcode=%d %d ms rid=%s",
        one_line(method),
        one_line(path),
        one_line(appid) or "-",
        errcode,
        round(seconds * 1000),
        rid,
    )


def broken_request(error: HttpProcessingError) -> str:
    """What is wrong with what is no HTTP request; nothing of it is shown, a token may be in it."""
    if isinstance(error, LineTooLong):
        return (
            f"a line of the request is longer than {error.args[1]} bytes: an image belongs into "
            "the multipart body img, not into img_url"
        )
    return "it is no HTTP request: is the client speaking https? The emulator speaks http"


class BrokenRequestFilter(logging.Filter):
    """One line in place of aiohttp's traceback for what is no HTTP request, or not a whole one."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Reword *record* if it is about such a request; let all records through."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, HttpProcessingError):
            record.msg = f"400 to %s, because {broken_request(error)}"
            record.exc_info = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        elif isinstance(error, RequestPayloadError):  # met while the rest of a body is let go by
            record.msg, record.exc_info = "the client hung up before its request was whole", None
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


def log_reason(answer: Answer) -> None:
    """Log why a request failed, in words for a person."""
    REQUESTS.warning("%d because %s (rid %s)", answer.errcode, one_line(answer.reason), answer.rid)
