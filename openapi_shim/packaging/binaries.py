"""Compiled files that do not run on a platform: other systems, processors, Pythons, C libraries."""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Iterator
from pathlib import Path

from openapi_shim.packaging.findings import Finding, error
from openapi_shim.packaging.platforms import Platform
from openapi_shim.packaging.subject import Subject

_ELF_MACHINES = {3: "x86", 40: "arm", 62: "x86-64", 183: "aarch64", 243: "riscv"}
_MACH_O = {
    b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
}  # fmt: skip
_NAMES = re.compile(r"\.(so(\.\d+)*|pyd|dylib|dll)$")
_TAG = re.compile(r"\.(?:cpython-|cp)(\d)(\d+)[a-z]*[-.]")
_GLIBC = re.compile(rb"GLIBC_2\.(\d{1,3})(?:\.\d+)?\x00")
_FIX = (
    "take it out of the folder and name the package in requirements.txt: "
    "`openapi-shim package cloudbase` and `sam build` fetch the right wheel"
)


def check_binaries(subject: Subject, platform: Platform) -> Iterator[Finding]:
    """Findings about the compiled files anywhere in what is deployed of *subject*."""
    if subject.packed:
        files = sorted(path for path in subject.whole.rglob("*") if path.is_file())
    else:
        files = list(subject.contents.files.values())
    for path in files:
        if _NAMES.search(path.name):
            why = _why_not(path, platform)
            if why:
                yield error("wrong-platform", subject.at(path), "a compiled file", why, _FIX)


def _why_not(path: Path, platform: Platform) -> str:
    with path.open("rb") as file:
        head = file.read(20)
        other = _other_system(head, platform)
        if other:
            return other
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            needs = max((int(match[1]) for match in _GLIBC.finditer(content)), default=0)
    if "linux-musl" in path.name:
        return f"it is made for musl (Alpine); {platform.name} has glibc"
    if platform.glibc and (2, needs) > platform.glibc:
        has = ".".join(map(str, platform.glibc))
        return f"it needs glibc 2.{needs}; {platform.name} has {has}"
    return _why_not_this_python(path.name, platform)


def _other_system(head: bytes, platform: Platform) -> str:
    """Why a file that begins with *head* is for another system or processor; empty if it fits."""
    if head[:4] in _MACH_O:
        return f"it is made for macOS; {platform.name} runs Linux"
    if head[:2] == b"MZ":
        return f"it is made for Windows; {platform.name} runs Linux"
    if head[:4] != b"\x7fELF" or len(head) < 20:
        return "it is no Linux library at all: broken, or a placeholder of git-lfs"
    number: int = struct.unpack_from(">H" if head[5] == 2 else "<H", head, 18)[0]
    machine = _ELF_MACHINES.get(number, f"processor {number}")
    if machine in platform.machines:
        return ""
    return f"it is made for {machine}; {platform.name} has {' or '.join(platform.machines)}"


def _why_not_this_python(name: str, platform: Platform) -> str:
    tag = _TAG.search(name)
    if tag is None or platform.python is None:  # abi3 fits every version
        return ""
    version = (int(tag[1]), int(tag[2]))
    if version == platform.python:
        return ""
    made, runs = (".".join(map(str, pair)) for pair in (version, platform.python))
    return f"it is made for Python {made}; {platform.name} runs {runs}"
