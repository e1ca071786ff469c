"""The log of a command: on stderr, a line each."""

from __future__ import annotations

import logging

_FORMAT = "%(asctime)s %(levelname)-7s %(message)s"


def log_to_stderr(level: int = logging.INFO) -> None:
    """Show the package's log from *level* on, and all that functions print."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(_FORMAT, "%H:%M:%S"))
    log = logging.getLogger("openapi_shim")
    log.handlers[:] = [handler]
    log.setLevel(level)
    log.propagate = False
    logging.getLogger("openapi_shim.emulator.function").setLevel(logging.INFO)
