"""Every frame that leaves a step, declared once: columns, exact types, which are never null.

Signs and units hold everywhere: `amount_minor` is whole minor units, `+` is money into our account;
`total_minor` and `open_minor` of an item carry the sign of the cash they await. Ids are strings, dates
are calendar dates, instants (`_at`) are UTC. Frames meet here and nowhere else: a step knows no other step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import polars as pl

from recon.errors import DataRefused

INSTANT: Final = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Table:
    """A frame's promise. `types` in column order; `required` columns are never null; `key` is unique."""

    name: str
    types: dict[str, pl.DataType | type[pl.DataType]]
    required: frozenset[str]
    key: tuple[str, ...] = ()
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def schema(self) -> pl.Schema:
        return pl.Schema(self.types)

    @property
    def columns(self) -> list[str]:
        return list(self.types)

    def empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self.schema)


def _table(
    name: str, columns: str, *, key: tuple[str, ...] = (), values: dict[str, tuple[str, ...]] | None = None
) -> Table:
    """A table from words such as `line_id! amount_minor!:int text`: `!` never null, text unless typed."""
    kinds: dict[str, pl.DataType | type[pl.DataType]] = {
        "int": pl.Int64,
        "float": pl.Float64,
        "date": pl.Date,
        "bool": pl.Boolean,
        "at": INSTANT,
        "texts": pl.List(pl.String),
    }
    types: dict[str, pl.DataType | type[pl.DataType]] = {}
    required = set()
    for word in columns.split():
        column, _, kind = word.partition(":")
        if column.endswith("!"):
            column = column[:-1]
            required.add(column)
        types[column] = kinds[kind] if kind else pl.String
    return Table(name, types, frozenset(required), key, values or {})


LINE_KINDS = ("transfer", "card", "direct_debit", "fee", "interest", "payout", "unknown")
ITEM_KINDS = ("invoice", "credit_note", "bill", "bill_credit", "payout")
PROPOSAL_KINDS = (
    "one_to_one",
    "one_to_many",
    "many_to_one",
    "many_to_many",
    "partial",
    "transfer",
    "rule",
)
DIFFERENCE_KINDS = ("none", "fee", "tolerance", "discount", "fx", "overpaid", "unexplained")

_LINE_COLUMNS = """
    line_id! account_id! booking_date!:date value_date:date amount_minor!:int currency! text!
    counterparty_name counterparty_account end_to_end_id creditor_reference references:texts
    original_minor:int original_currency exchange_rate:float balance_minor:int kind source!
"""

LINES = _table("LINES", _LINE_COLUMNS, key=("line_id",), values={"kind": LINE_KINDS})
"""One booked bank line a row."""

EXPECTED = _table("EXPECTED", _LINE_COLUMNS.replace("!", ""))
"""Pending and scheduled rows: the columns of LINES and none of its promises."""

PARTS = _table(
    "PARTS",
    """part_id! line_id! amount_minor!:int counterparty_name counterparty_account end_to_end_id
    creditor_reference text""",
    key=("part_id",),
)
"""What a batched bank line is made of; the parts of a line add up to it, charges included."""

BALANCES = _table(
    "BALANCES",
    """statement_no account_id! currency! opening_date:date opening_minor:int closing_date:date
    closing_minor:int booked_minor!:int ties:bool""",
)
"""One statement a row: `ties` says opening + booked = closing, null where a balance is not stated."""

STATED = _table(
    "STATED",
    """account_id! source! stated_on!:date currency! stated_minor!:int booked_minor!:int first_day:date""",
    key=("account_id", "source", "stated_on"),
)
"""What a bank said is booked on a day, and what our lines of the account, the first of `first_day`, added up to."""

FINDINGS = _table(
    "FINDINGS",
    "severity! what! where! words! amount_minor:int",
    values={"severity": ("note", "warning", "error")},
)
"""What a person should know of the data: what, where in it, in words, and by how much."""

