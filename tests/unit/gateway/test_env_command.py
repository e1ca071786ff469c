from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from openapi_shim.cli.app import app
from openapi_shim.cli.env import Format, written
from openapi_shim.errors import ConfigError

_AWKWARD = {"PLAIN": "http://x:1/a", "JSON": '{"URL":"x y"}', "QUOTE": "it's $HOME `x` \\"}


def _run(*arguments: str, **environ: str) -> str:
    result = CliRunner().invoke(app, ["env", *arguments], env=environ)
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_a_shell_can_evaluate_it() -> None:
    script = f'{written(_AWKWARD, Format.SHELL)}\nprintf \'%s\\n\' "$PLAIN" "$JSON" "$QUOTE"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == list(_AWKWARD.values())


def test_dotenv_quotes_what_it_must() -> None:
    lines = written(_AWKWARD, Format.DOTENV).splitlines()
    assert lines[0] == "PLAIN=http://x:1/a"
    assert lines[1] == 'JSON=\'{"URL":"x y"}\''
    assert lines[2].startswith('QUOTE="it')


def test_json_is_an_object() -> None:
    variables = json.loads(_run("--format", "json", "--url", "http://127.0.0.1:9000/"))
    assert json.loads(variables["TCB_CONTEXT_CNFG"]) == {"URL": "http://127.0.0.1:9000/admin"}
    assert variables["OPENAPI_SHIM_BASE_URL"] == "http://127.0.0.1:9000"
    assert variables["TENCENTCLOUD_RUNENV"] == "SCF"
    assert variables["SCF_NAMESPACE"] == variables["TCB_ENV"] == "local"
    assert "WX_API_TOKEN" not in variables


def test_keys_account_and_environment_are_the_emulators() -> None:
    environ = {
        "OPENAPI_SHIM_GATEWAY_SECRET_ID": "AKID",
        "OPENAPI_SHIM_GATEWAY_SECRET_KEY": "a-key",
        "OPENAPI_SHIM_EMULATOR_ENV": "prod-1",
        "OPENAPI_SHIM_EMULATOR_APPID": "wx7",
    }
    variables = json.loads(_run("--format", "json", "--openid", "o7", **environ))
    assert variables["TENCENTCLOUD_SECRETID"] == "AKID"
    assert variables["TENCENTCLOUD_SECRETKEY"] == "a-key"
    assert variables["TCB_ENV"] == "prod-1"
    assert (variables["WX_APPID"], variables["WX_OPENID"]) == ("wx7", "o7")
    assert variables["WX_CONTEXT_KEYS"] == "WX_OPENID,WX_APPID,WX_CLIENTIP"


@pytest.mark.parametrize("url", ["", "localhost:8420", "ftp://x", "http://x y", "http://x/path"])
def test_what_is_no_url_of_an_emulator(url: str) -> None:
    with pytest.raises(ConfigError, match="--url"):
        _run("--url", url)


def test_shell_is_the_default(tmp_path: Path) -> None:
    lines = _run().splitlines()
    assert all(line.startswith("export ") and len(shlex.split(line)) == 2 for line in lines)
