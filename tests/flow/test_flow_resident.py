"""A process that stays matches only what changed, and then holds what a look at everything would have given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

import recon as rc
from recon.bench.books import make_books
from recon.flow import resident
from recon.flow.keep import keep_lines
from recon.flow.matching import match
from recon.flow.resident import Books, matched
from recon.flow.review import accept
from recon.flow.workspace import open_store
from recon.match.weights import STATED
from recon.normalise.items import normalise_items
from recon.normalise.lines import normalise_lines, normalise_parts
from recon.schema import PARTS, History, Matching
from recon.settings import Settings
from recon.store import consents, documents

MADE = make_books(400, seed=5)
LINES, ITEMS = normalise_lines(MADE.lines), normalise_items(MADE.items)
HOME = Path("company")


@pytest.fixture(autouse=True)
def even_small_books_are_kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(resident, "ROWS_LEAST", 0)
    yield
    resident._kept.clear()


def books(lines: int, *, day: int = 1) -> Books:
    """The first lines of a made-up company, as a workspace tells them; without history weights are as stated."""
    parts = normalise_parts(PARTS.empty())
    return Books(LINES.head(lines), ITEMS, parts, MADE.policy, STATED, History(), date(2026, 1, day))


def run(now: Books, before: str | None, this: str, *, whole: bool = False) -> tuple[Matching, int]:
    return matched(HOME, now, before, this, None, whole=whole)


def chosen(matching: Matching) -> pl.DataFrame:
    first = matching.legs.join(matching.proposals.filter(rank=1), on="proposal_id", how="semi")
    return first.select("line_id", "item_id").sort("line_id", "item_id")


def test_a_few_new_lines_cost_what_they_touch_and_choose_the_same() -> None:
    new = LINES.filter(pl.col("amount_minor") < 0, kind="transfer").tail(4)
    now, before = books(LINES.height), LINES.join(new, on="line_id", how="anti")
    run(replace(now, lines=before), None, "1")
    warm, looked_at = run(now, "1", "2")
    whole, all_lines = run(now, "2", "3", whole=True)
    assert 4 <= looked_at < before.height < all_lines == LINES.height
    assert chosen(warm).equals(chosen(whole))
    assert set(warm.lines["line_id"]) == set(whole.lines["line_id"])


def test_where_nothing_changed_nothing_is_looked_at() -> None:
    one, _ = run(books(200), None, "1")
    other, looked_at = run(books(200), "1", "2")
    assert looked_at == 0
    assert other.proposals.equals(one.proposals) and other.evidence.equals(one.evidence)


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (books(100), "another process matched since"),
        (books(100, day=2), "1"),
        (replace(books(100), policy=replace(MADE.policy, tolerance_minor=5)), "1"),
        (replace(books(100), policy=replace(MADE.policy, fx_rates=None)), "1"),
        (replace(books(100), model=replace(STATED, priors={**STATED.priors, "rule": -6.0})), "1"),
    ],
    ids=["other process", "next day", "policy", "rates", "model"],
)
def test_everything_is_gone_through_where_it_must(now: Books, before: str) -> None:
    run(books(99), None, "1")
    assert run(now, before, "2")[1] == 100


def test_the_store_holds_what_both_ways_choose(tmp_path: Path) -> None:
    """An accepted proposal between two runs takes its line and documents away; the rest stays as it was."""
    store = open_store(tmp_path, Settings(home=tmp_path))
    with store.database.write("test") as writer:
        consents.put_account(
            writer.c, account_id="acc", name="Drift", currency="DKK", is_on=True, erp_account="5820"
        )
        lines = MADE.lines.head(80).with_columns(account_id=pl.lit("acc"), bank_ref=pl.col("line_id"))
        keep_lines(writer, "acc", lines, source="test")
        documents.put_items(writer.c, MADE.items, writer.at)
    match(store, whole=False)
    best = store.proposals().filter(rank=1, kind="one_to_one")["proposal_id"][0]
    accept(store, [best], by="anna")
    match(store, whole=False)
    kept = store.proposals()
    match(store)
    assert kept.height and best not in kept["proposal_id"]
    assert (
        kept.filter(rank=1)["proposal_id"]
        .sort()
        .equals(store.proposals().filter(rank=1)["proposal_id"].sort())
    )


def test_a_notebook_asks_a_ledger() -> None:
    """Frames as received go in; the words are those of rc.propose."""
    raw = MADE.lines.tail(20)
    ledger = rc.ledger(MADE.items, policy=MADE.policy)
    result = ledger.propose(raw)
    plain = rc.propose(raw, MADE.items, policy=MADE.policy)
    assert result.proposals.equals(plain.proposals)
    first = result.legs.filter(~pl.col("item_id").str.contains(":"))["item_id"][0]
    less = ledger.without([first]).propose(raw)
    assert not less.legs.filter(item_id=first).height
    known = ledger.with_lines(raw)
    assert known.matching.proposals.equals(plain.proposals)
    settled = MADE.items.filter(item_id=first).with_columns(open_minor=pl.lit(0, pl.Int64))
    assert not known.with_items(settled).matching.legs.filter(item_id=first).height
