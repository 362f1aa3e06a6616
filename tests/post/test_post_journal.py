"""Small books, and the journal an accountant would write for them."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from post_book import BANKS, ROLES, accounts, allocations, book, entries, items, lines, net

from recon.errors import DataRefused, ErpAccountMissing, IntegrityAlarm, UsageError
from recon.post.journal import journal, journal_id, prove, reverse, totals
from recon.schema import POSTINGS

LINES = """
line_id  account_id  booking_date  amount_minor  currency  text            counterparty_name
paid     drift       2026-01-05    95.00         DKK       OVERFØRSEL      Nordic Customer A/S
both     drift       2026-01-06    250.00        DKK       samlet          Nordic Customer A/S
rent     drift       2026-01-07    -8000.00      DKK       BS Ejendom      Ejendom ApS
fee      drift       2026-01-08    -12.00        DKK       Gebyr januar    -
out      drift       2026-01-09    -500.00       DKK       til opsparing   -
in       savings     2026-01-09    500.00        DKK       fra drift       -
late     savings     2026-01-12    500.00        DKK       fra drift       -
abroad   drift       2026-01-13    745.00        DKK       SWIFT           Berlin GmbH
euros    euro        2026-01-09    67.00         EUR       from DKK        -
stripe   drift       2026-01-14    970.00        DKK       STRIPE          Stripe
nothing  drift       2026-01-15    0.00          DKK       nul             -
"""
ITEMS = """
item_id  kind         document_no  counterparty_name    currency  total_minor  erp_account
i42      invoice      1042         Nordic Customer A/S  DKK       100.00       -
i43      invoice      1043         Nordic Customer A/S  DKK       300.00       -
c7       credit_note  C7           Nordic Customer A/S  DKK       -50.00       -
b9       bill         9            Ejendom ApS          DKK       -8000.00     -
eu       invoice      2001         Berlin GmbH          EUR       100.00       5605
po       payout       P1           Stripe               DKK       1000.00      -
"""


def written(given: str, **options) -> list[str]:
    postings, allocated, *_ = book(LINES, ITEMS, given, **options)
    prove(postings, allocated)
    return entries(postings)


def test_a_fee_kept_by_the_bank_is_an_expense_and_the_invoice_is_settled_whole():
    assert written("""
        line_id  item_id       amount_minor  decision_id
        paid     account:7220  -5.00         d1
        paid     i42           100.00        d1
    """) == [
        "2026-01-05 debit 5820 95.00 DKK Invoice 1042, Bank fee · Nordic Customer A/S",
        "2026-01-05 credit 5600 100.00 DKK Invoice 1042 · Nordic Customer A/S",
        "2026-01-05 debit 7220 5.00 DKK Bank fee · Nordic Customer A/S",
    ]


def test_a_credit_note_is_netted_in_the_payment():
    assert written("""
        line_id  item_id  amount_minor  decision_id
        both     c7       -50.00        d1
        both     i43      300.00        d1
    """) == [
        "2026-01-06 debit 5820 250.00 DKK Invoice 1043, Credit note C7 · Nordic Customer A/S",
        "2026-01-06 credit 5600 300.00 DKK Invoice 1043 · Nordic Customer A/S",
        "2026-01-06 debit 5600 50.00 DKK Credit note C7 · Nordic Customer A/S",
    ]


def test_a_bill_debits_the_creditor():
    assert written("""
        line_id  item_id  amount_minor  decision_id
        rent     b9       -8000.00      d1
    """) == [
        "2026-01-07 credit 5820 8000.00 DKK Bill 9 · Ejendom ApS",
        "2026-01-07 debit 6800 8000.00 DKK Bill 9 · Ejendom ApS",
    ]


def test_a_booking_without_a_document_speaks_the_banks_words():
    assert written("""
        line_id  item_id       amount_minor  decision_id
        fee      account:4510  -12.00        d1
    """) == [
        "2026-01-08 credit 5820 12.00 DKK Gebyr januar",
        "2026-01-08 debit 4510 12.00 DKK Gebyr januar",
    ]


def test_a_payout_net_of_fees_settles_gross():
    assert written("""
        line_id  item_id       amount_minor  decision_id
        stripe   po            1000.00       d1
        stripe   account:7220  -30.00        d1
    """) == [
        "2026-01-14 debit 5820 970.00 DKK Payout P1, Bank fee · Stripe",
        "2026-01-14 credit 5610 1000.00 DKK Payout P1 · Stripe",
        "2026-01-14 debit 7220 30.00 DKK Bank fee · Stripe",
    ]


def test_only_what_is_allocated_of_a_line_is_posted():
    assert written("""
        line_id  item_id  amount_minor  decision_id
        both     i42      100.00        d1
    """) == [
        "2026-01-06 debit 5820 100.00 DKK Invoice 1042 · Nordic Customer A/S",
        "2026-01-06 credit 5600 100.00 DKK Invoice 1042 · Nordic Customer A/S",
    ]


def test_a_document_in_another_currency_says_its_own_amount():
    """The control account that the document names is settled; the rate's difference has its own account."""
    postings, allocated, *_ = book(
        LINES,
        ITEMS,
        """
        line_id  item_id       amount_minor  item_amount_minor  decision_id
        abroad   eu            746.00        100.00             d1
        abroad   account:7410  -1.00         -1.00              d1
        """,
    )
    prove(postings, allocated)
    assert entries(postings) == [
        "2026-01-13 debit 5820 745.00 DKK Invoice 2001, Exchange difference · Berlin GmbH",
        "2026-01-13 credit 5605 746.00 DKK Invoice 2001 · Berlin GmbH · 100.00 EUR",
        "2026-01-13 debit 7410 1.00 DKK Exchange difference · Berlin GmbH",
    ]


