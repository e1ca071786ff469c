"""A prefix of S3 into the queue: listed by pages beside what the table knows, sent in tens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from openapi_shim.batch.photos import is_photo
from openapi_shim.batch.results import RETRIED, Failure
from openapi_shim.batch.s3_records import DAY, Message, counter, job_key, photo_key, typed
from openapi_shim.batch.s3_stack import Stack
from openapi_shim.errors import BatchError, BatchStoppedError

if TYPE_CHECKING:
    from types_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

_TEN = 10  # messages that SQS takes at once
_ATTEMPTS = 5


@dataclass(frozen=True)
class _Known:
    """A photo with a result."""

    key: str
    etag: str
    failure: str


class Dispatch:
    """One submission of one job.

    Args:
        stack: where to.
        job: its name.
        bucket: that is listed.
        prefix: of the keys.
        clock: seconds since 1970.
    """

    def __init__(
        self, stack: Stack, job: str, bucket: str, prefix: str, clock: Callable[[], float]
    ) -> None:
        self._stack = stack
        self._job = job
        self._bucket = bucket
        self._prefix = prefix
        self._clock = clock
        self._waiting: list[Message] = []
        self._sent = 0
        self._listed = 0

    def send(self, *, retry: bool) -> int:
        """List the prefix, and send what has no result or another content than then.

        Memory is bound by pages: S3 lists keys in the order in which the table holds them.

        Args:
            retry: send what failed for whatever reason again, too.

        Returns:
            how many photos were sent.

        Raises:
            BatchError: there is no photo.
        """
        listing = self._photos()
        first = next(listing, None)
        if first is None and not self._exists():
            where = f"s3://{self._bucket}/{self._prefix}"
            raise BatchError(f"{where} holds no photo: check bucket and prefix")
        finished = self._open()
        again = {failure.value for failure in (Failure if retry else RETRIED)}
        total = 0
        photos = _all(first, listing)
        known = self._known()
        there = next(known, None)
        for key, etag in photos:
            while there is not None and there.key.encode() < key.encode():
                total, there = total + 1, next(known, None)  # no longer listed; its result stays
            total += 1
            if there is not None and there.key == key:
                if there.etag != etag or there.failure in again:
                    self._forget(there)
                    self._put(key, etag)
                there = next(known, None)
            else:
                self._put(key, etag)
        total += (there is not None) + sum(1 for _ in known)
        self._flush()
        self._close(total, finished=finished and not self._sent)
        return self._sent

    def _photos(self) -> Iterator[tuple[str, str]]:
        """Key and ETag of each photo, in the order of the keys."""
        pages = self._stack.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix
        )
        for page in pages:
            for one in page.get("Contents", []):
                if is_photo(one["Key"]):
                    yield one["Key"], one["ETag"]

    def _known(self) -> Iterator[_Known]:
        """The photos with a result, in the order of the keys."""
        pages = self._stack.dynamodb.get_paginator("query").paginate(
            TableName=self._stack.table,
            KeyConditionExpression="pk = :job",
            FilterExpression="attribute_exists(line)",
            ProjectionExpression="sk, etag, failure",
            ExpressionAttributeValues={":job": {"S": self._job}},
            ConsistentRead=True,
        )
        for page in pages:
            for item in page["Items"]:
                yield _Known(item["sk"]["S"], item["etag"]["S"], item["failure"]["S"])

    def _exists(self) -> bool:
        answer = self._stack.dynamodb.get_item(
            TableName=self._stack.table, Key=cast("Any", typed(job_key(self._job)))
        )
        return "Item" in answer

    def _open(self) -> bool:
        """The job's item, without a total while the listing goes on; whether it was finished."""
        answer = self._stack.dynamodb.update_item(
            TableName=self._stack.table,
            Key=cast("Any", typed(job_key(self._job))),
            UpdateExpression="SET place = :place, #ttl = :ttl REMOVE #total, paused_until",
            ExpressionAttributeNames={"#ttl": "ttl", "#total": "total"},
            ExpressionAttributeValues=cast(
                "Any",
                typed({":place": f"s3://{self._bucket}/{self._prefix}", ":ttl": self._end()}),
            ),
            ReturnValues="ALL_OLD",
        )
        return "finished" in answer.get("Attributes", {})

    def _close(self, total: int, *, finished: bool) -> None:
        """The listing has ended: from now on somebody will have been the last."""
        self._stack.dynamodb.update_item(
            TableName=self._stack.table,
            Key=cast("Any", typed(job_key(self._job))),
            UpdateExpression="SET #total = :total" + ("" if finished else " REMOVE finished"),
            ExpressionAttributeNames={"#total": "total"},
            ExpressionAttributeValues=cast("Any", typed({":total": total})),
        )
        if not finished:
            # All photos may have been read before the total was known.
            self._waiting.append(Message(self._job, self._stack.days, self._end()))
            self._flush()

    def _forget(self, known: _Known) -> None:
        """Take a result back, and its count with it: both or neither."""
        failure = Failure(known.failure) if known.failure else None
        table = self._stack.table
        photo = {
            "TableName": table,
            "Key": typed(photo_key(self._job, known.key)),
            "ConditionExpression": "etag = :etag AND failure = :failure",
            "ExpressionAttributeValues": typed({":etag": known.etag, ":failure": known.failure}),
        }
        job = {
            "TableName": table,
            "Key": typed(job_key(self._job)),
            "UpdateExpression": f"ADD done :less, {counter(failure)} :less",
            "ExpressionAttributeValues": typed({":less": -1}),
        }
        for attempt in range(_ATTEMPTS):
            if self._together(photo, job):
                return
            time.sleep(0.1 * 2**attempt)
        raise BatchStoppedError(f"the job {self._job} is too busy: submit again in a minute")

    def _together(self, photo: dict[str, Any], job: dict[str, Any]) -> bool:
        """Delete and count, both or neither; False when it is to be tried again."""
        try:
            self._stack.dynamodb.transact_write_items(
                TransactItems=cast("Any", [{"Delete": photo}, {"Update": job}])
            )
        except self._stack.dynamodb.exceptions.TransactionCanceledException as error:
            reasons = [one.get("Code") for one in error.response["CancellationReasons"]]
            return "ConditionalCheckFailed" in reasons  # another submission was first
        return True

    def _put(self, key: str, etag: str) -> None:
        self._waiting.append(
            Message(self._job, self._stack.days, self._end(), self._bucket, key, etag)
        )
        self._sent += 1
        if len(self._waiting) == _TEN:
            self._flush()

    def _flush(self) -> None:
        """Send what is waiting; what SQS does not take at once is sent again."""
        for attempt in range(_ATTEMPTS):
            if not self._waiting:
                return
            time.sleep(0.1 * (2**attempt - 1))
            entries: list[SendMessageBatchRequestEntryTypeDef] = [
                {"Id": str(index), "MessageBody": message.body()}
                for index, message in enumerate(self._waiting)
            ]
            answer = self._stack.sqs.send_message_batch(QueueUrl=self._stack.queue, Entries=entries)
            failed = {int(one["Id"]) for one in answer.get("Failed", [])}
            self._waiting = [
                message for index, message in enumerate(self._waiting) if index in failed
            ]
        if self._waiting:
            raise BatchStoppedError(f"the queue takes no messages: {answer['Failed'][0]['Code']}")

    def _end(self) -> int:
        return int(self._clock()) + self._stack.days * DAY


def _all(
    first: tuple[str, str] | None, rest: Iterator[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    if first is not None:
        yield first
    yield from rest
