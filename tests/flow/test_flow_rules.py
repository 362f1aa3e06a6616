"""Rules of a company: tried on what it decided, kept in order, and a proposal of one booked like any other."""

from __future__ import annotations

import json
from datetime import date, timedelta

import polars as pl
import pytest

from recon.errors import UsageError
from recon.flow.check import check
from recon.flow.keep import keep_lines
from recon.flow.review import accept, allocate, book, reject, undo
from recon.flow.rules import add_rule, move_rule, preview_rule, remove_rule
from recon.flow.workspace import Preferences, Store, open_store, save_preferences
from recon.policy import Policy
from recon.schema import EVIDENCE, ITEMS, LEGS, LINES, PROPOSALS, UNMATCHED, Matching, conform
from recon.settings import Secret, Settings
from recon.store import consents, documents, matching

TODAY = date(2026, 10, 31)
GEBYR = 'text has "gebyr" -> account 7220'
KIND = "kind is fee -> account 7230"
BERIT = 'text has "berit" -> party C1'

# days ago, amount, text
LINES_TOLD = [
    (3, -4500, "Gebyr netbank oktober"),
    (33, -4500, "Gebyr netbank september"),
    (63, -4500, "Gebyr netbank august"),
    (93, -9900, "Gebyr rykker"),
    (364, -100, "Gebyr for længe siden"),  # the first day of the twelve months
    (365, -200, "Gebyr for endnu længere siden"),
    (10, 80000, "Berit Holm"),
    (12, 50000, "Berit Holm"),
]


@pytest.fixture
def store(tmp_path) -> Store:
    """Six fees, two payments of Berit Holm, who is customer C1 under her firm's name; nothing decided."""
    made = open_store(tmp_path / "workspace", Settings(vault_key=Secret("k")))
    rows = [
        {"line_id": f"told {number}", "account_id": "drift", "booking_date": TODAY - timedelta(days=ago),
         "amount_minor": minor, "currency": "DKK", "text": text, "source": "test", "bank_ref": str(number)}
        for number, (ago, minor, text) in enumerate(LINES_TOLD)
    ]  # fmt: skip
    items = [
        {"item_id": number, "kind": "invoice", "document_no": number, "counterparty_id": party, "currency": "DKK",
         "counterparty_name": name, "total_minor": minor, "open_minor": minor, "source": "test"}
        for number, party, name, minor in (("1041", "C1", "Nordlys ApS", 80000), ("1042", "C2", "Skovby", 50000))
    ]  # fmt: skip
    lines = pl.DataFrame(rows)
    with made.database.write("test") as writer:
        consents.put_account(
            writer.c, account_id="drift", name="Drift", currency="DKK", is_on=True, erp_account="5820"
        )
        keep_lines(writer, "drift", conform(lines, LINES).with_columns(lines["bank_ref"]), source="test")
        documents.put_items(writer.c, conform(pl.DataFrame(items), ITEMS), writer.at)
    return made


def line(store: Store, text: str, amount: int | None = None) -> str:
    found = store.lines().filter(pl.col("text").str.contains(text))
    return (found if amount is None else found.filter(amount_minor=amount))["line_id"].item()


def met(store: Store, rule: str) -> dict[str, tuple]:
    """Text of each line met → what was decided, whether it agrees, the conflict."""
    hits = preview_rule(store, rule, TODAY).hits
    return {text: rest for text, *rest in hits.select("text", "decided", "agrees", "conflict").iter_rows()}


# --- trying a rule -----------------------------------------------------------------------------------------


def test_a_rule_is_tried_on_twelve_months(store):
    tried = preview_rule(store, "TEXT has “gebyr”→account 7220", TODAY)
    assert (tried.rule, tried.since) == (GEBYR, date(2025, 11, 1))
    assert tried.hits["text"].to_list() == [text for _, _, text in LINES_TOLD[:5]]
    assert tried.counts == {"hits": 5, "agree": 0, "open": 5, "conflicts": 0}
    assert tried.doubts == ()


