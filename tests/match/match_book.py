"""A small ledger written as tables, and the laws every matching must keep."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl

from recon.match.propose import propose
from recon.normalise.items import normalise_items
from recon.normalise.lines import normalise_lines
from recon.policy import Policy
from recon.schema import EVIDENCE, LEGS, PROPOSALS, UNMATCHED, History, Matching

SIGNS = {"invoice": 1, "credit_note": -1, "bill": -1, "bill_credit": 1, "payout": 1}


def minor(amount: str) -> int:
    return int(Decimal(amount) * 100)


def lines_of(rows: list[dict]) -> pl.DataFrame:
    """Lines from `id, amount` and what differs; booked 2 March 2026 on account drift."""
    whole = [
        {
            "line_id": row["id"],
            "account_id": row.get("account", "drift"),
            "booking_date": row.get("date", date(2026, 3, 2)),
            "amount_minor": minor(row["amount"]),
            "currency": row.get("currency", "DKK"),
            "text": row.get("text", "Overførsel"),
            "counterparty_name": row.get("name"),
            "counterparty_account": row.get("iban"),
            "creditor_reference": row.get("reference"),
            "original_minor": minor(row["original"]) if "original" in row else None,
            "original_currency": row.get("original_currency"),
            "kind": row.get("kind"),
            "source": "test",
        }
        for row in rows
    ]
    return normalise_lines(pl.DataFrame(whole, infer_schema_length=None) if whole else _no_lines())


def items_of(rows: list[dict]) -> pl.DataFrame:
    """Documents from `id, no, total` (positive, the kind gives the sign); issued 1 February, due 1 March 2026."""
    whole = []
    for row in rows:
        sign = SIGNS[row.get("kind", "invoice")]
        whole.append(
            {
                "item_id": row["id"],
                "kind": row.get("kind", "invoice"),
                "document_no": row["no"],
                "payment_reference": row.get("reference"),
                "counterparty_id": row.get("party"),
                "counterparty_name": row.get("name"),
                "counterparty_account": row.get("iban"),
                "currency": row.get("currency", "DKK"),
                "total_minor": sign * minor(row["total"]),
                "open_minor": sign * minor(row.get("open", row["total"])),
                "issue_date": row.get("issued", date(2026, 2, 1)),
                "due_date": row.get("due", date(2026, 3, 1)),
                "source": "test",
            }
        )
    return normalise_items(pl.DataFrame(whole, infer_schema_length=None) if whole else _no_items())


def _no_lines() -> pl.DataFrame:
    from recon.schema import LINES

    return LINES.empty()


def _no_items() -> pl.DataFrame:
    from recon.schema import ITEMS

    return ITEMS.empty()


def match(lines: list[dict], items: list[dict], policy: Policy | None = None, **more) -> Matching:
    result = propose(lines_of(lines), items_of(items), policy=policy or Policy(), **more)
    keeps_the_laws(result, policy or Policy(), more.get("history"))
    return result


def first(result: Matching, line_id: str) -> dict | None:
    """The rank 1 proposal of a line, with the sorted documents of its legs; None if it has none."""
    ids = result.legs.filter(pl.col("line_id") == line_id)["proposal_id"].unique()
    found = result.proposals.filter(pl.col("proposal_id").is_in(ids.implode()), pl.col("rank") == 1)
    if found.is_empty():
        return None
    row = found.row(0, named=True)
    legs = result.legs.filter(pl.col("proposal_id") == row["proposal_id"]).sort("item_id")
    return row | {"items": legs["item_id"].to_list(), "lines": sorted(set(legs["line_id"]))}


def reason(result: Matching, line_id: str) -> str | None:
    found = result.unmatched.filter(pl.col("line_id") == line_id)["reason"].to_list()
    return found[0] if found else None


def level(result: Matching, proposal_id: str, feature: str) -> str | None:
    found = result.evidence.filter(pl.col("proposal_id") == proposal_id, pl.col("feature") == feature)
    return found["level"][0] if found.height else None


def keeps_the_laws(result: Matching, policy: Policy, history: History | None = None) -> None:
    """Everything that must hold of any matching whatever went in."""
    for frame, table in (
        (result.proposals, PROPOSALS), (result.legs, LEGS), (result.evidence, EVIDENCE), (result.unmatched, UNMATCHED)
    ):  # fmt: skip
        assert frame.schema == table.schema
        assert not frame.select(table.key).is_duplicated().any()
        assert all(frame[name].null_count() == 0 for name in table.required)
    _sums_hold(result)
    _choice_fits(result)
    _every_line_once(result, policy)
    _ids_resolve(result)
    if history is not None:
        barred = result.legs.join(history.rejected, on=["line_id", "item_id"], how="semi")
        assert barred.is_empty(), "a rejected pair came back"


def _sums_hold(result: Matching) -> None:
    legs = result.legs.join(result.lines.select("line_id", line_amount="amount_minor"), on="line_id")
    given = legs.group_by("proposal_id").agg(settled=pl.col("amount_minor").sum())
    whole = legs.unique(["proposal_id", "line_id"]).group_by("proposal_id").agg(pl.col("line_amount").sum())
    sums = result.proposals.join(given, on="proposal_id").join(whole, on="proposal_id")
    assert sums.height == result.proposals.height
    assert (sums["line_amount"] == sums["settled"] + sums["difference_minor"]).all()
    assert ((sums["difference_kind"] == "none") == (sums["difference_minor"] == 0)).all()
    weights = result.evidence.group_by("proposal_id").agg(pl.col("weight").sum())
    scores = result.proposals.join(weights, on="proposal_id", how="left").fill_null(0.0)
    assert ((scores["prior"] + scores["weight"] - scores["score"]).abs() < 1e-9).all()


def _choice_fits(result: Matching) -> None:
    chosen = result.legs.join(result.proposals.filter(pl.col("rank") == 1), on="proposal_id", how="semi")
    assert not chosen.select("proposal_id", "line_id").unique()["line_id"].is_duplicated().any()
    taken = chosen.join(result.items, on="item_id").group_by("item_id").agg(
        pl.col("item_amount_minor").sum(), pl.col("open_minor").first()
    )  # fmt: skip
    assert (taken["item_amount_minor"].abs() <= taken["open_minor"].abs()).all()
    assert (taken["item_amount_minor"].sign() == taken["open_minor"].sign()).all()


def _every_line_once(result: Matching, policy: Policy) -> None:
    chosen = result.legs.join(result.proposals.filter(pl.col("rank") == 1), on="proposal_id", how="semi")
    matched, left = set(chosen["line_id"]), set(result.unmatched["line_id"])
    assert matched | left == set(result.lines["line_id"]) and not matched & left
    a_line = result.legs.select("line_id", "proposal_id").unique().group_by("line_id").len()
    assert (a_line["len"] <= policy.per_line).all()
    shares = result.legs.select("line_id", "proposal_id").unique().join(result.proposals, on="proposal_id")
    assert (shares.group_by("line_id").agg(pl.col("probability").sum())["probability"] <= 1 + 1e-9).all()


def _ids_resolve(result: Matching) -> None:
    ids = set(result.proposals["proposal_id"])
    assert set(result.proposals["rival"].drop_nulls()) <= ids
    assert set(result.evidence["proposal_id"]) <= ids and set(result.legs["proposal_id"]) == ids
    assert not result.proposals.filter(pl.col("auto") & (pl.col("rank") != 1)).height
