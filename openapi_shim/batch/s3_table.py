"""The worker's side of the table: each photo's result once, and counted once."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from openapi_shim.batch.results import Outcome
from openapi_shim.batch.s3_records import (
    DAY,
    Item,
    Message,
    counter,
    job_key,
    photo_key,
    typed,
    untyped,
)
from openapi_shim.errors import AwsError
from openapi_shim.stores.aws_requests import AwsRequests

_ATTEMPTS = 8
_CANCELED = "TransactionCanceledException"
_CONDITION = "ConditionalCheckFailed"


class BatchTable:
    """Results of all jobs. All raise ``AwsError`` when the table cannot be reached or refuses.

    Args:
        aws: sends the requests.
        name: of the table.
        clock: seconds since 1970.
    """

    def __init__(
        self, aws: AwsRequests, name: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._aws = aws
        self._name = name
        self._clock = clock

    async def begin(self, message: Message) -> Item:
        """Count a try of the photo; its item as it was before, with ``line`` if it was done."""
        try:
            answer = await self._update(
                photo_key(message.job, message.key),
                "ADD tries :one SET begun = :now, #ttl = :ttl",
                {":one": 1, ":now": int(self._clock()), ":ttl": self._end(message)},
                condition="attribute_not_exists(line)",
                returned="ALL_OLD",
            )
        except AwsError as error:
            if error.code != "ConditionalCheckFailedException":
                raise
            return untyped(error.answer["Item"])
        return untyped(answer.get("Attributes", {}))

    async def give_back(self, message: Message) -> None:
        """The try does not count: it was not the photo's fault."""
        await self._update(photo_key(message.job, message.key), "ADD tries :less", {":less": -1})

    async def note_reason(self, message: Message, reason: str) -> None:
        """Keep why the last try failed."""
        await self._update(
            photo_key(message.job, message.key), "SET reason = :reason", {":reason": reason}
        )

    async def keep(self, message: Message, outcome: Outcome, etag: str) -> bool:
        """Keep the photo's result and count it, both or neither; False if it had one before.

        Args:
            message: that asked for it.
            outcome: the result.
            etag: of the content that was read.
        """
        values: Item = {":line": outcome.line(), ":etag": etag, ":ttl": self._end(message)}
        values[":failure"] = outcome.failure.value if outcome.failure else ""
        photo = self._part(
            photo_key(message.job, message.key),
            "SET line = :line, etag = :etag, failure = :failure, #ttl = :ttl",
            values,
            "attribute_not_exists(line)",
        )
        job = self._part(
            job_key(message.job),
            f"ADD done :one, {counter(outcome.failure)} :one SET #ttl = :ttl",
            {":one": 1, ":ttl": self._end(message)},
            "attribute_exists(pk)",
        )
        for attempt in range(_ATTEMPTS):
            done = await self._together(photo, job, last=attempt == _ATTEMPTS - 1)
            if done is not None:
                return done
            # Another instance counted at this moment: chance parts the two.
            await asyncio.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311  (no secret)
        return False

    async def _together(
        self, photo: dict[str, Any], job: dict[str, Any], *, last: bool
    ) -> bool | None:
        """Both or neither: whether it was done; None when it may be tried again."""
        body = {"TransactItems": [{"Update": photo}, {"Update": job}]}
        try:
            await self._aws.call("dynamodb", "TransactWriteItems", body)
        except AwsError as error:
            if error.code != _CANCELED:
                raise
            reasons = [one.get("Code") for one in error.answer.get("CancellationReasons", [])]
            if _CONDITION in reasons:
                return False  # somebody else was first, or the job was removed meanwhile
            if last:
                raise
            return None
        return True

    async def job(self, name: str) -> Item:
        """The job's item as it is now; empty when there is none."""
        request = {"TableName": self._name, "Key": typed(job_key(name)), "ConsistentRead": True}
        answer = await self._aws.call("dynamodb", "GetItem", request)
        return untyped(answer.get("Item", {}))

    async def pause(self, name: str, until: int, reason: str) -> None:
        """Note for ``status`` that the job waits."""
        await self._update(
            job_key(name),
            "SET paused_until = :until, pause_reason = :reason",
            {":until": until, ":reason": reason},
        )

    async def finish(self, name: str, total: int, parts: int) -> None:
        """The JSON lines of all *total* results are stored, in so many parts."""
        await self._update(
            job_key(name),
            "SET finished = :now, parts = :parts",
            {":now": int(self._clock()), ":parts": parts, ":total": total},
            condition="#total = :total",
        )

    async def lines(self, name: str) -> AsyncIterator[str]:
        """The job's results, in the order of the keys."""
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": "pk = :job",
            "FilterExpression": "attribute_exists(line)",
            "ProjectionExpression": "line",
            "ExpressionAttributeValues": typed({":job": name}),
            "ConsistentRead": True,
        }
        while True:
            answer = await self._aws.call("dynamodb", "Query", request)
            for item in answer["Items"]:
                yield item["line"]["S"]
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _end(self, message: Message) -> int:
        return int(self._clock()) + message.days * DAY

    def _part(
        self, key: dict[str, str], update: str, values: Item, condition: str
    ) -> dict[str, Any]:
        part: dict[str, Any] = {
            "TableName": self._name,
            "Key": typed(key),
            "UpdateExpression": update,
            "ExpressionAttributeValues": typed(values),
        }
        # Two words of ours are reserved by DynamoDB.
        names = {f"#{word}": word for word in ("ttl", "total") if f"#{word}" in update + condition}
        if names:
            part["ExpressionAttributeNames"] = names
        if condition:
            part["ConditionExpression"] = condition
        return part

    async def _update(
        self,
        key: dict[str, str],
        update: str,
        values: Item,
        *,
        condition: str = "",
        returned: str = "NONE",
    ) -> dict[str, Any]:
        request = self._part(key, update, values, condition)
        request["ReturnValues"] = returned
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD" if condition else "NONE"
        return await self._aws.call(
            "dynamodb", "UpdateItem", request, repeatable="ADD" not in update
        )
