"""What of a function's folder goes into its package, and what stays out, with the reason."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from openapi_shim.errors import ConfigError

_FILES_LIMIT = 20_000

_FOLDERS = {
    "made anew where it runs": (
        "__pycache__", ".*_cache", ".hypothesis", "*.egg-info",
    ),
    "no part of the program": (
        "tests", "test", ".git", ".hg", ".svn", ".idea", ".vscode", "node_modules",
    ),
}  # fmt: skip
_FILES = {
    "a secret": (
        ".env", ".env.*", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.kdbx", "id_rsa*",
        "id_dsa*", "id_ecdsa*", "id_ed25519*", ".netrc", ".npmrc", ".pypirc", ".htpasswd",
        "credentials", "credentials.json", "client_secret*.json", "service-account*.json",
    ),
    "made anew where it runs": ("*.pyc", "*.pyo"),
    "no part of the program": (
        ".DS_Store", "Thumbs.db", "desktop.ini", "*.log", "*.swp", "*~", ".gitignore",
        ".gitattributes", ".coverage", "test_*.py", "*_test.py", "conftest.py",
    ),
}  # fmt: skip
SECRET = "a secret"  # noqa: S105  (a reason)


@dataclass(frozen=True)
class LeftOut:
    """One file or folder that stays out: its *path* within the function, and *why*."""

    path: str
    why: str


@dataclass
class Contents:
    """A function's files.

    Attributes:
        files: those that go in: name in the package, with slashes, and where it lies.
        left_out: the others.
    """

    files: dict[str, Path] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes of all files that go in."""
        return sum(path.stat().st_size for path in self.files.values())


def contents_of(folder: Path, ignored: Sequence[str] = ()) -> Contents:
    """Walk a function's *folder*, in order of the names.

    A link to a file of the same project is followed. One that leads out of it, or to a folder,
    stays out: what it leads to is not known to belong to the function.

    Args:
        folder: of the function; its project is two levels above.
        ignored: patterns of more that stays out, e.g. ``docs/**`` or ``*.psd``.

    Raises:
        ConfigError: the folder cannot be read, or has more files than any function's.
    """
    found = Contents()
    project = folder.resolve().parent.parent
    for place, folders, names in os.walk(folder, onerror=_stop):
        here = Path(place)
        for name in sorted(folders):
            path = here / name
            shown = path.relative_to(folder).as_posix()
            why = _why(name, shown, _FOLDERS, ignored)
            if path.is_symlink():
                why = why or "a link to a folder: put the folder itself there"
            elif (path / "pyvenv.cfg").is_file():
                why = why or "an environment of this machine's Python"
            if why:
                found.left_out.append(LeftOut(shown + "/", why))
                folders.remove(name)
        folders.sort()
        for name in sorted(names):
            path = here / name
            shown = path.relative_to(folder).as_posix()
            why = _why(name, shown, _FILES, ignored) or _why_not_a_file(path, project)
            if why:
                found.left_out.append(LeftOut(shown, why))
            else:
                found.files[shown] = path
        if len(found.files) > _FILES_LIMIT:
            raise ConfigError(
                f"{folder} has more than {_FILES_LIMIT} files: leave some out by `ignore` in "
                "cloudbaserc.json"
            )
    return found


def _why(name: str, shown: str, reasons: dict[str, tuple[str, ...]], ignored: Sequence[str]) -> str:
    for why, patterns in reasons.items():
        if any(fnmatch(name, pattern) for pattern in patterns):
            return why
    for pattern in ignored:
        plain = pattern.removeprefix("./").removesuffix("/**").removesuffix("/")
        if fnmatch(shown, plain) or fnmatch(name, plain) or fnmatch(shown, plain + "/*"):
            return f"ignored by cloudbaserc.json ({pattern})"
    return ""


def _why_not_a_file(path: Path, project: Path) -> str:
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):  # nothing there, or a circle of links
        return "a link that leads nowhere"
    if path.is_symlink() and not target.is_relative_to(project):
        return "a link that leads out of the project"
    if path.is_symlink() and _why(target.name, "", _FILES, ()) == SECRET:
        return SECRET
    return "" if target.is_file() else "not a plain file"


def _stop(error: OSError) -> None:
    raise ConfigError(f"{error.filename} cannot be read: {error.strerror}") from error
