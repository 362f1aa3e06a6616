"""What is kept of models: an older workspace gains the tables, and history is what stood after an event."""

from __future__ import annotations

import polars as pl
import pytest

from recon.clock import Clock
from recon.store import database, events, migrate, models, preferences
from recon.store.database import Database


@pytest.fixture
def home(tmp_path):
    return tmp_path / "company"


def test_an_older_workspace_is_brought_forward_with_all_it_holds(home, monkeypatch):
    first = migrate.migrations()[:1]
    with monkeypatch.context() as old:
        for module in (database, migrate):
            old.setattr(module, "migrations", lambda: first)
        with Database(home, Clock(), "test").write("anna") as writer:
            preferences.write_setting(writer.c, "preferences", {"texts": "plain"})
            writer.event("settings_changed", "preferences")
    with Database(home, Clock(), "test").read() as c:
        assert migrate.version(c) == migrate.migrations()[-1][0] > 1
        assert preferences.read_setting(c, "preferences") == {"texts": "plain"}
        assert models.kept(c) is None and models.frame(c).is_empty()
        assert events.broken_links(c) == []


def try_model(writer, version: str, *, promoted: bool) -> None:
    writer.event("model_promoted" if promoted else "model_declined", version)
    models.add(
        writer.c, seq=writer.last.seq, version=version, promoted=promoted, made_at=writer.at, made_by="anna",
        engine_version="test", taught_to=writer.last.seq - 1, held_back=0, decisions=40, told={"weights": {}},
        policy={"per_line": 5}, judged={"old": {}, "new": {}}, taught_from={},
    )  # fmt: skip


def test_the_last_promoted_model_weighs(home):
    store = Database(home, Clock(), "test")
    for version, promoted in (("m_1", True), ("m_2", True), ("m_3", False)):
        with store.write("anna") as writer:
            try_model(writer, version, promoted=promoted)
    with store.read() as c:
        kept, tried = models.kept(c), models.frame(c)
        assert kept and (kept["version"], kept["policy"]) == ("m_2", {"per_line": 5})
        assert tried.select("version", "in_use").rows() == [("m_3", False), ("m_2", True), ("m_1", False)]
        third = models.of_version(c, "m_3")
        assert third and not third["promoted"]
        assert models.of_version(c, "m_4") is None


def test_nothing_decided_teaches_nothing(home):
    with Database(home, Clock(), "test").read() as c:
        history = models.taught(c, events.head(c).seq)
        assert models.accepted_alone(c) == []
    frames = (history.lines, history.items, history.accepted, history.rejected)
    assert all(frame.is_empty() for frame in frames)
    assert history.accepted.schema["decided_at"] == pl.Datetime("us", "UTC")
