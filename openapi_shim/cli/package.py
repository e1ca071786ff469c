"""``openapi-shim package``: what to deploy, made from the functions' folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openapi_shim.cli.doctor import finding_lines
from openapi_shim.cli.mistakes import complain, megabytes

if TYPE_CHECKING:
    from openapi_shim.emulator.functions.folder import Function
    from openapi_shim.packaging.cloudbase import Package
    from openapi_shim.packaging.cloudbaserc import Cloudbaserc
    from openapi_shim.packaging.findings import Finding
    from openapi_shim.packaging.subject import Subject

package = typer.Typer(
    help="Make packages of functions, to deploy them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_LEFT_OUT_SHOWN = 8


@package.callback()
def _package() -> None:
    pass


@package.command()
def cloudbase(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Functions; all in Python by default.", show_default=False),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the packages.")] = Path(
        "dist/cloudbase"
    ),
    functions_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the cloud functions; functions by default."),
    ] = None,
    bytecode: Annotated[
        bool, typer.Option(help="Compile for the platform's Python, where one is found here.")
    ] = True,
    force: Annotated[
        bool, typer.Option("--force", help="Make it although doctor finds errors.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, for programs.")
    ] = False,
) -> None:
    """Make for each function a zip and a folder for CloudBase, with all it needs.

    Exit code 0: made; 1: doctor found errors; 2: a mistake, or a package that cannot be made.
    """
    from openapi_shim.packaging.cloudbase import CloudbasePackager, new_cloudbaserc
    from openapi_shim.packaging.cloudbaserc import FILE_NAME
    from openapi_shim.packaging.doctor import examine, project_findings
    from openapi_shim.packaging.findings import Level
    from openapi_shim.packaging.interpreter import find_python
    from openapi_shim.packaging.platforms import CLOUDBASE
    from openapi_shim.settings import load_settings

    settings = load_settings(flags={"functions_dir": functions_dir}, function_dir=Path())
    functions = _functions(settings.functions_dir, names or [])
    deployed, findings = project_findings(settings.functions_dir, CLOUDBASE)
    for function in functions:
        findings += examine(_subject(function, deployed), CLOUDBASE)
    config = settings.functions_dir.resolve().parent / FILE_NAME
    broken = any(finding.level is Level.ERROR for finding in findings)
    if broken and not force:
        _print_findings(config, findings, as_json=as_json)
        raise typer.Exit(1)
    python = find_python(CLOUDBASE.python) if bytecode and CLOUDBASE.python else None
    if bytecode and python is None:
        complain(
            "no Python 3.10 on this machine: the package has no byte code, and starts more slowly"
        )
    packager = CloudbasePackager(out, deployed, python=python, report=complain)
    made = packager.build(functions)
    if not config.is_file():
        new_cloudbaserc(config, out, _functions(settings.functions_dir, []))
        complain(f"wrote {config}: CLOUDBASE_ENV_ID is read from a file .env.local beside it")
    elif deployed and (config.parent / (deployed.function_root or "")).resolve() != out.resolve():
        complain(f'{config} does not lead there: set "functionRoot" to the folder of the packages')
    if as_json:
        typer.echo(json.dumps(_as_object(config, made, findings), ensure_ascii=False, indent=2))
        return
    for line in finding_lines(findings):
        typer.echo(line, err=True)
    for item in made:
        typer.echo("\n".join(_summary(item)))
    shown = made[0].name if len(made) == 1 else "--all"
    typer.echo(f"next: in {config.parent}: tcb fn deploy {shown}")


def _functions(folder: Path, names: Sequence[str]) -> list[Function]:
    from openapi_shim.emulator.functions.folder import FunctionFolder, Runtime
    from openapi_shim.errors import ConfigError, InvocationError

    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"{', '.join(twice)} is named twice: name each function once")
    functions = FunctionFolder(folder)
    try:
        found = [functions.find(name) for name in names or functions.names()]
    except InvocationError as error:
        raise ConfigError(str(error)) from error
    python = [function for function in found if Runtime.PYTHON in function.runtimes()]
    others = [function.name for function in found if function not in python]
    if names and others:
        raise ConfigError(
            f"{', '.join(others)} is in Node.js: deploy it by tcb or the developer tools as it is"
        )
    if others:
        complain(f"left to tcb, for they are in Node.js: {', '.join(others)}")
    if not python:
        raise ConfigError(
            f"there is no Python function in {folder.resolve()}: a folder with an index.py is "
            "one; name another folder by --functions-dir"
        )
    return python


def _subject(function: Function, deployed: Cloudbaserc | None) -> Subject:
    from openapi_shim.packaging.subject import Subject

    folder = function.folder
    entry = deployed.function(function.name) if deployed else None
    return Subject(function.name, str(folder), folder, folder, deployed=entry)


def _print_findings(config: Path, findings: Sequence[Finding], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_as_object(config, [], findings), ensure_ascii=False, indent=2))
        return
    for line in finding_lines(findings):
        typer.echo(line, err=True)
    complain("nothing was made. Mend the errors, or add --force")


def _summary(made: Package) -> list[str]:
    from openapi_shim.packaging.platforms import CLOUDBASE, INLINE_LIMIT

    zip_limit, limit = CLOUDBASE.zip_limit or 0, CLOUDBASE.unpacked_limit or 0
    compiled = f"{made.byte_code} modules compiled" if made.byte_code else "no byte code"
    lines = [
        f"{made.name}",
        f"  {made.archive}  {megabytes(made.zip_size)} of {megabytes(zip_limit)}, "
        f"sha256 {made.sha256}",
        f"  {made.folder}{'/':<4} {megabytes(made.size)} of {megabytes(limit)}, "
        f"{made.files} files, {compiled}",
    ]
    if made.zip_size * 4 // 3 > INLINE_LIMIT:
        lines.append(
            f"  as base64 it is over {megabytes(INLINE_LIMIT)}: it cannot be sent in one request"
        )
    shown = made.left_out[:_LEFT_OUT_SHOWN]
    lines += [f"  left out: {left.path} ({left.why})" for left in shown]
    if len(made.left_out) > _LEFT_OUT_SHOWN:
        lines.append(f"  left out: {len(made.left_out) - _LEFT_OUT_SHOWN} more; --json lists them")
    return lines


def _as_object(
    config: Path, made: Sequence[Package], findings: Sequence[Finding]
) -> dict[str, object]:
    return {
        "config": str(config),
        "packages": [
            {
                "name": item.name,
                "zip": str(item.archive),
                "folder": str(item.folder),
                "zipSize": item.zip_size,
                "size": item.size,
                "files": item.files,
                "byteCode": item.byte_code,
                "sha256": item.sha256,
                "leftOut": [{"path": left.path, "why": left.why} for left in item.left_out],
            }
            for item in made
        ],
        "findings": [finding.as_dict() for finding in findings],
    }