def test_the_account_named_by_the_allocation_beats_all_others():
    postings, *_ = book(
        LINES,
        ITEMS,
        """
        line_id  item_id       amount_minor  decision_id  erp_account
        abroad   eu            700.00        d1           5609
        abroad   account:7410  45.00         d1           7411
        """,
    )
    assert net(postings) == {("5820", "DKK"): 74500, ("5609", "DKK"): -70000, ("7411", "DKK"): -4500}


def test_a_transfer_of_one_day_posts_bank_against_bank():
    assert written("""
        line_id  item_id   amount_minor  decision_id
        out      line:in   -500.00       d1
        in       line:out  500.00        d1
    """) == [
        "2026-01-09 debit 5830 500.00 DKK Own transfer · Drift",
        "2026-01-09 credit 5820 500.00 DKK Own transfer · Savings",
    ]


def test_a_transfer_over_a_weekend_rests_in_transit_and_leaves_nothing_there():
    given = """
        line_id  item_id    amount_minor  decision_id
        out      line:late  -500.00       d1
        late     line:out   500.00        d1
    """
    assert written(given) == [
        "2026-01-09 credit 5820 500.00 DKK Own transfer · Savings",
        "2026-01-09 debit 5890 500.00 DKK Own transfer · Savings",
        "2026-01-12 debit 5830 500.00 DKK Own transfer · Drift",
        "2026-01-12 credit 5890 500.00 DKK Own transfer · Drift",
    ]
    postings, *_ = book(LINES, ITEMS, given)
    assert postings["journal_id"].n_unique() == 1
    assert net(postings) == {("5820", "DKK"): -50000, ("5830", "DKK"): 50000}


def test_a_transfer_between_currencies_balances_in_each():
    assert written("""
        line_id  item_id     amount_minor  decision_id
        out      line:euros  -500.00       d1
        euros    line:out    67.00         d1
    """) == [
        "2026-01-09 debit 5840 67.00 EUR Own transfer · Drift",
        "2026-01-09 credit 5890 67.00 EUR Own transfer · Drift",
        "2026-01-09 credit 5820 500.00 DKK Own transfer · Euro",
        "2026-01-09 debit 5890 500.00 DKK Own transfer · Euro",
    ]


def test_a_transfer_that_lost_money_on_its_way_shows_the_rest_in_transit():
    postings, *_ = book(
        LINES,
        ITEMS,
        """
        line_id  item_id   amount_minor  decision_id
        out      line:in   -500.00       d1
        in       line:out  499.00        d1
        """,
    )
    assert net(postings)[("5890", "DKK")] == 100


def test_two_lines_can_pay_one_invoice_each_on_its_day():
    assert written("""
        line_id  item_id  amount_minor  decision_id
        paid     i43      95.00         d1
        both     i43      205.00        d1
    """) == [
        "2026-01-05 debit 5820 95.00 DKK Invoice 1043 · Nordic Customer A/S",
        "2026-01-05 credit 5600 95.00 DKK Invoice 1043 · Nordic Customer A/S",
        "2026-01-06 debit 5820 205.00 DKK Invoice 1043 · Nordic Customer A/S",
        "2026-01-06 credit 5600 205.00 DKK Invoice 1043 · Nordic Customer A/S",
    ]


def test_documents_that_net_to_zero_leave_the_bank_alone():
    assert written("""
        line_id  item_id  amount_minor  decision_id
        nothing  i43      50.00         d1
        nothing  c7       -50.00        d1
    """) == [
        "2026-01-15 credit 5600 50.00 DKK Invoice 1043 · Nordic Customer A/S",
        "2026-01-15 debit 5600 50.00 DKK Credit note C7 · Nordic Customer A/S",
    ]


