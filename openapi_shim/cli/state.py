"""``openapi-shim state``: keep the emulator's state in a file, bring it back, begin anew."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openapi_shim.cli.control import ask, fetch_archive, send_archive
from openapi_shim.errors import ConfigError, ControlError, StateError, StorageError, StoreError

if TYPE_CHECKING:
    from openapi_shim.emulator.state.keeper import StateKeeper
    from openapi_shim.settings import Settings

state = typer.Typer(
    help="Keep the emulator's state in a file, bring it back, begin anew.", no_args_is_help=True
)

Url = Annotated[
    str | None,
    typer.Option(
        help="URL of a running emulator; left out: the one at the configured host and port if it "
        "has this project's folder of state, else that folder itself."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@dataclass(frozen=True)
class _Subject:
    """Whose state it is: that of the emulator at *url*, or where there is none a folder's."""

    url: str
    settings: Settings | None

    @property
    def name(self) -> str:
        """For people."""
        if self.settings is None:
            return f"the emulator at {self.url}"
        return f"the folder {self.settings.state_dir.resolve()} (no emulator runs on it)"

    async def with_keeper(self, work: Callable[[StateKeeper], Awaitable[Any]]) -> Any:
        """Do *work* on the folder."""
        import time

        from openapi_shim.emulator.app import emulator_store
        from openapi_shim.emulator.state.keeper import StateKeeper
        from openapi_shim.emulator.storage.service import FOLDER
        from openapi_shim.emulator.storage.shelf import Shelf
        from openapi_shim.stores.sqlite import MEMORY

        assert self.settings is not None  # noqa: S101 - it is a folder
        store = emulator_store(self.settings)
        if self.settings.store.get_secret_value() == f"sqlite:{MEMORY}":
            raise StateError(
                f"the store sqlite:{MEMORY} is in a running emulator alone: give --url"
            )
        root = self.settings.state_dir / FOLDER
        keeper = StateKeeper(
            store,
            root,
            Shelf(root, clock=time.time),
            file_limit=self.settings.storage_file_limit,
        )
        try:
            return await work(keeper)
        except StoreError as error:
            raise StateError(str(error)) from error
        except StorageError as error:
            raise StateError(error.message) from error
        finally:
            await store.close()


@state.command("export")
def export_state(
    file: Annotated[Path, typer.Argument(help="Zip to write.")],
    url: Url = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Write tokens (their digests), quota, stored files, clock and faults to a file.

    It has no signing key and no secret, but the photos that were stored.
    """
    if file.exists() and not force:
        raise ConfigError(f"{file} is there already: choose another name, or --force")
    subject = _subject(url)
    if subject.settings is None:
        _on_disk(file, lambda: fetch_archive(subject.url, file))
    else:
        _need_state(subject.settings)
        asyncio.run(subject.with_keeper(lambda keeper: keeper.export(file)))
    _tell({"from": subject.name, "file": str(file), "bytes": file.stat().st_size}, as_json)


@state.command("import")
def import_state(
    file: Annotated[Path, typer.Argument(help="Written by `openapi-shim state export`.")],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Put a file's state in place of what is there, also while the emulator runs.

    All of it is checked before anything is changed.
    """
    _restore(file, url, "PUT", "/state", as_json)


@state.command("reset")
def reset_state(
    seed: Annotated[
        Path | None,
        typer.Option(help="A file of `state export` to go back to; else the setting seed_file."),
    ] = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Begin anew: no tokens, no counts, no files, or those of a seed file.

    A running emulator's clock, faults, chosen answers and memory of calls are reset as well.
    """
    _restore(seed, url, "POST", "/reset", as_json)


def _restore(file: Path | None, url: str | None, method: str, path: str, as_json: bool) -> None:
    subject = _subject(url)
    settings = subject.settings
    if settings is None:
        told = _on_disk(file, lambda: send_archive(subject.url, method, path, file))
        _tell({"in": subject.name, **told}, as_json)
        return
    source = file or settings.seed_file

    async def work(keeper: StateKeeper) -> dict[str, object]:
        if source is None:
            await keeper.clear()
            return {}
        return (await keeper.restore(source)).as_object()

    told = asyncio.run(subject.with_keeper(work))
    if told.pop("clock", False) or told.get("faults"):
        told["left out"] = "clock and faults: a running emulator alone has them"
    told.pop("faults", None)
    _tell({"in": subject.name, **told}, as_json)


def _subject(url: str | None) -> _Subject:
    """The emulator that is meant, or the folder."""
    from openapi_shim.settings import load_settings

    if url is not None:
        return _Subject(url, None)
    settings = load_settings(function_dir=Path())
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - it is replaced
    near = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    try:
        about = ask(near, "GET", "/about") if settings.port else {}
    except (ConfigError, ControlError):
        about = {}
    here = str(settings.state_dir.resolve())
    return _Subject(near, None) if about.get("state_dir") == here else _Subject("", settings)


def _need_state(settings: Settings) -> None:
    if not settings.store.get_secret_value() and not settings.state_dir.is_dir():
        raise StateError(
            f"there is no state in {settings.state_dir.resolve()}; another folder is named by "
            "OPENAPI_SHIM_STATE_DIR, a running emulator by --url"
        )


def _on_disk(file: Path | None, work: Callable[[], Any]) -> Any:
    try:
        return work()
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror or error}") from error


def _tell(told: dict[str, object], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for name, value in told.items():
        if value is not None:
            typer.echo(f"{name}: {value}")
