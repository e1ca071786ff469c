"""A store in a DynamoDB table: what the instances of a function on AWS share."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

from openapi_shim.errors import AwsError, StoreError
from openapi_shim.stores.aws_requests import AwsRequests
from openapi_shim.stores.base import check_end, check_key, check_value

_PATIENCE, _ATTEMPTS = 5.0, 4
# Turns of a count that others begin and end at the same moment; in each somebody gets on.
_TURNS = 5

_NAMES = {"#value": "value"}  # a word that DynamoDB keeps for itself
_FREE = "attribute_not_exists(pk) OR ends <= :now"

Attributes = Mapping[str, Mapping[str, str]]


class DynamodbStore:
    """A ``Store`` in a table with the partition key ``pk`` (S) and no sort key.

    Rows have ``value`` (S) or ``taken`` (N), ``ends`` (N, the exact end), and ``ttl`` (N, whole
    seconds) for DynamoDB's own removal. That lags by days, so ``ends`` is what counts.

    Nothing is sent twice that would count twice.

    Args:
        table: its name.
        requests: how to reach it; by default as the process's environment says.
        clock: seconds since 1970.

    Raises:
        ConfigError: the environment names no region.
    """

    def __init__(
        self,
        table: str,
        *,
        requests: AwsRequests | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._table = table
        self._requests = requests or AwsRequests(patience=_PATIENCE, attempts=_ATTEMPTS)
        self._clock = clock

    async def get(self, key: str) -> str | None:
        """As ``Store.get`` says."""
        item = await self._item(_value(key))
        return item["value"]["S"] if item else None

    async def put(self, key: str, value: str, *, expires: float) -> None:
        """As ``Store.put`` says."""
        item = _kept(key, value, expires)
        await self._call("PutItem", {"Item": item}, repeatable=True)

    async def add(self, key: str, value: str, *, expires: float) -> str | None:
        """As ``Store.add`` says."""
        done, there = await self._write("PutItem", {"Item": _kept(key, value, expires)}, _FREE)
        return None if done else there["value"]["S"]

    async def swap(self, key: str, old: str, new: str | None, *, expires: float) -> bool:
        """As ``Store.swap`` says."""
        condition, values = "#value = :old AND ends > :now", {":old": {"S": old}}
        if new is None:
            operation, what = "DeleteItem", {"Key": _value(key)}
        else:
            operation, what = "PutItem", {"Item": _kept(key, new, expires)}
        done, _ = await self._write(
            operation, {**what, "ExpressionAttributeNames": _NAMES}, condition, values
        )
        return done

    async def take(self, key: str, *, limit: int, expires: float) -> int:
        """As ``Store.take`` says."""
        check_end(expires)
        first = {**_count(key), "taken": _number(1), **_end(expires)}
        if limit <= 0:
            return 0
        for _ in range(_TURNS):
            done, row = await self._write(
                "UpdateItem",
                {
                    "Key": _count(key),
                    "UpdateExpression": "SET taken = taken + :one",
                    "ReturnValues": "UPDATED_NEW",
                },
                "ends > :now AND taken < :limit",
                {":one": _number(1), ":limit": _number(limit)},
            )
            if done:
                return int(row["taken"]["N"])
            if self._holds(row):
                return 0
            done, _ = await self._write("PutItem", {"Item": first}, _FREE)
            if done:
                return 1
        raise StoreError(f"The DynamoDB table {self._table} is contended; try again")

    async def give_back(self, key: str) -> None:
        """As ``Store.give_back`` says."""
        await self._write(
            "UpdateItem",
            {"Key": _count(key), "UpdateExpression": "SET taken = taken - :one"},
            "ends > :now AND taken > :none",
            {":one": _number(1), ":none": _number(0)},
        )

    async def count(self, key: str) -> int:
        """As ``Store.count`` says."""
        item = await self._item(_count(key))
        return int(item["taken"]["N"]) if item else 0

    async def close(self) -> None:
        """Nothing of its own: the loop's HTTP session closes with the loop."""

    async def _item(self, key: Attributes) -> Attributes | None:
        """The row, if it has not ended."""
        answer = await self._call("GetItem", {"Key": key, "ConsistentRead": True}, repeatable=True)
        item: Attributes = answer.get("Item") or {}
        return item if self._holds(item) else None

    async def _write(
        self,
        operation: str,
        parameters: Mapping[str, Any],
        condition: str,
        values: Mapping[str, Any] | None = None,
    ) -> tuple[bool, Attributes]:
        """Write under a condition, which may speak of ``:now``.

        Returns:
            True and the new attributes that were asked for, or False and the row as it is.
        """
        full = {
            **parameters,
            "ConditionExpression": condition,
            "ExpressionAttributeValues": {":now": _number(self._clock()), **(values or {})},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        try:
            answer = await self._call(operation, full, repeatable=False)
        except AwsError as error:
            if error.code != "ConditionalCheckFailedException":
                raise
            return False, error.answer.get("Item") or {}
        return True, answer.get("Attributes") or {}

    async def _call(
        self, operation: str, parameters: Mapping[str, Any], *, repeatable: bool
    ) -> dict[str, Any]:
        try:
            return await self._requests.call(
                "dynamodb",
                operation,
                {"TableName": self._table, **parameters},
                repeatable=repeatable,
            )
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                raise StoreError(
                    f"There is no DynamoDB table {self._table} in {self._requests.region}; make "
                    "one with the partition key pk (S), or check its name and AWS_REGION"
                ) from error
            if error.code == "ValidationException":
                raise StoreError(
                    f"The DynamoDB table {self._table} refuses {operation}; its key must be the "
                    "partition key pk (S) alone"
                ) from error
            raise

    def _holds(self, item: Attributes) -> bool:
        return bool(item) and float(item["ends"]["N"]) > self._clock()


def _value(key: str) -> dict[str, dict[str, str]]:
    check_key(key)
    return {"pk": {"S": f"value#{key}"}}


def _count(key: str) -> dict[str, dict[str, str]]:
    check_key(key)
    return {"pk": {"S": f"count#{key}"}}


def _kept(key: str, value: str, expires: float) -> dict[str, dict[str, str]]:
    check_value(value, expires)
    return {**_value(key), "value": {"S": value}, **_end(expires)}


def _end(expires: float) -> dict[str, dict[str, str]]:
    return {"ends": _number(expires), "ttl": _number(math.ceil(expires))}


def _number(number: float) -> dict[str, str]:
    return {"N": repr(number)}
