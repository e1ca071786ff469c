"""The emulator as an aiohttp application, without a port."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

from aiohttp import web

from openapi_shim.emulator.account import AccountEndpoints
from openapi_shim.emulator.control.memory import Memory
from openapi_shim.emulator.endpoints import TOKEN_PATH, Endpoints, itself
from openapi_shim.emulator.entrance import Address, doorkeeper
from openapi_shim.emulator.faults.engine import Faults, FaultyRunner
from openapi_shim.emulator.functions.environment import emulator_account
from openapi_shim.emulator.functions.runner import ProcessRunner
from openapi_shim.emulator.gateway.doors import Services, add_gateway
from openapi_shim.emulator.gateway.invocations import InvocationTokens
from openapi_shim.emulator.journal import LOG
from openapi_shim.emulator.storage.object_store import ObjectStore
from openapi_shim.emulator.storage.service import FOLDER, StorageService
from openapi_shim.emulator.storage.signatures import KeyFile
from openapi_shim.emulator.storage.tcb import StorageEndpoints
from openapi_shim.emulator.upstream.door import UpstreamDoor
from openapi_shim.emulator.upstream.service import Upstream
from openapi_shim.settings import Settings, UpstreamMode
from openapi_shim.stores.base import Store
from openapi_shim.stores.choose import open_store
from openapi_shim.transports.download import Downloader
from openapi_shim.wechat.answers import Answers
from openapi_shim.wechat.daily import DailyCalls
from openapi_shim.wechat.ids import Clock, Ids, RandomIds
from openapi_shim.wechat.ocr import DriverLicenseService, ImageFetcher
from openapi_shim.wechat.quota import Quota
from openapi_shim.wechat.recognition import RecognitionQueue, Recognizer
from openapi_shim.wechat.tcb import InvokeService
from openapi_shim.wechat.tokens import TokenService

STATE_FILE = "state.sqlite"
"""In the folder of state: tokens and quota, unless the setting *store* names another place."""

ADDRESS = web.AppKey("address", Address)
TOKENS = web.AppKey("tokens", TokenService)
STORAGE = web.AppKey("storage", StorageService)
RUNNER = web.AppKey("runner", ProcessRunner)
INVOCATIONS = web.AppKey("invocations", InvocationTokens)
RECOGNITION = web.AppKey("recognition", RecognitionQueue)
LOAD_NOW = web.AppKey("load_now", asyncio.Event)
"""To be set when the recognizer's weights are waited for."""
LOADING: web.AppKey[asyncio.Task[float | None]] = web.AppKey("loading")
"""The loading of the recognizer's weights; its result is how many seconds it took, or None
when they cannot be loaded, which the log tells."""

_LOAD_AFTER = 1.0
"""Seconds until the weights are loaded, so that the first calls have the machine for themselves;
a photo that comes before does not wait for it."""


