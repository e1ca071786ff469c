"""The file of a recording: whole lines at its end, whoever else writes, readable by its owner."""

from __future__ import annotations

import asyncio
import datetime as dt
import fcntl
import os
from pathlib import Path

from openapi_shim.emulator.upstream.describing import (
    Answered,
    Asked,
    describe_answer,
    describe_question,
)
from openapi_shim.emulator.upstream.exchange import Exchange
from openapi_shim.errors import ConfigError


class Recorder:
    """Appends exchanges to a file.

    Args:
        path: of the file; made when it is not there.
        raw: answers stay readable.

    Raises:
        ConfigError: the file cannot be written.
    """

    def __init__(self, path: Path, *, raw: bool = False) -> None:
        self._path = path
        self._raw = raw
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(self._open())
        except OSError as error:
            raise ConfigError(
                f"the recording {path} cannot be written: {error.strerror or error}; name another "
                "by OPENAPI_SHIM_RECORDING"
            ) from error

    async def keep(self, asked: Asked, answered: Answered, *, at: float, seconds: float) -> None:
        """Append one exchange; what must not be kept is removed before anything is written.

        Raises:
            OSError: the file cannot be written.
        """
        exchange = Exchange(
            dt.datetime.fromtimestamp(at, dt.timezone.utc).isoformat(timespec="milliseconds"),
            round(seconds * 1000),
            await describe_question(asked),
            describe_answer(answered, raw=self._raw),
        )
        await asyncio.to_thread(self._append, exchange.line())

    def _append(self, line: bytes) -> None:
        """The whole of *line*, or nothing of it."""
        descriptor = self._open()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            size = os.fstat(descriptor).st_size
            # A line that a power cut left behind is to spoil itself alone.
            begun = size and os.pread(descriptor, 1, size - 1) != b"\n"
            whole = b"\n" + line if begun else line
            if os.write(descriptor, whole) < len(whole):
                os.ftruncate(descriptor, size)
                raise OSError(28, "no space left on the device")
        finally:
            os.close(descriptor)

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o600)
        os.fchmod(descriptor, 0o600)
        return descriptor
