"""From what a developer has in hand, a code or the text of an error, to what it means."""

from __future__ import annotations

import re

from openapi_shim.catalog.cloud_codes import cloud_code_text
from openapi_shim.catalog.cloud_explanations import CLOUD_EXPLANATIONS
from openapi_shim.catalog.explanation import Explanation
from openapi_shim.catalog.wechat_codes import WECHAT_CODES
from openapi_shim.catalog.wechat_explanations import WECHAT_EXPLANATIONS

EXPLANATIONS: dict[int, Explanation] = WECHAT_EXPLANATIONS | CLOUD_EXPLANATIONS

_RID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}\b", re.IGNORECASE)
_CODE = re.compile(r"(?<![\w.-])-?\d{1,6}(?![\w-])")
_CODES_SHOWN = 3


def text_of(code: int) -> str:
    """What the other side writes for *code*: WeChat's text, or else the SDK's."""
    known = WECHAT_CODES.get(code)
    return known.text if known else cloud_code_text(code)


def rid_in(text: str) -> str:
    """The request id in *text*, ``<8 hex>-<8 hex>-<8 hex>``, or an empty string."""
    found = _RID.search(text)
    return found[0].lower() if found else ""


def explain(text: str) -> list[Explanation]:
    """What *text* speaks of, the innermost error first; nothing if no code is in it.

    Args:
        text: a code, or any message with codes or with WeChat's words in it. Of nested errors,
            as ``errCode: -504002 … errCode: 101001 …``, the last is the cause.
    """
    codes = [int(found) for found in _CODE.findall(_RID.sub(" ", text))]
    known = [code for code in reversed(codes) if code in EXPLANATIONS]
    if not known:
        low = " ".join(text.lower().split())
        known = [code for code in EXPLANATIONS if _says(low, text_of(code).lower())]
    return [EXPLANATIONS[code] for code in dict.fromkeys(known)][:_CODES_SHOWN]


def _says(message: str, known: str) -> bool:
    """Whether *message* holds a known text, or is a good part of it."""
    return bool(known) and (known in message or (len(message) >= 8 and message in known))
