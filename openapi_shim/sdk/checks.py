"""Arguments, checked as wx-server-sdk checks them and in its words, types by their JS names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from openapi_shim.catalog.cloud_codes import UNKNOWN_ERROR
from openapi_shim.errors import CloudError


class _Undefined:
    def __repr__(self) -> str:
        return "undefined"


UNDEFINED: Any = _Undefined()
"""What was not passed."""

_NAMES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (str, "string"),
    (bool, "boolean"),
    ((int, float), "number"),
    (Mapping, "object"),
    ((list, tuple), "array"),
    ((bytes, bytearray, memoryview), "uint8array"),
    (datetime, "date"),
    (_Undefined, "undefined"),
    (type(None), "null"),
)
_TYPEOF = {"string", "boolean", "number", "function", "undefined"}


def js_type(value: Any) -> str:
    """The type of *value* as JavaScript's type tag has it, e.g. ``array``, ``null``."""
    for types, name in _NAMES:
        if isinstance(value, types):
            return name
    return "function" if callable(value) else "object"


def js_typeof(value: Any) -> str:
    """What ``typeof`` says of *value*."""
    name = js_type(value)
    return name if name in _TYPEOF else "object"


def arguments(api: str, options: Any, named: Mapping[str, Any], /, **types: str) -> dict[str, Any]:
    """The arguments of *api*: a dict as in JavaScript, keywords, or both.

    Args:
        api: for the words of an error.
        options: what was passed in the place of the dict.
        named: what was passed by keyword.
        types: the JavaScript type of each argument that must be there.

    Raises:
        CloudError: they are none, or of another type; in the SDK's words.
    """
    if options is UNDEFINED and named:
        options = {}
    if not isinstance(options, Mapping):
        kind = js_type(options)
        if kind not in {"array", "object"} and (options is UNDEFINED or not options):
            raise plain_failure(
                api,
                f"undefined . Params for {api} must be an object instead of {js_typeof(options)}",
            )
        raise CloudError(UNKNOWN_ERROR, f"parameter should be object instead of {kind}; ")
    given = {**options, **named}
    check_types(given, **types)
    return given


def check_types(given: Mapping[str, Any], /, **types: str) -> None:
    """Refuse arguments that are of another type than *types* say.

    Raises:
        CloudError: with a text for each of them.
    """
    wrong = [
        f"parameter.{name} should be {wanted} instead of {found};"
        for name, wanted in types.items()
        if (found := js_type(given.get(name, UNDEFINED))) != wanted
    ]
    if wrong:
        raise CloudError(UNKNOWN_ERROR, "".join(wrong))


def plain_failure(api: str, text: str) -> CloudError:
    """The error of *api* for which the SDK has no number."""
    return CloudError(UNKNOWN_ERROR, f"{api}:fail {text}")
