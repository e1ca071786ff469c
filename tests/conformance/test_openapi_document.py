"""The OpenAPI document against the emulator itself, by schemathesis, unmodified."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from openapi_shim.emulator.description.document import document
from tests.conformance.clients import Emulator, bare_environment
from tests.conformance.packages import python_of

# WeChat tells errors by errcode and not by status: what schemathesis concludes from statuses
# alone (authentication ignored, invalid data accepted, methods unsupported) says nothing here.
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_schema_conformance"
)

VALIDATE = (
    "import json, jsonschema_rs, sys; schema, answer = json.load(sys.stdin); "
    "found = jsonschema_rs.Draft202012Validator(schema).iter_errors(answer); "
    "print(json.dumps([error.message for error in found]))"
)


def test_what_the_document_says_is_what_the_doors_do(emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(
        f'[auth.openapi.access_token]\napi_key = "{emulator.token()}"\n'
        f'[auth.openapi.bearer]\nbearer = "{_login(emulator)}"\n'
    )
    command = python_of("schemathesis").with_name("st")
    arguments = ["--no-color", "run", f"{emulator.url}/_openapi_shim/openapi.json", "-c", CHECKS]
    # The clock, faults and a new beginning would change what the other doors do.
    arguments += ["--exclude-operation-id", "control.setClock"]
    arguments += ["--exclude-operation-id", "control.addFaults"]
    arguments += ["--exclude-operation-id", "control.setRecognizer"]
    arguments += ["--exclude-operation-id", "control.reset"]
    arguments += ["-n", "20", "-w", "1", "--generation-deterministic", "--warnings", "off"]
    done = subprocess.run(
        [command, *arguments],
        cwd=tmp_path,
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
    assert "No issues found" in done.stdout


def test_the_served_document_is_the_built_one(emulator: Emulator) -> None:
    served = emulator.ask("/_openapi_shim/openapi.json")
    assert served == json.loads(json.dumps(document(emulator.url)))


@pytest.mark.parametrize("wish", ["", "&openapi_shim_details=0", "&openapi_shim_details=1"])
def test_a_photos_answer_is_as_the_document_says(
    emulator: Emulator, photo_url: str, truth: dict[str, str], wish: str
) -> None:
    path = "/cv/ocr/drivinglicense"
    query = f"access_token={emulator.token()}&img_url={quote(photo_url, safe='')}{wish}"
    answer = emulator.ask(f"{path}?{query}", b"")
    assert answer | truth == answer
    assert ("openapi_shim" in answer) is wish.endswith("1")
    told = emulator.ask("/_openapi_shim/openapi.json")
    good = told["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    schema = {**good, "components": told["components"]}
    assert _complaints(schema, answer) == []
    if "openapi_shim" in answer:
        del answer["openapi_shim"]["confidence"]["name"]
        answer["openapi_shim"]["more"] = 1
        assert _complaints(schema, answer) != []


def _complaints(schema: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    """What the validator of schemathesis finds wrong in *answer*."""
    done = subprocess.run(
        [python_of("schemathesis"), "-c", VALIDATE],
        input=json.dumps([schema, answer]),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[str] = json.loads(done.stdout)
    return found


def _login(emulator: Emulator) -> str:
    return str(emulator.ask("/auth/v1/signin/anonymously", b"{}")["access_token"])
