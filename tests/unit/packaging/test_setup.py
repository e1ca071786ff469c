"""What doctor finds around a function's code: time-outs, runtimes, sizes, credentials, secrets."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.packaging.cloudbaserc import CloudbaseFunction
from openapi_shim.packaging.doctor import examine, project_findings
from openapi_shim.packaging.findings import Finding, Level
from openapi_shim.packaging.platforms import AWS, CLOUDBASE, CONTAINER, Platform
from openapi_shim.packaging.subject import Subject
from tests.unit.packaging.conftest import Write

CALLS = """
from openapi_shim import cloud
async def main(event, context):
    return await cloud.openapi.ocr.driverLicense(event)
"""
QUIET = "def main(event, context):\n    return {}\n"
PERMITTED = {"permissions": {"openapi": ["ocr.driverLicense"]}}


def findings(subject: Subject, platform: Platform = CLOUDBASE) -> dict[str, Finding]:
    return {item.code: item for item in examine(subject, platform)}


def entry(**members: Any) -> CloudbaseFunction:
    return CloudbaseFunction.model_validate_json(json.dumps({"name": "fn", **members}))


@pytest.mark.parametrize(
    ("timeout", "level"),
    [(None, Level.ERROR), (3, Level.ERROR), (10, Level.WARNING), (15, Level.WARNING), (20, None)],
)
def test_a_time_out_that_recognition_does_not_fit_into(
    write: Write, timeout: int | None, level: Level | None
) -> None:
    config = PERMITTED | ({"timeout": timeout} if timeout else {})
    short = findings(write(CALLS, config)).get("timeout-short")
    assert (short and short.level) == level
    if timeout is None:
        assert short is not None
        assert "nothing said, so 3 s" in short.what
    assert "timeout-short" not in findings(write(QUIET, config))


def test_a_container_of_ones_own_has_no_time_out(write: Write) -> None:
    assert "timeout-short" not in findings(write(CALLS, PERMITTED), CONTAINER)


def test_the_sdk_s_own_time_counts(write: Write) -> None:
    config = PERMITTED | {"timeout": 8, "openapi_shim": {"timeout": 6}}
    assert findings(write(CALLS, config)) == {}
    config = PERMITTED | {"timeout": 70, "openapi_shim": {"timeout": 60}}
    assert set(findings(write(CALLS, config))) == {"timeout-long"}


def test_cloudbaserc_s_word_counts_where_it_has_one(write: Write) -> None:
    subject = write(CALLS)  # 20 s in config.json
    assert "timeout-short" in findings(replace(subject, deployed=entry(timeout=4)))
    assert "timeout-short" in findings(replace(subject, deployed=entry()))  # tcb asks no other
    assert findings(replace(subject, deployed=entry(timeout=20))) == {}


@pytest.mark.parametrize(
    ("member", "code"),
    [
        ({"runtime": "Python3.9"}, "runtime"),
        ({"runtime": "Nodejs18.15"}, "runtime"),
        ({"handler": "app.main"}, "handler"),
        ({"installDependency": True}, "install-dependency"),
    ],
)
def test_an_entry_that_does_not_fit_the_package(
    write: Write, member: dict[str, Any], code: str
) -> None:
    assert set(findings(replace(write(CALLS), deployed=entry(timeout=20, **member)))) == {code}


def test_a_runtime_that_the_platform_has_not(write: Write) -> None:
    config = PERMITTED | {"timeout": 20, "runtime": "Python3.12"}
    assert findings(write(CALLS, config))["runtime"].level is Level.ERROR
    assert findings(write(CALLS, config), AWS) == {}


def test_a_folder_that_the_developer_tools_would_upload(write: Write, tmp_path: Path) -> None:
    subject = write(CALLS)
    project = tmp_path / "project.config.json"
    project.write_text('{"cloudfunctionRoot": "functions/"}')
    assert findings(subject)["devtools-runtime"].level is Level.WARNING
    for other in ('{"cloudfunctionRoot": "cloudfunctions/"}', "{}", "[", "[]"):
        project.write_text(other)
        assert findings(subject) == {}


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"OPENAPI_SHIM_TRANSPORT": "https"}, "credentials"),
        ({"OPENAPI_SHIM_APPID": "wx1"}, "credentials"),
        ({"OPENAPI_SHIM_SECRET": "{{env.SECRET}}"}, "credentials"),
        (
            {
                "OPENAPI_SHIM_TRANSPORT": "https",
                "OPENAPI_SHIM_APPID": "wx1",
                "OPENAPI_SHIM_SECRET": "{{env.SECRET}}",
            },
            None,
        ),
        ({"OPENAPI_SHIM_TRANSPORT": "cloudbase"}, None),
        ({"OPENAPI_SHIM_TRANSPORT": "recognizer"}, "recognizer"),
        ({"OPENAPI_SHIM_RETRIES": "{{env.RETRIES}}"}, None),
        ({"OPENAPI_SHIM_TRANSPORT": "carrier pigeon"}, "settings"),
        ({"MY_TOKEN": "abc"}, "secret-in-file"),
        ({"MY_TOKEN": "{{env.MY_TOKEN}}"}, None),
    ],
)
def test_credentials_and_variables(
    write: Write, variables: dict[str, str], code: str | None
) -> None:
    subject = replace(write(CALLS), deployed=entry(timeout=20, envVariables=variables))
    expected = {"variables-replaced"} | ({code} if code else set())
    assert set(findings(subject)) == expected


def test_a_secret_s_value_is_never_shown(write: Write) -> None:
    variables = {"OPENAPI_SHIM_SECRET": "hunter2", "OPENAPI_SHIM_RETRIES": "many"}
    subject = replace(write(CALLS), deployed=entry(timeout=20, envVariables=variables))
    assert "hunter2" not in repr(examine(subject, CLOUDBASE))


def test_the_gateway_s_keys_are_cloudbase_s_own(write: Write) -> None:
    config = PERMITTED | {"timeout": 20, "openapi_shim": {"transport": "cloudbase"}}
    assert findings(write(CALLS, config)) == {}
    assert findings(write(CALLS, config), AWS)["credentials"].level is Level.ERROR


def test_variables_that_tcb_would_not_deploy(write: Write) -> None:
    subject = write(CALLS, PERMITTED | {"timeout": 20, "envVariables": {"A": "1"}})
    missing = findings(replace(subject, deployed=entry(timeout=20)))["variables-missing"]
    assert "A is set here" in missing.what


def test_files_of_secrets(write: Write) -> None:
    subject = write(CALLS, __dot__env="X=1", certs__in__server__dot__pem="x")
    where = [item.where for item in examine(subject, CLOUDBASE) if item.code == "secret-file"]
    assert [Path(path).name for path in where] == [".env", "server.pem"]


def test_a_folder_that_is_too_large(write: Write) -> None:
    subject = write(CALLS)
    with (subject.folder / "weights.bin").open("wb") as file:
        file.truncate(251 * 1024 * 1024)  # nothing of it is written
    assert findings(subject, AWS)["too-large"].level is Level.ERROR
    assert "too-large" not in findings(subject, CLOUDBASE)


def test_a_broken_config_json_is_a_finding(write: Write) -> None:
    subject = write(CALLS)
    (subject.folder / "config.json").write_text('{"timeout": }')
    assert "line 1, column 13" in findings(subject)["config"].why


def test_a_function_in_node_is_looked_at_from_outside(tmp_path: Path) -> None:
    folder = tmp_path / "functions" / "node"
    folder.mkdir(parents=True)
    (folder / "index.js").write_text("exports.main = async () => ({})")
    (folder / "lib.dll").write_bytes(b"MZ" + b"\0" * 40)
    assert set(findings(Subject("node", str(folder), folder, folder))) == {"wrong-platform"}


def project(tmp_path: Path, text: str) -> dict[str, Finding]:
    (tmp_path / "cloudbaserc.json").write_text(text)
    return {item.code: item for item in project_findings(tmp_path / "functions", CLOUDBASE)[1]}


def test_a_cloudbaserc_that_would_deploy_the_sources(write: Write, tmp_path: Path) -> None:
    write(QUIET)
    known = {"functions": [{"name": "fn"}]}
    for root in ({}, {"functionRoot": "./functions"}):
        found = project(tmp_path, json.dumps({"envId": "e", **root, **known}))
        assert found["source-deployed"].level is Level.ERROR
    packed: dict[str, Any] = {"envId": "e", "functionRoot": "dist/cloudbase"}
    by_dir = packed | {"functions": [{"name": "fn", "dir": "functions/fn"}]}
    assert "dir leads to" in project(tmp_path, json.dumps(by_dir))["source-deployed"].what
    assert project(tmp_path, json.dumps(packed | known)) == {}
    missing = project(tmp_path, json.dumps(packed))["entry-missing"]
    assert '"name":"fn","handler":"index.main","runtime":"Python3.10","timeout":20' in missing.fix


def test_a_broken_cloudbaserc_is_a_finding(write: Write, tmp_path: Path) -> None:
    write(QUIET)
    assert "cloudbaserc" in project(tmp_path, "{")
    assert project_findings(tmp_path / "functions", AWS) == (None, [])


@pytest.mark.parametrize("name", ["f", "fn-", "fn_", "f" * 61])
def test_a_name_that_the_platform_has_not(write: Write, name: str) -> None:
    subject = replace(write(CALLS), name=name)
    assert set(findings(subject)) == {"function-name"}
    assert findings(subject, AWS) == {}
