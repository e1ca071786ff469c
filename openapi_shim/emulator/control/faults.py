"""The rules of faults by HTTP."""

from __future__ import annotations

from aiohttp import web

from openapi_shim.emulator.control.door import Route, answer, json_of
from openapi_shim.emulator.faults.engine import Faults, Tally
from openapi_shim.emulator.faults.rules import PRESETS, RULES, rules_in
from openapi_shim.errors import ConfigError, ControlError


def fault_routes(faults: Faults) -> list[Route]:
    """``GET``, ``POST {"rules": […]}`` and ``DELETE /faults``; ``DELETE /faults/{name}``."""

    async def show(_: web.Request) -> web.StreamResponse:
        return answer(_described(faults))

    async def add(request: web.Request) -> web.StreamResponse:
        wanted = await json_of(request)
        if set(wanted) != {"rules"}:
            raise ControlError('{"rules": […]} is wanted')
        try:
            rules = rules_in(wanted["rules"], where="rules")
        except ConfigError as error:
            raise ControlError(str(error)) from error
        names = {tally.rule.name for tally in faults.tallies()} | {rule.name for rule in rules}
        if len(names) > RULES:
            raise ControlError(f"{len(names)} rules; {RULES} are enough: remove some")
        faults.put(rules)
        return answer(_described(faults))

    async def clear(_: web.Request) -> web.StreamResponse:
        faults.clear()
        return answer(_described(faults))

    async def remove(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if not faults.remove(name):
            there = ", ".join(tally.rule.name for tally in faults.tallies()) or "none"
            raise ControlError(f"no rule is called {name[:64]!r}; there are: {there}")
        return answer(_described(faults))

    return [
        Route("GET", "/faults", show),
        Route("POST", "/faults", add),
        Route("DELETE", "/faults", clear),
        Route("DELETE", "/faults/{name}", remove),
    ]


def _described(faults: Faults) -> dict[str, object]:
    return {
        "rules": [_rule(tally) for tally in faults.tallies()],
        "presets": list(PRESETS),
    }


def _rule(tally: Tally) -> dict[str, object]:
    rule = tally.rule.model_dump(mode="json", exclude_defaults=True)
    return {**rule, "fitting": tally.fitting, "met": tally.met}
