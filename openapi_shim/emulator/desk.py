"""The emulator as a developer has it at the desk: with its clock, its faults and its own door."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from openapi_shim.emulator.app import ADDRESS, STORAGE, TOKENS, create_app, emulator_store
from openapi_shim.emulator.canned import CannedRecognizer
from openapi_shim.emulator.clock import HeldClock
from openapi_shim.emulator.control.calls import Calls
from openapi_shim.emulator.control.clock import clock_routes
from openapi_shim.emulator.control.document import document_routes
from openapi_shim.emulator.control.door import add_control
from openapi_shim.emulator.control.faults import fault_routes
from openapi_shim.emulator.control.memory import Memory
from openapi_shim.emulator.control.recognizer import recognizer_routes
from openapi_shim.emulator.control.requests import request_routes
from openapi_shim.emulator.control.state import StateCommands
from openapi_shim.emulator.control.tls import tls_routes
from openapi_shim.emulator.faults.engine import Faults
from openapi_shim.emulator.faults.rules import rules_from
from openapi_shim.emulator.proxy.authority import AUTHORITY, Authority
from openapi_shim.emulator.proxy.connect import Proxy
from openapi_shim.emulator.server import EmulatorServer
from openapi_shim.emulator.state.keeper import Desktop, StateKeeper
from openapi_shim.emulator.storage.service import FOLDER
from openapi_shim.settings import OtherHosts, Settings
from openapi_shim.stores.base import Store
from openapi_shim.wechat.ids import RandomIds
from openapi_shim.wechat.recognition import Recognizer


@dataclass(frozen=True)
class Desk:
    """An emulator, not started yet.

    Attributes:
        server: starts and stops it.
        clock: can be held and moved.
        faults: the rules in force.
    """

    server: EmulatorServer
    clock: HeldClock
    faults: Faults


def make_desk(settings: Settings, *, recognizer: Recognizer, store: Store | None = None) -> Desk:
    """An emulator as *settings* have it.

    Args:
        settings: those of the emulator count here.
        recognizer: reads photos.
        store: keeps tokens and quota; that of *settings* by default.

    Raises:
        ConfigError: a setting cannot be used.
    """
    clock = HeldClock()
    source = None if settings.seed is None else random.Random(settings.seed)  # noqa: S311 - wished
    rules = rules_from(settings.faults) if settings.faults else []
    calls = Calls()
    faults = Faults(rules, source=source, told=calls.note)
    canned = CannedRecognizer(recognizer)
    memory = Memory(clock, time.monotonic)
    store = store or emulator_store(settings, clock=clock)
    app = create_app(
        settings,
        recognizer=canned,
        clock=clock,
        ids=RandomIds(clock, source),
        store=store,
        faults=faults,
        memory=memory,
    )
    app.middlewares.append(memory.middleware())
    keeper = StateKeeper(
        store,
        settings.state_dir / FOLDER,
        app[STORAGE].shelf,
        file_limit=settings.storage_file_limit,
        desktop=Desktop(clock, faults),
        changed=app[TOKENS].distrust,
    )

    def forget() -> None:
        clock.reset()
        faults.clear()
        faults.put(rules)
        canned.reset()
        calls.clear()
        memory.clear()

    state = StateCommands(keeper, settings.state_dir, settings.seed_file, forget)
    if settings.seed_file is not None:
        app.on_startup.append(state.begin)
    authority = Authority(settings.state_dir / AUTHORITY)
    proxy = Proxy(authority.server_context, others=settings.proxy_others is OtherHosts.PASS)
    server = EmulatorServer(app, host=settings.host, port=settings.port, proxy=proxy)
    routes = [
        *clock_routes(clock),
        *request_routes(memory),
        *fault_routes(faults),
        *recognizer_routes(canned),
        *calls.routes(),
        *state.routes(),
        *document_routes(lambda: app[ADDRESS].url, strict=settings.strict),
        *tls_routes(authority, server),
    ]
    add_control(app, routes)
    return Desk(server, clock, faults)
