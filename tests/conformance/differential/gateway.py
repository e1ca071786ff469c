"""A gateway that answers as it is told and keeps every request, whoever sends it."""

from __future__ import annotations

import asyncio
import re
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True)
class Reply:
    """An answer; ``{base}`` in the body becomes the URL under which this case reaches us."""

    body: bytes = b""
    content_type: str = "application/octet-stream"
    status: int = 200


@dataclass(frozen=True)
class Recorded:
    """A request as it came.

    Attributes:
        url: as the client has it, with query, as it was sent.
        place: the path below the case's base, e.g. ``/admin``.
        headers: by lower-cased names.
    """

    method: str
    url: str
    place: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class RecordingGateway:
    """Recorded requests and the replies to come, by ``side/case``."""

    url: str = ""
    requests: dict[str, list[Recorded]] = field(default_factory=lambda: defaultdict(list))
    replies: dict[str, Iterator[Reply]] = field(default_factory=dict)

    def base(self, who: str) -> str:
        """The URL under which the calls of *who*, a ``side/case``, reach the gateway."""
        return f"{self.url}/{who}"

    async def handle(self, request: web.Request) -> web.Response:
        """Record *request* and answer it."""
        match = re.fullmatch(r"/([^/]+/[^/]+)(/.*)", request.rel_url.raw_path)
        assert match, request.rel_url
        who, place = match.groups()
        self.requests[who].append(
            Recorded(
                method=request.method,
                url=f"http://{request.headers['Host']}{request.raw_path}",
                place=place,
                query=request.rel_url.raw_query_string,
                headers={name.lower(): value for name, value in request.headers.items()},
                body=await request.read(),
            )
        )
        reply = next(self.replies[who], Reply(b"no reply was told", "text/plain", 599))
        body = reply.body.replace(b"{base}", self.base(who).encode())
        return web.Response(
            body=body, status=reply.status, headers={"Content-Type": reply.content_type}
        )


@contextmanager
def recording_gateway() -> Iterator[RecordingGateway]:
    """A gateway in a thread of its own, on a free port."""
    gateway = RecordingGateway()
    loop = asyncio.new_event_loop()

    async def begin() -> web.AppRunner:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{any:.*}", gateway.handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        gateway.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    runner = loop.run_until_complete(begin())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield gateway
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(runner.cleanup())
        loop.close()
