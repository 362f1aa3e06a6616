"""Once: each booked line is stored once, whatever order of fetches, files and reconnects told it."""

import random
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.schema import PARTS
from recon.statements.identity import INCOMING, STORED, give_ids, give_part_ids, reconcile, rename_parts

ACCOUNT = "acc_0000000000000001"
DAY = date(2026, 3, 2)
WITHDRAWN_AT = datetime(2026, 3, 20, tzinfo=UTC)


def row(text="Fak 17", kroner=100, ref=None, day=0, balance=None, source="api", **more):
    return {
        "account_id": ACCOUNT, "booking_date": DAY + timedelta(days=day), "amount_minor": kroner * 100,
        "currency": "DKK", "text": text, "bank_ref": ref, "balance_minor": balance, "source": source,
    } | more  # fmt: skip


def frame(*rows):
    return pl.DataFrame(list(rows), schema=INCOMING)


class Book:
    """A small store: the lines kept, who told them under which reference, and what was withdrawn."""

    def __init__(self):
        self.lines = {}
        self.told = set()
        self.words = {}
        self.withdrawn = set()

    def stored(self):
        rows = [
            self.lines[line_id]
            | {
                "source": source,
                "bank_ref": ref,
                "told_text": self.words.get((line_id, source)),
                "withdrawn_at": WITHDRAWN_AT if line_id in self.withdrawn else None,
            }
            for line_id, source, ref in sorted(self.told, key=str)
        ]
        return pl.DataFrame(rows, schema=STORED)

    def take(self, *rows, source="api", since=None, until=None, gone_from=None):
        """Keep what one fetch told, as the store does."""
        told = [one | {"source": source} for one in rows]
        answer = reconcile(frame(*told), self.stored(), since, until, source, gone_from=gone_from)
        for new in answer.new.to_dicts():
            assert new["line_id"] not in self.lines
            self.lines[new["line_id"]] = new
        for seen in (*answer.new.to_dicts(), *answer.seen.to_dicts()):
            self.told.add((seen["line_id"], source, seen["bank_ref"]))
            self.words[seen["line_id"], source] = seen.get("told_text")
        for changed in answer.changed.to_dicts():
            self.lines[changed["line_id"]] |= {
                name: changed[name] for name in ("text", "booking_date", "balance_minor")
            }
        self.withdrawn |= set(answer.withdrawn)
        self.withdrawn -= set(answer.returned)
        return answer

    def take_all(self, *rows, source="api"):
        """A fetch that is complete for the whole of March."""
        return self.take(*rows, source=source, since=DAY, until=DAY + timedelta(days=60))


def counts(answer):
    return answer.new.height, answer.seen.height, answer.conflicts.height


@pytest.mark.parametrize("ref", [None, "A"], ids=["without reference", "with reference"])
def test_the_same_fetch_again_adds_nothing(ref):
    book = Book()
    assert counts(book.take_all(row(ref=ref))) == (1, 0, 0)
    again = book.take_all(row(ref=ref))
    assert counts(again) == (0, 1, 0)
    assert again.seen["line_id"].to_list() == list(book.lines)


@pytest.mark.parametrize("refs", [(None, None), ("A", "B")])
def test_two_genuine_twins_stay_two_and_a_third_is_a_third(refs):
    book = Book()
    assert book.take_all(*(row(ref=ref) for ref in refs)).new.height == 2
    third = book.take_all(*(row(ref=ref) for ref in refs), row(ref=refs[0] and "C"))
    assert counts(third) == (1, 2, 0)
    assert len(book.lines) == 3


def test_a_reference_that_came_twice_in_one_fetch_is_one_line():
    assert Book().take_all(row(ref="A"), row(ref="A")).new.height == 1


