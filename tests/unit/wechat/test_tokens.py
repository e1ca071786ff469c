from __future__ import annotations

import itertools

import pytest

from openapi_shim.errors import WeChatError
from openapi_shim.wechat.tokens import LIFETIME, OVERLAP, TokenService

from .fakes import FakeClock

GRANT = "client_credential"


def service(clock: FakeClock, **settings: object) -> TokenService:
    numbers = itertools.count(1)
    return TokenService(clock=clock, new_token=lambda: f"T{next(numbers)}", **settings)  # type: ignore[arg-type]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def refusal(tokens: TokenService, token: str) -> int:
    with pytest.raises(WeChatError) as caught:
        tokens.check(token)
    return caught.value.errcode


def test_a_token_is_good_for_7200_seconds(clock: FakeClock) -> None:
    tokens = service(clock)
    issued = tokens.token(GRANT, "wx1", "s")
    assert issued.expires_in == 7200
    clock.now += LIFETIME - 1
    assert tokens.check(issued.access_token) == "wx1"
    clock.now += 1
    assert refusal(tokens, issued.access_token) == 42001


def test_a_newer_token_leaves_the_old_one_five_minutes(clock: FakeClock) -> None:
    tokens = service(clock)
    old = tokens.token(GRANT, "wx1", "s").access_token
    new = tokens.token(GRANT, "wx1", "s").access_token
    assert old != new
    clock.now += OVERLAP - 1
    assert tokens.check(old) == tokens.check(new) == "wx1"
    clock.now += 1
    assert refusal(tokens, old) == 40001
    assert tokens.check(new) == "wx1"


def test_superseding_never_lengthens_a_life(clock: FakeClock) -> None:
    tokens = service(clock)
    old = tokens.token(GRANT, "wx1", "s").access_token
    clock.now += LIFETIME - 10
    tokens.token(GRANT, "wx1", "s")
    clock.now += 10
    assert refusal(tokens, old) == 42001


def test_appids_have_tokens_of_their_own(clock: FakeClock) -> None:
    tokens = service(clock)
    one = tokens.token(GRANT, "wx1", "s").access_token
    tokens.token(GRANT, "wx2", "s")
    clock.now += OVERLAP
    assert tokens.check(one) == "wx1"


def test_the_stable_token_stays_and_tells_its_remaining_life(clock: FakeClock) -> None:
    tokens = service(clock)
    first = tokens.stable_token(GRANT, "wx1", "s")
    clock.now += 6900
    again = tokens.stable_token(GRANT, "wx1", "s")
    assert (again.access_token, again.expires_in) == (first.access_token, 300)
    clock.now += 1
    renewed = tokens.stable_token(GRANT, "wx1", "s")
    assert renewed.access_token != first.access_token
    assert renewed.expires_in == 7200
    assert tokens.check(first.access_token) == "wx1"


def test_force_refresh_ends_the_old_stable_token_at_once(clock: FakeClock) -> None:
    tokens = service(clock)
    old = tokens.stable_token(GRANT, "wx1", "s").access_token
    new = tokens.stable_token(GRANT, "wx1", "s", force_refresh=True).access_token
    assert refusal(tokens, old) == 40001
    assert tokens.check(new) == "wx1"
    assert tokens.stable_token(GRANT, "wx1", "s").access_token == new


def test_the_two_endpoints_do_not_touch_each_other(clock: FakeClock) -> None:
    tokens = service(clock)
    stable = tokens.stable_token(GRANT, "wx1", "s").access_token
    tokens.token(GRANT, "wx1", "s")
    clock.now += OVERLAP + 1
    assert tokens.check(stable) == "wx1"


@pytest.mark.parametrize(
    ("grant", "appid", "secret", "errcode"),
    [
        ("", "wx1", "s", 40002),
        ("password", "wx1", "s", 40002),
        (GRANT, "", "s", 41002),
        (GRANT, "wx1", "", 41004),
        (GRANT, "x" * 200, "s", 40013),
        (GRANT, "wx\0", "s", 40013),
        (GRANT, "微信", "s", 40013),
    ],
)
def test_what_is_missing_is_told(
    clock: FakeClock, grant: str, appid: str, secret: str, errcode: int
) -> None:
    for get in (service(clock).token, service(clock).stable_token):
        with pytest.raises(WeChatError) as caught:
            get(grant, appid, secret)
        assert caught.value.errcode == errcode


def test_only_the_configured_account_is_accepted(clock: FakeClock) -> None:
    tokens = service(clock, appid="wx1", secret="right")
    with pytest.raises(WeChatError) as caught:
        tokens.token(GRANT, "wx2", "right")
    assert caught.value.errcode == 40013
    with pytest.raises(WeChatError) as caught:
        tokens.token(GRANT, "wx1", "密")
    assert caught.value.errcode == 40125
    assert "right" not in caught.value.reason
    assert tokens.token(GRANT, "wx1", "right").access_token


def test_an_unknown_token_is_40001_and_not_shown(clock: FakeClock) -> None:
    with pytest.raises(WeChatError) as caught:
        service(clock).check("secret-token")
    assert caught.value.errcode == 40001
    assert "secret-token" not in caught.value.reason


def test_memory_is_bounded(clock: FakeClock) -> None:
    tokens = service(clock, capacity=10)
    first = tokens.token(GRANT, "wx0", "s").access_token
    last = ""
    for number in range(1, 30):
        last = tokens.token(GRANT, f"wx{number}", "s").access_token
    assert len(tokens._entries) == len(tokens._plain) == 10
    assert refusal(tokens, first) == 40001
    assert tokens.check(last) == "wx29"
