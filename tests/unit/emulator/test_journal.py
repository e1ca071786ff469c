from __future__ import annotations

from urllib.parse import unquote

from openapi_shim.emulator.journal import header_value, one_line


def test_a_client_cannot_forge_a_line() -> None:
    assert one_line("a\r\n12:00 INFO b\x1b[31m\u2028") == r"a\r\n12:00 INFO b\x1b[31m\u2028"
    assert one_line("行驶证") == "行驶证"
    assert len(one_line("x" * 5000)) == 1001


def test_a_header_is_printable_ascii_and_can_be_read_back() -> None:
    value = header_value("100% 行驶证\r\nX: y\ud800")
    assert value.isascii()
    assert value.isprintable()
    assert unquote(value) == "100% 行驶证\r\nX: y?"
    assert len(header_value("驶" * 5000)) < 8000
