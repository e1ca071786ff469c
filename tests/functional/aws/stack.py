"""template.yaml, transformed as CloudFormation does it, and deployed into moto."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).parents[3]
TEMPLATE = ROOT / "template.yaml"
TOOLS = ROOT / ".venv-tools" / "bin"
REGION = "us-east-1"
ACCOUNT = "123456789012"
STACK = "licences"
APPID = "wx0123456789abcdef"
SECRET = "of-the-test"

Template = dict[str, Any]


@cache
def transformed(path: Path = TEMPLATE) -> str:
    """The template as CloudFormation gets it, as JSON."""
    script = Path(__file__).with_name("transform.py")
    command = [str(TOOLS / "python"), str(script), str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def for_moto() -> Template:
    """The transformed template without what moto cannot make, or would use in its own way.

    It knows no HTTP APIs, and fires event source mappings by itself, through Docker: the tests
    carry requests and messages instead.
    """
    template: Template = json.loads(transformed())
    resources = template["Resources"]
    unknown = [
        name for name, item in resources.items() if item["Type"].startswith("AWS::ApiGatewayV2::")
    ]
    template["Resources"] = {
        name: item
        for name, item in resources.items()
        if name not in unknown and not any(_mentions(item, other) for other in unknown)
    }
    del template["Outputs"]
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            resource["Properties"]["Enabled"] = False
    return template


def _mentions(item: Any, name: str) -> bool:
    text = json.dumps(item)
    return f'"Ref": "{name}"' in text or f"${{{name}}}" in text


@dataclass(frozen=True)
class Stack:
    """A deployed stack.

    Attributes:
        url: where moto answers, for all services.
        resources: physical ids by logical ids.
    """

    url: str
    resources: Mapping[str, str]

    def client(self, service: str) -> Any:
        """boto3's client of a service; typed by whoever asks."""
        return _client(self.url, service)

    @property
    def environ(self) -> dict[str, str]:
        """What AWS's platforms tell a process of region and keys, and where moto is."""
        return {
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_SESSION_TOKEN": "testing",
            "AWS_ENDPOINT_URL": self.url,
        }

    def configuration(self, function: str) -> dict[str, Any]:
        """A function's configuration as Lambda has it: Handler, Timeout, Environment, …"""
        name = self.resources[function]
        answer: dict[str, Any] = self.client("lambda").get_function_configuration(FunctionName=name)
        return answer

    def variables(self, function: str) -> dict[str, str]:
        """The environment variables that the stack gives a function."""
        given = self.configuration(function).get("Environment", {}).get("Variables", {})
        return {name: str(value) for name, value in given.items()}


@contextmanager
def moto() -> Iterator[str]:
    """A moto of one's own; its address."""
    script = Path(__file__).with_name("moto_server.py")
    with subprocess.Popen(
        [sys.executable, str(script)],
        # Tests empty the queues between each other, which AWS allows once a minute.
        env={**os.environ, "MOTO_SQS_ENFORCE_STRICT_QUEUE_PURGE_BEHAVIOUR": "false"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def deploy(url: str, **parameters: str) -> Stack:
    """Deploy the template into the moto at *url*, with a secret for it.

    Args:
        url: of moto.
        **parameters: of the template, over those that deploying needs.
    """
    secret = _client(url, "secretsmanager").create_secret(Name="wechat", SecretString=SECRET)
    _client(url, "s3").create_bucket(Bucket="code")
    template = for_moto()
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Lambda::Function":
            _client(url, "s3").put_object(Bucket="code", Key=f"{name}.zip", Body=b"")
    given = {"WeChatAppid": APPID, "SecretArn": secret["ARN"], **parameters}
    formation = _client(url, "cloudformation")
    formation.create_stack(
        StackName=STACK,
        TemplateBody=json.dumps(template),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value} for name, value in given.items()
        ],
    )
    while (status := _status(formation)) == "CREATE_IN_PROGRESS":
        time.sleep(0.1)  # the other process works
    assert status == "CREATE_COMPLETE"
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    return Stack(
        url,
        {
            item["LogicalResourceId"]: item["PhysicalResourceId"]
            for page in pages
            for item in page["StackResourceSummaries"]
            if item.get("PhysicalResourceId")
        },
    )


def _status(formation: Any) -> str:
    return str(formation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"])


@cache
def _client(url: str, service: str) -> Any:
    session = boto3.Session(
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        region_name=REGION,
    )
    make: Any = session.client  # its overloads want a literal
    return make(service, endpoint_url=url)
