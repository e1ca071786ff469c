"""Our own query parameter of the recognition of licences, and the object that it adds."""

from __future__ import annotations

from openapi_shim.emulator.description.schemas import Schema, obj, ref, text
from openapi_shim.ocr.details import EXTRA_NAMES, WARNINGS
from openapi_shim.ocr.reading import FIELD_NAMES
from openapi_shim.wechat.details import OBJECT, PARAMETER

_POINT = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_QUAD = {
    "type": ["array", "null"],
    "items": _POINT,
    "minItems": 4,
    "maxItems": 4,
    "description": "Corners in pixels of the photo, from the text's own top left clockwise.",
}
_CONFIDENCE = {"type": "number", "minimum": 0, "maximum": 1}

DETAILS_PARAMETER: Schema = {
    "name": PARAMETER,
    "in": "query",
    "required": False,
    "schema": text("Ours, not WeChat's: 1 asks for details.", enum=["0", "1"]),
}
DETAILS_MEMBER: Schema = {
    OBJECT: {
        "oneOf": [ref("Details"), {"type": "null"}],
        "description": "Ours, where the parameter asks for it; null of an answer that was chosen.",
    }
}
DETAILS_SCHEMA: Schema = {
    "Details": obj(
        {
            "confidence": obj(dict.fromkeys(FIELD_NAMES, _CONFIDENCE)),
            "quads": obj(dict.fromkeys(FIELD_NAMES, _QUAD)),
            "kind": text(enum=["card", "electronic"]),
            "corners": _QUAD,
            "extras": obj({name: text() for name in EXTRA_NAMES}, required=[]),
            "warnings": {
                "type": "array",
                "items": obj({"name": text(enum=[*WARNINGS]), "message": text()}),
            },
            "checks": {
                "type": "array",
                "items": obj(
                    {"name": text(), "holds": {"type": ["boolean", "null"]}, "message": text()}
                ),
            },
        }
    )
}
"""Among the document's components."""
