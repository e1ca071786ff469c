"""``doctor``: finds what will break where a function is deployed, before it is deployed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from openapi_shim.errors import ConfigError
from openapi_shim.packaging.binaries import check_binaries
from openapi_shim.packaging.check_code import check_code
from openapi_shim.packaging.check_setup import check_setup
from openapi_shim.packaging.cloudbase import deployment_entry
from openapi_shim.packaging.cloudbaserc import FILE_NAME as RC_NAME
from openapi_shim.packaging.cloudbaserc import NAME, Cloudbaserc, read_cloudbaserc
from openapi_shim.packaging.findings import Finding, Level, error, warning
from openapi_shim.packaging.platforms import CLOUDBASE, Platform
from openapi_shim.packaging.subject import Subject

_FUNCTION_ROOT = "functions"  # tcb's own default


def examine(subject: Subject, platform: Platform) -> list[Finding]:
    """All findings about one function, the errors first."""
    findings: list[Finding] = []
    called: set[str] = set()
    try:
        if subject.is_python:
            findings, called = check_code(subject, platform)
        findings += check_setup(subject, platform, called)
    except ConfigError as problem:
        findings.append(
            error("config", subject.shown, "it cannot be used", str(problem), "mend that file")
        )
    findings += check_binaries(subject, platform)
    return sorted(findings, key=lambda finding: finding.level is not Level.ERROR)


def project_findings(
    functions_dir: Path, platform: Platform
) -> tuple[Cloudbaserc | None, list[Finding]]:
    """The project's cloudbaserc.json beside *functions_dir*, and findings about it."""
    path = functions_dir.resolve().parent / RC_NAME
    if platform is not CLOUDBASE or not path.is_file():
        return None, []
    try:
        deployed = read_cloudbaserc(path)
    except ConfigError as problem:
        return None, [
            error(
                "cloudbaserc",
                str(path),
                "it cannot be used",
                str(problem),
                "mend it: tcb itself does not look, and the deployment fails or goes wrong",
            )
        ]
    return deployed, list(_root(deployed, path, functions_dir))


def _root(deployed: Cloudbaserc, path: Path, functions_dir: Path) -> Iterator[Finding]:
    sources = functions_dir.resolve()
    python = [folder.parent.name for folder in sorted(sources.glob("*/index.py"))]
    root = path.parent / (deployed.function_root or _FUNCTION_ROOT)
    for entry in deployed.functions:
        place = path.parent / entry.dir if entry.dir else root / entry.name
        if entry.name in python and place.resolve() == sources / entry.name:
            yield error(
                "source-deployed",
                str(path),
                f"{'dir' if entry.dir else 'functionRoot'} leads to the source of {entry.name}",
                "`tcb fn deploy` would upload it without its packages and the adapter",
                'set "functionRoot": "dist/cloudbase", where `openapi-shim package cloudbase` '
                "puts the packages, and no dir",
            )
    for name in python:
        if deployed.function(name) is None and re.match(NAME, name):
            new = deployment_entry(name, sources / name)
            yield warning(
                "entry-missing",
                str(path),
                f"{name} is not among its functions",
                "`tcb fn deploy` would not know it, or take Node.js for it",
                f"add {new.model_dump_json(by_alias=True, exclude_none=True)}",
            )
