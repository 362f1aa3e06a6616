"""Each HTTP call of connect, first sync and a later sync (renewal, update, new lines) goes wrong in each way.

    stage × call × mishap × (once | from here on), and: the answer is right, but the bank's data moves before it

After it: every outcome has a name and a reason without secrets, each account holds what it held before or what
the bank has, a watermark moved only with its lines, tokens are not lost; and one clean sync leaves the truth.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import httpx

from recon.errors import ReconError
from tests.prove.in_process import Wire, clients_over
from tests.prove.mishaps import HARMLESS, MISHAPS, ONCE
from tests.prove.outcome import Outcome
from tests.prove.sandbox_world import MOMENTS, Held, World, prepare, world_of

STAGES = dict(zip(("connect", "first sync", "later sync"), MOMENTS, strict=True))
"""What is done, and the moment at which it begins."""
WAYS = ("once", "from here on")
MOVES = {
    "a row inserted meanwhile": {"name": "insert_backdated", "days_back": 20},
    "a row deleted meanwhile": {"name": "delete"},
    "a text mended meanwhile": {"name": "edit_text"},
}
NAMES = {"new", "none", "partial", "limited", "needs_login", "failed"}


@dataclass(frozen=True)
class Case:
    """One thing that goes wrong at one call. mishap: of MISHAPS or MOVES. Its number is the same at every run."""

    stage: str
    call: int
    mishap: str
    way: str
    number: int

    def __str__(self) -> str:
        return f"case {self.number}: {self.stage}, call {self.call}, {self.mishap}, {self.way}"


def prove(count: int, seed: int) -> Outcome:
    """Try `count` of all cases, or all of them for 0; case `seed + k` is `prove(1, seed + k)`."""
    with tempfile.TemporaryDirectory() as folder:
        kept = {stage: prepare(moment, Path(folder) / moment) for stage, moment in STAGES.items()}
        cases = every_case({stage: _calls(stage, kept[stage]) for stage in STAGES})
        chosen = [cases[one % len(cases)] for one in range(seed, seed + min(count or len(cases), len(cases)))]
        failures = [f"{case}: {words}" for case in chosen for words in wrong_with(case, kept[case.stage])]
    return Outcome(len(chosen), failures, f"of {len(cases)} cases")


def every_case(calls: dict[str, int]) -> list[Case]:
    """All there are, given how many calls each stage makes when all goes well."""
    told = [
        (stage, call, mishap, way)
        for stage in STAGES
        for call in range(calls[stage])
        for mishap in (*MISHAPS, *MOVES)
        for way in WAYS
        if way == "once" or mishap not in (*ONCE, *MOVES)
    ]
    random.Random(0).shuffle(told)  # so that a few of them come from everywhere
    return [Case(*one, number) for number, one in enumerate(told)]


def wrong_with(case: Case, prepared: Path) -> list[str]:
    """What is wrong after one case, in words; nothing where all is as it must be."""
    with world_of(prepared) as world:
        before = world.held()
        with clients_over(_wire(world, case)):
            wrong = _do(case, world)
        wrong += _after(case, world, before)
        with clients_over(world.inner):
            return wrong + _mended(world)


def _wire(world: World, case: Case) -> Wire:
    """The line to the bank on which the case happens."""
    calls = iter(range(1_000_000))

    def carry(request: httpx.Request) -> httpx.Response:
        call = next(calls)
        if call < case.call or (call > case.call and case.way != WAYS[1]):
            return world.inner(request)
        if case.mishap in MOVES:
            if world.accounts():
                world.bank.event(**MOVES[case.mishap])
                world.bank.sync_now()
            return world.inner(request)
        return MISHAPS[case.mishap](request, world.inner, case.number)

    return carry


def _do(case: Case, world: World) -> list[str]:
    """Do what the stage does; a refusal must be one of ours, and harmless mishaps must do no harm."""
    try:
        if case.stage == "connect":
            world.connect()
            return []
        report = world.sync(fresh=case.stage == "later sync")
    except ReconError as error:
        return [f"refused as {error.kind}"] if case.mishap in HARMLESS else _leaks(error.words)
    wrong = [
        f"{one.outcome!r} without a reason"
        for one in report.accounts
        if one.outcome not in NAMES or (one.outcome not in ("new", "none") and not one.reason)
    ]
    if len(report.accounts) != len(world.accounts()):
        wrong.append(f"{len(report.accounts)} outcomes for {len(world.accounts())} accounts")
    if case.mishap in HARMLESS and report.exit_code:
        wrong.append(f"exit {report.exit_code}")
    return wrong + _leaks(" ".join(one.reason or "" for one in report.accounts))


def _leaks(words: str) -> list[str]:
    return ["its words hold a secret or the bank's insides"] if "eyJ" in words or "insides" in words else []


def _after(case: Case, world: World, before: Held) -> list[str]:
    """Each account holds what it held or what the service has, and its watermark moved only with its lines."""
    wrong = []
    if case.stage != "connect" and not world.store.vault.consents():
        wrong.append("the tokens are gone")
    if case.mishap in MOVES:
        return wrong  # what the bank had when is another question; the clean sync answers it
    held, served = world.held(), world.served()
    for row in world.accounts():
        (lines, mark), right = held[row["account_id"]], served[row["account_id"]]
        lines_before, mark_before = before.get(row["account_id"], (Counter(), None))
        if lines not in (lines_before, right):
            wrong.append(f"half a fetch is kept: {lines.total()} lines")
        if mark != mark_before and lines != right:
            wrong.append("the watermark moved without its lines")
        if row["outcome"] in ("failed", "limited") and lines != lines_before and lines != right:
            wrong.append(f"{row['outcome']}, and something of it is kept")
        if case.stage != "connect" and row["outcome"] in ("new", "none") and lines != right:
            wrong.append(f"{row['outcome']!r} is told of what is not the truth")
    return wrong


def _mended(world: World) -> list[str]:
    """A person comes: connects where nothing is linked, synchronizes, and has the truth."""
    if not world.accounts():
        world.connect()
    report = world.sync(attended=True, fresh=True, by="anna")
    truth = world.truth()
    wrong = [
        f"then {one.outcome}: {one.reason}" for one in report.accounts if one.outcome not in ("new", "none")
    ]
    return wrong + [
        f"then {(lines - truth[one]).total()} lines too many, {(truth[one] - lines).total()} missing"
        for one, (lines, _) in world.held().items()
        if lines != truth[one]
    ]


def _calls(stage: str, prepared: Path) -> int:
    """How many calls a stage makes when all goes well."""
    calls: list[str] = []
    with world_of(prepared) as world:

        def counting(request: httpx.Request) -> httpx.Response:
            calls.append(request.url.path)
            return world.inner(request)

        with clients_over(counting):
            if wrong := _do(Case(stage, -1, "unknown fields", "once", 0), world):
                raise AssertionError(f"{stage} goes wrong by itself: {wrong}")
    return len(calls)
