"""A bank's CSV or Excel export: a person says which column is which, and sees at once what would be read.

What titles tell is filled in; what the file leaves open is asked. Said once, it holds for files with these titles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from recon.errors import DataRefused
from recon.flow.files import File, Read, read_file
from recon.flow.statement_columns import keep_layout, kept_layout, table_rows
from recon.statements.readers.csv_layout import Layout, begun
from recon.statements.readers.csv_profiles import PROFILES
from recon.statements.readers.csv_titles import MANY
from recon.ui.columns import (
    SHOWN_ROWS,
    Asked,
    column_names,
    draw_again,
    four_in_a_row,
    radio,
    remember,
    show_rows,
)
from recon.ui.frame import plain, store, user

LABELS = {
    "date": "Booking date",
    "text": "Text",
    "name": "Other party",
    "currency": "Currency",
    "amount": "Amount",
    "money_in": "Money in",
    "money_out": "Money out",
    "balance": "Balance",
    "value_date": "Value date",
    "their_account": "Their account",
    "account": "Own account",
    "reference": "Bank's reference",
    "payment_reference": "Payment reference",
    "end_to_end": "Payer's id",
    "direction": "In or out, in words",
    "status": "Booked or pending",
    "sender": "Sender",
    "receiver": "Receiver",
    "iban": "Own IBAN",
    "account_name": "Own account's name",
    "original_amount": "Amount in another currency",
    "original_currency": "That other currency",
}
_USUAL = 8
_MARKS = {",": "1.234,50", ".": "1,234.50"}
_FIRSTS = {"day": "the day: 31/12/2026", "month": "the month: 12/31/2026"}
_DELIMITERS = {";": "semicolons ;", ",": "commas ,", "\t": "tabs", "|": "bars |"}
_FLIPPED = "Amounts are written the other way round, as on a card statement"


def could_be_statement(file: File) -> bool:
    """Whether a file has columns that could be those of a statement."""
    return any(
        rows and max(map(len, rows)) > 1
        for sign in (None, "|")
        if (rows := table_rows(file.content, file.name, sign))
    )


def promises_statement(file: File) -> bool:
    """Whether titles tell a day and something of a payment, or there are none, which documents cannot do without."""
    start = begun(table_rows(file.content, file.name) or [])
    known = start.columns.keys()
    return not start.header or ("date" in known and bool(known & {"amount", "money_in", "money_out", "text"}))


def ask_statement_columns(
    prefix: str, file: File, currency: str | None, account_id: str | None, currencies: Sequence[str]
) -> Asked:
    """Let a person name the columns of a bank's table."""
    key = f"{prefix}_layout_{file.hash[:12]}"
    layout = _ask_layout(file, key)
    if layout is None:
        return Asked(True)
    layout = _ask_currency(layout, currency, currencies, key)
    if missing := _missing(layout):
        st.caption(f"Still to say: {', '.join(missing)}.")
        return Asked(True)
    read = _read(file, layout, currency, account_id, key)
    remember(prefix, file, read, lambda: keep_layout(store(), layout, by=user()), key)
    return Asked(True, read)


def _ask_layout(file: File, key: str) -> Layout | None:
    """How the file is laid out, as the fields say it."""
    start = _start(file, key)
    bank, signs, above, titled = st.columns([3, 3, 2, 2], vertical_alignment="bottom")
    named = bank.selectbox(
        "Layout of the bank", list(PROFILES), None, format_func=lambda name: PROFILES[name].bank or name,
        placeholder="I name the columns", key=f"{key}_bank",
    )  # fmt: skip
    delimiter = None
    if not file.content.startswith(b"PK"):
        delimiter = signs.selectbox(
            "Cells are separated by", list(_DELIMITERS), _place_of(start.delimiter, list(_DELIMITERS)),
            format_func=_DELIMITERS.__getitem__, placeholder="As the file shows", key=f"{key}_delimiter",
        )  # fmt: skip
    rows = table_rows(file.content, file.name, delimiter or (PROFILES[named].delimiter if named else None))
    if not rows:
        st.warning("The file has no rows with these separators.", icon=":material/help:")
        return None
    if delimiter != start.delimiter:
        start = begun(rows)
    at = f"{key}_{delimiter}"
    has_titles = titled.checkbox("Has titles", start.header > 0 and bool(start.titles), key=f"{at}_titled")
    first = max(start.header - (1 if start.titles else 0), 0)
    skip = int(
        above.number_input(
            "Rows to skip at the top", 0, max(len(rows) - 1, 0), min(first, len(rows) - 1), key=f"{at}_skip"
        )
    )
    header = skip + (1 if has_titles else 0)
    if header != start.header:
        start = replace(begun(rows[skip:]), mark=start.mark, first=start.first)
    wide = max(map(len, rows))
    titles = [text.strip() for text in rows[skip]] if has_titles else []
    heads = [*titles, *[""] * (wide - len(titles))]
    show_rows(heads, rows[header:][:SHOWN_ROWS], len(rows) - header, key)
    if named:
        return replace(PROFILES[named], header=header, titles=tuple(titles))
    told = Layout(
        _ask_columns(column_names(heads), start, f"{at}_{header}"), header, delimiter=delimiter,
        titles=tuple(titles), currency=start.currency, bank=start.bank,
    )  # fmt: skip
    return _ask_signs(told, start, key)


