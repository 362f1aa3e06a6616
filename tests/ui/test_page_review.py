"""The Review page does what its buttons say, in the store, and the list stays where it was."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from page_company import ACCOUNT, fill, line_of, proposal_of
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.testing.v1 import AppTest

from recon.flow import queue, review
from recon.flow.workspace import Store
from recon.store import matching, statements

KANALHUSET, SKAGEN, TIDEVAND, FJELLTOPP, FEE, SPLIT = 119500, 87550, 250000, 79500, -9800, 200000


def send(app: AppTest, ticks: dict[str, list[int]] | None = None) -> AppTest:
    """Run the page with what the browser would send: all widgets, and the ticks of its tables."""
    states = app._tree.get_widget_states()
    for table in app.dataframe:
        if table.key and table.key in app.session_state:
            selection = {"rows": list(app.session_state[table.key]["selection"]["rows"])}
            selection["rows"] = (ticks or {}).get(table.key, selection["rows"])
            state = states.widgets.add()
            state.id = table.proto.id
            state.string_value = json.dumps({"selection": selection})
    app._run(widget_state=states)
    assert not app.exception, app.exception
    return app


def press(app: AppTest, key: str) -> AppTest:
    """Click the one button whose key begins so, and let the page run."""
    [button] = [each for each in app.button if (each.key or "").startswith(key)]
    button.click()
    return send(app)


def tick(app: AppTest, table: str, rows: list[int]) -> AppTest:
    """Tick rows of the table whose key begins so."""
    key = next(one.key for one in app.dataframe if (one.key or "").startswith(table))
    return send(app, {key: rows})


def amounts(app: AppTest) -> list[str]:
    """The amounts of the queue as it stands, top to bottom."""
    tables = [table for table in app.dataframe if (table.key or "").startswith("review_queue")]
    return tables[0].value["amount"].to_list() if tables else []


def looked_at(app: AppTest) -> str:
    """The amount of the row that the arrow points at."""
    table = next(table for table in app.dataframe if (table.key or "").startswith("review_queue")).value
    return table[table["here"] != ""]["amount"].item()


def look_at(app: AppTest, amount: str, state: str = "all") -> AppTest:
    """Show the lines of a state, and step down to one."""
    app.segmented_control(key="review_state").set_value(state)
    send(app)
    for _ in amounts(app):
        if looked_at(app) == amount:
            break
        press(app, "review_next")
    assert looked_at(app) == amount
    return app


def told(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption).replace("\\", "")


def test_an_empty_workspace_says_where_to_begin(page):
    app = page("review")
    assert "no bank lines yet" in app.markdown[-1].value


def test_lines_that_were_never_matched_are_listed_and_the_engine_is_one_button_away(workspace, page):
    fill(workspace, matched=False)
    app = page("review")
    assert workspace.proposals().is_empty()
    press(app, "review_match")
    assert workspace.proposals().height == 4
    assert amounts(app) == ["1,195.00 DKK", "875.50 DKK", "2,500.00 DKK", "795.00 DKK"]


def test_the_page_tells_line_documents_probability_and_evidence(workspace, page):
    fill(workspace)
    app = page("review")
    words = " ".join(each.value for each in (*app.markdown, *app.text)).replace("\\", "")
    assert "Kanalhusets Kontorhotel ApS" in words and "Faktura 100236" in words
    settles, why = (table.value for table in app.dataframe[1:3])
    assert settles["number"].to_list() == ["Invoice 100236"] and settles["settles"].to_list() == ["1,195.00"]
    assert "The text names invoice 100236." in why["words"].to_list()
    assert any("not yet calibrated" in each.value for each in app.markdown)


def test_accepting_settles_the_document_and_the_next_line_stands_in_its_place(workspace, page):
    fill(workspace)
    app = look_at(page("review"), "875.50 DKK", state="proposed")
    press(app, f"review_accept_{proposal_of(workspace, SKAGEN)}")
    assert amounts(app) == ["1,195.00 DKK", "2,500.00 DKK", "795.00 DKK"]
    assert looked_at(app) == "2,500.00 DKK"
    assert workspace.allocations().select("line_id", "item_id", "amount_minor").rows() == [
        (line_of(workspace, SKAGEN), "i_100238", SKAGEN)
    ]
    assert "Accepted: 875.50 DKK, Invoice 100238" in told(app)


def test_the_last_line_of_the_list_gives_way_to_the_one_before(workspace, page):
    fill(workspace)
    app = look_at(page("review"), "795.00 DKK", state="proposed")
    press(app, f"review_accept_{proposal_of(workspace, FJELLTOPP)}")
    assert looked_at(app) == "2,500.00 DKK"


def test_a_second_click_on_the_same_form_is_answered_once(workspace, page):
    """The browser sends the click again before it has drawn the next line."""
    fill(workspace)
    app = page("review")
    app.button(key=f"review_accept_{proposal_of(workspace, KANALHUSET)}").click()
    clicked = WidgetStates()
    clicked.widgets.extend(each for each in app._tree.get_widget_states().widgets if each.trigger_value)
    app._run(widget_state=clicked)
    app._run(widget_state=clicked)
    assert [error.value for error in app.error] == []
    assert workspace.decisions()["line_id"].to_list() == [line_of(workspace, KANALHUSET)]


def test_what_somebody_else_decided_meanwhile_is_refused_with_who_and_when(workspace, page):
    fill(workspace)
    app = page("review")
    proposal = proposal_of(workspace, KANALHUSET)
    review.accept(workspace, proposal, by="bent")
    press(app, f"review_accept_{proposal}")
    assert "bent decided this" in app.error[0].value
    assert workspace.decisions().height == 1


def test_a_difference_is_booked_to_the_account_shown_or_another_that_is_chosen(workspace, page):
    fill(workspace)
    app = look_at(page("review"), "795.00 DKK")
    proposal = proposal_of(workspace, FJELLTOPP)
    choice = app.selectbox(key=f"review_difference_{proposal}")
    assert choice.value == "7220"
    choice.set_value("7590")
    send(app)
    press(app, f"review_accept_{proposal}")
    booked = workspace.allocations().sort("item_id").select("item_id", "amount_minor").rows()
    assert booked == [("account:7590", -500), ("i_100239", 80000)]


def test_rejecting_keeps_the_pair_apart_and_tells_the_reason(workspace, page):
    fill(workspace)
    app = page("review")
    line = line_of(workspace, KANALHUSET)
    app.text_input(key=f"review_reason_{line}").input("another company")
    send(app)
    press(app, f"review_reject_{proposal_of(workspace, KANALHUSET)}")
    assert workspace.decisions().select("action", "reason").rows() == [("reject", "another company")]
    assert amounts(app) == ["875.50 DKK", "2,500.00 DKK", "795.00 DKK"]
    press(app, "review_match")
    assert workspace.legs().filter(line_id=line, item_id="i_100236").is_empty()


def test_undo_takes_the_last_decision_back_and_looks_at_its_line_again(workspace, page):
    fill(workspace)
    app = look_at(page("review"), "2,500.00 DKK", state="proposed")
    press(app, f"review_accept_{proposal_of(workspace, TIDEVAND)}")
    press(app, "review_undo_last")
    assert workspace.decisions()["action"].to_list() == ["accept", "undo"]
    assert workspace.allocations().is_empty()
    assert looked_at(app) == "2,500.00 DKK"


def test_an_older_decision_is_undone_from_the_list_of_recent_ones(workspace, page):
    fill(workspace)
    made = review.accept(workspace, proposal_of(workspace, SKAGEN), by="bent")
    app = press(page("review"), f"review_undo_{made}")
    assert workspace.allocations().is_empty()
    assert "875.50 DKK" in amounts(app)


def test_a_fee_is_booked_to_an_account_without_a_document(workspace, page):
    fill(workspace)
    app = look_at(page("review"), "-98.00 DKK")
    press(app, "review_book")
    press(app, "review_likely_7220")
    assert workspace.allocations().select("item_id", "amount_minor").rows() == [("account:7220", FEE)]
    assert workspace.decisions()["action"].to_list() == ["book"]
    assert "-98.00 DKK" not in amounts(app)


def test_part_of_a_line_is_booked_and_the_rest_stays(workspace, page):
    fill(workspace)
    app = look_at(page("review"), "2,000.00 DKK")
    press(app, "review_book")
    app.selectbox(key="review_book_account").select_index(3)
    send(app)
    number = app.selectbox(key="review_book_account").value.number
    app.text_input(key=f"review_book_amount_{line_of(workspace, SPLIT)}").input("500")
    send(app)
    press(app, "review_book_do")
    assert workspace.allocations().select("item_id", "amount_minor").rows() == [(f"account:{number}", 50000)]
    assert "1,500.00 DKK" in amounts(app)


def test_no_key_decides_behind_an_open_dialog(workspace, page):
    fill(workspace)
    app = press(page("review"), "review_split")
    behind = app.button(key=f"review_accept_{proposal_of(workspace, KANALHUSET)}")
    assert behind.proto.shortcut == ""


def bulk_summary(app: AppTest) -> Any:
    """The table of the dialog that accepts several lines."""
    return next(table.value for table in app.dataframe if {"who", "settles"} <= set(table.value.columns))


def tick_documents(app: AppTest, words: str, rows: list[int]) -> None:
    """Search in the dialog and tick rows of what is found."""
    app.text_input(key="review_find").input(words)
    send(app)
    tick(app, "review_found", rows)


def test_a_line_is_split_over_documents_found_by_search_and_the_rest_is_told(workspace, page):
    fill(workspace)
    app = look_at(page("review"), "2,000.00 DKK")
    press(app, "review_split")
    tick_documents(app, "200001", [0])
    assert app.text_input(key="review_give_i_200001").value == "1,200.00"
    assert "800.00 DKK of the line stays open" in app.info[-1].value.replace("\\", "")
    tick_documents(app, "200002", [0])
    assert app.text_input(key="review_give_i_200002").value == "800.00"
    app.text_input(key="review_give_i_200002").input("900")
    send(app)
    assert next(one for one in app.button if one.key.startswith("review_split_give")).disabled
    app.text_input(key="review_give_i_200002").input("750.50")
    send(app)
    press(app, "review_split_give")
    given = workspace.allocations().sort("item_id").select("item_id", "amount_minor").rows()
    assert given == [("i_200001", 120000), ("i_200002", 75050)]
    assert "49.50 DKK" in amounts(app)


def test_what_is_left_of_a_split_goes_to_an_account(workspace, page):
    fill(workspace)
    app = look_at(page("review"), "2,000.00 DKK")
    press(app, "review_split")
    tick_documents(app, "200001", [0])
    rest = app.selectbox(key="review_rest_account")
    rest.select_index(1)
    send(app)
    press(app, "review_split_give")
    assert sorted(workspace.allocations()["amount_minor"]) == [80000, 120000]
    assert workspace.open_lines().filter(line_id=line_of(workspace, SPLIT)).is_empty()


def test_ticked_lines_are_summed_up_and_accepted_together(workspace, page):
    fill(workspace)
    app = page("review")
    tick(app, "review_queue", [0, 2])
    assert app.button(key="review_bulk").label == "Accept 2 ticked"
    press(app, "review_bulk")
    summary = bulk_summary(app)
    assert summary["settles"].str[:14].to_list() == ["Invoice 100236", "Invoice 100237"]
    assert workspace.decisions().is_empty()
    press(app, "review_bulk_do")
    assert workspace.decisions()["action"].to_list() == ["accept", "accept"]
    assert amounts(app) == ["875.50 DKK", "795.00 DKK"]
    press(app, "review_undo_last")
    assert workspace.allocations().is_empty()


def test_of_ticked_lines_all_or_none_are_accepted(workspace, page):
    fill(workspace)
    app = page("review")
    tick(app, "review_queue", [0, 1, 2])
    press(app, "review_bulk")
    review.accept(workspace, proposal_of(workspace, TIDEVAND), by="bent")
    press(app, "review_bulk_do")
    assert workspace.decisions()["by"].to_list() == ["bent"]


def test_ticks_follow_their_lines_when_the_list_moves_up(workspace, page):
    fill(workspace)
    app = page("review")
    tick(app, "review_queue", [2])
    press(app, f"review_accept_{proposal_of(workspace, KANALHUSET)}")
    press(app, "review_bulk")
    summary = bulk_summary(app)
    assert summary["amount"].to_list() == ["2,500.00 DKK"]


def test_pending_money_stands_apart_and_is_never_in_the_queue(workspace, page):
    fill(workspace)
    row = (
        workspace.lines()
        .head(1)
        .with_columns(
            amount_minor=pl.lit(4200, pl.Int64), text=pl.lit("Kommende *betaling*"), counterparty_name=None
        )
    )
    with workspace.database.write("test") as writer:
        statements.replace_expected(writer.c, ACCOUNT, row)
    app = page("review")
    assert "42.00 DKK · Kommende *betaling*" in told(app)
    assert "42.00 DKK" not in amounts(look_at(app, "1,195.00 DKK"))


def test_a_matched_line_that_the_bank_took_back_is_a_task_on_top(workspace, page):
    fill(workspace)
    made = review.accept(workspace, proposal_of(workspace, SKAGEN), by="anna")
    line = line_of(workspace, SKAGEN)
    with workspace.database.write("test") as writer:
        statements.note_withdrawals(writer.c, [line], writer.at, withdrawn=True)
        writer.event("lines_kept", ACCOUNT, new=0, sum_minor=0, withdrawn=[line])
    app = page("review")
    assert "took back" in app.warning[0].value
    press(app, f"review_withdrawn_{made}_{line}")
    assert workspace.allocations().is_empty()
    assert not app.warning


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("skagen", ["875.50 DKK"]),
        ("1.195,00", ["1,195.00 DKK"]),
        ("98", ["-98.00 DKK"]),
        ("nobody", []),
    ],
)
def test_the_search_finds_names_texts_and_amounts(workspace, page, words, found):
    fill(workspace)
    app = page("review")
    app.segmented_control(key="review_state").set_value("all")
    send(app)
    app.text_input(key="review_words").input(words)
    send(app)
    assert amounts(app) == found


def test_counts_and_orders_of_the_queue(workspace):
    fill(workspace)
    shown = queue.bench(workspace, queue.Ask(state="all", order="money"))
    assert shown.counts == {"proposed": 4, "tie": 0, "open": 2, "all": 6}
    assert [line["amount_minor"] for line in shown.lines] == [
        TIDEVAND, SPLIT, KANALHUSET, SKAGEN, FJELLTOPP, FEE,
    ]  # fmt: skip
    oldest = queue.bench(workspace, queue.Ask(state="all", order="oldest"))
    assert [line["booking_date"] for line in oldest.lines] == sorted(
        line["booking_date"] for line in oldest.lines
    )


def test_a_page_past_the_end_is_the_last_page(workspace):
    fill(workspace)
    assert queue.bench(workspace, queue.Ask(page=9)).page == 1


def test_the_queue_lists_the_proposals_that_live_and_no_others(workspace: Store):
    """The queue's own list of candidates agrees with the view that decides what lives."""
    fill(workspace)
    review.reject(workspace, proposal_of(workspace, TIDEVAND), by="anna")
    shown = queue.bench(workspace, queue.Ask(state="all"))
    with workspace.database.read() as c:
        for line in shown.lines:
            living = matching.of_line(c, line["line_id"])["proposal_id"].to_list()
            assert line["candidates"] == living


def test_stepping_goes_over_the_edge_of_a_page_and_accepting_stays_on_it(filled, page):
    app = page("review")
    first = amounts(app)
    for _ in range(queue.PAGE_LINES):
        press(app, "review_next")
    second = amounts(app)
    assert len(first) == len(second) == queue.PAGE_LINES and first != second
    assert looked_at(app) == second[0]
    press(app, "review_accept")
    assert amounts(app)[: queue.PAGE_LINES - 1] == second[1:]
    assert looked_at(app) == second[1]
    press(app, "review_previous")
    assert (amounts(app), looked_at(app)) == (first, first[-1])
