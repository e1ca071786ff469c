"""Compiled files, by their own headers: what cannot run there is found."""

from __future__ import annotations

import re
import struct
import sys
import sysconfig
from pathlib import Path

import pytest

from openapi_shim.packaging.binaries import check_binaries
from openapi_shim.packaging.platforms import AWS, CLOUDBASE, CONTAINER, Platform
from tests.unit.packaging.conftest import Write

MAIN = "def main(event, context):\n    return {}\n"
X86, ARM = 62, 183


def elf(machine: int = X86, *needs: str) -> bytes:
    head = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + struct.pack("<HH", 3, machine)
    return head + b"\0" * 44 + b"".join(f"\0GLIBC_{version}\0".encode() for version in needs)


def why(write: Write, name: str, content: bytes, platform: Platform = CLOUDBASE) -> str:
    subject = write(MAIN)
    (subject.folder / name).write_bytes(content)
    findings = list(check_binaries(subject, platform))
    return findings[0].why if findings else ""


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.cpython-310-x86_64-linux-gnu.so", elf(), ""),
        ("a.abi3.so", elf(X86, "2.2.5", "2.17"), ""),
        ("libz.so.1.2", elf(X86, "2.14"), ""),
        ("a.cpython-311-x86_64-linux-gnu.so", elf(), "for Python 3.11; cloudbase runs 3.10"),
        ("a.cpython-39-x86_64-linux-gnu.so", elf(), "for Python 3.9; cloudbase runs 3.10"),
        ("a.cpython-310-aarch64-linux-gnu.so", elf(ARM), "for aarch64; cloudbase has x86-64"),
        ("a.so", elf(3), "for x86; cloudbase has x86-64"),
        ("a.so", elf(9999), "for processor 9999"),
        ("a.cpython-310-x86_64-linux-gnu.so", elf(X86, "2.4", "2.28"), "glibc 2.28; .* 2.17"),
        ("a.cpython-310-x86_64-linux-musl.so", elf(), "musl"),
        ("a.cpython-310-darwin.so", b"\xcf\xfa\xed\xfe" + b"\0" * 60, "macOS"),
        ("a.so", b"\xca\xfe\xba\xbe" + b"\0" * 60, "macOS"),
        ("a.cp310-win_amd64.pyd", b"MZ" + b"\0" * 60, "Windows"),
        ("lib.dylib", b"version https://git-lfs", "no Linux library"),
        ("empty.so", b"", "no Linux library"),
        ("short.so", b"\x7fELF", "no Linux library"),
    ],
)
def test_a_library(write: Write, name: str, content: bytes, told: str) -> None:
    found = why(write, name, content)
    if told:
        assert re.search(told, found), found
    else:
        assert found == ""


def test_each_platform_has_its_own_bounds(write: Write) -> None:
    arm = elf(ARM, "2.26")
    assert why(write, "a.cpython-311-aarch64-linux-gnu.so", arm, AWS) == ""
    assert why(write, "a.cpython-311-aarch64-linux-gnu.so", arm, CONTAINER) == ""
    assert "glibc 2.28" in why(write, "a.abi3.so", elf(X86, "2.28"), AWS)
    assert why(write, "a.abi3.so", elf(X86, "2.38"), CONTAINER) == ""


def test_other_files_are_not_looked_into(write: Write) -> None:
    assert why(write, "notes.so.txt", b"MZ") == ""
    assert why(write, "photo.jpg", b"MZ") == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads this machine's own files")
def test_this_python_s_own_extensions_fit_its_own_platform(write: Write) -> None:
    """The reader of headers, against files that nobody made for it."""
    machine = {"x86_64": "x86-64", "aarch64": "aarch64"}[sysconfig.get_platform().split("-")[1]]
    folder = Path(sysconfig.get_path("stdlib"), "lib-dynload")
    extensions = sorted(folder.glob("*.so"))[:20]
    assert extensions
    subject = write(MAIN)
    for path in extensions:
        (subject.folder / path.name).write_bytes(path.read_bytes())
    own = Platform("here", sys.version_info[:2], (machine,), None, None, None, None, None)
    older = Platform("older", (3, 7), (machine,), None, None, None, None, None)
    bare = Platform("bare", sys.version_info[:2], (machine,), (2, 1), None, None, None, None)
    assert list(check_binaries(subject, own)) == []
    assert len(list(check_binaries(subject, older))) == len(extensions)
    assert any("needs glibc" in item.why for item in check_binaries(subject, bare))
