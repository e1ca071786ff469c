"""Rules of faults: which are rules, and whom they meet."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from openapi_shim.catalog.wechat_codes import WECHAT_CODES
from openapi_shim.emulator.faults.engine import Faults, Subject
from openapi_shim.emulator.faults.rules import PRESETS, Rule, rules_from, rules_in
from openapi_shim.errors import ConfigError, WeChatError

OCR = Subject("ocr.driverLicense", appid="wx1")


async def met(faults: Faults, subject: Subject = OCR) -> int:
    """The errcode of the fault that a call meets, or 0."""
    try:
        await faults.meet(subject)
    except WeChatError as error:
        return error.errcode
    return 0


def faults(*rules: dict[str, Any], **more: Any) -> Faults:
    return Faults(rules_in(list(rules), where="test"), **more)


async def test_every_third() -> None:
    some = faults({"name": "a", "every": 3, "errcode": 101000})
    assert [await met(some) for _ in range(7)] == [0, 0, 101000, 0, 0, 101000, 0]
    (tally,) = some.tallies()
    assert (tally.fitting, tally.met) == (7, 2)


async def test_so_often() -> None:
    some = faults({"name": "a", "times": 2, "errcode": -1})
    assert [await met(some) for _ in range(4)] == [-1, -1, 0, 0]


async def test_a_share_by_chance_and_the_same_again() -> None:
    def run() -> Faults:
        return faults({"name": "a", "share": 0.3, "errcode": -1}, source=random.Random(1))  # noqa: S311 - a test

    first, again = run(), run()
    codes = [await met(first) for _ in range(1000)]
    assert codes == [await met(again) for _ in range(1000)]
    assert 250 < codes.count(-1) < 350


@pytest.mark.parametrize(
    ("match", "meets"),
    [
        ({}, True),
        ({"operation": "ocr.driverLicense"}, True),
        ({"operation": "ocr.*"}, True),
        ({"operation": "ocr.idcard"}, False),
        ({"appid": "wx1"}, True),
        ({"appid": "wx2"}, False),
        ({"function": "f"}, False),
        ({"operation": "ocr.*", "appid": "wx2"}, False),
    ],
)
async def test_whom_a_rule_is_for(match: dict[str, str], meets: bool) -> None:
    assert bool(await met(faults({"name": "a", "match": match, "errcode": -1}))) is meets


async def test_the_first_that_fits_counts() -> None:
    some = faults(
        {"name": "a", "match": {"function": "f"}, "errcode": 1},
        {"name": "b", "errcode": 2},
        {"name": "c", "errcode": 3},
    )
    assert await met(some) == 2
    assert await met(some, Subject("", "f")) == 1


async def test_rules_come_and_go() -> None:
    some = faults({"name": "a", "errcode": 1})
    some.put(rules_in([{"name": "a", "errcode": 2}], where="test"))
    assert await met(some) == 2
    assert some.remove("a")
    assert not some.remove("a")
    assert await met(some) == 0


async def test_latency_is_as_its_median_and_p95_say() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    latency = {"median_ms": 100, "p95_ms": 400}
    some = faults({"name": "a", "latency": latency}, sleep=sleep, source=random.Random(3))  # noqa: S311 - a test
    for _ in range(4000):
        assert await met(some) == 0
    waited.sort()
    assert waited[2000] == pytest.approx(0.1, rel=0.1)
    assert waited[3800] == pytest.approx(0.4, rel=0.15)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({}, "rule 1, name: Field required"),
        ({"name": "a"}, "the rule does nothing"),
        ({"name": "a", "errcode": 1, "effect": "reset"}, "exclude each other"),
        ({"name": "a", "errcode": 1, "share": 0}, "rule 1, share"),
        ({"name": "a", "errcode": 1, "share": 1.5}, "rule 1, share"),
        ({"name": "a", "errcode": 1, "every": 0}, "rule 1, every"),
        ({"name": "a b", "errcode": 1}, "rule 1, name"),
        ({"name": "a", "effect": "explode"}, "rule 1, effect"),
        ({"name": "a", "errcode": 1, "colour": "red"}, "rule 1, colour"),
        ({"name": "a", "latency": {"median_ms": 9, "p95_ms": 1}}, "p95_ms is less than median_ms"),
        (
            {"name": "a", "errcode": 1, "match": {"operation": "ocr.drverLicense"}},
            "no operation is called 'ocr.drverLicense'; there are ocr.driverLicense",
        ),
        (7, "rule 1"),
        ("calm", "'calm' is no preset; there are flaky-download"),
    ],
)
def test_what_is_no_rule(rule: Any, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        rules_in([rule], where="test")


def test_rules_are_told_apart_by_name() -> None:
    with pytest.raises(ConfigError, match="two rules are called busy"):
        rules_in(["busy", "busy"], where="test")
    with pytest.raises(ConfigError, match="a list of rules is wanted"):
        rules_in({"name": "a"}, where="test")
    with pytest.raises(ConfigError, match="101 rules"):
        rules_in([{"name": f"r{n}", "errcode": 1} for n in range(101)], where="test")


@pytest.mark.parametrize("name", PRESETS)
def test_presets_answer_codes_that_wechat_has(name: str) -> None:
    for rule in PRESETS[name]:
        assert rule.errcode == 0 or rule.errcode in WECHAT_CODES
        assert Rule.model_validate(rule.model_dump()) == rule


def test_a_file_of_rules(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    with pytest.raises(ConfigError, match="cannot be read"):
        rules_from(file)
    file.write_text("{")
    with pytest.raises(ConfigError, match="is not JSON"):
        rules_from(file)
    file.write_text(json.dumps(["slow", {"name": "a", "errcode": -1}]))
    assert [rule.name for rule in rules_from(file)] == ["slow", "a"]
