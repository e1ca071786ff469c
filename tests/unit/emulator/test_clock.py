"""A clock that can be held and moved."""

from __future__ import annotations

import math

import pytest

from openapi_shim.emulator.clock import HeldClock
from openapi_shim.emulator.control.clock import moment_of, seconds_of


def test_it_goes_with_its_source_until_it_is_held() -> None:
    source = [1000.0]
    clock = HeldClock(lambda: source[0])
    assert clock() == 1000
    clock.freeze()
    source[0] += 5
    assert (clock(), clock.state().held, clock.state().ahead) == (1000, True, -5)
    clock.advance(7300)
    assert clock() == 8300
    clock.reset()
    assert (clock(), clock.state().held, clock.state().ahead) == (1005, False, 0)
    clock.advance(-5)
    source[0] += 1
    assert clock() == 1001
    clock.freeze(50)
    assert clock() == 50


@pytest.mark.parametrize("moment", [-1.0, 1e12, math.nan, math.inf])
def test_no_clock_stands_there(moment: float) -> None:
    clock = HeldClock(lambda: 1000.0)
    with pytest.raises(ValueError, match="1970"):
        clock.freeze(moment)
    with pytest.raises(ValueError, match="1970"):
        clock.advance(moment - 1000)
    assert clock() == 1000


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7300s", 7300), ("5m", 300), ("2h", 7200), ("1d", 86400), ("-1h", -3600), ("250ms", 0.25),
     ("12", 12), (12.5, 12.5), (" 3 s", 3)],
)  # fmt: skip
def test_spans(text: object, seconds: float) -> None:
    assert seconds_of(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "5 minutes", "1e9s", True, None, math.nan, "--1s"])
def test_what_is_no_span(text: object) -> None:
    with pytest.raises(ValueError, match="no span of time"):
        seconds_of(text)


def test_moments() -> None:
    assert moment_of(0) == 0
    assert moment_of("1970-01-01T08:00:00") == 0  # in Beijing
    assert moment_of("1970-01-01T00:00:00Z") == 0
    for text in ("tomorrow", True, "2026-13-01"):
        with pytest.raises(ValueError, match="no moment"):
            moment_of(text)
