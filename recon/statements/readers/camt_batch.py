"""The payments inside one bank line.

In: an entry and its `TxDtls`, two or more. Out: PARTS rows that add up to the line, charges as a part; or
none and a finding that says by how much they miss. Never: parts that do not add up.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from recon.errors import DataRefused
from recon.money import show
from recon.schema import finding
from recon.statements.readers.camt_words import money, part_row, side
from recon.statements.readers.xml import text

_AMOUNTS = ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt", "AmtDtls/InstdAmt/Amt")

Rows = list[dict[str, Any]]


def read_parts(
    node: ET.Element,
    payments: list[ET.Element],
    amount: int,
    currency: str,
    own: str | None,
    flows_in: bool,
    where: str,
) -> tuple[Rows, list[dict[str, object]]]:
    """Rows of PARTS without ids, or none and a finding. Amounts carry the sign of the money they moved."""
    sign = side(node)
    rows = []
    for payment in payments:
        part = _part_amount(payment, currency, sign)
        if part is None:
            words = f"The {len(payments)} payments of the entry do not all state an amount in {currency}."
            return [], [_held(where, words, None)]
        rows.append(part_row(part, payment, flows_in, own))
    inside = sum(_charge(charges, currency) for payment in payments for charges in payment.iterfind("Chrgs"))
    around = sum(_charge(charges, currency) for charges in node.iterfind("Chrgs"))
    missing = amount - sum(row["amount_minor"] for row in rows)
    if missing == 0:
        return rows, []
    # Banks state charges per payment, per entry, or both; the entry's amount tells which were taken off.
    if missing in (inside, around, inside + around):
        return [*rows, {"amount_minor": missing, "text": "Charges"}], []
    words = f"The {len(payments)} payments of the entry miss its amount by {show(missing, currency)}."
    return [], [_held(where, words, missing)]


def _held(where: str, words: str, missing: int | None) -> dict[str, object]:
    return finding("warning", "batch_does_not_add_up", where, f"{words} It is kept as one line.", missing)


def _part_amount(payment: ET.Element, currency: str, sign: int) -> int | None:
    """The amount in the line's currency with its sign; None when none is stated or it cannot be read."""
    found = next(
        (
            amt
            for path in _AMOUNTS
            if (amt := payment.find(path)) is not None and amt.get("Ccy", currency) == currency
        ),
        None,
    )
    try:
        minor, _ = money(found, currency)
        return minor * (side(payment) if text(payment, "CdtDbtInd") else sign)
    except DataRefused:
        return None


def _charge(charges: ET.Element, currency: str) -> int:
    """Charges in the line's currency as money that moved: a charge went out unless it says CRDT."""
    records = [*charges.iterfind("Rcrd"), *([charges] if charges.find("Amt") is not None else [])]
    stated = [(record.find("Amt"), text(record, "CdtDbtInd")) for record in records]
    stated = stated or [(charges.find("TtlChrgsAndTaxAmt"), None)]
    total = 0
    for amt, way in stated:
        if amt is None or amt.get("Ccy", currency) != currency:
            continue
        try:
            minor, _ = money(amt, currency)
        except DataRefused:
            continue
        total += minor if way == "CRDT" else -minor
    return total
