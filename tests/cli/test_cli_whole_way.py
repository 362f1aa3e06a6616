"""The whole way without a screen: connect, sync, import, match, review, export, check, by commands alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from recon.cli import main
from recon.sandbox import make_books, running, write_documents

ROOT = Path(__file__).resolve().parents[2]
CLOCK = "2026-10-31T10:00:00Z"
CLIENT_SECRET = "client-s3cret-of-the-commands"
VAULT_KEY = "vault-key-of-the-commands"


@pytest.fixture
def bank():
    with running(clock=CLOCK, client_secret=CLIENT_SECRET) as up:
        yield up


@pytest.fixture
def environment(bank, tmp_path, monkeypatch):
    told = {
        "RECON_HOME": str(tmp_path / "workspace"),
        "RECON_VIIA_BASE_URL": bank.url,
        "RECON_VIIA_CLIENT_ID": bank.client_id,
        "RECON_VIIA_CLIENT_SECRET": CLIENT_SECRET,
        "RECON_VIIA_REDIRECT_URI": "http://127.0.0.1:8501/oauth/return",
        "RECON_VAULT_KEY": VAULT_KEY,
        "RECON_CLOCK": CLOCK,
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return told


def say(capsys, *words: str) -> tuple[int, dict]:
    """Run a command with --json in this process; its exit code and document."""
    code = main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def log_in(bank, url: str) -> str:
    attempt = bank.bank.start_attempt(dict(parse_qsl(urlsplit(url).query)))
    attempt.username = "anna"
    return bank.bank.accept(attempt, [account.key for account in bank.bank.offered(attempt)])


def test_the_whole_way(bank, environment, tmp_path, capsys):
    code, begun = say(capsys, "connect", "--provider", "DK_Havbanken")
    assert (code, set(begun)) == (0, {"url", "attempt_id"})
    code, connected = say(capsys, "connect", "--callback", log_in(bank, begun["url"]))
    assert (code, connected["status"], connected["bank"]) == (0, "active", "Havbanken")
    assert all(account["iban"].startswith("…") for account in connected["accounts"])

    for account, number in zip(connected["accounts"], ("5820", "5830"), strict=True):
        code, told = say(
            capsys,
            *("accounts", "set", account["account_id"], "--erp-account", number, "--sync-from", "2026-06-01"),
        )
        assert code == 0
    assert [account["erp_account"] for account in told["accounts"]].count(None) == 0

    code, synced = say(capsys, "sync")
    assert code == 0
    assert {account["outcome"] for account in synced["accounts"]} == {"new"}
    assert set(synced["accounts"][0]) == {
        *("account_id", "outcome", "fetched", "new", "changed", "withdrawn", "from", "until", "reason")
    }
    code, again = say(capsys, "sync")
    assert {account["outcome"] for account in again["accounts"]} == {"none"}

    path = tmp_path / "documents.csv"
    books = make_books(7, bank.bank.clock.today())
    write_documents(books, path, bank.bank.clock.today())
    code, imported = say(capsys, "import", str(path))
    assert (code, imported["files"][0]["new"]) == (0, imported["files"][0]["items"])

    code, matched = say(capsys, "match")
    assert code == 0 and matched["proposals"] > 50 and matched["auto"] == 0

    code, listed = say(capsys, "review", "list")
    best = [one for one in listed["proposals"] if one["rank"] == 1 and one["probability"] > 0.9][:20]
    for one in best:
        assert one["legs"] and one["evidence"]
        assert abs(one["prior"] + sum(each["weight"] for each in one["evidence"]) - one["score"]) < 1e-9
    code, accepted = say(capsys, "review", "accept", *[one["proposal_id"] for one in best])
    assert (code, len(accepted["decisions"])) == (0, 20)
    code, refused = say(capsys, "review", "accept", best[0]["proposal_id"])
    assert (code, refused["error"]["code"], refused["error"]["kind"]) == (2, 2, "AlreadyDecided")
    code, undone = say(capsys, "review", "undo", accepted["decisions"][0]["decision_id"])
    assert (code, undone["decisions"][0]["action"]) == (0, "undo")

    for name in ("economic", "csv", "xlsx"):
        outs = [tmp_path / f"{turn}.{name}" for turn in (1, 2)]
        for out in outs:
            assert say(capsys, "export", "--format", name, "--out", str(out))[0] == 0
        assert outs[0].read_bytes() == outs[1].read_bytes()
    code, proof = say(capsys, "check")
    assert (code, proof["ok"]) == (0, True)
    no_secret_in_any_file(Path(environment["RECON_HOME"]), bank)


def no_secret_in_any_file(home: Path, bank) -> None:
    """No token, client secret or key stands in any file of the workspace, in plain sight."""
    from recon.flow.workspace import open_store

    vault = open_store(home).vault
    secrets = [CLIENT_SECRET, VAULT_KEY]
    for consent_id in vault.consents():
        tokens = vault.load(consent_id)
        assert tokens is not None and tokens.refresh is not None
        secrets += [tokens.access.reveal(), tokens.refresh.reveal()]
    assert len(secrets) >= 4
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {"recon.duckdb", "tokens.enc", "anchor"} <= {path.name for path in files}
    for path in files:
        content = path.read_bytes()
        for secret in secrets:
            assert secret.encode() not in content, f"a secret stands in {path.name}"


def test_no_secret_reaches_the_log(bank, environment, monkeypatch):
    """Everything at DEBUG, in processes of their own; then the log is searched."""
    monkeypatch.setenv("RECON_LOG_LEVEL", "DEBUG")
    run, words = [sys.executable, "-m", "recon"], ("connect", "--provider", "DK_Havbanken")
    begun = subprocess.run([*run, *words, "--json"], capture_output=True, text=True, check=True, cwd=ROOT)
    callback = log_in(bank, json.loads(begun.stdout)["url"])
    said = begun.stderr
    for words in (["connect", "--callback", callback], ["sync"], ["accounts"]):
        done = subprocess.run([*run, *words, "--json"], capture_output=True, text=True, check=True, cwd=ROOT)
        said += done.stderr
        json.loads(done.stdout)
    query = dict(parse_qsl(urlsplit(callback).query))
    for secret in (CLIENT_SECRET, VAULT_KEY, query["code"], query["state"]):
        assert secret not in said
    assert "eyJ" not in said, "the beginning of every token"
    assert "Bearer" not in said


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (["sync", "--account", "acc_nobody"], 2, "UsageError"),
        (["export", "--format", "economic", "--out", "x.csv"], 2, "UsageError"),
        (["export", "--format", "telepathy", "--out", "x.csv"], 2, "UsageError"),
        (["import", "nowhere.xml"], 2, "DataRefused"),
        (["review", "accept", "p_nothing"], 2, "DecisionRefused"),
        (["review", "undo", "d_nothing"], 2, "NothingToUndo"),
        (
            ["connect", "--callback", "http://127.0.0.1:8501/oauth/return?code=x&consentId=y&state=z"],
            2,
            "AttemptRefused",
        ),
        (["accounts", "set", "acc_nobody", "--name", "x"], 2, "UsageError"),
        (["no-such-command"], 2, "UsageError"),
    ],
)
def test_what_is_refused_says_so_in_json_and_words(environment, capsys, words, code, kind):
    told_code, document = say(capsys, *words)
    assert (told_code, document["error"]["code"], document["error"]["kind"]) == (code, code, kind)
    assert len(document["error"]["words"].split()) > 4
    assert main(words) == code
    assert capsys.readouterr().err


def test_a_bank_that_wants_a_person_ends_sync_with_20_and_an_address(bank, environment, capsys, monkeypatch):
    _, begun = say(capsys, "connect", "--provider", "FI_Koivupankki")
    say(capsys, "connect", "--callback", log_in(bank, begun["url"]))
    assert main(["sync"]) == 0
    bank.bank.advance(hours=8)
    monkeypatch.setenv("RECON_CLOCK", "2026-10-31T18:00:00Z")
    capsys.readouterr()
    code, told = say(capsys, "sync")
    assert code == 20
    assert told["logins"][0]["url"].startswith(bank.url)


@pytest.mark.parametrize("address", ["https://api.example.com", "http://127.0.0.1.example.com", ""])
def test_the_clock_may_only_be_moved_against_a_bank_on_this_machine(
    environment, capsys, monkeypatch, address
):
    monkeypatch.setenv("RECON_VIIA_BASE_URL", address)
    code, told = say(capsys, "accounts")
    assert (code, "RECON_CLOCK" in told["error"]["words"]) == (2, True)


def test_recon_sync_is_a_command_and_a_callable_module(environment):
    done = subprocess.run(
        [sys.executable, "-m", "recon.sync", "--json"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert json.loads(done.stdout)["accounts"] == []
    script = "import recon as rc, recon.sync; assert callable(rc.sync); rc.sync(rc.open_store())"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, env={**os.environ})


def test_many_workspaces_in_one_run(environment, tmp_path, capsys):
    for name in ("a", "b"):
        assert main(["accounts", "--home", str(tmp_path / "all" / name)]) == 0
    capsys.readouterr()
    assert main(["sync", "--all-homes", str(tmp_path / "all")]) == 0
    assert capsys.readouterr().out.count("No linked account") == 2


def test_a_busy_port_is_one_sentence(bank, capsys):
    port = urlsplit(bank.url).port
    assert main(["app", "--port", str(port)]) == 2
    told = capsys.readouterr().err
    assert f"Port {port} is in use" in told and len(told.strip().splitlines()) == 1
