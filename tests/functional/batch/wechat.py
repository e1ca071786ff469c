"""WeChat's side with fixed answers, each by the photo's first word."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from openapi_shim.ocr.reading import FIELD_NAMES

_ANSWERS: dict[bytes, dict[str, Any]] = {
    b"fine": {"errcode": 0, "errmsg": "ok"} | {name: f"a {name}" for name in FIELD_NAMES},
    b"none": {"errcode": 101001, "errmsg": "certificate not found hint: [x] rid: y"},
    b"bad": {"errcode": 40066, "errmsg": "invalid url"},
}


class WeChat:
    """A server, and what it was asked.

    Attributes:
        refusing: an errcode that every photo gets instead of its answer, or 0.
        photos: the contents that were sent, in the order of time.
        meeting: photos wait here until so many are there, so that they are read at one time.
    """

    def __init__(self) -> None:
        self.refusing = 0
        self.photos: list[bytes] = []
        self.meeting: threading.Barrier | None = None
        wechat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self._answer(wechat.answer(self.path, body))

            def _answer(self, document: dict[str, Any]) -> None:
                content = json.dumps(document).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Silence."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str, body: bytes) -> dict[str, Any]:
        """What WeChat says to a request."""
        if path.startswith("/cgi-bin/stable_token"):
            return {"access_token": "t", "expires_in": 7200}
        photo = body.partition(b"\r\n\r\n")[2].partition(b"\r\n--")[0]
        self.photos.append(photo)
        if self.meeting is not None:
            self.meeting.wait()
        if self.refusing:
            return {"errcode": self.refusing, "errmsg": "refused"}
        return _ANSWERS[photo.partition(b" ")[0]]

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def wechat_server() -> Iterator[WeChat]:
    """A server for one test."""
    wechat = WeChat()
    try:
        yield wechat
    finally:
        wechat.close()
