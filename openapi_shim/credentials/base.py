"""What authorizes a call."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class AccessToken:
    """A token as it travels: its value (never shown by ``repr``) and its query parameter."""

    value: str = field(repr=False)
    parameter: str = "access_token"


class Credential(Protocol):
    """A source of access tokens."""

    async def token(self) -> AccessToken:
        """A token to call with.

        Raises:
            CredentialError: none can be had.
            TransportError: the token endpoint cannot be reached.
        """

    async def renew(self, refused: AccessToken) -> AccessToken | None:
        """A token other than *refused*, which WeChat did not accept; None if there is none.

        Raises:
            CredentialError, TransportError: as ``token``.
        """


@dataclass(frozen=True)
class IssuedToken:
    """A token from WeChat.

    Attributes:
        value: the token.
        life: seconds until its end.
        fresh: seconds until a new one should be asked for; not above 0 when it is time.
    """

    value: str = field(repr=False)
    life: float
    fresh: float


class TokenSource(Protocol):
    """Where an appid's tokens come from."""

    async def issue(self, refused: str = "") -> IssuedToken:
        """A token.

        Args:
            refused: one that WeChat does not accept any more. The answer is another, unless
                WeChat gives none.

        Raises:
            CredentialError, TransportError: as ``Credential.token``.
        """


class TokenEndpointCall(Protocol):
    """Calls a token endpoint and returns its JSON answer; given by the transport."""

    def __call__(
        self, path: str, *, query: Mapping[str, str] | None = None, body: Any = None
    ) -> Awaitable[dict[str, Any]]:
        """POST with *body*, GET without one."""
