"""The Postings page: the journal as it was booked, what waits, and batches that never change."""

from __future__ import annotations

from page_company import ACCOUNT, fill, proposal_of
from streamlit.testing.v1 import AppTest

from recon.flow import review
from recon.flow.accounts import set_account

EXACT, FEE_KEPT = 119500, 79500


def journal(app: AppTest) -> list[tuple[str, str, str, str]]:
    """Account, debit, credit and state of each entry shown."""
    for table in app.dataframe:
        if {"account", "debit", "state"} <= set(table.value.columns):
            rows = table.value.to_dict("records")
            return [(row["account"].split()[0], row["debit"], row["credit"], row["state"]) for row in rows]
    return []


def show(app: AppTest, state: str) -> AppTest:
    return app.segmented_control(key="postings_state").set_value(state).run()


def test_nothing_posted_points_to_review(workspace, page):
    fill(workspace)
    assert "Nothing is posted yet" in page("postings").markdown[0].value


def test_an_accepted_match_is_a_journal_of_debit_and_credit(workspace, page):
    fill(workspace)
    review.accept(workspace, proposal_of(workspace, FEE_KEPT), by="anna")
    entries = journal(page("postings"))
    assert entries[0] == ("5820", "795.00", "", "to export")
    assert sorted(entries[1:]) == [("5600", "", "800.00", ""), ("7220", "5.00", "", "")]


def test_totals_balance(workspace, page):
    fill(workspace)
    review.accept(workspace, proposal_of(workspace, FEE_KEPT), by="anna")
    app = page("postings")
    totals = next(one.value for one in app.dataframe if "net" in one.value.columns)
    assert dict(zip(totals["account"], totals["net"], strict=True)) == {
        "5600 Debtors": "-800.00",
        "5820 Bank, operations": "795.00",
        "7220 Bank charges": "5.00",
    }


def test_what_waits_for_an_erp_account_is_named_and_posted_once_it_has_one(workspace, page):
    fill(workspace, erp_account=None)
    review.accept(workspace, proposal_of(workspace, EXACT), by="anna")
    app = page("postings")
    assert "Drift (1 decision)" in app.warning[0].value.replace("\\", "")
    assert workspace.postings().is_empty()
    set_account(workspace, ACCOUNT, by="anna", erp_account="5820")
    app = page("postings")
    assert not app.warning
    assert [entry[0] for entry in journal(app)] == ["5820", "5600"]


def test_export_makes_a_batch_offers_the_file_and_keeps_a_copy(workspace, page):
    fill(workspace)
    review.accept(workspace, proposal_of(workspace, EXACT), by="anna")
    app = page("postings")
    app.button(key="postings_export").click().run()
    made = app.session_state["postings_file"]
    assert made.content.startswith(b"\xef\xbb\xbf") and b"1195,00" in made.content
    assert (workspace.home / "exports" / made.file_name).read_bytes() == made.content
    assert "Batch 1 is ready: 1 journal, 2 entries" in app.success[0].value
    assert app.button(key="postings_export").disabled
    assert journal(show(app, "exported"))[0][3] == "batch 1"


def test_an_earlier_batch_gives_the_same_bytes_again(workspace, page):
    fill(workspace)
    review.accept(workspace, proposal_of(workspace, EXACT), by="anna")
    app = page("postings")
    app.button(key="postings_export").click().run()
    first = app.session_state["postings_file"].content
    review.accept(workspace, proposal_of(workspace, FEE_KEPT), by="anna")
    app.run().button(key="postings_export").click().run()
    app.selectbox(key="postings_batch").set_value(1).run()
    app.button(key="postings_again").click().run()
    again = app.session_state["postings_again_file"]
    assert (again.batch_no, again.content) == (1, first)
    assert app.session_state["postings_file"].batch_no == 2


def test_reversals_are_marked_and_leave_no_trace_before_an_export(workspace, page):
    fill(workspace)
    made = review.accept(workspace, proposal_of(workspace, EXACT), by="anna")
    review.undo(workspace, made, by="anna")
    app = page("postings")
    assert app.button(key="postings_export").disabled
    states = [entry[3] for entry in journal(show(app, "all")) if entry[3]]
    assert states == ["reversal, never exported", "reversed, never exported"]


def test_what_is_undone_after_an_export_goes_out_as_a_reversal(workspace, page):
    fill(workspace)
    made = review.accept(workspace, proposal_of(workspace, EXACT), by="anna")
    app = page("postings")
    app.button(key="postings_export").click().run()
    review.undo(workspace, made, by="anna")
    app = page("postings")
    assert [entry[3] for entry in journal(app) if entry[3]] == ["reversal, to export"]
    app.button(key="postings_export").click().run()
    states = [entry[3] for entry in journal(show(app, "all")) if entry[3]]
    assert states == ["reversal, batch 2", "reversed, batch 1"]


def test_the_search_finds_journals_by_document_account_and_text(workspace, page):
    fill(workspace)
    for amount in (EXACT, FEE_KEPT):
        review.accept(workspace, proposal_of(workspace, amount), by="anna")
    app = page("postings")
    for words, entries in (("100236", 2), ("7220", 3), ("fjelltopp", 3), ("nothing like it", 0)):
        app.text_input(key="postings_words").input(words).run()
        assert len(journal(app)) == entries, words
