"""The secret by reference: its forms, what is wrong with them, and that it is never shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from openapi_shim.credentials.account import Account, GivenAccount, ReferencedAccount
from openapi_shim.credentials.choose import is_configured
from openapi_shim.credentials.issuer import WeChatIssuer
from openapi_shim.errors import ConfigError, CredentialError
from openapi_shim.settings import Settings, TokenEndpoint


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("form", ["file:{}", "file://{}"])
@pytest.mark.parametrize(
    ("text", "given", "appid"),
    [
        ("s3cr3t\n", "wx1", "wx1"),
        ('{"secret": "s3cr3t"}', "wx1", "wx1"),
        ('{"secret": "s3cr3t", "appid": "wx2"}', "", "wx2"),
        ('{"secret": "s3cr3t", "appid": "wx2"}', "wx1", "wx1"),
    ],
)
async def test_a_file(tmp_path: Path, form: str, text: str, given: str, appid: str) -> None:
    file = write(tmp_path / "wechat", text)
    settings = Settings(appid=given, secret_from=form.format(file))
    assert is_configured(settings)
    assert await ReferencedAccount(settings).get() == Account(appid, SecretStr("s3cr3t"))


@pytest.mark.parametrize(
    ("text", "given", "words"),
    [
        ("", "wx1", "holds no secret"),
        ('{"password": "hidden"}', "wx1", "holds no secret"),
        ('{"secret": "hidden"', "wx1", "holds no secret"),
        ('{"secret": ["hidden"]}', "wx1", "holds no secret"),
        ('{"secret": "hidden"}', "", 'no appid: set OPENAPI_SHIM_APPID, or put "appid" beside'),
        ('{"secret": "hidden", "appid": 5}', "", "no appid"),
    ],
)
async def test_what_cannot_be_used(tmp_path: Path, text: str, given: str, words: str) -> None:
    file = write(tmp_path / "wechat", text)
    account = ReferencedAccount(Settings(appid=given, secret_from=f"file:{file}"))
    with pytest.raises(CredentialError, match=words) as caught:
        await account.get()
    assert str(file) in str(caught.value)
    assert "hidden" not in repr(caught.value)
    assert caught.value.__cause__ is None


async def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    account = ReferencedAccount(Settings(appid="wx1", secret_from=f"file:{tmp_path / 'none'}"))
    with pytest.raises(CredentialError, match="No such file"):
        await account.get()
    (tmp_path / "none").write_bytes(b"\xff\xfe")
    with pytest.raises(CredentialError, match="not UTF-8"):
        await account.get()


@pytest.mark.parametrize("reference", ["/run/secrets/x", "arn:aws:s3:::b/k", "vault:x"])
def test_no_known_form(reference: str) -> None:
    with pytest.raises(ConfigError, match=r"SECRET_FROM has none of the forms arn:aws:secrets"):
        ReferencedAccount(Settings(appid="wx1", secret_from=reference))


class Endpoint:
    """WeChat's, that knows one secret."""

    def __init__(self, secret: str, errcode: int = 40125) -> None:
        self.secret = secret
        self.errcode = errcode
        self.seen: list[str] = []

    async def __call__(self, path: str, *, query: Any = None, body: Any = None) -> dict[str, Any]:
        given = (query or body)["secret"]
        self.seen.append(given)
        if given != self.secret:
            return {"errcode": self.errcode, "errmsg": "invalid appsecret"}
        return {"access_token": "T", "expires_in": 7200}


@pytest.mark.parametrize("errcode", [40125, 40001])
async def test_a_secret_that_was_changed_is_read_again_once(tmp_path: Path, errcode: int) -> None:
    file = write(tmp_path / "wechat", "old")
    account = ReferencedAccount(Settings(appid="wx1", secret_from=f"file:{file}"))
    endpoint = Endpoint("old", errcode)
    issuer = WeChatIssuer(account, TokenEndpoint.STABLE, endpoint)
    assert (await issuer.issue()).value == "T"
    endpoint.secret = "new"
    with pytest.raises(CredentialError, match="invalid appsecret") as caught:
        await issuer.issue()
    assert caught.value.errcode == errcode
    assert endpoint.seen == ["old", "old"], "nothing new is there, so it is not tried again"
    write(file, "new")
    assert (await issuer.issue()).value == "T"
    assert endpoint.seen[2:] == ["old", "new"]


async def test_a_given_secret_is_what_it_is() -> None:
    endpoint = Endpoint("other")
    account = GivenAccount(Account("wx1", SecretStr("s3cr3t")))
    with pytest.raises(CredentialError) as caught:
        await WeChatIssuer(account, TokenEndpoint.PLAIN, endpoint).issue()
    assert endpoint.seen == ["s3cr3t"]
    assert "s3cr3t" not in repr(caught.value) + repr(await account.get())


def test_the_reference_may_stand_in_a_file(tmp_path: Path) -> None:
    text = json.dumps({"openapi_shim": {"secret_from": "file:/run/secrets/x"}})
    write(tmp_path / "config.json", text)
    from openapi_shim.settings import load_settings

    found = load_settings(environ={}, function_dir=tmp_path)
    assert found.secret_from == "file:/run/secrets/x"