def create_app(
    settings: Settings,
    *,
    recognizer: Recognizer,
    clock: Clock = time.time,
    ids: Ids | None = None,
    fetcher: ImageFetcher | None = None,
    store: Store | None = None,
    faults: Faults | None = None,
    memory: Memory | None = None,
) -> web.Application:
    """The emulator.

    Before the first call it needs ``app[RUNNER].serve_at(url)`` for its functions, and
    ``app[ADDRESS].url`` for the URLs that storage gives out.

    Args:
        settings: those of the emulator count here.
        recognizer: loaded in the background, a moment after the application starts, or by the
            first photo.
        clock: seconds since 1970, for tokens, quota and request ids.
        ids: tokens and request ids; random by default.
        fetcher: downloads an img_url; by default as *settings* allow.
        store: keeps tokens and quota, and is closed with the application; by default that of
            *settings*, or a file in the folder of state, made when the first token is given out.
        faults: rules of what goes wrong; none by default.
        memory: of the last requests, for whoever looks a request id up; none by default.

    Raises:
        ConfigError: the setting *store* names none, or *upstream* cannot be used.
    """
    faults = faults or Faults()
    ids = ids or RandomIds(clock)
    store = store or emulator_store(settings, clock=clock)
    tokens = TokenService(
        store,
        clock=clock,
        new_token=ids.token,
        appid=settings.emulator_appid,
        secret=settings.emulator_secret.get_secret_value(),
    )
    quota = Quota(store, settings.daily_quota, clock, bought=settings.bought_quota)
    recognition = RecognitionQueue(recognizer)
    invocation_tokens = InvocationTokens()
    runner = ProcessRunner(settings, new_request_id=ids.request_id, tokens=invocation_tokens)
    functions = FaultyRunner(runner, faults)
    driver_license = DriverLicenseService(
        before=faults.before,
        quota=quota,
        fetcher=fetcher or Downloader(settings.image_urls, timeout=settings.image_url_timeout),
        recognition=recognition,
        strict=settings.strict,
    )
    address = Address()
    storage = StorageService(
        settings.state_dir / FOLDER,
        env=settings.emulator_env,
        base_url=lambda: address.url,
        clock=clock,
        ids=ids,
        key=KeyFile(settings.state_dir / "storage.key"),
    )
    answers = Answers(ids)
    upstream = None if settings.upstream is UpstreamMode.OFF else Upstream(settings, clock)
    endpoints = Endpoints(
        answers=answers,
        tokens=tokens,
        driver_license=driver_license,
        invocations=InvokeService(tokens=tokens, functions=functions, env=settings.emulator_env),
        storage=StorageEndpoints(answers, tokens, storage),
        account=AccountEndpoints(
            answers, tokens, quota, DailyCalls(store, clock), memory, TOKEN_PATH
        ),
        before=faults.before,
        around=itself
        if upstream is None
        else UpstreamDoor(
            upstream, settings, answers=answers, tokens=tokens, before=faults.before
        ).around,
    )

    async def run_upstream(_: web.Application) -> AsyncIterator[None]:
        if upstream is not None:
            upstream.warn()
        yield
        if upstream is not None:
            await upstream.close()

    async def run_recognition(app: web.Application) -> AsyncIterator[None]:
        app[LOADING] = asyncio.create_task(_load(recognition, app[LOAD_NOW]))
        yield
        app[LOADING].cancel()
        recognition.close()
        with contextlib.suppress(asyncio.CancelledError):
            await app[LOADING]

    async def run_functions(_: web.Application) -> AsyncIterator[None]:
        if settings.watch:
            runner.watch()
        yield
        await runner.close()

    async def close_store(_: web.Application) -> AsyncIterator[None]:
        yield
        await store.close()

    app = web.Application(
        middlewares=[doorkeeper(address, ids.request_id), faults.middleware(tokens.expire)]
    )
    app[RUNNER] = runner
    app[LOAD_NOW] = asyncio.Event()
    app[INVOCATIONS] = invocation_tokens
    app[RECOGNITION] = recognition
    app[ADDRESS] = address
    app[TOKENS] = tokens
    app[STORAGE] = storage
    ObjectStore(storage, ids, settings.storage_file_limit).add_to(app)
    add_gateway(
        app,
        Services(functions, storage, driver_license, invocation_tokens, upstream),
        settings=settings,
        appid=emulator_account(settings)[0],
        clock=clock,
        ids=ids,
    )
    endpoints.add_to(app)
    app.cleanup_ctx.extend([close_store, run_recognition, run_upstream, run_functions])
    return app


def emulator_store(settings: Settings, *, clock: Clock = time.time) -> Store:
    """Where the emulator of *settings* keeps tokens and quota.

    Raises:
        ConfigError: the setting *store* names none.
    """
    where = settings.store.get_secret_value() or f"sqlite:{settings.state_dir / STATE_FILE}"
    return open_store(where, clock=clock)


async def _load(recognition: RecognitionQueue, now: asyncio.Event) -> float | None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(now.wait(), _LOAD_AFTER)
    begin = time.perf_counter()
    try:
        await recognition.load()
    except Exception:  # noqa: BLE001 - the rest of the emulator works without
        LOG.exception("the recognizer cannot be loaded; recognition will answer -1")
        return None
    return time.perf_counter() - begin
