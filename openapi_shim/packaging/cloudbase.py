"""Packages for CloudBase: for each function a folder for ``tcb fn deploy``, and a zip of it.

What lies in one::

    index.py               the entry that the platform calls, made here: the adapter in front
    config.json            what the function may call, and its settings
    functions/NAME/…       the function, unchanged
    vendor/…               the SDK and all packages, as wheels for the platform
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openapi_shim
from openapi_shim.config_file import FILE_NAME as CONFIG_NAME
from openapi_shim.config_file import ConfigFile, config_files, read_config
from openapi_shim.emulator.functions.folder import Function
from openapi_shim.errors import ConfigError
from openapi_shim.packaging.archive import write_zip
from openapi_shim.packaging.cloudbaserc import FILE_NAME as RC_NAME
from openapi_shim.packaging.cloudbaserc import NAME, CloudbaseFunction, Cloudbaserc
from openapi_shim.packaging.contents import LeftOut, contents_of
from openapi_shim.packaging.interpreter import compile_modules
from openapi_shim.packaging.platforms import CLOUDBASE
from openapi_shim.packaging.vendor import install_requirements, install_sdk

REQUIREMENTS = "requirements.txt"
ENTRY = "index.py"
FUNCTIONS = "functions"
VENDOR = "vendor"
MARK = "Made by `openapi-shim package cloudbase`"

# Seconds, where config.json does not say: the SDK's own time for a call,
# and some more, so that the SDK and not the platform tells of one that takes too long.
_TIMEOUT = 20
_MEMORY = 256  # megabytes, likewise
_ENV_ID = "{{env.CLOUDBASE_ENV_ID}}"

# What of this package no function needs: the developer's side, and other platforms'.
_NOT_IN_FUNCTIONS = (
    "__main__.py", "aws", "batch", "cli", "emulator", "ocr", "packaging", "serving", "specimens",
    "wechat", "__pycache__",
)  # fmt: skip

_ENTRY_TEXT = '''"""{mark}: what the platform calls, as index.main.

The function itself lies unchanged in functions/{name}.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "vendor"))

from openapi_shim.scf.handler import make_handler

