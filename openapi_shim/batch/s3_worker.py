"""The batch's worker on AWS: one message of the queue in, one result in the table out.

A cloud function as any other: ``main(event, context)``, with each photo read by
``cloud.openapi.ocr.driverLicense``, whoever answers that by the settings. An exception sends
the message back to the queue.
"""

from __future__ import annotations

import hashlib
import json
import logging
import mimetypes
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

from openapi_shim.batch.results import Failure, Outcome
from openapi_shim.batch.s3_finish import store_lines
from openapi_shim.batch.s3_records import Item, Message
from openapi_shim.batch.s3_table import BatchTable
from openapi_shim.batch.setbacks import Setback, setback_of
from openapi_shim.errors import AwsError, BatchError, CloudError, ConfigError, ShimError
from openapi_shim.sdk.cloud import Cloud
from openapi_shim.settings import Settings, load_settings
from openapi_shim.stores.aws_requests import AwsRequests

TRIES = 3
"""Times that a photo is tried before it counts as failed; the queue must allow more."""

_LARGEST = 10_000_000  # bytes; the SDK sends no larger ones
_LONGEST_DELAY = 900  # seconds, by SQS
_LONGEST_TRY = 120  # seconds; more than the function's time-out
_LONGEST_REASON = 1000  # characters; an item of the table has bounds, what others say has none
_FAILURES = {101001: Failure.NO_LICENCE, 101002: Failure.NOT_AN_IMAGE}
_GONE = {"NoSuchKey", "NoSuchBucket", "AccessDenied", "InvalidObjectState"}

_log = logging.getLogger(__name__)


class PoisonError(BatchError):
    """A photo that failed as often as it may; its message belongs to the dead letters."""


