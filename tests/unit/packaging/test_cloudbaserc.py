"""cloudbaserc.json by our own schema, since the platform's tool has none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.errors import ConfigError
from openapi_shim.packaging.cloudbaserc import Cloudbaserc, read_cloudbaserc

ROOT = Path(__file__).parents[3]


def read(tmp_path: Path, text: str) -> Cloudbaserc:
    path = tmp_path / "cloudbaserc.json"
    path.write_text(text, "utf-8")
    return read_cloudbaserc(path)


def with_function(**members: Any) -> str:
    return json.dumps({"envId": "e-1", "functions": [{"name": "f1", **members}]})


def test_our_own_is_right_and_comes_back_as_it_is() -> None:
    path = ROOT / "cloudbaserc.json"
    ours = read_cloudbaserc(path)
    assert ours.as_json() == path.read_text("utf-8")
    assert {entry.name for entry in ours.functions} == {
        folder.name for folder in (ROOT / "functions").iterdir() if folder.is_dir()
    }


def test_a_whole_one(tmp_path: Path) -> None:
    function = {
        "name": "reader",
        "timeout": 900,
        "memorySize": 3072,
        "envVariables": {"A": "1", "B": True, "C": 2.5},
        "ignore": ["docs/**"],
        "triggers": [{"name": "t", "type": "timer", "config": "0 0 2 1 * * *"}],
        "vpc": {"vpcId": "v", "subnetId": "s"},
    }
    found = read(tmp_path, json.dumps({"version": "2.0", "envId": "e", "functions": [function]}))
    entry = found.function("reader")
    assert entry is not None
    assert entry.variables == {"A": "1", "B": "true", "C": "2.5"}
    assert (entry.handler, entry.runtime) == ("index.main", "Python3.10")
    assert json.loads(found.as_json())["functions"][0]["vpc"] == function["vpc"]
    assert found.function("other") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"envId": "e", "functionroot": "x"}', "functionroot.*did you mean functionRoot"),
        (with_function(memory=256), r"functions\[0\]\.memory.*did you mean memorySize"),
        (with_function(envVariable={}), "did you mean envVariables"),
        (with_function(zzz=1), "there is no such key; known are name, dir, handler"),
        (with_function(vpc={"vpcID": "v", "subnetId": "s"}), r"vpc\.vpcI[dD]"),
        (with_function(timeout=99999), r"functions\[0\]\.timeout: .*less than or equal to 900"),
        (with_function(timeout=0), "greater than or equal to 1"),
        (with_function(timeout="20"), "valid integer"),
        (with_function(timeout=True), "valid integer"),
        (with_function(memorySize=200), "multiple of 128"),
        (with_function(memorySize=8192), "less than or equal to 3072"),
        (with_function(envVariables={"A": ["x"]}), r"functions\[0\]\.envVariables\.A: "),
        (with_function(envVariables={"A": "x" * 5000}), "5002 bytes together.* takes 4096"),
        (with_function(triggers=[{"name": "t", "type": "timer", "config": "* * *"}]), "seconds"),
        (with_function(name="1st"), r"functions\[0\]\.name"),
        (json.dumps({"envId": "e", "functions": [{"name": "ff"}] * 2}), "ff is there 2 times"),
        ('{"functions": []}', "envId: Field required"),
        ('{"envId": ""}', "envId"),
        ("[]", "the file: .*object"),
        ('{"envId": "e",}', "no JSON: .*line 1 column"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_what_the_platform_would_take_silently_or_refuse(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(ConfigError, match=told) as caught:
        read(tmp_path, text)
    assert str(tmp_path) in str(caught.value)


def test_a_value_that_may_be_secret_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, with_function(envVariables={"SECRET": ["hunter2"]}))
    assert "hunter2" not in str(caught.value)


def test_a_file_that_is_not_there_or_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_cloudbaserc(tmp_path / "cloudbaserc.json")
    with pytest.raises(ConfigError, match="larger than"):
        read(tmp_path, " " * 1_000_001)
