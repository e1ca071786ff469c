"""Cores of a container, keys that must be set, what is loaded only when it is used."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from openapi_shim.emulator.journal import Outcome
from openapi_shim.errors import ConfigError
from openapi_shim.serving.accounts import Finished
from openapi_shim.serving.capacity import Capacity, choose_capacity, usable_cores
from openapi_shim.serving.doors import MADE_ID, check_keys, closed_settings
from openapi_shim.serving.logs import JsonFormatter, RequestLog
from openapi_shim.settings import ImageUrlPolicy, Settings

KEYS = {"emulator_appid": "wx1", "emulator_secret": "s"}
BOUND = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({}, BOUND),
        ({"cpu.max": "max 100000\n"}, BOUND),
        ({"cpu.max": "50000 100000\n"}, 1),
        ({"cpu.max": "99900000 100000\n"}, BOUND),
        ({"cpu.max": "broken\n"}, BOUND),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, BOUND),
        ({"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1),
        ({"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "0\n"}, BOUND),
    ],
)
def test_cores(tmp_path: Path, files: dict[str, str], cores: int) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert usable_cores(tmp_path) == cores


@pytest.mark.parametrize(
    ("settings", "cores", "capacity"),
    [
        (Settings(), 4, Capacity(4, 1)),
        (Settings(ocr_threads=2), 4, Capacity(2, 2)),
        (Settings(ocr_threads=8), 4, Capacity(1, 8)),
        (Settings(processes=3), 1, Capacity(3, 1)),
        (Settings(processes=1, ocr_threads=4), 4, Capacity(1, 4)),
    ],
)
def test_capacity(settings: Settings, cores: int, capacity: Capacity) -> None:
    assert choose_capacity(settings, cores) == capacity


def test_without_keys_it_says_what_to_set() -> None:
    with pytest.raises(
        ConfigError, match=r"set OPENAPI_SHIM_EMULATOR_APPID and .*_SECRET\. .*--open"
    ):
        check_keys(Settings())
    check_keys(Settings(open_doors=True))
    check_keys(Settings.model_validate(KEYS))


def test_a_server_is_closed_where_an_emulator_is_open() -> None:
    closed = closed_settings(Settings.model_validate(KEYS))
    assert closed.image_urls is ImageUrlPolicy.PUBLIC
    assert not closed.watch
    assert closed.gateway_secret_id == MADE_ID
    key = closed.gateway_secret_key.get_secret_value()
    again = closed_settings(Settings.model_validate(KEYS)).gateway_secret_key.get_secret_value()
    assert len(key) >= 40
    assert key != again


def test_what_is_set_stays() -> None:
    given = KEYS | {"gateway_secret_id": "i", "gateway_secret_key": "k", "image_urls": "any"}
    closed = closed_settings(Settings.model_validate(given))
    assert (closed.image_urls, closed.gateway_secret_id) == (ImageUrlPolicy.ANY, "i")
    opened = closed_settings(Settings(open_doors=True))
    assert (opened.image_urls, opened.gateway_secret_id) == (ImageUrlPolicy.LOOPBACK, "")


def test_traces_cost_nothing_where_they_are_off() -> None:
    code = (
        "import sys, openapi_shim.serving.process, openapi_shim.serving.server;"
        "print([name for name in sys.modules if 'telemetry' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def formatted(record: logging.LogRecord) -> dict[str, object]:
    line: dict[str, object] = json.loads(JsonFormatter().format(record))
    return line


def test_the_message_of_an_exception_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("test.serving")
    try:
        int("张三 440402198612102730")
    except ValueError:
        log.exception("a fault")
    line = formatted(caplog.records[-1])
    assert (line["message"], line["exception"]) == ("a fault", "ValueError")
    assert "张三" not in json.dumps(line, ensure_ascii=False)
    assert "test_parts.py" in str(line["stack"])


@pytest.mark.parametrize(
    ("code", "reason", "told"),
    [
        (41001, "the query has no access_token", True),
        (101000, "http://host/name-of-a-person.jpg answered 404", False),
        (-504002, "ValueError: what the function was given", False),
        ("INVALID_PARAM", "what the client wrote", False),
    ],
)
def test_reasons_with_a_clients_words_are_left_out(
    code: int | str, reason: str, told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "openapi_shim.serving.requests"):
        RequestLog().finished(Finished("POST", "/p", Outcome(code, "rid", reason), 0.0123))
    line = formatted(caplog.records[-1])
    assert (line["errcode"], line["rid"], line["path"], line["ms"]) == (code, "rid", "/p", 12.3)
    assert ("reason" in line) is told
