"""Tokens for an appid and its secret, asked for at WeChat's ``stable_token`` or ``token``."""

from __future__ import annotations

import logging
from typing import Any

from openapi_shim.catalog.wechat_codes import SECRET_REFUSED
from openapi_shim.credentials.account import Account, AccountSource
from openapi_shim.credentials.base import IssuedToken, TokenEndpointCall
from openapi_shim.errors import CredentialError
from openapi_shim.settings import TokenEndpoint

_log = logging.getLogger(__name__)

# WeChat keeps an old token good for five minutes after the new one is there, and its stable
# token changes five minutes before its end: asking then gets the new one in time.
_MARGIN = 300.0  # seconds


class WeChatIssuer:
    """A ``TokenSource``: each call is a request to WeChat.

    Args:
        account: whose appid and secret.
        endpoint: ``stable_token`` gives the same token to whoever asks, ``token`` replaces the
            one before.
        call: reaches the endpoint.
    """

    def __init__(
        self, account: AccountSource, endpoint: TokenEndpoint, call: TokenEndpointCall
    ) -> None:
        self._account = account
        self._endpoint = endpoint
        self._call = call

    async def issue(self, refused: str = "") -> IssuedToken:
        """See ``TokenSource.issue``.

        Where WeChat still gives the stable token it refuses, ``force_refresh``, which it allows
        20 times a day, is the last resort.
        """
        issued = await self._ask(force=False)
        if issued.value == refused and self._endpoint is TokenEndpoint.STABLE:
            issued = await self._ask(force=True)
        return issued

    async def _ask(self, *, force: bool) -> IssuedToken:
        account = await self._account.get()
        answer = await self._send(account, force=force)
        if answer.get("errcode") in SECRET_REFUSED:
            renewed = await self._account.renew(account)
            if renewed is not None:
                _log.info("the secret of appid %s was refused, asked again with the new one",
                          renewed.appid)  # fmt: skip
                account, answer = renewed, await self._send(renewed, force=force)
        return _parse(answer, account.appid)

    async def _send(self, account: Account, *, force: bool) -> dict[str, Any]:
        identity = {
            "grant_type": "client_credential",
            "appid": account.appid,
            "secret": account.secret.get_secret_value(),
        }
        if self._endpoint is TokenEndpoint.STABLE:
            return await self._call(
                "/cgi-bin/stable_token", body={**identity, "force_refresh": force}
            )
        return await self._call("/cgi-bin/token", query=identity)


def _parse(answer: dict[str, Any], appid: str) -> IssuedToken:
    value, life = answer.get("access_token"), answer.get("expires_in")
    if isinstance(value, str) and value and isinstance(life, (int, float)) and life > 0:
        return IssuedToken(value, float(life), life - min(_MARGIN, life / 10))
    code = answer.get("errcode")
    if isinstance(code, int) and code != 0:
        raise CredentialError(
            f"no access token for appid {appid!r}: {answer.get('errmsg', '')}", errcode=code
        )
    raise CredentialError(
        f"no access token for appid {appid!r}: the token endpoint's answer has no access_token"
    )
