"""``openapi-shim explain``: why a call failed, and what to do."""

from __future__ import annotations

import json
from enum import Enum
from typing import Annotated, Any

import typer

from openapi_shim.catalog.explain import explain as explanations_of
from openapi_shim.catalog.explain import rid_in, text_of
from openapi_shim.catalog.explanation import Explanation
from openapi_shim.cli.control import ask
from openapi_shim.cli.mistakes import complain


class Language(str, Enum):
    """Of the explanation."""

    BOTH = "both"
    EN = "en"
    ZH = "zh"


def explain(
    text: Annotated[
        list[str] | None,
        typer.Argument(
            help="A code (41005), a request id, or the text of an error; left out: the running "
            "emulator's last failure.",
        ),
    ] = None,
    url: Annotated[str, typer.Option(help="URL of the emulator.")] = "http://127.0.0.1:8420",
    language: Annotated[
        Language, typer.Option("--lang", help="Language of the explanation.")
    ] = Language.BOTH,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell why a call failed, and what to do: by its code, its text, or its request id.

    Of a request id the running emulator knows the reason itself.
    """
    words = " ".join(text or []).strip()
    rid = rid_in(words)
    request = _request(url, rid) if rid or not words else None
    code = str(request["code"]) if request else words
    entries = explanations_of(code) or (explanations_of(words) if rid else [])
    if as_json:
        told = [_as_object(entry) for entry in entries]
        typer.echo(json.dumps({"request": request, "explanations": told}, ensure_ascii=False))
    else:
        if request:
            _tell_request(request)
        for entry in entries:
            _tell(entry, language)
    if not entries and not (request and request["reason"]):
        complain(
            f"nothing is known of {words[:80]!r}: give a code as 41005 or -604101, WeChat's "
            "text, or the rid of a call to a running emulator"
        )
        raise typer.Exit(1)


def _request(url: str, rid: str) -> dict[str, Any]:
    """The request with this id, or the last that failed."""
    if rid:
        return ask(url, "GET", f"/requests/{rid}")
    requests = ask(url, "GET", "/requests?limit=1000")["requests"]
    failed = next((item for item in requests if item["reason"]), None)
    if failed is None:
        raise typer.BadParameter("no request to the emulator has failed yet; give a code or a text")
    return dict(failed)


def _tell_request(request: dict[str, Any]) -> None:
    typer.echo(f"{request['method']} {request['path']} -> {request['code']} (rid {request['rid']})")
    if request["reason"]:
        typer.echo(f"  because {request['reason']}")
    typer.echo("")


def _tell(entry: Explanation, language: Language) -> None:
    typer.echo(f"{entry.code} {text_of(entry.code)}".rstrip())
    if language is not Language.ZH:
        typer.echo(f"  {entry.english.why}")
        typer.echo(f"  -> {entry.english.step}")
    if language is not Language.EN:
        typer.echo(f"  {entry.chinese.why}")
        typer.echo(f"  -> {entry.chinese.step}")


def _as_object(entry: Explanation) -> dict[str, object]:
    return {
        "code": entry.code,
        "text": text_of(entry.code),
        "en": {"why": entry.english.why, "step": entry.english.step},
        "zh": {"why": entry.chinese.why, "step": entry.chinese.step},
    }
