"""The store that the processes share."""

from __future__ import annotations

from openapi_shim.emulator.app import STATE_FILE
from openapi_shim.errors import ConfigError
from openapi_shim.settings import ENV_PREFIX, Settings
from openapi_shim.stores.base import Store
from openapi_shim.stores.choose import open_store
from openapi_shim.stores.sqlite import MEMORY


def shared_store(settings: Settings) -> Store:
    """The one that is set, or a file in the folder of state."""
    where = settings.store.get_secret_value()
    return open_store(where or f"sqlite:{settings.state_dir / STATE_FILE}")


def check_store(settings: Settings, processes: int) -> None:
    """Find mistakes in the setting before processes are started.

    Raises:
        ConfigError: it names no store, or one that processes cannot share.
    """
    open_store(settings.store.get_secret_value() or f"sqlite:{MEMORY}")
    if settings.store.get_secret_value().endswith(MEMORY) and processes > 1:
        raise ConfigError(
            f"{ENV_PREFIX}STORE is in the memory of one process, and several processes are to "
            "share it: leave it out for a file in state_dir, or take --processes 1"
        )
