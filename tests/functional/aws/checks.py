"""What no linter sees in a template: each check names its faults; the tests want none.

Permissions are compared with what the code calls, which is read off the code: names of AWS's
operations (as botocore's models have them) among its strings, and methods of ``AwsRequests``.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session

from openapi_shim.settings import ENV_PREFIX, Settings
from openapi_shim.stores import dynamodb

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "openapi_shim"

Template = dict[str, Any]

# Where the calls of AWS are that a function comes to: its own, and by the settings it is given.
UPLOADS = "openapi_shim.aws.uploads:main"
CODE = {
    "driverLicense": (),
    UPLOADS: ("aws/uploads.py",),
    "openapi_shim.batch.s3_worker:main": ("batch/s3_*.py",),
}
BY_SETTING = {
    "STORE": "stores/dynamodb.py",
    "SECRET_FROM": "credentials/*.py",
    "BUCKET": "transports/s3_files.py",
}
# What Lambda does with the role of a function that reads a queue.
READING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
# What the platform does in a function's name, beside the code: its logs and traces, and the key
# of the secret.
PLATFORM = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "kms:Decrypt",
}
_METHODS = {
    "get_object": "s3:GetObject",
    "put_object": "s3:PutObject",
    "delete_object": "s3:DeleteObject",
    "presigned_form": "s3:PutObject",
}
# A transaction is allowed by what it is made of.
_PARTS = {
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Delete": "dynamodb:DeleteItem",
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
}
_TRANSACTION = "dynamodb:TransactWriteItems"
_SIGNED = {"GET": "s3:GetObject", "PUT": "s3:PutObject"}


@cache
def _operations() -> dict[str, set[str]]:
    """Operations of AWS's services by name, each as IAM's actions."""
    session = botocore.session.get_session()
    found: dict[str, set[str]] = {}
    for service in ("dynamodb", "secretsmanager", "ssm", "sqs"):
        for name in session.get_service_model(service).operation_names:
            found.setdefault(name, set()).add(f"{service}:{name}")
    return found


def calls_of(patterns: tuple[str, ...]) -> set[str]:
    """IAM's actions for the calls that the code in these files makes."""
    return {
        action
        for pattern in patterns
        for path in PACKAGE.glob(pattern)
        for action in _calls_in(path)
    }


def _calls_in(path: Path) -> set[str]:
    found: set[str] = set()
    parts: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= _operations().get(node.value, set())
            parts |= {_PARTS[node.value]} if node.value in _PARTS else set()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found |= _of_method(node.func.attr, node.args)
    return (found - {_TRANSACTION}) | parts if _TRANSACTION in found else found


def _of_method(name: str, arguments: list[ast.expr]) -> set[str]:
    if name == "presigned_url" and isinstance(arguments[0], ast.Constant):
        return {_SIGNED[str(arguments[0].value)]}
    return {_METHODS[name]} if name in _METHODS else set()


def _of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: item["Properties"]
        for name, item in template["Resources"].items()
        if item["Type"] == kind
    }


def _ref(value: Any) -> str:
    """The logical id that a Ref or a GetAtt leads to."""
    return next(iter(_refs(value)), "")


def _refs(value: Any) -> list[str]:
    """The logical ids that a value may lead to; more than one under a condition."""
    if not isinstance(value, dict):
        return []
    if "Fn::If" in value:
        return [name for branch in value["Fn::If"][1:] for name in _refs(branch)]
    return [str(value.get("Ref") or (value.get("Fn::GetAtt") or [""])[0])]


def _functions(template: Template) -> dict[str, dict[str, Any]]:
    return _of_type(template, "AWS::Lambda::Function")


def _variables(function: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = function.get("Environment", {}).get("Variables", {})
    return found


def visibility(template: Template) -> Iterator[str]:
    """A record must stay hidden while its function may still try: six times, as AWS advises."""
    functions, queues = _functions(template), _of_type(template, "AWS::SQS::Queue")
    for name, mapping in _of_type(template, "AWS::Lambda::EventSourceMapping").items():
        queue = queues.get(_ref(mapping["EventSourceArn"]))
        if queue is None:
            continue
        names = _refs(mapping["FunctionName"])
        needed = 6 * max(functions[each]["Timeout"] for each in names)
        if queue.get("VisibilityTimeout", 30) < needed:
            yield f"{name}: VisibilityTimeout is under {needed}"
        if "RedrivePolicy" not in queue:
            yield f"{name}: what fails for ever has no queue of dead letters"
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name}: one failure would send the whole batch back"


