"""A table of texts → ITEMS, or every reason why not.

In: a table whose columns are ours. Out: ITEMS and FINDINGS, or DataRefused with all bad cells.
Never: some of the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import polars as pl

from recon.documents.columns import COLUMNS, EITHER_SIDE, KIND_WORDS, RECEIVED, SIGNS
from recon.documents.identity import OwnCompany, folded, item_id
from recon.documents.payment_reference import printed
from recon.errors import CurrencyUnknown, DataRefused
from recon.money import minor_digits
from recon.schema import ITEMS, Documents, conform, finding, findings_frame
from recon.tables.amounts import Bad, read_amounts
from recon.tables.dates import read_dates, reads_both_ways

_DRAFT: Final = ("draft", "kladde")
_DONE: Final = ("paid", "settled", "cancelled", "canceled", "void", "voided", "betalt", "annulleret")
_CREDITS: Final = ("credit_note", "bill_credit")
_MARKS: Final = {"comma": ",", "point": "."}
_FIRST: Final = 3
"""How many bad rows the message names; `problems` has them all."""

Cells = Sequence[str | None]
Row = dict[str, Any]


@dataclass
class Problems:
    """Bad cells collected: what `DataRefused.fields["problems"]` carries, `line column reason` each.

    `asks`, carried as well, names the ANSWERS a mapping must give before the table can be read.
    """

    file: str
    found: list[dict[str, Any]] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)

    def add(self, line: int, column: str, reason: str) -> None:
        self.found.append({"line": line, "column": column, "reason": reason})

    def ask(self, answer: str, line: int, column: str, reason: str) -> None:
        """Note what only a person can decide; `answer` is one of ANSWERS."""
        self.add(line, column, reason)
        if answer not in self.asks:
            self.asks.append(answer)

    def refuse(self) -> None:
        """Raise DataRefused when there is any; the message names the first few."""
        if not self.found:
            return
        self.found.sort(key=lambda problem: problem["line"])
        named = "; ".join(
            f"line {p['line']}, column {p['column']}: {p['reason']}" for p in self.found[:_FIRST]
        )
        rest = len(self.found) - _FIRST
        raise DataRefused(
            f"“{self.file}” was not imported: {named}{f'; and {rest} more' if rest > 0 else ''}. "
            "Nothing was changed; correct the file and import it again.",
            file=self.file,
            problems=self.found,
            asks=self.asks,
        )


@dataclass(frozen=True)
class Sheet:
    """A table under our column names. points: amount columns whose decimal mark is known to be a point.

    answers: what was told of the whole table, by ANSWERS.
    """

    file: str
    source: str
    lines: list[int]
    columns: dict[str, Cells]
    points: frozenset[str]
    answers: Mapping[str, str] = field(default_factory=dict)

    def cells(self, name: str) -> Cells:
        return self.columns.get(name) or [None] * len(self.lines)


def read_rows(sheet: Sheet, own_ids: Sequence[str] = (), currency: str | None = None) -> Documents:
    """ITEMS of a sheet. currency: for rows that name none. own_ids: numbers and names of our own company.

    Raises DataRefused that names every bad cell; findings tell of drafts left out and other oddities.
    """
    problems = Problems(sheet.file)
    findings: list[dict[str, object]] = []
    currencies = [_currency(cell or currency, line, problems) for line, cell in _numbered(sheet, "currency")]
    totals = _amounts("total", sheet, currencies, problems)
    opens = _amounts("open_amount", sheet, currencies, problems)
    dates = _dates(sheet, problems)
    ours = OwnCompany(own_ids)
    rows: list[Row] = []
    for place, line in enumerate(sheet.lines):
        told = {name: sheet.cells(name)[place] for name in COLUMNS}
        kind = _kind(told["kind"], sheet, totals[place], line, problems)
        if _by_sign(sheet) and kind in _CREDITS:
            totals[place], opens[place] = _turned(totals[place]), _turned(opens[place])
        if not told["number"]:
            problems.add(line, "number", "is empty")
        if (told["status"] or "").casefold() in _DRAFT:
            findings.append(finding("note", "draft", f"line {line}", f"Draft {told['number']} was left out."))
            continue
        if ours.is_one_of(told["party_name"], told["party_cvr"], told["party_iban"]):
            findings.append(
                finding("warning", "own_company", f"line {line}", "The other party is ourselves.")
            )
        money = _money(kind, totals[place], opens[place], told["status"], line, problems, findings)
        days = {name: found[place] for name, found in dates.items()}
        rows.append(
            {"line": line, **told, **_item(told, kind), **money, **days, "currency": currencies[place]}
        )
    _refuse_doubles(rows, problems)
    problems.refuse()
    items = pl.DataFrame([row | {"source": sheet.source} for row in rows], schema=ITEMS.schema)
    return Documents(conform(items, ITEMS), findings_frame(findings), sheet.source)


def _numbered(sheet: Sheet, name: str) -> Iterator[tuple[int, str | None]]:
    return zip(sheet.lines, sheet.cells(name), strict=True)


def _currency(cell: str | None, line: int, problems: Problems) -> str | None:
    """The currency in capitals; None after a problem was noted."""
    currency = (cell or "").strip().upper()
    try:
        minor_digits(currency)
    except CurrencyUnknown:
        reason = (
            f"“{cell}” is not a currency code" if currency else "is empty; give a currency with the import"
        )
        problems.add(line, "currency", reason)
        return None
    return currency


def _amounts(name: str, sheet: Sheet, currencies: Cells, problems: Problems) -> list[int | None]:
    """Minor units of one column. Where a cell is bad the problem is noted and 0 stands in its place."""
    mark = "." if name in sheet.points else _MARKS.get(sheet.answers.get("decimal_mark", ""))
    amounts, wrong = read_amounts(sheet.cells(name), currencies, mark)
    if wrong:
        problems.ask("decimal_mark", 1, name, wrong)
        return [0] * len(sheet.lines)
    whole = [
        _good(amount, name, line, problems, 0) for line, amount in zip(sheet.lines, amounts, strict=True)
    ]
    return [_turned(amount) for amount in whole] if sheet.answers.get("sign") == "turned" else whole


def _dates(sheet: Sheet, problems: Problems) -> dict[str, list[date | None]]:
    """Both columns of dates; one of them may decide for the other which is day and which is month."""
    told = {name: sheet.cells(name) for name in ("issue_date", "due_date")}
    first = sheet.answers.get("date_order")
    either = None if first else reads_both_ways(cell for cells in told.values() for cell in cells)
    if either:
        name = next(name for name, cells in told.items() if either in {cell for cell in cells if cell})
        problems.ask("date_order", 1, name, f"leaves open which of “{either}” is the day and which the month")
    return {
        name: [
            _good(day, name, line, problems, None)
            for line, day in zip(
                sheet.lines, read_dates(cells, "month" if first == "month" else "day"), strict=True
            )
        ]
        for name, cells in told.items()
    }


def _good(value: Any, name: str, line: int, problems: Problems, instead: Any) -> Any:
    if not isinstance(value, Bad):
        return value
    problems.add(line, name, value.reason)
    return instead


def _kind(cell: str | None, sheet: Sheet, total: int | None, line: int, problems: Problems) -> str:
    """The kind in the template's words; "" after a problem was noted."""
    side = sheet.answers.get("side")
    if _by_sign(sheet):
        kind = "credit_note" if (total or 0) < 0 else "invoice"
        return RECEIVED[kind] if side == "purchases" else kind
    word = re.sub(r"[\s-]+", "_", (cell or "").casefold())
    if word in EITHER_SIDE and not side:
        problems.ask("side", line, "kind", f"“{cell}” does not say whether it was sent or received")
        return ""
    kind = KIND_WORDS.get(word, word)
    if kind not in SIGNS:
        reason = f"“{cell}” is none of {', '.join(SIGNS)}" if cell else "is empty"
        problems.add(line, "kind", reason)
        return ""
    plain_word = word in EITHER_SIDE or word in SIGNS
    return RECEIVED.get(kind, kind) if side == "purchases" and plain_word else kind


