"""A Python of the platform's version on this machine: to compile with, and to check syntax."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from openapi_shim.errors import ConfigError

_SECONDS = 120.0
_ENVIRONMENT = {"PYTHONHASHSEED": "0"}  # the order of a set in byte code depends on it

# Where version managers put interpreters, beside the PATH.
_MANAGED = (
    ".pyenv/versions/{}.*/bin/python",
    ".local/share/uv/python/cpython-{}.*/bin/python3",
    ".asdf/installs/python/{}.*/bin/python",
)
_CHECK = """
import json, sys, warnings
warnings.simplefilter("ignore")
faults = {}
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        source = file.read()
    try:
        compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        faults[path] = [getattr(error, "lineno", None) or 1, getattr(error, "msg", str(error))]
print(json.dumps(faults))
"""
# Removes byte code whose bytes change from run to run: of constant sets with None in them, whose
# place in a set follows from its address. (Python 3.11 and newer write such sets in order.)
_STABLE_ONLY = """
import marshal, pathlib, sys, types
def unstable(code):
    for value in code.co_consts:
        if isinstance(value, types.CodeType) and unstable(value):
            return True
        if isinstance(value, frozenset) and {None, ...} & value:
            return True
    return False
for place in map(pathlib.Path, sys.argv[1:]):
    for path in [place] if place.is_file() else place.rglob("*.pyc"):
        if path.suffix == ".pyc" and unstable(marshal.loads(path.read_bytes()[16:])):
            path.unlink()
"""


@functools.lru_cache(maxsize=4)
def find_python(version: tuple[int, int]) -> Path | None:
    """An interpreter of this *version* that runs, or None."""
    return next(filter(lambda path: _runs(path, version), _candidates(version)), None)


def _candidates(version: tuple[int, int]) -> Iterator[Path]:
    text = f"{version[0]}.{version[1]}"
    if sys.version_info[:2] == version:
        yield Path(sys.executable)
    on_path = shutil.which(f"python{text}")
    if on_path:
        yield Path(on_path)
    for pattern in _MANAGED:
        yield from sorted(Path.home().glob(pattern.format(text)))


def _runs(python: Path, version: tuple[int, int]) -> bool:
    # A version manager's shim is there even where the version is not.
    code = "import sys; print(*sys.version_info[:2])"
    done = _run(python, ["-c", code])
    return done is not None and done.stdout.split() == [str(part) for part in version]


def compile_modules(python: Path, root: Path, paths: Sequence[Path]) -> None:
    """Compile modules, each into a file that is taken without a look at its source.

    The few whose byte code would differ from run to run stay without, so that a package can be
    made anew to the byte.

    Args:
        python: of the version that will run them.
        root: a folder, whose path does not get into the byte code.
        paths: modules and folders of them, in *root*.

    Raises:
        ConfigError: the interpreter failed.
    """
    done = _run(
        python,
        ["-m", "compileall", "-q", "-j1", "--invalidation-mode", "unchecked-hash",
         "-s", str(root), *map(str, paths)],
    )  # fmt: skip
    if done is None or done.returncode not in (0, 1):  # 1: a file of a template, or of Python 2
        raise ConfigError(f"{python} could not compile {root}; try --no-bytecode")
    checked = _run(python, ["-c", _STABLE_ONLY, *map(str, paths)])
    if checked is None or checked.returncode:
        raise ConfigError(f"{python} could not read what it compiled; try --no-bytecode")


def syntax_faults(python: Path, files: Sequence[Path]) -> dict[Path, tuple[int, str]]:
    """Line and message of the first syntax error of each of *files* that has one."""
    done = _run(python, ["-c", _CHECK, *map(str, files)]) if files else None
    if done is None or done.returncode:
        return {}
    return {Path(path): (line, text) for path, (line, text) in json.loads(done.stdout).items()}


def _run(python: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(  # noqa: S603  (an interpreter of this machine, nothing quoted)
            [str(python), "-I" if arguments[0] == "-c" else "-B", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            env=_ENVIRONMENT,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
