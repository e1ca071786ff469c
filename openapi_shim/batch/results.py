"""What a batch says of one photo, and of the whole: the same for a folder and for S3."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from openapi_shim.errors import BatchStoppedError


class Failure(str, Enum):
    """Why a photo has no fields."""

    NOT_AN_IMAGE = "not_an_image"
    NO_LICENCE = "no_licence"
    UNREADABLE = "unreadable"
    CRASHED = "crashed"


RETRIED = frozenset({Failure.UNREADABLE})
"""Failures that have their cause outside the photo: submitting again tries them again."""


@dataclass(frozen=True)
class Outcome:
    """One photo's result.

    Attributes:
        file: path below the folder, with ``/``, or the key in S3.
        sha256: of the bytes that were read, in hexadecimal; empty when none were.
        fields: the eleven strings by WeChat's names; empty when it failed.
        confidence: 0 to 1 by field; empty where whoever read it tells none, as WeChat.
        failure: why there are no fields, or None.
        reason: that in a sentence, with the next step.
    """

    file: str
    sha256: str = ""
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    confidence: Mapping[str, float] = field(default_factory=dict)
    failure: Failure | None = None
    reason: str = ""

    def line(self) -> str:
        r"""The result as one line of JSON, without a line's end.

        A name that is no UTF-8 is told in ``\udcXX``, as Python names such bytes, since a file
        with them could not be UTF-8 itself.
        """
        content: dict[str, Any] = {"file": self.file, "sha256": self.sha256}
        if self.failure is None:
            content["fields"] = dict(self.fields)
            if self.confidence:
                content["confidence"] = dict(self.confidence)
        else:
            content["error"] = {"code": self.failure.value, "reason": self.reason}
        text = json.dumps(content, ensure_ascii=False)
        try:
            text.encode()
        except UnicodeEncodeError:
            return json.dumps(content)
        return text


class State(str, Enum):
    """Where a job stands."""

    LISTING = "listing"
    READING = "reading"
    STOPPED = "stopped"
    FINISHED = "finished"


@dataclass(frozen=True)
class Summary:
    """A job as ``status`` tells it.

    Attributes:
        job: its name.
        source: the folder, or ``s3://bucket/prefix``.
        state: where it stands.
        total: photos, as far as they are listed.
        failures: how many failed, by the code of the failure.
        read: photos with fields.
        results: where the JSON lines are, or will be.
        notes: what else is to be known, a sentence each.
    """

    job: str
    source: str
    state: State
    total: int
    read: int
    failures: Mapping[str, int]
    results: str
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """Photos that have an error as their result."""
        return sum(self.failures.values())

    @property
    def done(self) -> int:
        """Photos that have a result."""
        return self.read + self.failed

    @property
    def remaining(self) -> int:
        """Photos that have none yet."""
        return max(0, self.total - self.done)

    def to_dict(self) -> dict[str, Any]:
        """The form for programs."""
        return {
            "job": self.job,
            "source": self.source,
            "state": self.state.value,
            "total": self.total,
            "read": self.read,
            "failed": self.failed,
            "failures": dict(self.failures),
            "remaining": self.remaining,
            "results": self.results,
            "notes": list(self.notes),
        }


Progress = Callable[[Summary], None]


@dataclass(frozen=True)
class Orders:
    """What the user wishes when submitting.

    Attributes:
        workers: processes for a folder; None for as many as cores and memory allow.
        out: file for a folder's results; None for the one of last time, at first beside the job.
        retry: read again what failed for whatever reason.
    """

    workers: int | None = None
    out: Path | None = None
    retry: bool = False


def write_lines(lines: Iterator[str], file: Path) -> int:
    """Write *lines* to *file*, whole or not at all, for its owner alone; how many they were.

    Raises:
        BatchStoppedError: it cannot be written.
    """
    count = 0
    try:
        number, name = tempfile.mkstemp(prefix=f".{file.name[:100]}.", dir=file.parent)
        try:
            with os.fdopen(number, "w", encoding="utf-8") as temporary:
                for line in lines:
                    temporary.write(line + "\n")
                    count += 1
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BatchStoppedError(
            f"the results cannot be written to {file}: {error.strerror or error}. They are kept "
            "in the job: fetch them to another place by openapi-shim batch fetch JOB --out FILE"
        ) from error
    return count
