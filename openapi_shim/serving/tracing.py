"""Traces by OpenTelemetry. Imported only where a collector is set.

A span for each request, below the client's where it sends a ``traceparent``; in it one for the
recognition. Spans have the path's template, the errcode and times, and nothing a client sent.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from aiohttp import web
from aiohttp.typedefs import Middleware
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from openapi_shim._version import __version__
from openapi_shim.emulator.entrance import Handler
from openapi_shim.emulator.journal import OUTCOME
from openapi_shim.serving.accounts import path_template

_NAME = "openapi-shim"
_FLUSH = 2000  # milliseconds that what is not sent yet gets at the end
_GOOD = frozenset({0, "SUCCESS", 200, 204, 206, 304})


class Tracing:
    """Makes spans and sends them to *endpoint*, by a thread of its own."""

    def __init__(self, endpoint: str) -> None:
        resource = Resource.create({SERVICE_NAME: _NAME, SERVICE_VERSION: __version__})
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
        self._tracer = self._provider.get_tracer(_NAME, __version__)
        self._propagator = TraceContextTextMapPropagator()

    def middleware(self) -> Middleware:
        """Wraps each request in a span."""

        @web.middleware
        async def trace(request: web.Request, handler: Handler) -> web.StreamResponse:
            path = path_template(request)
            span = self._tracer.start_as_current_span(
                f"{request.method} {path}",
                context=self._propagator.extract(dict(request.headers)),
                kind=SpanKind.SERVER,
                attributes={"http.request.method": request.method, "http.route": path},
                record_exception=False,  # its message may hold what a client sent
                set_status_on_exception=False,
            )
            with span as current:
                response = await handler(request)
                current.set_attribute("http.response.status_code", response.status)
                outcome = OUTCOME.get()
                if outcome is not None:
                    current.set_attribute("openapi_shim.errcode", str(outcome.code))
                    if outcome.code not in _GOOD:
                        current.set_status(Status(StatusCode.ERROR))
                return response

        return trace

    @contextlib.contextmanager
    def recognizing(self) -> Iterator[None]:
        """The recognition's span, below that of its request."""
        span = self._tracer.start_as_current_span(
            "recognize", record_exception=False, set_status_on_exception=False
        )
        with span:
            yield

    def recognized(self, outcome: str, seconds: float) -> None:
        """Nothing more: the span has its times."""

    def close(self) -> None:
        """Send what is not sent yet."""
        self._provider.force_flush(_FLUSH)
        self._provider.shutdown()
