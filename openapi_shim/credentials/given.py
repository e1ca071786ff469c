"""Tokens that somebody else made: fixed ones, and the file of WeChat CloudRun."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from openapi_shim.credentials.base import AccessToken
from openapi_shim.errors import CredentialError

CLOUDBASE_PARAMETER = "cloudbase_access_token"


class FixedToken:
    """One token, used as it is. It cannot be renewed."""

    def __init__(self, value: SecretStr, parameter: str = "access_token") -> None:
        self._token = AccessToken(value.get_secret_value(), parameter)

    async def token(self) -> AccessToken:
        """The token."""
        return self._token

    async def renew(self, refused: AccessToken) -> AccessToken | None:
        """None: there is no other."""
        del refused
        return None


class TokenFile:
    """The file in which WeChat CloudRun keeps a fresh token (pushed every 10 minutes).

    It is a few bytes on a memory file system, so it is read for every call.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    async def token(self) -> AccessToken:
        """The token that is in the file now; see ``Credential.token``."""
        try:
            value = self._path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise CredentialError(f"{self._path} cannot be read: {error}") from error
        if not value:
            raise CredentialError(f"{self._path} is empty")
        return AccessToken(value, CLOUDBASE_PARAMETER)

    async def renew(self, refused: AccessToken) -> AccessToken | None:
        """What is in the file, if the platform has replaced it meanwhile."""
        token = await self.token()
        return None if token == refused else token
