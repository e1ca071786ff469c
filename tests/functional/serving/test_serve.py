"""One server of two processes: what it answers, what it refuses, what it tells of itself."""

from __future__ import annotations

import base64
import http.server
import json
import os
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import APPID, SECRET, Server, serving


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with serving(folder, "--processes", "2", "--log", "json", "--daily-quota", "50") as server:
        yield server


def log_lines(server: Server) -> list[dict[str, Any]]:
    """Every line is an object."""
    return [json.loads(line) for line in list(server.lines)]


def pids_of(server: Server) -> set[int]:
    return {line["pid"] for line in log_lines(server) if "rid" in line}


def test_a_photo_is_read_and_charged(server: Server, photo: bytes, truth: dict[str, str]) -> None:
    before = server.metrics()
    answer = server.recognize(server.token(), photo)
    assert {name: answer[name] for name in truth} == truth
    after = server.metrics()

    def more(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert more('openapi_shim_photos_total{outcome="read"}') == 1
    assert more("openapi_shim_recognition_seconds_count") == 1
    assert more('openapi_shim_requests_total{errcode="0",path="/cv/ocr/drivinglicense"}') == 1
    assert more("openapi_shim_recognition_seconds_sum") > 0
    assert after["openapi_shim_processes_ready"] == 2
    server.wait_for(lambda: server.metrics()["openapi_shim_quota_used"] >= 1)
    assert server.metrics()["openapi_shim_quota_limit"] == 50


def test_a_token_is_good_in_every_process(server: Server) -> None:
    """One token, until both processes have taken it."""
    token = server.token()
    seen: set[int] = set()
    for _ in range(200):
        answer = server.call("POST", f"/cv/ocr/drivinglicense?access_token={token}").json
        assert answer["errcode"] == 41005
        seen = pids_of(server)
        if len(seen) == 2:
            return
    # The kernel gives a connection to whichever process is awake first; so many in a row to one
    # means that the other does not accept.
    pytest.fail(f"only {seen} answered")


def test_a_function_calls_the_recognizer(
    server: Server, photo: bytes, truth: dict[str, str]
) -> None:
    """Its call goes to the process it belongs to, signed with a key that only they know."""
    event = {"img": base64.b64encode(photo).decode()}
    result = server.invoke(server.token(), "licence", event)
    assert (result["idNum"], result["errCode"]) == (truth["id_num"], 0)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/admin", "GATEWAY_SECRET_KEY"),
        ("/web", "closed here"),
        ("/v1/functions/who", "closed here"),
        ("/v1/storages/delete-objects", "closed here"),
        ("/auth/v1/signin/anonymously", "closed here"),
        ("/tcb/uploadfile?access_token=x", "PUBLIC_URL"),
        ("/storage/6c6f-local-1/a.jpg", "PUBLIC_URL"),
    ],
)
def test_a_developers_doors_are_closed(server: Server, path: str, reason: str) -> None:
    reply = server.call("POST", path, b"{}")
    assert reply.status == 403
    assert reason in reply.headers["X-Openapi-Shim-Reason"]


def test_a_developers_headers_are_dropped(server: Server) -> None:
    told = {"X-Openapi-Shim-Openid": "oForged", "X-Openapi-Shim-Source": "wx_client"}
    result = server.invoke(server.token(), "who", {"a": 1}, told)
    assert result["event"] == {"a": 1}
    assert "OPENID" not in result["context"]
    assert result["context"]["SOURCE"] == "wx_http"


def test_the_platforms_headers_count_for_nothing(server: Server) -> None:
    """Nor is there a function's path, without the setting."""
    told = {"X-WX-OPENID": "oForged", "X-WX-SOURCE": "wx_client"}
    assert server.call("POST", "/who", b"{}", told).json["errcode"] == 40066
    result = server.invoke(server.token(), "who", {}, told)
    assert "OPENID" not in result["context"]


