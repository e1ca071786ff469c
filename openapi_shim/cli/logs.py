"""The log of a command: on stderr, a line each."""

from __future__ import annotations

import logging

_FORMAT = "%(asctime)s %(levelname)-7s %(message)s"


def log_to_stderr(level: int = logging.INFO) -> None:
    """Show the package's log from *level* on, and all that functions print."""
    # A line is logged for every call; what no line shows need not be looked up for it.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(_FORMAT, "%H:%M:%S"))
    log = logging.getLogger("openapi_shim")
    log.handlers[:] = [handler]
    log.setLevel(level)
    log.propagate = False
    logging.getLogger("openapi_shim.emulator.function").setLevel(logging.INFO)
