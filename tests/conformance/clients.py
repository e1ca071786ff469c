"""What the conformance tests hold in their hands: the emulator's process, the drivers in Node."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conformance.packages import NODE

COMMAND = Path(sys.executable).with_name("openapi-shim")

VERSIONS = {"4": "4.0.2", "3": "3.0.4", "2": "2.6.3"}
"""The generations of wx-server-sdk: major version, exact version."""

Step = dict[str, Any]
Outcome = dict[str, Any]


def bare_environment() -> dict[str, str]:
    """This process's environment without anything an SDK or the shim would read."""
    ours = ("OPENAPI_SHIM_", "TCB_", "WX_", "TENCENTCLOUD", "SCF_", "CLOUDBASE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def step(path: str, *arguments: Any, **more: Any) -> Step:
    """One step for the drivers in JavaScript."""
    return {"path": path, "args": list(arguments), **more}


@dataclass(frozen=True)
class Emulator:
    """``openapi-shim start`` as a process, its project, and its settings in the environment."""

    url: str
    project: Path
    log: Path = field(repr=False)
    settings: Mapping[str, str]

    def environment(self, *options: str) -> dict[str, str]:
        """What ``openapi-shim env`` tells a process outside the functions to set."""
        done = subprocess.run(
            [COMMAND, "env", "--url", self.url, "--format", "json", *options],
            cwd=self.project,
            env={**bare_environment(), **self.settings},
            capture_output=True,
            text=True,
            check=True,
        )
        values: dict[str, str] = json.loads(done.stdout)
        return values

    def ask(self, path: str, body: bytes | None = None) -> dict[str, Any]:
        """The JSON answer of WeChat's API."""
        with urllib.request.urlopen(self.url + path, body) as response:  # noqa: S310 - http
            answer: dict[str, Any] = json.load(response)
        return answer

    def token(self) -> str:
        """An access token."""
        query = "grant_type=client_credential&appid=wx0000000000000000&secret=local"
        return str(self.ask(f"/cgi-bin/token?{query}")["access_token"])

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """What the function *name* returns, called as a server of the developer's would."""
        path = f"/tcb/invokecloudfunction?env=local-env&name={name}&access_token={self.token()}"
        answer = self.ask(path, json.dumps(event).encode())
        assert answer["errcode"] == 0, answer
        return json.loads(answer["resp_data"])


class NodeProcess:
    """A driver in Node that answers lines of steps, each with the environment they run in."""

    def __init__(self, script: str, *arguments: str, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            ["node", NODE / script, *arguments],
            env={**bare_environment(), **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.complaints: list[str] = []
        self._reader = threading.Thread(target=self._read_complaints)
        self._reader.start()

    def run(self, steps: list[Step], environment: Mapping[str, str] | None = None) -> list[Outcome]:
        """The outcomes of *steps*, one after the other."""
        outcomes: list[Outcome] = self.ask({"environment": environment or {}, "steps": steps})
        assert len(outcomes) == len(steps)
        return outcomes

    def ask(self, question: Any) -> Any:
        """The driver's answer to a line of JSON."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            self._reader.join()
        assert answer, "the driver ended:\n" + "".join(self.complaints)
        return json.loads(answer)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._reader.join()
        self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()

    def _read_complaints(self) -> None:
        assert self._process.stderr is not None
        self.complaints.extend(self._process.stderr)


@dataclass(frozen=True)
class ServerSdk:
    """One generation of wx-server-sdk at one place: in a function, or outside all of them."""

    major: str
    place: str
    emulator: Emulator
    process: NodeProcess | None

    def run(self, *steps: Step) -> list[Outcome]:
        """The outcomes of *steps*."""
        if self.process is not None:
            return self.process.run(list(steps))
        outcomes: list[Outcome] = self.emulator.invoke(f"caller{self.major}", {"steps": steps})
        return outcomes

    def value(self, path: str, *arguments: Any, **more: Any) -> Any:
        """The value of one step."""
        (outcome,) = self.run(step(path, *arguments, **more))
        assert "value" in outcome, outcome
        return outcome["value"]

    def error(self, path: str, *arguments: Any, **more: Any) -> dict[str, Any]:
        """The error of one step, which was not thrown at once."""
        (outcome,) = self.run(step(path, *arguments, **more))
        assert outcome.get("sync") is False, outcome
        error: dict[str, Any] = outcome["error"]
        return error
