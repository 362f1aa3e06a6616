"""The payments inside one bank line.

In: an entry and its `TxDtls`, two or more. Out: PARTS rows that add up to the line, charges as a part; or
none and a finding that says by how much they miss. Never: parts that do not add up.
"""

from __future__ import annotations

from recon.errors import DataRefused
from recon.money import show
from recon.schema import finding
from recon.statements.readers.building import Row
from recon.statements.readers.camt_words import money, part_row, side
from recon.statements.readers.records import Record

_AMOUNTS = ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt", "AmtDtls/InstdAmt/Amt")


def read_parts(
    entry: Record,
    payments: list[Record],
    amount: int,
    currency: str,
    own: str | None,
    flows_in: bool,
    where: str,
) -> tuple[list[Row], list[dict[str, object]]]:
    """Rows of PARTS without ids, or none and a finding. Amounts carry the sign of the money they moved."""
    sign = side(entry)
    rows = []
    for payment in payments:
        part = _part_amount(payment, currency, sign)
        if part is None:
            words = f"The {len(payments)} payments of the entry do not all state an amount in {currency}."
            return [], [_held(where, words, None)]
        rows.append(part_row(part, payment, flows_in, own))
    inside = sum(_charge(charges, currency) for payment in payments for charges in payment.all("Chrgs"))
    around = sum(_charge(charges, currency) for charges in entry.all("Chrgs"))
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


def _part_amount(payment: Record, currency: str, sign: int) -> int | None:
    """The amount in the line's currency with its sign; None when none is stated or it cannot be read."""
    for path in _AMOUNTS:
        if path in payment.values and (payment.currency(path) or currency) == currency:
            try:
                minor, _ = money(payment, path, currency)
                return minor * (side(payment) if payment.text("CdtDbtInd") else sign)
            except DataRefused:
                return None
    return None


def _charge(charges: Record, currency: str) -> int:
    """Charges in the line's currency as money that moved: a charge went out unless it says CRDT."""
    records = [*charges.all("Rcrd"), *([charges] if charges.text("Amt") else [])]
    total = 0
    for record, path in [(record, "Amt") for record in records] or [(charges, "TtlChrgsAndTaxAmt")]:
        if not record.text(path) or (record.currency(path) or currency) != currency:
            continue
        try:
            minor, _ = money(record, path, currency)
        except DataRefused:
            continue
        total += minor if record.text("CdtDbtInd") == "CRDT" else -minor
    return total
