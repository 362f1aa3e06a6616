"""Nothing missing in silence: opening + lines = closing, and running balances chain up. A small book."""

import random
from datetime import date, timedelta

import polars as pl
import pytest

from recon.schema import BALANCES, LINES, STATED
from recon.statements.continuity import continuity

START = date(2026, 3, 1)


def book(*rows: tuple[int, int, int | None], account: str = "acc_1") -> pl.DataFrame:
    """Lines from (day of March, amount, balance after)."""
    lines = [
        {
            "line_id": f"l_{n}", "account_id": account, "booking_date": date(2026, 3, day), "amount_minor": amount,
            "currency": "DKK", "text": "", "balance_minor": balance, "source": "api",
        }
        for n, (day, amount, balance) in enumerate(rows)
    ]  # fmt: skip
    return pl.DataFrame(lines, schema=LINES.schema)


def stated(*rows: tuple[int, int, int, int]) -> pl.DataFrame:
    """Statements from (opening day, opening, closing day, closing)."""
    found = [
        {
            "statement_no": str(n), "account_id": "acc_1", "currency": "DKK", "opening_date": date(2026, 3, first),
            "opening_minor": opening, "closing_date": date(2026, 3, last), "closing_minor": closing,
            "booked_minor": closing - opening, "ties": True,
        }
        for n, (first, opening, last, closing) in enumerate(rows, 1)
    ]  # fmt: skip
    return pl.DataFrame(found, schema=BALANCES.schema)


NONE = BALANCES.empty()


def found(lines: pl.DataFrame, balances: pl.DataFrame = NONE) -> list[tuple[str, str, int | None]]:
    """(what, last day named, missing)"""
    rows = continuity(lines, balances).select("what", "where", "amount_minor").rows()
    return [(what, where[-10:], missing) for what, where, missing in rows]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(1, 100, 600)],
        [(1, 100, 600), (1, -50, 550), (2, 10, 560)],
        [(2, 10, 560), (1, -50, 550), (1, 100, 600)],  # newest first, as banks send it
        [(1, 100, 600), (2, 50, 650), (2, -50, 600), (3, 1, 601)],  # a day that moves nothing
        [(1, 100, 600), (2, 0, 600), (3, 1, 601)],
        [(1, 25, 525), (1, -25, 500), (1, 25, 525), (2, 1, 526)],  # twins
        [(1, 100, None), (2, 50, None)],  # no running balance: nothing to check
        [
            (1, 100, 600),
            (2, 7, None),
            (3, 10, 617),
        ],  # a line from a file, without a balance, explains the step
    ],
)
def test_balances_that_chain_up_are_silent(rows):
    assert found(book(*rows)) == []


@pytest.mark.parametrize(
    ("rows", "day", "missing"),
    [
        ([(1, 100, 600), (3, 10, 650)], "2026-03-03", 40),
        ([(1, 100, 600), (3, 10, 570)], "2026-03-03", -40),
        ([(1, 100, 600), (2, -5, 595), (2, 10, 645)], "2026-03-02", 40),  # within the last day
        ([(1, 100, 600), (2, -5, 595), (2, 10, 645), (3, 1, 646)], "2026-03-02", 40),  # within a day
        (
            [(1, 100, 600), (2, 50, 700), (2, -50, 650), (3, 1, 651)],
            "2026-03-02",
            50,
        ),  # before a day of nothing
        ([(1, 100, 600), (2, 7, None), (3, 10, 650)], "2026-03-03", 40),  # the line in between is not enough
    ],
)
def test_a_break_is_told_with_its_day_and_amount(rows, day, missing):
    assert found(book(*rows)) == [("balance_break", day, missing)]


