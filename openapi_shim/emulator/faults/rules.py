"""Rules: which calls meet a fault, and which one."""

from __future__ import annotations

import fnmatch
import json
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from openapi_shim.catalog.operations import OPERATIONS
from openapi_shim.errors import ConfigError

_NAMES = Annotated[str, Field(max_length=128)]
_Milliseconds = Annotated[float, Field(ge=0, le=600_000)]
INVOKE = "tcb.invokecloudfunction"
"""The operation by which functions are called."""

FAULTY = (*(operation.name for operation in OPERATIONS), INVOKE, "token", "stable_token")
"""The operations that can meet a fault."""

RULES = 100
"""More rules than that are no test any more."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Effect(str, Enum):
    """What becomes of the answer, beyond its code."""

    NONE = "none"
    RESET = "reset"  # the connection breaks, the call was not carried out
    RESET_AFTER = "reset_after"  # it was, and the connection breaks before the answer
    HANG = "hang"  # no answer, until the client gives up
    TRUNCATED = "truncated"  # the call was carried out, half of the answer comes
    NOT_JSON = "not_json"  # a page of HTML in place of the answer
    BAD_GATEWAY = "bad_gateway"  # HTTP 502 with a page of HTML
    CONTENT_TYPE = "content_type"  # the right answer, called text/html


class Match(_Model):
    """Which calls a rule is for; what is left out matches all."""

    operation: _NAMES = Field(
        "",
        description="As ocr.driverLicense, ocr.* or tcb.invokecloudfunction; token and "
        "stable_token are the endpoints of tokens.",
    )
    function: _NAMES = Field("", description="Name of a cloud function.")
    appid: _NAMES = Field("", description="Appid that calls.")

    @model_validator(mode="after")
    def _fits_something(self) -> Match:
        wanted = self.operation
        if wanted and not any(fnmatch.fnmatchcase(name, wanted) for name in FAULTY):
            raise ValueError(f"no operation is called {wanted!r}; there are {', '.join(FAULTY)}")
        return self


class Latency(_Model):
    """How long a call waits before it is carried out: a log-normal distribution."""

    median_ms: _Milliseconds
    p95_ms: _Milliseconds = 0.0

    @model_validator(mode="after")
    def _ordered(self) -> Latency:
        if self.p95_ms and self.p95_ms < self.median_ms:
            raise ValueError("p95_ms is less than median_ms")
        return self


class Rule(_Model):
    """One rule. Of several that fit a call, the first counts."""

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.-]+$")] = Field(
        description="By which it is listed and removed."
    )
    match: Match = Match()
    share: float = Field(1.0, gt=0, le=1, description="Of the calls that fit, so many, by chance.")
    every: int = Field(1, ge=1, le=1_000_000, description="Of the calls that fit, every n-th.")
    times: int = Field(0, ge=0, description="At most so often; 0 without end.")
    errcode: int = Field(0, description="Answered in place of the call; 0 for none.")
    expire_token: bool = Field(
        False, description="The token of the call counts as expired from now on (42001)."
    )
    effect: Effect = Effect.NONE
    latency: Latency | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Rule:
        wanted = (self.errcode != 0, self.expire_token, self.effect is not Effect.NONE)
        if sum(wanted) > 1:
            raise ValueError("errcode, expire_token and effect exclude each other")
        if not any(wanted) and self.latency is None:
            raise ValueError("the rule does nothing: give errcode, expire_token, effect or latency")
        return self


PRESETS: dict[str, tuple[Rule, ...]] = {
    "flaky-download": (
        Rule(name="flaky-download", match=Match(operation="ocr.*"), share=0.3, errcode=101000),
    ),
    "busy": (Rule(name="busy", match=Match(operation="ocr.*"), share=0.2, errcode=-1),),
    "token-lost": (
        Rule(name="token-lost", match=Match(operation="ocr.*"), every=5, expire_token=True),
    ),
    "slow": (
        Rule(
            name="slow",
            match=Match(operation="ocr.*"),
            latency=Latency(median_ms=1500, p95_ms=6000),
        ),
    ),
    "out-of-quota": (Rule(name="out-of-quota", match=Match(operation="ocr.*"), errcode=101003),),
    "broken-network": (
        Rule(name="broken-network-reset", share=0.1, effect=Effect.RESET),
        Rule(name="broken-network-half", share=0.05, effect=Effect.TRUNCATED),
        Rule(name="broken-network-502", share=0.05, effect=Effect.BAD_GATEWAY),
    ),
}
"""What users of the real API report, by name."""


def rules_in(document: Any, *, where: str) -> list[Rule]:
    """The rules of a JSON document: a list of rules, or of names of presets, or of both.

    Args:
        document: parsed.
        where: it comes from, for errors.

    Raises:
        ConfigError: it is none; the text says which rule and why.
    """
    if not isinstance(document, list):
        raise ConfigError(f'{where}: a list of rules is wanted, as [{{"name": "busy", …}}, "slow"]')
    rules: list[Rule] = []
    for number, item in enumerate(document, 1):
        if isinstance(item, str):
            rules += preset(item)
            continue
        try:
            rules.append(Rule.model_validate(item))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ConfigError(
                f"{where}: rule {number}{f', {place}' if place else ''}: {first['msg']}"
            ) from error
    names = [rule.name for rule in rules]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"{where}: two rules are called {twice[0]}")
    if len(rules) > RULES:
        raise ConfigError(f"{where}: {len(rules)} rules; {RULES} are enough")
    return rules


def preset(name: str) -> tuple[Rule, ...]:
    """The rules of a preset.

    Raises:
        ConfigError: there is none of this name; the text lists those there are.
    """
    if name not in PRESETS:
        raise ConfigError(f"{name[:40]!r} is no preset; there are {', '.join(PRESETS)}")
    return PRESETS[name]


def rules_from(path: Path) -> list[Rule]:
    """The rules of a JSON file.

    Raises:
        ConfigError: it cannot be read, or holds none.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON: {error}") from error
    return rules_in(document, where=str(path))