ITEMS = _table(
    "ITEMS",
    """item_id! kind! document_no! payment_reference counterparty_id counterparty_name counterparty_account
    currency! total_minor!:int open_minor!:int issue_date:date due_date:date text erp_account source!""",
    key=("item_id",),
    values={"kind": ITEM_KINDS},
)
"""One document a row: an invoice awaits `+`, its credit note `-`, a bill `-`, its credit `+`."""

PROPOSALS = _table(
    "PROPOSALS",
    """proposal_id! rank!:int probability!:float kind! difference_minor!:int difference_kind! score!:float
    prior!:float auto!:bool rival""",
    key=("proposal_id",),
    values={"kind": PROPOSAL_KINDS, "difference_kind": DIFFERENCE_KINDS},
)
"""One suggestion a row; rank 1 was chosen by the assignment over all lines."""

LEGS = _table(
    "LEGS",
    "proposal_id! line_id! item_id! amount_minor!:int item_amount_minor!:int",
    key=("proposal_id", "line_id", "item_id"),
)
"""Who gives what to whom. `item_id` is `line:<line_id>` for a transfer, `account:<erp_account>` for a booking."""

EVIDENCE = _table(
    "EVIDENCE", "proposal_id! feature! level! weight!:float words!", key=("proposal_id", "feature")
)
"""Why and why not, in log2 odds: `prior` + the sum of `weight` = `score` of the proposal."""

UNMATCHED = _table(
    "UNMATCHED",
    "line_id! reason! none_probability!:float",
    key=("line_id",),
    values={"reason": ("nothing_fits", "tie", "below_threshold", "needs_rule")},
)
"""Lines without a rank 1 proposal, and why."""

ACCOUNTS = _table(
    "ACCOUNTS",
    """account_id! name iban bban currency! bank erp_account sync_from:date on!:bool consent_id
    last_success_at:at outcome""",
    key=("account_id",),
)
CONSENTS = _table(
    "CONSENTS",
    "consent_id! bank! status! granted_at:at last_login_at:at expires_at:at days_left:int",
    key=("consent_id",),
    values={"status": ("connecting", "active", "expiring", "needs_login", "expired", "revoked")},
)
DECISIONS = _table(
    "DECISIONS",
    """decision_id! action! proposal_id line_id decided_at!:at by! auto!:bool reason engine_version!""",
    key=("decision_id",),
    values={"action": ("accept", "reject", "undo", "allocate", "book")},
)
ALLOCATIONS = _table(
    "ALLOCATIONS",
    """proposal_id line_id! item_id! amount_minor!:int item_amount_minor!:int decision_id! erp_account""",
    key=("decision_id", "line_id", "item_id"),
)
POSTINGS = _table(
    "POSTINGS",
    """journal_id! entry_no!:int date!:date side! erp_account! amount_minor!:int currency! text! line_id
    item_id exported_at:at""",
    key=("journal_id", "entry_no"),
    values={"side": ("debit", "credit")},
)
SYNC_RUNS = _table(
    "SYNC_RUNS",
    """run_id! started_at!:at finished_at:at by! account_id! outcome! fetched!:int new!:int changed!:int
    withdrawn!:int from:date until:date reason""",
    values={"outcome": ("new", "none", "partial", "limited", "needs_login", "failed")},
)
ACCEPTED = _table("ACCEPTED", "line_id! item_id! amount_minor!:int item_amount_minor!:int decided_at!:at by!")
REJECTED = _table("REJECTED", "line_id! item_id! decided_at!:at by!")

TABLES = {
    table.name: table
    for table in (
        LINES, EXPECTED, PARTS, BALANCES, STATED, FINDINGS, ITEMS, PROPOSALS, LEGS, EVIDENCE, UNMATCHED,
        ACCOUNTS, CONSENTS, DECISIONS, ALLOCATIONS, POSTINGS, SYNC_RUNS, ACCEPTED, REJECTED,
    )
}  # fmt: skip


