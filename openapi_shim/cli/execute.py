"""``openapi-shim exec``: any command against an emulator of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openapi_shim.cli.logs import log_to_stderr
from openapi_shim.cli.mistakes import complain
from openapi_shim.wechat.late import LateRecognizer

if TYPE_CHECKING:
    from openapi_shim.settings import Settings

NOT_FOUND, NOT_EXECUTABLE = 127, 126  # as a shell has them
_BY_SIGNAL = 128
_PASSED_ON = (
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
)
_FROM_TERMINAL = frozenset({signal.SIGINT, signal.SIGQUIT})
# Variables that would lead the command's SDK past the emulator.
_ELSEWHERE = (
    "OPENAPI_SHIM_ACCESS_TOKEN",
    "OPENAPI_SHIM_CLOUDBASE_ACCESS_TOKEN",
    "OPENAPI_SHIM_SECRET_FROM",
    "OPENAPI_SHIM_TOKENLESS",
    "OPENAPI_SHIM_TRANSPORT",
    "OPENAPI_SHIM_STORE",
    "WX_CLOUDBASE_ACCESSTOKEN",
)


def execute(
    command: Annotated[
        list[str],
        typer.Argument(help="The command and its arguments, after --.", metavar="COMMAND"),
    ],
    functions_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the cloud functions.")
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A setting of the emulator, as daily_quota=3."),
    ] = None,
    openid: Annotated[
        str, typer.Option(help="A user's OPENID that getWXContext() shall show.")
    ] = "",
    proxy: Annotated[
        bool,
        typer.Option(
            "--proxy", help="Set the proxy's variables too, for clients with a fixed address."
        ),
    ] = False,
) -> None:
    """Run a command against a fresh emulator, as in: openapi-shim exec -- pytest.

    The command finds the emulator by its environment, as `openapi-shim env` prints it. Its exit
    code is passed on; signals go to it; nothing is left behind.
    """
    from openapi_shim.cli.orphans import adopt, end_children
    from openapi_shim.settings import load_settings

    flags = {**_settings(setting or []), "functions_dir": functions_dir}
    adopt()
    log_to_stderr(logging.WARNING)
    with _Signals() as signals:
        folder = Path(tempfile.mkdtemp(prefix="openapi-shim-"))
        try:
            own = {"host": "127.0.0.1", "port": "0", "store": "", "watch": "false"}
            settings = load_settings(
                flags={**own, **flags, "state_dir": folder / "state"}, function_dir=Path()
            )
            code = asyncio.run(_run(settings, command, openid, proxy, signals))
        finally:
            end_children()
            shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.flush()
    os._exit(code)  # a reading of a photo, or of the weights, would be waited for


class _Signals:
    """Signals from the first moment on; those that come before the command are kept for it."""

    def __init__(self) -> None:
        self._kept: list[int] = []
        self._process: asyncio.subprocess.Process | None = None

    def __enter__(self) -> _Signals:
        for number in _PASSED_ON:
            signal.signal(number, self._came)
        return self

    def __exit__(self, *_: object) -> None:
        for number in _PASSED_ON:
            signal.signal(number, signal.SIG_IGN)  # nothing interrupts the end

    @property
    def first(self) -> int | None:
        """The first that came before there was a command."""
        return self._kept[0] if self._kept else None

    def go_to(self, process: asyncio.subprocess.Process) -> None:
        """Pass signals on to *process*, those that were kept too."""
        self._process = process
        for number in self._kept:
            self._pass_on(number)

    def _came(self, number: int, _: object) -> None:
        if self._process is None:
            self._kept.append(number)
        elif number not in _FROM_TERMINAL or not _in_foreground():
            self._pass_on(number)

    def _pass_on(self, number: int) -> None:
        assert self._process is not None  # noqa: S101 - both callers made sure
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)


async def _run(
    settings: Settings, command: list[str], openid: str, proxy: bool, signals: _Signals
) -> int:
    from openapi_shim.emulator.desk import make_desk

    server = make_desk(
        settings, recognizer=LateRecognizer(settings.ocr_threads, settings.ocr_budget)
    ).server
    url = await server.start()
    try:
        if signals.first is not None:
            return _BY_SIGNAL + signals.first
        environ = _environment(url, settings, openid, proxy)
        try:
            process = await asyncio.create_subprocess_exec(*command, env=environ)
        except FileNotFoundError:
            complain(f"{command[0]}: there is no such command (in {environ.get('PATH', '')})")
            return NOT_FOUND
        except (PermissionError, OSError) as error:
            complain(f"{command[0]} cannot be run: {error.strerror or error}")
            return NOT_EXECUTABLE
        signals.go_to(process)
        code = await process.wait()
        return code if code >= 0 else _BY_SIGNAL - code
    finally:
        await server.stop()


def _environment(url: str, settings: Settings, openid: str, proxy: bool) -> dict[str, str]:
    from openapi_shim.cli.ca import proxy_environment
    from openapi_shim.cli.env import cloud_environment

    kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    variables: Mapping[str, str] = cloud_environment(url, settings, openid)
    more = proxy_environment(url, settings) if proxy else {}
    return {**kept, **variables, **more}


def _settings(given: list[str]) -> dict[str, str]:
    """NAME=VALUE of each.

    Raises:
        BadParameter: one is none.
    """
    from openapi_shim.settings import Settings

    found = {}
    for item in given:
        name, equals, value = item.partition("=")
        name = name.strip().lower().removeprefix("openapi_shim_").replace("-", "_")
        if not equals or name not in Settings.model_fields:
            raise typer.BadParameter(
                f"--setting {item.partition('=')[0]!r} is no NAME=VALUE of a setting; the README's "
                "table has them, as --setting daily_quota=3"
            )
        if name == "state_dir":
            raise typer.BadParameter("state_dir is a folder of its own, removed at the end")
        found[name] = value
    return found


def _in_foreground() -> bool:
    """Whether a terminal sends the command what it sends this process."""
    try:
        with open("/dev/tty", "rb", buffering=0) as terminal:  # noqa: PTH123 - no path of a user's
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