def test_a_reference_is_compared_whole_and_blanks_are_none():
    book = Book()
    book.take(row(ref="A1", kroner=1), row(ref="A10", kroner=2), row(ref="  ", kroner=3))
    assert len(book.lines) == 3
    assert counts(book.take(row(ref="A10", kroner=2), row(ref=" A1 ", kroner=1))) == (0, 2, 0)


@pytest.mark.parametrize(
    "other",
    [{"kroner": 101}, {"currency": "EUR"}, {"day": 30}, {"kroner": -100}],
    ids=["amount", "currency", "far day", "sign"],
)
def test_a_known_reference_with_other_money_or_day_is_held_back(other):
    book = Book()
    book.take_all(row(ref="A"))
    answer = book.take_all(row(ref="A", **other))
    assert counts(answer) == (0, 0, 1)
    assert answer.withdrawn == []
    assert answer.findings["what"].to_list() == ["reference_conflict"]


def test_one_reference_with_two_amounts_in_one_fetch_is_held_back():
    book = Book()
    answer = book.take_all(row(ref="A"), row(ref="A", kroner=7), row(ref="B", kroner=9))
    assert counts(answer) == (1, 0, 2)
    book.take_all(row(ref="C", kroner=7))
    known = book.take_all(row(ref="C", kroner=7), row(ref="C", kroner=8), row(ref="B", kroner=9))
    assert counts(known) == (0, 2, 1)


def test_a_near_day_and_new_words_are_a_change_of_the_same_line():
    book = Book()
    book.take_all(row(ref="A"))
    answer = book.take_all(row(ref="A", day=2, text="Fak 17 Mel & Korn"))
    assert counts(answer) == (0, 1, 0)
    assert answer.changed.select("line_id", "text").rows() == [(next(iter(book.lines)), "Fak 17 Mel & Korn")]
    assert answer.withdrawn == []


def test_words_the_bank_leaves_out_now_are_no_change():
    book = Book()
    book.take_all(row(ref="A", counterparty_name="Mel & Korn"))
    assert book.take_all(row(ref="A")).changed.is_empty()


def test_without_references_new_words_are_a_change_only_in_a_complete_fetch():
    book = Book()
    book.take_all(row())
    assert counts(book.take_all(row(text="Faktura 17"))) == (0, 1, 0)
    assert counts(book.take(row(text="Something else"))) == (1, 0, 0)


def test_a_reference_issued_anew_after_a_reconnect_adds_no_copy():
    book = Book()
    book.take_all(row(ref="A"), row(ref="B", kroner=5))
    assert counts(book.take_all(row(ref="X"), row(ref="Y", kroner=5))) == (0, 2, 0)
    # and under the new reference it is known from now on
    assert counts(book.take_all(row(ref="X"), row(ref="Y", kroner=5))) == (0, 2, 0)
    assert len(book.lines) == 2


def test_in_a_part_of_a_period_two_references_are_two_lines():
    book = Book()
    book.take(row(ref="A"))
    assert counts(book.take(row(ref="B"))) == (1, 0, 0)


def test_running_balances_tell_twins_apart_in_a_part_of_a_period():
    book = Book()
    book.take(row(balance=500))
    assert counts(book.take(row(balance=400))) == (1, 0, 0)
    assert counts(book.take(row(balance=400), row(balance=500))) == (0, 2, 0)


def test_what_is_gone_from_a_complete_fetch_is_withdrawn_and_may_come_back_as_itself():
    book = Book()
    book.take_all(row(ref="A"), row(ref="B", kroner=5))
    gone = book.take_all(row(ref="A"))
    assert gone.withdrawn == [line_id for line_id, line in book.lines.items() if line["amount_minor"] == 500]
    assert book.take_all(row(ref="A")).withdrawn == []
    back = book.take_all(row(ref="A"), row(ref="B", kroner=5))
    assert back.returned == gone.withdrawn
    assert back.new.is_empty()


