"""`review list|accept|reject|undo|allocate`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from recon.cli.common import the_store, who
from recon.cli.output import table, tell
from recon.errors import UsageError
from recon.flow import review
from recon.flow.workspace import Store
from recon.match import say_probability
from recon.money import show


def run_list(options: argparse.Namespace) -> int:
    """Proposals that wait for a decision, best first."""
    store = the_store(options)
    rows = _proposals(store, options.limit)
    columns = {
        "proposal_id": "proposal", "rank": "rank", "sure": "sure", "auto": "auto", "line": "bank line",
        "documents": "documents",
    }  # fmt: skip
    tell(
        {"proposals": rows},
        "" if options.json else table(_in_words(store, rows), columns),
        as_json=options.json,
    )
    return 0


def run_lines(options: argparse.Namespace) -> int:
    """Open lines, oldest first, with what is left of each."""
    store = the_store(options)
    reasons = dict(store.unmatched().select("line_id", "reason").iter_rows())
    rows = [
        {
            key: row[key]
            for key in ("line_id", "account_id", "booking_date", "amount_minor", "currency", "text")
        }
        | {"left": show(row["amount_minor"], row["currency"]), "reason": reasons.get(row["line_id"])}
        for row in store.open_lines().head(options.limit).to_dicts()
    ]
    columns = {
        "line_id": "line",
        "booking_date": "booked",
        "left": "left",
        "text": "text",
        "reason": "no proposal",
    }
    tell({"lines": rows}, table(rows, columns), as_json=options.json)
    return 0


def run_accept(options: argparse.Namespace) -> int:
    """Accept proposals, all or none."""
    store = the_store(options)
    made = review.accept(
        store,
        options.ids,
        by=who(options),
        reason=options.reason,
        difference_account=options.difference_account,
    )
    return _told(store, made, options)


def run_reject(options: argparse.Namespace) -> int:
    """Reject proposals, all or none."""
    store = the_store(options)
    return _told(store, review.reject(store, options.ids, by=who(options), reason=options.reason), options)


def run_undo(options: argparse.Namespace) -> int:
    """Undo decisions, all or none."""
    store = the_store(options)
    return _told(store, review.undo(store, options.ids, by=who(options), reason=options.reason), options)


def run_allocate(options: argparse.Namespace) -> int:
    """Give a line's money to documents or ERP accounts."""
    amounts: dict[str, Decimal] = {}
    for word in options.amounts:
        item, equals, amount = word.rpartition("=")
        try:
            amounts[item] = Decimal(amount)
        except InvalidOperation:
            equals = ""
        if not equals:
            raise UsageError(f"“{word}” is not ITEM=AMOUNT, such as i_0123=1250.00. Nothing was booked.")
    store = the_store(options)
    return _told(
        store,
        [review.allocate(store, options.line, amounts, by=who(options), reason=options.reason)],
        options,
    )


def _told(store: Store, made: str | Sequence[str], options: argparse.Namespace) -> int:
    ids = [made] if isinstance(made, str) else list(made)
    rows = store.decisions().filter(pl.col("decision_id").is_in(ids)).to_dicts()
    columns = {
        "decision_id": "decision",
        "action": "action",
        "line_id": "line",
        "decided_at": "at",
        "by": "by",
    }
    tell({"decisions": rows}, table(rows, columns), as_json=options.json)
    return 0


def _proposals(store: Store, limit: int) -> list[dict[str, Any]]:
    """PROPOSALS as rows, each with its `legs` and `evidence`."""
    best = (
        store.proposals()
        .sort("rank", "probability", "proposal_id", descending=[False, True, False])
        .head(limit)
    )
    legs = _grouped(store.legs(), best)
    evidence = _grouped(store.evidence(), best)
    return [
        row | {"legs": legs.get(row["proposal_id"], []), "evidence": evidence.get(row["proposal_id"], [])}
        for row in best.to_dicts()
    ]


def _in_words(store: Store, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows for a terminal: what came, and what it may pay."""
    lines = {row["line_id"]: row for row in store.open_lines().to_dicts()}
    numbers = dict(store.items().select("item_id", "document_no").iter_rows())
    told = []
    for row in rows:
        line = lines.get(row["legs"][0]["line_id"], {})
        amount = show(line["amount_minor"], line["currency"]) if line else ""
        came = f"{line['booking_date']} {amount} {line['text'][:32]}" if line else "–"
        documents = ", ".join(numbers.get(leg["item_id"], leg["item_id"]) for leg in row["legs"])
        told.append(row | {"sure": say_probability(row["probability"]), "line": came, "documents": documents})
    return told


def _grouped(rows: pl.DataFrame, best: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    chosen = rows.join(best.select("proposal_id"), on="proposal_id", how="semi")
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in chosen.to_dicts():
        grouped.setdefault(row["proposal_id"], []).append(
            {key: row[key] for key in row if key != "proposal_id"}
        )
    return grouped
