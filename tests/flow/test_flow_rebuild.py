"""The law of the store: whatever people did, replaying the events gives the tables that are there, byte for byte."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_flow_review import DOCUMENTS, statement

from recon.errors import ReconError
from recon.flow.accounts import set_account
from recon.flow.check import check
from recon.flow.files import File, import_files
from recon.flow.matching import match
from recon.flow.posting import export
from recon.flow.rebuild import rebuild
from recon.flow.review import accept, allocate, reject, undo
from recon.flow.workspace import Preferences, Store, open_store, save_preferences
from recon.settings import Settings
from recon.store.connection import lease
from recon.store.rebuild import dumps

MORE = (
    DOCUMENTS.replace("1250.00", "1150.00").replace("1041,", "1041,")
    + "invoice,1045,Ny Kunde,K9,2026-09-05,,DKK,77.00,\n"
)


def pick(rows: list[str], number: int) -> str:
    return rows[number % len(rows)] if rows else "nothing"


def an_allocation(store: Store, number: int) -> None:
    line = pick(store.open_lines()["line_id"].to_list(), number)
    left = store.open_lines().filter(line_id=line)["amount_minor"]
    allocate(store, line, {"account:7220": max(-500, min(500, int(left[0]))) if len(left) else 1}, by="bent")


STEPS: dict[str, Callable[[Store, int], object]] = {
    "statement": lambda s, _: import_files(s, [File("statement.xml", statement().encode())], by="anna"),
    "documents": lambda s, n: import_files(
        s, [File(f"documents{n % 2}.csv", (DOCUMENTS if n % 2 else MORE).encode())], by="anna"
    ),
    "match": lambda s, _: match(s),
    "accept": lambda s, n: accept(
        s, pick(s.proposals()["proposal_id"].to_list(), n), by="anna", command_id=f"c{n}"
    ),
    "reject": lambda s, n: reject(s, pick(s.proposals()["proposal_id"].to_list(), n), by="bent"),
    "undo": lambda s, n: undo(s, pick(s.decisions()["decision_id"].to_list(), n), by="bent"),
    "allocate": an_allocation,
    "erp account": lambda s, n: set_account(
        s, pick(s.accounts()["account_id"].to_list(), n), by="anna", erp_account="5820"
    ),
    "export": lambda s, n: export(s, ("csv", "economic")[n % 2], by="anna"),
    "settings": lambda s, n: save_preferences(s, Preferences(consent_days=90 + n), by="anna"),
}
histories = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9)), min_size=3, max_size=9)


def live(store: Store, history: list[tuple[str, int]]) -> None:
    """What people do, and what is refused to them: a refusal must leave nothing behind either."""
    for step, number in history:
        try:
            STEPS[step](store, number)
        except ReconError:
            continue


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories)
def test_replaying_the_events_gives_the_tables(tmp_path: Path, history: list[tuple[str, int]]) -> None:
    for folder in ("company", "again"):
        shutil.rmtree(tmp_path / folder, ignore_errors=True)
    store = open_store(tmp_path / "company", Settings())
    live(store, [("statement", 0), ("documents", 1), ("match", 0), *history])
    made = rebuild(store, tmp_path / "again")
    assert made.differences == []
    proof = check(open_store(tmp_path / "again", Settings()))
    assert proof.ok, proof.findings


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = open_store(tmp_path_factory.mktemp("rebuild") / "company", Settings())
    live(
        made,
        [
            ("statement", 0), ("documents", 1), ("match", 0), ("accept", 0), ("erp account", 0), ("accept", 1),
            ("undo", 0), ("documents", 0), ("allocate", 1), ("export", 0),
        ],
    )  # fmt: skip
    return made.home


@pytest.fixture
def store(original: Path, tmp_path: Path) -> Store:
    return open_store(shutil.copytree(original, tmp_path / "company"), Settings())


def test_every_table_is_compared(store: Store, tmp_path: Path) -> None:
    made = rebuild(store, tmp_path / "again")
    assert made.differences == []
    assert {"lines", "items", "accounts", "allocations", "postings", "settings", "events"} <= made.rows.keys()
    assert all(
        made.rows[name] for name in ("lines", "items", "accounts", "allocations", "postings", "decisions")
    )


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE lines SET text = text || '.' WHERE line_id = (SELECT min(line_id) FROM lines)",
        "UPDATE items SET due_date = due_date + 1",
        "UPDATE accounts SET erp_account = '9999'",
        "UPDATE allocations SET erp_account = '1' WHERE erp_account IS NULL",
        "UPDATE line_sources SET bank_ref = 'other'",
        "UPDATE decisions SET decided_by = 'mallory'",
    ],
)
def test_a_change_that_no_total_shows_is_found_by_the_replay(store: Store, harm: str) -> None:
    """Rows that no event put there: counts and sums are the same, the words are not."""
    with lease(store.database.path, write=True) as c:
        c.run(harm)
    assert check(store).ok
    proof = check(store, rebuild=True)
    assert not proof.ok
    assert any("no event tells of" in one["words"] for one in proof.findings), proof.findings


def test_a_table_that_was_lost_comes_back(store: Store, tmp_path: Path) -> None:
    with store.database.look() as c:
        before = dumps(c)
    with lease(store.database.path, write=True) as c:
        c.run("DELETE FROM allocations")
        c.run("DELETE FROM lines")
    assert not check(store).ok
    made = rebuild(store, tmp_path / "again")
    assert len(made.differences) == 2
    with open_store(tmp_path / "again", Settings()).database.read() as c:
        assert dumps(c) == before


def test_a_damaged_record_of_changes_is_found(store: Store) -> None:
    log = store.database.log_path
    content = bytearray(log.read_bytes())
    content[len(content) // 2] ^= 1
    log.write_bytes(content)
    proof = check(store)
    assert not proof.ok and any(
        "changes.log is not what was written" in one["words"] for one in proof.findings
    )


def test_a_record_cut_off_keeps_the_workspace_from_opening(store: Store) -> None:
    log = store.database.log_path
    log.write_bytes(log.read_bytes()[:-10])
    with pytest.raises(ReconError, match=r"changes\.log lacks"), store.database.read():
        pass


def test_what_a_crash_left_in_the_record_is_passed_over(store: Store, tmp_path: Path) -> None:
    """Written and not committed: no event points to it."""
    with store.database.log_path.open("ab") as log:
        log.write(b'[{"table":"lines","put":[{"line_id":"half')
    save_preferences(store, Preferences(consent_days=91), by="anna")
    assert rebuild(store, tmp_path / "again").differences == []
