"""What the functions of one ``cloud`` share: its options, its transport, its environment."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from openapi_shim.credentials.choose import is_configured
from openapi_shim.credentials.cloudbase import has_keys
from openapi_shim.sdk.context import current_env, environment, read_wx_context
from openapi_shim.sdk.options import CURRENT_ENV, InitOptions
from openapi_shim.sdk.seams import is_above, transport_above
from openapi_shim.settings import Settings, TransportKind, load_settings
from openapi_shim.stores.base import Store
from openapi_shim.stores.choose import open_store
from openapi_shim.stores.sqlite import MEMORY
from openapi_shim.transports.base import Transport
from openapi_shim.transports.cloudbase import CloudbaseTransport
from openapi_shim.transports.guarded import DailyCalls, OncePerPhoto
from openapi_shim.transports.https import HttpsTransport

_log = logging.getLogger(__name__)

# Of what a function is told of its caller: that by which two callers are told apart.
_WHO = ("OPENID", "APPID", "UNIONID", "FROM_OPENID", "FROM_APPID")


class Connection:
    """A way to the cloud, made on first use.

    Args:
        options: of ``cloud.init``.
        function_dir: folder of the function, for its config.json.
        settings: in place of the environment and config.json.
        transport: in place of the one that the settings mean.
    """

    def __init__(
        self,
        options: InitOptions,
        function_dir: Path,
        *,
        settings: Settings | None = None,
        transport: Transport | None = None,
    ) -> None:
        self.options = options
        self._function_dir = function_dir
        self._settings = settings
        self._transport = transport
        self._environment_transport = transport
        self._told = False

    @property
    def settings(self) -> Settings:
        """The settings of the function.

        Raises:
            ConfigError: one cannot be used.
        """
        if self._settings is None:
            self._settings = load_settings(function_dir=self._function_dir)
        changes: dict[str, Any] = {}
        if self._settings.function_dir is None:
            changes["function_dir"] = self._function_dir
        if self.options.timeout is not None:
            changes["timeout"] = self.options.timeout
        return self._settings.model_copy(update=changes)

    @property
    def transport(self) -> Transport:
        """The transport of ``cloud.openapi``.

        Raises:
            ConfigError: a setting cannot be used.
        """
        if self._transport is None:
            settings = self.settings
            self._transport = _guarded(self._unguarded(settings), settings)
        return self._transport

    def _unguarded(self, settings: Settings) -> Transport:
        if is_above(settings.transport):
            _log.info("cloud.openapi is answered by %s, as set", settings.transport.value)
            return transport_above(settings)
        if settings.transport is TransportKind.AUTO and is_configured(settings):
            _log.info("cloud.openapi leaves by https: credentials of WeChat are configured")
            return HttpsTransport(settings, store=_shared_store(settings))
        return self.environment_transport

    @property
    def environment_transport(self) -> Transport:
        """The transport of what the cloud environment itself does: functions, files, open data.

        The gateway wherever there are keys for it, even beside credentials of WeChat: it alone
        knows the caller.

        Raises:
            ConfigError: a setting cannot be used.
        """
        if self._environment_transport is None:
            settings = self.settings
            if _takes_gateway(settings, self.options):
                self._environment_transport = CloudbaseTransport(
                    settings, environment, self.options.gateway
                )
            elif is_above(settings.transport) and not is_configured(settings):
                self._environment_transport = transport_above(settings)
            else:
                self._environment_transport = HttpsTransport(
                    settings, store=_shared_store(settings)
                )
            if settings.bucket:
                # Late: only functions on AWS need it.
                from openapi_shim.transports.s3_files import S3Files  # noqa: PLC0415 - as said

                self._environment_transport = S3Files(self._environment_transport, settings)
        return self._environment_transport

    def env(self, service: str, config: Any = None) -> str:
        """The id of the cloud environment for a call of *service*.

        Args:
            service: ``functions``, ``storage``, or ``default``.
            config: of the single call; its ``env`` goes before that of ``cloud.init``.
        """
        chosen = config.get("env") if isinstance(config, Mapping) else None
        if not chosen:
            chosen = self.options.env
            if isinstance(chosen, Mapping):
                chosen = chosen.get(service) or chosen.get("default")
        environ = environment()
        if chosen and chosen is not CURRENT_ENV:
            return str(chosen)
        env = current_env(environ)
        if not isinstance(self.environment_transport, CloudbaseTransport):
            return env or environ.get("TCB_ENV", "")
        if not chosen and environ.get("TENCENTCLOUD_RUNENV") != "SCF":
            env = ""
        if not chosen and not self._told:
            self._told = True
            _log.warning(
                "cloud.init names no env: calls go to %s", env or "the first one of the account"
            )
        return env


def _takes_gateway(settings: Settings, options: InitOptions) -> bool:
    """Whether calls go to the cloud environment's gateway rather than to WeChat's server API."""
    if settings.transport in (TransportKind.HTTPS, TransportKind.CLOUDBASE):
        _log.info("cloud calls leave by %s, as set", settings.transport.value)
        return settings.transport is TransportKind.CLOUDBASE
    if options.gateway.keys is not None or has_keys(environment()):
        _log.info("cloud calls leave by cloudbase: there are keys of the platform to sign with")
        return True
    _log.info("cloud calls leave by https: there are no keys of the platform to sign with")
    return False


def _guarded(transport: Transport, settings: Settings) -> Transport:
    """*transport* with the guards that *settings* ask for."""
    if not settings.calls_per_day and not settings.idempotency:
        return transport
    store = _shared_store(settings) or _store_at(f"sqlite:{MEMORY}")
    account = settings.appid or settings.secret_from
    if settings.calls_per_day:
        transport = DailyCalls(transport, store, settings.calls_per_day, account=account)
    if settings.idempotency:
        transport = OncePerPhoto(
            transport,
            store,
            settings.idempotency,
            timeout=settings.timeout,
            account=account,
            caller=_caller,
        )
    return transport


def _caller() -> str:
    context = read_wx_context()
    return "\n".join(f"{name}={context[name]}" for name in _WHO if context.get(name))


def _shared_store(settings: Settings) -> Store | None:
    """The store that *settings* name; None where nothing is shared beyond this process."""
    where = settings.store.get_secret_value()
    return _store_at(where) if where else None


@lru_cache
def _store_at(where: str) -> Store:
    """One for all connections of the process."""
    return open_store(where)
