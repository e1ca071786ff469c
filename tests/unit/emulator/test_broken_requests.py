"""What aiohttp logs of requests that are none, or are not whole: one line, no traceback."""

from __future__ import annotations

import logging

from aiohttp.web import RequestPayloadError

from openapi_shim.emulator.journal import BrokenRequestFilter


def logged(error: Exception) -> logging.LogRecord:
    about = (type(error), error, None)
    record = logging.LogRecord("http", logging.ERROR, __file__, 1, "Unhandled exception", (), about)
    assert BrokenRequestFilter().filter(record)
    return record


def test_a_client_that_hangs_up_is_nothing_anybody_must_see_to() -> None:
    record = logged(RequestPayloadError("Connection lost"))
    assert record.getMessage() == "the client hung up before its request was whole"
    assert (record.levelno, record.exc_info) == (logging.INFO, None)


def test_a_fault_of_ours_stays_one() -> None:
    record = logged(RuntimeError("ours"))
    assert (record.getMessage(), record.levelno) == ("Unhandled exception", logging.ERROR)
    assert record.exc_info is not None