def handlers(template: Template) -> Iterator[str]:
    """What is named to be loaded must be there."""
    for name, function in _functions(template).items():
        if function.get("PackageType") != "Image":
            module, _, attribute = function["Handler"].rpartition(".")
            yield from (f"{name}: Handler {why}" for why in _missing(module, attribute))
        target = str(_variables(function).get(f"{ENV_PREFIX}FUNCTION", ""))
        module, _, attribute = target.partition(":")
        if attribute:
            yield from (f"{name}: FUNCTION {why}" for why in _missing(module, attribute))
        elif not (ROOT / "functions" / target / "index.py").is_file():
            yield f"{name}: FUNCTION: there is no function {target!r}"


def _missing(module: str, attribute: str) -> Iterator[str]:
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        spec = None
    if spec is None or spec.origin is None:
        yield f"there is no module {module}"
        return
    tree = ast.parse(Path(spec.origin).read_text("utf-8"))
    names = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    names |= {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    if attribute not in names:
        yield f"{module} has no {attribute}"


def settings(template: Template) -> Iterator[str]:
    """Every variable of ours must be a setting: a misspelt one would do nothing."""
    known = {ENV_PREFIX + name.upper() for name in Settings.model_fields}
    for name, function in _functions(template).items():
        for variable in _variables(function):
            if variable.startswith(ENV_PREFIX) and variable not in known:
                yield f"{name}: {variable} is no setting"


def tables(template: Template) -> Iterator[str]:
    """The tables that functions keep their state in have the store's key, and forget."""
    stores = {
        str(_variables(function).get(f"{ENV_PREFIX}STORE", {}))
        for function in _functions(template).values()
    }
    ttl, key = set(dynamodb._end(1.0)), set(dynamodb._value("x"))
    for name, table in _of_type(template, "AWS::DynamoDB::Table").items():
        lives = table.get("TimeToLiveSpecification", {})
        if not lives.get("Enabled") or (
            any(f"${{{name}}}" in store for store in stores) and lives["AttributeName"] not in ttl
        ):
            yield f"{name}: its items never end"
        if not table.get("SSESpecification", {}).get("SSEEnabled"):
            yield f"{name}: not encrypted"
        own = any(f"${{{name}}}" in store for store in stores)
        if own and {item["AttributeName"] for item in table["KeySchema"]} != key:
            yield f"{name}: its key is not the store's"


def buckets(template: Template) -> Iterator[str]:
    """Photos are nobody's but the functions', and do not stay."""
    policies = _of_type(template, "AWS::S3::BucketPolicy").values()
    for name, bucket in _of_type(template, "AWS::S3::Bucket").items():
        block = bucket.get("PublicAccessBlockConfiguration", {})
        names = (
            "BlockPublicAcls",
            "BlockPublicPolicy",
            "IgnorePublicAcls",
            "RestrictPublicBuckets",
        )
        if not all(block.get(each) is True for each in names):
            yield f"{name}: public access is not blocked whole"
        if "BucketEncryption" not in bucket:
            yield f"{name}: not encrypted"
        rules = bucket.get("LifecycleConfiguration", {}).get("Rules", [])
        if not any(rule["Status"] == "Enabled" and "ExpirationInDays" in rule for rule in rules):
            yield f"{name}: photos stay for ever"
        statements = [
            statement
            for policy in policies
            if _ref(policy["Bucket"]) == name
            for statement in policy["PolicyDocument"]["Statement"]
        ]
        if not any(
            statement["Effect"] == "Deny"
            and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            for statement in statements
        ):
            yield f"{name}: connections need not be encrypted"


def _granted(template: Template, role: str) -> list[dict[str, Any]]:
    """The statements that hold for *role*."""
    documents = [
        policy["PolicyDocument"]
        for policy in template["Resources"][role]["Properties"].get("Policies", [])
    ]
    documents += [
        policy["PolicyDocument"]
        for policy in _of_type(template, "AWS::IAM::Policy").values()
        if role in map(_ref, policy["Roles"])
    ]
    return [statement for document in documents for statement in document["Statement"]]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def permissions(template: Template) -> Iterator[str]:
    """A role may do what the code of its functions does, and no more."""
    needed: dict[str, set[str]] = {}
    for name, function in _functions(template).items():
        target = str(_variables(function).get(f"{ENV_PREFIX}FUNCTION", ""))
        if target not in CODE:
            yield f"{name}: checks.CODE does not say where {target} calls AWS"
            continue
        given = [] if target == UPLOADS else _variables(function)
        files = [file for each, file in BY_SETTING.items() if ENV_PREFIX + each in given]
        needed.setdefault(_ref(function["Role"]), set()).update(calls_of((*CODE[target], *files)))
    for mapping in _of_type(template, "AWS::Lambda::EventSourceMapping").values():
        for name in _refs(mapping["FunctionName"]):
            needed[_ref(_functions(template)[name]["Role"])] |= READING
    for role, calls in needed.items():
        statements = _granted(template, role)
        actions = {action for item in statements for action in _listed(item["Action"])}
        if calls - actions:
            yield f"{role}: may not {', '.join(sorted(calls - actions))}"
        if actions - calls - PLATFORM:
            yield f"{role}: may {', '.join(sorted(actions - calls - PLATFORM))}, and never does"
        if template["Resources"][role]["Properties"].get("ManagedPolicyArns"):
            yield f"{role}: managed policies allow more than is needed"


def wildcards(template: Template) -> Iterator[str]:
    """No permission is for all actions or all resources; X-Ray knows no resources."""
    for role in _of_type(template, "AWS::IAM::Role"):
        for statement in _granted(template, role):
            actions = _listed(statement["Action"])
            if any("*" in action for action in actions):
                yield f"{role}: {actions} has a wildcard"
            everything = any(resource == "*" for resource in _listed(statement["Resource"]))
            if everything and not all(action.startswith("xray:") for action in actions):
                yield f"{role}: {actions} on every resource"


def logs(template: Template) -> Iterator[str]:
    """Logs are JSON, end some day, and the function may write them."""
    groups = _of_type(template, "AWS::Logs::LogGroup")
    for name, group in groups.items():
        if "RetentionInDays" not in group:
            yield f"{name}: kept for ever"
    for name, function in _functions(template).items():
        config = function.get("LoggingConfig", {})
        group_name = _ref(config.get("LogGroup"))
        if config.get("LogFormat") != "JSON" or group_name not in groups:
            yield f"{name}: logs are not JSON in a group of the stack"
        if not any(
            "logs:PutLogEvents" in _listed(statement["Action"])
            and group_name in map(_ref, _listed(statement["Resource"]))
            for statement in _granted(template, _ref(function["Role"]))
        ):
            yield f"{name}: may not write its logs"


def alarms(template: Template) -> Iterator[str]:
    """Errors and throttles of every function raise an alarm."""
    watched = {
        (alarm["MetricName"], str(dimension["Value"]))
        for alarm in _of_type(template, "AWS::CloudWatch::Alarm").values()
        for dimension in alarm.get("Dimensions", [])
    }
    for name, function in _functions(template).items():
        for metric in ("Errors", "Throttles"):
            if not watched & {
                (metric, str({"Ref": name})),
                (metric, str(function["FunctionName"])),
            }:
                yield f"{name}: no alarm for {metric}"


def api(template: Template) -> Iterator[str]:
    """No route is open to all; no function outlasts its request; each may be called."""
    integrations = _of_type(template, "AWS::ApiGatewayV2::Integration")
    functions = _functions(template)
    allowed = str(
        [item["SourceArn"] for item in _of_type(template, "AWS::Lambda::Permission").values()]
    )
    for name, route in _of_type(template, "AWS::ApiGatewayV2::Route").items():
        if route.get("AuthorizationType") != {"Fn::If": ["ByJwt", "JWT", "AWS_IAM"]}:
            yield f"{name}: open to all"
        if f"/*/{route['RouteKey'].replace(' ', '')}" not in allowed:
            yield f"{name}: the HTTP API may not call its function"
        integration = integrations[route["Target"]["Fn::Sub"].split("${")[1].rstrip("}")]
        for target in _refs(integration["IntegrationUri"]):
            if functions[target]["Timeout"] * 1000 > integration["TimeoutInMillis"]:
                yield f"{name}: {target} may take longer than its request"


CHECKS: tuple[Callable[[Template], Iterator[str]], ...] = (
    visibility,
    handlers,
    settings,
    tables,
    buckets,
    permissions,
    wildcards,
    logs,
    alarms,
    api,
)


def faults(template: Template) -> list[str]:
    """All faults of a transformed template."""
    return [fault for check in CHECKS for fault in check(template)]