def test_nothing_is_withdrawn_outside_the_period_or_without_one():
    book = Book()
    book.take_all(row(ref="A"), row(ref="B", day=9))
    assert book.take(since=DAY + timedelta(days=1), until=DAY + timedelta(days=9)).withdrawn == []
    assert book.take().withdrawn == []
    assert len(book.take(since=DAY + timedelta(days=9), until=DAY + timedelta(days=10)).withdrawn) == 1


def test_a_line_from_interface_and_file_is_one_line_with_two_sources():
    book = Book()
    book.take_all(
        row("Mel & Korn fak 17", ref="A"),
        row("Kaffe", kroner=-25, ref="B"),
        row("Kaffe", kroner=-25, ref="C"),
    )
    file = [
        row("MEL & KORN  FAK 17"),
        row("Kaffe", kroner=-25),
        row("Kaffe", kroner=-25),
        row("Gebyr", kroner=-1),
    ]
    answer = book.take(*file, source="camt.053")
    assert counts(answer) == (1, 3, 0)
    assert answer.changed.is_empty()
    assert len(book.lines) == 4
    again = book.take(*file, source="camt.053")
    assert counts(again) == (0, 4, 0)


def test_between_sources_the_more_similar_words_meet():
    book = Book()
    book.take_all(row("Overførsel Bager Hansen", ref="A"), row("Dankort Netto 17", ref="B"))
    answer = book.take(row("NETTO", source="camt.053"), source="camt.053")
    met = answer.seen["line_id"][0]
    assert book.lines[met]["text"] == "Dankort Netto 17"


def test_the_bank_takes_a_line_back_whatever_a_file_told_before_or_after():
    """The same two tellings in either order must end alike: what the bank no longer shows does not stand."""
    before, after = Book(), Book()
    before.take(row(), source="camt.053")
    for book in (before, after):
        book.take_all(row(ref="A"))
        assert len(book.take_all().withdrawn) == 1
    late = after.take(row(), source="camt.053")
    assert late.findings["what"].to_list() == ["withdrawn_at_bank"]
    for book in (before, after):
        assert len(book.lines) == len(book.withdrawn) == 1
        assert len(book.take_all(row(ref="A")).returned) == 1
        assert book.withdrawn == set()


def test_a_line_that_only_a_file_holds_is_kept_and_told():
    book = Book()
    book.take(row(), source="camt.053")
    answer = book.take_all()
    assert answer.withdrawn == []
    assert answer.findings["what"].to_list() == ["missing_at_source"]


def test_other_words_do_not_bring_back_a_withdrawn_line():
    book = Book()
    book.take_all(row("Kaffe", ref="A"))
    book.take_all()
    assert counts(book.take(row("Netto"), source="camt.053")) == (1, 0, 0)
    assert len(book.withdrawn) == 1


def test_the_second_source_fills_in_what_the_first_left_out_and_turns_nothing_round():
    book = Book()
    book.take(row("From the file"), source="camt.053")
    filled = book.take_all(row("From the interface", ref="A", balance=500, counterparty_name="Mel & Korn"))
    assert filled.changed.select("text", "balance_minor", "counterparty_name").rows() == [
        ("From the file", 500, "Mel & Korn")
    ]


def test_the_running_balance_of_a_line_of_two_sources_follows_the_complete_fetch():
    """A line put in before it moves the balance; a file of last month does not move it back."""
    book = Book()
    book.take_all(row(ref="A", balance=500))
    book.take(row(balance=500), source="csv")
    later = book.take_all(row(ref="A", balance=510), row("Gebyr", kroner=10, ref="B", balance=410))
    assert later.changed["balance_minor"].to_list() == [510]
    assert book.take(row(balance=500), source="csv").changed.is_empty()


