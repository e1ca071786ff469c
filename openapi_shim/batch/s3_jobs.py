"""A batch of photos in S3, as its operator sees it: submitted here, read by the stack's worker."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from openapi_shim.batch.results import Orders, Progress, State, Summary
from openapi_shim.batch.s3_dispatch import Dispatch
from openapi_shim.batch.s3_records import (
    DAY,
    Item,
    failures_of,
    job_key,
    results_prefix,
    typed,
    untyped,
)
from openapi_shim.batch.s3_stack import Stack, open_stack, told
from openapi_shim.batch.setbacks import BEIJING
from openapi_shim.errors import BatchError
from openapi_shim.settings import Settings

if TYPE_CHECKING:
    from types_boto3_dynamodb.type_defs import QueryInputTypeDef

_SILENCE = 1800  # seconds; the queue hides a message for less


class S3Job:
    """The batch of one prefix. The same prefix has the same job, whenever it is submitted.

    Args:
        name: of the job.
        settings: name the stack.
        place: bucket and prefix; None where it is not to be submitted.
        clock: seconds since 1970.
    """

    reads_here = False

    def __init__(
        self,
        name: str,
        settings: Settings,
        place: tuple[str, str] | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self._stack_name = settings.aws_stack
        self._place = place
        self._clock = clock

    @classmethod
    def of(cls, source: str, settings: Settings) -> S3Job:
        """The job of ``s3://bucket/prefix``.

        Raises:
            BatchError: *source* names no bucket.
        """
        bucket, _, prefix = source.removeprefix("s3://").partition("/")
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]{1,254}", bucket, re.ASCII):
            raise BatchError(f"{source!r} names no bucket: write s3://bucket/prefix")
        readable = re.sub(r"[^A-Za-z0-9.]+", "-", f"{bucket}-{prefix}")[:40].strip("-.")
        digest = hashlib.sha256(f"{bucket}/{prefix}".encode()).hexdigest()[:8]
        return cls(f"s3-{readable}-{digest}", settings, (bucket, prefix))

    def submit(self, orders: Orders, progress: Progress = lambda _: None) -> Summary:
        """List the prefix and send what has no result yet to the queue.

        Args:
            orders: of the user; ``workers`` and ``out`` are for folders.
            progress: is told once, at the end.

        Raises:
            BatchError: the bucket cannot be listed, has no photo there, or is not the stack's.
            BatchStoppedError: AWS cannot be reached; submitted again it goes on.
        """
        if self._place is None:
            raise BatchError(f"the job {self.name} is submitted by its s3:// address")
        if orders.workers is not None or orders.out is not None:
            raise BatchError(
                "--workers and --out are for folders: the stack decides how many photos are read "
                "at a time, and openapi-shim batch fetch JOB --out FILE writes the results"
            )
        bucket, prefix = self._place
        if bucket != self._stack.source:
            raise BatchError(
                f"the stack {self._stack_name} reads photos of the bucket {self._stack.source}, "
                f"not of {bucket}: deploy it with BatchSourceBucket={bucket}"
            )
        with told(f"s3://{bucket}/{prefix}"):
            sent = Dispatch(self._stack, self.name, bucket, prefix, self._clock).send(
                retry=orders.retry
            )
        summary = self.summary(f"{sent} photos were sent to the queue")
        progress(summary)
        return summary

    def summary(self, *notes: str) -> Summary:
        """The job as it stands.

        Args:
            notes: to be told first.

        Raises:
            BatchError: there is no such job.
        """
        stack = self._stack
        with told(f"the job {self.name}"):
            item = self._item()
            state = self._state(item)
            notes += self._notes(item, state)
        done = int(item.get("done", 0))
        return Summary(
            self.name,
            str(item["place"]),
            state,
            int(item.get("total", done)),
            int(item.get("fine", 0)),
            failures_of(item),
            f"s3://{stack.results}/{results_prefix(self.name)}",
            notes,
        )

    def lines(self) -> Iterator[str]:
        """The results as JSON lines, in the order of the keys.

        Raises:
            BatchError: there is no such job.
        """
        stack = self._stack
        with told(f"the job {self.name}"):
            self._item()
            request: QueryInputTypeDef = {
                "TableName": stack.table,
                "KeyConditionExpression": "pk = :job",
                "FilterExpression": "attribute_exists(line)",
                "ProjectionExpression": "line",
                "ExpressionAttributeValues": {":job": {"S": self.name}},
            }
            pages = stack.dynamodb.get_paginator("query").paginate(**cast("Any", request))
            for page in pages:
                for item in page["Items"]:
                    yield item["line"]["S"]

    @cached_property
    def _stack(self) -> Stack:
        return open_stack(self._stack_name)

    def _item(self) -> Item:
        answer = self._stack.dynamodb.get_item(
            TableName=self._stack.table,
            Key=cast("Any", typed(job_key(self.name))),
            ConsistentRead=True,
        )
        if "Item" not in answer:
            raise BatchError(
                f"there is no job {self.name} in the stack {self._stack_name}: submit it, or name "
                "its stack by --aws-stack"
            )
        return untyped(cast("Any", answer["Item"]))

    def _state(self, item: Item) -> State:
        if "total" in item and "finished" in item:
            return State.FINISHED
        # SQS tells numbers that may be a minute old: only long silence means that nobody is at it.
        written = int(item["ttl"]) - self._stack.days * DAY
        if self._clock() - written > _SILENCE and not self._count(self._stack.queue):
            return State.STOPPED
        return State.READING if "total" in item else State.LISTING

    def _notes(self, item: Item, state: State) -> tuple[str, ...]:
        notes = []
        if state is State.LISTING:
            notes.append("the listing has not ended; if nobody is at it, submit again")
        if state is State.STOPPED:
            notes.append("nobody is at it, and nothing is in the queue: submit again")
        until = int(item.get("paused_until", 0))
        if state is State.READING and until > self._clock():
            at = time.strftime("%Y-%m-%d %H:%M", time.gmtime(until + BEIJING))
            notes.append(f"waits until {at} in Beijing: {item['pause_reason']}")
        if dead := self._count(self._stack.dead_letters):
            where = self._stack.dead_letters
            notes.append(f"{dead} messages of this stack's jobs are dead letters: {where}")
        return tuple(notes)

    def _count(self, queue: str) -> int:
        told_by = self._stack.sqs.get_queue_attributes(
            QueueUrl=queue,
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
                "ApproximateNumberOfMessagesDelayed",
            ],
        )
        return sum(int(value) for value in told_by["Attributes"].values())
