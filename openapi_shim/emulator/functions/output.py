"""What a function prints, line by line into the log, however much it is."""

from __future__ import annotations

import asyncio
import logging

from openapi_shim.emulator.journal import one_line

LOG = logging.getLogger("openapi_shim.emulator.function")

_LINE_LIMIT = 2000  # characters of one line that are logged
LINES_LIMIT = 500  # lines of one invocation that are logged


class FunctionOutput:
    """Logs the output of one function's process, with the invocation it belongs to.

    Args:
        name: of the function.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._request_id = "start"
        self._lines = 0

    def begin(self, request_id: str) -> None:
        """From now on what is printed belongs to *request_id*."""
        self._request_id, self._lines = request_id, 0

    async def pump(self, stream: asyncio.StreamReader) -> None:
        """Log *stream* until it ends. It is always read, so that the function never blocks."""
        line = b""
        while chunk := await stream.read(1 << 16):
            *whole, rest = chunk.split(b"\n")
            for end in whole:
                self._log(line + end)
                line = b""
            line = (line + rest)[: 4 * _LINE_LIMIT]
        if line:
            self._log(line)

    def _log(self, line: bytes) -> None:
        self._lines += 1
        if self._lines <= LINES_LIMIT:
            text = line[: 4 * _LINE_LIMIT].decode("utf-8", "replace").rstrip("\r")[:_LINE_LIMIT]
            LOG.info("[%s %s] %s", self._name, self._request_id[:8], one_line(text))
        elif self._lines == LINES_LIMIT + 1:
            LOG.warning(
                "[%s %s] printed more than %d lines; the rest is not shown",
                self._name,
                self._request_id[:8],
                LINES_LIMIT,
            )