def test_each_source_knows_a_line_again_by_its_own_words():
    """The interface told it first; the weekly and the monthly file hold it in other words, each once more."""
    book = Book()
    book.take_all(row("Mel & Korn", ref="A"))
    for _ in range(2):
        assert counts(book.take(row("BGS 4711 MEL OG KORN"), source="camt.053")) == (0, 1, 0)
    # another line of the same day and amount is not that one, and a reference issued anew is
    assert counts(book.take(row("BGS 4712 HAVNENS IS"), source="camt.053")) == (1, 0, 0)
    assert counts(book.take_all(row("Mel & Korn", ref="X"), row("Havnens Is", ref="Y"))) == (0, 2, 0)
    assert counts(book.take_all(row("Mel & Korn", ref="X2"), row("Havnens Is", ref="Y2"))) == (0, 2, 0)
    assert book.withdrawn == set()


def test_references_that_are_handed_on_are_not_trusted_any_more():
    """A bank that numbers its rows puts one in and moves all numbers on: still each line once."""
    book = Book()
    book.take_all(row("Løn", kroner=100, ref="1"), row("Husleje", kroner=-200, ref="2"))
    answer = book.take_all(
        row("Gebyr", kroner=-1, ref="1"),
        row("Løn", kroner=100, ref="2"),
        row("Husleje", kroner=-200, ref="3"),
    )
    assert counts(answer) == (1, 2, 0)
    assert answer.withdrawn == []
    assert answer.seen["bank_ref"].to_list() == [None, None]
    # Remembered: the numbers move back, and by chance all amounts agree with what they once named.
    gone = book.take_all(row("Løn", kroner=100, ref="1"), row("Husleje", kroner=-200, ref="2"))
    assert counts(gone) == (0, 2, 0)
    assert len(gone.withdrawn) == 1


def test_a_line_comes_back_under_its_first_id_after_a_twin_took_its_place():
    """Two rows name one stored line by reference: the one it is worded as goes on being it, the other is new."""
    book = Book()
    book.take_all(row("Kaffe", ref="A"))
    book.take_all()
    assert len(book.take_all(row("Kaffe", ref="B")).returned) == 1
    book.take_all(row("Kaffe 2", ref="B"))
    answer = book.take_all(row("Kaffe", ref="A"), row("Kaffe 2", ref="B"))
    assert counts(answer) == (1, 1, 0)
    assert answer.seen["bank_ref"].to_list() == ["B"]


def test_a_withdrawn_twin_is_not_brought_back_by_its_old_balance():
    """History 334: ids issued anew, and the running balance of the withdrawn twin fits the one that stands."""
    book = Book()
    book.take_all(row("Kaffe", ref="A", balance=500), row("Kaffe", ref="B", balance=400))
    book.take_all(row("Kaffe", ref="B", balance=450))
    early = DAY + timedelta(days=5)
    answer = book.take(row("Kaffe", ref="X", balance=500), since=DAY, gone_from=early)
    assert counts(answer) == (0, 1, 0)
    assert answer.returned == []


def test_a_line_moved_out_of_the_period_is_not_called_withdrawn():
    """The fetch is complete from day 0 on, but only what is missing from day 5 on is gone."""
    book = Book()
    book.take_all(row(ref="A", day=2), row(ref="B", kroner=5, day=6))
    answer = book.take(since=DAY, until=None, gone_from=DAY + timedelta(days=5))
    assert [book.lines[line_id]["bank_ref"] for line_id in answer.withdrawn] == ["B"]


def test_words_of_a_line_of_two_sources_do_not_turn_round_at_each_sync():
    book = Book()
    book.take(row("From the file"), source="camt.053")
    book.take_all(row("From the interface", ref="A"))
    assert book.take_all(row("From the interface", ref="A")).changed.is_empty()


def test_another_account_with_the_same_reference_is_another_line():
    book = Book()
    book.take(row(ref="A"), row(ref="A", account_id="acc_2"))
    assert len(book.lines) == 2