def test_what_was_decided_agrees_or_speaks_against_it(store):
    book(store, line(store, "oktober"), "7220", by="anna")
    book(store, line(store, "september"), "7230", by="anna")
    allocate(store, line(store, "rykker"), {"account:7220": -4000, "account:7590": -5900}, by="anna")
    assert met(store, GEBYR) == {
        "Gebyr netbank oktober": ["account 7220", True, None],
        "Gebyr netbank september": ["account 7230", False, "decided"],
        "Gebyr netbank august": [None, None, None],
        "Gebyr rykker": ["account 7220, account 7590", False, "decided"],
        "Gebyr for længe siden": [None, None, None],
    }
    tried = preview_rule(store, GEBYR, TODAY)
    assert tried.counts == {"hits": 5, "agree": 1, "open": 2, "conflicts": 2}


def test_what_was_undone_is_open_again(store):
    undo(store, book(store, line(store, "oktober"), "7230", by="anna"), by="anna")
    assert met(store, GEBYR)["Gebyr netbank oktober"] == [None, None, None]


def test_a_party_agrees_where_its_documents_were_paid(store):
    allocate(store, line(store, "Berit", 80000), {"1041": 80000}, by="anna")
    allocate(store, line(store, "Berit", 50000), {"1042": 49000, "account:7220": 1000}, by="anna")
    for rule in (BERIT, 'text has "berit" -> party "Nordlys"'):
        hits = preview_rule(store, rule, TODAY).hits
        assert hits.select("decided", "agrees", "conflict").rows() == [
            ("invoice 1041", True, None),
            ("account 7220, invoice 1042", False, "decided"),
        ]


def test_an_earlier_rule_takes_its_lines_first(store):
    add_rule(store, KIND, by="anna")
    tried = preview_rule(store, GEBYR, TODAY)
    assert tried.conflicts["conflict"].unique().to_list() == ["earlier"]
    assert tried.conflicts["earlier"].unique().to_list() == [KIND]
    # Tried at its own place, no rule stands before the first.
    assert preview_rule(store, KIND, TODAY).conflicts.is_empty()


def test_what_cannot_work_is_doubted(store):
    assert preview_rule(store, 'text has "x" -> account 9999', TODAY).doubts == (
        "ERP account 9999 is not in the chart of accounts.",
    )
    assert preview_rule(store, 'text has "x" -> party C9', TODAY).doubts == (
        "No document here is of the party C9.",
    )
    with pytest.raises(UsageError, match="not understood"):
        preview_rule(store, "gebyr to 7220", TODAY)


def test_trying_a_rule_changes_nothing(store):
    before = store.events().height
    preview_rule(store, GEBYR, TODAY)
    assert store.events().height == before
    assert store.preferences().policy.rules == ()


@pytest.mark.parametrize(
    ("today", "since"),
    [
        (date(2026, 10, 31), date(2025, 11, 1)),
        (date(2028, 2, 29), date(2027, 3, 1)),
        (date(2026, 1, 1), date(2025, 1, 2)),
    ],
)
def test_twelve_months_end_today(store, today, since):
    assert preview_rule(store, GEBYR, today).since == since


# --- keeping rules -----------------------------------------------------------------------------------------


def test_rules_are_kept_in_order_each_change_an_event(store):
    assert add_rule(store, GEBYR.upper().replace("GEBYR", "gebyr"), by="anna") == (GEBYR,)
    assert add_rule(store, KIND, by="anna", place=1) == (KIND, GEBYR)
    assert add_rule(store, BERIT, by="bent") == (KIND, GEBYR, BERIT)
    assert move_rule(store, BERIT, 1, by="bent") == (BERIT, KIND, GEBYR)
    assert move_rule(store, BERIT, 3, by="bent") == (KIND, GEBYR, BERIT)
    assert remove_rule(store, GEBYR, by="anna") == (KIND, BERIT)
    assert store.preferences().policy.rules == (KIND, BERIT)
    events = store.events().filter(kind="rules_changed").sort("seq")
    told = [json.loads(payload) for payload in events["payload"]]
    assert [next(iter({"added", "moved", "removed"} & one.keys())) for one in told] == [
        "added", "added", "added", "moved", "moved", "removed",
    ]  # fmt: skip
    assert told[-1] == {"removed": GEBYR, "rules": [KIND, BERIT]}
    assert set(events["done_by"]) == {"anna", "bent"}
    assert check(store).ok


def test_rules_and_other_choices_do_not_disturb_each_other(store):
    save_preferences(store, Preferences(policy=Policy(days_after=90)), by="anna")
    add_rule(store, GEBYR, by="anna")
    chosen = store.preferences()
    assert (chosen.policy.days_after, chosen.policy.rules) == (90, (GEBYR,))
    save_preferences(store, chosen, by="anna")
    assert store.preferences() == chosen


