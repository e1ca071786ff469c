"""``state.json``: what an archive of the state says, and what is in it."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openapi_shim.emulator.clock import LATEST, ClockState
from openapi_shim.emulator.faults.rules import Rule, rules_in
from openapi_shim.emulator.storage.file_id import ENV, check_path
from openapi_shim.errors import ConfigError, StateError, StorageError, StoreError
from openapi_shim.protocol.strict_json import parse
from openapi_shim.stores.snapshot import Snapshot

FORMAT = "openapi-shim state"
VERSION = 1
PREFIX = "wechat/"
"""Keys of the emulator's own; a store that the SDK shares has its tokens and answers beside."""

FILES = 10_000
"""Stored files that an archive may have."""

Moment = Annotated[float, Field(ge=-LATEST, le=LATEST)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Kept(_Part):
    """A string of the store; one that is a JSON object stands there as such, to be read."""

    key: str
    value: str | dict[str, Any]
    expires: Moment


class Count(_Part):
    """A count of the store."""

    key: str
    count: int
    expires: Moment


class Clock(_Part):
    """Where the clock stood."""

    held: bool
    now: Moment
    ahead: Moment


class File(_Part):
    """A stored file; *member* is its name in the archive."""

    member: str
    env: str
    path: str
    content_type: Annotated[str, Field(max_length=255)]
    created: Moment


class Manifest(_Part):
    """All of ``state.json``; what was exported without an emulator has no clock and no faults."""

    format: str
    version: int
    made: str
    kept: list[Kept]
    counts: list[Count]
    clock: Clock | None
    faults: list[dict[str, Any]] | None
    files: Annotated[list[File], Field(max_length=FILES)]

    def snapshot(self) -> Snapshot:
        """What is to be in the store.

        Raises:
            StateError: no store holds it, or it is not the emulator's own.
        """
        found = Snapshot(
            tuple((one.key, _text_of(one.value), one.expires) for one in self.kept),
            tuple((one.key, one.count, one.expires) for one in self.counts),
        )
        try:
            found.check(PREFIX)
        except StoreError as error:
            raise StateError(f"the archive's state.json: {error}") from error
        return found

    def rules(self) -> list[Rule] | None:
        """The rules of faults; None where there are none to tell of.

        Raises:
            StateError: one is no rule.
        """
        if self.faults is None:
            return None
        try:
            return rules_in(self.faults, where="faults")
        except ConfigError as error:
            raise StateError(f"the archive's state.json: {error}") from error

    def clock_state(self) -> ClockState | None:
        """Where the clock is to stand; None where it is to stay."""
        clock = self.clock
        return None if clock is None else ClockState(clock.now, clock.held, clock.ahead)


def kept_of(snapshot: Snapshot) -> list[Kept]:
    """The strings of *snapshot*, objects as such where nothing is lost by it."""
    return [Kept(key=key, value=_value_of(text), expires=end) for key, text, end in snapshot.kept]


def manifest_in(raw: bytes) -> Manifest:
    """The manifest that *raw* holds, checked in itself.

    Raises:
        StateError: it is none, of another version, or says what cannot be.
    """
    try:
        document = parse(raw)
    except (ValueError, RecursionError) as error:
        raise StateError(f"the archive's state.json is not JSON: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise StateError(f"the archive's state.json does not say that it is an {FORMAT}")
    if document.get("version") != VERSION:
        raise StateError(
            f"the archive is of version {str(document.get('version'))[:20]}; this openapi-shim "
            f"reads version {VERSION}: export it anew with this one"
        )
    try:
        manifest = Manifest.model_validate(document)
    except (ValidationError, RecursionError) as error:
        told = str(error)
        if isinstance(error, ValidationError):
            first = error.errors(include_url=False, include_input=False)[0]
            told = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise StateError(f"the archive's state.json: {told}") from error
    _check_files(manifest.files)
    manifest.snapshot()
    manifest.rules()
    return manifest


def _check_files(files: list[File]) -> None:
    seen: set[tuple[str, str]] = set()
    for file in files:
        if not ENV.fullmatch(file.env):
            raise StateError(
                f"the archive has a file of {file.env[:40]!r}, which is no environment"
            )
        try:
            check_path(file.path)
        except StorageError as error:
            raise StateError(f"the archive has a file that cannot be: {error.message}") from error
        if (file.env, file.path) in seen:
            raise StateError(f"the archive has the file {file.path[:80]!r} of {file.env} twice")
        seen.add((file.env, file.path))


def _value_of(text: str) -> str | dict[str, Any]:
    """*text*, or the object it is the JSON of: only where the same text comes back."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, dict) and json.dumps(value) == text else text


def _text_of(value: str | dict[str, Any]) -> str:
    return value if isinstance(value, str) else json.dumps(value)