def _by_sign(sheet: Sheet) -> bool:
    """Whether the sign of the total says what a row is, since no column does."""
    return "kind" not in sheet.columns


def _turned(amount: int | None) -> int | None:
    return None if amount is None else -amount


def _money(
    kind: str,
    total: int | None,
    still_open: int | None,
    status: str | None,
    line: int,
    problems: Problems,
    findings: list[dict[str, object]],
) -> dict[str, int]:
    """Total and open amount with the sign of the cash they await."""
    if total is None:
        problems.add(line, "total", "is empty")
        total = 0
    if still_open is None:
        still_open = 0 if (status or "").casefold() in _DONE else total
    if still_open * total < 0:
        problems.add(line, "open_amount", "has the opposite sign of the total")
    elif abs(still_open) > abs(total):
        words = "More is open than the document's total."
        findings.append(finding("warning", "open_exceeds_total", f"line {line}", words, still_open - total))
    sign = SIGNS.get(kind, 1)
    return {"total_minor": sign * total, "open_minor": sign * still_open}


def _item(told: dict[str, str | None], kind: str) -> dict[str, str | None]:
    """The words of an item. A receipt is a bill that was paid at once; its text says so."""
    text = told["text"]
    if kind == "receipt":
        text = f"Receipt: {text}" if text else "Receipt"
    account = re.sub(r"\s+", "", told["party_iban"] or "").upper()
    return {
        "item_id": _item_id(told, kind),
        "kind": "bill" if kind == "receipt" else kind,
        "document_no": told["number"],
        "payment_reference": printed(told["payment_reference"], told["payment_reference_type"]),
        "counterparty_id": told["party_id"] or told["party_cvr"],
        "counterparty_name": told["party_name"],
        "counterparty_account": account or None,
        "text": text,
    }


def _item_id(told: dict[str, str | None], kind: str) -> str:
    return item_id(kind, told["number"] or "", _party(told), told["external_id"])


def _party(told: dict[str, str | None]) -> str:
    """What stands for the other party in a document's id."""
    return told["party_id"] or told["party_cvr"] or folded(told["party_name"])


def _refuse_doubles(rows: list[Row], problems: Problems) -> None:
    """Note each document that is in the file twice: by its id, or by kind, party and number."""
    first: dict[tuple[str | None, ...], int] = {}
    for row in rows:
        keys = [("number", row["kind"], _party(row), row["document_no"]), (row["item_id"],)]
        twice = next((key for key in keys if key in first), None)
        if twice and row["number"] and row["kind"]:
            column = "external_id" if row["external_id"] and len(twice) == 1 else "number"
            problems.add(row["line"], column, f"“{row[column]}” is in line {first[twice]} already")
        for key in keys:
            first.setdefault(key, row["line"])