def test_a_large_batch_names_three_documents_and_counts_the_rest():
    rows = "\n".join(f"n{n}  invoice  {n}  Customer {n}  DKK  10.00" for n in range(1, 8))
    documents = "item_id  kind  document_no  counterparty_name  currency  total_minor\n" + rows
    given = "line_id  item_id  amount_minor  decision_id\n" + "\n".join(
        f"both  n{n}  10.00  d1" for n in range(1, 8)
    )
    postings, *_ = book(LINES, documents, given)
    assert postings["text"][0] == "Invoice 1, Invoice 2, Invoice 3 and 4 more · Nordic Customer A/S"
    assert postings["text"][7] == "Invoice 7 · Customer 7"


def test_danish_texts():
    assert written(
        """
        line_id  item_id       amount_minor  decision_id
        paid     i42           100.00        d1
        paid     account:7220  -5.00         d1
        """,
        language="da",
    )[1:] == [
        "2026-01-05 credit 5600 100.00 DKK Faktura 1042 · Nordic Customer A/S",
        "2026-01-05 debit 7220 5.00 DKK Bankgebyr · Nordic Customer A/S",
    ]


@pytest.mark.parametrize(
    ("line_id", "item_id", "amount", "text"),
    [
        ("paid", "i42", "95.00", "Bank Transfer - Invoice 1042 - Transaction paid"),
        ("both", "c7", "-50.00", "Settlement Payment - Credit Note C7 - Transaction both"),
        ("rent", "c7", "-50.00", "Refund - Credit Note C7 - Transaction rent"),
        ("rent", "b9", "-8000.00", "Supplier Payment: Ejendom ApS 9"),
        ("stripe", "po", "970.00", "Payout P1 · Stripe"),
        ("fee", "account:7220", "-12.00", "Bank fee"),
    ],
)
def test_fenerum_texts(line_id, item_id, amount, text):
    given = f"line_id  item_id  amount_minor  decision_id\n{line_id}  {item_id}  {amount}  d1"
    postings, *_ = book(LINES, ITEMS, given, texts="fenerum")
    assert postings.filter(pl.col("item_id") == item_id)["text"].to_list() == [text]


def test_a_card_line_is_a_credit_card_payment_at_fenerum():
    frames = (
        allocations("line_id  item_id  amount_minor  decision_id\npaid  i42  95.00  d1"),
        lines(LINES).with_columns(kind=pl.lit("card")),
        items(ITEMS),
        accounts(),
    )
    texts = journal(*frames, ROLES, texts="fenerum")["text"]
    assert texts.to_list() == ["Credit Card - Invoice 1042 - Transaction paid"] * 2


def test_unknown_styles_and_languages_are_refused():
    given = "line_id  item_id  amount_minor  decision_id\npaid  i42  95.00  d1"
    with pytest.raises(UsageError, match="plain or fenerum"):
        book(LINES, ITEMS, given, texts="long")
    with pytest.raises(UsageError, match="en or da"):
        book(LINES, ITEMS, given, language="sv")


TWO_DECISIONS = """
    line_id  item_id       amount_minor  decision_id
    rent     b9            -8000.00      d2
    paid     i42           100.00        d1
    paid     account:7220  -5.00         d1
"""


def test_row_order_changes_nothing():
    postings, allocated, bank_lines, documents, banks = book(LINES, ITEMS, TWO_DECISIONS)
    again = journal(allocated.reverse(), bank_lines.reverse(), documents.reverse(), banks.reverse(), ROLES)
    assert again.equals(postings)
    assert postings.schema == POSTINGS.schema
    assert postings["journal_id"].unique(maintain_order=True).to_list() == [
        journal_id("d1"),
        journal_id("d2"),
    ]
    assert postings["entry_no"].to_list() == [1, 2, 3, 1, 2]


def test_a_journal_id_stays_for_good():
    """It is stored and sent to the ERP: another id for an old decision would book it twice."""
    assert journal_id("d1") == "j_8b53639f152c8fc6"


def test_nothing_allocated_is_an_empty_journal():
    postings = journal(allocations(TWO_DECISIONS).head(0), lines(LINES), items(ITEMS), accounts(), ROLES)
    assert postings.schema == POSTINGS.schema
    assert postings.is_empty()
    assert reverse(postings, "u1", date(2026, 2, 1)).is_empty()
    assert totals(postings).is_empty()
    prove(postings, allocations(TWO_DECISIONS).head(0))


def test_totals_of_accounts():
    postings, *_ = book(LINES, ITEMS, TWO_DECISIONS)
    assert totals(postings).rows() == [
        ("5600", "DKK", 0, 10000, -10000, 1),
        ("5820", "DKK", 9500, 800000, -790500, 2),
        ("6800", "DKK", 800000, 0, 800000, 1),
        ("7220", "DKK", 500, 0, 500, 1),
    ]


