"""Where the recognizer's time goes, stage by stage."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from unittest.mock import patch

from openapi_shim.errors import RecognitionError

_AT_MOST = 20


def stage_shares(images: Sequence[bytes], threads: int) -> dict[str, float]:
    """Each stage's share of the whole time, 0 to 1, on every n-th of the photos."""
    from openapi_shim.ocr import (
        Recognizer,
        first_look,
        looks,
        on_card,
        passes,
        read_lines,
        recognizer,
    )

    spent: dict[str, float] = defaultdict(float)
    reader = Recognizer(threads=threads)
    reader.load()
    step = max(1, len(images) // _AT_MOST)
    stages = {
        "decoding": ("decode", (recognizer,)),
        "detection": ("find_boxes", (passes, on_card)),
        "direction": ("upside_down", (passes,)),
        "cutting lines": ("cut_line", (passes,)),
        "reading lines": ("read", (read_lines.LineReader,)),
        "finding the card": ("register", (passes,)),
        "sorting into fields": ("read_fields", (passes,)),
        "locating": ("locate", (first_look,)),
        "rectifying": ("rectify", (on_card, looks)),
    }
    total = 0.0
    with _timed(stages, spent):
        for image in images[::step]:
            start = time.perf_counter()
            with suppress(RecognitionError):
                reader.read(image)
            total += time.perf_counter() - start
    shares = {name: spent[name] / total for name in stages}
    shares["the rest"] = max(0.0, 1 - sum(shares.values()))
    return shares


@contextmanager
def _timed(
    stages: dict[str, tuple[str, tuple[Any, ...]]], spent: dict[str, float]
) -> Iterator[None]:
    """Wraps functions, where they are looked up, so that their time is added to ``spent``."""
    patches = []
    for stage, (name, modules) in stages.items():
        users = [module for module in modules if hasattr(module, name)]
        assert users, f"{name} is looked up elsewhere now: its time would be lost"
        patches += [
            patch.object(user, name, _clocked(getattr(user, name), stage, spent)) for user in users
        ]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()


def _clocked(
    function: Callable[..., Any], stage: str, spent: dict[str, float]
) -> Callable[..., Any]:
    def clocked(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            spent[stage] += time.perf_counter() - start

    return clocked
