"""The log of a command: on stderr, a line each.

A line is logged for every call, so a line must cost little.
"""

from __future__ import annotations

import logging
import time

_FORMAT = "%(asctime)s %(levelname)-7s %(message)s"
_TIME = "%H:%M:%S"


class LineFormatter(logging.Formatter):
    """Time, level and message; the time is worked out once a second."""

    def __init__(self) -> None:
        super().__init__(_FORMAT, _TIME)
        self._second = 0
        self._shown = ""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and more lines for a traceback."""
        if record.exc_info or record.stack_info:
            return super().format(record)
        second = int(record.created)
        if second != self._second:
            self._second, self._shown = second, time.strftime(_TIME, time.localtime(second))
        return f"{self._shown} {record.levelname:<7} {record.getMessage()}"


def log_to_stderr(level: int = logging.INFO) -> None:
    """Show the package's log from *level* on, and all that functions print."""
    # What no line shows need not be looked up for it; Python's logging HOWTO names these.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter())
    log = logging.getLogger("openapi_shim")
    log.handlers[:] = [handler]
    log.setLevel(level)
    log.propagate = False
    logging.getLogger("openapi_shim.emulator.function").setLevel(logging.INFO)