def test_a_reversal_is_the_opposite_on_its_own_day():
    postings, *_ = book(LINES, ITEMS, TWO_DECISIONS)
    sent = postings.filter(pl.col("journal_id") == journal_id("d1")).with_columns(
        exported_at=pl.lit(datetime(2026, 1, 20, tzinfo=UTC))
    )
    answer = reverse(sent, "u1", date(2026, 2, 1))
    assert entries(answer) == [
        "2026-02-01 credit 5820 95.00 DKK Reversal of Invoice 1042, Bank fee · Nordic Customer A/S",
        "2026-02-01 debit 5600 100.00 DKK Reversal of Invoice 1042 · Nordic Customer A/S",
        "2026-02-01 credit 7220 5.00 DKK Reversal of Bank fee · Nordic Customer A/S",
    ]
    assert answer["exported_at"].null_count() == 3
    assert set(answer["journal_id"]).isdisjoint(postings["journal_id"])
    assert answer.equals(reverse(sent, "u1", date(2026, 2, 1)))
    assert net(pl.concat([sent, answer])) == {}


@pytest.mark.parametrize("blank", ["-", '" "'])
def test_a_bank_account_without_its_erp_account_is_named(blank):
    banks = BANKS.replace("5820", blank)
    with pytest.raises(ErpAccountMissing, match=r"not set for Drift\. Nothing was booked") as refused:
        allocated = allocations(TWO_DECISIONS)
        unset = accounts(banks).with_columns(pl.col("erp_account").str.strip_chars('"'))
        journal(allocated, lines(LINES), items(ITEMS), unset, ROLES)
    assert refused.value.fields["account_ids"] == ["drift"]


def test_a_nameless_bank_account_shows_only_its_last_digits():
    unset = accounts().with_columns(name=None, erp_account=None)
    with pytest.raises(ErpAccountMissing, match="…6243") as refused:
        journal(allocations(TWO_DECISIONS), lines(LINES), items(ITEMS), unset, ROLES)
    assert "DK50" not in str(refused.value)


def test_a_line_or_document_that_is_not_given_stops_the_whole():
    given, bank_lines, documents = allocations(TWO_DECISIONS), lines(LINES), items(ITEMS)
    with pytest.raises(DataRefused, match="line rent"):
        journal(given, bank_lines.filter(pl.col("line_id") != "rent"), documents, accounts(), ROLES)
    with pytest.raises(DataRefused, match="document b9"):
        journal(given, bank_lines, documents.filter(pl.col("item_id") != "b9"), accounts(), ROLES)


def proof_book():
    postings, allocated, *_ = book(LINES, ITEMS, TWO_DECISIONS)
    return postings, allocated


def changed(postings: pl.DataFrame, entry: int, **values) -> pl.DataFrame:
    is_it = pl.int_range(pl.len()) == entry
    return postings.with_columns(
        pl.when(is_it).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )


@pytest.mark.parametrize(
    "values",
    [
        {"amount_minor": 9501},  # one øre
        {"side": "credit"},
        {"date": date(2026, 1, 6)},  # balances over all, not by the day
        {"currency": "EUR"},
        {"amount_minor": -9500},
        {"amount_minor": 0},
    ],
)
def test_a_journal_that_does_not_balance_is_named(values):
    postings, _ = proof_book()
    with pytest.raises(IntegrityAlarm, match=journal_id("d1")):
        prove(changed(postings, 0, **values))


def test_a_balanced_journal_over_other_money_than_allocated_is_named():
    postings, allocated = proof_book()
    dearer = postings.with_columns(pl.col("amount_minor") * 2)
    prove(dearer)
    with pytest.raises(IntegrityAlarm, match=journal_id("d1")):
        prove(dearer, allocated.filter(pl.col("decision_id") == "d1"))


def test_a_missing_journal_and_a_journal_nobody_decided_are_named():
    postings, allocated = proof_book()
    first, second = (pl.col("journal_id") == journal_id(each) for each in ("d1", "d2"))
    with pytest.raises(IntegrityAlarm, match=journal_id("d2")):
        prove(postings.filter(first), allocated)
    with pytest.raises(IntegrityAlarm, match=f"{journal_id('d2')} books money that no standing decision"):
        prove(postings, allocated.filter(pl.col("decision_id") == "d1"))
    with pytest.raises(IntegrityAlarm, match=journal_id("d1")):
        prove(postings.filter(second), allocated)


def test_an_undone_journal_and_its_reversal_prove_themselves_together():
    postings, allocated = proof_book()
    undone = postings.filter(pl.col("journal_id") == journal_id("d2"))
    standing = allocated.filter(pl.col("decision_id") == "d1")
    prove(pl.concat([postings, reverse(undone, "u1", date(2026, 2, 1))]), standing)
