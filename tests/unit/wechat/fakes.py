"""A clock to turn, a recognizer and a fetcher to tell what to answer."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from openapi_shim.ocr.reading import FIELD_NAMES
from openapi_shim.wechat.ids import RandomIds

NOON = 1_790_000_000.0  # 2026-09-21 22:13:20 in Beijing


class FakeClock:
    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class FakeLicense:
    def values(self) -> Mapping[str, str]:
        return {name: name.upper() for name in FIELD_NAMES}


@dataclass
class FakeRecognizer:
    error: Exception | None = None
    seen: list[bytes] = field(default_factory=list)

    def load(self) -> None:
        pass

    def read(self, content: bytes, /) -> FakeLicense:
        self.seen.append(content)
        if self.error is not None:
            raise self.error
        return FakeLicense()


@dataclass
class FakeImage:
    content: bytes
    content_type: str = "image/jpeg"


@dataclass
class FakeFetcher:
    answer: FakeImage | Exception = field(default_factory=lambda: FakeImage(b"fetched"))
    seen: list[str] = field(default_factory=list)

    async def fetch(self, url: str, *, limit: int) -> FakeImage:
        self.seen.append(url)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def seeded_ids(clock: FakeClock) -> RandomIds:
    return RandomIds(clock, random.Random(1))  # noqa: S311 - the same each time
