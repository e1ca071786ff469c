"""The Node SDKs and ours make the same calls; what differs is in one table, with its reason."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conformance.clients import VERSIONS, Outcome
from tests.conformance.differential.cases import ENVIRONMENT, Case
from tests.conformance.differential.compare import (
    Difference,
    differences,
    members_of,
    valid,
)
from tests.conformance.differential.corpus import corpus
from tests.conformance.differential.gateway import RecordingGateway, recording_gateway
from tests.conformance.differential.justified import JUSTIFIED, Justified, table
from tests.conformance.differential.sides import PYTHON, run_node, run_python

DOCS = Path(__file__).parents[2] / "docs" / "conformance.md"
COMPARED = ("4", "3")


@dataclass(frozen=True)
class Runs:
    """What all sides sent and got."""

    cases: list[Case]
    gateway: RecordingGateway
    outcomes: Mapping[str, list[Outcome]]

    def differences(self, major: str) -> Iterator[tuple[Case, Difference]]:
        """Every difference between a Node SDK and ours."""
        version = VERSIONS[major]
        for number, case in enumerate(self.cases):
            for difference in differences(
                self.gateway.requests[f"{version}/{number}"],
                self.outcomes[version][number],
                self.gateway.requests[f"{PYTHON}/{number}"],
                self.outcomes[PYTHON][number],
            ):
                yield case, difference


@pytest.fixture(scope="module")
def runs(node_modules: Path) -> Iterator[Runs]:
    """All cases, run once by each side."""
    cases = corpus()
    with recording_gateway() as gateway:
        outcomes = {VERSIONS[major]: run_node(gateway, major, cases) for major in COMPARED}
        outcomes[PYTHON] = asyncio.run(run_python(gateway, cases))
        yield Runs(cases, gateway, outcomes)


@pytest.mark.parametrize("major", COMPARED)
def test_no_difference_without_a_reason(runs: Runs, major: str) -> None:
    version = VERSIONS[major]
    used: dict[Justified, int] = defaultdict(int)
    unexplained = []
    for case, difference in runs.differences(major):
        reasons = [entry for entry in JUSTIFIED if entry.covers(version, case.name, difference)]
        for entry in reasons[:1]:
            used[entry] += 1
        if not reasons:
            unexplained.append(
                f"{case.name}: {difference.where}\n"
                f"    {version}: {difference.theirs!r}\n    ours:  {difference.ours!r}"
            )
    shown = "\n".join(unexplained[:60])
    assert not unexplained, f"{len(unexplained)} differences without a reason:\n{shown}"
    expected = {entry for entry in JUSTIFIED if version in entry.versions}
    gone = [entry.what for entry in expected - used.keys()]
    assert not gone, f"these differences are listed, but are no more: {gone}"


def test_every_request_of_every_side_is_signed(runs: Runs) -> None:
    key = ENVIRONMENT["TENCENTCLOUD_SECRETKEY"]
    checked = 0
    for who, requests in runs.gateway.requests.items():
        side, _, number = who.partition("/")
        if side == "4.0.2" and runs.cases[int(number)].name.startswith("identity/odd env"):
            continue  # among the justified differences
        for request in requests:
            if request.place != "/admin":
                continue
            members = members_of(request)
            assert valid(request, members, key), (who, request.headers)
            assert not valid(request, members, "another key")
            assert not valid(request, {**members, "action": "another"}, key)
            checked += 1
    assert checked > 2 * len(runs.cases)


def test_the_table_is_in_the_documentation() -> None:
    assert table() in DOCS.read_text("utf-8"), (
        "run python -m tests.conformance.differential.justified"
    )


def test_a_changed_request_is_seen(runs: Runs) -> None:
    """The comparison can fail: the same case against another one differs where they do."""
    numbers = {case.name: number for number, case in enumerate(runs.cases)}
    one, other = (f"4.0.2/{numbers[name]}" for name in ("value/single-1", "value/single-2"))
    requests = runs.gateway.requests
    value = {"value": {"errCode": 0}}
    found = differences(requests[one], value, requests[other], {"value": {"errCode": 1}})
    assert {item.where for item in found} == {
        "request[0].body.requestData.pairs[0].value",
        "result.value.errCode",
    }
    assert not differences(requests[one], value, requests[one], value)
