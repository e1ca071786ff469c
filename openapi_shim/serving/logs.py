"""The log of a server's processes: lines for people, or an object a line for programs.

In the objects there is never what a client sent: no event, no query, no path but its template,
no message of an exception. What a function prints is its own and is passed on.
"""

from __future__ import annotations

import json
import logging
import time
import traceback
from types import TracebackType

from openapi_shim.emulator.functions.output import LOG as FUNCTIONS
from openapi_shim.emulator.journal import REQUESTS
from openapi_shim.serving.accounts import Finished
from openapi_shim.settings import LogForm

_TEXT = "%(asctime)s %(process)d %(levelname)-7s %(message)s"
_LINES = logging.getLogger("openapi_shim.serving.requests")
_FIELDS = "openapi_shim_fields"

# Their reasons are in our own words from beginning to end; in the others are words of the client.
_OUR_WORDS = frozenset({-1, 40001, 40125, 41001, 41002, 41004, 42001, 43002, 101001, 101003})


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, pid, and the message or the fields of a request."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        second = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, object] = {
            "time": f"{second}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "pid": record.process,
        }
        fields = getattr(record, _FIELDS, None)
        if fields is not None:
            line |= fields
        else:
            line |= {"logger": record.name, "message": record.getMessage()}
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["stack"] = _stack(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)


class RequestLog:
    """Writes an object for every request."""

    def finished(self, request: Finished) -> None:
        """Write it."""
        outcome = request.outcome
        fields: dict[str, object] = {
            "rid": outcome.rid,
            "method": request.method,
            "path": request.path,
            "errcode": outcome.code,
            "ms": round(request.seconds * 1000, 1),
        }
        if outcome.code in _OUR_WORDS and outcome.reason:
            fields["reason"] = outcome.reason
        _LINES.info("request", extra={_FIELDS: fields})


def log_as(form: LogForm) -> None:
    """Write the package's log to stderr in *form*."""
    handler = logging.StreamHandler()
    log = logging.getLogger("openapi_shim")
    log.handlers[:] = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False
    FUNCTIONS.setLevel(logging.INFO)
    if form is LogForm.JSON:
        handler.setFormatter(JsonFormatter())
        REQUESTS.setLevel(logging.CRITICAL)  # told by RequestLog, without the client's words
        # Other libraries' words are not ours to vouch for: their level and place must do.
        logging.getLogger().handlers[:] = [_bare_handler()]
    else:
        handler.setFormatter(logging.Formatter(_TEXT, "%H:%M:%S"))


def _bare_handler() -> logging.Handler:
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(_BareFormatter())
    return handler


class _BareFormatter(JsonFormatter):
    def format(self, record: logging.LogRecord) -> str:
        record.msg, record.args = f"{record.module}:{record.lineno}", None
        return super().format(record)


def _stack(trace: TracebackType | None) -> list[str]:
    """Where it happened, without what was said: a message may hold what a client sent."""
    return [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(trace)]
