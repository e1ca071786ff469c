"""What a function prints, line by line into the log, however much it is."""

from __future__ import annotations

import logging
import os

from openapi_shim.emulator.journal import one_line

LOG = logging.getLogger("openapi_shim.emulator.function")

LINES_LIMIT = 500  # lines of one invocation that are logged
_LINE_LIMIT = 2000  # characters of one line that are logged
_READ_SIZE = 1 << 16  # bytes; what a pipe holds
_DRAIN_READS = 16  # as many at once, when the function has returned

_HEAP_IS_FULL = b"JavaScript heap out of memory"


class FunctionOutput:
    """Logs what one worker writes into its pipe, with the invocation it belongs to.

    Args:
        name: of the function.
        pipe: descriptor to read from without waiting; closed by :meth:`close`.
    """

    def __init__(self, name: str, pipe: int) -> None:
        self.pipe = pipe
        self._name = name
        self._request_id = "start"
        self._lines = 0
        self._line = b""
        self.heap_was_full = False

    def begin(self, request_id: str) -> None:
        """From now on what is printed belongs to *request_id*."""
        self._request_id, self._lines = request_id, 0

    def read(self) -> bool:
        """Log what has come; False at the pipe's end, or when there is nothing more now."""
        try:
            chunk = os.read(self.pipe, _READ_SIZE)
        except BlockingIOError:
            return False
        if chunk:
            self._take(chunk)
        return bool(chunk)

    def drain(self) -> None:
        """Log what was printed until now, within bounds: others write the pipe full, too."""
        for _ in range(_DRAIN_READS):
            if not self.read():
                return

    def close(self) -> None:
        """Log what is left and close the pipe."""
        self.drain()
        if self._line:
            self._log(self._line)
            self._line = b""
        os.close(self.pipe)

    def _take(self, chunk: bytes) -> None:
        if _HEAP_IS_FULL in chunk:
            self.heap_was_full = True
        if self._lines > LINES_LIMIT:
            return  # and so a flood costs next to nothing
        *whole, rest = chunk.split(b"\n")
        for end in whole:
            self._log(self._line + end)
            self._line = b""
            if self._lines > LINES_LIMIT:
                return
        self._line = (self._line + rest)[: 4 * _LINE_LIMIT]

    def _log(self, line: bytes) -> None:
        self._lines += 1
        if self._lines <= LINES_LIMIT:
            text = line[: 4 * _LINE_LIMIT].decode("utf-8", "replace").rstrip("\r")[:_LINE_LIMIT]
            LOG.info("[%s %s] %s", self._name, self._request_id[:8], one_line(text))
        else:
            LOG.warning(
                "[%s %s] printed more than %d lines; the rest is not shown",
                self._name,
                self._request_id[:8],
                LINES_LIMIT,
            )
