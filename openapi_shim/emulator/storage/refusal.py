"""How the object store says no: COS's status and XML."""

from __future__ import annotations

from xml.sax.saxutils import escape

from openapi_shim.errors import ShimError


class Refusal(ShimError):  # noqa: N818 - an answer more than an error
    """An upload or download that is refused.

    Attributes:
        status: of HTTP.
        code: COS's word for it, e.g. ``AccessDenied``.
        message: a sentence for the developer.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(f"{status} {code}: {message}")

    def xml(self, *, resource: str, request_id: str, trace_id: str) -> str:
        """The body; *resource* is the path asked for."""
        fields = {
            "Code": self.code,
            "Message": self.message,
            "Resource": resource,
            "RequestId": request_id,
            "TraceId": trace_id,
        }
        return xml_document("Error", fields)


def xml_document(root: str, fields: dict[str, str]) -> str:
    """An XML document of one level."""
    inner = "".join(f"\t<{name}>{_text(value)}</{name}>\n" for name, value in fields.items())
    return f"<?xml version='1.0' encoding='utf-8' ?>\n<{root}>\n{inner}</{root}>\n"


def _text(value: str) -> str:
    """*value* as XML 1.0 can hold it: no control characters, no half surrogate pairs."""
    clean = "".join(char if char.isprintable() else "\ufffd" for char in value)
    return escape(clean)