class Worker:
    """Reads photos of S3, each to one result.

    Args:
        settings: with the table, the queue and the bucket for results.
        cloud: reads a photo.
        aws: sends requests.
        clock: seconds since 1970.

    Raises:
        ConfigError: a setting is missing.
    """

    def __init__(
        self,
        settings: Settings,
        cloud: Cloud,
        aws: AwsRequests,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        for name in ("batch_table", "batch_queue", "batch_bucket"):
            if not getattr(settings, name):
                raise ConfigError(f"OPENAPI_SHIM_{name.upper()} is not set: see docs/batch.md")
        self._cloud = cloud
        self._aws = aws
        self._clock = clock
        self._queue = settings.batch_queue
        self._bucket = settings.batch_bucket
        self._table = BatchTable(aws, settings.batch_table, clock=clock)
        self._until = 0.0

    async def handle(self, event: Any) -> dict[str, str]:
        """Do what a message asks; what was done, in a word.

        Raises:
            PoisonError: the photo failed for the last time; its result says why.
            BaseException: what else went wrong; the message is to be tried again.
        """
        message = Message.parse(event)
        if not message.of_photo:
            return {"job": await self._finish(message)}
        if self._clock() < self._until:
            await self._put_back(message)
            return {"photo": "put back"}
        item = await self._table.begin(message)
        if "line" in item:
            return await self._done_before(message, item)
        tries = int(item.get("tries", 0)) + 1
        if tries > TRIES:
            if self._clock() - int(item.get("begun", 0)) < _LONGEST_TRY:
                await self._table.give_back(message)
                raise BatchError("the photo is in work elsewhere")  # the message came twice
            # The last try ended with the process, before it could say so.
            raise await self._give_up(message, str(item.get("reason", "")))
        return await self._try(message, tries)

    async def _try(self, message: Message, tries: int) -> dict[str, str]:
        try:
            outcome, etag = await self._read(message)
        except CloudError as error:
            setback = setback_of(error.errCode, self._clock())
            if setback is not None:
                return await self._set_back(message, setback, error)
            raise await self._failed(message, tries, error) from error
        except Exception as error:
            raise await self._failed(message, tries, error) from error
        kept = await self._table.keep(message, outcome, etag)
        await self._finish(message)
        return {"photo": "kept" if kept else "done before"}

    async def _read(self, message: Message) -> tuple[Outcome, str]:
        """The photo's result, and the ETag of what was read."""
        try:
            found = await self._aws.get_object(message.bucket, message.key, limit=_LARGEST)
        except AwsError as error:
            if error.code == "TooLarge":
                why = f"The object has more than {_LARGEST // 1_000_000} MB; WeChat takes under 2."
                return Outcome(message.key, failure=Failure.NOT_AN_IMAGE, reason=why), message.etag
            if error.code in _GONE:
                why = f"{error}. Mend that and submit again."
                return Outcome(message.key, failure=Failure.UNREADABLE, reason=why), message.etag
            raise
        sha256 = hashlib.sha256(found.body).hexdigest()
        kind = mimetypes.guess_type(message.key)[0] or "image/jpeg"
        try:
            answer = await self._cloud.openapi({"convertCase": False}).ocr.driverLicense(
                {"type": "photo", "img": {"contentType": kind, "value": found.body}}
            )
        except CloudError as error:
            if error.errCode not in _FAILURES:
                raise
            failure = _FAILURES[error.errCode]
            reason = f"{error.errCode} {error.errMsg.partition(':fail ')[2] or error.errMsg}"
            return Outcome(message.key, sha256, failure=failure, reason=reason), found.etag
        return Outcome(message.key, sha256, _fields(answer)), found.etag

    async def _done_before(self, message: Message, item: Item) -> dict[str, str]:
        if item.get("failure") == Failure.CRASHED.value:
            error = json.loads(str(item["line"]))["error"]
            raise PoisonError(f"{message.key}: {error['reason']}")
        # Whoever kept the result may have ended before it looked whether that was the last.
        await self._finish(message)
        return {"photo": "done before"}

    async def _failed(self, message: Message, tries: int, error: Exception) -> Exception:
        """The exception with which the message goes back; at the last try its end is noted."""
        # The text of an exception that is not ours may show what was read.
        reason = str(error) if isinstance(error, ShimError) else type(error).__name__
        reason = reason[:_LONGEST_REASON]
        if tries >= TRIES:
            return await self._give_up(message, reason)
        await self._table.note_reason(message, reason)
        return error

    async def _give_up(self, message: Message, reason: str) -> PoisonError:
        reason = reason or "its function was ended by AWS: its time or its memory ran out"
        why = f"tried {TRIES} times, at last: {reason}. Mend that and submit with --retry-failed."
        outcome = Outcome(message.key, failure=Failure.CRASHED, reason=why)
        await self._table.keep(message, outcome, message.etag)
        await self._finish(message)
        return PoisonError(f"{message.key}: {why}")

    async def _set_back(
        self, message: Message, setback: Setback, error: CloudError
    ) -> dict[str, str]:
        """Not the photo's fault: it waits, and so does all else that comes to this instance."""
        self._until = setback.until
        _log.warning("the batch waits %.0f s: %s", setback.until - self._clock(), error)
        await self._table.give_back(message)
        await self._table.pause(message.job, int(setback.until), f"{setback.words} ({error})")
        await self._put_back(message)
        return {"photo": "put back"}

    async def _put_back(self, message: Message) -> None:
        """A new message in place of this one, for later.

        A new one and not a longer visibility: SQS counts how often a message was received, and
        one that waits for tomorrow's quota would end among the dead letters. It is sent before
        this one is deleted, so none is lost; if both stay, the photo still has one result.

        Raises:
            BatchError: it has waited as long as results are kept; it belongs to the dead letters.
        """
        if self._clock() >= message.until:
            raise BatchError(
                f"{message.key}: it has waited {message.days} days for a quota or an account that "
                "does not come: mend that and submit again"
            )
        seconds = max(0.0, min(self._until - self._clock(), _LONGEST_DELAY))
        # Spread a little, so that not all come back at once.
        spread = random.uniform(0, min(seconds, 30))  # noqa: S311  (no secret)
        delay = min(int(seconds + spread) + 1, _LONGEST_DELAY)
        body = {"QueueUrl": self._queue, "MessageBody": message.body(), "DelaySeconds": delay}
        await self._aws.call("sqs", "SendMessage", body)

    async def _finish(self, message: Message) -> str:
        """Store the JSON lines if this was the last photo; twice is as good as once."""
        job = await self._table.job(message.job)
        total = int(job.get("total", -1))
        if total < 0 or int(job.get("done", 0)) < total or "finished" in job:
            return "waiting" if "finished" not in job else "finished"
        parts = await store_lines(self._aws, self._bucket, message.job, self._table)
        try:
            await self._table.finish(message.job, total, parts)
        except AwsError as error:
            if error.code != "ConditionalCheckFailedException":
                raise
            return "waiting"  # it was submitted anew meanwhile
        return "finished"


def _fields(answer: Mapping[str, Any]) -> dict[str, str]:
    return {name: text for name, text in answer.items() if name not in {"errCode", "errMsg"}}


_worker: Worker | None = None


async def main(event: Any, context: Any) -> dict[str, str]:  # noqa: ARG001  (the platform's form)
    """Do what one message asks; see ``Worker.handle``."""
    global _worker  # noqa: PLW0603  (kept warm between invocations, as its connections are)
    if _worker is None:
        settings = load_settings(function_dir=None)
        cloud = Cloud()
        cloud.init({"env": cloud.DYNAMIC_CURRENT_ENV})
        _worker = Worker(settings, cloud, AwsRequests())
    return await _worker.handle(event)
