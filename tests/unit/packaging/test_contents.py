"""What goes into a package, and what never does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from openapi_shim.errors import ConfigError
from openapi_shim.packaging.contents import contents_of
from tests.unit.packaging.conftest import Write

MAIN = "def main(event, context):\n    return {}\n"


@pytest.fixture
def folder(write: Write) -> Path:
    return write(MAIN).folder


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def test_the_function_s_own_files_go_in_sorted(folder: Path) -> None:
    put(
        folder,
        "b/data.json",
        "a.py",
        "b/a.txt",
        "templates/env.txt",
        "环境.txt",
        "keys.py",
        "env/x.py",
    )
    found = contents_of(folder)
    assert list(found.files) == sorted(found.files, key=lambda name: ("/" in name, name))
    assert set(found.files) == {
        "a.py", "b/a.txt", "b/data.json", "config.json", "index.py", "keys.py",
        "env/x.py", "templates/env.txt", "环境.txt",
    }  # fmt: skip
    assert found.left_out == []
    assert found.size == sum((folder / name).stat().st_size for name in found.files)


SECRETS = [
    ".env", ".env.local", "server.pem", "deep/down/private.key", "id_rsa", "id_ed25519.bak",
    "cert.p12", ".npmrc", ".pypirc", ".netrc", "credentials.json", "service-account-1.json",
]  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_never_go_in_and_it_is_said(folder: Path, name: str) -> None:
    put(folder, name)
    found = contents_of(folder)
    assert name not in found.files
    assert [(left.path, left.why) for left in found.left_out] == [(name, "a secret")]


@pytest.mark.parametrize(
    "name",
    ["__pycache__/a.pyc", ".git/HEAD", "tests/test_a.py", "env/pyvenv.cfg", ".mypy_cache/x"],
)
def test_what_is_no_part_of_the_program(folder: Path, name: str) -> None:
    put(folder, name)
    found = contents_of(folder)
    assert name not in found.files
    assert [left.path for left in found.left_out] == [name.split("/", maxsplit=1)[0] + "/"]


@pytest.mark.parametrize("pattern", ["docs", "docs/", "docs/**", "./docs/**", "*.psd", "docs/*"])
def test_what_cloudbaserc_ignores(folder: Path, pattern: str) -> None:
    put(folder, "docs/a.psd", "docs/b.psd", "code.py")
    found = contents_of(folder, [pattern])
    assert set(found.files) == {"code.py", "config.json", "index.py"}
    assert all(pattern in left.why for left in found.left_out)


def test_links(folder: Path, tmp_path: Path) -> None:
    put(folder.parent, "shared/common.py", "shared/.env")
    outside = tmp_path.parent / f"{tmp_path.name}-outside.txt"
    outside.write_text("x")
    (folder / "common.py").symlink_to("../shared/common.py")
    (folder / "plain.txt").symlink_to("../shared/.env")
    (folder / "out.txt").symlink_to(outside)
    (folder / "nowhere.txt").symlink_to("gone")
    (folder / "circle.txt").symlink_to("circle.txt")
    (folder / "shared").symlink_to("../shared")
    (folder / "self").symlink_to(".")
    found = contents_of(folder)
    assert set(found.files) == {"common.py", "config.json", "index.py"}
    why = {left.path: left.why for left in found.left_out}
    assert why["plain.txt"] == "a secret"
    assert "out of the project" in why["out.txt"]
    assert "leads nowhere" in why["nowhere.txt"]
    assert "leads nowhere" in why["circle.txt"]
    assert "link to a folder" in why["shared/"]
    assert "link to a folder" in why["self/"]
    outside.unlink()


def test_what_is_no_plain_file(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert "pipe" not in contents_of(folder).files


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        contents_of(tmp_path / "gone")
