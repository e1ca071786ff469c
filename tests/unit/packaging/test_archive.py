"""The zip's bytes follow from its contents alone; the lock and the SDK's own needs agree."""

from __future__ import annotations

import os
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import tomllib

from openapi_shim.errors import ConfigError
from openapi_shim.packaging import subject, vendor
from openapi_shim.packaging.archive import write_zip
from openapi_shim.packaging.cloudbase import Package, _check_size
from openapi_shim.packaging.interpreter import compile_modules
from openapi_shim.packaging.platforms import AWS
from openapi_shim.packaging.subject import open_package

ROOT = Path(__file__).parents[3]


def fill(folder: Path, names: list[str]) -> Path:
    folder.mkdir()
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        path.chmod(0o755 if name.endswith(".sh") else 0o600)
    return folder


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    names = ["b.py", "a/z.py", "a-b.py", "run.sh", "环境.txt"]
    one = fill(tmp_path / "one", names)
    two = fill(tmp_path / "two", names[::-1])
    for path in two.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    write_zip(one, tmp_path / "one.zip")
    write_zip(two, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert set(archive.namelist()) == set(names)
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.filelist}
    assert modes["run.sh"] == 0o755
    assert modes["b.py"] == 0o644  # readable for whoever runs it


def test_a_zip_that_is_none_or_far_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ConfigError, match="no zip that can be read"):
        open_package(broken, tmp_path)
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.bin", bytes(10_001))
    monkeypatch.setattr(subject, "_UNPACKED_LIMIT", 10_000)
    with pytest.raises(ConfigError, match="no platform takes it"):
        open_package(bomb, tmp_path)
    with pytest.raises(ConfigError, match="no folder or zip"):
        open_package(tmp_path / "gone", tmp_path)


def _with_broken_content(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.py", "def main(event, context): ...\n" * 50)
    content = bytearray(path.read_bytes())
    begin = 30 + len("index.py")  # what is before is the entry's own header
    content[begin : begin + 6] = b"\xff" * 6
    path.write_bytes(content)


def _with_a_name_in_no_code(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("中.py", "")
    path.write_bytes(path.read_bytes().replace("中".encode(), b"\xff\xff\xff"))


@pytest.mark.parametrize("write", [_with_broken_content, _with_a_name_in_no_code])
def test_a_zip_that_is_broken_within(write: Callable[[Path], None], tmp_path: Path) -> None:
    write(tmp_path / "broken.zip")
    with pytest.raises(ConfigError, match=r"broken\.zip is no zip that can be read"):
        open_package(tmp_path / "broken.zip", tmp_path)


def test_what_has_no_function_in_it_is_not_found_good(tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    (folder / "deeper").mkdir(parents=True)
    (folder / "deeper/index.py").write_text("def main(event, context): ...\n")
    with pytest.raises(ConfigError, match=r"dist is neither a function nor a package"):
        open_package(folder, tmp_path)
    assert open_package(folder / "deeper", tmp_path).name == "deeper"


def test_a_zip_s_names_stay_inside(tmp_path: Path) -> None:
    archive_path = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive_path, "w") as archive:
        archive.writestr("../../evil.py", "x")
        archive.writestr("index.py", "def main(event, context):\n    return {}\n")
    scratch = tmp_path / "scratch"
    opened = open_package(archive_path, scratch)
    assert list(tmp_path.rglob("evil.py")) == [opened.whole / "evil.py"]
    assert (opened.whole / "index.py").is_file()


def locked() -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", vendor.LOCK.read_text(), re.MULTILINE))


def test_the_lock_has_what_the_sdk_needs_each_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["cloudbase"]]
    versions = locked()
    assert {re.split(r"[<>=]", text)[0] for text in needed} <= set(versions)
    blocks = re.split(r"^(?=\S)", vendor.LOCK.read_text(), flags=re.MULTILINE)[1:]
    assert len(blocks) == len(versions)
    assert all("--hash=sha256:" in block for block in blocks)


def test_aws_is_as_its_template_has_it() -> None:
    template = (ROOT / "template.yaml").read_text("utf-8")
    assert AWS.python is not None
    assert set(re.findall(r"Runtime: python(\S+)", template)) == {".".join(map(str, AWS.python))}


SAID = {
    "error: Request failed\n  cause: Failed to fetch: https://pypi.org/simple/x/": "network",
    "error: No solution found\n  cause: Because x has no usable wheels": "no wheel of it",
    "error: No solution found\n  cause: Because x==1 has no wheels with a matching": "no wheel",
    "error: No solution\n  cause: Because x was not found in the registry": "check the names",
    "error: Because you require a==1 and a==2, unsatisfiable": "other versions",
    "error: Couldn't parse requirement in `r.txt` at position 0": "mend that line",
    "error: Hash mismatch for `x`": "do not use it",
}


@pytest.mark.parametrize(("stderr", "step"), SAID.items())
def test_what_the_installer_says_gets_a_next_step(stderr: str, step: str) -> None:
    told = vendor._told(stderr)
    assert step in told.partition("Next: ")[2]
    assert "\n" not in told


@pytest.mark.parametrize(("zip_size", "size"), [(51 << 20, 1), (1, 501 << 20)])
def test_a_package_beyond_the_platform_s_bounds(zip_size: int, size: int) -> None:
    package = Package("fn", ROOT, ROOT, 1, size, zip_size, "", 0, ())
    with pytest.raises(ConfigError, match=r"fn: .* has 5\d+\.0 MB; the platform takes 50"):
        _check_size(package)
    _check_size(Package("fn", ROOT, ROOT, 1, 500 << 20, 50 << 20, "", 0, ()))


def test_byte_code_that_differs_from_run_to_run_is_not_kept(tmp_path: Path) -> None:
    python = Path(sys.executable)
    (tmp_path / "plain.py").write_text("x = lambda e: e in {'a', 'b', 1}\n")
    (tmp_path / "none.py").write_text("def f():\n    return lambda e: e in {'a', None}\n")
    (tmp_path / "broken.py").write_text("x = (\n")
    compile_modules(python, tmp_path, [tmp_path])
    assert [path.name.partition(".")[0] for path in tmp_path.rglob("*.pyc")] == ["plain"]
