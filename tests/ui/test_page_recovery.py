"""A workspace that does not prove itself shows one page only, which reads and never writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recon.flow.recovery import recovery, trouble
from recon.store.connection import lease


def contents(home: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in home.iterdir() if path.is_file() and path.suffix != ".lock"
    }


@pytest.fixture
def opened(page) -> Callable[[], AppTest]:
    """The app as it opens; there is no other page to go to."""
    root = Path(__file__).resolve().parents[2]
    return lambda: AppTest.from_file(str(root / "app.py"), default_timeout=30).run()


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(content)


def harm_totals(home: Path) -> None:
    with lease(home / "recon.duckdb", write=True) as c:
        c.run("DELETE FROM lines WHERE line_id = (SELECT min(line_id) FROM lines)")


HARMS = {
    "a line is gone": harm_totals,
    "the database is gone": lambda home: (home / "recon.duckdb").unlink(),
    "the anchor is gone": lambda home: (home / "anchor").unlink(),
    "the anchor is damaged": lambda home: flip(home / "anchor", 30),
    "the header is damaged": lambda home: flip(home / "recon.duckdb", 9),
    "the record is gone": lambda home: (home / "changes.log").unlink(),
}


@pytest.mark.parametrize("harm", HARMS)
def test_what_is_off_is_said_and_nothing_is_touched(filled, opened, harm):
    HARMS[harm](filled.home)
    before = contents(filled.home)
    app = opened()
    assert not app.exception
    assert [one.value for one in app.title] == ["This workspace does not prove itself"]
    shown = " ".join(one.value for one in [*app.code, *app.text])
    assert "recon restore" in shown and "recon check" in shown and ".wal" in shown
    assert contents(filled.home) == before


def test_what_still_can_be_read_is_counted(filled):
    harm_totals(filled.home)
    error = trouble(filled)
    assert error is not None and error.exit_code == 40
    looked = recovery(filled, error)
    rows = {one.what: one.rows for one in looked.readable}
    assert rows["lines"] == 165 and rows["items"] == 716
    assert looked.last and looked.last["kind"] == "matched"
    assert {"recon.duckdb", "anchor", "changes.log"} <= {one.name for one in looked.files}


def test_a_workspace_of_a_newer_program_is_no_damage(filled, opened):
    with lease(filled.database.path, write=True) as c:
        c.run("INSERT INTO schema_version VALUES (9999)")
    app = opened()
    assert [one.value for one in app.title] == ["This workspace does not open"]
    assert "newer version" in app.error[0].value


def test_a_whole_workspace_shows_its_pages(filled, opened):
    assert trouble(filled) is None
    app = opened()
    assert not [one for one in app.title if "does not" in one.value]
