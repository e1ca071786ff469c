"""Exports, imports and empties the state, all of it or nothing."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import secrets
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from openapi_shim.emulator.clock import ClockState, HeldClock
from openapi_shim.emulator.faults.engine import Faults
from openapi_shim.emulator.faults.rules import Rule
from openapi_shim.emulator.state.archive import STATE, WHOLE, Archive, opened
from openapi_shim.emulator.state.manifest import (
    FILES,
    FORMAT,
    PREFIX,
    VERSION,
    Clock,
    Count,
    File,
    Manifest,
    kept_of,
)
from openapi_shim.emulator.storage.disk_names import place_of
from openapi_shim.emulator.storage.shelf import Shelf
from openapi_shim.errors import StateError, StorageError
from openapi_shim.stores.base import Store
from openapi_shim.stores.snapshot import Snapshot
from openapi_shim.stores.sqlite import SqliteStore

_BEIJING = dt.timezone(dt.timedelta(hours=8))


@dataclass(frozen=True)
class Summary:
    """What was exported or imported.

    Attributes:
        tokens: access tokens, by their digests.
        counts: of the quota.
        files: in cloud storage.
        clock: whether the clock's stand is among it.
        faults: rules of faults; None when they are not among it.
    """

    tokens: int
    counts: int
    files: int
    clock: bool
    faults: int | None

    def as_object(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Desktop:
    """What a running emulator has beside its folder: its clock and its faults."""

    clock: HeldClock
    faults: Faults


class StateKeeper:
    """The state of an emulator, or of a folder where none runs.

    Args:
        store: keeps tokens and counts.
        root: folder of cloud storage.
        shelf: keeps the files in it.
        file_limit: bytes that one file may have.
        desktop: clock and faults of a running emulator.
        changed: called when another state is there.
    """

    def __init__(
        self,
        store: Store,
        root: Path,
        shelf: Shelf,
        *,
        file_limit: int,
        desktop: Desktop | None = None,
        changed: Callable[[], None] | None = None,
    ) -> None:
        self._store = store
        self._root = root
        self._shelf = shelf
        self._file_limit = file_limit
        self._desktop = desktop
        self._changed = changed

    async def export(self, target: Path) -> Summary:
        """Write the state to *target*, readable by its owner alone; whole, or not at all.

        Raises:
            StateError: the store is none of SQLite's, it is too much, or the disk does not let it.
            StoreError, StorageError: the state cannot be read.
        """
        snapshot = await self._sqlite().snapshot(PREFIX)
        clock, faults = self._clock_and_faults()
        return await asyncio.to_thread(self._write, target, snapshot, clock, faults)

    async def restore(self, source: Path, *, before: Callable[[], None] | None = None) -> Summary:
        """Put what is in the archive *source* in place of the state. All is checked before.

        Args:
            source: the archive.
            before: called when the state is there, before clock and faults are set.

        Raises:
            StateError: the archive cannot be used, or the store is none of SQLite's.
            StoreError, StorageError: the state cannot be written; it is as it was.
        """
        store = self._sqlite()
        manifest, fresh = await asyncio.to_thread(self._unpack, source)
        try:
            clock, rules = manifest.clock_state(), manifest.rules()
            await self._exchange(store, fresh, manifest.snapshot())
        finally:
            await asyncio.to_thread(shutil.rmtree, fresh, ignore_errors=True)
        if before is not None:
            before()
        if self._desktop is not None:
            if clock is not None:
                self._desktop.clock.restore(clock)
            if rules is not None:
                self._desktop.faults.clear()
                self._desktop.faults.put(rules)
        return _summary(manifest)

    async def clear(self) -> None:
        """Remove tokens, counts and files; clock and faults stay.

        Raises:
            StateError: the store is none of SQLite's.
            StoreError, StorageError: the state cannot be written; it is as it was.
        """
        store = self._sqlite()
        fresh = self._folder()
        try:
            await self._exchange(store, fresh, Snapshot())
        finally:
            await asyncio.to_thread(shutil.rmtree, fresh, ignore_errors=True)

    async def empty(self) -> bool:
        """Whether nothing is there: neither tokens nor counts nor files."""
        snapshot = await self._sqlite().snapshot(PREFIX)
        return snapshot == Snapshot() and not await asyncio.to_thread(self._shelf.stored)

    def _sqlite(self) -> SqliteStore:
        if isinstance(self._store, SqliteStore):
            return self._store
        raise StateError(
            "only the state in SQLite can be exported, imported and reset; a store in Redis or "
            "DynamoDB has tools of its own for that"
        )

    async def _exchange(self, store: SqliteStore, fresh: Path, snapshot: Snapshot) -> None:
        """Files first, since they can be put back; then the store, in one transaction."""
        old = await asyncio.to_thread(self._shelf.exchange, fresh)
        try:
            await store.restore(PREFIX, snapshot)
        except BaseException:
            back = await asyncio.to_thread(self._shelf.exchange, old)
            await asyncio.to_thread(shutil.rmtree, back, ignore_errors=True)
            raise
        finally:
            await asyncio.to_thread(shutil.rmtree, old, ignore_errors=True)
        if self._changed is not None:
            self._changed()

    def _clock_and_faults(self) -> tuple[ClockState | None, list[Rule] | None]:
        if self._desktop is None:
            return None, None
        rules = [tally.rule for tally in self._desktop.faults.tallies()]
        return self._desktop.clock.state(), rules

    def _write(
        self, target: Path, snapshot: Snapshot, clock: ClockState | None, rules: list[Rule] | None
    ) -> Summary:
        files = [_file(env, path) for env, path in self._shelf.stored()]
        if len(files) > FILES:
            raise StateError(
                f"{len(files)} files are stored; an archive takes {FILES}: delete some"
            )
        draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as raw:
                manifest = self._pack(raw, files, snapshot, clock, rules)
            draft.replace(target)
        except OSError as error:
            raise StateError(f"{target} cannot be written: {error.strerror or error}") from error
        finally:
            draft.unlink(missing_ok=True)
        return _summary(manifest)

    def _pack(
        self,
        raw: IO[bytes],
        files: list[File],
        snapshot: Snapshot,
        clock: ClockState | None,
        rules: list[Rule] | None,
    ) -> Manifest:
        there = []
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, allowZip64=False) as zipped:
            for file in files:
                found = self._shelf.open(file.env, file.path)
                if found is None:
                    continue  # deleted meanwhile
                source, stored = found
                with source, zipped.open(file.member, "w") as packed:
                    shutil.copyfileobj(source, packed, 256 * 1024)
                more = {"content_type": stored.content_type, "created": stored.created}
                there.append(file.model_copy(update=more))
            if sum(info.file_size for info in zipped.infolist()) > WHOLE:
                raise StateError(f"more than {WHOLE} bytes are stored: delete some files first")
            manifest = Manifest(
                format=FORMAT,
                version=VERSION,
                made=dt.datetime.now(_BEIJING).isoformat(timespec="seconds"),
                kept=kept_of(snapshot),
                counts=[Count(key=k, count=n, expires=end) for k, n, end in snapshot.counts],
                clock=None if clock is None else Clock(**asdict(clock)),
                faults=None if rules is None else [_rule(rule) for rule in rules],
                files=there,
            )
            zipped.writestr(STATE, manifest.model_dump_json(indent=1))
        return manifest

    def _unpack(self, source: Path) -> tuple[Manifest, Path]:
        """The checked manifest, and a folder with the files as a shelf has them."""
        with opened(source, file_limit=self._file_limit) as archive:
            if self._desktop is not None:
                _check_clock(archive.manifest.clock_state())
            fresh = self._folder()
            try:
                self._shelve(archive, Shelf(fresh, clock=lambda: 0.0))
            except BaseException:
                shutil.rmtree(fresh, ignore_errors=True)
                raise
            return archive.manifest, fresh

    @staticmethod
    def _shelve(archive: Archive, shelf: Shelf) -> None:
        for file in archive.manifest.files:
            incoming = shelf.receive()
            try:
                archive.copy(file.member, cast("IO[bytes]", incoming))
                incoming.keep(file.env, file.path, file.content_type, created=file.created)
            finally:
                incoming.drop()

    def _folder(self) -> Path:
        folder = self._root / f".import-{secrets.token_hex(8)}"
        try:
            folder.mkdir(mode=0o700, parents=True)
        except OSError as error:
            raise StorageError(
                "STORAGE_REQUEST_FAIL", f"the state folder cannot be used: {error}"
            ) from error
        return folder


def _file(env: str, path: str) -> File:
    # As a disk that takes A for a would have it: then it can be unpacked by hand anywhere.
    member = PurePosixPath("files", env, place_of(path, folds_case=True))
    return File(member=str(member), env=env, path=path, content_type="", created=0.0)


def _rule(rule: Rule) -> dict[str, object]:
    return rule.model_dump(mode="json", exclude_defaults=True)


def _check_clock(state: ClockState | None) -> None:
    if state is not None:
        with contextlib.suppress(ValueError):
            HeldClock().restore(state)
            return
        raise StateError("the archive's clock stands before 1970 or after 3000")


def _summary(manifest: Manifest) -> Summary:
    return Summary(
        tokens=sum(one.key.startswith(f"{PREFIX}token/") for one in manifest.kept),
        counts=len(manifest.counts),
        files=len(manifest.files),
        clock=manifest.clock is not None,
        faults=None if manifest.faults is None else len(manifest.faults),
    )
