"""Answers of the real WeChat, or of a recording of it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Coroutine, Mapping
from typing import Any

from openapi_shim.catalog.wechat_codes import TOKEN_REFUSED
from openapi_shim.credentials.base import AccessToken, Credential
from openapi_shim.credentials.choose import choose_credential, is_configured
from openapi_shim.emulator.journal import LOG
from openapi_shim.emulator.upstream.describing import (
    Answered,
    Asked,
    body_of,
    describe_question,
)
from openapi_shim.emulator.upstream.exchange import read_recording
from openapi_shim.emulator.upstream.forwarding import Forwarder, is_this_machine, with_token
from openapi_shim.emulator.upstream.recorder import Recorder
from openapi_shim.emulator.upstream.replay import Replay
from openapi_shim.errors import ConfigError, CredentialError, TransportError, UpstreamError
from openapi_shim.settings import Settings, UpstreamMode
from openapi_shim.transports.base import Reply
from openapi_shim.transports.encoding import encode_query
from openapi_shim.wechat.ids import Clock

_UNREACHED = 502  # of HTTP, as a proxy answers; a client must not take it for "busy, call again"
_UNRECORDED = 501


class Upstream:
    """Asks the real WeChat, and records its answers; or answers from a recording.

    Args:
        settings: ``upstream`` and its companions; appid and secret for calls without a token of
            WeChat's.
        clock: seconds since 1970, for a recording.

    Raises:
        ConfigError: the address or the recording cannot be used.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.mode = settings.upstream
        self._settings = settings
        self._clock = clock
        self._forwarder = Forwarder(settings)
        if self.mode is not UpstreamMode.REPLAY:
            _check_doors(settings)
        self._replay: Replay | None = None
        self._recorder: Recorder | None = None
        if self.mode is UpstreamMode.REPLAY:
            self._replay = Replay(read_recording(settings.recording), settings.recording)
        elif self.mode is UpstreamMode.RECORD:
            self._recorder = Recorder(settings.recording, raw=settings.recording_raw)
        self._credential: Credential | None = None
        self._under_way: set[asyncio.Task[Answered]] = set()

    def warn(self) -> None:
        """Say in the log what a developer must know of this mode."""
        if self.mode is UpstreamMode.REPLAY:
            LOG.info("WeChat's API answers from the recording %s", self._settings.recording)
            return
        LOG.warning(
            "photos leave this machine: calls to WeChat's API go to %s (OPENAPI_SHIM_UPSTREAM=%s)",
            self._forwarder.base,
            self.mode.value,
        )
        if self._recorder is not None and self._settings.recording_raw:
            LOG.warning(
                "LICENCE DATA IS WRITTEN to %s as WeChat answers it (OPENAPI_SHIM_RECORDING_RAW): "
                "keep that file to yourself and delete it soon",
                self._settings.recording,
            )
        elif self._recorder is not None:
            LOG.info("answers are recorded, in form alone, to %s", self._settings.recording)

    async def ask(self, asked: Asked, *, ours: bool = False) -> Answered:
        """The answer to *asked*.

        Args:
            asked: the request.
            ours: its token is the emulator's own; one of the configured account takes its place.

        Raises:
            UpstreamError: there is none; the text says why and what to do.
        """
        if self._replay is not None:
            return await self._replayed(self._replay, asked)
        try:
            return await (self._authorized(asked) if ours else self._passed(asked))
        except TransportError as error:
            raise UpstreamError(-1, _why(error), status=_UNREACHED) from error
        except CredentialError as error:
            reason = f"the call needs a token of the real WeChat's: {error}"
            raise UpstreamError(-1, reason, status=_UNREACHED) from error

    async def close(self) -> None:
        """Give up what is under way."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _replayed(self, replay: Replay, asked: Asked) -> Answered:
        question = await describe_question(asked)
        recorded = replay.answer(question)
        if recorded is None:
            raise UpstreamError(40066, replay.why_not(question), status=_UNRECORDED)
        headers = {"Content-Type": recorded.content_type} if recorded.content_type else {}
        return Answered(recorded.status, headers, body_of(recorded))

    async def _authorized(self, asked: Asked) -> Answered:
        if self._credential is None:
            self._credential = choose_credential(self._settings, self._token_endpoint)
        token = await self._credential.token()
        answered = await self._passed(_with(asked, token))
        if _errcode(answered) in TOKEN_REFUSED:
            renewed = await self._credential.renew(token)
            if renewed is not None:
                return await self._passed(_with(asked, renewed))
        return answered

    async def _token_endpoint(
        self, path: str, *, query: Mapping[str, str] | None = None, body: Any = None
    ) -> dict[str, Any]:
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if content else {}
        method = "POST" if content else "GET"
        asked = Asked(method, path, encode_query(query or {}), headers, content)
        answered = await self._passed(asked)
        try:
            document = _reply(answered).document
        except (ValueError, RecursionError) as error:
            raise CredentialError(f"{path} answered something other than JSON") from error
        if not isinstance(document, dict):
            raise CredentialError(f"{path} answered JSON that is no object")
        return document

    async def _passed(self, asked: Asked) -> Answered:
        """As the other side answers; recorded even if the client does not wait for it.

        The call may be charged, so it is not broken off where only the client is gone.
        """
        return await asyncio.shield(self._begun(self._sent(asked)))

    def _begun(self, work: Coroutine[Any, Any, Answered]) -> asyncio.Task[Answered]:
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Answered]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # fetched, for the case that nobody waits any more

    async def _sent(self, asked: Asked) -> Answered:
        at, begin = self._clock(), time.perf_counter()
        answered = await self._forwarder.send(asked)
        if self._recorder is not None:
            seconds = time.perf_counter() - begin
            try:
                await self._recorder.keep(asked, answered, at=at, seconds=seconds)
            except OSError as error:
                LOG.error(
                    "an exchange is NOT in the recording %s: %s",
                    self._settings.recording,
                    error.strerror or error,
                )
        return answered


def _check_doors(settings: Settings) -> None:
    """Whoever has the emulator's account calls under the one of the settings.

    Raises:
        ConfigError: that would be anybody in the network.
    """
    closed = (
        settings.emulator_secret.get_secret_value()
        and settings.gateway_secret_key.get_secret_value()
    )
    if is_configured(settings) and not closed and not is_this_machine(settings.host):
        raise ConfigError(
            f"others in the network reach {settings.host} and could call WeChat under your "
            "account: listen on 127.0.0.1, or set OPENAPI_SHIM_EMULATOR_SECRET and "
            "OPENAPI_SHIM_GATEWAY_SECRET_KEY"
        )


def document_of(answered: Answered) -> dict[str, object] | None:
    """An answer's JSON object; None where it is none."""
    try:
        document = _reply(answered).document
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _with(asked: Asked, token: AccessToken) -> Asked:
    query = with_token(asked.query, token)
    return Asked(asked.method, asked.path, query, asked.headers, asked.body)


def _reply(answered: Answered) -> Reply:
    return Reply(answered.content_type, answered.body)


def _errcode(answered: Answered) -> int:
    return _reply(answered).errcode


def _why(error: TransportError) -> str:
    if error.sent:
        return f"{error}; the call may have arrived and been charged, so look before you repeat it"
    return f"{error}; nothing was sent: check the network and OPENAPI_SHIM_UPSTREAM_URL"