main = make_handler({name!r}, HERE / "functions")
'''

Report = Callable[[str], None]


@dataclass(frozen=True)
class Package:
    """One function's package, as it lies on disk.

    Attributes:
        name: of the function.
        folder: for ``tcb fn deploy``.
        archive: the same as a zip.
        files: how many there are.
        size: bytes of the folder.
        zip_size: bytes of the zip.
        sha256: of the zip.
        byte_code: how many modules are compiled; 0 if none.
        left_out: what of the function's folder is not in it.
    """

    name: str
    folder: Path
    archive: Path
    files: int
    size: int
    zip_size: int
    sha256: str
    byte_code: int
    left_out: tuple[LeftOut, ...]


class CloudbasePackager:
    """Makes packages of functions.

    Args:
        out: folder for them.
        deployed: the project's cloudbaserc.json, or None.
        python: an interpreter of the platform's version to compile with, or None.
        report: is told what is going on.
    """

    def __init__(
        self,
        out: Path,
        deployed: Cloudbaserc | None,
        *,
        python: Path | None,
        report: Report = lambda _: None,
    ) -> None:
        self._out = out
        self._deployed = deployed
        self._python = python
        self._report = report

    def build(self, functions: Sequence[Function]) -> list[Package]:
        """Make the packages of *functions*; a package of before gives way to its new one.

        Raises:
            ConfigError: one cannot be made, or is too large; the text has the next step. What
                was there before is untouched then.
        """
        for function in functions:
            self._check_place(function)
        try:
            return self._build_all(functions)
        except OSError as error:
            where = error.filename or self._out
            raise ConfigError(f"{where}: {error.strerror or error}; nothing was made") from error

    def _build_all(self, functions: Sequence[Function]) -> list[Package]:
        self._out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".partial-", dir=self._out) as folder:
            stage = Path(folder)
            self._report(f"packages for Python {_version()} on Linux x86-64, from their lock")
            install_sdk(stage / VENDOR)
            _copy_sdk(stage / VENDOR)
            self._compile(stage / VENDOR, [stage / VENDOR])
            made = [self._build(function, stage) for function in functions]
            for package, staged in made:
                _replace(staged, package.folder)
                _replace(staged.with_suffix(".zip"), package.archive)
        return [package for package, _ in made]

    def _check_place(self, function: Function) -> None:
        target = (self._out / function.name).resolve()
        if target.is_relative_to(function.folder) or function.folder.is_relative_to(target):
            raise ConfigError(
                f"--out {self._out} would put the package of {function.name} over its source: "
                "name another folder"
            )
        if target.exists() and not is_package(target):
            raise ConfigError(
                f"{target} is there and is no package of ours: move it away, or name another --out"
            )

    def _compile(self, root: Path, paths: Sequence[Path]) -> None:
        if self._python:
            compile_modules(self._python, root, paths)

    def _build(self, function: Function, stage: Path) -> tuple[Package, Path]:
        self._report(f"{function.name}: packing")
        folder = stage / function.name
        given = self._deployed and self._deployed.function(function.name)
        contents = contents_of(function.folder, given.ignored if given else ())
        vendor = folder / VENDOR
        shutil.copytree(stage / VENDOR, vendor)
        shared = set(vendor.iterdir())
        requirements = function.folder / REQUIREMENTS
        if requirements.is_file():
            self._report(f"{function.name}: packages of its {REQUIREMENTS}")
            try:
                install_requirements(vendor, requirements)
            except ConfigError as error:
                raise ConfigError(f"{function.name}: {error}") from error
        for name, path in contents.files.items():
            target = folder / FUNCTIONS / function.name / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
        text = _ENTRY_TEXT.format(mark=MARK, name=function.name)
        (folder / ENTRY).write_text(text, "utf-8")
        (folder / CONFIG_NAME).write_text(_config_text(function.folder), "utf-8")
        own = [path for path in vendor.iterdir() if path not in shared]
        self._compile(folder, [folder / ENTRY, folder / FUNCTIONS, *sorted(own)])
        archive = folder.with_suffix(".zip")
        write_zip(folder, archive)
        files = [path for path in folder.rglob("*") if path.is_file()]
        package = Package(
            name=function.name,
            folder=self._out / function.name,
            archive=self._out / f"{function.name}.zip",
            files=len(files),
            size=sum(path.stat().st_size for path in files),
            zip_size=archive.stat().st_size,
            sha256=hashlib.sha256(archive.read_bytes()).hexdigest(),
            byte_code=sum(path.suffix == ".pyc" for path in files),
            left_out=tuple(contents.left_out),
        )
        _check_size(package)
        return package, folder


def new_cloudbaserc(path: Path, out: Path, functions: Sequence[Function]) -> None:
    """Write the project's cloudbaserc.json, where it has none, for packages in *out*."""
    root = os.path.relpath(out.resolve(), path.parent.resolve())
    whole = Cloudbaserc.model_validate({"envId": _ENV_ID, "functionRoot": root})
    named = [function for function in functions if re.match(NAME, function.name)]
    entries = [deployment_entry(function.name, function.folder) for function in named]
    path.write_text(whole.model_copy(update={"functions": entries}).as_json(), "utf-8")


def deployment_entry(name: str, folder: Path) -> CloudbaseFunction:
    """What cloudbaserc.json has to say of the function in *folder*: all that ``tcb`` assumes else.

    Raises:
        ConfigError: its config.json cannot be used.
    """
    path = folder / CONFIG_NAME
    config = read_config(path) if path.is_file() else ConfigFile()
    return CloudbaseFunction(name=name).model_copy(
        update={
            "timeout": round(config.timeout or _TIMEOUT),
            "memory_size": _in_steps(config.memory_size or _MEMORY),
            "env_variables": config.variables or None,
            "install_dependency": False,  # for Node.js alone; all is in the package
        }
    )


def is_package(folder: Path) -> bool:
    """Whether *folder* is a package that was made here."""
    entry = folder / ENTRY
    return entry.is_file() and MARK in entry.read_text("utf-8", "replace")[:200]


def _version() -> str:
    return ".".join(map(str, CLOUDBASE.python or ()))


def _in_steps(megabytes: int) -> int:
    """*megabytes* in the steps that the platform has, at least as many."""
    return 64 if megabytes <= 64 else min(-(-megabytes // 128) * 128, 3072)


def _copy_sdk(vendor: Path) -> None:
    source = Path(openapi_shim.__file__).parent

    def left_out(folder: str, names: list[str]) -> set[str]:
        unwanted = _NOT_IN_FUNCTIONS if Path(folder) == source else ("__pycache__",)
        return {name for name in names if name in unwanted}

    shutil.copytree(source, vendor / source.name, ignore=left_out)


def _config_text(folder: Path) -> str:
    """The config.json that decides for the function, with the project's settings in it."""
    merged: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    for number, path in enumerate(config_files(folder)):
        config = read_config(path)
        settings = {**config.openapi_shim, **settings}
        if number == 0:
            merged = json.loads(path.read_text("utf-8-sig"))
    if settings:
        merged["openapi_shim"] = settings
    return json.dumps(merged, ensure_ascii=False, indent=2) + "\n"


def _check_size(package: Package) -> None:
    for what, size, limit in (
        ("the zip", package.zip_size, CLOUDBASE.zip_limit),
        ("the package unpacked", package.size, CLOUDBASE.unpacked_limit),
    ):
        if limit and size > limit:
            raise ConfigError(
                f"{package.name}: {what} has {size / 2**20:.1f} MB; the platform takes "
                f"{limit / 2**20:.0f} MB. Leave files out by `ignore` in {RC_NAME}, put packages "
                "into a layer, or deploy the function as an image"
            )


def _replace(source: Path, target: Path) -> None:
    if target.is_dir():
        old = source.with_name(source.name + ".old")
        target.rename(old)  # away in one step: no half package is ever there
    source.rename(target)
