"""What authorizes a call to the cloud environment's gateway.

The platform gives a function temporary keys to sign with, and for each invocation a token that
says which function was called by whom. Both come in the environment, and both change: they are
read anew for every call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from openapi_shim.errors import CredentialError

SECRET_ID = "TENCENTCLOUD_SECRETID"  # noqa: S105  (a name)
SECRET_KEY = "TENCENTCLOUD_SECRETKEY"  # noqa: S105
_SESSION_TOKEN = "TENCENTCLOUD_SESSIONTOKEN"  # noqa: S105
_LISTS = ("TCB_CONTEXT_KEYS", "WX_CONTEXT_KEYS")


@dataclass(frozen=True)
class CloudKeys:
    """Keys to sign with; *session_token* belongs to temporary ones."""

    secret_id: str
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


def listed(environ: Mapping[str, str], name: str) -> str:
    """The context variable *name*, or an empty string unless the platform lists its name."""
    for keys in _LISTS:
        if name in environ.get(keys, "").split(","):
            return environ.get(name, "")
    return ""


def has_keys(environ: Mapping[str, str]) -> bool:
    """Whether the environment has keys to sign with."""
    return bool(environ.get(SECRET_ID) and environ.get(SECRET_KEY))


def keys_in(environ: Mapping[str, str]) -> CloudKeys:
    """The keys that are in the environment now.

    Raises:
        CredentialError: there are none.
    """
    if not has_keys(environ):
        missing = [name for name in (SECRET_ID, SECRET_KEY) if not environ.get(name)]
        raise CredentialError(
            f"no keys to sign with: {' and '.join(missing)} not set. CloudBase gives them to its "
            "functions; elsewhere pass secretId and secretKey to cloud.init, or take the "
            "transport https"
        )
    return CloudKeys(environ[SECRET_ID], environ[SECRET_KEY], environ.get(_SESSION_TOKEN))


def invocation_tokens(environ: Mapping[str, str], token_file: Path) -> dict[str, str]:
    """The members of a request that say for whom it is made.

    A timer's invocation has a token of its own; in WeChat CloudRun there is a file instead.
    """
    token = listed(environ, "WX_API_TOKEN")
    if environ.get("TRIGGER_SRC") == "timer":
        token = environ.get("WX_TRIGGER_API_TOKEN_V0") or token
    if token:
        return {"wxCloudApiToken": token}
    access = listed(environ, "WX_CLOUDBASE_ACCESSTOKEN")
    if not access and environ.get("CBR_ENV_ID"):
        access = _read(token_file)
    return {"wxCloudApiToken": "", "wxCloudbaseAccesstoken": access}


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
