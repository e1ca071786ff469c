"""What emulator and worker say to each other: JSON objects, each after its length.

Standard library only: a worker imports it before the function's own code.
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

_LENGTH = struct.Struct(">I")
LENGTH_SIZE = _LENGTH.size
FRAME_LIMIT = 16 * 1024 * 1024  # bytes; 6 MB of JSON, as a string within JSON, fit


def pack(message: dict[str, Any]) -> bytes:
    """*message* as a frame."""
    body = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return _LENGTH.pack(len(body)) + body


def length_of(head: bytes) -> int:
    """Bytes that follow *head*.

    Raises:
        ValueError: more than a frame may have.
    """
    length: int = _LENGTH.unpack(head)[0]
    if length > FRAME_LIMIT:
        raise ValueError(f"a frame of {length} bytes")
    return length


def unpack(body: bytes) -> dict[str, Any]:
    """The message in a frame's *body*."""
    message: dict[str, Any] = json.loads(body.decode("utf-8", "surrogatepass"))
    return message


def receive(channel: socket.socket) -> dict[str, Any] | None:
    """The next message, waited for; None when the other side has gone."""
    head = _exactly(channel, LENGTH_SIZE)
    body = _exactly(channel, length_of(head)) if head else None
    return unpack(body) if body else None


def _exactly(channel: socket.socket, count: int) -> bytes | None:
    data = bytearray()
    while len(data) < count:
        try:
            chunk = channel.recv(min(count - len(data), 1 << 16))
        except OSError:
            return None
        if not chunk:
            return None
        data += chunk
    return bytes(data)
