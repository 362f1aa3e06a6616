"""Activity: the trail in words and by filter, fetches, and the proof."""

from __future__ import annotations

from recon.flow import review
from recon.flow.trail import trail
from recon.store.connection import lease
from recon.store.migrate import migrations
from recon.ui.trail import TOPICS, event_words, topic_of


def told(app) -> list[str]:
    return next(list(one.value["words"]) for one in app.dataframe if "seq" in one.value.columns)


def test_a_new_workspace_has_its_first_event_and_no_fetch(workspace, page):
    workspace.accounts()
    app = page("activity")
    assert told(app) == [f"Workspace prepared (shape {migrations()[-1][0]})"]
    assert any("Nothing was fetched" in one.value for one in app.markdown)


def test_decisions_are_told_with_line_and_amount(filled, page):
    proposal = filled.proposals().filter(rank=1).sort("probability", descending=True)["proposal_id"][0]
    decision = review.accept(filled, proposal, by="anna")
    review.undo(filled, decision, by="bent")
    line = filled.lines().filter(line_id=filled.decisions()["line_id"][0]).row(0, named=True)
    words = told(page("activity"))
    assert words[0].startswith("Undone: ")
    accepted = next(one for one in words if one.startswith("Accepted"))
    assert line["text"][:70] in accepted
    assert f"{line['amount_minor'] / 100:,.2f} DKK" in accepted


def test_the_trail_is_kept_to_topics_and_people(filled, page):
    proposal = filled.proposals().filter(rank=1).sort("probability", descending=True)["proposal_id"][0]
    review.accept(filled, proposal, by="bent")
    app = page("activity")
    app.pills(key="activity_topics").set_value(["Decisions"]).run()
    assert len(told(app)) == 1
    app.pills(key="activity_topics").set_value([]).run()
    app.selectbox(key="activity_person").set_value("bent").run()
    assert all(one.startswith(("Accepted", "Posted")) for one in told(app))


def test_the_proof_runs_and_says_that_the_records_hold(filled, page):
    app = page("activity")
    app.button(key="activity_check").click().run()
    assert not app.exception
    assert any("The records hold" in one.value for one in [*app.success, *app.warning])


def test_a_broken_chain_is_an_alarm(filled, page):
    with lease(filled.database.path, write=True) as c:
        c.run("UPDATE events SET done_by = 'mallory' WHERE seq = 1")
    app = page("activity")
    app.button(key="activity_check").click().run()
    assert any("contradict themselves" in one.value for one in app.error)


def test_every_kind_of_event_in_the_workspace_is_worded(filled):
    seen = trail(filled, limit=500)
    assert {topic_of(event.kind) for event in seen.events} <= set(TOPICS)
    for event in seen.events:
        words = event_words(event, seen.names)
        assert words and "acc_" not in words


def test_a_page_of_the_trail_counts_all_and_shows_some(filled):
    everything = trail(filled, limit=500)
    second = trail(filled, limit=2, offset=2)
    assert second.total == everything.total == len(everything.events)
    assert second.events == everything.events[2:4]