def test_another_appid_gets_no_token(server: Server) -> None:
    query = "grant_type=client_credential&appid=wxother&secret=s"
    assert server.call("GET", f"/cgi-bin/token?{query}").json["errcode"] == 40013


def test_health(server: Server) -> None:
    for admin in (True, False):
        for path in ("/readyz", "/livez"):
            reply = server.call("GET", path, admin=admin)
            assert (reply.status, reply.text) == (200, "ok\n")


def test_what_a_client_makes_up_becomes_no_label(server: Server) -> None:
    server.call("GET", "/made/up/by-a-client")
    names = " ".join(server.metrics())
    assert 'errcode="40066",path="other"' in names
    assert "made" not in names


def test_a_killed_process_is_replaced(server: Server) -> None:
    before = server.metrics()["openapi_shim_process_restarts_total"]
    server.token()
    victim = pids_of(server).pop()
    ready = len(re.findall(r"process \d serves", "".join(server.lines)))
    os.kill(victim, signal.SIGKILL)
    server.wait_for(
        lambda: len(re.findall(r"process \d serves", "".join(server.lines))) == ready + 1
    )
    assert server.metrics()["openapi_shim_process_restarts_total"] == before + 1
    assert server.wrote("signal SIGKILL")
    server.token()


def test_nothing_a_client_sent_is_in_the_log(
    folder: Path, photo: bytes, truth: dict[str, str]
) -> None:
    """Photos, functions, and requests that fail in many ways; then all output is searched."""
    with (
        ThreadingPhotos() as photos,
        serving(
            folder, "--log", "json", "--processes", "1", env={"OPENAPI_SHIM_IMAGE_URLS": "loopback"}
        ) as server,
    ):
        token = server.token()
        assert server.recognize(token, photo)["errcode"] == 0
        event = {"img": base64.b64encode(photo).decode(), "note": "private-note"}
        assert server.invoke(token, "licence", event)["errCode"] == 0
        api = f"/cv/ocr/drivinglicense?access_token={token}"
        path = f"/tcb/invokecloudfunction?access_token={token}&env=&name="
        failing = [
            ("POST", f"{api}&img_url={photos.url}/private-name.jpg%3Fsign%3Dprivate-sign", None),
            ("POST", f"{api}&img_url=data:image/png;base64,private-data", None),
            ("POST", f"/cv/ocr/drivinglicense?access_token=private-token-{token}", None),
            ("GET", f"/cgi-bin/token?grant_type=private-grant&appid={APPID}&secret={SECRET}", None),
            (
                "GET",
                "/cgi-bin/token?grant_type=client_credential&appid=private-appid&secret=s",
                None,
            ),
            (
                "GET",
                f"/cgi-bin/token?grant_type=client_credential&appid={APPID}&secret=private-secret",
                None,
            ),
            ("POST", f"/private-path/{token}", b"{}"),
            ("PRIVATE", "/cgi-bin/token", None),
            ("POST", f"{path}failing", b'{"a": "private-event"}'),
            ("POST", f"{path}private-function", b"{}"),
            ("POST", f"{path}who", b'{"a": private-json}'),
            ("POST", "/web", b'{"action": "private-action", "data": "private-data"}'),
            ("POST", api, b'{"img_url": "private-body"}'),
        ]
        for method, target, body in failing:
            reply = server.call(method, target, body)
            assert '"errcode":0' not in reply.text
        assert server.stop() == 0
        output = "".join(server.lines)
    assert output.count('"rid"') >= len(failing) + 4
    secrets = [token, SECRET, "private", *truth.values(), event["img"][:60]]
    found = [word for word in secrets if len(word) > 2 and word in output]
    assert found == []
    for line in output.splitlines():
        entry = json.loads(line)
        assert {"time", "level", "pid"} <= entry.keys()
        if "rid" in entry:
            assert {"path", "errcode", "ms", "method"} <= entry.keys()


class ThreadingPhotos:
    """A web server that has no such photo."""

    def __enter__(self) -> ThreadingPhotos:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_error(404)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
