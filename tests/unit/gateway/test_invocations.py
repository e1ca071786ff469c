from __future__ import annotations

from pathlib import Path

from openapi_shim.emulator.gateway.invocations import GRACE, Caller, InvocationTokens
from openapi_shim.permissions import PermissionList

_CALLER = Caller("hello", PermissionList(frozenset(), Path("config.json"), exists=True))


class _Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_token_tells_its_caller_while_the_invocation_runs() -> None:
    tokens = InvocationTokens(_Clock())
    token = tokens.mint(_CALLER, seconds=3)
    assert tokens.lookup(token) is _CALLER
    assert tokens.mint(_CALLER, seconds=3) != token


def test_a_forged_token_is_nobodys() -> None:
    tokens = InvocationTokens(_Clock())
    assert tokens.lookup("forged") is None
    assert "not given out" in tokens.why_refused("forged")
    assert "forged" not in tokens.why_refused("forged")


def test_a_replayed_token_is_refused_shortly_after_the_end() -> None:
    clock = _Clock()
    tokens = InvocationTokens(clock)
    token = tokens.mint(_CALLER, seconds=3)
    tokens.end(token)
    assert tokens.lookup(token) is _CALLER
    clock.now += GRACE + 0.01
    assert tokens.lookup(token) is None
    assert "ended" in tokens.why_refused(token)


def test_a_token_ends_with_the_invocations_time() -> None:
    clock = _Clock()
    tokens = InvocationTokens(clock)
    token = tokens.mint(_CALLER, seconds=3)
    clock.now += 3 + GRACE + 0.01
    assert tokens.lookup(token) is None


def test_ending_twice_or_never_begun_is_no_error() -> None:
    tokens = InvocationTokens(_Clock())
    token = tokens.mint(_CALLER, seconds=3)
    tokens.end(token)
    tokens.end(token)
    tokens.end("unknown")


def test_memory_of_ended_tokens_is_bounded_and_running_ones_stay() -> None:
    tokens = InvocationTokens(_Clock())
    running = tokens.mint(_CALLER, seconds=900)
    first = tokens.mint(_CALLER, seconds=3)
    tokens.end(first)
    for _ in range(2000):
        tokens.end(tokens.mint(_CALLER, seconds=3))
    assert tokens.lookup(running) is _CALLER
    assert tokens.lookup(first) is None
