"""Who called the function: ``getWXContext()``, and the environment it runs in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

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
