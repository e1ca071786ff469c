"""``openapi-shim serve`` as real processes."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

COMMAND = Path(sys.executable).with_name("openapi-shim")
ROOT = Path(__file__).parents[3]
SPECIMENS = ROOT / "tests" / "data" / "specimens"
PHOTO = SPECIMENS / "current_normal.jpg"
APPID, SECRET = "wxserved", "s3cret-of-the-server"

FUNCTIONS = {
    "who": """
from openapi_shim import cloud
cloud.init()
def main(event, context):
    return {"context": cloud.getWXContext(), "event": event}
""",
    "slow": """
import time
def main(event, context):
    time.sleep(event["seconds"])
    return "done"
""",
    "failing": """
def main(event, context):
    raise ValueError("it went wrong")
""",
    "licence": """
import base64
from openapi_shim import cloud
cloud.init()
async def main(event, context):
    img = {"contentType": "image/jpeg", "value": base64.b64decode(event["img"])}
    return await cloud.openapi.ocr.driverLicense(img=img)
""",
}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def multipart(photo: bytes) -> tuple[bytes, str]:
    head = (
        b'--b\r\nContent-Disposition: form-data; name="img"; filename="a.jpg"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n"
    )
    return head + photo + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"


@dataclass
class Server:
    """One server; all it writes is kept."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    port: int = 0
    admin_port: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
        self.ended.set()

    def wait_for(self, true: Callable[[], Any]) -> Any:
        """Whatever *true* gives once it is something; a server that ended fails the test."""
        while True:
            found = true()
            if found:
                return found
            assert not self.ended.is_set(), "".join(self.lines)
            time.sleep(0.02)

    def wrote(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, "".join(self.lines))

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        admin: bool = False,
    ) -> Reply:
        """One request on a connection of its own."""
        port = self.admin_port if admin else self.port
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Reply(response.status, dict(response.getheaders()), response.read().decode())
        finally:
            connection.close()

    def token(self) -> str:
        query = f"grant_type=client_credential&appid={APPID}&secret={quote(SECRET)}"
        value = self.call("GET", f"/cgi-bin/token?{query}").json["access_token"]
        assert isinstance(value, str)
        return value

    def recognize(self, token: str, photo: bytes) -> Any:
        body, kind = multipart(photo)
        path = f"/cv/ocr/drivinglicense?access_token={token}"
        return self.call("POST", path, body, {"Content-Type": kind}).json

    def invoke(
        self, token: str, name: str, event: Any, headers: Mapping[str, str] | None = None
    ) -> Any:
        path = f"/tcb/invokecloudfunction?access_token={token}&env=&name={name}"
        answer = self.call("POST", path, json.dumps(event).encode(), headers).json
        assert answer["errcode"] == 0, answer
        return json.loads(answer["resp_data"])

    def ready(self) -> Reply:
        return self.call("GET", "/readyz", admin=True)

    def metrics(self) -> dict[str, float]:
        text = self.call("GET", "/metrics", admin=True).text
        pairs = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, _, value in pairs}

    def stop(self) -> int:
        """End it in order; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait()
        self.ended.wait()
        return code


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "OPENAPI_SHIM" not in name}
    return kept | more


def keys() -> dict[str, str]:
    return {"OPENAPI_SHIM_EMULATOR_APPID": APPID, "OPENAPI_SHIM_EMULATOR_SECRET": SECRET}


def write_functions(folder: Path) -> Path:
    for name, code in FUNCTIONS.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "index.py").write_text(code, "utf-8")
        config = {"permissions": {"openapi": ["ocr.driverLicense"]}, "timeout": 20}
        (folder / name / "config.json").write_text(json.dumps(config), "utf-8")
    return folder


@contextmanager
def serving(
    folder: Path, *arguments: str, wait: bool = True, env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server with functions of *folder*, on free ports."""
    command = [str(COMMAND), "serve", "--port", "0", "--admin-port", "0", *arguments]
    with reading(
        command, cwd=folder, env=environment(**keys() | dict(env or {})), wait=wait
    ) as server:
        yield server


@contextmanager
def reading(
    command: list[str], *, cwd: Path, env: dict[str, str], wait: bool = True
) -> Iterator[Server]:
    """A server, of which all that it writes is read."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=env,
    )
    server = Server(process)
    reader = threading.Thread(target=server.read)
    reader.start()
    try:
        found = server.wait_for(lambda: server.wrote(r"serving on \S+ port (\d+)"))
        server.port = int(found[1])
        found = server.wait_for(lambda: server.wrote(r"health on \S+ port (\d+)"))
        server.admin_port = int(found[1])
        if wait:
            server.wait_for(lambda: server.wrote("all processes serve"))
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait()
        reader.join()
        assert process.stderr is not None
        process.stderr.close()


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    write_functions(root / "functions")
    return root


@pytest.fixture(scope="package")
def photo() -> bytes:
    return PHOTO.read_bytes()


@pytest.fixture(scope="package")
def truth() -> dict[str, str]:
    """What is on that photo."""
    lines = (SPECIMENS / "truth.jsonl").read_text("utf-8").splitlines()
    entries = {entry["file"]: entry["truth"] for entry in map(json.loads, lines)}
    return dict(entries[PHOTO.name])
