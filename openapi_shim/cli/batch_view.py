"""How ``openapi-shim batch`` shows a job: a bar while it runs, a few lines at its end."""

from __future__ import annotations

import json
from types import TracebackType
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.progress import Progress

    from openapi_shim.batch.results import Summary

_FAILURES = {
    "not_an_image": "not an image, or a broken one",
    "no_licence": "no driving licence in it",
    "unreadable": "could not be opened",
    "crashed": "ended or hung the recognizer",
    "refused": "refused by WeChat",
}


class Bar:
    """A progress bar on a terminal's stderr; elsewhere a line at the begin.

    Args:
        shown: nothing is shown otherwise.
    """

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._progress: Progress | None = None
        self._told = False

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def show(self, summary: Summary) -> None:
        """Show how far the job is."""
        if not self._shown:
            return
        if not self._told:
            self._begin(summary)
        if self._progress is not None:
            failed = f"{summary.failed} failed" if summary.failed else ""
            self._progress.update(
                self._progress.task_ids[0],
                completed=summary.done,
                total=summary.total,
                failed=failed,
            )

    def _begin(self, summary: Summary) -> None:
        from rich.console import Console

        self._told = True
        console = Console(stderr=True, highlight=False)
        before = f", {summary.done} of them before" if summary.done and summary.remaining else ""
        told = f"{summary.job}: {summary.total} photos of {printable(summary.source)}{before}"
        console.print(told, markup=False, soft_wrap=True)
        if console.is_terminal and summary.remaining:
            self._progress = _progress(console)
            self._progress.add_task("", total=summary.total, completed=summary.done, failed="")
            self._progress.start()


def _progress(console: object) -> Progress:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Speed(ProgressColumn):
        """Photos a second, over the last half minute."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:.1f} photos/s" if task.speed else "– photos/s")

    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        Speed(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]}", style="yellow"),
        console=console,  # type: ignore[arg-type]  # rich is imported late
        transient=True,
    )


def print_summary(summary: Summary, *, as_json: bool) -> None:
    """Print a job, for people or as one JSON object."""
    if as_json:
        typer.echo(json.dumps(summary.to_dict(), ensure_ascii=False))
        return
    lines = [
        f"job        {summary.job}",
        f"source     {printable(summary.source)}",
        f"state      {summary.state.value}",
        f"photos     {summary.total}: {summary.read} read, {summary.failed} failed, "
        f"{summary.remaining} to go",
    ]
    lines += [
        f"           {count} {_FAILURES.get(code, code)}"
        for code, count in summary.failures.items()
    ]
    lines += [f"results    {printable(summary.results)}"]
    lines += [f"note       {note}" for note in summary.notes]
    for line in lines:
        typer.echo(line)


def printable(text: str) -> str:
    """*text* without what could steer a terminal, or what no terminal can show."""
    return "".join(char if char.isprintable() else "�" for char in text)
