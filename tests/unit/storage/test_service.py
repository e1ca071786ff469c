from __future__ import annotations

import random
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from openapi_shim.emulator.storage.file_id import FileId, bucket_of, parse_file_id
from openapi_shim.emulator.storage.refusal import Refusal
from openapi_shim.emulator.storage.service import StorageService
from openapi_shim.errors import StorageError
from openapi_shim.wechat.ids import RandomIds
from tests.unit.wechat.fakes import NOON, FakeClock

URL = "http://127.0.0.1:8420"
BUCKET = "6c6f-local-env-1250000000"


def make(root: Path, clock: FakeClock, env: str = "", key: bytes = b"k" * 32) -> StorageService:
    ids = RandomIds(clock, random.Random(1))  # noqa: S311
    return StorageService(
        root, env=env, base_url=lambda: URL, clock=clock, ids=ids, key=lambda: key
    )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def service(tmp_path: Path, clock: FakeClock) -> StorageService:
    return make(tmp_path, clock)


def store(service: StorageService, path: str, env: str = "local-env") -> str:
    incoming = service.shelf.receive()
    incoming.write(b"x")
    incoming.keep(env, path, "")
    return str(FileId(env, bucket_of(env), path))


def test_a_grant(service: StorageService) -> None:
    grant = service.prepare_upload("a/照片 1%.jpg")
    assert grant.url == f"{URL}/storage/{BUCKET}/a/%E7%85%A7%E7%89%87%201%25.jpg"
    assert grant.file_id == f"cloud://local-env.{BUCKET}/a/照片 1%.jpg"
    assert grant.download_url.startswith(f"{URL}/storage/{BUCKET}/a/照片 1%.jpg?sign=")
    assert len({grant.token, grant.authorization, grant.cos_file_id}) == 3
    assert service.prepare_upload("a/照片 1%.jpg").token != grant.token
    assert grant.token not in repr(grant)
    target = FileId("local-env", BUCKET, "a/照片 1%.jpg")
    service.check_upload(target, token=grant.token, authorization=grant.authorization)


def test_a_grant_for_another_environment(service: StorageService) -> None:
    grant = service.prepare_upload("a.jpg", method="POST", env="prod-1a2b3c")
    assert grant.file_id == "cloud://prod-1a2b3c.7072-prod-1a2b3c-1250000000/a.jpg"
    tokens = {"token": grant.token, "authorization": grant.authorization}
    service.check_upload(parse_file_id(grant.file_id), **tokens)
    with pytest.raises(Refusal, match="SignatureDoesNotMatch"):
        service.check_upload(FileId("local-env", BUCKET, "a.jpg"), **tokens)


def test_an_emulator_of_one_environment_knows_no_other(tmp_path: Path, clock: FakeClock) -> None:
    service = make(tmp_path, clock, env="mine")
    assert service.prepare_upload("a.jpg").file_id.startswith("cloud://mine.")
    with pytest.raises(StorageError) as caught:
        service.prepare_upload("a.jpg", env="other")
    assert caught.value.code == "STORAGE_EXCEED_AUTHORITY"
    file_id = store(service, "a.jpg", "other")
    assert service.links([(file_id, None)])[0].code == "STORAGE_EXCEED_AUTHORITY"
    assert service.delete([file_id])[0].code == "STORAGE_EXCEED_AUTHORITY"


@pytest.mark.parametrize(
    ("path", "method", "env"),
    [("", "put", ""), ("/a", "put", ""), ("a", "delete", ""), ("a", "put", "A/../B")],
)
def test_no_grant(service: StorageService, path: str, method: str, env: str) -> None:
    with pytest.raises(StorageError) as caught:
        service.prepare_upload(path, method=method, env=env)
    assert caught.value.code == "INVALID_PARAM"


def test_links(service: StorageService, clock: FakeClock) -> None:
    file_id = store(service, "照片 a+b.jpg")
    found, capped, absent, wrong, instant = service.links(
        [
            (file_id, None),
            (file_id, 10**9),
            (f"cloud://local-env.{BUCKET}/none.jpg", 60),
            ("none.jpg", 60),
            (file_id, 0),
        ]
    )
    assert (found.code, found.file_id, found.max_age, found.message) == (
        "SUCCESS",
        file_id,
        86_400,
        "",
    )
    assert found.url.startswith(f"{URL}/storage/{BUCKET}/照片 a+b.jpg?sign=")
    assert capped.max_age == 86_400
    assert (absent.code, absent.url, absent.message) == (
        "STORAGE_FILE_NONEXIST",
        "",
        "storage file not exists",
    )
    assert (wrong.code, instant.code) == ("INVALID_PARAM", "INVALID_PARAM")
    query = parse_qs(found.url.partition("?")[2])
    assert int(query["t"][0]) == NOON + 86_400


def test_a_link_dies(service: StorageService, clock: FakeClock) -> None:
    link = service.links([(store(service, "a.jpg"), 60)])[0]
    target = FileId("local-env", BUCKET, "a.jpg")
    query = parse_qs(link.url.partition("?")[2])
    arguments = {"sign": query["sign"][0], "expires": query["t"][0]}
    clock.now += 59.9
    assert service.linked([target], **arguments) == target
    clock.now += 0.1
    with pytest.raises(Refusal, match="expired"):
        service.linked([target], **arguments)
    with pytest.raises(Refusal, match="SignatureDoesNotMatch"):
        service.linked([target], sign=query["sign"][0], expires="9999999999")
    with pytest.raises(Refusal, match="SignatureDoesNotMatch"):
        service.linked([FileId("local-env", BUCKET, "b.jpg")], **arguments)


def test_links_outlive_a_restart_but_not_a_key(tmp_path: Path, clock: FakeClock) -> None:
    service = make(tmp_path, clock)
    query = parse_qs(service.links([(store(service, "a.jpg"), 60)])[0].url.partition("?")[2])
    target = FileId("local-env", BUCKET, "a.jpg")
    arguments = {"sign": query["sign"][0], "expires": query["t"][0]}
    assert make(tmp_path, clock).linked([target], **arguments) == target
    with pytest.raises(Refusal):
        make(tmp_path, clock, key=b"o" * 32).linked([target], **arguments)


def test_deletions(service: StorageService) -> None:
    file_id = store(service, "a.jpg")
    codes = [file.code for file in service.delete([file_id, file_id, "cloud://x/../y"])]
    assert codes == ["SUCCESS", "STORAGE_FILE_NONEXIST", "INVALID_PARAM"]


def test_a_call_is_for_one_to_fifty_files(service: StorageService) -> None:
    file_id = f"cloud://local-env.{BUCKET}/a.jpg"
    for count in (0, 51):
        with pytest.raises(StorageError, match="INVALID_PARAM"):
            service.links([(file_id, None)] * count)
        with pytest.raises(StorageError, match="INVALID_PARAM"):
            service.delete([file_id] * count)
    assert len(service.links([(file_id, None)] * 50)) == 50


def test_a_state_folder_that_cannot_be_used(tmp_path: Path, clock: FakeClock) -> None:
    def key() -> bytes:
        raise PermissionError(13, "Permission denied")

    ids = RandomIds(clock)
    service = StorageService(tmp_path, env="", base_url=lambda: URL, clock=clock, ids=ids, key=key)
    with pytest.raises(StorageError, match="STORAGE_REQUEST_FAIL"):
        service.prepare_upload("a.jpg")
