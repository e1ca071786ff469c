from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openapi_shim.emulator.storage.refusal import Refusal
from openapi_shim.emulator.storage.signatures import (
    KeyFile,
    check_download,
    check_upload,
    download_signature,
    upload_authorization,
)
from openapi_shim.errors import ConfigError

KEY = b"k" * 32
GRANT = upload_authorization(KEY, "b/a.jpg", "token", 1000, 1900)


def refused(
    *,
    path: str = "b/a.jpg",
    token: str = "token",  # noqa: S107
    grant: str = GRANT,
    now: float,
) -> str:
    with pytest.raises(Refusal) as caught:
        check_upload(KEY, path, token, grant, now)
    assert caught.value.status == 403
    return f"{caught.value.code}: {caught.value.message}"


def test_a_grant_is_good_until_its_end() -> None:
    check_upload(KEY, "b/a.jpg", "token", GRANT, 1000)
    check_upload(KEY, "b/a.jpg", "token", GRANT, 1899.9)
    assert refused(now=1900) == "AccessDenied: Request has expired"


def test_a_grant_is_good_for_its_path_and_token_alone() -> None:
    assert refused(path="b/b.jpg", now=1000).startswith("SignatureDoesNotMatch")
    assert refused(path="c/a.jpg", now=1000).startswith("SignatureDoesNotMatch")
    assert refused(token="other", now=1000).startswith("SignatureDoesNotMatch")
    assert refused(grant="", now=1000).startswith("AccessDenied")


@pytest.mark.parametrize(
    "grant",
    [
        GRANT.replace("1900", "9900"),
        GRANT[:-1],
        GRANT.upper(),
        "q-sign-time=1;2",
        "q-sign-time=x&q-signature=é",
        "&&&=;",
        "Bearer x",
        "\ud800",
    ],
)
def test_a_changed_grant_is_none(grant: str) -> None:
    assert refused(grant=grant, now=1000).startswith("SignatureDoesNotMatch")


def test_a_key_of_another_emulator_makes_no_grant() -> None:
    other = upload_authorization(b"o" * 32, "b/a.jpg", "token", 1000, 1900)
    assert refused(grant=other, now=1000).startswith("SignatureDoesNotMatch")


def test_a_download_signature_is_no_grant_and_the_other_way_round() -> None:
    sign = download_signature(KEY, "b/a.jpg", 1900)
    grant = f"q-sign-time=1000;1900&q-signature={sign}"
    assert refused(grant=grant, token="", now=1000).startswith("SignatureDoesNotMatch")
    assert not check_download(KEY, "b/a.jpg", GRANT.rpartition("=")[2], "1900")


@settings(deadline=None)
@given(st.text(), st.text(), st.integers(0, 9999))
def test_a_download_signature_is_good_for_its_path_and_time_alone(
    path: str, other: str, expires: int
) -> None:
    sign = download_signature(KEY, path, expires)
    assert check_download(KEY, path, sign, str(expires))
    assert check_download(KEY, other, sign, str(expires)) == (path == other)
    assert not check_download(KEY, path, sign, f"{expires}0")
    assert not check_download(KEY, path, sign[:-1], str(expires))


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "storage.key"
    key = KeyFile(path)()
    assert len(key) == 32
    assert KeyFile(path)() == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["storage.key"]


def test_nothing_is_written_before_the_key_is_needed(tmp_path: Path) -> None:
    KeyFile(tmp_path / "state" / "storage.key")
    assert not list(tmp_path.iterdir())


def test_two_emulators_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    keys: list[bytes] = []
    barrier = threading.Barrier(8)

    def make() -> None:
        barrier.wait()
        keys.append(KeyFile(tmp_path / "storage.key")())

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_a_broken_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "storage.key").write_bytes(b"short")
    with pytest.raises(ConfigError, match="delete it"):
        KeyFile(tmp_path / "storage.key")()
