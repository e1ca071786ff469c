"""Load without wrk: ``python -m bench.load <port> <path> <connections> <seconds>``.

Raw sockets on one event loop, in a process of its own, the same for all that are measured. It
costs more than wrk does, so that its numbers compare with each other alone.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import sys
import time

_BODY = b'{"a": 1}'
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def request(port: int, path: str) -> bytes:
    """One call, as bytes."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer bench\r\nContent-Length: {len(_BODY)}\r\n\r\n"
    )
    return head.encode() + _BODY


class Connection(asyncio.Protocol):
    """Calls again as soon as an answer is there."""

    def __init__(self, message: bytes, times: list[float], failed: list[bytes]) -> None:
        self._message = message
        self._times = times
        self._failed = failed
        self._received = b""
        self._begin = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first call."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._call()

    def data_received(self, data: bytes) -> None:
        """Count the answer when it is whole."""
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not found or length is None or len(body) < int(length[1]):
            return
        self._times.append(time.perf_counter() - self._begin)
        if not head.startswith(b"HTTP/1.1 200"):
            self._failed.append(head)
        self._received = b""
        self._call()

    def _call(self) -> None:
        self._begin = time.perf_counter()
        self._transport.write(self._message)


async def load(port: int, path: str, connections: int, seconds: float) -> dict[str, float]:
    """Median and 95th percentile in microseconds, calls a second, and how many failed."""
    times: list[float] = []
    failed: list[bytes] = []
    message = request(port, path)
    loop = asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: Connection(message, times, failed), "127.0.0.1", port)
    await asyncio.sleep(seconds)
    return {
        "median": statistics.median(times) * 1e6,
        "p95": statistics.quantiles(times, n=20)[-1] * 1e6,
        "rate": len(times) / seconds,
        "failed": len(failed),
    }


if __name__ == "__main__":
    given = sys.argv[1:]
    measured = asyncio.run(load(int(given[0]), given[1], int(given[2]), float(given[3])))
    print("RESULT", json.dumps(measured))
