"""``openapi-shim doctor``: finds what will break where functions are deployed."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from openapi_shim.packaging.findings import Finding
    from openapi_shim.packaging.platforms import Platform
    from openapi_shim.packaging.subject import Subject


class Target(str, Enum):
    """Where the functions are going to run."""

    CLOUDBASE = "cloudbase"
    AWS = "aws"
    CONTAINER = "container"


def doctor(
    function: Annotated[
        str | None,
        typer.Argument(
            help="A function, or the folder or zip of a package; all functions by default.",
            show_default=False,
        ),
    ] = None,
    target: Annotated[Target, typer.Option(help="Where it is going to run.")] = Target.CLOUDBASE,
    functions_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the cloud functions; functions by default."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, for programs.")
    ] = False,
) -> None:
    """Find what will break where functions are deployed, with the line and the remedy.

    Exit code 0: no error; 1: errors were found; 2: a mistake in the call.
    """
    from openapi_shim.packaging.doctor import examine, project_findings
    from openapi_shim.packaging.findings import Level
    from openapi_shim.packaging.platforms import PLATFORMS
    from openapi_shim.settings import load_settings

    platform = PLATFORMS[target.value]
    settings = load_settings(flags={"functions_dir": functions_dir}, function_dir=Path())
    with tempfile.TemporaryDirectory(prefix="openapi-shim-") as scratch:
        deployed, findings = project_findings(settings.functions_dir, platform)
        found: dict[str, list[Finding]] = {"": findings} if findings else {}
        for subject in _subjects(settings.functions_dir, function, Path(scratch)):
            entry = deployed.function(subject.name) if deployed else None
            found[subject.name] = examine(subject.with_entry(entry), platform)
    every = [finding for findings in found.values() for finding in findings]
    errors = sum(finding.level is Level.ERROR for finding in every)
    if as_json:
        typer.echo(json.dumps(_as_object(platform, found), ensure_ascii=False, indent=2))
    else:
        for name, findings in found.items():
            for line in finding_lines(findings):
                typer.echo(line)
            if name and not findings:
                typer.echo(f"{name}: nothing found that would break on {platform.name}")
        if every:
            typer.echo(f"{errors} errors, {len(every) - errors} warnings")
    raise typer.Exit(1 if errors else 0)


def _subjects(functions_dir: Path, wanted: str | None, scratch: Path) -> Iterator[Subject]:
    from openapi_shim.emulator.functions.folder import FunctionFolder
    from openapi_shim.errors import ConfigError, InvocationError
    from openapi_shim.packaging.subject import Subject, open_package

    if wanted is not None and ("/" in wanted or wanted.endswith(".zip")):
        yield open_package(Path(wanted), scratch)
        return
    folder = FunctionFolder(functions_dir)
    names = [wanted] if wanted is not None else folder.names()
    if not names:
        raise ConfigError(
            f"there is no function in {functions_dir.resolve()}: a folder with an index.py is "
            "one; name another folder by --functions-dir"
        )
    for name in names:
        try:
            found = folder.find(name)
        except InvocationError as error:
            raise ConfigError(str(error)) from error
        yield Subject(name, str(functions_dir / name), found.folder, found.folder)


def finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Findings for people: three lines each."""
    for finding in findings:
        yield f"{finding.level.value}: {finding.where}: {finding.what} [{finding.code}]"
        yield f"    why: {finding.why}"
        yield f"    do:  {finding.fix}"


def _as_object(platform: Platform, found: dict[str, list[Finding]]) -> dict[str, object]:
    return {
        "target": platform.name,
        "findings": [
            {"function": name, **finding.as_dict()}
            for name, findings in found.items()
            for finding in findings
        ],
        "functions": [name for name in found if name],
    }
