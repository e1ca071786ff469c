"""Anonymous users of the client gateway, and the tokens they hold.

A token holds all there is to know, unsigned: the emulator keeps nothing, so that a page's login
outlives the emulator's restart. It identifies nobody real.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any

from openapi_shim.errors import GatewayError
from openapi_shim.wechat.ids import Clock

LIFETIME = 7200  # seconds an access token lives
_REFRESH_LIFETIME = 30 * 86400
_SCOPE = "anonymous"
_ACCESS, _REFRESH = "access", "refresh"
_TOKEN_LIMIT = 4096  # characters
_UID = re.compile(r"[0-9a-f]{32}")  # it becomes a variable of a function's process


@dataclass(frozen=True)
class User:
    """Who is behind a client's request.

    Attributes:
        uid: empty for the holder of an access key.
        env: the environment the user logged in to; empty where that is not known.
    """

    uid: str = ""
    env: str = ""


class Logins:
    """Gives out tokens of anonymous users, and reads them.

    Args:
        clock: seconds since 1970.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def sign_in(self, env: str) -> dict[str, Any]:
        """A new anonymous user's tokens for the environment *env*, as the platform has them."""
        return self._issue(User(secrets.token_hex(16), env))

    def refresh(self, token: str) -> dict[str, Any]:
        """New tokens for the user of the refresh token *token*.

        Raises:
            GatewayError: REFRESH_TOKEN_EXPIRED, INVALID_REFRESH_TOKEN.
        """
        claims = _claims(token)
        if claims is None or claims.get("use") != _REFRESH:
            raise GatewayError("INVALID_REFRESH_TOKEN", "refresh token is invalid")
        if self._over(claims):
            raise GatewayError("REFRESH_TOKEN_EXPIRED", "refresh token expired")
        return self._issue(_user(claims))

    def user(self, token: str) -> User:
        """Who sends *token*. One that is no token of ours counts as an access key, of nobody.

        Raises:
            GatewayError: ACCESS_TOKEN_EXPIRED.
        """
        claims = _claims(token)
        if claims is None:
            return User()
        if self._over(claims):
            raise GatewayError("ACCESS_TOKEN_EXPIRED", "access token expired")
        return _user(claims)

    def _issue(self, user: User) -> dict[str, Any]:
        return {
            "token_type": "Bearer",
            "access_token": self._token(user, _ACCESS, LIFETIME),
            "refresh_token": self._token(user, _REFRESH, _REFRESH_LIFETIME),
            "expires_in": LIFETIME,
            "scope": _SCOPE,
            "sub": user.uid,
            "groups": [],
        }

    def _token(self, user: User, use: str, seconds: int) -> str:
        now = int(self._clock())
        claims = {
            "iss": "openapi-shim",
            "sub": user.uid,
            "env": user.env,
            "scope": _SCOPE,
            "use": use,
            "iat": now,
            "exp": now + seconds,
            "jti": secrets.token_hex(4),
        }
        return f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{_encoded(claims)}."

    def _over(self, claims: dict[str, Any]) -> bool:
        return bool(claims["exp"] <= self._clock())


def profile(user: User) -> dict[str, Any]:
    """What is known of *user*, as the platform answers it."""
    return {"sub": user.uid, "name": "anonymous", "groups": [], "created_from": _SCOPE}


def _encoded(value: dict[str, Any]) -> str:
    text = json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _claims(token: str) -> dict[str, Any] | None:
    """What a token of ours says, or None when it is none."""
    parts = token.split(".")
    if len(token) > _TOKEN_LIMIT or len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(claims, dict) or claims.get("iss") != "openapi-shim":
        return None
    uid, env = claims.get("sub"), claims.get("env")
    if not isinstance(uid, str) or not _UID.fullmatch(uid) or not isinstance(env, str):
        return None
    return claims if isinstance(claims.get("exp"), int) else None


def _user(claims: dict[str, Any]) -> User:
    return User(claims["sub"], claims["env"])
