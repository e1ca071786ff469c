"""Checks of a function's own code: what it calls, what it imports, what it takes for granted."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from openapi_shim.catalog.operations import near_names, operation_named
from openapi_shim.packaging.cloudbase import REQUIREMENTS, VENDOR
from openapi_shim.packaging.code_scan import CodeFacts, scan
from openapi_shim.packaging.findings import Finding, error, warning
from openapi_shim.packaging.interpreter import find_python, syntax_faults
from openapi_shim.packaging.newer_names import REMOVED
from openapi_shim.packaging.platforms import Platform
from openapi_shim.packaging.subject import Module, Subject, installed_names
from openapi_shim.packaging.vendor import LOCK
from openapi_shim.permissions import PermissionList, load_permissions

# What locked distributions are imported as, where that is another name.
_IMPORTED_AS = {"attrs": ("attr", "attrs"), "protobuf": ("google",)}
_REQUIREMENT = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)")


def check_code(subject: Subject, platform: Platform) -> tuple[list[Finding], set[str]]:
    """Findings about the code of *subject*, and the operations that it calls."""
    modules = list(subject.modules(platform.python))
    findings = list(_syntax(modules, platform))
    permissions = load_permissions(subject.folder)
    provided, certain = _provided(subject)
    called: set[str] = set()
    for module in modules:
        if module.tree is not None:
            facts = scan(module.tree)
            called.update(name for name, _ in facts.operations)
            findings += _operations(facts, module, permissions)
            findings += _imports(facts, module, subject, provided, certain=certain)
            findings += _newer(facts, module, platform)
            findings += _clock(facts, module, subject)
            findings += _trust(facts, module)
            findings += _entry(facts, module, subject)
    return findings, called


def _syntax(modules: list[Module], platform: Platform) -> Iterator[Finding]:
    faults = {module.path: module.fault for module in modules if module.fault}
    python = find_python(platform.python) if platform.python else None
    if python is not None:  # the real grammar; ast knows the older ones only in part
        parsed = [module.path for module in modules if not module.fault]
        faults |= syntax_faults(python, parsed)
    version = platform.python or sys.version_info[:2]
    for module in modules:
        fault = faults.get(module.path)
        if fault:
            yield error(
                "syntax",
                f"{module.shown}:{fault[0]}",
                fault[1],
                f"{platform.name} runs Python {version[0]}.{version[1]}, which cannot read this",
                "write it for that version",
            )


def _operations(facts: CodeFacts, module: Module, permissions: PermissionList) -> Iterator[Finding]:
    for name, line in facts.operations:
        where = f"{module.shown}:{line}"
        if operation_named(name) is None:
            yield warning(
                "operation-unknown",
                where,
                f"cloud.openapi.{name} is called",
                "no such operation is known here: over https the SDK refuses it with -604100",
                _meant(name),
            )
        if not permissions.allows(name):
            yield error(
                "permission-missing",
                where,
                f"cloud.openapi.{name} is called",
                "config.json does not allow it: the call fails with -604101",
                permissions.how_to_allow(name),
            )


def _meant(name: str) -> str:
    near = near_names(name, 1)
    meant = f"did you mean {near[0]}? Else " if near else ""
    return f"{meant}take the transport cloudbase, where the platform may know it"


def _imports(
    facts: CodeFacts, module: Module, subject: Subject, provided: set[str], *, certain: bool
) -> Iterator[Finding]:
    here = module.path.parent.relative_to(subject.folder).as_posix()
    for name, line in facts.imports:
        if (
            subject.brings(name)
            or subject.brings(f"{here}/{name}")
            or name in provided
            or name in sys.stdlib_module_names
            or name in REMOVED
        ):
            continue
        make = error if certain else warning
        yield make(
            "import-missing",
            f"{module.shown}:{line}",
            f"{name} is imported",
            f"nothing in the package brings it: ModuleNotFoundError when {subject.name} is loaded",
            f"name its package in {subject.at(subject.folder / REQUIREMENTS)}"
            + ("" if certain else ", if none that stands there brings it"),
        )


def _newer(facts: CodeFacts, module: Module, platform: Platform) -> Iterator[Finding]:
    for name, since, line in facts.newer:
        if platform.python and since > platform.python:
            has = ".".join(map(str, platform.python))
            yield error(
                "newer-python",
                f"{module.shown}:{line}",
                f"{name} is used",
                f"it came with Python {since[0]}.{since[1]}; {platform.name} runs {has}",
                "do without it, or import it with a fallback in try and except ImportError",
            )


def _clock(facts: CodeFacts, module: Module, subject: Subject) -> Iterator[Finding]:
    if subject.variables.get("TZ"):
        return
    for name, line in facts.local_clock:
        yield warning(
            "clock-zone",
            f"{module.shown}:{line}",
            f"{name} answers in the machine's time zone",
            "that is UTC there: between midnight and 8 o'clock in China the date is yesterday's, "
            "and a licence that ends today is still valid",
            "say the zone: datetime.now(timezone(timedelta(hours=8))), or set the function's "
            'variable TZ to "Asia/Shanghai"',
        )


def _trust(facts: CodeFacts, module: Module) -> Iterator[Finding]:
    for line in facts.user_info:
        yield warning(
            "user-info",
            f"{module.shown}:{line}",
            'event["userInfo"] is read',
            "whoever calls by HTTP access or from another function writes the event: the openId "
            "in it may be anybody's",
            'take cloud.getWXContext()["OPENID"], which the platform vouches for',
        )


def _entry(facts: CodeFacts, module: Module, subject: Subject) -> Iterator[Finding]:
    is_entry = module.path == subject.folder / "index.py"
    if is_entry and facts.main and facts.main[1] and subject.packed and not subject.has_adapter:
        yield error(
            "adapter-missing",
            f"{module.shown}:{facts.main[0]}",
            "main is asynchronous, and called by the platform as it is",
            "the platform does not await it: the result is a coroutine, which is no JSON",
            "make the package by `openapi-shim package cloudbase`, which puts the adapter in front",
        )


def _provided(subject: Subject) -> tuple[set[str], bool]:
    """Names that can be imported, and whether those are surely all."""
    names = installed_names(subject.folder) | {"openapi_shim"}
    vendor = subject.whole / VENDOR
    if vendor.is_dir():
        names |= {path.name.removesuffix(".py") for path in vendor.iterdir()}
        return names, True
    wanted = _named_in(LOCK) if not subject.packed else set()
    asked = _named_in(subject.folder / REQUIREMENTS)
    known = _imported_by_distribution() if asked else {}
    for name in wanted | asked:
        names |= {name.replace("-", "_"), *_IMPORTED_AS.get(name, ()), *known.get(name, ())}
    return names, asked <= set(known)


@functools.lru_cache(maxsize=1)
def _imported_by_distribution() -> dict[str, set[str]]:
    """What the distributions that are installed here are imported as."""
    found: dict[str, set[str]] = {}
    for imported, distributions in packages_distributions().items():
        for distribution in distributions:
            found.setdefault(_normal(distribution), set()).add(imported)
    return found


def _named_in(path: Path, depth: int = 0) -> set[str]:
    """Distributions in a file of requirements, those of files that it includes too."""
    if depth > 5 or not path.is_file():
        return set()
    names: set[str] = set()
    for line in path.read_text("utf-8", "replace").splitlines():
        text = line.strip()
        match = _REQUIREMENT.match(text)
        include = re.match(r"(?:-r|--requirement)[\s=]*(\S+)", text)
        if match:
            names.add(_normal(match[1]))
        elif include:
            names |= _named_in(path.parent / include[1], depth + 1)
    return names


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
