"""Simulated histories of a bank: after each sync the store holds the bank's truth, each line once.

In: how many histories, the first seed. Out: an Outcome. A history is a bank account with a seed of its own
(`recon.sandbox.history`); forty share a calendar and, all but one, a workspace and its leases. That one is
lived over HTTP: consent, pages, sync. Three things are held against each other: the truth the bank keeps to
itself, a model of what can be known of it (`tests/truth/model.py`), and what the store holds.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from recon.bank import wire
from recon.bank.lines import lines_frame
from recon.clock import Clock
from recon.flow.keep import keep_accounts
from recon.flow.workspace import Store, open_store
from recon.money import to_decimal
from recon.sandbox.history import Habits, History, Shown
from recon.settings import Settings
from recon.statements import identity
from recon.statements.identity import INCOMING
from recon.statements.window import Window, fetch_window
from recon.store.database import Writer
from tests.prove.outcome import Outcome
from tests.truth.model import BANK, Model, Told

TOGETHER = 40
"""Histories of one calendar; the last of them over HTTP."""
START = date(2026, 1, 5)
FILE = "camt.053"


def prove(count: int, seed: int) -> Outcome:
    """Live the histories `seed` … `seed + count - 1`."""
    from tests.prove import histories_over_http

    failures: list[str] = []
    wanted = range(seed, seed + count)
    for calendar in range(seed // TOGETHER, (seed + count - 1) // TOGETHER + 1):
        seeds = [one for one in wanted if one // TOGETHER == calendar]
        failures += live([one for one in seeds if one % TOGETHER != TOGETHER - 1])
        for one in seeds:
            if one % TOGETHER == TOGETHER - 1:
                failures += histories_over_http.live(one)
    return Outcome(count, failures)


def live(seeds: Sequence[int], *, until_wrong: bool = False) -> list[str]:
    """Histories of one calendar, lived in one workspace without a network; what went wrong, one a history.

    until_wrong: the first that goes wrong is enough.
    """
    if not seeds:
        return []
    with tempfile.TemporaryDirectory() as folder:
        return Together(Path(folder), seeds).live(until_wrong=until_wrong)


@dataclass
class Account:
    """One history, the model of it, and what was found wrong."""

    seed: int
    history: History
    model: Model = field(default_factory=Model)
    files: bool = False
    worded: bool = False
    refs: dict[str, set[str]] = field(default_factory=dict)
    shown: set[tuple[int, date]] = field(default_factory=set)
    put_in: int = 0
    taken_out: int = 0
    kept: dict[str, int] = field(default_factory=dict)
    wrong: str = ""

    @property
    def id(self) -> str:
        return f"acc_{self.seed:016x}"

    @property
    def known(self) -> bool:
        """Whether the model can tell what is known: an id that names other money it leaves to the laws."""
        return self.history.habits.ids != "numbered" and not self.history.habits.misprices

    def may_hold(self, rows: list[Shown]) -> int:
        """How many rows a bank can have made contradict what is stored: amounts it changed under their id, and,
        where ids are numbers, rows put where others were taken out (now or, out of the period's sight, before),
        or that moved on while one was reworded."""
        now = {(row.number, row.day) for row in rows if row.booked}
        if self.history.habits.ids == "numbered":
            self.put_in += len(now - self.shown) if self.shown else 0
            self.taken_out += len(self.shown - now)
        self.shown = now
        changes = (" misprice", " edit_text") if self.history.habits.ids == "numbered" else (" misprice",)
        swapped = min(self.put_in, self.taken_out)
        return swapped + sum(words.endswith(changes) for words in self.history.told)

    def told(self, row: Shown) -> Told:
        """A row as the bank tells it."""
        return Told(
            row.day, row.amount_minor, row.text, row.id if self.history.habits.ids == "kept" else None
        )

    def in_file(self, row: Shown) -> str:
        """The text of a row in a file: the same words, or words around them."""
        return f"DKT {row.text.upper()}" if self.worded else row.text.upper()


def account(seed: int) -> Account:
    """The account of a seed: what its bank is like, and what was booked before anybody looked."""
    dice = Random(f"account {seed}")
    files = dice.random() < 0.3
    habits = Habits(
        # Where ids are numbers a line may seem to have moved, and a file keeps its old day.
        ids=dice.choices(("kept", "none", "numbered"), (6, 2, 0 if files else 2))[0],  # type: ignore[arg-type]
        balances=dice.random() < 0.8,
        # A file of last month holds a line on its old day: nothing tells that it is the one that moved.
        moves=not files,
        misprices=dice.random() < 0.15,
    )
    history = History(seed, START - timedelta(days=60), habits)
    history.begin(dice.randint(0, 100), START)
    return Account(seed, history, files=files, worded=dice.random() < 0.4)


@dataclass(frozen=True)
class Stopped(Clock):
    """A clock that stands until it is moved."""

    moved: list[timedelta] = field(default_factory=list)

    def now(self) -> datetime:
        return sum(self.moved, datetime.combine(START, time(9), UTC))


class Together:
    """Accounts of one calendar in one workspace."""

    def __init__(self, folder: Path, seeds: Sequence[int]) -> None:
        self.dice = Random(f"calendar {seeds[0] // TOGETHER}")
        self.accounts = [account(seed) for seed in seeds]
        self.clock = Stopped()
        self.store = _store(folder, self.clock)
        self.watermark: date | None = None

    def live(self, *, until_wrong: bool) -> list[str]:
        rule = identity.RULE
        try:
            for step in self._calendar():
                self._step(step)
                if until_wrong and any(one.wrong for one in self.accounts):
                    break
        finally:
            identity.RULE = rule  # type: ignore[misc]
        return [f"{one.seed}: {one.wrong}" for one in self.accounts if one.wrong]

    def _calendar(self) -> Iterator[int]:
        """Days pass; now and then a sync fails, and one day the rule that makes ids is another."""
        syncs = self.dice.choice((4, 6, 6, 8, 8, 12, 16, 40))
        renewed = self.dice.randrange(syncs * 5)
        for step in range(syncs):
            self.clock.moved.append(timedelta(days=self.dice.choice((0, 0, 1, 1, 1, 2, 3, 8, 30))))
            for one in self.accounts:
                one.history.live(self.clock.today())
            if step == renewed:
                identity.RULE = "another"  # type: ignore[misc]
            if self.dice.random() < 0.85:
                yield step

    def _step(self, step: int) -> None:
        today = self.clock.today()
        window = fetch_window(START - timedelta(days=60), self.watermark, today)
        rows = {one.id: one.history.shown() for one in self.accounts}
        frame = pl.concat([_fetched(one, rows[one.id], window) for one in self.accounts])
        with self.store.database.write("proof") as writer:
            ids = [one.id for one in self.accounts]
            kept = keep_accounts(
                writer, ids, frame, source=BANK, since=window.since, gone_from=window.gone_from
            )
            self._files(writer, rows, today)
        self.watermark = today
        stored = Stored.read(self.store)
        for one, told in zip(self.accounts, kept, strict=True):
            if not one.wrong:
                one.wrong = judge(one, rows[one.id], stored, window, told.held)
                one.wrong = one.wrong and f"sync {step} on {today}: {one.wrong}"

    def _files(self, writer: Writer, rows: dict[str, list[Shown]], today: date) -> None:
        """After the fetch some accounts import a file of their last days; the model is told both, in order."""
        window = fetch_window(START - timedelta(days=60), self.watermark, today)
        told: list[dict[str, Any]] = []
        of_file = []
        for one in self.accounts:
            booked = [row for row in rows[one.id] if row.booked and row.day >= window.since]
            one.model.fetch(map(one.told, booked), window.since, window.gone_from)
            dice = Random(f"file {one.seed} {len(one.history.told)} {today}")
            if not one.files or dice.random() < 0.6:
                continue
            first = today - timedelta(days=dice.randint(0, 30))
            last = first + timedelta(days=dice.randint(0, 30))
            some = [row for row in rows[one.id] if row.booked and first <= row.day <= last]
            one.model.file([Told(row.day, row.amount_minor, one.in_file(row)) for row in some], FILE)
            told += [_in_file(one, row) for row in some]
            of_file.append(one.id)
        if told:
            keep_accounts(writer, of_file, pl.DataFrame(told, schema=INCOMING), source=FILE)


def _store(folder: Path, clock: Clock) -> Store:
    store = open_store(folder / "workspace", Settings())
    store.clock = clock
    store.database.clock = clock
    return store


def _fetched(one: Account, rows: list[Shown], window: Window) -> pl.DataFrame:
    """The rows of a window as the client hands them on, through the very function that reads them."""
    booked, expected = lines_frame(one.id, [_on_the_wire(row) for row in rows if row.day >= window.since])
    pending = Counter(
        (row.day, row.amount_minor) for row in rows if not row.booked and row.day >= window.since
    )
    if Counter(expected.select("booking_date", "amount_minor").iter_rows()) != pending:
        one.wrong = "what is pending is not what the bank shows as reserved"
    return booked


def _on_the_wire(row: Shown) -> wire.Transaction:
    balance = None if row.balance_minor is None else wire.Money(value=to_decimal(row.balance_minor, "DKK"))
    return wire.Transaction(
        id=row.id,
        state="Booked" if row.booked else "Reserved",
        date=row.day.isoformat(),
        transaction_amount=wire.Money(value=to_decimal(row.amount_minor, "DKK"), currency="DKK"),
        balance=balance,
        original_text=row.text,
        text=row.text.title(),
        type="BankTransfer",
    )


def _in_file(one: Account, row: Shown) -> dict[str, Any]:
    return {
        "account_id": one.id,
        "booking_date": row.day,
        "amount_minor": row.amount_minor,
        "currency": "DKK",
        "text": one.in_file(row),
        "source": FILE,
    }


@dataclass(frozen=True)
class Stored:
    """What the store holds, by account: lines with `withdrawn_at`, and who told them under which id."""

    lines: dict[str, list[dict[str, Any]]]
    sources: dict[str, list[dict[str, Any]]]

    @classmethod
    def read(cls, store: Store) -> Stored:
        with store.database.read() as c:
            lines = c.rows(
                """SELECT line_id, account_id, booking_date, amount_minor, text, withdrawn_at FROM lines
                LEFT JOIN withdrawn_lines USING (line_id)"""
            )
            sources = c.rows(
                "SELECT account_id, line_id, line_sources.source, bank_ref FROM line_sources JOIN lines USING (line_id)"
            )
            standing = {row["line_id"] for row in c.rows("SELECT line_id FROM standing_lines")}
        for row in lines:
            row["stands"] = row["line_id"] in standing
        return cls(_by_account(lines), _by_account(sources))


def _by_account(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["account_id"], []).append(row)
    return found


def judge(one: Account, rows: list[Shown], stored: Stored, window: Window, held: int) -> str:
    """What is wrong with an account after a sync, in words; empty where nothing is."""
    lines, sources = stored.lines.get(one.id, []), stored.sources.get(one.id, [])
    if held > one.may_hold(rows):
        return f"{held} rows were held back, and fewer contradicted anything"
    return (
        _against_truth(rows, lines, sources, window, held)
        or _kept(one, lines)
        or (_against_model(one, lines) if one.known else "")
        or (
            _one_line_an_id(one, lines, sources, rows, window)
            if one.history.habits.ids == "kept" and one.known
            else ""
        )
    )


def _against_truth(
    rows: list[Shown],
    lines: list[dict[str, Any]],
    sources: list[dict[str, Any]],
    window: Window,
    held: int,
) -> str:
    """What stands of the days the fetch answers for is what the bank shows, but for what was held back."""
    by_bank = {row["line_id"] for row in sources if row["source"] == BANK}
    shown = Counter((row.day, row.amount_minor) for row in rows if row.booked and row.day >= window.gone_from)
    standing = Counter(
        (line["booking_date"], line["amount_minor"])
        for line in lines
        if line["stands"] and line["line_id"] in by_bank and line["booking_date"] >= window.gone_from
    )
    missing, extra = shown - standing, standing - shown
    if missing.total() > held or extra.total() > held:
        return (
            f"the bank shows {_some(missing)} that do not stand, {_some(extra)} stand that it does not show"
        )
    return ""


def _kept(one: Account, lines: list[dict[str, Any]]) -> str:
    """No line is ever lost, and none changes its amount."""
    now = {line["line_id"]: line["amount_minor"] for line in lines}
    before, one.kept = one.kept, now
    if lost := [line_id for line_id in before if line_id not in now]:
        return f"line {lost[0]} is gone"
    if other := [line_id for line_id in before if before[line_id] != now[line_id]]:
        return f"line {other[0]} has another amount"
    return ""


def _against_model(one: Account, lines: list[dict[str, Any]]) -> str:
    # Of a line withdrawn and one reworded in a bank without ids nobody can say which is which.
    worded = one.history.habits.ids == "kept"
    standing = Counter(
        (line["booking_date"], line["amount_minor"], _words(line["text"]) if worded else "")
        for line in lines
        if line["stands"]
    )
    wanted: Counter[Any] = Counter()
    for (day, amount, words), count in one.model.standing().items():
        wanted[day, amount, words if worded else ""] += count
    if standing != wanted:
        missing, extra = wanted - standing, standing - wanted
        return f"of the lines that should stand {_some(missing)} do not, {_some(extra)} should not"
    held = Counter((line["booking_date"], line["amount_minor"]) for line in lines)
    if held != one.model.stored():
        missing, extra = one.model.stored() - held, held - one.model.stored()
        return f"with those withdrawn {_some(missing)} are missing and {_some(extra)} too many"
    return ""


def _one_line_an_id(
    one: Account,
    lines: list[dict[str, Any]],
    sources: list[dict[str, Any]],
    rows: list[Shown],
    window: Window,
) -> str:
    """What the bank shows under an id is the line it was before, and that line stands.

    Two lines bear one id where a line that came back under a new id was a twin after all.
    """
    named: dict[str, set[str]] = {}
    for row in sources:
        if row["source"] == BANK:
            named.setdefault(row["bank_ref"], set()).add(row["line_id"])
    if moved := [ref for ref, line_ids in one.refs.items() if not line_ids <= named.get(ref, set())]:
        return f"the id {moved[0]} names another line than before"
    one.refs = named
    amounts = {line["line_id"]: line["amount_minor"] for line in lines if line["stands"]}
    for row in rows:
        if row.booked and row.day >= window.gone_from:
            here = [amounts.get(line_id) for line_id in named.get(row.id, ())]
            if row.amount_minor not in here:
                return f"the row {row.id} of {row.day} is no line that stands"
    return ""


def _words(text: str) -> str:
    return " ".join(text.lower().split())


def _some(found: Counter[Any]) -> str:
    """At most three of them."""
    listed = [" ".join(map(str, each)) for each in list(found.elements())[:3]]
    return f"{found.total()} ({', '.join(listed)})" if listed else "none"
