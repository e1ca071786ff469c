"""The query and the multipart body."""

from __future__ import annotations

from urllib.parse import parse_qs, quote

from hypothesis import given
from hypothesis import strategies as st

from openapi_shim.transports.encoding import encode_query, text_of

URLS = st.text().map(lambda text: "https://example.com/" + text.replace("\ud800", ""))


@given(URLS.filter(lambda url: url.isprintable()))
def test_a_url_is_encoded_exactly_once(url: str) -> None:
    assert parse_qs(encode_query({"img_url": url}))["img_url"] == [url]


def test_an_escape_inside_a_url_is_a_character_like_any_other() -> None:
    query = encode_query({"img_url": "https://h/a%20b.jpg?x=1&y=2"})
    assert query == "img_url=https%3A%2F%2Fh%2Fa%2520b.jpg%3Fx%3D1%26y%3D2"


def test_a_url_that_comes_encoded_is_not_encoded_again() -> None:
    url = "https://h/a b.jpg"
    for encoded in (quote(url, safe=""), quote(url, safe="").replace("%3A", "%3a")):
        assert parse_qs(encode_query({"img_url": encoded}))["img_url"] == [url]


def test_values_other_than_text() -> None:
    assert [text_of(value) for value in ("照", 1, True, [1])] == ["照", "1", "true", "[1]"]