def test_a_removed_line_of_any_day_is_found():
    """Each line is taken out in turn; only the first and the last leave no gap behind."""
    chance = random.Random(3)
    rows, balance = [], 1000
    for n in range(40):
        amount = chance.choice([-25, -25, 100, 37, -11])
        balance += amount
        rows.append((1 + n // 4, amount, balance))
    for gone in range(1, len(rows) - 1):
        lines = book(*rows[:gone], *rows[gone + 1 :]).sample(fraction=1, shuffle=True, seed=gone)
        told = continuity(lines, NONE)
        assert told.height == 1, rows[gone]
        assert told["amount_minor"][0] in (rows[gone][1], None)
        assert told["where"][0][-10:] >= str(START + timedelta(days=gone // 4))


def test_accounts_do_not_mix():
    lines = pl.concat([book((1, 100, 600), (2, 1, 601)), book((1, 5, 5), (2, 5, 10), account="acc_2")])
    assert found(lines) == []


@pytest.mark.parametrize(
    "balances",
    [
        stated((1, 500, 2, 550)),
        stated((1, 500, 1, 600), (2, 600, 2, 550)),
        stated((1, 500, 1, 600), (1, 600, 2, 550)),  # the second opens on the day the first closed
        stated((1, 500, 1, 600), (1, 500, 2, 550)),  # a fuller report of the same period
        stated((1, 500, 1, 600), (1, 500, 1, 600)),  # the same statement twice
        NONE,
    ],
)
def test_statements_whose_lines_are_all_here_are_silent(balances):
    assert found(book((1, 100, None), (2, -50, None)), balances) == []


def test_a_line_missing_from_a_statement_is_told():
    assert found(book((1, 100, None)), stated((1, 500, 2, 550))) == [
        ("statement_does_not_tie", "2026-03-02", -50)
    ]


def test_a_period_between_statements_without_lines_is_told():
    lines = book((1, 100, None), (9, 1, None))
    balances = stated((1, 500, 1, 600), (9, 650, 9, 651))
    assert found(lines, balances) == [("statements_do_not_join", "2026-03-09", 50)]
    assert found(pl.concat([lines, book((5, 50, None))]), balances) == []


def intraday(*rows: tuple[int, int, int, bool]) -> pl.DataFrame:
    """Reports within 1 March from (opening, closing, booked, ties)."""
    found = stated(*((1, opening, 1, closing) for opening, closing, _, _ in rows))
    return found.with_columns(
        booked_minor=pl.Series([booked for _, _, booked, _ in rows]),
        ties=pl.Series([ties for *_, ties in rows]),
        source=pl.lit("camt.052"),
    )


def test_reports_within_a_day_are_not_held_against_the_whole_day():
    """At noon 50 came and the report closes at 550; by night there are two lines of that day."""
    lines = book((1, 50, None), (1, 50, None))
    assert found(lines, intraday((500, 550, 50, True), (550, 600, 50, True))) == []
    assert found(lines, intraday((500, 550, 50, True))) == []
    assert found(lines, intraday((500, 560, 50, False))) == [("statement_does_not_tie", "2026-03-01", 10)]
    night = pl.concat(
        [intraday((500, 550, 50, True)), stated((1, 500, 1, 650)).with_columns(source=pl.lit("camt.053"))]
    )
    assert found(lines, night) == [("statement_does_not_tie", "2026-03-01", 50)], (
        "the day's end proves the day"
    )


def said(*rows: tuple[int, int, int], first: int = 1) -> pl.DataFrame:
    """What the bank said is booked, from (day, its balance, what our lines added up to then)."""
    told = [
        {
            "account_id": "acc_1", "source": "viia", "stated_on": date(2026, 3, day), "currency": "DKK",
            "stated_minor": minor, "booked_minor": booked, "first_day": date(2026, 3, first),
        }
        for day, minor, booked in rows
    ]  # fmt: skip
    return pl.DataFrame(told, schema=STATED.schema)


@pytest.mark.parametrize(
    ("lines", "told", "breaks"),
    [
        ([(1, 100)], [(1, 600, 100)], []),  # one word of the bank proves nothing
        ([(1, 100), (2, 50)], [(1, 600, 100), (2, 650, 150)], []),
        ([(1, 100), (2, 50)], [(1, 600, 100), (3, 690, 150)], [("balance_moved", "2026-03-03", 40)]),
        # what was missing came late: nothing is left to tell
        ([(1, 100), (2, 40), (2, 50)], [(1, 600, 100), (3, 690, 150), (4, 690, 190)], []),
        # and the same where it came by a file, after the bank's last word
        ([(1, 100), (2, 40), (2, 50)], [(1, 600, 100), (3, 690, 150)], []),
        # two holes, and the second one closed again
        (
            [(1, 100)],
            [(1, 600, 100), (2, 610, 100), (3, 605, 100), (4, 610, 100)],
            [("balance_moved", "2026-03-02", 10)],
        ),
    ],
)
def test_without_running_balances_the_stated_ones_prove_the_lines(lines, told, breaks):
    own = book(*((day, amount, None) for day, amount in lines))
    rows = continuity(own, NONE, said(*told)).select("what", "where", "amount_minor").rows()
    assert [(what, where[-10:], missing) for what, where, missing in rows] == breaks


def test_more_of_the_past_is_no_break():
    """The start date was moved back: older lines came, and the balance before the first line is another."""
    told = pl.concat([said((5, 600, 100), first=4), said((6, 600, 300), first=1)])
    assert continuity(book((1, 200, None), (4, 100, None)), NONE, told).is_empty()
