"""`recon refit`: one answer, in words or JSON, and no failure where there is too little to learn from."""

from __future__ import annotations

import json

from recon.cli import main


def test_too_few_decisions_are_said_and_are_no_failure(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RECON_VAULT_KEY", "cli-test")
    assert main(["refit", "--home", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"version", "promoted", "words", "old", "new"}
    assert (told["version"], told["promoted"], told["old"]) == (None, False, None)
    assert main(["refit", "--home", str(tmp_path)]) == 0
    assert "from 40 on" in capsys.readouterr().out
