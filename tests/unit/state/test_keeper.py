"""The state as an archive: what goes in comes out, and what is hostile changes nothing."""

from __future__ import annotations

import io
import json
import stat
import time
import warnings
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from openapi_shim.emulator.clock import HeldClock
from openapi_shim.emulator.faults.engine import Faults
from openapi_shim.emulator.faults.rules import rules_in
from openapi_shim.emulator.state.keeper import Desktop, StateKeeper
from openapi_shim.emulator.storage.shelf import Shelf
from openapi_shim.errors import StateError, StoreError, WeChatError
from openapi_shim.stores.choose import open_store
from openapi_shim.stores.sqlite import SqliteStore
from openapi_shim.wechat.quota import Quota
from openapi_shim.wechat.tokens import TokenService
from tests.unit.stores_made import FickleStore
from tests.unit.wechat.fakes import FakeClock

OCR = "ocr.driverLicense"
NAMES = ["a.jpg", "README", "a b/ü/照片.jpg", "A.jpg", "x" * 300, "con", "a/.b"]
LIMIT = 1000


@dataclass
class Place:
    """A folder of state, and the services on it."""

    folder: Path
    clock: HeldClock
    faults: Faults
    store: SqliteStore
    shelf: Shelf
    tokens: TokenService
    quota: Quota
    keeper: StateKeeper

    def put(self, path: str, content: bytes, env: str = "e") -> None:
        incoming = self.shelf.receive()
        incoming.write(content)
        incoming.keep(env, path, "image/jpeg")

    def content(self, path: str, env: str = "e") -> bytes | None:
        found = self.shelf.open(env, path)
        if found is None:
            return None
        with found[0] as file:
            return file.read()

    async def token(self) -> str:
        return (await self.tokens.token("client_credential", "wx1", "s")).access_token

    async def call(self) -> None:
        await (await self.quota.reserve("wx1", OCR)).commit()


def place_in(folder: Path) -> Place:
    clock, faults = HeldClock(), Faults()
    store = SqliteStore(folder / "state.sqlite", clock=clock)
    shelf = Shelf(folder / "storage", clock=clock)
    numbers = iter(range(1000))
    tokens = TokenService(
        store, clock=clock, new_token=lambda: f"17_{folder.name}{next(numbers):0120}"
    )
    keeper = StateKeeper(
        store,
        folder / "storage",
        shelf,
        file_limit=LIMIT,
        desktop=Desktop(clock, faults),
        changed=tokens.distrust,
    )
    return Place(folder, clock, faults, store, shelf, tokens, Quota(store, 100, clock), keeper)


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    made = place_in(tmp_path / "here")
    yield made
    await made.store.close()


@pytest_asyncio.fixture
async def other(tmp_path: Path) -> AsyncIterator[Place]:
    made = place_in(tmp_path / "there")
    yield made
    await made.store.close()


async def test_what_goes_out_comes_in(place: Place, other: Place, tmp_path: Path) -> None:
    token = await place.token()
    stable = await place.tokens.stable_token("client_credential", "wx1", "s")
    for _ in range(3):
        await place.call()
    for name in NAMES:
        place.put(name, name.encode())
    place.put("a.jpg", b"other", env="e-2")
    by_hand = place.folder / "storage" / "e" / "files" / "by hand.txt"
    by_hand.write_bytes(b"by hand")
    place.clock.freeze(time.time())
    place.faults.put(rules_in(["busy"], where="test"))
    archive = tmp_path / "a.zip"
    summary = await place.keeper.export(archive)
    assert (summary.tokens, summary.files, summary.faults) == (2, len(NAMES) + 2, 1)
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600

    lost = await other.token()
    other.put("gone.jpg", b"gone")
    assert await other.keeper.restore(archive) == summary
    assert await other.tokens.check(token) == "wx1"
    again = await other.tokens.stable_token("client_credential", "wx1", "s")
    assert again.access_token == stable.access_token
    assert await other.quota.used("wx1", OCR) == 3
    assert other.content("gone.jpg") is None
    for name in NAMES:
        assert other.content(name) == name.encode()
        assert other.shelf.find("e", name) is not None
        assert other.shelf.find("e", name).created == place.shelf.find("e", name).created  # type: ignore[union-attr]
    assert other.content("a.jpg", "e-2") == b"other"
    assert other.content("by hand.txt") == b"by hand"
    assert other.clock() == place.clock()
    assert [tally.rule.name for tally in other.faults.tallies()] == ["busy"]
    with pytest.raises(WeChatError):
        await other.tokens.check(lost)
    assert await other.keeper.export(tmp_path / "b.zip") == summary
    assert manifest_of(tmp_path / "b.zip") == manifest_of(archive)
    leftovers = [item.name for item in (other.folder / "storage").iterdir()]
    assert sorted(leftovers) == [".incoming", "e", "e-2"]


