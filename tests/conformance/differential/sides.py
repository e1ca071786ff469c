"""The two sides: the Node SDKs as processes, ours in this one; both make the same calls."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
from collections.abc import Iterable, Mapping
from typing import Any
from unittest.mock import patch

from openapi_shim import CloudError
from openapi_shim.sdk.cloud import Cloud
from tests.conformance.clients import VERSIONS, NodeProcess, Outcome, Step, bare_environment, step
from tests.conformance.differential import values
from tests.conformance.differential.cases import ENVIRONMENT, Case
from tests.conformance.differential.gateway import RecordingGateway

PYTHON = "python"
_INIT = step("init", {"env": {"$symbol": "SYMBOL_CURRENT_ENV"}})


def run_node(gateway: RecordingGateway, major: str, cases: Iterable[Case]) -> list[Outcome]:
    """The outcomes of *cases* in an unmodified wx-server-sdk."""
    process = NodeProcess("server_sdk.js", f"wx-server-sdk-{major}", environment=ENVIRONMENT)
    try:
        process.run([_INIT])
        return [
            process.run([case.step], _prepared(gateway, VERSIONS[major], number, case))[0]
            for number, case in enumerate(cases)
        ]
    finally:
        process.close()


async def run_python(gateway: RecordingGateway, cases: Iterable[Case]) -> list[Outcome]:
    """The outcomes of *cases* in our SDK, by the transport ``cloudbase``."""
    outcomes = []
    base = bare_environment() | ENVIRONMENT | {"OPENAPI_SHIM_TRANSPORT": "cloudbase"}
    with patch.dict(os.environ, base, clear=True):
        cloud = Cloud()
        cloud.init({"env": cloud.DYNAMIC_CURRENT_ENV})
        for number, case in enumerate(cases):
            os.environ.update(_prepared(gateway, PYTHON, number, case))
            outcomes.append(await _outcome(cloud, case.step))
    return outcomes


def _prepared(gateway: RecordingGateway, side: str, number: int, case: Case) -> dict[str, str]:
    """The environment in which *side* makes the call; the replies lie ready."""
    who = f"{side}/{number}"
    gateway.replies[who] = iter(case.replies)
    context = json.dumps({"URL": f"{gateway.base(who)}/admin"})
    return {**ENVIRONMENT, "TCB_CONTEXT_CNFG": context, **case.environment}


async def _outcome(cloud: Cloud, what: Step) -> Outcome:
    sync = True
    try:
        result = _call(cloud, what)
        sync = False
        if inspect.isawaitable(result):
            result = await result
        return {"value": values.encode(result)}
    except CloudError as error:
        return {"error": _told(error), "sync": sync}
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - the comparison says whether it may be
        return {"error": {"class": type(error).__name__, "message": str(error)}, "sync": sync}


def _call(cloud: Cloud, what: Step) -> Any:
    *parts, last = what["path"].split(".")
    owner: Any = cloud
    for part in parts:
        owner = getattr(owner, part)
        if part == "openapi" and "options" in what:
            owner = owner(values.decode(what["options"]))
    return getattr(owner, last)(*values.arguments(what.get("args", [])))


def _told(error: CloudError) -> Mapping[str, Any]:
    told: dict[str, Any] = {"string": str(error)}
    for name in ("errCode", "errMsg", "code", "requestId", "requestID"):
        value = getattr(error, name, None)
        if value is not None:
            told[name] = values.encode(value)
    return told
