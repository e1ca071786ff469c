"""What goes on the wire: the one place that makes WeChat's answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openapi_shim.catalog.cloud_codes import cloud_code_text
from openapi_shim.catalog.wechat_codes import wechat_text
from openapi_shim.errors import InvocationError, WeChatError
from openapi_shim.wechat.ids import Ids

NO_SUCH_FUNCTION = -501000
FUNCTION_FAILED = -504002
FUNCTION_TIMED_OUT = -504003
TOO_MANY_CALLS = -501004


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        body: the JSON object, its keys in WeChat's order.
        rid: the request's id; part of ``errmsg`` when the answer is an error.
        errcode: 0 when all went well.
        reason: why, for the developer; it goes to the log and never into the body.
    """

    body: Mapping[str, object]
    rid: str
    errcode: int = 0
    reason: str = ""


class Answers:
    """Makes answers, each with a request id of its own."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    def ok(self, fields: Mapping[str, object]) -> Answer:
        """``{"errcode": 0, "errmsg": "ok", …}``."""
        return self.bare({"errcode": 0, "errmsg": "ok", **fields})

    def bare(self, body: Mapping[str, object]) -> Answer:
        """*body* as it is: the token endpoints answer without errcode when all went well."""
        return Answer(body, self._ids.rid())

    def error(self, error: WeChatError | InvocationError) -> Answer:
        """``{"errcode": N, "errmsg": "<text> hint: [<id>] rid: <id>"}``."""
        if isinstance(error, WeChatError):
            text, reason = wechat_text(error.errcode), error.reason
        else:
            text, reason = _invocation_text(error), str(error)
        rid = self._ids.rid()
        errmsg = f"{text} hint: [{self._ids.hint()}] rid: {rid}"
        return Answer({"errcode": error.errcode, "errmsg": errmsg}, rid, error.errcode, reason)


def _invocation_text(error: InvocationError) -> str:
    """The platform's text for a failed invocation; it nests the function's own error."""
    if error.errcode == NO_SUCH_FUNCTION:
        return "FunctionName parameter could not be found."
    if error.errcode == FUNCTION_FAILED:
        return f"functions execute fail | errMsg: {error}"
    if error.errcode == TOO_MANY_CALLS:
        return cloud_code_text(TOO_MANY_CALLS)
    return str(error)
