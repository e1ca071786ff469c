"""A real emulator process, and its commands as a user calls them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

COMMAND = str(Path(sys.executable).with_name("openapi-shim"))


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Process:
    """``openapi-shim start``, and whoever speaks with it."""

    url: str
    folder: Path

    def command(self, *arguments: str) -> Done:
        """A command on this emulator."""
        done = subprocess.run(
            [COMMAND, *arguments, "--url", self.url],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def ask(
        self,
        path: str,
        body: Any = None,
        *,
        method: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Status and JSON of an answer."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - http
            self.url + path, data, dict(headers or {}), method=method or None
        )
        try:
            with urllib.request.urlopen(request) as response:  # noqa: S310 - likewise
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def token(self, endpoint: str = "token", appid: str = "wx1") -> Any:
        """What a token endpoint answers."""
        account = {"grant_type": "client_credential", "appid": appid, "secret": "s"}
        if endpoint == "token":
            query = "&".join(f"{name}={value}" for name, value in account.items())
            return self.ask(f"/cgi-bin/token?{query}")[1]
        return self.ask("/cgi-bin/stable_token", account)[1]

    def recognize(self, token: str) -> Any:
        """What the recognition answers to no image: a look at the token alone."""
        return self.ask(f"/cv/ocr/drivinglicense?access_token={token}", method="POST")[1]


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    folder = tmp_path_factory.mktemp("control")
    log = folder / "log.txt"
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            [COMMAND, "start", "--port", "0"],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "OPENAPI_SHIM_SEED": "7"},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as running,
    ):
        assert running.stdout is not None
        first = running.stdout.readline()
        match = re.fullmatch(r"openapi-shim listening on (http://\S+)\n", first)
        assert match, first + log.read_text("utf-8")
        try:
            yield Process(match[1], folder)
        finally:
            running.terminate()
            running.communicate()
    assert running.returncode == 0, log.read_text("utf-8")
    assert "a fault in the emulator" not in log.read_text("utf-8")
