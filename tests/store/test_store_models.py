"""What is kept of models, and history as it stood after an event."""

from __future__ import annotations

import polars as pl
import pytest

from recon.clock import Clock
from recon.store import events, models
from recon.store.database import Database


@pytest.fixture
def home(tmp_path):
    return tmp_path / "company"


def try_model(writer, version: str, *, promoted: bool) -> None:
    writer.event("model_promoted" if promoted else "model_declined", version)
    models.add(
        writer.c, seq=writer.seq, version=version, promoted=promoted, made_at=writer.at, made_by="anna",
        engine_version="test", taught_to=writer.seq - 1, held_back=0, decisions=40, told={"weights": {}},
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
