"""``openapi-shim batch``: many photos, from a folder here or from a bucket in S3."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openapi_shim.cli.batch_view import Bar, print_summary
from openapi_shim.cli.mistakes import complain
from openapi_shim.cli.settings_help import SettingsCommand
from openapi_shim.cli.stopping import Terminated, stoppable
from openapi_shim.errors import BatchError, BatchStoppedError

if TYPE_CHECKING:
    from openapi_shim.batch.jobs import Job
    from openapi_shim.batch.results import Summary
    from openapi_shim.settings import Settings

_ALL_READ, _SOME_FAILED, _USAGE, _UNFINISHED = 0, 1, 2, 3
_EPILOG = (
    "Exit codes: 0 every photo was read, 1 some failed, 2 the command cannot be carried out, "
    "3 not finished yet; 130 and 143 after Ctrl+C and SIGTERM."
)
_POLL = 2.0  # seconds between two looks of ``status --wait``

batch = typer.Typer(
    help="Read many photos: a folder with worker processes, or a prefix in S3 with AWS Lambda.",
    no_args_is_help=True,
)

_AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")]
_StateDir = Annotated[
    Path | None,
    typer.Option(
        "--state-dir", metavar="DIR", help="Where jobs of folders are kept; else .openapi-shim."
    ),
]
_Stack = Annotated[str | None, typer.Option("--aws-stack", metavar="NAME")]
_Job = Annotated[
    str, typer.Argument(help="The job's name, or what was submitted.", show_default=False)
]


@batch.command(cls=SettingsCommand, epilog=_EPILOG)
def submit(
    source: Annotated[
        str, typer.Argument(help="A folder, or s3://bucket/prefix.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where to write the results (a folder's); else beside the job."
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, max=256, help="Processes for a folder; else as many as cores and memory allow."
        ),
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Read again what failed for whatever reason.")
    ] = False,
    as_json: _AsJson = False,
    state_dir: _StateDir = None,
    aws_stack: _Stack = None,
) -> None:
    """Read all photos of SOURCE; submitted again, only what is new, changed or not yet read.

    A folder is read here, to the end. A prefix in S3 is listed and left to the stack's worker.
    """
    with _ending(), Bar(shown=not as_json) as bar:
        from openapi_shim.batch.jobs import job_of
        from openapi_shim.batch.results import Orders

        job = job_of(source, _settings(state_dir, aws_stack))
        summary = job.submit(Orders(workers, out, retry_failed), bar.show)
    print_summary(summary, as_json=as_json)
    raise typer.Exit(_code(summary) if job.reads_here else _ALL_READ)


@batch.command(cls=SettingsCommand, epilog=_EPILOG)
def status(
    job: _Job,
    wait: Annotated[
        bool, typer.Option("--wait", help="Show the progress until the job is finished.")
    ] = False,
    as_json: _AsJson = False,
    state_dir: _StateDir = None,
    aws_stack: _Stack = None,
) -> None:
    """Tell how far a job is."""
    with _ending():
        from openapi_shim.batch.jobs import job_named
        from openapi_shim.batch.results import State

        found = job_named(job, _settings(state_dir, aws_stack))
        summary = found.summary()
        with Bar(shown=wait and not as_json) as bar:
            bar.show(summary)
            while wait and summary.state in {State.LISTING, State.READING}:
                time.sleep(_POLL)
                summary = found.summary()
                bar.show(summary)
    print_summary(summary, as_json=as_json)
    raise typer.Exit(_code(summary))


@batch.command(cls=SettingsCommand, epilog=_EPILOG)
def fetch(
    job: _Job,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write them to FILE, whole or not at all.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --out: print the job as one JSON object.")
    ] = False,
    state_dir: _StateDir = None,
    aws_stack: _Stack = None,
) -> None:
    """Print the results as JSON lines, one a photo; of an unfinished job those there are."""
    with _ending():
        from openapi_shim.batch.jobs import job_named
        from openapi_shim.batch.results import write_lines

        found = job_named(job, _settings(state_dir, aws_stack))
        summary = found.summary()
        if out is None:
            _print_lines(found)
        else:
            count = write_lines(found.lines(), out)
            if as_json:
                typer.echo(json.dumps(summary.to_dict() | {"results": str(out), "lines": count}))
            else:
                typer.echo(f"{count} results in {out}")
    if summary.remaining:
        complain(f"the job is not finished: {summary.remaining} photos have no result yet")
    raise typer.Exit(_code(summary))


def _print_lines(job: Job) -> None:
    try:
        for line in job.lines():
            sys.stdout.buffer.write(line.encode() + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # whoever reads has enough, as `head`
        nowhere = os.open(os.devnull, os.O_WRONLY)  # where Python may flush what is left
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _settings(state_dir: Path | None, aws_stack: str | None) -> Settings:
    from openapi_shim.settings import load_settings

    flags = {"state_dir": state_dir, "aws_stack": aws_stack}
    return load_settings(flags=flags, function_dir=Path())


@contextmanager
def _ending() -> Iterator[None]:
    """What ends a command early, in one line and with its exit code."""
    try:
        with stoppable():
            yield
    except BatchStoppedError as error:
        complain(str(error))
        raise typer.Exit(_UNFINISHED) from error
    except BatchError as error:
        complain(str(error))
        raise typer.Exit(_USAGE) from error
    except (KeyboardInterrupt, Terminated) as error:
        complain("stopped; what was read is kept, and the same command goes on from here")
        number = signal.SIGTERM if isinstance(error, Terminated) else signal.SIGINT
        raise typer.Exit(128 + number) from error


def _code(summary: Summary) -> int:
    if summary.remaining:
        return _UNFINISHED
    return _SOME_FAILED if summary.failed else _ALL_READ
