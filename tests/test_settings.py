"""Settings: the environment over the file, secrets that do not show, a missing one named."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recon.clock import read_clock
from recon.errors import SettingMissing, UsageError
from recon.settings import Secret, read_settings


def test_the_environment_beats_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text('# a comment\nexport RECON_HOME="from file"\nRECON_LANGUAGE=da\n')
    told = read_settings({"RECON_HOME": "from environment"}, file)
    assert (str(told.home), told.language) == ("from environment", "da")


def test_a_line_that_is_no_setting_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("RECON_HOME=x\nnonsense\n")
    with pytest.raises(UsageError, match="line 2"):
        read_settings({}, file)


def test_a_missing_setting_is_named_where_it_is_needed() -> None:
    with pytest.raises(SettingMissing, match="RECON_VIIA_CLIENT_ID"):
        read_settings({}, None).need("viia_client_id")


def test_a_secret_shows_itself_nowhere() -> None:
    secret = Secret("hunter2")
    settings = read_settings({"RECON_VIIA_CLIENT_SECRET": "hunter2"}, None)
    assert "hunter2" not in f"{secret} {secret!r} {settings} {settings!r}"
    assert settings.need("viia_client_secret") == "hunter2"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_the_clock_stands_or_runs_ahead() -> None:
    assert read_clock("2026-03-01T23:30:00Z").now() == datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert (
        read_clock("2026-03-01T23:30:00Z").today().isoformat() == "2026-03-02"
    )  # past midnight in Copenhagen
    ahead = read_clock("+P3D").now() - datetime.now(UTC)
    assert abs(ahead - timedelta(days=3)) < timedelta(seconds=5)
    with pytest.raises(UsageError, match="RECON_CLOCK"):
        read_clock("tomorrow")
