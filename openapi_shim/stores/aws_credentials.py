"""Whose keys sign requests to AWS: those in the environment, or those of the container's role."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from openapi_shim.errors import StoreError
from openapi_shim.http_session import shared_session
from openapi_shim.protocol.sigv4 import AwsKeys

# Addresses that containers' agents answer on without TLS: ECS, EKS (IPv4 and IPv6), and this
# machine. The keys must not be asked for anywhere else in the clear.
_AGENTS = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23", "127.0.0.1", "::1", "localhost"}
_ECS = "http://169.254.170.2"

_VARIABLES = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")

_RENEW_BEFORE = 300.0  # seconds before their end; agents hand out new ones from then on
_MAX_ANSWER = 64 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=2.0)


class AwsCredentials:
    """Keys, as AWS's platforms give them to a process.

    In turn: ``AWS_ACCESS_KEY_ID`` and its fellows (Lambda, or set by hand), then the agent at
    ``AWS_CONTAINER_CREDENTIALS_FULL_URI`` or ``…_RELATIVE_URI`` (ECS, EKS, Lambda's SnapStart).
    Profiles and the metadata of EC2 are left to the operator's tools.

    Args:
        environ: the platform's environment.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._kept: tuple[AwsKeys, float] | None = None

    async def keys(self) -> AwsKeys:
        """Keys that are good now.

        Raises:
            StoreError: there are none, or the agent does not give them.
        """
        given = AwsKeys(
            # Stripped, since a secret that was mounted as a file often ends in a line break.
            *(self._environ.get(f"AWS_{name}", "").strip() for name in _VARIABLES)
        )
        if given.id and given.secret:
            return given
        if self._kept is None or self._kept[1] - time.time() < _RENEW_BEFORE:
            self._kept = await self._from_agent()
        return self._kept[0]

    async def _from_agent(self) -> tuple[AwsKeys, float]:
        """Keys of the container's role, and their end in seconds since 1970."""
        url = self._agent()
        try:
            headers = self._authorization()
            session = await shared_session()
            async with session.get(
                url, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                if response.status != 200:
                    raise StoreError(f"{url} gives no keys of AWS (HTTP {response.status})")
                answer = json.loads(await response.content.read(_MAX_ANSWER))
            keys = AwsKeys(answer["AccessKeyId"], answer["SecretAccessKey"], answer["Token"])
            end = datetime.fromisoformat(answer["Expiration"].replace("Z", "+00:00")).timestamp()
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            reason = type(error).__name__
            raise StoreError(f"{url} does not answer with keys of AWS: {reason}") from error
        except (ValueError, KeyError, TypeError, AttributeError):
            # Without its cause: that would show the answer, and with it the keys.
            raise StoreError(f"{url} does not answer with keys of AWS") from None
        return keys, end

    def _agent(self) -> str:
        if relative := self._environ.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
            return _ECS + relative
        url = self._environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", "")
        if not url:
            raise StoreError(
                "There are no keys of AWS: give the function or task a role, or set "
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _AGENTS:
            raise StoreError(
                f"AWS_CONTAINER_CREDENTIALS_FULL_URI leads to {parts.hostname} without TLS; "
                "only a container's agent may be asked so"
            )
        return url

    def _authorization(self) -> dict[str, str]:
        token = self._environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
        if path := self._environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"):
            token = Path(path).read_text("utf-8").strip()  # EKS renews the file
        return {"Authorization": token} if token else {}
