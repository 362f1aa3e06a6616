"""Three kinds of process on one workspace at once: a sync, an import, and a person who accepts, takes back and exports.

Each works without a pause and tells what it did. Afterwards what was told is found, once, and nothing else.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recon.errors import UsageError
from recon.flow.posting import export
from recon.flow.review import accept, undo
from recon.flow.workspace import Store
from tests.prove.books import document_numbers, file_lines
from tests.prove.company import FILE_IBAN, IBANS, Company, key_of
from tests.prove.deeds import PAID, Accept, Import, Sync, check_words
from tests.prove.forks import Tell, apart, start
from tests.prove.outcome import Outcome


def prove(count: int, seed: int) -> Outcome:
    """Let the three work for `count` seconds. `tried` is the number of steps they told; the seed has no part in it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        apart(lambda: _prepare(home))
        until = time.monotonic() + count
        works = (_syncs, _imports, _decides)
        children = [start(lambda tell, work=work: work(home, tell, until)) for work in works]
        told = [word for child in children for word in child.rest()]
        codes = [child.end() for child in children]
        found = [word["raised"] for word in told if isinstance(word, dict)]
        if not found:
            found = apart(lambda: _wrong(home, told))
    if any(codes) and not found:
        found = [f"the processes ended with {codes}"]
    kinds = Counter(word[0] for word in told if isinstance(word, list))
    words = ", ".join(f"{number} × {kind}" for kind, number in kinds.items())
    return Outcome(len(told), [f"seed {seed}: {one}" for one in found], f"{count} s: {words}")


def _prepare(home: Path) -> None:
    Accept().prepare(home)
    Company(home).connect()
    Sync().do(home, 0)


def _repeat(until: float, step: Callable[[int], None]) -> None:
    number = 1
    while time.monotonic() < until:
        step(number)
        number += 1


def _syncs(home: Path, tell: Tell, until: float) -> None:
    def step(number: int) -> None:
        Sync().do(home, number)
        tell(["sync", number])

    _repeat(until, step)


def _imports(home: Path, tell: Tell, until: float) -> None:
    def step(number: int) -> None:
        Import().do(home, number)
        tell(["import", number])

    _repeat(until, step)


def _decides(home: Path, tell: Tell, until: float) -> None:
    company = Company(home)
    company.go_to(20)

    def step(number: int) -> None:
        made = accept(company.store, f"p-{number % PAID}", by="bo")
        tell(["accept", made])
        if number % 3 == 1:
            try:
                file = export(company.store, "csv", by="bo")
                tell(["export", file.file_name, hashlib.sha256(file.content).hexdigest()])
            except UsageError:  # nothing is posted that was not exported
                pass
        tell(["undo", undo(company.store, made, by="bo")])

    _repeat(until, step)


def _wrong(home: Path, told: list[list[Any]]) -> list[str]:
    company = Company(home)
    found = check_words(company.store)
    last = {
        kind: max((word[1] for word in told if word[0] == kind), default=0) for kind in ("sync", "import")
    }
    lines = sum((file_lines(number) for number in range(1, last["import"] + 1)), Counter())
    for iban in IBANS:
        lines += company.bank.truth(iban, last["sync"])
    paid = Counter({line: count for line, count in company.lines().items() if "Faktura 7" in line[3]})
    paid = Counter({line: count for line, count in paid.items() if line[0] == key_of(FILE_IBAN)})
    stored = company.lines() - paid
    if stored != lines or paid.total() != PAID:
        found.append(f"lines: {(lines - stored).total()} are lost, {(stored - lines).total()} are too many")
    numbers = Counter(one for number in range(1, last["import"] + 1) for one in document_numbers(number))
    kept = Counter(company.store.items()["document_no"]) - Counter(str(7000 + one) for one in range(PAID))
    if kept != numbers:
        found.append(f"documents: {numbers.total()} were told, {kept.total()} are kept")
    decided = Counter(word[1] for word in told if word[0] in ("accept", "undo"))
    if decided != Counter(company.store.decisions()["decision_id"]):
        found.append(f"{decided.total()} decisions were told, {company.store.decisions().height} are kept")
    return found + _wrong_files(company.store, told)


def _wrong_files(store: Store, told: list[list[Any]]) -> list[str]:
    """Every exported file is there with the bytes that were told."""
    return [
        f"the exported file {word[1]} is not what was told"
        for word in told
        if word[0] == "export"
        and hashlib.sha256((store.home / "exports" / word[1]).read_bytes()).hexdigest() != word[2]
    ]
