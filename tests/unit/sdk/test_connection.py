"""Which way calls take, by the settings and by what the platform gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openapi_shim.credentials.cloudbase import SECRET_ID, SECRET_KEY
from openapi_shim.sdk.connection import Connection
from openapi_shim.sdk.options import InitOptions
from openapi_shim.settings import Settings
from openapi_shim.transports.cloudbase import CloudbaseTransport
from openapi_shim.transports.guarded import DailyCalls, OncePerPhoto
from openapi_shim.transports.https import HttpsTransport
from openapi_shim.wechat.inprocess import InProcessTransport

ACCOUNT = {"appid": "wx1", "secret": "s"}
REFERENCE = {"secret_from": "file:/run/secrets/x"}


def connection(**settings: Any) -> Connection:
    return Connection(InitOptions(), Path(), settings=Settings.model_validate(settings))


@pytest.mark.parametrize(
    ("settings", "keys", "openapi", "environment"),
    [
        ({}, False, HttpsTransport, HttpsTransport),
        ({}, True, CloudbaseTransport, CloudbaseTransport),
        (ACCOUNT, True, HttpsTransport, CloudbaseTransport),
        (REFERENCE, True, HttpsTransport, CloudbaseTransport),
        ({"transport": "https"}, True, HttpsTransport, HttpsTransport),
        ({"transport": "cloudbase", **ACCOUNT}, False, CloudbaseTransport, CloudbaseTransport),
        ({"transport": "recognizer"}, False, InProcessTransport, InProcessTransport),
        ({"transport": "recognizer"}, True, InProcessTransport, CloudbaseTransport),
        ({"transport": "recognizer", **ACCOUNT}, False, InProcessTransport, HttpsTransport),
    ],
)
def test_the_ways(
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, Any],
    keys: bool,
    openapi: type,
    environment: type,
) -> None:
    for name in (SECRET_ID, SECRET_KEY):
        monkeypatch.delenv(name, raising=False)
        if keys:
            monkeypatch.setenv(name, "k")
    here = connection(**settings)
    assert type(here.transport) is openapi
    assert type(here.environment_transport) is environment
    assert here.transport is here.transport


@pytest.mark.parametrize("transport", ["https", "cloudbase", "recognizer"])
def test_every_way_can_be_guarded(transport: str) -> None:
    here = connection(transport=transport, idempotency=60, calls_per_day=100)
    assert type(here.transport) is OncePerPhoto
    assert type(here.transport._inner) is DailyCalls
    assert not isinstance(here.environment_transport, (OncePerPhoto, DailyCalls))


def test_connections_of_a_process_share_its_store() -> None:
    one, two = (connection(transport="https", calls_per_day=100).transport for _ in range(2))
    assert isinstance(one, DailyCalls)
    assert isinstance(two, DailyCalls)
    assert one._store is two._store
