"""What ``doctor`` looks at: a function's folder, a package made of it, or a zip of either."""

from __future__ import annotations

import ast
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from openapi_shim.config_file import FILE_NAME as CONFIG_NAME
from openapi_shim.config_file import ConfigFile, read_config
from openapi_shim.errors import ConfigError
from openapi_shim.packaging.cloudbase import ENTRY, FUNCTIONS, VENDOR, is_package
from openapi_shim.packaging.cloudbaserc import CloudbaseFunction
from openapi_shim.packaging.contents import Contents, contents_of

_UNPACKED_LIMIT = 1024 * 1024 * 1024  # bytes; twice what any platform takes
_ENTRIES_LIMIT = 100_000
_ENTRIES = (ENTRY, "index.js", "package.json", "scf_bootstrap")  # of Python, Node.js, and by HTTP


@dataclass(frozen=True)
class Module:
    """One module of the function: where it is shown to lie, its source, and its tree.

    Attributes:
        path: of the file.
        shown: the same for people.
        tree: None where no Python can read it.
        fault: line and message, where the Python asked for cannot.
    """

    path: Path
    shown: str
    tree: ast.Module | None
    fault: tuple[int, str] | None = None


@dataclass(frozen=True)
class Subject:
    """One function, in one of its forms.

    Attributes:
        name: of the function.
        shown: its folder or zip, as the user named it.
        folder: of the function's own code.
        whole: folder of all that is deployed: *folder*, or the package around it.
        packed: whether this is what is deployed as it is, and no source to be packed.
        archive: the zip it came from.
        deployed: its entry in cloudbaserc.json.
    """

    name: str
    shown: str
    folder: Path
    whole: Path
    packed: bool = False
    archive: Path | None = None
    deployed: CloudbaseFunction | None = None

    def with_entry(self, deployed: CloudbaseFunction | None) -> Subject:
        """The same with its entry in cloudbaserc.json."""
        return replace(self, deployed=deployed)

    @property
    def has_adapter(self) -> bool:
        """Whether the entry is the package's own."""
        return is_package(self.whole)

    @property
    def is_python(self) -> bool:
        """Whether there is an ``index.py``."""
        return (self.folder / ENTRY).is_file()

    @cached_property
    def config(self) -> ConfigFile:
        """Its config.json; an empty one if there is none.

        Raises:
            ConfigError: it cannot be used.
        """
        path = self.folder / CONFIG_NAME
        return read_config(path) if path.is_file() else ConfigFile()

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment variables that it is deployed with; ``tcb`` reads its own file alone."""
        return self.deployed.variables if self.deployed else self.config.variables

    @property
    def timeout(self) -> float | None:
        """Seconds it may take, as far as anything says so; ``tcb`` reads its own file alone."""
        return self.deployed.timeout if self.deployed else self.config.timeout

    @cached_property
    def contents(self) -> Contents:
        """What is deployed of its folder, and what is not."""
        return contents_of(self.folder, self.deployed.ignored if self.deployed else ())

    def brings(self, module: str) -> bool:
        """Whether a *module*, as ``name`` or ``folder/name``, is among what is deployed of it."""
        return any(
            name == f"{module}.py" or name.startswith(f"{module}/") for name in self.contents.files
        )

    def at(self, path: Path) -> str:
        """*path* for people."""
        base = Path(self.shown)
        if self.archive is not None or self.whole != self.folder:
            return f"{base}: {path.relative_to(self.whole).as_posix()}"
        return str(base / path.relative_to(self.folder))

    def modules(self, version: tuple[int, int] | None) -> Iterator[Module]:
        """Its own modules, not those of packages that lie beside them.

        Args:
            version: of Python, for its grammar; None for the one we run on.
        """
        foreign = installed_names(self.folder)
        for name, path in self.contents.files.items():
            top = name.partition("/")[0].removesuffix(".py")
            if path.suffix == ".py" and top not in foreign:
                yield _parse(path, self.at(self.folder / name), version)


def installed_names(folder: Path) -> set[str]:
    """Top names of the packages that an installer put into *folder*, by what they say of it."""
    names: set[str] = set()
    for info in folder.glob("*.dist-info"):
        top_level, record = info / "top_level.txt", info / "RECORD"
        if top_level.is_file():
            names.update(top_level.read_text("utf-8", "replace").split())
        if record.is_file():
            for line in record.read_text("utf-8", "replace").splitlines():
                names.add(line.partition(",")[0].partition("/")[0].removesuffix(".py"))
        names.add(info.name.partition("-")[0])
    return names


def _parse(path: Path, shown: str, version: tuple[int, int] | None) -> Module:
    try:
        return Module(path, shown, _tree(path, version))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        fault = line, getattr(error, "msg", "") or str(error) or type(error).__name__
    try:  # what only a newer Python can read is looked into too
        return Module(path, shown, _tree(path, None), fault)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Module(path, shown, None, fault)


def _tree(path: Path, version: tuple[int, int] | None) -> ast.Module:
    return ast.parse(path.read_bytes(), str(path), feature_version=version)


def open_package(path: Path, scratch: Path) -> Subject:
    """The package at *path*, a folder or a zip, as a subject.

    Args:
        path: of the package.
        scratch: folder for what is unpacked.

    Raises:
        ConfigError: it is neither, has no function, is broken, or unpacks beyond all bounds.
    """
    archive = None
    whole = path
    if path.is_file():
        archive, whole = path, scratch / path.stem
        _unpack(path, whole)
    elif not path.is_dir():
        raise ConfigError(f"there is no folder or zip {path}")
    inner = sorted(folder.parent for folder in (whole / FUNCTIONS).glob(f"*/{ENTRY}"))
    if is_package(whole) and len(inner) == 1:
        return Subject(inner[0].name, str(path), inner[0], whole, packed=True, archive=archive)
    if not any((whole / entry).is_file() for entry in _ENTRIES):
        raise ConfigError(
            f"{path} is neither a function nor a package of one: there is no {ENTRY} in it; name "
            "the folder or zip that has it at its top"
        )
    packed = archive is not None or (whole / VENDOR).is_dir()
    name = path.stem if archive else path.resolve().name
    return Subject(name, str(path), whole, whole, packed=packed, archive=archive)


def _unpack(path: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            size = sum(entry.file_size for entry in entries)
            if size > _UNPACKED_LIMIT or len(entries) > _ENTRIES_LIMIT:
                raise ConfigError(
                    f"{path} unpacks to {size} bytes in {len(entries)} files: no platform takes it"
                )
            archive.extractall(target)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise ConfigError(f"{path} is no zip that can be read: {error}") from error
