"""An emulator for tests: in a thread of this process, or as a process of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from openapi_shim.errors import ConfigError
from openapi_shim.settings import Settings, TransportKind
from openapi_shim.testing.controls import Call, Clock, Controls, Faults, Recognizer, calls_of

if TYPE_CHECKING:
    from openapi_shim.emulator.desk import Desk
    from openapi_shim.wechat.recognition import License
    from openapi_shim.wechat.recognition import Recognizer as Reader

APPID = "wx0000000000000000"
SECRET = "local"  # noqa: S105 - the emulator's own pair, good nowhere else
_START = 60.0  # seconds until the emulator has to listen
_PATIENCE = 120.0  # seconds a call may take: the first photo of a process loads the weights
_LISTENING = "openapi-shim listening on "


class _Running(Protocol):
    url: str

    def stop(self) -> None: ...


class WeChat:
    """A running emulator with an empty state of its own; :meth:`stop` leaves nothing behind.

    Args:
        functions_dir: folder of the cloud functions; none by default.
        process: a process of its own in place of a thread of this one.
        settings: of the emulator, as ``daily_quota``; see the README's table.

    Attributes:
        url: e.g. ``http://127.0.0.1:41234``.
        recognizer: chooses what photos are answered.
        clock: can be held and moved.
        faults: what goes wrong.

    Raises:
        ConfigError: a setting cannot be used, or the emulator does not start.
    """

    def __init__(
        self,
        *,
        functions_dir: Path | None = None,
        process: bool = False,
        **settings: object,
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="openapi-shim-"))
        values = {
            "host": "127.0.0.1",
            "port": 0,
            "state_dir": self._folder / "state",
            "functions_dir": functions_dir or self._folder / "functions",
            "watch": False,
            **settings,
        }
        try:
            self._running: _Running = _Process(values) if process else _Thread(values)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self.url = self._running.url
        self._controls = Controls(self.url)
        self.recognizer = Recognizer(self._controls)
        self.clock = Clock(self._controls)
        self.faults = Faults(self._controls)

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables by which a process's SDK calls this emulator."""
        return {
            "OPENAPI_SHIM_BASE_URL": self.url,
            "OPENAPI_SHIM_APPID": APPID,
            "OPENAPI_SHIM_SECRET": SECRET,
            "OPENAPI_SHIM_TRANSPORT": TransportKind.HTTPS.value,
        }

    def settings(self, function_dir: Path) -> Settings:
        """The same for an SDK in this process, with the permissions of *function_dir*."""
        return Settings(
            base_url=self.url,
            appid=APPID,
            secret=SECRET,
            transport=TransportKind.HTTPS,
            function_dir=function_dir,
            timeout=_PATIENCE,
        )

    def calls(self, operation: str = "") -> list[Call]:
        """What was called, the oldest first; of one operation, or of all."""
        found = calls_of(self._controls)
        return [call for call in found if operation in ("", call.operation)]

    def assert_called(self, operation: str, times: int | None = None) -> None:
        """Fail unless *operation* was called, or was called so many times.

        Raises:
            AssertionError: it tells what was called instead.
        """
        found = len(self.calls(operation))
        if found == 0 if times is None else found != times:
            wanted = "was not called" if times is None else f"was called {found}, not {times} times"
            others = sorted({call.operation for call in self.calls()}) or ["nothing"]
            raise AssertionError(f"{operation} {wanted}; called were: {', '.join(others)}")

    def tls(self) -> tuple[int, str]:
        """A port where WeChat's hosts are with TLS, and the certificate to trust for it."""
        told = self._controls.ask("POST", "/tls")
        return told["port"], told["certificate"]

    def reset(self) -> None:
        """As it was at the beginning: tokens, quota and files too.

        Raises:
            ControlError: its state is in Redis or DynamoDB, which it does not empty.
        """
        self._controls.ask("POST", "/reset")

    def stop(self) -> None:
        """End it and remove its state."""
        self._running.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> WeChat:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Thread:
    """The emulator on an event loop of its own, in a thread."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self.url = ""
        self._settings = Settings.model_validate({"store": "sqlite::memory:", **values})
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._end: asyncio.Event | None = None
        self._errors: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, name="openapi-shim", daemon=True)
        self._thread.start()
        self._ready.wait(_START)
        if self._errors:
            self._thread.join()
            raise self._errors[0]

    def stop(self) -> None:
        if self._end is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(_START)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            self._errors.append(error)
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()
            self._ready.set()

    async def _serve(self) -> None:
        desk = _desk(self._settings)
        self._end = asyncio.Event()
        self.url = await desk.server.start()
        self._ready.set()
        try:
            await self._end.wait()
        finally:
            await desk.server.stop()


def _desk(settings: Settings) -> Desk:
    from openapi_shim.emulator.desk import make_desk  # noqa: PLC0415 - whoever collects tests

    reader = _reader(settings.ocr_threads, settings.ocr_budget)
    return make_desk(settings, recognizer=reader)


@lru_cache
def _reader(threads: int, budget: float) -> _PatientReader:
    """The one of all emulators of this process with such settings: weights are loaded once."""
    from openapi_shim.wechat.late import LateRecognizer  # noqa: PLC0415 - does not pay for it

    return _PatientReader(LateRecognizer(threads, budget))


class _PatientReader:
    """One recognizer for several emulators, loaded by the first photo and not before."""

    def __init__(self, recognizer: Reader) -> None:
        self._recognizer = recognizer
        self._lock = threading.Lock()

    def load(self) -> None:
        """Most tests choose the answers: those need no weights."""

    def read(self, content: bytes, /) -> License:
        with self._lock:
            return self._recognizer.read(content)


class _Process:
    """The emulator as ``openapi-shim start`` runs it."""

    def __init__(self, values: Mapping[str, object]) -> None:
        folder = Path(str(values["state_dir"])).parent
        self._log = folder / "log.txt"
        environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("OPENAPI_SHIM_", "COV_"))
        }
        environ |= {f"OPENAPI_SHIM_{name.upper()}": str(value) for name, value in values.items()}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "openapi_shim", "start"],
                cwd=folder,
                env=environ,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        first = self._process.stdout.readline()
        if not first.startswith(_LISTENING):
            self.stop()
            told = self._log.read_text("utf-8", "replace").strip()
            raise ConfigError(f"the emulator did not start: {told[-2000:] or first}")
        self.url = first.removeprefix(_LISTENING).strip()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.communicate(timeout=_START)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
