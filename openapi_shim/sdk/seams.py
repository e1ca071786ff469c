"""What the SDK reaches in layers above it: named here, imported when a setting asks for it."""

from __future__ import annotations

from importlib import import_module
from typing import cast

from openapi_shim.settings import Settings, TransportKind
from openapi_shim.transports.base import Transport

_TRANSPORTS = {TransportKind.RECOGNIZER: "openapi_shim.wechat.inprocess:InProcessTransport"}


def is_above(kind: TransportKind) -> bool:
    """Whether the transport *kind* lies in a layer above."""
    return kind in _TRANSPORTS


def transport_above(settings: Settings) -> Transport:
    """The transport that *settings* name, of a layer above.

    Raises:
        ConfigError: what it needs is not installed.
    """
    module, _, attribute = _TRANSPORTS[settings.transport].partition(":")
    return cast("Transport", getattr(import_module(module), attribute)(settings))
