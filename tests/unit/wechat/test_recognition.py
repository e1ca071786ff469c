from __future__ import annotations

import asyncio
import threading

import pytest

from openapi_shim.errors import WeChatError
from openapi_shim.wechat.recognition import RecognitionQueue

from .fakes import FakeLicense


class SlowRecognizer:
    """Reads when the test says so, and knows how many read at once."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)
        self.read_contents: list[bytes] = []

    def load(self) -> None:
        pass

    def read(self, content: bytes, /) -> FakeLicense:
        self.read_contents.append(content)
        self.begun.release()
        self.go.wait()
        return FakeLicense()


async def begun(recognizer: SlowRecognizer) -> None:
    await asyncio.get_running_loop().run_in_executor(None, recognizer.begun.acquire)


async def test_one_at_a_time_a_few_wait_and_more_are_told_to_come_back() -> None:
    recognizer = SlowRecognizer()
    queue = RecognitionQueue(recognizer, waiting=2)
    reads = [asyncio.create_task(queue.read(bytes([number]))) for number in range(3)]
    await begun(recognizer)
    assert recognizer.read_contents == [b"\0"]
    with pytest.raises(WeChatError) as caught:
        await queue.read(b"one too many")
    assert caught.value.errcode == -1
    assert "2 photos are waiting" in caught.value.reason
    recognizer.go.set()
    await asyncio.gather(*reads)
    await queue.read(b"room again")
    queue.close()


async def test_who_gives_up_waiting_is_never_read_and_frees_the_place() -> None:
    recognizer = SlowRecognizer()
    queue = RecognitionQueue(recognizer, waiting=1)
    first = asyncio.create_task(queue.read(b"first"))
    await begun(recognizer)
    second = asyncio.create_task(queue.read(b"second"))
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    third = asyncio.create_task(queue.read(b"third"))
    await asyncio.sleep(0)
    recognizer.go.set()
    await asyncio.gather(first, third)
    assert recognizer.read_contents == [b"first", b"third"]
    queue.close()


async def test_the_event_loop_stays_free_and_loading_comes_first() -> None:
    order: list[str] = []

    class Loading(SlowRecognizer):
        def load(self) -> None:
            self.begun.release()
            self.go.wait()
            order.append("loaded")

        def read(self, content: bytes, /) -> FakeLicense:
            order.append("read")
            return FakeLicense()

    recognizer = Loading()
    queue = RecognitionQueue(recognizer)
    loading = asyncio.create_task(queue.load())
    await begun(recognizer)
    reading = asyncio.create_task(queue.read(b""))
    await asyncio.sleep(0)
    recognizer.go.set()
    await asyncio.gather(loading, reading)
    assert order == ["loaded", "read"]
    queue.close()
