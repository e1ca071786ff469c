"""Which credential a configuration means."""

from __future__ import annotations

from openapi_shim.credentials.account import (
    Account,
    AccountSource,
    GivenAccount,
    ReferencedAccount,
)
from openapi_shim.credentials.appid import AppidCredential
from openapi_shim.credentials.base import Credential, TokenEndpointCall, TokenSource
from openapi_shim.credentials.given import CLOUDBASE_PARAMETER, FixedToken, TokenFile
from openapi_shim.credentials.issuer import WeChatIssuer
from openapi_shim.credentials.shared import SharedTokens
from openapi_shim.errors import CredentialError
from openapi_shim.settings import ENV_PREFIX, Settings
from openapi_shim.stores.base import Store


def is_configured(settings: Settings) -> bool:
    """Whether *settings* name a credential for WeChat's server API."""
    return bool(
        _account(settings) is not None
        or settings.access_token.get_secret_value()
        or settings.cloudbase_access_token.get_secret_value()
    )


def choose_credential(
    settings: Settings, call: TokenEndpointCall, store: Store | None = None
) -> Credential:
    """The first that is configured: appid and secret, a fixed token, a cloudbase token.

    Args:
        settings: where they are configured.
        call: reaches the token endpoints.
        store: shares the appid's token with other processes; None for this one alone.

    Raises:
        CredentialError: none is; the text lists what was tried.
        ConfigError: ``secret_from`` is no reference to a secret.
    """
    account = _account(settings)
    if account is not None:
        source: TokenSource = WeChatIssuer(account, settings.token_endpoint, call)
        if store is not None:
            name = (
                str(settings.base_url),
                settings.token_endpoint.value,
                settings.appid or settings.secret_from,
            )
            source = SharedTokens(source, store, name)
        return AppidCredential(source)
    if settings.access_token.get_secret_value():
        return FixedToken(settings.access_token)
    if settings.cloudbase_access_token.get_secret_value():
        return FixedToken(settings.cloudbase_access_token, CLOUDBASE_PARAMETER)
    if settings.cloudbase_access_token_file.is_file():
        return TokenFile(settings.cloudbase_access_token_file)
    secret = settings.secret.get_secret_value()
    half = "secret" if settings.appid else "appid" if secret else "appid and secret"
    raise CredentialError(
        "no credentials. Tried, in this order: "
        f"{ENV_PREFIX}APPID with {ENV_PREFIX}SECRET ({half} not set) or {ENV_PREFIX}SECRET_FROM "
        "(not set); "
        f"{ENV_PREFIX}ACCESS_TOKEN (not set); "
        f"{ENV_PREFIX}CLOUDBASE_ACCESS_TOKEN or WX_CLOUDBASE_ACCESSTOKEN (not set); "
        f"the file {settings.cloudbase_access_token_file} (not there). Set one of them; "
        "against the emulator any appid and secret will do"
    )


def _account(settings: Settings) -> AccountSource | None:
    """Where appid and secret come from; None where they are not configured."""
    if settings.appid and settings.secret.get_secret_value():
        return GivenAccount(Account(settings.appid, settings.secret))
    return ReferencedAccount(settings) if settings.secret_from else None
