"""A running emulator's controls: clock, faults, recognizer, and what was called."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from openapi_shim.errors import ControlError

_PREFIX = "/_openapi_shim"
_TIME = 30.0  # seconds one command may take


@dataclass(frozen=True)
class Call:
    """One call that the emulator got.

    Attributes:
        operation: e.g. ``ocr.driverLicense``, ``tcb.invokecloudfunction``, ``token``.
        function: that was called, or an empty string.
        appid: that called.
    """

    operation: str
    function: str = ""
    appid: str = ""


class Controls:
    """Commands to the emulator at *url*."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port

    def ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """The emulator's answer to a command.

        Raises:
            ControlError: the emulator refuses, or is gone.
        """
        connection = http.client.HTTPConnection(self._host, self._port, timeout=_TIME)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, _PREFIX + path, data)
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise ControlError(f"the emulator at port {self._port} does not answer: {error}") from (
                error
            )
        finally:
            connection.close()
        if response.status != 200:
            raise ControlError(str(answer.get("error", f"status {response.status}")))
        return answer


class Clock:
    """The emulator's clock: tokens, quota and URLs expire by it."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    def now(self) -> float:
        """Seconds since 1970."""
        return float(self._controls.ask("GET", "/clock")["timestamp"])

    def freeze(self, at: str | float | None = None) -> None:
        """Hold it: now, at seconds since 1970, or at ISO 8601 text (of Beijing, without a zone).

        Raises:
            ControlError: *at* is no moment.
        """
        self._controls.ask("POST", "/clock", {"freeze": True if at is None else at})

    def advance(self, span: str | float) -> None:
        """Move it by seconds, or by text as ``5m``, ``7300s``, ``1d``.

        Raises:
            ControlError: *span* is none.
        """
        self._controls.ask("POST", "/clock", {"advance": span})

    def reset(self) -> None:
        """Let it tell the machine's time again."""
        self._controls.ask("POST", "/clock", {"reset": True})


class Faults:
    """What goes wrong in the emulator, by rules."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    def add(self, *rules: str | Mapping[str, object], **rule: object) -> None:
        """Put rules in force: names of presets, rules as dicts, or one as keywords.

        ``faults.add("busy")``, ``faults.add(errcode=101000, every=3)``.

        Raises:
            ControlError: one is no rule; the text says why.
        """
        wanted: list[object] = list(rules)
        if rule:
            wanted.append({"name": f"rule-{len(self.counts()) + 1}", **rule})
        self._controls.ask("POST", "/faults", {"rules": wanted})

    def counts(self) -> dict[str, int]:
        """How many calls met each rule."""
        rules = self._controls.ask("GET", "/faults")["rules"]
        return {rule["name"]: rule["met"] for rule in rules}

    def clear(self) -> None:
        """Take all rules out of force."""
        self._controls.ask("DELETE", "/faults")


class Recognizer:
    """What photos are answered; until somebody chooses, they are really read."""

    def __init__(self, controls: Controls) -> None:
        self._controls = controls

    def returns(self, fields: Mapping[str, str] | None = None, /, **named: str) -> None:
        """Answer every photo with these fields, by WeChat's names; those left out are empty.

        ``wechat.recognizer.returns(name="张三", id_num="…")``; no weights are needed.

        Raises:
            ControlError: a field is none of the eleven.
        """
        self._controls.ask("POST", "/recognizer", {"returns": {**(fields or {}), **named}})

    def refuses(self, errcode: int = 101001, reason: str = "") -> None:
        """Refuse every photo: 101001 no licence in it, 101002 no image.

        Raises:
            ControlError: another code; faults answer those.
        """
        self._controls.ask("POST", "/recognizer", {"refuses": errcode, "reason": reason})

    def reset(self) -> None:
        """Read photos again."""
        self._controls.ask("DELETE", "/recognizer")


def calls_of(controls: Controls) -> list[Call]:
    """What was called, the oldest first."""
    return [Call(**call) for call in controls.ask("GET", "/calls")["calls"]]
