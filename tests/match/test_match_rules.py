"""Rules people write: what they may say, what is refused, and which lines they hit."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from recon.errors import UsageError
from recon.match.rule_text import LONGEST, Condition, Rule, parse_rule, parse_rules
from recon.match.rules import rule_hits
from recon.money import to_decimal
from recon.schema import LINE_KINDS, LINES, conform

# --- how a rule reads --------------------------------------------------------------------------------------

READ = [  # as typed, as it prints
    ('text has "gebyr" -> account 7220', None),
    ('text has "mobilepay" and amount > 0 and amount < 500.00 -> party C1042', None),
    ('counterparty is "Skat" and amount < 0 -> account 5800', None),
    ('account is "DK5000400440116243" -> party "Nordlys & Søn ApS"', None),
    ("amount between -500.00 and -0.50 and currency is DKK and kind is fee -> account 7220", None),
    ("TEXT has “Gebyr”   AND amount<=-1 → account 7220", 'text has "Gebyr" and amount <= -1 -> account 7220'),
    ("currency is dkk and kind is FEE->account 1", "currency is DKK and kind is fee -> account 1"),
    ("amount > -0.00 and amount < 007.50 -> account 1", "amount > 0.00 and amount < 7.50 -> account 1"),
    ('text has " rente " -> party "C1042"', 'text has "rente" -> party C1042'),
]


@pytest.mark.parametrize(("typed", "printed"), READ)
def test_a_rule_reads_and_prints_itself(typed, printed):
    rule = parse_rule(typed)
    assert str(rule) == (printed or typed)
    assert parse_rule(str(rule)) == rule


REFUSED = [  # as typed, where it stopped, what is expected
    ("", "at its end", "expected a condition on one of text, counterparty"),
    ('remark has "x" -> account 1', "at remark", "expected a condition"),
    ("text has gebyr -> account 1", "at gebyr", "words in quotation marks"),
    ('text has "gebyr -> account 1', 'at "gebyr -> account 1', "quotation mark is not closed"),
    ('text is "gebyr" -> account 1', "at is", "“has” after “text”"),
    ('text has "--" -> account 1', 'at "--"', "a letter or digit"),
    ('text has "x" amount < 0 -> account 1', "at amount", "“and” with a further condition"),
    ('text has "x" or kind is fee -> account 1', "at or", "“and” with a further condition"),
    ("amount < 500,00 -> account 1", "at 500,00", "an amount with a point"),
    ("amount < 1.234.567 -> account 1", "at 1.234.567", "without thousands marks"),
    ("amount 500 -> account 1", "at 500", "“between” after “amount”"),
    ("amount between 500 and 100 -> account 1", "at 100", "smaller amount comes first"),
    ("amount between 100 -> account 1", "at ->", "“and” between the two amounts"),
    ("currency is KRONER -> account 1", "at KRONER", "ISO 4217"),
    ("kind is gebyr -> account 1", "at gebyr", "transfer, card, direct_debit"),
    ('text has "x"', "at its end", "“->” with an account or party"),
    ('text has "x" ->', "at its end", "“account” with its number"),
    ('text has "x" -> delete 7220', "at delete", "“account” with its number"),
    ('text has "x" -> account "Bank fees"', 'at "Bank fees"', "number of an ERP account"),
    ('text has "x" -> account 7220 always', "at always", "nothing after"),
    ('text has "x" -> party ""', 'at ""', "the party's name"),
]


@pytest.mark.parametrize(("typed", "where", "why"), REFUSED)
def test_what_is_not_understood_is_refused_with_the_place_and_an_example(typed, where, why):
    with pytest.raises(UsageError) as refused:
        parse_rule(typed)
    assert f"The rule was not understood {where}:" in refused.value.words
    assert why in refused.value.words
    assert 'looks like this: text has "gebyr"' in refused.value.words


def test_a_rule_is_short():
    with pytest.raises(UsageError, match="at most 400 characters"):
        parse_rule(f'text has "{"x" * LONGEST}" -> account 1')


words = st.text(alphabet="abcæøåÆØÅ019 .,&/-<>=_'", min_size=1, max_size=12).map(str.strip)
said = words.filter(lambda one: any(letter.isalnum() for letter in one))
numbers = st.from_regex(r"[A-Z]{0,2}[0-9 ]{0,12}[0-9]", fullmatch=True).map(str.strip)
amounts = st.decimals(-(10**9), 10**9, places=2).map(lambda one: format(one if one else abs(one), "f"))
pairs = st.lists(amounts, min_size=2, max_size=2).map(lambda two: tuple(sorted(two, key=Decimal)))


def one_of(about: str, hows: list[str], values: st.SearchStrategy) -> st.SearchStrategy[Condition]:
    return st.builds(lambda how, one: Condition(about, how, (one,)), st.sampled_from(hows), values)


conditions = st.one_of(
    one_of("text", ["has"], said),
    one_of("counterparty", ["has", "is"], said),
    one_of("account", ["is"], numbers),
    one_of("amount", ["<", "<=", ">", ">=", "="], amounts),
    pairs.map(lambda two: Condition("amount", "between", two)),
    one_of("currency", ["is"], st.sampled_from(["DKK", "EUR", "JPY"])),
    one_of("kind", ["is"], st.sampled_from(LINE_KINDS)),
)
several = st.lists(conditions, min_size=1, max_size=4).map(tuple)
rules = st.one_of(
    st.builds(Rule, several, account=st.from_regex(r"[0-9]{1,8}", fullmatch=True)),
    st.builds(Rule, several, party=said),
)


@settings(max_examples=150, deadline=None)
@given(rules)
def test_every_rule_prints_as_it_is_read(rule):
    assert parse_rule(str(rule)) == rule


# --- which lines it hits -----------------------------------------------------------------------------------


def lines_of(*rows: dict) -> pl.DataFrame:
    """Lines from what matters; ids `a`, `b`, … in their order."""
    whole = [
        {"line_id": chr(ord("a") + number), "account_id": "drift", "booking_date": None, "currency": "DKK",
         "text": "Overførsel", "source": "test", "amount_minor": -4500} | row
        for number, row in enumerate(rows)
    ]  # fmt: skip
    frame = pl.DataFrame(whole, infer_schema_length=None)
    return conform(frame.with_columns(booking_date=pl.date(2026, 3, 2)), LINES)


BOOK = lines_of(
    {"text": "GEBYR NETBANK"},
    {"text": "Kontogebyr, marts", "kind": "fee"},
    {"text": "MobilePay Køb", "amount_minor": 49999, "counterparty_name": "Nordlys ApS"},
    {"text": "BS K\\BENHAVN ENERGI", "counterparty_name": "Københavns Energi A/S"},
    {"text": "Skat", "counterparty_name": "SKAT", "counterparty_account": "DK5000400440116243"},
    {"text": "Rent", "currency": "JPY", "amount_minor": 500},
    {"text": "Rent", "currency": "KWD", "amount_minor": 500_500},
)

HIT = [
    ('text has "gebyr" -> account 1', "ab"),
    ('text has "københavn" -> account 1', "d"),  # as the bank's printer spells it
    ('text has "koeb" -> account 1', "cd"),
    ('counterparty is "nordlys" -> account 1', "c"),  # company forms do not matter
    ('counterparty has "energi" -> account 1', "d"),
    ('counterparty is "energi" -> account 1', ""),
    ('counterparty is "Skat A/S" -> account 1', "e"),
    ('account is "0040 0440116243" -> account 1', "e"),
    ("amount < 0 -> account 1", "abde"),
    ("amount >= 499.99 -> account 1", "cfg"),
    ("amount = 500 -> account 1", "f"),  # yen have no decimals
    ("amount = 500.5 -> account 1", "g"),  # dinars have three
    ("amount between 499.995 and 500.5 -> account 1", "fg"),
    ("amount < 500.25 and amount > 499.75 and currency is JPY -> account 1", "f"),
    ("kind is fee -> account 1", "b"),
    ('text has "gebyr" and kind is fee -> account 1', "b"),
]


@pytest.mark.parametrize(("rule", "hit"), HIT)
def test_a_rule_hits_these_lines(rule, hit):
    assert "".join(rule_hits(BOOK, [parse_rule(rule)])["line_id"]) == hit


def test_of_several_rules_the_first_counts():
    several = parse_rules(
        ["kind is fee -> account 7230", 'text has "gebyr" -> account 7220', "amount < 0 -> party C1"]
    )
    assert rule_hits(BOOK, several).rows() == [
        ("a", 2, "7220", None), ("b", 1, "7230", None), ("d", 3, None, "C1"), ("e", 3, None, "C1"),
    ]  # fmt: skip


def test_no_rules_and_no_lines_have_exact_types():
    assert rule_hits(BOOK, []).schema == rule_hits(BOOK.clear(), [parse_rule(HIT[0][0])]).schema


def test_the_order_of_lines_means_nothing():
    several = parse_rules([rule for rule, _ in HIT])
    assert_frame_equal(
        rule_hits(BOOK, several), rule_hits(BOOK.sample(fraction=1, shuffle=True, seed=7), several)
    )


COMPARED = {
    "<": lambda amount, low, _: amount < low,
    "<=": lambda amount, low, _: amount <= low,
    ">": lambda amount, low, _: amount > low,
    ">=": lambda amount, low, _: amount >= low,
    "=": lambda amount, low, _: amount == low,
    "between": lambda amount, low, high: low <= amount <= high,
}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-9999, 9999), st.sampled_from(["DKK", "JPY", "KWD"])), min_size=1, max_size=20
    ),
    st.sampled_from(list(COMPARED)),
    st.lists(st.decimals(-99, 99, places=3), min_size=2, max_size=2).map(sorted),
)
def test_amounts_are_compared_exactly_in_every_currency(rows, how, bounds):
    shown = [format(one, "f") for one in bounds]
    asked = " and ".join(shown) if how == "between" else shown[0]
    lines = lines_of(*({"amount_minor": minor, "currency": currency} for minor, currency in rows))
    expected = [
        line
        for line, (minor, currency) in zip(lines["line_id"], rows, strict=True)
        if COMPARED[how](to_decimal(minor, currency), *bounds)
    ]
    assert (
        rule_hits(lines, [parse_rule(f"amount {how} {asked} -> account 1")])["line_id"].to_list() == expected
    )
