"""The environment a function runs in, and who called it: all that is read of it, is read here."""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from openapi_shim.credentials.cloudbase import listed

# Never shown to a function: they authorize calls.
_HIDDEN = {"API_TOKEN", "TRIGGER_API_TOKEN_V0"}

_caller: ContextVar[Mapping[str, str] | None] = ContextVar("wx_context", default=None)


@contextmanager
def wx_environment(values: Mapping[str, str]) -> Iterator[None]:
    """Within this block, ``getWXContext()`` reads *values* in place of the environment.

    For runners that serve several callers in one process.
    """
    token = _caller.set(values)
    try:
        yield
    finally:
        _caller.reset(token)


def environment() -> Mapping[str, str]:
    """The environment variables now; those of the caller, where a runner gave any, go first."""
    given = _caller.get()
    if given is None:
        return os.environ
    return ChainMap(dict(given), os.environ)


def current_env(environ: Mapping[str, str]) -> str:
    """The cloud environment that the function runs in, or an empty string."""
    env = listed(environ, "TCB_ENV") or environ.get("SCF_NAMESPACE", "")
    local = env == "local" and environ.get("TENCENTCLOUD_RUNENV") == "WX_LOCAL_SCF"
    return "" if local else env  # in the developer tools: the default one


def read_wx_context() -> dict[str, str]:
    """The caller, as wx-server-sdk answers it: OPENID, APPID, …, ENV, SOURCE.

    ``WX_CONTEXT_KEYS`` lists the variables; without it the answer is empty. Unlike the SDK,
    a value of digits alone stays a string: as a number a long UNIONID would lose digits.
    """
    given = _caller.get()
    environ = os.environ if given is None else given
    keys = environ.get("WX_CONTEXT_KEYS", "")
    if not keys:
        return {}
    context = {}
    for key in keys.split(","):
        name = key.removeprefix("WX_")
        value = environ.get(key)
        if key and value is not None and name not in _HIDDEN:
            context[name] = value
    context["ENV"] = environ.get("TCB_ENV") or environ.get("SCF_NAMESPACE") or ""
    if environ.get("TCB_SOURCE"):
        context["SOURCE"] = environ["TCB_SOURCE"]
    return context
