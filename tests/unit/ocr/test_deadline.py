"""A reading's time."""

from __future__ import annotations

from openapi_shim.ocr.deadline import Deadline


def test_it_passes_and_not_before() -> None:
    assert Deadline.within(0).passed
    assert not Deadline.within(3600).passed
