"""The pytest plugin: fixtures for the tests of a project with cloud functions.

It loads itself wherever openapi_shim is installed; nothing heavy is imported before a fixture is
used. Options stand under ``[tool.pytest.ini_options]``: ``openapi_shim_functions`` (folder of the
functions, by default ``functions``), ``openapi_shim_process`` (a process of its own for the
emulator) and ``openapi_shim_settings`` (the emulator's settings, one ``name = value`` a line).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from openapi_shim.sdk.cloud import Cloud
    from openapi_shim.testing.controls import Clock, Faults
    from openapi_shim.testing.emulated import WeChat
    from openapi_shim.testing.photo import Photo

_FUNCTIONS = "openapi_shim_functions"
_PROCESS = "openapi_shim_process"
_SETTINGS = "openapi_shim_settings"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of pytest's configuration."""
    parser.addini(_FUNCTIONS, "Folder of the cloud functions.", default="functions")
    parser.addini(_PROCESS, "Run the emulator as a process of its own.", type="bool", default=False)
    parser.addini(_SETTINGS, "Settings of the emulator: name = value.", type="linelist", default=[])


@pytest.fixture(scope="session")
def _wechat_process(request: pytest.FixtureRequest) -> Iterator[WeChat]:
    """The emulator as a process: one a session, and so one for each worker of xdist."""
    with _started(request, process=True) as running:
        yield running


@pytest.fixture
def wechat(request: pytest.FixtureRequest) -> Iterator[WeChat]:
    """A running emulator on a free port: ``url``, ``recognizer``, ``clock``, ``faults``, ``calls``.

    Each test has one of its own, with an empty state, in a thread of this process. As a process
    it is the session's, and is reset before each test: tokens, quota and files too.
    """
    if request.config.getini(_PROCESS):
        shared: WeChat = request.getfixturevalue("_wechat_process")
        shared.reset()
        yield shared
    else:
        with _started(request, process=False) as own:
            yield own


@pytest.fixture
def cloud(wechat: WeChat, request: pytest.FixtureRequest) -> Cloud:
    """The SDK, initialized, calling the emulator; permissions are those of the project."""
    from openapi_shim.sdk.cloud import Cloud  # noqa: PLC0415 - as above

    bound = Cloud(settings=wechat.settings(request.config.rootpath))
    bound.init({"env": bound.DYNAMIC_CURRENT_ENV})
    return bound


@pytest.fixture
def invoke(wechat: WeChat, request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Calls a function of the project in this process: ``invoke("driverLicense", {…})``.

    Keywords: ``openid``, ``permissions``, ``caller``; see
    ``openapi_shim.testing.invoke_function``.
    """
    from openapi_shim.testing.invocation import invoke_function  # noqa: PLC0415 - as above

    folder = _functions(request)

    def call(name: str, event: dict[str, Any] | None = None, /, **named: Any) -> Any:
        return invoke_function(name, event, functions_dir=folder, settings=wechat.settings, **named)

    return call


@pytest.fixture
def clock(wechat: WeChat) -> Clock:
    """The emulator's clock."""
    return wechat.clock


@pytest.fixture
def faults(wechat: WeChat) -> Faults:
    """What goes wrong in the emulator."""
    return wechat.faults


@pytest.fixture
def wechat_hosts(wechat: WeChat, monkeypatch: pytest.MonkeyPatch) -> Iterator[WeChat]:
    """Leads ``https://api.weixin.qq.com`` to the emulator, for code in which it is fixed.

    aiohttp by its connectors, ``requests``, ``httpx`` and curl by the proxy's variables.
    """
    from openapi_shim.testing.hosts import hosts_led  # noqa: PLC0415 - as above

    with hosts_led(wechat, monkeypatch.setenv):
        yield wechat


@pytest.fixture(scope="session")
def specimen() -> Callable[..., Photo]:
    """A photo with known fields: ``specimen()``, or ``specimen(seed, grade="hard")`` drawn anew."""
    from openapi_shim.testing.photo import draw_photo, ready_photo  # noqa: PLC0415 - as above

    def photo(seed: int | None = None, **more: Any) -> Photo:
        return ready_photo() if seed is None and not more else draw_photo(seed or 0, **more)

    return photo


def _functions(request: pytest.FixtureRequest) -> Path:
    return Path(request.config.rootpath, str(request.config.getini(_FUNCTIONS)))


def _started(request: pytest.FixtureRequest, *, process: bool) -> WeChat:
    from openapi_shim.testing.emulated import WeChat  # noqa: PLC0415 - only who uses it pays

    settings = _settings(request.config.getini(_SETTINGS))
    return WeChat(functions_dir=_functions(request), process=process, **settings)


def _settings(lines: list[str]) -> dict[str, str]:
    pairs = [line.partition("=") for line in lines]
    wrong = next((name for name, equals, _ in pairs if not equals), None)
    if wrong is not None:
        raise pytest.UsageError(f"{_SETTINGS}: {wrong!r} is not name = value")
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
