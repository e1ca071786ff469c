"""Which credential a configuration means."""

from __future__ import annotations

from openapi_shim.credentials.appid import AppidCredential
from openapi_shim.credentials.base import Credential, TokenEndpointCall
from openapi_shim.credentials.given import CLOUDBASE_PARAMETER, FixedToken, TokenFile
from openapi_shim.errors import CredentialError
from openapi_shim.settings import ENV_PREFIX, Settings


def is_configured(settings: Settings) -> bool:
    """Whether *settings* name a credential for WeChat's server API."""
    return bool(
        (settings.appid and settings.secret.get_secret_value())
        or settings.access_token.get_secret_value()
        or settings.cloudbase_access_token.get_secret_value()
    )


def choose_credential(settings: Settings, call: TokenEndpointCall) -> Credential:
    """The first that is configured: appid and secret, a fixed token, a cloudbase token.

    Args:
        settings: where they are configured.
        call: reaches the token endpoints.

    Raises:
        CredentialError: none is; the text lists what was tried.
    """
    secret = settings.secret.get_secret_value()
    if settings.appid and secret:
        return AppidCredential(settings.appid, settings.secret, settings.token_endpoint, call)
    if settings.access_token.get_secret_value():
        return FixedToken(settings.access_token)
    if settings.cloudbase_access_token.get_secret_value():
        return FixedToken(settings.cloudbase_access_token, CLOUDBASE_PARAMETER)
    if settings.cloudbase_access_token_file.is_file():
        return TokenFile(settings.cloudbase_access_token_file)
    half = "secret" if settings.appid else "appid" if secret else "appid and secret"
    raise CredentialError(
        "no credentials. Tried, in this order: "
        f"{ENV_PREFIX}APPID with {ENV_PREFIX}SECRET ({half} not set); "
        f"{ENV_PREFIX}ACCESS_TOKEN (not set); "
        f"{ENV_PREFIX}CLOUDBASE_ACCESS_TOKEN or WX_CLOUDBASE_ACCESSTOKEN (not set); "
        f"the file {settings.cloudbase_access_token_file} (not there). Set one of them; "
        "against the emulator any appid and secret will do"
    )
