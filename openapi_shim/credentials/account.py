"""An appid and its secret: given, or by a reference to where the secret is kept."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections import ChainMap
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from openapi_shim.errors import ConfigError, CredentialError, StoreError
from openapi_shim.settings import ENV_PREFIX, Settings

_FILE_LIMIT = 64 * 1024  # bytes; AWS's secrets have as many at most
_ARN = re.compile(r"arn:aws[\w-]*:(?P<service>secretsmanager|ssm):(?P<region>[a-z0-9-]+):\d*:.+")
_FORMS = (
    "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME, "
    "arn:aws:ssm:REGION:ACCOUNT:parameter/NAME and file:/run/secrets/NAME"
)


@dataclass(frozen=True)
class Account:
    """An appid and its secret."""

    appid: str
    secret: SecretStr


class AccountSource(Protocol):
    """Where appid and secret come from."""

    async def get(self) -> Account:
        """The account.

        Raises:
            CredentialError: the secret cannot be had.
        """

    async def renew(self, refused: Account) -> Account | None:
        """The account with a secret other than that of *refused*; None if there is none.

        Raises:
            CredentialError: the secret cannot be had.
        """


class GivenAccount:
    """An account of the settings."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def get(self) -> Account:
        """The account."""
        return self._account

    async def renew(self, refused: Account) -> Account | None:
        """None: there is no other secret."""
        del refused
        return None


class ReferencedAccount:
    """An account whose secret is read where ``Settings.secret_from`` says, on first use.

    What is there is the secret itself, or a JSON object with ``secret`` and maybe ``appid``.

    Args:
        settings: ``secret_from``, and ``appid`` unless it is beside the secret.

    Raises:
        ConfigError: the reference has none of the known forms.
    """

    def __init__(self, settings: Settings) -> None:
        self._reference = settings.secret_from
        self._appid = settings.appid
        self._account: Account | None = None
        if not self._reference.startswith("file:") and not _ARN.fullmatch(self._reference):
            raise ConfigError(f"{ENV_PREFIX}SECRET_FROM has none of the forms {_FORMS}")

    async def get(self) -> Account:
        """The account; see ``AccountSource.get``."""
        if self._account is None:
            self._account = self._parsed(await self._read())
        return self._account

    async def renew(self, refused: Account) -> Account | None:
        """The account as it is kept now; see ``AccountSource.renew``."""
        if self._account == refused:
            self._account = None
        account = await self.get()
        return None if account == refused else account

    async def _read(self) -> str:
        arn = _ARN.fullmatch(self._reference)
        try:
            if arn is None:
                return await asyncio.to_thread(_file_text, self._reference.removeprefix("file:"))
            return await _from_aws(arn["service"], arn["region"], self._reference)
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            raise CredentialError(
                f"the secret cannot be read from {self._reference}: {reason}"
            ) from error
        except StoreError as error:
            raise CredentialError(
                f"the secret cannot be read from {self._reference}: {error}"
            ) from error

    def _parsed(self, text: str) -> Account:
        text = text.strip()
        appid: object = self._appid
        secret: object = text
        if text.startswith("{"):
            try:
                members = json.loads(text)
                secret = members["secret"]
                appid = appid or members.get("appid", "")
            except (ValueError, LookupError):
                secret = None  # the text stays out of the error: it holds the secret
        if not isinstance(secret, str) or not secret:
            raise CredentialError(
                f"{self._reference} holds no secret: it is the secret itself, or a JSON object "
                'with "secret" and maybe "appid"'
            )
        if not isinstance(appid, str) or not appid:
            raise CredentialError(
                f'no appid: set {ENV_PREFIX}APPID, or put "appid" beside "secret" into '
                f"{self._reference}"
            )
        return Account(appid, SecretStr(secret))


def _file_text(path: str) -> str:
    # file:///run/secrets/x is the same file as file:/run/secrets/x.
    place = Path("/" + path.lstrip("/")) if path.startswith("//") else Path(path)
    with place.open("rb") as file:
        return file.read(_FILE_LIMIT).decode("utf-8")


async def _from_aws(service: str, region: str, arn: str) -> str:
    from openapi_shim.stores.aws_requests import AwsRequests  # noqa: PLC0415 - few need it

    aws = AwsRequests(ChainMap({"AWS_REGION": region}, os.environ))
    if service == "ssm":
        answer = await aws.call("ssm", "GetParameter", {"Name": arn, "WithDecryption": True})
        text = (answer.get("Parameter") or {}).get("Value")
    else:
        answer = await aws.call("secretsmanager", "GetSecretValue", {"SecretId": arn})
        text = answer.get("SecretString")
    return text if isinstance(text, str) else ""
