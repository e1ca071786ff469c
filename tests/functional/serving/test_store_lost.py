"""A store of one's own that goes away and comes back, while the server serves."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .conftest import APPID, SECRET, serving


@contextmanager
def redis(folder: Path, port: int) -> Iterator[None]:
    command = shutil.which("redis-server")
    assert command, "redis-server is not installed: sudo make system"
    process = subprocess.Popen(
        [command, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert any("Ready to accept connections" in line for line in process.stdout)
        yield
    finally:
        process.terminate()
        process.communicate()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_redis_is_lost_and_comes_back(folder: Path, tmp_path: Path) -> None:
    port = free_port()
    store = f"redis://127.0.0.1:{port}/0"
    with serving(
        folder, "--processes", "2", wait=False, env={"OPENAPI_SHIM_STORE": store}
    ) as server:
        # Not there yet: it serves nobody, and says why.
        server.wait_for(lambda: "the store does not answer" in server.ready().text)
        with redis(tmp_path, port):
            server.wait_for(lambda: server.ready().status == 200)
            token = server.token()
            api = f"/cv/ocr/drivinglicense?access_token={token}"
            assert server.call("POST", api).json["errcode"] == 41005
        query = f"grant_type=client_credential&appid={APPID}&secret={SECRET}"
        assert server.call("GET", f"/cgi-bin/token?{query}").json["errcode"] == -1
        # A token that was just found good is trusted for a moment more.
        server.wait_for(lambda: server.call("POST", api).json["errcode"] == -1)
        server.wait_for(lambda: server.ready().status == 503)
        outside = server.call("GET", "/readyz")
        assert outside.status == 503
        assert str(port) not in outside.text
        assert server.call("GET", "/livez", admin=True).status == 200
        with redis(tmp_path, port):
            server.wait_for(lambda: server.ready().status == 200)
            assert server.call("POST", f"/cv/ocr/drivinglicense?access_token={server.token()}").json
        assert server.stop() == 0
