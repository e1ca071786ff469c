"""What Lambda's event source mapping does, as far as a queue and an adapter can show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

BATCH = 3


@dataclass
class Poller:
    """Carries messages to a function, and deletes those that it did not name as failed.

    Attributes:
        sqs: boto3's client.
        queue: the queue's URL.
        function: what Lambda calls.
    """

    sqs: Any
    queue: str
    function: Callable[[dict[str, Any]], dict[str, Any]]

    def messages(self) -> list[dict[str, Any]]:
        """The next messages, at most as many as a batch has; they stay in the queue."""
        answer = self.sqs.receive_message(
            QueueUrl=self.queue, MaxNumberOfMessages=BATCH, WaitTimeSeconds=0
        )
        return list(answer.get("Messages", []))

    def deliver(self, messages: list[dict[str, Any]]) -> list[str]:
        """Call the function with *messages*; the ids of those that it named as failed."""
        records = [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:queue",
                "awsRegion": "us-east-1",
            }
            for message in messages
        ]
        answer = self.function({"Records": records})
        return [one["itemIdentifier"] for one in answer["batchItemFailures"]]

    def run(self) -> int:
        """Carry messages until the queue has none that can be received; how many failed.

        One that failed is received again at once, as if its visibility had ended.
        """
        failures = 0
        while messages := self.messages():
            failed = self.deliver(messages)
            failures += len(failed)
            for message in messages:
                handle = {"QueueUrl": self.queue, "ReceiptHandle": message["ReceiptHandle"]}
                if message["MessageId"] in failed:
                    self.sqs.change_message_visibility(**handle, VisibilityTimeout=0)
                else:
                    self.sqs.delete_message(**handle)
        return failures

    def count(self, *kinds: str) -> int:
        """How many messages the queue has, of all kinds or of some."""
        told = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["All"])
        wanted = kinds or ("", "NotVisible", "Delayed")
        return sum(int(told["Attributes"][f"ApproximateNumberOfMessages{kind}"]) for kind in wanted)
