"""Behind WeChat CloudRun, with traces: one server for both."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from .conftest import Server, serving

CALLER = {
    "X-WX-OPENID": "oCaller",
    "X-WX-APPID": "wxmini",
    "X-WX-UNIONID": "uCaller",
    "X-WX-ENV": "prod-1",
    "X-WX-SOURCE": "wx_client",
}


class Collector:
    """Takes traces by OTLP over HTTP."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.arrived = threading.Condition()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told = ExportTraceServiceRequest.FromString(body)
                with collector.arrived:
                    for resource in told.resource_spans:
                        for scope in resource.scope_spans:
                            collector.spans += scope.spans
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    collector = Collector()
    thread = threading.Thread(target=collector.server.serve_forever, args=(0.05,))
    thread.start()
    yield collector
    collector.server.shutdown()
    collector.server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def server(folder: Path, collector: Collector) -> Iterator[Server]:
    traces = {"OPENAPI_SHIM_OTLP_ENDPOINT": collector.url}
    with serving(folder, "--cloudrun", "--processes", "1", env=traces) as server:
        yield server


def call(server: Server, path: str, event: bytes, headers: dict[str, str]) -> Any:
    return server.call("POST", path, event, headers)


def test_a_functions_path_runs_it_for_the_caller(server: Server) -> None:
    reply = call(server, "/who", b'{"a": 1}', CALLER)
    assert reply.status == 200
    context = reply.json["context"]
    assert reply.json["event"]["a"] == 1
    assert {name: context[name] for name in ("OPENID", "APPID", "UNIONID", "ENV", "SOURCE")} == {
        name[5:]: value for name, value in CALLER.items()
    }


def test_what_is_said_of_one_caller_is_not_said_of_the_next(server: Server) -> None:
    call(server, "/who", b"{}", CALLER)
    reply = call(server, "/who", b"{}", {"X-WX-SOURCE": "wx_client"})
    assert not {"OPENID", "UNIONID"} & reply.json["context"].keys()


@pytest.mark.parametrize(
    ("path", "event", "headers", "status", "reason"),
    [
        ("/who", b"{}", {}, 403, "past WeChat"),
        ("/who", b"{}", CALLER | {"X-WX-SOURCE": ""}, 403, "past WeChat"),
        ("/who", b"{}", CALLER | {"X-WX-OPENID": "a b"}, 403, "X-WX-OPENID is malformed"),
        ("/who", b"{}", CALLER | {"X-WX-SOURCE": "A;B"}, 403, "X-WX-SOURCE is malformed"),
        ("/who", b"[]", CALLER, 400, "not an object"),
        ("/who", b"{", CALLER, 400, "not JSON"),
        ("/failing", b"{}", CALLER, 500, "it went wrong"),
    ],
)
def test_bad_calls(
    server: Server, path: str, event: bytes, headers: dict[str, str], status: int, reason: str
) -> None:
    reply = call(server, path, event, headers)
    assert (reply.status, reply.json["errcode"] != 0) == (status, True)
    assert reason in reply.headers["X-Openapi-Shim-Reason"]


def test_by_get_there_is_no_event(server: Server) -> None:
    assert server.call("GET", "/who", None, CALLER).json["errcode"] == 43002


def test_spans(server: Server, collector: Collector, photo: bytes) -> None:
    """One for the request, below the client's, and one in it for the recognition."""
    token = server.token()
    trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    head = (
        b'--b\r\nContent-Disposition: form-data; name="img"; filename="a.jpg"\r\n\r\n'
        + photo
        + b"\r\n--b--\r\n"
    )
    server.call(
        "POST",
        f"/cv/ocr/drivinglicense?access_token={token}",
        head,
        {
            "Content-Type": "multipart/form-data; boundary=b",
            "traceparent": f"00-{trace}-{parent}-01",
        },
    )
    assert server.stop() == 0  # which sends what is not sent yet
    ours = {span.name: span for span in collector.spans if span.trace_id == bytes.fromhex(trace)}
    request, reading = ours["POST /cv/ocr/drivinglicense"], ours["recognize"]
    assert request.parent_span_id == bytes.fromhex(parent)
    assert reading.parent_span_id == request.span_id
    assert reading.end_time_unix_nano > reading.start_time_unix_nano
    told = {pair.key: pair.value.string_value for pair in request.attributes}
    assert told["openapi_shim.errcode"] == "0"
    everything = json.dumps([str(span) for span in collector.spans])
    for secret in (token, "oCaller", "it went wrong", "wxserved"):
        assert secret not in everything
