"""template.yaml under the linters, as it is and as CloudFormation gets it, and our own checks."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.functional.aws.checks import calls_of, faults
from tests.functional.aws.stack import TEMPLATE, TOOLS, transformed

Template = dict[str, Any]


def lint(*paths: Path) -> str:
    command = [str(TOOLS / "cfn-lint"), *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@pytest.fixture(scope="module")
def template() -> Template:
    loaded: Template = json.loads(transformed())
    return loaded


def test_the_template_is_clean_as_it_is_and_as_cloudformation_gets_it(tmp_path: Path) -> None:
    path = tmp_path / "transformed.json"
    path.write_text(transformed(), encoding="utf-8")
    assert lint(TEMPLATE, path) == ""


DANGLING = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: deploy/aws/
      Runtime: python3.11
      Handler: openapi_shim.aws.handler.handler
      Environment: {Variables: {OPENAPI_SHIM_STORE: !Ref Tabel}}
"""


def test_the_second_pass_finds_what_the_first_cannot(tmp_path: Path) -> None:
    source, path = tmp_path / "template.yaml", tmp_path / "transformed.json"
    source.write_text(DANGLING, encoding="utf-8")
    path.write_text(transformed(source), encoding="utf-8")
    told = lint(source, path)
    assert "E1020" in told
    assert f"{path}:" in told
    assert f"{source}:" not in told


def test_nothing_is_wrong_with_it(template: Template) -> None:
    assert faults(template) == []


def test_the_code_was_read() -> None:
    """Calls are found: a reading that finds none would make every policy right."""
    assert "dynamodb:UpdateItem" in calls_of(("stores/dynamodb.py",))
    assert "secretsmanager:GetSecretValue" in calls_of(("credentials/*.py",))
    assert "s3:GetObject" in calls_of(("transports/s3_files.py",))
    assert calls_of(("aws/uploads.py",)) == {"s3:PutObject"}


def props(template: Template, name: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][name]["Properties"]
    return found


def drop(*path: Any) -> Callable[[Template], None]:
    def mutate(template: Template) -> None:
        place: Any = template["Resources"]
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]

    return mutate


def put(value: Any, *path: Any) -> Callable[[Template], None]:
    def mutate(template: Template) -> None:
        place: Any = template["Resources"]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return mutate


def add_queue(template: Template) -> None:
    template["Resources"] |= {
        "Q": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 60}},
        "M": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Q", "Arn"]},
                "FunctionName": {"Ref": "UploadsFunction"},
            },
        },
    }
    props(template, "UploadsFunction")["Timeout"] = 10.5


def widen(template: Template) -> None:
    statements = props(template, "UploadsRole")["Policies"][1]["PolicyDocument"]["Statement"]
    statements.append({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})


POLICIES = ("DriverLicenseRole", "Properties", "Policies")
VARIABLES = ("DriverLicenseFunction", "Properties", "Environment", "Variables")

MUTATIONS = {
    "VisibilityTimeout is under 63": add_queue,
    "no queue of dead letters": add_queue,
    "send the whole batch back": add_queue,
    "there is no module openapi_shim.aws.nothing": put(
        "openapi_shim.aws.nothing.handler", "DriverLicenseFunction", "Properties", "Handler"
    ),
    "openapi_shim.aws.handler has no main": put(
        "openapi_shim.aws.handler.main", "UploadsFunction", "Properties", "Handler"
    ),
    "there is no function 'driverLicence'": put(
        "driverLicence", *VARIABLES, "OPENAPI_SHIM_FUNCTION"
    ),
    "OPENAPI_SHIM_TIMEOT is no setting": put(1, *VARIABLES, "OPENAPI_SHIM_TIMEOT"),
    "its items never end": put(
        "expires", "Table", "Properties", "TimeToLiveSpecification", "AttributeName"
    ),
    "Table: not encrypted": drop("Table", "Properties", "SSESpecification"),
    "its key is not the store's": put(
        "key", "Table", "Properties", "KeySchema", 0, "AttributeName"
    ),
    "public access is not blocked": drop(
        "Bucket", "Properties", "PublicAccessBlockConfiguration", "IgnorePublicAcls"
    ),
    "Bucket: not encrypted": drop("Bucket", "Properties", "BucketEncryption"),
    "photos stay for ever": put(
        "Disabled", "Bucket", "Properties", "LifecycleConfiguration", "Rules", 0, "Status"
    ),
    "connections need not be encrypted": drop("BucketPolicy"),
    "may not dynamodb:DeleteItem": put(
        ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
        *POLICIES, 1, "PolicyDocument", "Statement", 0, "Action",
    ),
    "may not s3:PutObject": drop("UploadsRole", "Properties", "Policies", 1),
    "and never does": widen,
    "has a wildcard": widen,
    "on every resource": widen,
    "managed policies allow more": put(
        ["arn:aws:iam::aws:policy/X"], "UploadsRole", "Properties", "ManagedPolicyArns"
    ),
    "kept for ever": drop("ApiLogs", "Properties", "RetentionInDays"),
    "logs are not JSON": drop("UploadsFunction", "Properties", "LoggingConfig", "LogFormat"),
    "may not write its logs": drop("UploadsRole", "Properties", "Policies", 0),
    "no alarm for Throttles": drop("UploadsThrottles"),
    "no alarm for Errors": drop("DriverLicenseErrors"),
    "open to all": drop("UploadsRoute", "Properties", "AuthorizationType"),
    "may not call its function": drop("UploadsPermission"),
    "may take longer than its request": put(
        60, "DriverLicenseFunction", "Properties", "Timeout"
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", MUTATIONS)
def test_each_check_can_fail(template: Template, fault: str) -> None:
    broken = copy.deepcopy(template)
    MUTATIONS[fault](broken)
    assert any(fault in found for found in faults(broken)), faults(broken)