def _start(file: File, key: str) -> Layout:
    """What is known before a person says anything; read once, so that fields do not change under their hands."""
    if f"{key}_start" not in st.session_state:
        rows = table_rows(file.content, file.name) or []
        st.session_state[f"{key}_start"] = kept_layout(store(), file.content, file.name) or begun(rows)
    return st.session_state[f"{key}_start"]


def _ask_columns(names: Sequence[str], start: Layout, key: str) -> dict[str, tuple[int, ...]]:
    """A field for each role; texts may be of several columns."""
    roles = list(LABELS)
    chosen = _fields(roles[:_USUAL], names, start, key)
    with st.expander("More columns"):
        chosen |= _fields(roles[_USUAL:], names, start, key)
    return chosen


def _fields(
    roles: Sequence[str], names: Sequence[str], start: Layout, key: str
) -> dict[str, tuple[int, ...]]:
    chosen = {}
    for role, place in four_in_a_row(roles):
        begin = [one for one in start.columns.get(role, ()) if one < len(names)]
        if role in MANY:
            said = place.multiselect(
                LABELS[role], range(len(names)), begin, format_func=names.__getitem__,
                placeholder="One or several", key=f"{key}_{role}",
            )  # fmt: skip
        else:
            one = place.selectbox(
                LABELS[role], range(len(names)), begin[0] if begin else None, format_func=names.__getitem__,
                placeholder="Needed" if role == "date" else "Not in the file", key=f"{key}_{role}",
            )  # fmt: skip
            said = [] if one is None else [one]
        if said:
            chosen[role] = tuple(said)
    return chosen


def _ask_signs(layout: Layout, start: Layout, key: str) -> Layout:
    """The other way round or not, and whatever an earlier try found undecidable."""
    asked = st.session_state.get(f"{key}_asked", ())
    mark, first = start.mark, start.first
    one, other = st.columns(2)
    if "mark" in asked or mark:
        mark = radio(one, "Amounts are written", _MARKS, mark, f"{key}_mark")
    if "first" in asked or first:
        words = radio(other, "Dates begin with", _FIRSTS, first, f"{key}_first")
        first = "day" if words == "day" else "month" if words else None
    flip = st.checkbox(_FLIPPED, start.flip, key=f"{key}_flip")
    return replace(layout, mark=mark, first=first, flip=flip)


def _ask_currency(layout: Layout, currency: str | None, currencies: Sequence[str], key: str) -> Layout:
    """The currency of all rows, where no column tells it and none was named for all files."""
    if layout.place("currency") is not None:
        return replace(layout, currency=None)
    if currency:
        return replace(layout, currency=layout.currency or currency)
    known = list(dict.fromkeys([*([layout.currency] if layout.currency else []), *currencies]))
    told = st.columns(4)[0].selectbox(
        "Currency of these lines", known, 0 if layout.currency else None, placeholder="Needed",
        key=f"{key}_currency",
    )  # fmt: skip
    return replace(layout, currency=told)


def _missing(layout: Layout) -> list[str]:
    has = layout.columns.keys()
    missing = [] if "date" in has else [LABELS["date"]]
    missing += [] if has & {"amount", "money_in", "money_out"} else ["Amount, or Money in and Money out"]
    return missing


def _place_of(value: str | None, options: Sequence[str]) -> int | None:
    return options.index(value) if value in options else None


def _read(file: File, layout: Layout, currency: str | None, account_id: str | None, key: str) -> Read | None:
    """The file read; what it leaves open is asked above, in the next run."""
    try:
        return read_file(store(), file, currency=currency, account_id=account_id, layout=layout)
    except DataRefused as error:
        asked = st.session_state.setdefault(f"{key}_asked", [])
        if (wanted := error.fields.get("asks")) and wanted not in asked:
            asked.append(wanted)
            draw_again()
        st.warning(plain(error.words), icon=":material/help:")
        return None
