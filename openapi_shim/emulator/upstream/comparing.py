"""Where recorded answers have another shape than the emulator's for the same question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openapi_shim.catalog.operations import Operation, operation_at
from openapi_shim.catalog.wechat_codes import WECHAT_CODES
from openapi_shim.emulator.answering import CONTENT_TYPE
from openapi_shim.emulator.endpoints import STABLE_TOKEN_PATH, TOKEN_PATH
from openapi_shim.emulator.upstream.exchange import Exchange, Recorded
from openapi_shim.errors import WeChatError
from openapi_shim.wechat.answers import Answers
from openapi_shim.wechat.ids import RandomIds

_ANSWERS = Answers(RandomIds())
_TOKEN = {"access_token": "", "expires_in": 7200}
# Of hint and rid a recording has the form alone.
_TAIL = re.compile(r" hint: \[[A-Za-z0-9]{14}\] rid: [0-9a-z]{8}-[0-9a-z]{8}-[0-9a-z]{8}")
_SAMPLES: dict[str, Any] = {"str": "", "Mapping[str, Any]": {}, "list[Mapping[str, Any]]": []}


@dataclass(frozen=True)
class Comparison:
    """What came of one exchange.

    Attributes:
        number: of the exchange, from 1.
        what: was called: an operation, or a path.
        errcode: that was answered.
        differences: in words; empty where there are none.
        compared: whether the emulator has anything to compare with.
    """

    number: int
    what: str
    errcode: object
    differences: tuple[str, ...]
    compared: bool = True


def compare(exchanges: Sequence[Exchange]) -> list[Comparison]:
    """All exchanges of a recording, each beside what the emulator would answer."""
    return [_compared(number, exchange) for number, exchange in enumerate(exchanges, 1)]


def _compared(number: int, exchange: Exchange) -> Comparison:
    question, answer = exchange.question, exchange.answer
    operation = operation_at(question.path)
    is_token = question.path in (TOKEN_PATH, STABLE_TOKEN_PATH)
    what, errcode = question.operation or question.path, answer.errcode
    if operation is None and not is_token:
        return Comparison(number, what, errcode, (), compared=False)
    found = _of_transport(answer)
    if not isinstance(answer.document, Mapping):
        return Comparison(number, what, errcode, (*found, "the answer is no JSON object"))
    failed = errcode not in (0, "0")
    if failed:
        found += _of_error(answer.document)
    else:
        found += _of_result(answer.document, operation)
    return Comparison(number, what, errcode, tuple(found))


def _of_transport(answer: Recorded) -> list[str]:
    found = []
    if answer.status != 200:
        found.append(f"HTTP status {answer.status}; the emulator answers 200")
    if answer.content_type != CONTENT_TYPE:
        found.append(
            f"Content-Type {answer.content_type or '(none)'}; the emulator answers {CONTENT_TYPE}"
        )
    return found


def _of_error(document: Mapping[str, Any]) -> list[str]:
    code, errmsg = document.get("errcode"), document.get("errmsg")
    number = int(code) if isinstance(code, str) and code.lstrip("-").isdigit() else code
    found = _of_members(document, _ANSWERS.error(WeChatError(-1, "")).body)
    if not isinstance(number, int) or isinstance(number, bool):
        return found
    known = WECHAT_CODES.get(number)
    if known is None:
        return [*found, f"errcode {number} is not in the catalog"]
    if not isinstance(errmsg, str):
        return found
    if not errmsg.startswith(known.text):
        found.append(f"errmsg {errmsg[:120]!r}; the emulator begins {known.text!r}")
    elif not _TAIL.fullmatch(errmsg[len(known.text) :]):
        rest = errmsg[len(known.text) :][:120]
        found.append(f"errmsg ends {rest!r}; the emulator's ends ' hint: [14 letters] rid: 3 × 8'")
    return found


def _of_result(document: Mapping[str, Any], operation: Operation | None) -> list[str]:
    if operation is None:
        return _of_members(document, _TOKEN)
    fields = {field.name: _SAMPLES.get(field.shape, "") for field in operation.result}
    optional = {field.name for field in operation.result if field.optional}
    return _of_members(document, _ANSWERS.ok(fields).body, optional)


def _of_members(
    recorded: Mapping[str, Any], ours: Mapping[str, Any], optional: set[str] | None = None
) -> list[str]:
    """Differences in the members' names, types and order."""
    optional = optional or set()
    found = [f"lacks {name}" for name in ours if name not in recorded and name not in optional]
    found += [f"has {name} as well" for name in recorded if name not in ours]
    common = [name for name in ours if name in recorded]
    found += [
        f"{name} is {_kind(recorded[name])}; the emulator answers {_kind(ours[name])}"
        for name in common
        if _kind(recorded[name]) != _kind(ours[name])
    ]
    order = [name for name in recorded if name in ours]
    if order != common:
        found.append(f"the order is {', '.join(order)}; the emulator's is {', '.join(common)}")
    return found


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    kinds = {bool: "a boolean", int: "a number", float: "a number", str: "a text", list: "a list"}
    return kinds.get(type(value), "an object")
