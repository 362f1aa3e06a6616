"""What every reader of bank files ends in: rows, balances and findings collected, then made a Statement.

In: rows named as in LINES, told one by one in file order. Out: `recon.schema.Statement`, ids given.
Never: an id that hangs on a row's place in the file, a balance computed where the bank states none.

    file = Building("march.sta", "mt940")
    account = file.own("statement 1", currency, iban, bban)
    file.book(account, row)                 # once per entry, in file order
    file.state("statement 1", account, "7", opening, closing, booked_minor)
    return file.finish()
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath
from typing import Any, Final, NamedTuple

import polars as pl

from recon.money import show
from recon.schema import BALANCES, EXPECTED, LINES, PARTS, Statement, conform, finding, findings_frame
from recon.statements.accounts import account_id as our_id
from recon.statements.accounts import account_id_from_file_name, clean_iban, is_iban
from recon.statements.identity import INCOMING, give_ids, give_part_ids

Row = dict[str, Any]

_ACCOUNTS: Final = ("account_id", "iban", "bban", "currency", "bank", "name")
_PARTS: Final = pl.Schema({"row": pl.UInt32} | PARTS.types)
_LEAST_REFERENCE: Final = 6
"""A shorter reference is likely a running number that starts again in the next statement."""
_BATCH: Final = 1024
"""Rows held as Python objects before they become a frame, which is several times smaller."""


class Account(NamedTuple):
    """The account of a statement, under our id."""

    account_id: str
    iban: str | None
    bban: str | None
    currency: str
    bank: str | None
    name: str | None


class Balance(NamedTuple):
    """A balance the bank states: minor units, `-` when overdrawn."""

    minor: int
    currency: str
    day: date | None


class _Column:
    """One column of a growing frame. As long as every row says the same (or nothing), that is kept once."""

    def __init__(self, name: str, dtype: pl.DataType) -> None:
        self.name, self.dtype = name, dtype
        self.count = 0
        self._same: Any = None
        self._pieces: list[pl.Series] = []

    def add(self, values: list[Any]) -> None:
        if not self.count:
            self._same = values[0]
        if not self._pieces:
            if values.count(self._same) == len(values):
                self.count += len(values)
                return
            if self.count:
                self._pieces.append(pl.repeat(self._same, self.count, dtype=self.dtype, eager=True))
        self.count += len(values)
        self._pieces.append(pl.Series(values, dtype=self.dtype))

    def whole(self) -> pl.Expr:
        """All of it, given away: what it was made of is freed."""
        pieces, self._pieces = self._pieces, []
        one = pl.concat(pieces, rechunk=True) if pieces else self._same
        return pl.lit(one, dtype=self.dtype).alias(self.name)


class _Rows:
    """Rows collected column by column some thousand at a time, so that a long file is never held as Python objects."""

    def __init__(self, schema: pl.Schema) -> None:
        self.count = 0
        self._waiting: list[Row] = []
        self._columns = [_Column(name, dtype) for name, dtype in schema.items()]

    def add(self, row: Row) -> None:
        self.count += 1
        self._waiting.append(row)
        if len(self._waiting) >= _BATCH:
            self._settle()

    def frame(self) -> pl.DataFrame:
        """All rows, given away: nothing is kept here."""
        self._settle()
        rows = pl.select(_row=pl.int_range(self.count))
        for column in self._columns:
            rows = rows.with_columns(column.whole())
        return rows.drop("_row")

    def _settle(self) -> None:
        if not self._waiting:
            return
        told = set().union(*self._waiting)
        nothing = [None] * len(self._waiting)
        for column in self._columns:
            column.add(_values(self._waiting, column.name) if column.name in told else nothing)
        self._waiting = []


def _values(rows: list[Row], name: str) -> list[Any]:
    try:
        return [row[name] for row in rows]
    except KeyError:
        return [row.get(name) for row in rows]


@dataclass
class Building:
    """What has been read of one file so far. `kind` is the format, and the `source` of its lines."""

    name: str
    kind: str
    accounts: dict[str, Account] = field(default_factory=dict)
    findings: list[dict[str, object]] = field(default_factory=list)
    balances: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._booked = _Rows(INCOMING)
        self._expected = _Rows(INCOMING)
        self._parts = _Rows(_PARTS)

    def note(
        self, what: str, where: str, words: str, amount: int | None = None, severity: str = "warning"
    ) -> None:
        """One finding."""
        self.findings.append(finding(severity, what, where, words, amount))

    def own(
        self,
        where: str,
        currency: str,
        iban: str | None = None,
        bban: str | None = None,
        bank: str | None = None,
        name: str | None = None,
        account_id: str | None = None,
    ) -> Account:
        """The account a statement is of, under our id.

        account_id: for a file that names no account; without it the id is made from the file's name. Both
        are told in a finding.
        """
        iban = clean_iban(iban)
        if bban and not iban and is_iban(bban):
            iban, bban = clean_iban(bban), None
        if iban or clean_iban(bban):
            ours = our_id(iban, bban, bank, currency=currency)
        else:
            bban = None
            ours = account_id or account_id_from_file_name(self.name, currency)
            name = name or (None if account_id else PurePath(self.name).stem)
            told = "the account given with the import" if account_id else "an account named after the file"
            self.note("no_account", where, f"The statement names no account; its lines went to {told}.")
        if iban and not is_iban(iban):
            words = f"The check digits of the account …{iban[-4:]} are wrong."
            self.note("iban_check", where, words, severity="note")
        account = Account(ours, iban, bban, currency, bank, name)
        self.accounts.setdefault(ours, account)
        return account

    def book(self, account: Account, row: Row, parts: Iterable[Row] = ()) -> None:
        """One booked line: LINES without `line_id`, + `bank_ref`, taken over as it is.

        parts: PARTS without ids, adding up to it.
        """
        for part in parts:
            self._parts.add(part | {"row": self._booked.count})
        row["account_id"], row["source"] = account.account_id, self.kind
        self._booked.add(row)

    def expect(self, account: Account, row: Row) -> None:
        """One pending, informational or scheduled row, in the columns of LINES."""
        row["account_id"], row["source"] = account.account_id, self.kind
        self._expected.add(row)

    def state(
        self,
        where: str,
        account: Account,
        statement_no: str | None,
        opening: Balance | None,
        closing: Balance | None,
        booked_minor: int,
    ) -> None:
        """One row of BALANCES; a finding says by how much opening + booked misses closing.

        booked_minor: the sum of the statement's booked lines in the account's currency.
        """
        ties = None
        if opening and closing:
            alike = opening.currency == closing.currency == account.currency
            ties = alike and opening.minor + booked_minor == closing.minor
            if not ties:
                self.findings.append(_does_not_tie(opening, closing, booked_minor, account, where, alike))
        self.balances.append(
            {
                "statement_no": statement_no,
                "account_id": account.account_id,
                "currency": account.currency,
                "opening_date": opening and opening.day,
                "opening_minor": opening and opening.minor,
                "closing_date": closing and closing.day,
                "closing_minor": closing and closing.minor,
                "booked_minor": booked_minor,
                "ties": ties,
            }
        )

    def finish(self) -> Statement:
        """The Statement, in file order."""
        lines = give_ids(_trusted(self._booked.frame()))
        parts = self._parts.frame()
        parts = parts.with_columns(line_id=lines["line_id"].gather(parts["row"]))
        accounts = [[getattr(account, name) for name in _ACCOUNTS] for account in self.accounts.values()]
        return Statement(
            lines=conform(lines, LINES),
            parts=conform(give_part_ids(parts), PARTS),
            expected=conform(self._expected.frame(), EXPECTED),
            balances=conform(pl.DataFrame(self.balances, schema=BALANCES.schema), BALANCES),
            findings=findings_frame(self.findings),
            accounts=pl.DataFrame(accounts, schema=dict.fromkeys(_ACCOUNTS, pl.String), orient="row"),
            format=self.kind,
            bank_refs=lines.select("line_id", "bank_ref").drop_nulls("bank_ref"),
        )


def _trusted(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their reference only where it can tell lines apart.

    Some banks give one reference to a payment and its fee, or count entries from 1 in each statement. So a
    reference counts when it is long enough and once in the account, and then together with its day.
    """
    ref = pl.col("bank_ref")
    once = ref.is_unique().over("account_id")
    long = ref.str.strip_chars_start("0").str.len_chars() >= _LEAST_REFERENCE
    # Without a reference the whole is none.
    return rows.with_columns(bank_ref=pl.format("{}/{}", "booking_date", pl.when(once & long).then(ref)))


def _does_not_tie(
    opening: Balance, closing: Balance, booked: int, account: Account, where: str, alike: bool
) -> dict[str, object]:
    if not alike:
        words = (
            f"The balances are in {opening.currency} and {closing.currency}, not both in {account.currency}."
        )
        return finding("warning", "balance_does_not_tie", where, words)
    missing = closing.minor - opening.minor - booked
    figures = (opening.minor, booked, closing.minor, missing)
    starts, moved, ends, off = (show(minor, account.currency) for minor in figures)
    words = f"Opening {starts} and entries {moved} miss the closing balance {ends} by {off}."
    return finding("warning", "balance_does_not_tie", where, words, missing)
