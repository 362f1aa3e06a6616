"""A bank's CSV or Excel export → Statement, its columns recognised by their titles.

In: bytes, and a layout where a person named one. Out: LINES (one per row), EXPECTED (rows the bank calls pending),
BALANCES (one row an account, from running balances) and FINDINGS, in file order.
Never: a column, a sign, a date or a decimal mark guessed: what the file leaves open is asked for in the refusal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from recon.errors import CurrencyUnknown, DataRefused
from recon.money import minor_digits, parse_amount
from recon.schema import Statement
from recon.statements.accounts import clean_iban, is_iban
from recon.statements.readers.building import Account, Balance, Building
from recon.statements.readers.csv_layout import HEADER_WITHIN, Layout, layout_of
from recon.statements.readers.csv_profiles import fitting, profile_of
from recon.statements.readers.csv_rows import (
    Rows,
    Unsure,
    cell,
    in_order,
    is_pending,
    proves_itself,
    read_rows,
)
from recon.statements.readers.csv_titles import MANY, is_invoice_list
from recon.statements.readers.recognise import what_it_looks_like
from recon.tables.excel import read_excel
from recon.tables.table import csv_rows, no

_CHOOSE: Final = "Nothing was imported; say which column is which, or name the layout of the bank."


class LayoutOpen(DataRefused):
    """What a file leaves open about its columns.

    `fields["titles"]` and `fields["columns"]` tell what was found, `fields["asks"]` the field of a Layout (`first` or
    `mark`) that would settle it, where one would.
    """


def read_csv_statement(
    data: bytes,
    name: str,
    currency: str | None,
    account_id: str | None,
    profile: str | Layout | None = None,
) -> Statement:
    """Read one CSV or Excel export.

    currency: where neither a column nor a title names it. account_id: for a file that names no account. profile: the
    name of a layout (`recon.statements.readers.csv_profiles`) or a Layout. Raises LayoutOpen where columns, sign,
    dates or decimals are undecided, DataRefused for a file that is no table of payments or names no currency.
    """
    lines, rows = table_of(data, name, profile.delimiter if isinstance(profile, Layout) else None)
    layout = _layout(rows, name, profile)
    body, numbers = rows[layout.header :], lines[layout.header :]
    try:
        read = read_rows(numbers, body, layout, lambda row: _currency(row, layout, currency, name))
    except Unsure as why:
        titles = list(layout.titles)
        raise LayoutOpen(
            f"“{name}” {why}. {_CHOOSE}",
            file=name,
            titles=titles,
            columns=dict(layout.columns),
            asks=why.asks,
        ) from None
    if not read.amounts:
        raise DataRefused(
            f"“{name}” has titles and no payments below them. Nothing was imported; export a longer period.",
            file=name,
        )
    return _built(
        read, layout, name, [_currency(row, layout, currency, name) for row in read.cells], account_id
    )


def looks_like_payments(data: bytes, name: str) -> bool:
    """Whether a CSV or Excel file has the columns of a statement, and none of an invoice list."""
    if what_it_looks_like(data) not in ("CSV or text", "Excel"):
        return False
    try:
        _, rows = table_of(data, name)
    except DataRefused:
        return False
    found = layout_of(rows)
    return isinstance(found, Layout) and not is_invoice_list(found.titles)


def kept_for(rows: Sequence[Sequence[str]], kept: Sequence[Layout]) -> Layout | None:
    """The kept layout that fits a file: its titles are the same, wherever they stand now; None for another file.

    A layout of a file without titles fits only where the running balance proves it, row by row: as many columns
    in another order would else be read in silence.
    """
    heads = [[text.strip().casefold() for text in row] for row in rows[:HEADER_WITHIN]]
    for layout in kept:
        titles = [text.strip().casefold() for text in layout.titles]
        if any(titles):
            if titles in heads:
                return replace(layout, header=heads.index(titles) + 1)
        elif proves_itself(rows[layout.header :], layout):
            return layout
    return None


def table_of(data: bytes, name: str, delimiter: str | None = None) -> tuple[list[int], list[list[str]]]:
    """The file's lines and rows of texts, titles and what stands above them included."""
    if data.startswith(b"PK\x03\x04"):
        table = read_excel(data, name)
        rows = [
            list(table.header),
            *([text or "" for text in row] for row in zip(*table.columns, strict=True)),
        ]
        return [1, *table.lines], rows
    told = csv_rows(data, name, delimiter)
    return [line for line, _ in told], [row for _, row in told]


def _layout(rows: Sequence[Sequence[str]], name: str, profile: str | Layout | None) -> Layout:
    if isinstance(profile, Layout):
        return profile
    named = profile_of(profile) if profile else None
    if named:
        return named
    found = layout_of(rows)
    if isinstance(found, Layout):
        return found
    proved = fitting(rows)
    if proved:
        return proved
    raise LayoutOpen(
        f"“{name}” {found.why}. {_CHOOSE}", file=name, titles=list(found.titles), columns=dict(found.columns)
    )


