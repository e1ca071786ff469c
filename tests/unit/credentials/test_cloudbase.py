"""Keys and tokens of the platform, as the environment has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from openapi_shim.credentials.cloudbase import CloudKeys, invocation_tokens, keys_in, listed
from openapi_shim.errors import CredentialError

NOWHERE = Path("/nowhere")
LISTED = {"WX_CONTEXT_KEYS": "WX_API_TOKEN,WX_CLOUDBASE_ACCESSTOKEN", "TCB_CONTEXT_KEYS": "TCB_ENV"}


def test_a_context_variable_counts_only_when_listed() -> None:
    assert listed(LISTED | {"TCB_ENV": "e"}, "TCB_ENV") == "e"
    assert listed({"TCB_ENV": "e"}, "TCB_ENV") == ""
    assert listed(LISTED, "WX_API_TOKEN") == ""


def test_keys() -> None:
    environ = {"TENCENTCLOUD_SECRETID": "i", "TENCENTCLOUD_SECRETKEY": "k"}
    assert keys_in(environ) == CloudKeys("i", "k", None)
    assert keys_in(environ | {"TENCENTCLOUD_SESSIONTOKEN": "s"}).session_token == "s"
    assert repr(CloudKeys("i", "k", "s")) == "CloudKeys(secret_id='i')"
    with pytest.raises(CredentialError, match="TENCENTCLOUD_SECRETKEY not set"):
        keys_in({"TENCENTCLOUD_SECRETID": "i"})


@pytest.mark.parametrize(
    ("environ", "tokens"),
    [
        ({"WX_API_TOKEN": "t"}, {"wxCloudApiToken": ""}),
        (LISTED | {"WX_API_TOKEN": "t"}, {"wxCloudApiToken": "t"}),
        (LISTED | {"WX_CLOUDBASE_ACCESSTOKEN": "a"}, {"wxCloudbaseAccesstoken": "a"}),
        (
            LISTED | {"WX_API_TOKEN": "t", "TRIGGER_SRC": "timer", "WX_TRIGGER_API_TOKEN_V0": "v"},
            {"wxCloudApiToken": "v"},
        ),
        (LISTED | {"WX_API_TOKEN": "t", "TRIGGER_SRC": "timer"}, {"wxCloudApiToken": "t"}),
        ({"WX_TRIGGER_API_TOKEN_V0": "v"}, {"wxCloudApiToken": ""}),
    ],
)
def test_tokens_of_an_invocation(environ: dict[str, str], tokens: dict[str, str]) -> None:
    found = invocation_tokens(environ, NOWHERE)
    assert tokens.items() <= found.items()
    assert ("wxCloudbaseAccesstoken" in found) == (not found["wxCloudApiToken"])


def test_the_file_of_cloudrun(tmp_path: Path) -> None:
    file = tmp_path / "token"
    assert invocation_tokens({"CBR_ENV_ID": "e"}, file)["wxCloudbaseAccesstoken"] == ""
    file.write_text("f\n")
    assert invocation_tokens({"CBR_ENV_ID": "e"}, file)["wxCloudbaseAccesstoken"] == "f"
    assert invocation_tokens({}, file)["wxCloudbaseAccesstoken"] == ""
