"""Laws on any book: journals balance, no money is made or lost, and a reversal takes back all of it."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from post_book import ROLES, accounts, net

from recon.errors import UsageError
from recon.post.formats import FORMATS, Export, render
from recon.post.journal import journal, prove, reverse
from recon.schema import ALLOCATIONS, ITEMS, LINES, conform

KINDS = ("invoice", "credit_note", "bill", "bill_credit", "payout")
OWN = {"drift": "DKK", "savings": "DKK", "euro": "EUR"}
amounts = st.integers(-(10**12), 10**12)
texts = st.text(max_size=12)


@st.composite
def books(draw):
    """Lines on three accounts; each gives to documents, accounts and own transfers, in a few decisions."""
    lines = [
        {
            "line_id": f"l{n}",
            "account_id": draw(st.sampled_from(list(OWN))),
            "booking_date": date(2026, 1, 1) + timedelta(draw(st.integers(0, 3))),
            "amount_minor": draw(amounts),
            "text": draw(texts),
            "counterparty_name": draw(st.none() | texts),
            "source": "law",
        }
        for n in range(draw(st.integers(1, 4)))
    ]
    for line in lines:
        line["currency"] = OWN[line["account_id"]]
    items = [
        {
            "item_id": f"i{n}",
            "kind": draw(st.sampled_from(KINDS)),
            "document_no": draw(texts),
            "counterparty_id": draw(st.none() | texts),
            "counterparty_name": draw(st.none() | texts),
            "currency": draw(st.sampled_from(["DKK", "EUR", "JPY"])),
            "total_minor": 1,
            "open_minor": 1,
            "erp_account": draw(st.none() | st.just("5605")),
            "source": "law",
        }
        for n in range(3)
    ]
    targets = [
        "i0",
        "i1",
        "i2",
        "account:7220",
        "account:4010",
        *(f"line:{each['line_id']}" for each in lines),
    ]
    keys = st.tuples(
        st.sampled_from(["d1", "d2"]),
        st.sampled_from([each["line_id"] for each in lines]),
        st.sampled_from(targets),
    )
    allocations = [
        {
            "decision_id": decision,
            "line_id": line,
            "item_id": target,
            "amount_minor": draw(amounts),
            "item_amount_minor": draw(amounts),
        }
        for decision, line, target in draw(st.lists(keys, unique=True, max_size=8))
    ]
    if len(lines) > 1 and draw(st.booleans()):
        allocations += matched_transfer(lines, draw(amounts))
    return tuple(
        conform(pl.DataFrame(rows, schema={name: form.types[name] for name in names}), form)
        for rows, form, names in (
            (
                allocations,
                ALLOCATIONS,
                ["decision_id", "line_id", "item_id", "amount_minor", "item_amount_minor"],
            ),
            (lines, LINES, list(lines[0])),
            (items, ITEMS, list(items[0])),
        )
    )


def matched_transfer(lines, amount):
    sides = (
        (lines[0]["line_id"], lines[1]["line_id"], amount),
        (lines[1]["line_id"], lines[0]["line_id"], -amount),
    )
    return [
        {
            "decision_id": "transfer",
            "line_id": line,
            "item_id": f"line:{other}",
            "amount_minor": minor,
            "item_amount_minor": minor,
        }
        for line, other, minor in sides
    ]


@given(books())
@settings(max_examples=60, deadline=None)
def test_no_money_is_made_or_lost(book):
    allocations, lines, items = book
    postings = journal(allocations, lines, items, accounts(), ROLES)
    prove(postings, allocations)

    balance: dict[tuple, int] = {}
    bank: dict[str, int] = {}
    for row in postings.iter_rows(named=True):
        signed = row["amount_minor"] if row["side"] == "debit" else -row["amount_minor"]
        key = (row["journal_id"], row["date"], row["currency"])
        balance[key] = balance.get(key, 0) + signed
        if row["item_id"] is None:
            bank[row["line_id"]] = bank.get(row["line_id"], 0) + signed
    allocated: dict[str, int] = {}
    for row in allocations.iter_rows(named=True):
        allocated[row["line_id"]] = allocated.get(row["line_id"], 0) + row["amount_minor"]

    assert not any(balance.values())
    assert {line: minor for line, minor in bank.items() if minor} == {
        line: minor for line, minor in allocated.items() if minor
    }
    assert (postings["amount_minor"] > 0).all()


@given(books(), st.randoms())
@settings(max_examples=40, deadline=None)
def test_row_order_changes_nothing(book, random):
    allocations, lines, items = book
    shuffled = (
        frame[random.sample(range(frame.height), frame.height)] if frame.height else frame
        for frame in (allocations, lines, items)
    )
    assert journal(*shuffled, accounts(), ROLES).equals(journal(*book, accounts(), ROLES))


@given(books())
@settings(max_examples=40, deadline=None)
def test_a_journal_and_its_reversal_net_to_zero(book):
    allocations, lines, items = book
    postings = journal(allocations, lines, items, accounts(), ROLES)
    both = pl.concat([postings, reverse(postings, "undo", date(2026, 3, 1))])
    assert net(both) == {}
    assert not both.select("journal_id", "entry_no").is_duplicated().any()
    prove(both, allocations.head(0))


@given(books())
@settings(max_examples=15, deadline=None)
def test_exporting_again_gives_the_same_bytes(book):
    allocations, lines, items = book
    postings = journal(allocations, lines, items, accounts(), ROLES)
    export = Export(postings, lines, items, accounts(), "law", allocations=allocations)
    mixed = Export(postings.reverse(), lines.reverse(), items.reverse(), accounts(), "law")
    for name in FORMATS:
        assert written(name, export) == written(name, mixed)


def written(name: str, export: Export) -> bytes | str:
    """The file, or why a program of one currency takes none."""
    try:
        return render(name, export)
    except UsageError as refused:
        return refused.words
