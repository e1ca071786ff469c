"""SQS: the JSON body of each record is an event; those that failed go back to the queue.

The event source mapping must have ``FunctionResponseTypes: [ReportBatchItemFailures]``, else
SQS takes every batch for done. Records run one after the other. The event of record *n* waits
for those before it, so small batches are best.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

from openapi_shim.aws.invocation import Invocation
from openapi_shim.protocol.strict_json import parse

SOURCE = "aws_sqs"
# Seconds below which a record is not begun; more where one of the batch has taken more.
_LEAST = 0.5

_log = logging.getLogger(__name__)


def recognizes(event: Any) -> bool:
    """Whether *event* is a batch of SQS's records."""
    records = event.get("Records") if isinstance(event, dict) else None
    return isinstance(records, list) and any(
        isinstance(record, dict) and record.get("eventSource") == "aws:sqs" for record in records
    )


def answer(event: Any, invocation: Invocation) -> dict[str, Any]:
    """Call the function for each record; name those that failed, or for which no time was left.

    In a FIFO queue all after the first failure go back too, for their order's sake.
    """
    records: list[Mapping[str, Any]] = event["Records"]
    failed: list[str] = []
    longest = _LEAST
    for index, record in enumerate(records):
        begin = time.monotonic()
        if invocation.seconds_left() < longest:
            _log.warning("no time left for %d of %d records", len(records) - index, len(records))
            failed += [rest["messageId"] for rest in records[index:]]
            break
        if _done(record, invocation):
            longest = max(longest, time.monotonic() - begin)
            continue
        failed.append(record["messageId"])
        if str(record.get("eventSourceARN", "")).endswith(".fifo"):
            failed += [rest["messageId"] for rest in records[index + 1 :]]
            break
    return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}


def _done(record: Mapping[str, Any], invocation: Invocation) -> bool:
    try:
        body = parse(record["body"])
    except (ValueError, RecursionError):
        # The body is not shown, nor an error that shows part of it.
        _log.error("record %s is no JSON: send the function's event", record["messageId"])
        return False
    try:
        invocation.run_unheard(body, source=SOURCE)
    except Exception:  # noqa: BLE001 - whatever the function's code raises
        _log.exception("record %s failed and goes back to the queue", record["messageId"])
        return False
    return True
