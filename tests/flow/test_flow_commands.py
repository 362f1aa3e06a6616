"""A click sent twice is one click, and a decision on what somebody else touched meanwhile is not made."""

from __future__ import annotations

import pytest
from test_flow_review import DOCUMENTS, statement

from recon.errors import ChangedMeanwhile, CommandReused, DecisionRefused
from recon.flow.candidates import Looked, look
from recon.flow.files import File, import_files
from recon.flow.matching import match
from recon.flow.review import accept, allocate, reject, undo
from recon.flow.workspace import Store, open_store
from recon.settings import Settings


@pytest.fixture
def store(tmp_path) -> Store:
    made = open_store(tmp_path / "company", Settings())
    import_files(made, [File("s.xml", statement().encode()), File("d.csv", DOCUMENTS.encode())], by="anna")
    match(made)
    return made


def line_of(store: Store, text: str) -> str:
    return store.lines().filter(text=text)["line_id"][0]


def looked_at(store: Store, line: str) -> Looked:
    looked = look(store, line)
    assert looked
    return looked


def proposals(store: Store) -> list[str]:
    return store.proposals().filter(rank=1).sort("proposal_id")["proposal_id"].to_list()


COMMANDS = {
    "accept one": lambda s: accept(s, proposals(s)[0], by="anna", command_id="c"),
    "accept several": lambda s: accept(s, proposals(s)[:2], by="anna", command_id="c"),
    "reject": lambda s: reject(s, proposals(s)[:1], by="anna", command_id="c"),
    "allocate": lambda s: allocate(
        s, line_of(s, "Gebyr"), {"account:7220": -4500}, by="anna", command_id="c"
    ),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_same_command_again_gets_the_first_answer(store, monkeypatch, name):
    kept = proposals(store)
    monkeypatch.setitem(globals(), "proposals", lambda _: kept)
    first = COMMANDS[name](store)
    decided, events = store.decisions(), store.events().height
    assert COMMANDS[name](store) == first
    assert store.decisions().equals(decided) and store.events().height == events


def test_an_undo_sent_twice_is_one_undo(store):
    made = accept(store, proposals(store)[:1], by="anna")
    first = undo(store, made, by="anna", command_id="u")
    assert undo(store, made, by="anna", command_id="u") == first
    assert store.decisions()["action"].to_list() == ["accept", "undo"]


@pytest.mark.parametrize(
    "other",
    [
        lambda s, one, two: accept(s, two, by="anna", command_id="c"),
        lambda s, one, two: accept(s, one, by="bent", command_id="c"),
        lambda s, one, two: accept(s, one, by="anna", reason="other", command_id="c"),
        lambda s, one, two: reject(s, one, by="anna", command_id="c"),
    ],
    ids=["another proposal", "another person", "another reason", "another action"],
)
def test_another_wish_under_the_same_id_is_refused(store, other):
    one, two = proposals(store)[:2]
    accept(store, one, by="anna", command_id="c")
    with pytest.raises(CommandReused, match="by anna"):
        other(store, one, two)
    assert store.decisions().height == 1


def test_a_refused_command_may_be_sent_again(store):
    """Nothing was carried out, so there is nothing to repeat."""
    line = line_of(store, "Gebyr")
    with pytest.raises(DecisionRefused):
        allocate(store, line, {"account:7220": -9900}, by="anna", command_id="c")
    assert allocate(store, line, {"account:7220": -4500}, by="anna", command_id="c")


def test_a_line_that_somebody_touched_since_is_not_decided_on(store):
    line = line_of(store, "Gebyr")
    looked = looked_at(store, line)
    made = allocate(store, line, {"account:7220": -500}, by="bent")
    with pytest.raises(ChangedMeanwhile, match="bent decided on it") as refused:
        allocate(store, line, {"account:7220": -4000}, by="anna", seen=looked.seen)
    assert refused.value.fields["decided_by"] == "bent"
    undo(store, made, by="carl")
    with pytest.raises(ChangedMeanwhile, match="carl decided on it"):
        allocate(store, line, {"account:7220": -4000}, by="anna", seen=looked.seen)
    assert allocate(store, line, {"account:7220": -4000}, by="anna", seen=looked_at(store, line).seen)


def test_a_document_that_an_import_changed_since_is_not_settled(store):
    line = line_of(store, "HAVNENS BAGERI 1042")
    looked = looked_at(store, line)
    proposal = looked.candidates[0].proposal_id
    import_files(store, [File("d.csv", DOCUMENTS.replace("800.00", "900.00").encode())], by="bent")
    with pytest.raises(ChangedMeanwhile, match="An import or the bank changed it"):
        accept(store, proposal, by="anna", seen=looked.seen)


def test_what_nobody_touched_is_decided_on(store):
    looked = looked_at(store, line_of(store, "HAVNENS BAGERI 1042"))
    allocate(store, line_of(store, "Gebyr"), {"account:7220": -500}, by="bent")
    assert accept(store, looked.candidates[0].proposal_id, by="anna", seen=looked.seen)
