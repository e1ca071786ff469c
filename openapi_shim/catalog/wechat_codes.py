"""Error codes of WeChat's HTTPS API, as data.

``Source`` says how sure we are of a text: documented by WeChat, seen in real answers, or
assumed by us.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Source(Enum):
    """How a fact is known."""

    DOCUMENTED = "documented"
    SEEN = "seen"
    ASSUMED = "assumed"


@dataclass(frozen=True)
class WeChatCode:
    """One errcode: WeChat's *text* (without hint and rid) and *source*."""

    code: int
    text: str
    source: Source


_INVALID_CREDENTIAL = (
    "invalid credential, access_token is invalid or not latest, could get access_token by "
    "getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r"
)

_DOC, _SEEN, _ASSUMED = Source.DOCUMENTED, Source.SEEN, Source.ASSUMED

WECHAT_CODES: dict[int, WeChatCode] = {
    entry.code: entry
    for entry in (
        WeChatCode(-1, "system error", _DOC),
        WeChatCode(40001, _INVALID_CREDENTIAL, _SEEN),
        WeChatCode(40002, "invalid grant_type", _DOC),
        WeChatCode(40013, "invalid appid", _DOC),
        WeChatCode(40014, "invalid access_token", _DOC),
        WeChatCode(40066, "invalid url", _DOC),
        WeChatCode(40097, "invalid args", _DOC),
        WeChatCode(40101, "missing parameter", _DOC),
        WeChatCode(40125, "invalid appsecret", _DOC),
        WeChatCode(40164, "invalid ip not in whitelist", _SEEN),
        WeChatCode(41001, "access_token missing", _DOC),
        WeChatCode(41002, "appid missing", _DOC),
        WeChatCode(41004, "appsecret missing", _DOC),
        WeChatCode(41005, "media data missing", _SEEN),
        WeChatCode(42001, "access_token expired", _DOC),
        WeChatCode(43002, "require POST method", _DOC),
        WeChatCode(43003, "require https", _DOC),
        WeChatCode(44002, "empty post data", _DOC),
        WeChatCode(45009, "reach max api daily quota limit", _DOC),
        WeChatCode(45011, "api minute-quota reach limit", _DOC),
        WeChatCode(47001, "data format error", _DOC),
        WeChatCode(48001, "api unauthorized", _DOC),
        WeChatCode(48004, "api forbidden", _DOC),
        WeChatCode(48006, "forbid to clear quota because of reaching the limit", _DOC),
        WeChatCode(50002, "user limited", _DOC),
        WeChatCode(76001, "rid not found", _ASSUMED),
        WeChatCode(76003, "invalid cgi_path", _ASSUMED),
        WeChatCode(76021, "cgi_path not found, please check", _DOC),
        WeChatCode(76022, "could not use this cgi_path, no permission", _DOC),
        WeChatCode(101000, "invalid image url", _DOC),
        WeChatCode(101001, "certificate not found", _SEEN),
        WeChatCode(101002, "decode image failed", _SEEN),
        WeChatCode(101003, "not enough market quota", _DOC),
    )
}

TOKEN_REFUSED = frozenset({40001, 40014, 42001})
"""An access token that was wrong, superseded or expired: renewing it may help."""

SECRET_REFUSED = frozenset({40001, 40125})
"""What the token endpoints answer for a wrong secret."""

CALLED = frozenset({0, 101001})
"""Answers of a recognition that was made, and charged; assumed of 101001."""

VERDICTS = frozenset({0, 101001, 101002})
"""Answers that the same image gets again: what is in it, or that it is no image."""

USED_UP = frozenset({101003, 45009})
"""The calls of the day are used up."""

TOO_FAST = 45011
"""The calls of the minute are used up."""

SYSTEM_BUSY = -1
"""WeChat's own word for "busy, call again"."""


def wechat_text(code: int) -> str:
    """WeChat's text for *code*; ``system error`` for one that is not in the catalog."""
    entry = WECHAT_CODES.get(code)
    return entry.text if entry else "system error"
