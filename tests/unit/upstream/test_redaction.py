"""Nothing that a person or an account could be known by is left."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openapi_shim.emulator.upstream.describing import (
    Answered,
    Asked,
    describe_answer,
    describe_question,
)
from openapi_shim.emulator.upstream.exchange import Exchange
from openapi_shim.emulator.upstream.redaction import (
    HARMLESS,
    hide_secrets,
    redact_filename,
    redact_json,
    redact_message,
    redact_name,
    redact_path,
    redact_text,
)


def line(asked: Asked, body: bytes, *, raw: bool = False) -> str:
    question = asyncio.run(describe_question(asked))
    answered = Answered(200, {"Content-Type": "application/json"}, body)
    answer = describe_answer(answered, raw=raw)
    return Exchange("2026-01-01T00:00:00+00:00", 1, question, answer).line().decode()


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2012-05-06", "0000-00-00"),
        ("欧阳Ab9·１", "某某Xx0·0"),
        ("https://h.cn/p?q=1", "https://x.xx/x?x=0"),
        ("长期", "长期"),
        ("男", "男"),
        ("美国", "某某"),
        ("C1", "X0"),
        ("\ud800\x00", "??"),
        ("😀", "?"),
    ],
)
def test_a_text_keeps_its_form(text: str, form: str) -> None:
    assert redact_text(text) == form
    assert len(form) == len(text)


def test_documents_keep_structure_order_and_types() -> None:
    document = {"errcode": 0, "n": 1990, "f": 3.25, "b": True, "z": None, "l": [{"x": "张"}, -17]}
    assert redact_json(document) == {
        "errcode": 0, "n": 1000, "f": 0.5, "b": True, "z": None, "l": [{"x": "某"}, -10],
    }  # fmt: skip
    assert list(redact_json(document)) == list(document)
    assert redact_json({"errcode": "0"}) == {"errcode": "0"}
    assert redact_json({"errcode": "420102199001017715"}) == {"errcode": "0" * 18}
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    with pytest.raises(RecursionError):
        redact_json(deep)


@pytest.mark.parametrize(
    ("errmsg", "form"),
    [
        ("ok", "ok"),
        (
            "certificate not found hint: [NOuWNA08444741] rid: 5f9bacd4-723830a2-0d2a598e",
            "certificate not found hint: [XXxXXX00000000] rid: 0x0xxxx0-000000x0-0x0x000x",
        ),
        ("invalid ip 203.0.113.9, not in whitelist", "invalid ip 000.0.000.0, not in whitelist"),
        ("oh 张三 at https://a.b/c", "oh 某某 at https://x.x/x"),
    ],
)
def test_messages_keep_plain_words(errmsg: str, form: str) -> None:
    assert redact_message(errmsg) == form


def test_names_and_paths_of_wechat_stay() -> None:
    assert redact_name("img_url") == "img_url"
    assert redact_name("420102199001017715") == "0" * 18
    assert redact_name("张三") == "某某"
    assert redact_path("/cv/ocr/drivinglicense") == "/cv/ocr/drivinglicense"
    assert redact_path("/x/wx0123/%E5%BC%A0") == "/x/xx0000/%X0%XX%X0"
    assert redact_filename("张三.jpg") == "某某.jpg"
    assert redact_filename("a.zhang") == "x.xxxxx"


def test_secrets_are_hidden_even_where_answers_are_readable() -> None:
    document = {"access_token": "71_abc", "name": "张三", "data": [{"openId": "oABC1"}]}
    shown = hide_secrets(document)
    assert shown == {"access_token": "00_xxx", "name": "张三", "data": [{"openId": "xXXX0"}]}
    text = line(Asked("POST", "/a", "access_token=s3cr3t", {}, b""), b"not json: s", raw=True)
    assert "s3cr3t" not in text
    assert "not json: s" in text


FIELDS = [
    "id_num", "name", "sex", "nationality", "address", "birth_date", "issue_date", "car_class",
    "valid_from", "valid_to", "official_seal",
]  # fmt: skip
LETTERS = st.text(min_size=12, max_size=40, alphabet="abcdefghijkmnopqrstuvwABCDEFGHJKL123456789")


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6), token=LETTERS, secret=LETTERS, appid=LETTERS, tail=LETTERS,
    kind=st.sampled_from(["multipart", "json", "form", "other"]),
)  # fmt: skip
@pytest.mark.fonts
def test_no_value_of_a_licence_and_no_secret_is_in_a_line(
    seed: int, token: str, secret: str, appid: str, tail: str, kind: str
) -> None:
    from openapi_shim.specimens.licenses import invent_license

    truth = invent_license(seed, "card").truth
    url = f"https://example.com/{tail}.jpg?who={truth['id_num']}"
    fields = {**truth, "secret": secret, "appid": appid, "img_url": url}
    query = f"access_token={token}&img_url={quote(url, safe='')}&appid={appid}&{truth['id_num']}=1"
    body, content_type = as_body(kind, fields)
    headers = {"Content-Type": content_type, "Authorization": token, "Cookie": secret}
    headers["User-Agent"] = f"client/1.2 ({truth['id_num']}; {truth['name']} {token})"
    path = f"/cv/ocr/{quote(truth['name'])}/{truth['id_num']}"
    answer = {"errcode": 0, "errmsg": f"ok {truth['name']}", **truth, "access_token": token}
    text = line(
        Asked("POST", path, query, headers, body), json.dumps(answer, ensure_ascii=False).encode()
    )
    values = [*truth.values(), token, secret, appid, url, tail, quote(truth["name"])]
    for value in values:
        if value not in HARMLESS and redact_text(value) != value:
            assert value not in text


def as_body(kind: str, fields: dict[str, str]) -> tuple[bytes, str]:
    if kind == "json":
        return json.dumps(fields, ensure_ascii=False).encode(), "application/json"
    if kind == "form":
        pairs = "&".join(f"{name}={quote(value)}" for name, value in fields.items())
        return pairs.encode(), "application/x-www-form-urlencoded"
    if kind == "other":
        return repr(fields).encode(), "text/plain"
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    photo = f'--b\r\nContent-Disposition: form-data; name="img"; filename="{fields["name"]}.jpg"'
    photo += f"\r\nContent-Type: image/{fields['id_num']}"
    return f"{parts}{photo}\r\n\r\n\xff\r\n--b--\r\n".encode(), "multipart/form-data; boundary=b"
