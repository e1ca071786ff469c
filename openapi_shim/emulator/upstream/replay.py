"""Answers from a recording: to the same questions, in the order in which they were asked."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from openapi_shim.emulator.upstream.exchange import Body, Exchange, Part, Question, Recorded
from openapi_shim.emulator.upstream.redaction import SECRET_PARAMETERS

Key = tuple[tuple[str, str], ...]
"""What two questions must have in common to be the same: aspects by their names, in order."""

_IMAGE_URL = "img_url"
_SHOWN = 120  # characters of an aspect


class Replay:
    """Answers from *exchanges*.

    Args:
        exchanges: in the order in which they were recorded.
        path: of the recording, for what is told of it.
    """

    def __init__(self, exchanges: Sequence[Exchange], path: Path) -> None:
        self._path = path
        self._answers: dict[Key, list[Recorded]] = defaultdict(list)
        self._lines: dict[Key, int] = {}
        self._next: dict[Key, int] = defaultdict(int)
        for number, exchange in enumerate(exchanges, 1):
            key = key_of(exchange.question)
            self._answers[key].append(exchange.answer)
            self._lines.setdefault(key, number)

    def answer(self, question: Question) -> Recorded | None:
        """The next answer to *question*, the last one again when there are no more.

        None when it is not in the recording.
        """
        key = key_of(question)
        if key not in self._answers:
            return None
        turn, answers = self._next[key], self._answers[key]
        self._next[key] = turn + 1
        return answers[min(turn, len(answers) - 1)]

    def why_not(self, question: Question) -> str:
        """Why there is no answer to *question*: the nearest one recorded, and what differs."""
        key = key_of(question)
        asked = f"{question.method} {question.path}"
        if not self._answers:
            return f"{asked} is not in the recording {self._path}, which is empty: record it"
        near = min(
            self._answers, key=lambda other: (key[0] != other[0], len(differing(key, other)))
        )
        told = "; ".join(differing(key, near))
        return (
            f"{asked} is not in the recording {self._path}. The nearest is exchange "
            f"{self._lines[near]}, where {told}: ask as was recorded, or record this too"
        )


def key_of(question: Question) -> Key:
    """What counts of a question: never who asked, and no header."""
    parameters = sorted(
        pair for pair in question.query if pair[0] not in {_IMAGE_URL, *SECRET_PARAMETERS}
    )
    return (
        ("the path", question.path),
        ("the operation", question.operation),
        ("the method", question.method),
        ("img_url", question.img_url_sha256[:12]),
        ("the query", "&".join(f"{name}={value}" for name, value in parameters)),
        ("the body", question.body.kind),
        *_aspects(question.body),
    )


def _aspects(body: Body) -> Key:
    parts = [part for part in body.parts if part.name not in SECRET_PARAMETERS]
    document = body.document
    if isinstance(document, dict):
        document = {name: item for name, item in document.items() if name not in SECRET_PARAMETERS}
    told = json.dumps(document, ensure_ascii=False, sort_keys=True)
    return (
        ("the form", ", ".join(sorted(_told(part) for part in parts))),
        ("the JSON", "" if document is None else told),
        ("the bytes", f"{body.sha256[:12]}{'' if body.parts or document else body.bytes or ''}"),
    )


def _told(part: Part) -> str:
    kind = "field" if part.filename is None else "file"
    return f"{kind} {part.name} {part.sha256[:12] or part.value or 'empty'}"


def differing(asked: Key, recorded: Key) -> list[str]:
    """In words, what is other in a recorded question; the weightier first."""
    return [
        f"{name} is {there[:_SHOWN] or 'absent'} and not {here[:_SHOWN] or 'absent'}"
        for (name, here), (_, there) in zip(asked, recorded, strict=True)
        if here != there
    ]