def test_ids_avoid_those_given_before():
    first = give_ids(frame(row()))["line_id"].to_list()
    second = give_ids(frame(row()), taken=first)["line_id"].to_list()
    assert set(first).isdisjoint(second)
    assert all(line_id.startswith("l_") and len(line_id) == 18 for line_id in first + second)


def test_parts_follow_their_line_to_its_stored_id():
    parts = pl.DataFrame(
        [{"line_id": "l_file", "amount_minor": 1}, {"line_id": "l_file", "amount_minor": 2},
         {"line_id": "l_held", "amount_minor": 3}],
        schema=PARTS.schema,
    )  # fmt: skip
    renamed = rename_parts(
        give_part_ids(parts), pl.DataFrame({"incoming_id": ["l_file"], "line_id": ["l_kept"]})
    )
    assert renamed.select("line_id", "amount_minor").rows() == [("l_kept", 1), ("l_kept", 2)]
    assert renamed["part_id"].n_unique() == 2


# ── laws ──────────────────────────────────────────────────────────────────────────────────────────────

HISTORY = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from(["Kaffe", "Fak 17", "Løn"]), st.sampled_from([-25, 100])),
    max_size=14,
)


def history(rows, *, named):
    """Rows with many twins; named gives each a reference of its own."""
    return [
        row(text, kroner, ref=f"R{n}" if named else None, day=day)
        for n, (day, text, kroner) in enumerate(rows)
    ]


@settings(max_examples=15, deadline=None)
@given(HISTORY, st.booleans(), st.randoms(use_true_random=False))
def test_order_of_rows_is_irrelevant_and_twice_adds_nothing(rows, named, chance):
    told = history(rows, named=named)
    mixed = chance.sample(told, len(told))
    one, other = Book(), Book()
    one.take_all(*told)
    other.take_all(*mixed)
    assert set(one.lines) == set(other.lines)
    assert len(one.lines) == len(told)
    again = one.take_all(*mixed)
    assert again.new.is_empty()
    assert again.changed.is_empty()
    assert again.withdrawn == []


@settings(max_examples=15, deadline=None)
@given(HISTORY, st.booleans(), st.lists(st.tuples(st.integers(0, 12), st.integers(1, 8)), max_size=6))
def test_overlapping_periods_give_the_same_lines_as_one_fetch(rows, named, periods):
    told = history(rows, named=named)
    whole, split = Book(), Book()
    whole.take_all(*told)
    for first, days in [*periods, (0, 5), (4, 6), (8, 5)]:
        since, until = DAY + timedelta(days=first), DAY + timedelta(days=first + days)
        split.take(*(one for one in told if since <= one["booking_date"] < until), since=since, until=until)
    assert set(split.lines) == set(whole.lines)
    assert split.withdrawn == set()


@settings(max_examples=15, deadline=None)
@given(HISTORY, st.booleans(), st.randoms(use_true_random=False))
def test_a_file_and_the_interface_in_either_order_give_each_line_once(rows, named, chance):
    interface, file = history(rows, named=named), history(rows, named=False)
    for first, second in ((("api", interface), ("camt.053", file)), (("camt.053", file), ("api", interface))):
        book = Book()
        for source, told in (first, second, first, second):
            book.take_all(*chance.sample(told, len(told)), source=source)
        assert len(book.lines) == len(rows)
        assert book.withdrawn == set()


def test_a_large_history_is_decided_quickly():
    """2,000 days of twenty lines: the second fetch knows all of them. A loop over pairs would never end here."""
    chance = random.Random(1)
    told = [row(f"Kort {chance.randrange(400)}", chance.randrange(1, 60), day=n // 20) for n in range(40_000)]
    kept = give_ids(frame(*told))
    stored = kept.with_columns(withdrawn_at=pl.lit(None, pl.Datetime("us", "UTC")))
    answer = reconcile(frame(*told), stored, DAY, DAY + timedelta(days=3000), "api")
    assert answer.new.is_empty()
    assert answer.seen.height == 40_000
    assert answer.withdrawn == []