def _currency(row: Sequence[str], layout: Layout, given: str | None, name: str) -> str:
    told = cell(row, layout.place("currency")).upper() or layout.currency or given
    if not told:
        raise DataRefused(
            f"“{name}” does not say its currency. Nothing was imported; name it beside the file (on the command "
            "line: --currency).",
            file=name,
        )
    try:
        minor_digits(told)
    except CurrencyUnknown:
        raise no(name, f"names “{told}” as a currency, which is none.") from None
    return told


def _built(
    read: Rows, layout: Layout, name: str, currencies: Sequence[str], account_id: str | None
) -> Statement:
    building = Building(name, "xlsx" if name.lower().endswith(".xlsx") else "csv")
    accounts: dict[tuple[str, str], Account] = {}
    held: dict[str, list[int]] = {}
    for at, row in enumerate(read.cells):
        key = (_own_account(row, layout, read.amounts[at]), currencies[at])
        if key not in accounts:
            accounts[key] = _account(building, key, row, layout, account_id)
        told = _line(row, layout, read, at, currencies[at])
        if is_pending(row, layout):
            building.expect(accounts[key], told)
        else:
            held.setdefault(accounts[key].account_id, []).append(at)
            building.book(accounts[key], told)
    for account in building.accounts.values():
        _balance(building, account, read, held.get(account.account_id, []))
    for line in read.remarks:
        building.note("row_passed_over", f"line {line}", "The row holds no booked payment.", severity="note")
    for line in read.undated:
        building.note("row_without_day", f"line {line}", "The row has an amount and no day; it was left out.")
    return building.finish()


def _own_account(row: Sequence[str], layout: Layout, amount: int) -> str:
    """The account of a row: of its own column, or, as Nordea has it, who sent what left and received what came."""
    for role in ("iban", "account"):
        if layout.place(role) is not None:
            return cell(row, layout.place(role))
    own = cell(row, layout.place("sender" if amount < 0 else "receiver"))
    return own if sum(sign.isdigit() for sign in own) >= 8 else ""


def _account(
    building: Building, key: tuple[str, str], row: Sequence[str], layout: Layout, account_id: str | None
) -> Account:
    number, currency = key
    iban = clean_iban(number) if is_iban(number) else None
    name = cell(row, layout.place("account_name")) or None
    bban = None if iban else number or None
    return building.own("the file", currency, iban, bban, layout.bank, name, account_id)


def _line(row: Sequence[str], layout: Layout, read: Rows, at: int, currency: str) -> dict[str, Any]:
    parts = [cell(row, place) for place in layout.columns.get("text", ())] if "text" in MANY else []
    texts = list(dict.fromkeys(part for part in parts if part))
    other = "receiver" if read.amounts[at] < 0 else "sender"
    theirs = cell(row, layout.place("their_account")) or cell(row, layout.place(other))
    named = cell(row, layout.place("name"))
    is_number = sum(sign.isdigit() for sign in theirs) >= 8
    name = named or (theirs if theirs and not is_number else "")
    return {
        "booking_date": read.days[at] or read.value_days[at],
        "value_date": read.value_days[at],
        "amount_minor": read.amounts[at],
        "currency": currency,
        "text": " ".join(texts) or named or "",
        "counterparty_name": name or None,
        "counterparty_account": theirs if is_number else None,
        "creditor_reference": cell(row, layout.place("payment_reference")) or None,
        "end_to_end_id": cell(row, layout.place("end_to_end")) or None,
        "balance_minor": read.balances[at],
        "bank_ref": "".join(cell(row, layout.place("reference")).split()) or None,
        **_original(row, layout, currency),
    }


def _original(row: Sequence[str], layout: Layout, currency: str) -> dict[str, Any]:
    """What was paid in another currency, where the row says so in plain figures."""
    told = cell(row, layout.place("original_currency")).upper()
    if not told or told == currency:
        return {}
    plain = cell(row, layout.place("original_amount")).replace(" ", "").replace(",", ".")
    try:
        return {"original_minor": parse_amount(plain, told), "original_currency": told}
    except (DataRefused, CurrencyUnknown):
        return {"original_currency": None}


def _balance(building: Building, account: Account, read: Rows, booked: list[int]) -> None:
    """Opening and closing from the running balances of an account's rows; nothing where the bank writes none."""
    amounts, balances = [read.amounts[at] for at in booked], [read.balances[at] for at in booked]
    total = sum(amounts)
    if not booked or balances[0] is None or balances[-1] is None:
        building.state("the file", account, None, None, None, total)
        return
    days = [day for at in booked if (day := read.days[at])]
    proved = in_order(amounts, balances)
    oldest_first = proved if proved is not None else days[0] <= days[-1]
    first, last = (0, -1) if oldest_first else (-1, 0)
    opening = Balance(int(balances[first] or 0) - amounts[first], account.currency, min(days))
    closing = Balance(int(balances[last] or 0), account.currency, max(days))
    building.state("the file", account, None, opening, closing, total)
