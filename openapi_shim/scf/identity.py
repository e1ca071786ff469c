"""Who calls a function on SCF: from what the platform wrote, never from the event.

``context["environment"]`` (JSON) goes first, then the older ``context["environ"]``
(``k=v;k=v``), then the variables of the process: the order of the platform's own Node SDK.
``event["userInfo"]`` is no source. Whoever calls by HTTP access or from another function writes
the event; and where a mini-program's user calls, the platform says so in the places above too.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

_log = logging.getLogger(__name__)

_LISTS = ("WX_CONTEXT_KEYS", "TCB_CONTEXT_KEYS")
# Of one caller each; all else that the platform sets holds for every call of the function.
_OF_THE_CALLER = ("WX_", "QQ_", "TRIGGER_SRC", "LOGINTYPE", "TCB_CONTEXT_KEYS")
_TCB_OF_THE_CALLER = (
    "TCB_CUSTOM_USER_ID",
    "TCB_ISANONYMOUS_USER",
    "TCB_ROUTE_KEY",
    "TCB_SEQID",
    "TCB_SESSIONTOKEN",
    "TCB_SOURCE",
    "TCB_SOURCE_IP",
    "TCB_TRACELOG",
    "TCB_UUID",
)
_PLATFORM = (*_OF_THE_CALLER, "TCB_", "SCF_", "TENCENTCLOUD_")


def caller_variables(context: Mapping[str, Any], process: Mapping[str, str]) -> dict[str, str]:
    """The platform's variables for one call, to be read in place of the process's.

    One source says who calls, whole: where the context does, what the process's variables say
    of a caller is blanked, for it may be the call before or one beside this.

    Args:
        context: as the platform gives it to the handler.
        process: the environment variables at this moment.
    """
    platform = {name: value for name, value in process.items() if name.startswith(_PLATFORM)}
    given = _from_context(context)
    if not any(given.get(name) for name in _LISTS):
        return {**platform, **_without_caller(given)}
    return {**platform, **dict.fromkeys(filter(_is_of_caller, platform), ""), **given}


def _from_context(context: Mapping[str, Any]) -> dict[str, str]:
    environment, environ = context.get("environment"), context.get("environ")
    if isinstance(environment, str) and environment:
        try:
            values = json.loads(environment)
        except (ValueError, RecursionError):
            values = None
        if isinstance(values, dict):
            return {str(name): str(value) for name, value in values.items() if _is_text(value)}
        _log.warning("context.environment is no JSON object: the caller is looked for elsewhere")
    return _pairs(environ) if isinstance(environ, str) else {}


def _is_text(value: object) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def _pairs(text: str) -> dict[str, str]:
    """``k=v;k=v`` as a dict, without the names that come twice.

    Nothing is escaped in this form: a value with a semicolon could write a name of its own. A
    name that is there twice is therefore nobody's.
    """
    found: dict[str, str] = {}
    twice = set()
    for entry in text.split(";"):
        name, equals, value = entry.partition("=")
        if equals and found.setdefault(name, value) != value:
            twice.add(name)
    if twice:
        _log.warning("context.environ has %s twice: ignored", ", ".join(sorted(twice)))
    return {name: value for name, value in found.items() if name not in twice}


def _is_of_caller(name: str) -> bool:
    return name.startswith(_OF_THE_CALLER) or name in _TCB_OF_THE_CALLER


def _without_caller(given: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if not _is_of_caller(name)}
