"""What emulator and worker say to each other; ``worker.py`` describes the frames."""

from __future__ import annotations

import struct
from typing import NamedTuple

_HEADER = struct.Struct(">cII")
FRAME_LIMIT = 16 * 1024 * 1024  # bytes; far more than a result of 1 MB and its error need

CALL = b"c"
READY = b"r"
BROKEN = b"b"
OVER = b"o"
FAILED = b"f"
LOST = b"l"
_KINDS = frozenset((READY, BROKEN, OVER, FAILED, LOST))


class Frame(NamedTuple):
    """One message from a worker."""

    kind: bytes
    head: bytes
    body: bytes


class BrokenFrameError(Exception):
    """Bytes that no worker of ours sends; the text says what is wrong with them."""


def pack_call(head: bytes, event: bytes) -> bytes:
    """The frame of a call."""
    return b"".join((_HEADER.pack(CALL, len(head), len(event)), head, event))


class FrameReader:
    """Takes frames out of the bytes as they come."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that *data* completes.

        Raises:
            BrokenFrameError: it is no frame, or too large a one.
        """
        if not self._pending:
            frame, end = _first(data)
            if frame is not None and end == len(data):
                return [frame]
        self._pending += data
        frames: list[Frame] = []
        while True:
            frame, end = _first(self._pending)
            if frame is None:
                return frames
            frames.append(frame)
            del self._pending[:end]


def _first(data: bytes | bytearray) -> tuple[Frame | None, int]:
    """The frame at the beginning of *data*, if it is whole, and where it ends."""
    if len(data) < _HEADER.size:
        return None, 0
    kind, head, body = _HEADER.unpack_from(data)
    if kind not in _KINDS or head + body > FRAME_LIMIT:
        raise BrokenFrameError(f"a frame of kind {kind!r} and {head + body} bytes")
    start = _HEADER.size + head
    end = start + body
    if len(data) < end:
        return None, 0
    return Frame(kind, bytes(data[_HEADER.size : start]), bytes(data[start:end])), end
