"""The recognizer's answers by HTTP: ``{"returns": {…}}`` or ``{"refuses": 101001}``."""

from __future__ import annotations

from aiohttp import web

from openapi_shim.emulator.canned import CannedRecognizer
from openapi_shim.emulator.control.door import Route, answer, json_of
from openapi_shim.errors import ControlError


def recognizer_routes(recognizer: CannedRecognizer) -> list[Route]:
    """``GET``, ``POST`` and ``DELETE /recognizer``."""

    async def show(_: web.Request) -> web.StreamResponse:
        return answer(recognizer.state())

    async def choose(request: web.Request) -> web.StreamResponse:
        wanted = await json_of(request)
        fields, errcode = wanted.get("returns"), wanted.get("refuses")
        if isinstance(fields, dict) and set(wanted) == {"returns"}:
            recognizer.returns(fields)
        elif isinstance(errcode, int) and set(wanted) <= {"refuses", "reason"}:
            recognizer.refuses(errcode, str(wanted.get("reason", "")))
        else:
            raise ControlError('{"returns": {field: value}} or {"refuses": 101001} is wanted')
        return answer(recognizer.state())

    async def reset(_: web.Request) -> web.StreamResponse:
        recognizer.reset()
        return answer(recognizer.state())

    return [
        Route("GET", "/recognizer", show),
        Route("POST", "/recognizer", choose),
        Route("DELETE", "/recognizer", reset),
    ]