async def test_neither_tokens_nor_what_others_keep_is_in_it(place: Place, tmp_path: Path) -> None:
    token = await place.token()
    await place.store.put("token/stable/wx1", "a real token", expires=time.time() + 99)
    (place.folder / "storage.key").write_bytes(b"signing-key")
    place.put("a.jpg", b"photo")
    await place.keeper.export(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as zipped:
        content = b"".join(map(zipped.read, zipped.namelist()))
        assert sorted(zipped.namelist()) == ["files/e/a.jpg", "state.json"]
    for secret in (token, "a real token", "signing-key"):
        assert secret.encode() not in content
    await place.keeper.clear()
    assert await place.store.get("token/stable/wx1") == "a real token"
    assert await place.keeper.empty()
    assert place.content("a.jpg") is None


async def test_a_folder_alone_has_neither_clock_nor_faults(place: Place, tmp_path: Path) -> None:
    alone = StateKeeper(place.store, place.folder / "storage", place.shelf, file_limit=LIMIT)
    await place.call()
    await alone.export(tmp_path / "a.zip")
    assert manifest_of(tmp_path / "a.zip")["clock"] is None
    place.clock.freeze(1e9)
    place.faults.put(rules_in(["busy"], where="test"))
    summary = await place.keeper.restore(tmp_path / "a.zip")
    assert (summary.clock, summary.faults) == (False, None)
    assert place.clock() == 1e9
    assert place.faults.tallies()


def names_in(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


def manifest_of(archive: Path) -> dict[str, Any]:
    with zipfile.ZipFile(archive) as zipped:
        found: dict[str, Any] = json.loads(zipped.read("state.json"))
    found.pop("made")
    if found["clock"]:
        found["clock"].pop("ahead")  # of a held clock it grows
    return found


GOOD: dict[str, Any] = {
    "format": "openapi-shim state",
    "version": 1,
    "made": "2026-11-23",
    "kept": [{"key": "wechat/a", "value": "b", "expires": 9e9}],
    "counts": [{"key": "wechat/a", "count": 2, "expires": 9e9}],
    "clock": None,
    "faults": None,
    "files": [],
}
FILE = {
    "member": "files/e/a.jpg",
    "env": "e",
    "path": "a.jpg",
    "content_type": "image/jpeg",
    "created": 1.0,
}


def zipped(
    manifest: object,
    members: dict[str, bytes] | None = None,
    change: Callable[..., Any] | None = None,
) -> bytes:
    """An archive by hand; *change* may spoil a member's description."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # names that come twice
        text = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
        made.writestr("state.json", text)
        for name, content in (members or {}).items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if change is not None:
                change(info)
            made.writestr(info, content)
            if change is not None and change.__name__ == "_twice":
                made.writestr(info, content)
    return raw.getvalue()


def _link(info: zipfile.ZipInfo) -> None:
    info.external_attr = (stat.S_IFLNK | 0o777) << 16


def _packed_oddly(info: zipfile.ZipInfo) -> None:
    info.compress_type = zipfile.ZIP_BZIP2


def _twice(info: zipfile.ZipInfo) -> None:
    pass


def with_file(**changes: Any) -> dict[str, Any]:
    return {**GOOD, "files": [{**FILE, **changes}]}


def flipped(raw: bytes) -> bytes:
    """The packed content of the last member broken."""
    at = raw.index(b"files/e/a.jpg") + len("files/e/a.jpg") + 2
    return raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :]


ONE = {"files/e/a.jpg": b"photo" * 20}
HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "it is no zip"),
    "no zip": (b"x" * 500, "does not end as its zips do"),
    "cut off": (zipped(GOOD)[:-30], "does not end as its zips do"),
    "something behind it": (zipped(GOOD) + b"x", "does not end as its zips do"),
    "no state.json": (zipped(GOOD).replace(b"state.json", b"state.jsox"), "has no state.json"),
    "no JSON": (zipped(b"{"), "is not JSON"),
    "NaN": (zipped(b'{"format": NaN}'), "is not JSON"),
    "nested too deep": (zipped(b"[" * 200_000), "is not JSON"),
    "another format": (zipped({"a": 1}), "does not say that it is"),
    "another version": (zipped({**GOOD, "version": 2}), "of version 2; this openapi-shim reads"),
    "a member unknown": (zipped(GOOD, ONE), "which state.json does not tell of"),
    "a member missing": (zipped(with_file()), "which the archive does not have"),
    "an unknown field": (zipped({**GOOD, "x": 1}), "x: Extra inputs"),
    "a foreign key": (
        zipped({**GOOD, "kept": [{"key": "token/x", "value": "", "expires": 9e9}]}),
        "does not begin with 'wechat/'",
    ),
    "a key twice": (zipped({**GOOD, "kept": GOOD["kept"] * 2}), "is there twice"),
    "a count below nothing": (
        zipped({**GOOD, "counts": [{"key": "wechat/a", "count": -1, "expires": 9e9}]}),
        "is -1",
    ),
    "an end beyond all": (
        zipped({**GOOD, "kept": [{"key": "wechat/a", "value": "", "expires": 1e300}]}),
        "kept.0.expires",
    ),
    "a value too long": (
        zipped({**GOOD, "kept": [{"key": "wechat/a", "value": "x" * 300_000, "expires": 9e9}]}),
        "262144 bytes",
    ),
    "half a character": (
        zipped(b'{"format":"openapi-shim state","version":1,"made":"","kept":[{"key":"wechat/a",'
               b'"value":"\\ud800","expires":9e9}],"counts":[],"clock":null,"faults":null,'
               b'"files":[]}'),
        "UTF-8",
    ),
    "no rule": (zipped({**GOOD, "faults": [{"name": "x", "no": 1}]}), "state.json: faults"),
    "a clock nowhere": (
        zipped({**GOOD, "clock": {"held": True, "now": -5.0, "ahead": 0.0}}),
        "clock stands before 1970",
    ),
    "a way out": (zipped(with_file(path="../../x"), ONE), "'..' in it"),
    "an absolute way": (zipped(with_file(path="/etc/passwd"), ONE), "begins with /"),
    "an environment that is a way out": (zipped(with_file(env=".."), ONE), "no environment"),
    "a link": (zipped(with_file(), ONE, _link), "is a link or no plain file"),
    "packed oddly": (zipped(with_file(), ONE, _packed_oddly), "packed in an unknown way"),
    "a member twice": (zipped(with_file(), ONE, _twice), "twice"),
    "a file twice": (
        zipped({**GOOD, "files": [FILE, {**FILE, "member": "b"}]}, {**ONE, "b": b""}),
        "the file 'a.jpg' of e twice",
    ),
    "one member for two": (
        zipped({**GOOD, "files": [FILE, {**FILE, "path": "b"}]}, ONE), "tells of 'a file twice'"
    ),
    "a file too large": (
        zipped(with_file(), {"files/e/a.jpg": bytes(LIMIT + 1)}), "1001 bytes; 1000 are allowed"
    ),
    "broken within": (flipped(zipped(with_file(), ONE)), "is broken"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "reason"), HOSTILE.values(), ids=HOSTILE)
async def test_what_is_hostile_changes_nothing(
    place: Place, tmp_path: Path, raw: bytes, reason: str
) -> None:
    place.put("mine.jpg", b"mine")
    await place.call()
    archive = tmp_path / "hostile.zip"
    archive.write_bytes(raw)
    before = await place.store.snapshot("")
    with pytest.raises(StateError) as caught:
        await place.keeper.restore(archive)
    assert reason.replace("'..' in it", "a segment . or .. in it") in str(caught.value)
    assert await place.store.snapshot("") == before
    assert place.shelf.stored() == [("e", "mine.jpg")]
    assert sorted(item.name for item in (place.folder / "storage").iterdir()) == [".incoming", "e"]


async def test_a_bomb_is_told_by_its_sizes(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "bomb.zip"
    files = [{**FILE, "member": str(n), "path": str(n)} for n in range(30)]
    bomb = zipped({**GOOD, "files": files}, {str(n): bytes(LIMIT) for n in range(30)})
    archive.write_bytes(bomb)
    monkeypatch.setattr("openapi_shim.emulator.state.archive.WHOLE", 20 * LIMIT)
    with pytest.raises(StateError, match="more than 20000 bytes when it is unpacked"):
        await place.keeper.restore(archive)
    monkeypatch.setattr("openapi_shim.emulator.state.archive.WHOLE", len(bomb) - 1)
    with pytest.raises(StateError, match="an archive of the state has at most"):
        await place.keeper.restore(archive)


async def test_too_many_members_are_not_even_listed(place: Place, tmp_path: Path) -> None:
    archive = tmp_path / "many.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for number in range(20_001):
            made.writestr(str(number), b"")
    with pytest.raises(StateError, match="has too many members: 20001"):
        await place.keeper.restore(archive)


async def test_files_stay_when_the_store_cannot_be_written(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await place.keeper.export(tmp_path / "empty.zip")
    place.put("mine.jpg", b"mine")

    async def fail(*_: object) -> None:
        raise StoreError("The store is away")

    monkeypatch.setattr(place.store, "restore", fail)
    with pytest.raises(StoreError):
        await place.keeper.restore(tmp_path / "empty.zip")
    assert place.content("mine.jpg") == b"mine"
    assert sorted(item.name for item in (place.folder / "storage").iterdir()) == [".incoming", "e"]


async def test_another_store_says_so(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, clock=time.time)
    for store in (FickleStore(FakeClock()), open_store("redis://127.0.0.1:1")):
        keeper = StateKeeper(store, tmp_path, shelf, file_limit=LIMIT)
        for work in (keeper.export(tmp_path / "a"), keeper.restore(tmp_path / "a"), keeper.clear()):
            with pytest.raises(StateError, match="only the state in SQLite"):
                await work


async def test_a_target_that_cannot_be_written_leaves_nothing(place: Place, tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot be written"):
        await place.keeper.export(tmp_path / "no" / "a.zip")
    with pytest.raises(StateError, match="cannot be read: No such file"):
        await place.keeper.restore(tmp_path / "nothing.zip")
    assert names_in(tmp_path) == ["here"]
