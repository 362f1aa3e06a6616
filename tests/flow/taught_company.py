"""A company whose people decided 320 lines: bank transfers that name nobody and nothing, each of a rare amount.

The stated weights trust such an amount little; what people chose shows that here it is always right. Each tenth is
paid twelve days late.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from recon.clock import Clock
from recon.flow.keep import keep_lines
from recon.flow.models import refit
from recon.flow.workspace import Store, open_store, save_preferences
from recon.review.policy import AutoAccept
from recon.schema import ITEMS, LINES, conform
from recon.settings import Settings
from recon.store import consents, decisions, documents
from recon.store.database import new_id

FIRST = date(2026, 3, 2)
DECIDED, OPEN, A_DAY, LATE = 320, 20, 2, 12
_KEPT = tempfile.TemporaryDirectory()


def taught(home: Path) -> Store:
    """The company as it stands on the day of its last decision."""
    shutil.copytree(_made(), home, dirs_exist_ok=True)
    return at(open_store(home, Settings(home=home)), _day(DECIDED))


def learnt(home: Path) -> Store:
    """The same with a model in use whose bounds were taught for 2 % wrong."""
    shutil.copytree(_learnt(), home, dirs_exist_ok=True)
    return at(open_store(home, Settings(home=home)), _day(DECIDED))


def sampled(home: Path) -> Store:
    """The same after ten matches that the engine made, one a day over two weeks, all of them to be looked over."""
    shutil.copytree(_sampled(), home, dirs_exist_ok=True)
    return at(open_store(home, Settings(home=home)), 175)


def bear(store: Store, risk: float, **auto: Any) -> None:
    """Choose the share of wrong matches to bear, and whether to act alone."""
    chosen = store.preferences()
    policy = replace(chosen.policy, auto_risk=risk)
    save_preferences(store, replace(chosen, policy=policy, auto=AutoAccept(**auto)), by="anna")


def at(store: Store, day: int) -> Store:
    """The store with its clock at noon, so many days after the first line."""
    moment = datetime.combine(FIRST + timedelta(days=day), datetime.min.time(), UTC) + timedelta(hours=12)
    return replace(store, clock=Clock(fixed=moment))


def decide(store: Store, pairs: list[tuple[str, str]], *, by: str = "anna", auto: bool = False) -> list[str]:
    """Give lines to documents, each whole, in one write; returns the decisions' ids."""
    minor = dict(store.lines().select("line_id", "amount_minor").iter_rows())
    made = [new_id("d") for _ in pairs]
    with store.database.write(by) as writer:
        for decision_id, (line_id, item_id) in zip(made, pairs, strict=True):
            row = {"line_id": line_id, "item_id": item_id, "amount_minor": minor[line_id]}
            row |= {"item_amount_minor": minor[line_id], "erp_account": None}
            told = pl.DataFrame([row | {"decision_id": decision_id, "proposal_id": None}])
            decisions.add(
                writer.c, told.cast({"erp_account": pl.String, "proposal_id": pl.String}), [],
                decision_id=decision_id, action="accept", line_id=line_id, decided_at=writer.at, decided_by=by,
                auto=auto, engine_version="test",
            )  # fmt: skip
            writer.event(
                "accept", decision_id, line_id=line_id, auto=auto, allocations=[row], probability=0.99,
                kind="one_to_one", evidence=["The amount is exact."],
            )  # fmt: skip
    return made


def pairs_of(store: Store, first: int, last: int) -> list[tuple[str, str]]:
    """Line and document of the first to before the last of the company's payments."""
    lines = store.lines().select("line_id", number=pl.col("end_to_end_id").cast(pl.Int64)).sort("number")
    return [(line, f"i_{number}") for line, number in lines.iter_rows()][first:last]


@cache
def _made() -> Path:
    home = Path(_KEPT.name) / "taught"
    store = at(open_store(home, Settings(home=home)), 0)
    with store.database.write("test") as writer:
        consents.put_account(
            writer.c, account_id="acc", name="Drift", currency="DKK", is_on=True, erp_account="5820"
        )
        keep_lines(writer, "acc", _lines().with_columns(bank_ref=pl.col("line_id")), source="test")
        documents.put_items(writer.c, _items(), writer.at)
        writer.event("imported", "documents.csv", rows=DECIDED + OPEN, new=DECIDED + OPEN, format="test")
    for first in range(0, DECIDED, 20):
        decide(at(store, _day(first + 20)), pairs_of(store, first, first + 20))
    return home


@cache
def _learnt() -> Path:
    home = Path(_KEPT.name) / "learnt"
    store = taught(home)
    bear(store, 0.02)
    assert refit(store, by="anna").promoted
    return home


@cache
def _sampled() -> Path:
    home = Path(_KEPT.name) / "sampled"
    store = learnt(home)
    bear(store, 0.02, sample=1.0, on=True, approved_by="anna", measured=True)
    for number in range(DECIDED, DECIDED + 10):
        day = at(store, 161 + number - DECIDED)
        decide(day, pairs_of(store, number, number + 1), by="engine", auto=True)
    return home


def _day(number: int) -> int:
    """The day of a payment, from the first: two come in a day."""
    return number // A_DAY


def _amount(number: int) -> int:
    return 100_000 + 137 * number


def _lines() -> pl.DataFrame:
    rows = [
        {
            "line_id": f"l{number}", "account_id": "acc", "booking_date": FIRST + timedelta(days=_day(number)),
            "amount_minor": _amount(number), "currency": "DKK", "text": "Overførsel", "kind": "transfer",
            "end_to_end_id": str(number), "source": "test",
        }
        for number in range(DECIDED + OPEN)
    ]  # fmt: skip
    return conform(pl.DataFrame(rows), LINES)


def _items() -> pl.DataFrame:
    rows = [
        {
            "item_id": f"i_{number}", "kind": "invoice", "document_no": f"A-{number:04d}-DK",
            "counterparty_name": f"Kunde {chr(65 + number % 26)}{number} ApS", "currency": "DKK",
            "total_minor": _amount(number), "open_minor": _amount(number),
            "issue_date": due - timedelta(days=8), "due_date": due,
            "source": "test",
        }
        for number in range(DECIDED + OPEN)
        for due in [FIRST + timedelta(days=_day(number) - (LATE if number % 10 == 0 else 0))]
    ]  # fmt: skip
    return conform(pl.DataFrame(rows), ITEMS)
