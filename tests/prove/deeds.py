"""The six things that happen to a workspace, each as a row of numbered steps whose outcome is known beforehand.

A deed prepares a workspace, does its n-th step, and says what is wrong once `done` steps were acknowledged:
all of those must be there, the one under way wholly or not at all, each once, and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from recon.errors import NothingToUndo, ReconError
from recon.flow.accounts import set_account
from recon.flow.check import check
from recon.flow.files import import_files
from recon.flow.review import accept, undo
from recon.flow.sync import sync
from recon.flow.workspace import Store
from recon.store import migrate
from recon.store.connection import lease
from tests.prove.books import document_numbers, documents_file, file_lines, payments, statement_file
from tests.prove.company import CONSENT, FILE_IBAN, IBANS, Company, day_of, keep_proposals, key_of

PAID = 12
"""Invoices with their payments in the workspaces for accept and undo: no deed has more steps."""
OLD_LINES = 20
_OLD = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Deed(Protocol):
    """A row of steps. `steps` is the last number `do` takes; numbers begin at 1."""

    name: str
    steps: int

    def prepare(self, home: Path) -> None:
        """Make the workspace as it is before the first step."""

    def do(self, home: Path, number: int) -> None:
        """One step. Doing it again after it was done changes nothing."""

    def wrong(self, home: Path, done: int, *, perhaps: int = 0, rebuild: bool = False) -> list[str]:
        """What contradicts `done` steps and at most `perhaps` more, in words; rebuild: nor events and rows agree."""


class Sync:
    """A day passes at the bank, and both accounts are fetched."""

    name, steps = "sync", 30

    def prepare(self, home: Path) -> None:
        company = Company(home)
        company.connect()
        self.do(home, 0)

    def do(self, home: Path, number: int) -> None:
        company = Company(home)
        company.go_to(number)
        with company.at_the_bank():
            report = sync(company.store, wait=0)
        bad = [str(one.reason) for one in report.accounts if one.outcome not in ("new", "none")]
        if bad:
            raise ReconError(bad[0])

    def wrong(self, home: Path, done: int, *, perhaps: int = 0, rebuild: bool = False) -> list[str]:
        company = Company(home)
        company.go_to(done)
        stored = company.lines()
        found = check_words(company.store, rebuild)
        for iban in IBANS:
            here = Counter({line: count for line, count in stored.items() if line[0] == key_of(iban)})
            if here not in [company.bank.truth(iban, day) for day in range(done, done + perhaps + 1)]:
                lost, extra = company.bank.truth(iban) - here, here - company.bank.truth(iban)
                found.append(f"account {iban[-4:]} lost {_some(lost)} and holds {_some(extra)} too many")
        return found


class Import:
    """A statement and a list of documents, in one call."""

    name, steps = "import", 30

    def prepare(self, home: Path) -> None:
        import_files(Company(home).store, [statement_file(0)], by="anna")

    def do(self, home: Path, number: int) -> None:
        import_files(Company(home).store, [statement_file(number), documents_file(number)], by="anna")

    def wrong(self, home: Path, done: int, *, perhaps: int = 0, rebuild: bool = False) -> list[str]:
        company = Company(home)
        stored = company.lines()
        numbers = sorted(company.store.items()["document_no"])
        for last in range(done, done + perhaps + 1):
            lines = sum((file_lines(one) for one in range(last + 1)), Counter())
            documents = sorted(one for number in range(1, last + 1) for one in document_numbers(number))
            if stored == lines and numbers == documents:
                return check_words(company.store, rebuild)
        files = sorted({line[3].split()[-1].split("-")[0] for line in stored if line[3].startswith("Ind")})
        return [
            *check_words(company.store, rebuild),
            f"{done} files were kept; lines of {files}, documents {numbers}",
        ]


class Accept:
    """One proposal after the other is accepted, with a command id of its own."""

    name, steps = "accept", PAID

    def prepare(self, home: Path) -> None:
        company = Company(home)
        company.go_to(20)
        import_files(company.store, payments(PAID), by="anna")
        set_account(company.store, key_of(FILE_IBAN), by="anna", erp_account="5820")
        both = company.store.lines().join(
            company.store.items(), left_on="amount_minor", right_on="open_minor"
        )
        pairs = both.sort("amount_minor").select("line_id", "item_id", "amount_minor").rows()
        legs = {f"p-{number}": [(*pair, pair[2])] for number, pair in enumerate(pairs)}
        keep_proposals(company.store, legs)
        assert len(legs) == PAID
        (home / "expected.json").write_text(json.dumps(legs))

    def do(self, home: Path, number: int) -> None:
        proposal = list(_legs(home))[number - 1]
        accept(Company(home).store, proposal, by="anna", command_id=f"command-{number}")

    def wrong(self, home: Path, done: int, *, perhaps: int = 0, rebuild: bool = False) -> list[str]:
        store = Company(home).store
        decided = store.decisions().filter(action="accept")["proposal_id"].to_list()
        found = check_words(store, rebuild)
        if (some := _first(list(_legs(home)), decided, done, perhaps)) is None:
            return [*found, f"{done} were accepted, and these stand: {decided}"]
        given = store.allocations().select("line_id", "item_id", "amount_minor", "item_amount_minor").rows()
        wanted = [tuple(leg) for one in some for leg in _legs(home)[one]]
        if sorted(given) != sorted(wanted):
            found.append(f"{len(some)} are accepted, but {len(given)} of {len(wanted)} allocations stand")
        if (journals := store.postings()["journal_id"].n_unique()) != len(some):
            found.append(f"{len(some)} are accepted, but there are {journals} journals")
        return found


class Undo:
    """One decision after the other is taken back."""

    name, steps = "undo", PAID

    def prepare(self, home: Path) -> None:
        Accept().prepare(home)
        made = [
            accept(Company(home).store, proposal, by="anna", command_id=proposal) for proposal in _legs(home)
        ]
        (home / "decided.json").write_text(json.dumps(made))

    def do(self, home: Path, number: int) -> None:
        with suppress(NothingToUndo):  # what a person sees who presses the button again
            undo(Company(home).store, _decided(home)[number - 1], by="bo")

    def wrong(self, home: Path, done: int, *, perhaps: int = 0, rebuild: bool = False) -> list[str]:
        store = Company(home).store
        with store.database.read() as c:
            undone = c.frame(
                "SELECT undoes FROM decisions WHERE action = 'undo' ORDER BY decided_at, decision_id"
            )
            answered = c.value("SELECT count(reverses) FROM journals")
        found = check_words(store, rebuild)
        some = _first(_decided(home), undone["undoes"].to_list(), done, perhaps)
        if some is None:
            return [*found, f"{done} were undone, and these stand: {undone['undoes'].to_list()}"]
        standing = set(store.allocations()["decision_id"])
        if standing != set(_decided(home)) - set(some):
            found.append(f"{len(some)} are undone, but {len(standing)} decisions give something")
        if answered != len(some):
            found.append(f"{len(some)} are undone, but {answered} journals answer them")
        return found


class Migration:
    """A workspace of the first shape is opened; each step opens another one."""

    name, steps = "migration", 4

    def prepare(self, home: Path) -> None:
        for number in range(1, self.steps + 1):
            _make_old(home / f"old-{number}")
        whole = {
            table: _rows(home / "old-1" / "recon.duckdb", table) for table in ("events", "lines", "settings")
        }
        (home / "expected.json").write_text(json.dumps(whole, default=str))

    def do(self, home: Path, number: int) -> None:
        Company(home / f"old-{number}").store.lines()

    def wrong(self, home: Path, done: int, *, perhaps: int = 0, rebuild: bool = False) -> list[str]:
        before = json.loads((home / "expected.json").read_text())
        found = []
        for number in range(1, min(done + perhaps, self.steps) + 1):
            folder = home / f"old-{number}"
            store = Company(folder).store  # opening it goes on where a kill left off
            found += check_words(store, rebuild)
            for table, rows in before.items():
                kept = json.loads(json.dumps(_rows(folder / "recon.duckdb", table), default=str))[: len(rows)]
                if [row[: len(old)] for row, old in zip(kept, rows, strict=True)] != rows:
                    found.append(f"the migration of workspace {number} changed {table}")
            with store.database.read() as c:
                shapes = [
                    row["version"] for row in c.rows("SELECT version FROM schema_version ORDER BY version")
                ]
            if shapes != [shape for shape, _ in migrate.migrations()]:
                found.append(f"workspace {number} went through the shapes {shapes}")
        return found


class Renewal:
    """The access to the bank is renewed."""

    name, steps = "token refresh", 200

    def prepare(self, home: Path) -> None:
        Company(home).connect()

    def do(self, home: Path, number: int) -> None:
        company = Company(home)
        tokens = company.store.vault.load(CONSENT)
        # The step n makes token n + 1; when that is there, the step was done.
        if tokens and tokens.generation <= number:
            with company.client() as client:
                client.renew(CONSENT)

    def wrong(self, home: Path, done: int, *, perhaps: int = 0, rebuild: bool = False) -> list[str]:
        tokens = Company(home).store.vault.load(CONSENT)
        if tokens is None or tokens.refresh is None:
            return ["the access to the bank is gone"]
        number = tokens.generation
        pair = (tokens.access.reveal(), tokens.refresh.reveal())
        found = []
        if pair != (f"access-{number}", f"refresh-{number}"):
            found.append(f"generation {number} holds {pair}")
        if not done + 1 <= number <= done + 1 + perhaps:
            found.append(f"{done} renewals were stored, and generation {number} stands")
        return found


DEEDS: tuple[Deed, ...] = (Sync(), Import(), Accept(), Undo(), Migration(), Renewal())


def looked(deed: Deed, home: Path, done: int, **more: Any) -> list[str]:
    """What is wrong, also where the workspace cannot be opened to see it."""
    try:
        return deed.wrong(home, done, **more)
    except ReconError as error:
        return [f"it does not open: {error.words}"]


def check_words(store: Store, rebuild: bool = False) -> list[str]:
    """What `check` finds wrong."""
    proof = check(store, rebuild=rebuild)
    return [f"check: {one['words']}" for one in proof.findings if not proof.ok or one["severity"] == "error"]


def _first(order: Sequence[str], kept: Iterable[str], done: int, perhaps: int) -> list[str] | None:
    """The steps kept, if they are the first `done` to `done + perhaps`, each once."""
    kept = list(kept)
    some = list(order[: len(kept)])
    return some if sorted(kept) == sorted(some) and done <= len(kept) <= done + perhaps else None


def _legs(home: Path) -> dict[str, list[list[Any]]]:
    return json.loads((home / "expected.json").read_text())


def _decided(home: Path) -> list[str]:
    return json.loads((home / "decided.json").read_text())


def _make_old(home: Path) -> None:
    """A workspace as the first version left it: shape 1, a few lines, their events, and an anchor without totals."""
    home.mkdir(parents=True)
    before = "0" * 64
    with lease(home / "recon.duckdb", write=True) as c:
        migrate.migrate(c, until=1)
        for number in range(1, OLD_LINES + 1):
            minor = number * 7 - 50
            c.add(
                "lines", line_id=f"l-{number}", account_id="acc", booking_date=day_of(number), amount_minor=minor,
                currency="DKK", text=f"Line {number}", source="camt.053", first_seen_at=_OLD,
            )  # fmt: skip
            event = _old_event(number, minor, before)
            c.add("events", **event)
            before = event["hash"]
        c.add("settings", name="preferences", value='{"consent_days": 80}')
    (home / "anchor").write_text(json.dumps({"seq": OLD_LINES, "hash": before}))


def _old_event(seq: int, minor: int, before: str) -> dict[str, Any]:
    """An event and its hash as the first version made them, which must hold for ever."""
    event: dict[str, Any] = {
        "seq": seq,
        "event_id": f"e_{seq:08d}",
        "happened_at": _OLD,
        "done_by": "anna",
        "kind": "lines_kept",
        "subject": "acc",
        "payload": json.dumps({"new": 1, "sum_minor": minor}),
        "engine_version": "1",
        "previous_hash": before,
    }
    told = json.dumps(event | {"happened_at": _OLD.isoformat()}, ensure_ascii=False, sort_keys=True)
    return event | {"hash": hashlib.sha256(told.encode()).hexdigest()}


def _rows(database: Path, table: str) -> list[list[Any]]:
    with lease(database, write=False) as c:
        return [list(row) for row in c.frame(f"SELECT * FROM {table} ORDER BY 1").rows()]


def _some(lines: Counter[Any]) -> str:
    return (
        ", ".join(f"{day} {minor} “{text}”" for _, day, minor, text in list(lines.elements())[:3])
        or "nothing"
    )
