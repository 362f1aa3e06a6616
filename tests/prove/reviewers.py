"""Two to eight reviewers at once, each a process, on 50 lines that want the same documents.

Lines and documents are proposed to each other crosswise, so that most decisions stand in another's way.
Afterwards no line and no document gave more than it has, what was told as decided is there once, and nothing else.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from recon.errors import DecisionRefused
from recon.flow.accounts import set_account
from recon.flow.files import import_files
from recon.flow.review import accept, allocate, undo
from recon.flow.workspace import Store
from tests.prove.books import payments
from tests.prove.company import FILE_IBAN, Company, Leg, keep_proposals, key_of
from tests.prove.deeds import check_words
from tests.prove.forks import Tell, apart, start, tried
from tests.prove.outcome import Outcome

LINES = 50
DECISIONS = 10
"""Decisions tried in a run, over all reviewers, and at least two by each."""
CONTESTED = 8
"""Lines that they all want."""


def prove(count: int, seed: int) -> Outcome:
    """`count` runs; run `seed + k` is `prove(1, seed + k)`."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template"
        apart(lambda: _prepare(template))
        failures = tried(range(seed, seed + count), lambda case: _case(case, template))
    return Outcome(count, failures, "50 lines, of which 8 are wanted by all")


def _case(case: int, template: Path) -> list[str]:
    many = random.Random(case).randrange(2, 9)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(shutil.copytree(template, Path(folder) / "home"))
        gate, opener = os.pipe()
        children = [
            start(lambda tell, one=one: _review(home, tell, case, one, many, gate, opener))
            for one in range(many)
        ]
        for child in children:
            child.line()  # everybody is ready
        os.close(opener)
        told = [word for child in children for word in child.rest()]
        codes = [child.end() for child in children]
        os.close(gate)
        raised = [word["raised"] for word in told if isinstance(word, dict)]
        if raised or any(codes):
            return [f"a reviewer of {many} ended with {codes}: {raised[:1]}"]
        return [f"{many} reviewers: {words}" for words in _wrong(Company(home).store, told)]


def _prepare(home: Path) -> None:
    company = Company(home)
    company.go_to(20)
    import_files(company.store, payments(LINES), by="anna")
    set_account(company.store, key_of(FILE_IBAN), by="anna", erp_account="5820")
    both = company.store.lines().join(company.store.items(), left_on="amount_minor", right_on="open_minor")
    pairs = both.sort("amount_minor").select("line_id", "item_id", "amount_minor").rows()
    legs: dict[str, list[Leg]] = {}
    for number, (line, item, minor) in enumerate(pairs):
        legs[f"own-{number}"] = [(line, item, minor, minor)]
        if number:  # the document before is smaller: the line would settle it and have something left
            _, other, less = pairs[number - 1]
            legs[f"other-{number}"] = [(line, other, less, less)]
    keep_proposals(company.store, legs)


def _review(home: Path, tell: Tell, case: int, one: int, many: int, gate: int, opener: int) -> None:
    os.close(opener)
    company, draw = Company(home), random.Random(f"{case} {one}")
    company.go_to(21)
    store, by = company.store, f"reviewer {one}"
    amounts = dict(store.lines().sort("amount_minor").select("line_id", "amount_minor").rows())
    items = store.items().sort("open_minor")["item_id"].to_list()
    tell("ready")
    os.read(gate, 1)  # opens for all at once
    made: list[str] = []
    for _ in range(max(2, DECISIONS // many)):
        try:
            if made and draw.random() < 0.15:
                word = ["undone", undo(store, made.pop(draw.randrange(len(made))), by=by)]
            else:
                made.append(_decide(store, draw, amounts, items, by))
                word = ["decided", made[-1]]
        except DecisionRefused:
            continue  # somebody was quicker
        tell(word)


def _decide(store: Store, draw: random.Random, amounts: dict[str, int], items: list[str], by: str) -> str:
    number = draw.randrange(1, CONTESTED + 1)
    if draw.random() < 0.7:
        made = accept(store, f"{draw.choice(('own', 'other'))}-{number}", by=by)
    else:
        line = list(amounts)[number]
        made = allocate(store, line, {items[number]: amounts[line] // draw.choice((1, 2, 3))}, by=by)
    assert isinstance(made, str)
    return made


def _wrong(store: Store, told: list[Any]) -> list[str]:
    """What contradicts the rules, counted here from the rows and not by the store's own sums."""
    found = check_words(store)
    given: dict[str, int] = defaultdict(int)
    for row in store.allocations().to_dicts():
        given[row["line_id"]] += row["amount_minor"]
        given[row["item_id"]] += row["item_amount_minor"]
    room = dict(store.lines().select("line_id", "amount_minor").rows())
    room |= dict(store.items().select("item_id", "total_minor").rows())
    found += [
        f"{one} has {room[one]} and gave {minor}"
        for one, minor in given.items()
        if not 0 < minor <= room[one]
    ]
    acknowledged = Counter(decision for _, decision in told)
    kept = Counter(store.decisions()["decision_id"])
    if acknowledged != kept:
        found.append(f"{acknowledged.total()} decisions were told, {kept.total()} are kept")
    undone = sum(what == "undone" for what, _ in told)
    standing = store.allocations()["decision_id"].n_unique()
    if standing != len(told) - 2 * undone:
        found.append(f"{len(told) - 2 * undone} decisions should stand, {standing} do")
    return found
