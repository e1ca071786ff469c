"""What doctor finds in a function's code, and what it leaves alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from openapi_shim.packaging.doctor import examine
from openapi_shim.packaging.findings import Finding, Level
from openapi_shim.packaging.platforms import AWS, CLOUDBASE, CONTAINER, Platform
from openapi_shim.packaging.subject import Subject
from tests.unit.packaging.conftest import Write

ROOT = Path(__file__).parents[3]
MAIN = "\ndef main(event, context):\n    return {}\n"


def found(subject: Subject, platform: Platform = CLOUDBASE) -> list[tuple[str, str]]:
    """Code of each finding, and its line."""
    return [(item.code, item.where.rpartition(":")[2]) for item in examine(subject, platform)]


def the(subject: Subject, code: str, platform: Platform = CLOUDBASE) -> Finding:
    (item,) = [item for item in examine(subject, platform) if item.code == code]
    return item


@pytest.mark.parametrize("platform", [CLOUDBASE, AWS, CONTAINER], ids=lambda item: item.name)
def test_our_own_functions_raise_no_alarm(platform: Platform) -> None:
    for folder in (ROOT / "functions").iterdir():
        assert examine(Subject(folder.name, str(folder), folder, folder), platform) == []


CALLS = {
    "plain": "from openapi_shim import cloud\nasync def f():\n    await cloud.openapi.{}()\n",
    "renamed": "from openapi_shim import cloud as c\nasync def f():\n    await c.openapi.{}()\n",
    "module": "import openapi_shim as o\nasync def f():\n    await o.cloud.openapi.{}()\n",
    "options": (
        "from openapi_shim import cloud\nasync def f():\n"
        "    await cloud.openapi({{'convertCase': False}}).{}()\n"
    ),
    "instance": (
        "from openapi_shim import cloud\nc = cloud.createNewInstance({{}})\n"
        "f = lambda: c.openapi.{}()\n"
    ),
    "assigned": "from openapi_shim import cloud\napi = cloud.openapi\nf = lambda: api.{}()\n",
}


@pytest.mark.parametrize("code", CALLS.values(), ids=CALLS)
def test_a_call_that_config_json_does_not_allow(write: Write, code: str) -> None:
    subject = write(code.format("ocr.idcard") + MAIN)
    missing = the(subject, "permission-missing")
    assert missing.where.endswith("index.py:3")
    assert missing.level is Level.ERROR
    assert 'add "ocr.idcard" to permissions.openapi' in missing.fix
    assert found(write(code.format("ocr.driverLicense") + MAIN)) == []


def test_without_a_config_json_the_project_s_decides(write: Write, tmp_path: Path) -> None:
    subject = write(CALLS["plain"].format("ocr.driverLicense") + MAIN)
    (subject.folder / "config.json").unlink()
    assert "permission-missing" in dict(found(subject))
    (tmp_path / "config.json").write_text('{"permissions": {"openapi": ["ocr.driverLicense"]}}')
    assert "permission-missing" not in dict(found(subject))


def test_an_operation_that_nobody_knows(write: Write) -> None:
    unknown = the(write(CALLS["plain"].format("ocr.drivrLicense") + MAIN), "operation-unknown")
    assert unknown.level is Level.WARNING
    assert "did you mean ocr.driverLicense?" in unknown.fix


@pytest.mark.parametrize(
    "code",
    [
        "from other import cloud\ndef f():\n    cloud.openapi.ocr.idcard()\n",
        "class Cloud:\n    pass\ncloud = Cloud()\ndef f():\n    cloud.openapi.ocr.idcard()\n",
        "# cloud.openapi.ocr.idcard()\nTEXT = 'cloud.openapi.ocr.idcard()'\n",
    ],
)
def test_what_only_looks_like_a_call(write: Write, code: str) -> None:
    assert "permission-missing" not in dict(found(write(code + MAIN, other__dot__py="")))


NEWER = {
    "import tomllib": "tomllib",
    "import asyncio\nf = lambda: asyncio.TaskGroup()": "TaskGroup",
    "from asyncio import timeout": "timeout",
    "from typing import Self, Any": "Self",
    "from datetime import UTC, datetime": "UTC",
    "from enum import StrEnum as S": "StrEnum",
    "def f():\n    raise ExceptionGroup('x', [])": "ExceptionGroup",
    "import itertools as i\nf = lambda: i.batched([], 2)": "batched",
}


@pytest.mark.parametrize(("code", "name"), NEWER.items(), ids=NEWER.values())
def test_names_that_came_with_a_later_python(write: Write, code: str, name: str) -> None:
    newer = the(write(code + MAIN), "newer-python")
    assert name in newer.what
    assert "runs 3.10" in newer.why
    assert found(write(code + MAIN), CONTAINER) == []


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    import tomllib\nexcept ImportError:\n    tomllib = None\n",
        "import sys\nif sys.version_info >= (3, 11):\n    import tomllib\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from typing import Self\n",
        "class asyncio:\n    TaskGroup = 1\nx = asyncio.TaskGroup\n",
        "class ExceptionGroup(Exception):\n    pass\nx = ExceptionGroup\n",
        "match 1:\n    case 1:\n        pass\n",
    ],
)
def test_names_that_are_asked_for_with_care(write: Write, code: str) -> None:
    assert found(write(code + MAIN)) == []


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("try:\n    pass\nexcept* ValueError:\n    pass\n", 3),
        ("x = 1\ndef f[T](x: T) -> T:\n    return x\n", 2),
        ("x = (\n", 1),
        ("x = 'a\0b'\n", 1),
    ],
)
def test_syntax_that_python_3_10_cannot_read(write: Write, code: str, line: int) -> None:
    subject = write(MAIN, more__dot__py=code)
    fault = the(subject, "syntax")
    assert fault.level is Level.ERROR
    assert "more.py:" in fault.where
    if sys.version_info >= (3, 11):  # an older one calls other lines to account
        assert abs(int(fault.where.rpartition(":")[2]) - line) <= 1


def test_a_file_with_newer_syntax_is_looked_into_all_the_same(write: Write) -> None:
    if sys.version_info < (3, 11):
        return  # nothing newer can be read here
    code = "try:\n    pass\nexcept* ValueError:\n    pass\nx = lambda e: e['userInfo']\n" + MAIN
    assert {name for name, _ in found(write(code))} == {"syntax", "user-info"}


def test_imports_that_nothing_brings(write: Write) -> None:
    code = """
        import json, distutils, aiohttp, google.protobuf, attr, typing_extensions
        import local, package.part
        from . import sibling
        import pandas as pd
        from requests.adapters import Retry
        try:
            import orjson
        except ModuleNotFoundError:
            orjson = json
        def main(event, context):
            import boto3
    """
    subject = write(code, local__dot__py="", package__in__part__dot__py="")
    missing = [item for item in examine(subject, CLOUDBASE) if item.code == "import-missing"]
    assert [item.what.split()[0] for item in missing] == ["pandas", "requests", "boto3"]
    assert {item.level for item in missing} == {Level.ERROR}
    wanted = "# what we need\nrequests==2.32\n-r more.txt\npandas[excel]>=2; python_version>'3'\n"
    subject = write(
        code,
        local__dot__py="",
        package__in__part__dot__py="",
        requirements__dot__txt=wanted,
        more__dot__txt="boto3\n",
    )
    assert "import-missing" not in dict(found(subject))


def test_a_requirement_that_may_bring_anything_makes_it_a_warning(write: Write) -> None:
    subject = write("import strange" + MAIN, requirements__dot__txt="never-heard-of\n")
    assert the(subject, "import-missing").level is Level.WARNING


def test_packages_installed_into_the_folder(write: Write) -> None:
    subject = write(
        "import requests" + MAIN,
        requests__in____init____dot__py="import nothing_that_is_there\nx = e['userInfo']\n",
        **{"requests-2.dist-info__in__top_level__dot__txt": "requests\n"},
    )
    assert found(subject) == []


CLOCKS = [
    "from datetime import datetime\nf = lambda: datetime.now()",
    "import datetime\nf = lambda: datetime.date.today()",
    "from datetime import date as d\nf = lambda: d.today()",
    "import datetime as dt\nf = lambda: dt.datetime.fromtimestamp(1)",
    "import time\nf = lambda: time.strftime('%Y')",
]


@pytest.mark.parametrize("code", CLOCKS)
def test_clocks_without_a_zone(write: Write, code: str) -> None:
    assert found(write(code + MAIN)) == [("clock-zone", "2")]
    with_zone = {"timeout": 20, "envVariables": {"TZ": "Asia/Shanghai"}}
    assert "clock-zone" not in dict(found(write(code + MAIN, with_zone)))


@pytest.mark.parametrize(
    "code",
    [
        "from datetime import datetime, timezone\nf = lambda: datetime.now(timezone.utc)",
        "from datetime import datetime\nf = lambda zone: datetime.now(tz=zone)",
        "from datetime import datetime\nf = lambda: datetime.utcnow()",
        "import time\nf = lambda: (time.time(), time.monotonic())",
        "import time\nf = lambda t: time.strftime('%Y', t)",
    ],
)
def test_clocks_that_are_right_anywhere(write: Write, code: str) -> None:
    assert found(write(code + MAIN)) == []


@pytest.mark.parametrize(
    "read",
    ["event['userInfo']['openId']", "event.get('userInfo')", "event.pop('userInfo', None)"],
)
def test_the_event_s_word_for_who_calls(write: Write, read: str) -> None:
    code = f"def main(event, context):\n    return {read}\n"
    assert found(write(code)) == [("user-info", "2")]
    answer = "def main(event, context):\n    event['userInfo'] = 1\n    return {'userInfo': 2}\n"
    assert found(write(answer)) == []


def test_hostile_source_is_a_finding(write: Write) -> None:
    deep = "x = " + "(" * 5000 + ")" * 5000
    assert found(write(MAIN, deep__dot__py=deep))[0][0] == "syntax"
    assert found(write(MAIN, bytes__dot__py=b"\xff\xfe\x00"))[0][0] == "syntax"


def test_a_module_that_stays_out_of_the_package(write: Write) -> None:
    subject = write("import test_data" + MAIN, test_data__dot__py="")
    assert found(subject) == [("import-missing", "1")]
