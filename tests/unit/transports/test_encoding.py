"""The query and the multipart body."""

from __future__ import annotations

from urllib.parse import parse_qs, quote

import pytest
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


@pytest.mark.parametrize(
    "rest", ["&access_token=evil", "#x", " HTTP/1.1", "\r\nX: y", "照", "%", "%zz"]
)
@pytest.mark.parametrize("start", ["http%3A%2F%2Fh", "https%3a%2f%2fh%2f1.jpg"])
def test_what_only_begins_encoded_cannot_reach_beyond_its_value(start: str, rest: str) -> None:
    query = encode_query({"img_url": start + rest, "access_token": "T"})
    assert parse_qs(query, strict_parsing=True) == {
        "img_url": [start + rest],
        "access_token": ["T"],
    }
    assert query.isascii()
    assert not set(query) & set("# \r\n")


def test_only_a_url_of_an_image_is_taken_as_encoded() -> None:
    assert encode_query({"type": "http%3A%2F%2Fh"}) == "type=http%253A%252F%252Fh"


def test_a_lone_surrogate_does_not_end_in_a_traceback() -> None:
    assert encode_query({"img_url": "http://h/\ud800"}) == "img_url=http%3A%2F%2Fh%2F%3F"
