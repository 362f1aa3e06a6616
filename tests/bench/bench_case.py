"""Books small enough to count by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from recon.schema import ITEMS, LEGS, LINES, PROPOSALS, conform


@dataclass(frozen=True)
class Case:
    lines: pl.DataFrame
    items: pl.DataFrame
    links: pl.DataFrame
    cases: pl.DataFrame


def books(*rows: tuple[str, str, str, str]) -> Case:
    """Rows `line, kind, evidence, documents parted by blanks`."""
    links = [(line, item) for line, _, _, items in rows for item in items.split()]
    return Case(
        lines=pl.DataFrame({"line_id": [row[0] for row in rows]}),
        items=pl.DataFrame({"item_id": sorted({item for _, item in links})}),
        links=pl.DataFrame(links, schema={"line_id": pl.String, "item_id": pl.String}, orient="row"),
        cases=pl.DataFrame([row[:3] for row in rows], schema=["line_id", "kind", "evidence"], orient="row"),
    )


@dataclass(frozen=True)
class Said:
    proposals: pl.DataFrame
    legs: pl.DataFrame


def matching(*rows: tuple[str, int, float, str, bool]) -> Said:
    """Rows `line>documents, rank, probability, kind, auto`; several lines of one proposal are parted by `+`."""
    proposals, legs = [], []
    for place, (who, rank, probability, kind, auto) in enumerate(rows):
        name = f"p{place}"
        proposals.append((name, rank, probability, kind, 0, "none", 0.0, 0.0, auto, None))
        for pair in who.split("+"):
            line, _, items = pair.partition(">")
            legs += [(name, line, item, 1, 1) for item in items.split()]
    return Said(
        conform(pl.DataFrame(proposals, schema=PROPOSALS.schema, orient="row"), PROPOSALS),
        conform(pl.DataFrame(legs, schema=LEGS.schema, orient="row"), LEGS),
    )


def line(
    line_id: str, minor: int, text: str = "", day: str = "2026-03-10", **more: object
) -> dict[str, object]:
    """One row of LINES in Danish kroner."""
    return {
        "line_id": line_id, "account_id": "a", "booking_date": date.fromisoformat(day), "amount_minor": minor,
        "currency": "DKK", "text": text, "source": "test", **more,
    }  # fmt: skip


def item(
    item_id: str, minor: int, party: str = "Fjord ApS", due: str = "2026-03-01", **more: object
) -> dict[str, object]:
    """One open invoice; its number is its id, and it is issued a fortnight before it is due."""
    due_date = date.fromisoformat(due)
    return {
        "item_id": item_id, "kind": "invoice", "document_no": item_id, "counterparty_name": party, "currency": "DKK",
        "total_minor": minor, "open_minor": minor, "issue_date": date.fromordinal(due_date.toordinal() - 14),
        "due_date": due_date, "source": "test", **more,
    }  # fmt: skip


def lines_of(*rows: dict[str, object]) -> pl.DataFrame:
    return conform(pl.from_dicts(list(rows), schema=None, infer_schema_length=None), LINES)


def items_of(*rows: dict[str, object]) -> pl.DataFrame:
    return conform(pl.from_dicts(list(rows), schema=None, infer_schema_length=None), ITEMS)