def conform(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The frame with exactly the table's columns and types; missing optional columns become null.

    Raises DataRefused for a required column that is missing or holds a null, a value of another type,
    a value outside the table's list, or a key that occurs twice. Extra columns are left out.
    """
    missing = sorted(table.required - set(frame.columns))
    if missing:
        raise DataRefused(f"{table.name} needs the column(s) {', '.join(missing)}.", columns=missing)
    try:
        whole = frame.select(
            (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
            for name, dtype in table.types.items()
        )
    except pl.exceptions.PolarsError as error:
        raise DataRefused(f"{table.name} holds a value of the wrong type: {error}") from error
    _refuse_broken(whole, table)
    return whole


def _refuse_broken(frame: pl.DataFrame, table: Table) -> None:
    # Asked of the frame and not of its series: a column that says one thing throughout stays as small as that.
    nulls = frame.null_count().row(0, named=True)
    empty = [name for name in sorted(table.required) if nulls[name]]
    if empty:
        raise DataRefused(f"{table.name} has rows without {', '.join(empty)}.", columns=empty)
    for name, allowed in table.values.items():
        said = frame.select(pl.col(name).unique()).to_series().drop_nulls()
        strange = said.filter(~said.is_in(allowed)).to_list()
        if strange:
            raise DataRefused(
                f"{table.name}.{name} is “{strange[0]}”; it can be {', '.join(allowed)}.", column=name
            )
    if table.key and frame.height and frame.n_unique(table.key) < frame.height:
        twice = frame.filter(frame.select(table.key).is_duplicated()).select(table.key).row(0)
        raise DataRefused(f"{table.name} holds {' / '.join(twice)} more than once.", key=twice)


def finding(
    severity: str, what: str, where: str, words: str, amount_minor: int | None = None
) -> dict[str, object]:
    """One row of FINDINGS."""
    return {"severity": severity, "what": what, "where": where, "words": words, "amount_minor": amount_minor}


def findings_frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    """Rows of `finding` as FINDINGS, exact types even when empty."""
    return conform(pl.DataFrame(rows, schema=FINDINGS.schema), FINDINGS)


@dataclass(frozen=True)
class Statement:
    """What a bank file holds: LINES, PARTS, EXPECTED, BALANCES, FINDINGS; `accounts` names its owners.

    accounts: `account_id! iban bban currency! bank name`, one row an account of the file.
    bank_refs: `line_id! bank_ref!`, the bank's own reference of a line where it can be trusted.
    """

    lines: pl.DataFrame
    parts: pl.DataFrame
    expected: pl.DataFrame
    balances: pl.DataFrame
    findings: pl.DataFrame
    accounts: pl.DataFrame
    format: str = ""
    bank_refs: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={"line_id": pl.String, "bank_ref": pl.String})
    )


@dataclass(frozen=True)
class Documents:
    """What a document file holds: ITEMS and FINDINGS."""

    items: pl.DataFrame
    findings: pl.DataFrame
    format: str = ""


@dataclass(frozen=True)
class Matching:
    """What the engine suggests: PROPOSALS, their LEGS and EVIDENCE, and the UNMATCHED lines.

    telling: gives EVIDENCE; it is asked once, when somebody wants to read it.
    """

    proposals: pl.DataFrame
    legs: pl.DataFrame
    unmatched: pl.DataFrame
    lines: pl.DataFrame
    items: pl.DataFrame
    calibrated: bool = False
    telling: Callable[[], pl.DataFrame] = field(default=EVIDENCE.empty)

    @cached_property
    def evidence(self) -> pl.DataFrame:
        """EVIDENCE of every proposal."""
        return self.telling()


@dataclass(frozen=True)
class History:
    """What people decided so far: LINES, ITEMS, ACCEPTED and REJECTED pairs with who and when."""

    lines: pl.DataFrame = field(default_factory=LINES.empty)
    items: pl.DataFrame = field(default_factory=ITEMS.empty)
    accepted: pl.DataFrame = field(default_factory=ACCEPTED.empty)
    rejected: pl.DataFrame = field(default_factory=REJECTED.empty)