def test_a_move_to_the_same_place_is_no_event(store):
    add_rule(store, GEBYR, by="anna")
    before = store.events().height
    assert move_rule(store, GEBYR, 1, by="anna") == (GEBYR,)
    assert store.events().height == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda store: add_rule(store, "gebyr", by="anna"), "not understood"),
        (lambda store: add_rule(store, 'text has "gebyr"->account 7220', by="anna"), "already, as number 1"),
        (
            lambda store: add_rule(store, 'text has "x" -> account 9999', by="anna"),
            "9999 is not in the chart",
        ),
        (lambda store: add_rule(store, KIND, by="anna", place=3), "between 1 and 2"),
        (lambda store: move_rule(store, GEBYR, 0, by="anna"), "between 1 and 1"),
        (lambda store: move_rule(store, KIND, 1, by="anna"), "no rule"),
        (lambda store: remove_rule(store, KIND, by="anna"), "no rule"),
    ],
)
def test_what_is_refused_changes_nothing(store, change, words):
    add_rule(store, GEBYR, by="anna")
    before = store.events().height
    with pytest.raises(UsageError, match=words) as refused:
        change(store)
    assert "Nothing was changed" in refused.value.words
    assert store.preferences().policy.rules == (GEBYR,)
    assert store.events().height == before


# --- deciding on a proposal of a rule ----------------------------------------------------------------------


def propose_by_rule(store: Store, line_id: str, minor: int) -> str:
    """Keep a matching of one proposal, as the engine makes it of a rule."""
    proposal = {
        "proposal_id": "p_rule", "rank": 1, "probability": 0.94, "kind": "rule", "difference_minor": 0,
        "difference_kind": "none", "score": 4.0, "prior": -5.0, "auto": False,
    }  # fmt: skip
    leg = {"proposal_id": "p_rule", "line_id": line_id, "item_id": "account:7220",
           "amount_minor": minor, "item_amount_minor": minor}  # fmt: skip
    why = {"proposal_id": "p_rule", "feature": "rule", "level": "account", "weight": 9.0,
           "words": f"A rule of yours says: {GEBYR}."}  # fmt: skip
    result = Matching(
        proposals=conform(pl.DataFrame([proposal]), PROPOSALS),
        legs=conform(pl.DataFrame([leg]), LEGS),
        unmatched=UNMATCHED.empty(),
        lines=store.open_lines(),
        items=store.items(),
        telling=lambda: conform(pl.DataFrame([why]), EVIDENCE),
    )
    with store.database.write("engine") as writer:
        matching.replace(writer.c, result, run_id="m_1", at=writer.at, by="engine", engine_version="test")
    return "p_rule"


def balance_of(store: Store, account: str) -> int:
    signed = pl.when(pl.col("side") == "debit").then("amount_minor").otherwise(-pl.col("amount_minor"))
    return store.postings().filter(erp_account=account).select(signed.sum()).item()


def test_accepting_a_proposal_of_a_rule_books_the_line_to_its_account(store):
    line_id = line(store, "oktober")
    decision = accept(store, propose_by_rule(store, line_id, -4500), by="anna")
    assert line_id not in store.open_lines()["line_id"]
    given = store.allocations().select("line_id", "item_id", "amount_minor", "erp_account").rows()
    assert given == [(line_id, "account:7220", -4500, "7220")]
    assert (balance_of(store, "5820"), balance_of(store, "7220")) == (-4500, 4500)
    assert met(store, GEBYR)["Gebyr netbank oktober"] == ["account 7220", True, None]
    assert check(store).ok
    undo(store, decision, by="anna")
    assert balance_of(store, "7220") == 0
    assert store.proposals()["proposal_id"].to_list() == ["p_rule"]


def test_rejecting_it_keeps_line_and_account_apart_and_speaks_against_the_rule(store):
    line_id = line(store, "oktober")
    reject(store, propose_by_rule(store, line_id, -4500), by="anna")
    assert store.proposals().is_empty()
    assert store.history().rejected.select("line_id", "item_id").rows() == [(line_id, "account:7220")]
    assert met(store, GEBYR)["Gebyr netbank oktober"] == [None, None, "refused"]
