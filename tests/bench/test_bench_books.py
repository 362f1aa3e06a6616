"""Labelled books: sound as books, true to their labels, the same every time, and as varied as promised."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from stdnum import iso11649

from recon.bench.books import LabelledBooks, make_books
from recon.errors import UsageError
from recon.references import fik, kid, ocr, viitenumero
from recon.schema import ACCEPTED, ITEMS, LINES, REJECTED, conform
from recon.text import account_key

SIZE = 6_000
EVIDENCE = {"number", "name", "amount", "payout", "none"}
BELONGS_TO_NOTHING = {"noise", "fee", "interest", "duplicate"}
DIFFERS = {"diff", "payout"}


@pytest.fixture(scope="module")
def books() -> LabelledBooks:
    return make_books(SIZE)


def told(books: LabelledBooks) -> pl.DataFrame:
    """Each line with its case and what its links add up to."""
    sums = books.links.group_by("line_id").agg(
        linked=pl.col("amount_minor").sum(), documents=pl.len().cast(pl.Int64)
    )
    cases = books.cases.rename({"kind": "case"})
    return books.lines.join(cases, on="line_id", validate="1:1").join(sums, on="line_id", how="left")


def given_of(books: LabelledBooks) -> pl.DataFrame:
    """Each document with what was given to it."""
    sums = books.links.group_by("item_id").agg(given=pl.col("item_amount_minor").sum())
    return books.items.join(sums, on="item_id", how="left").with_columns(pl.col("given").fill_null(0))


# --- shape ---------------------------------------------------------------------------------------


def test_lines_and_items_are_what_a_bank_and_a_ledger_give(books: LabelledBooks) -> None:
    assert_frame_equal(books.lines, conform(books.lines, LINES))
    assert_frame_equal(books.items, conform(books.items, ITEMS))
    assert books.lines["references"].null_count() == books.lines.height
    assert books.lines["kind"].null_count() == books.lines.height
    assert books.lines["text"].str.len_chars().is_between(1, 140).all()


@pytest.mark.parametrize("size", [300, 2_000, SIZE])
def test_size_is_about_the_number_of_lines_and_documents(size: int) -> None:
    books = make_books(size)
    assert books.lines.height == pytest.approx(size, rel=0.25 if size < 1_000 else 0.06)
    assert books.items.height == pytest.approx(size, rel=0.3 if size < 1_000 else 0.15)


def test_lines_come_in_order_of_time_over_a_year(books: LabelledBooks) -> None:
    dates = books.lines["booking_date"]
    assert dates.is_sorted() and books.lines["line_id"].is_sorted()
    assert 360 < (dates[-1] - dates[0]).days < 400
    assert (dates.dt.weekday() <= 5).all()


def test_cases_hold_every_line_once_and_links_only_what_exists(books: LabelledBooks) -> None:
    assert books.cases["line_id"].to_list() == books.lines["line_id"].to_list()
    assert set(books.cases["evidence"]) <= EVIDENCE
    assert not books.links.select("line_id", "item_id").is_duplicated().any()
    assert books.links.join(books.lines, on="line_id", how="anti").is_empty()
    known = set(books.items["item_id"]) | {f"line:{line}" for line in books.lines["line_id"]}
    assert set(books.links["item_id"]) <= known
    assert books.links.columns == ["line_id", "item_id", "amount_minor", "item_amount_minor"]


def test_each_account_states_its_balance_after_every_line(books: LabelledBooks) -> None:
    moved = books.lines.with_columns(
        step=pl.col("balance_minor") - pl.col("balance_minor").shift(1).over("account_id")
    ).drop_nulls("step")
    assert moved.filter(pl.col("step") != pl.col("amount_minor")).is_empty()
    assert (
        books.lines.group_by("account_id").agg(pl.col("currency").n_unique())["currency"].to_list() == [1] * 5
    )


def test_books_too_small_for_every_kind_are_refused() -> None:
    with pytest.raises(UsageError, match="100 or more"):
        make_books(99)


# --- truth ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_links_add_up_to_their_line_and_only_some_kinds_differ(seed: int) -> None:
    lines = told(make_books(2_000, seed)).with_columns(gap=pl.col("amount_minor") - pl.col("linked"))
    nothing = lines.filter(pl.col("linked").is_null())
    assert set(nothing["case"]) == BELONGS_TO_NOTHING
    assert not set(lines.filter(pl.col("linked").is_not_null())["case"]) & BELONGS_TO_NOTHING
    assert set(lines.filter(pl.col("gap") != 0)["case"]) == DIFFERS
    assert lines.filter(pl.col("case").is_in(DIFFERS), pl.col("gap") == 0).is_empty()
    assert (lines.filter(pl.col("case") == "payout")["gap"] < 0).all()


def test_nothing_is_given_more_than_its_total_and_settled_documents_get_nothing(books: LabelledBooks) -> None:
    items = given_of(books)
    assert items.filter(pl.col("given").abs() > pl.col("total_minor").abs()).is_empty()
    assert items.filter(pl.col("given") * pl.col("total_minor") < 0).is_empty()
    settled = items.filter(pl.col("open_minor") == 0)
    assert settled["given"].abs().sum() == 0 and 0.02 < settled.height / items.height < 0.04
    assert items.filter(pl.col("open_minor") != 0, pl.col("open_minor") != pl.col("total_minor")).is_empty()


ONE = ["single", "card", "direct_debit", "instalment", "partial", "diff", "fx", "refund", "transfer"]


@pytest.mark.parametrize("kind", ONE)
def test_some_kinds_settle_one_thing(books: LabelledBooks, kind: str) -> None:
    assert set(told(books).filter(pl.col("case") == kind)["documents"]) == {1}


def test_batches_payouts_and_netted_settle_several_of_one_party(books: LabelledBooks) -> None:
    linked = books.links.join(books.items, on="item_id").join(
        books.cases.rename({"kind": "case"}), on="line_id"
    )
    groups = linked.group_by("line_id", "case").agg(
        parties=pl.col("counterparty_id").n_unique(), signs=pl.col("total_minor").sign().n_unique(), documents=pl.len()
    )  # fmt: skip
    batch, netted = (groups.filter(pl.col("case") == kind) for kind in ("batch", "netted"))
    assert (batch["documents"] >= 2).all() and set(batch["parties"]) == {1} and set(batch["signs"]) == {1}
    assert (netted["documents"] >= 2).all() and set(netted["parties"]) == {1} and set(netted["signs"]) == {2}
    assert (groups.filter(pl.col("case") == "payout")["documents"] <= 60).all()


def test_instalments_come_one_after_the_other_and_end_at_the_total(books: LabelledBooks) -> None:
    parts = books.links.join(books.cases.filter(pl.col("kind") == "instalment"), on="line_id")
    sums = parts.group_by("item_id").agg(pl.col("item_amount_minor").sum(), parts=pl.len())
    whole = sums.join(books.items, on="item_id").filter(pl.col("item_amount_minor") == pl.col("total_minor"))
    assert whole.height / sums.height > 0.6
    assert (whole["parts"] >= 2).all()


def test_a_duplicate_repeats_an_earlier_payment_of_the_same_amount(books: LabelledBooks) -> None:
    lines = told(books)
    second = lines.filter(pl.col("case") == "duplicate").select("booking_date", "amount_minor", "currency")
    first = lines.filter(pl.col("case") == "single").select("booking_date", "amount_minor", "currency")
    pairs = second.with_row_index().join(first, on=["amount_minor", "currency"])
    days = (pl.col("booking_date") - pl.col("booking_date_right")).dt.total_days()
    near = pairs.filter(days.is_between(1, 25))
    assert near["index"].n_unique() == second.height > 0


def test_own_transfers_name_each_other_and_cancel(books: LabelledBooks) -> None:
    ends = books.links.filter(pl.col("item_id").str.starts_with("line:"))
    other = ends.select(line_id=pl.col("item_id").str.slice(5), back="line_id", opposite="amount_minor")
    both = ends.join(other, on="line_id", validate="1:1")
    assert both.height == ends.height > 0
    assert both.filter(pl.col("item_id") != pl.format("line:{}", "back")).is_empty()
    assert both.filter(pl.col("amount_minor") != -pl.col("opposite")).is_empty()


def test_other_currencies_come_in_near_the_day_rate_of_the_policy(books: LabelledBooks) -> None:
    fx = told(books).filter(pl.col("case") == "fx").select("line_id", "booking_date", "amount_minor")
    items = books.items.select("item_id", item_currency="currency")
    legs = fx.join(books.links, on="line_id", suffix="_leg").join(items, on="item_id")
    assert books.policy.fx_rates is not None
    rated = legs.join(
        books.policy.fx_rates, left_on=["booking_date", "item_currency"], right_on=["date", "currency"]
    )
    off = (rated["amount_minor"] / (rated["item_amount_minor"] * rated["rate"]) - 1).abs()
    assert rated.height == legs.height > 0
    assert (off < books.policy.fx_band).all()


# --- variety -------------------------------------------------------------------------------------

SHARES = {
    "single": (0.48, 0.66), "noise": (0.11, 0.15), "instalment": (0.03, 0.10), "batch": (0.035, 0.07),
    "fx": (0.025, 0.065), "diff": (0.015, 0.032), "fee": (0.01, 0.025), "transfer": (0.015, 0.025),
    "refund": (0.01, 0.02), "duplicate": (0.004, 0.008), "netted": (0.003, 0.007), "payout": (0.001, 0.010),
    "partial": (0.002, 0.009), "card": (0.01, 0.035), "direct_debit": (0.02, 0.055), "interest": (0.001, 0.006),
}  # fmt: skip


def test_kinds_come_about_as_often_as_in_a_ledger(books: LabelledBooks) -> None:
    found = {
        kind: count / books.lines.height for kind, count in books.cases["kind"].value_counts().iter_rows()
    }
    assert set(found) == set(SHARES)
    strange = {kind: share for kind, share in found.items() if not SHARES[kind][0] < share < SHARES[kind][1]}
    assert not strange


def test_evidence_is_mostly_a_number_then_a_name_then_only_the_amount(books: LabelledBooks) -> None:
    shown = books.cases.filter(pl.col("evidence") != "none")["evidence"].value_counts(normalize=True)
    share = dict(shown.iter_rows())
    assert 0.58 < share["number"] < 0.75 and 0.15 < share["name"] < 0.30 and 0.05 < share["amount"] < 0.15


def test_some_documents_are_never_paid(books: LabelledBooks) -> None:
    items = given_of(books).filter(pl.col("open_minor") != 0)
    assert 0.03 < items.filter(pl.col("given") == 0).height / items.height < 0.09


def test_subscriptions_share_amounts_and_noise_comes_at_their_prices(books: LabelledBooks) -> None:
    crowd = books.items.group_by("total_minor", "currency").len().sort("len", descending=True)
    assert crowd["len"][0] > SIZE // 25
    common = crowd.head(20)["total_minor"].implode()
    tempting = told(books).filter(pl.col("case") == "noise", pl.col("amount_minor").is_in(common))
    assert tempting.height > SIZE * 0.01


def test_a_third_of_what_comes_in_names_the_payers_account_and_it_is_the_same_next_time(
    books: LabelledBooks,
) -> None:
    incoming = told(books).filter(pl.col("amount_minor") > 0)
    named = incoming.drop_nulls("counterparty_account").height
    assert 0.25 < named / incoming.height < 0.45
    accounts = (
        incoming.filter(pl.col("case") == "single")
        .join(books.links, on="line_id", suffix="_leg")
        .join(books.items.select("item_id", "counterparty_id"), on="item_id")
        .drop_nulls("counterparty_account")
        .group_by("counterparty_id")
        .agg(used=account_key(pl.col("counterparty_account")).n_unique(), lines=pl.len())
        .filter(pl.col("lines") > 3)
    )
    assert accounts.filter(pl.col("used") == 1).height > 0.75 * accounts.height > 0


def test_texts_are_cut_mangled_and_in_capitals(books: LabelledBooks) -> None:
    text = books.lines["text"]
    assert (text.str.len_chars() == 20).sum() > 0.05 * SIZE
    for mark in ("Ã¸", "|", "oe", "ø", "?", "Ø"):
        assert text.str.contains(mark, literal=True).any(), mark
    assert (text == text.str.to_uppercase()).sum() > 0.15 * SIZE


# --- references ----------------------------------------------------------------------------------


def printed(books: LabelledBooks, pattern: str, currency: str | None = None) -> list[str]:
    some = books.items.filter(pl.col("payment_reference").str.contains(pattern))
    return some.filter(pl.col("currency") == currency if currency else True)["payment_reference"].to_list()


def test_every_printed_fik_line_holds(books: LabelledBooks) -> None:
    for card, width in (("71", 15), ("75", 16)):
        lines = printed(books, rf"^\+{card}<\d{{{width}}}\+\d{{8}}<$")
        assert lines and all(fik.is_valid(line) for line in lines)
    assert len(printed(books, r"^\+")) == len(printed(books, r"^\+7[15]<\d{15,16}\+\d{8}<$"))


def test_every_rf_reference_holds(books: LabelledBooks) -> None:
    references = printed(books, "^RF")
    assert references and all(iso11649.is_valid(reference) for reference in references)


def test_every_bare_reference_holds_by_the_rule_of_its_country(books: LabelledBooks) -> None:
    bare = r"^\d+-?$"
    rules = {"NOK": kid.is_valid, "SEK": ocr.is_valid, "EUR": viitenumero.is_valid}
    for currency, holds in rules.items():
        references = printed(books, bare, currency)
        assert references and all(holds(reference) for reference in references), currency
    assert any(ocr.is_valid(reference, length_digit=True) for reference in printed(books, bare, "SEK"))
    assert any(not ocr.is_valid(reference) for reference in printed(books, bare, "NOK")), "KID by mod 11"


def test_stated_references_are_those_of_the_linked_document(books: LabelledBooks) -> None:
    stated = told(books).drop_nulls("creditor_reference").filter(pl.col("linked").is_not_null())
    pairs = stated.join(books.links, on="line_id", suffix="_leg").join(
        books.items, on="item_id", suffix="_item"
    )
    printed_plain, stated_plain = (
        pl.col(name).str.replace_all(r"[+<]", "") for name in ("payment_reference", "creditor_reference")
    )
    same = pairs.select(printed_plain.str.contains(stated_plain, literal=True))[:, 0]
    assert pairs.height > 0.03 * SIZE and same.all()


def test_accounts_are_ibans_that_hold_or_the_same_account_by_registration_number(
    books: LabelledBooks,
) -> None:
    seen = pl.Series(books.lines["counterparty_account"].drop_nulls().unique().sort())
    iban, national = seen.str.contains(r"^DK\d{16}$"), seen.str.contains(r"^\d{4}-\d{10}$")
    assert (iban | national).all() and national.sum() > 50
    ibans = pl.concat([seen.filter(iban), pl.Series(books.policy.own_accounts)])
    digits = ibans.str.slice(4) + "1320" + ibans.str.slice(2, 2)
    assert all(int(number) % 97 == 1 for number in digits)


# --- the same again ------------------------------------------------------------------------------


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_a_seed_gives_the_same_books_and_another_seed_others(seed: int) -> None:
    one, again, other = make_books(400, seed), make_books(400, seed), make_books(400, seed + 1)
    for name in ("lines", "items", "links", "cases"):
        assert_frame_equal(getattr(one, name), getattr(again, name))
    assert one.policy.own_accounts == again.policy.own_accounts
    assert not one.lines.equals(other.lines)


# --- what was decided ----------------------------------------------------------------------------


def test_history_is_the_first_lines_that_belong_to_something(books: LabelledBooks) -> None:
    history = books.history(500)
    assert_frame_equal(history.accepted, conform(history.accepted, ACCEPTED))
    assert_frame_equal(history.rejected, conform(history.rejected, REJECTED))
    linked = books.lines.join(books.links, on="line_id", how="semi", maintain_order="left")["line_id"]
    decided = set(history.accepted["line_id"])
    assert set(linked.head(500)) <= decided
    late = decided - set(linked.head(500))
    ends = books.links.filter(pl.col("line_id").is_in(late))["item_id"]
    assert len(late) < 10 and ends.str.starts_with("line:").all()
    days = history.accepted.join(books.lines, on="line_id").select(
        (pl.col("decided_at").dt.date() - pl.col("booking_date")).dt.total_days()
    )[:, 0]
    assert set(days) == {1} and set(history.accepted["by"]) == {"bookkeeper"}


def test_rejected_pairs_are_wrong(books: LabelledBooks) -> None:
    history = books.history(2_000)
    assert 10 < history.rejected.height < 200
    assert history.rejected.join(books.links, on=["line_id", "item_id"]).is_empty()


@pytest.mark.parametrize("decisions", [0, 1, 700, 10**6])
def test_after_history_only_the_rest_is_left(books: LabelledBooks, decisions: int) -> None:
    history = books.history(decisions)
    rest = books.after(history)
    decided = set(history.accepted["line_id"])
    assert set(rest.lines["line_id"]) == set(books.lines["line_id"]) - decided
    assert rest.cases["line_id"].to_list() == rest.lines["line_id"].to_list()
    assert rest.links.join(rest.lines, on="line_id", how="anti").is_empty()
    ends = rest.links["item_id"].filter(rest.links["item_id"].str.starts_with("line:")).str.slice(5)
    assert set(ends) <= set(rest.lines["line_id"])
    moved = (books.items["open_minor"] - rest.items["open_minor"]).sum()
    documents = history.accepted.filter(~pl.col("item_id").str.starts_with("line:"))
    assert moved == documents["item_amount_minor"].sum()
    assert rest.items.filter(pl.col("open_minor") * pl.col("total_minor") < 0).is_empty()
    if decisions == 10**6:
        assert rest.links.is_empty() and set(rest.cases["kind"]) == BELONGS_TO_NOTHING
