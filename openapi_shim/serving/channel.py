"""What the supervisor and a serving process say to each other, over a pair of sockets.

First the supervisor sends the settings; from then on the process tells, a JSON object a line, why
it cannot serve, or that it can. Either end closing means that the other side is gone.
"""

from __future__ import annotations

import asyncio
import json
import pickle
import socket
import struct

from openapi_shim.settings import Settings

_LENGTH = struct.Struct("!I")


def send_settings(channel: socket.socket, settings: Settings) -> None:
    """Hand *settings* over: not by argument or variable, where other users could read secrets."""
    data = pickle.dumps(settings)
    channel.sendall(_LENGTH.pack(len(data)) + data)


def receive_settings(channel: socket.socket) -> Settings:
    """The settings that the supervisor sends.

    Raises:
        EOFError: the supervisor is gone.
    """
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size))
    # Our own parent made it: the socket has no name that anybody else could reach.
    settings = pickle.loads(_exactly(channel, length))  # noqa: S301 - as said
    assert isinstance(settings, Settings)  # noqa: S101 - for type checkers
    return settings


class Telling:
    """The process's end: says how it is, and knows when the supervisor is gone."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._channel.setblocking(False)

    def why_not(self, why: str, *, fault: bool = False) -> None:
        """It cannot serve because *why*; empty: it can. A *fault* ends the process."""
        line = json.dumps({"why": why, "fault": fault}).encode() + b"\n"
        try:
            self._channel.send(line)
        except OSError:
            return  # the supervisor is gone, which gone() tells

    async def gone(self) -> None:
        """Return when the supervisor is no more."""
        loop = asyncio.get_running_loop()
        while await loop.sock_recv(self._channel, 1024):
            pass


def _exactly(channel: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        chunk = channel.recv(length - len(data))
        if not chunk:
            raise EOFError("the supervisor is gone")
        data += chunk
    return bytes(data)
