"""config.json: found, read, and told where it is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from openapi_shim.config_file import config_files, read_config
from openapi_shim.errors import ConfigError
from openapi_shim.permissions import load_permissions

ALLOWED = '{"permissions": {"openapi": ["ocr.driverLicense"]}}'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "functions" / "one").mkdir(parents=True)
    return tmp_path


def test_the_functions_own_file_decides(project: Path) -> None:
    function = project / "functions" / "one"
    (project / "config.json").write_text(ALLOWED)
    (function / "config.json").write_text('{"permissions": {"openapi": []}}')
    permissions = load_permissions(function)
    assert not permissions.allows("ocr.driverLicense")
    assert permissions.path == function / "config.json"
    assert str(function / "config.json") in permissions.how_to_allow("ocr.driverLicense")


def test_the_projects_file_stands_in(project: Path) -> None:
    (project / "config.json").write_text(ALLOWED)
    assert load_permissions(project / "functions" / "one").allows("ocr.driverLicense")


def test_both_files_are_found_nearest_first(project: Path) -> None:
    function = project / "functions" / "one"
    for folder in (project, function):
        (folder / "config.json").write_text(ALLOWED)
    assert list(config_files(function)) == [function / "config.json", project / "config.json"]


def test_without_a_file_the_text_says_what_to_create(tmp_path: Path) -> None:
    permissions = load_permissions(tmp_path)
    assert not permissions.allows("ocr.driverLicense")
    assert permissions.how_to_allow("ocr.driverLicense") == (
        f"create {tmp_path / 'config.json'} with {ALLOWED}"
    )


@pytest.mark.parametrize("content", ['{"timeout": 5}', '{"permissions": {}}'])
def test_a_file_without_permissions_gets_the_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    told = load_permissions(tmp_path).how_to_allow("ocr.driverLicense")
    assert told == f"put {ALLOWED[1:-1]} into {tmp_path / 'config.json'}"


def test_keys_of_the_platform_are_let_through(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"triggers": [], "timeout": 20, "permissions": {"openapi": ["a.b"], "x": 1}}')
    config = read_config(path)
    assert config.timeout == 20
    assert config.permissions.openapi == ("a.b",)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{\n  "permissions": {,}\n}', ["line 2, column 19", "not JSON"]),
        (b"", ["line 1, column 1"]),
        (b"[]", ["an object is expected", "not a list"]),
        (
            b'{"permissions": {"openapi": ["a", 1]}}',
            ["permissions.openapi[1]: a string is expected, not a number"],
        ),
        (
            b'{"permissions": {"openapi": "a"}}',
            ['permissions.openapi: a list of names is expected, as ["ocr.d', ", not a string"],
        ),
        (b'{"permissions": null}', ["permissions: an object is expected, as {}, not null"]),
        (b'{"timeout": []}', ["timeout: a number is expected, not a list"]),
        (b'{"timeout": 0}', ["timeout: it should be greater than 0"]),
        (b'{"memorySize": "x"}', ["memorySize: a whole number is expected, not a string"]),
        (b'{"envVariables": []}', ["envVariables: an object is expected, as {}, not a list"]),
        (b'{"envVariables": {"A": {}}}', ["envVariables.A: a string, a number, true or false"]),
        (b'{"a": "\xff"}', ["not UTF-8", "byte 7"]),
        (b" " * 1_000_001, ["larger than"]),
        (b"[" * 100_000, ["nested too deep"]),
    ],
)
def test_a_broken_file_says_where(tmp_path: Path, content: bytes, words: list[str]) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    for word in [str(path), *words]:
        assert word in str(caught.value)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(b"\xef\xbb\xbf" + ALLOWED.encode())
    assert read_config(path).permissions.openapi == ("ocr.driverLicense",)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path)
