"""The vault keeps tokens through crashes, races and prying eyes, and shows none of them."""

import multiprocessing
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon.errors import IntegrityAlarm, LockBusy, ReconError, UsageError
from recon.settings import Secret
from recon.vault import Tokens, Vault

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = Secret("correct horse battery staple")


def tokens(text: str = "tok", generation: int = 0) -> Tokens:
    return Tokens(Secret(f"access-{text}"), Secret(f"refresh-{text}"), NOON, NOON, generation)


@pytest.fixture
def vault(tmp_path):
    return Vault(tmp_path / "home", KEY, key_folder=tmp_path / "keys", patience=0.2)


def test_what_was_saved_is_loaded_and_survives_a_new_process_of_the_same_key(vault, tmp_path):
    assert vault.load("c1") is None
    assert vault.consents() == []
    stored = vault.save("c1", tokens())
    assert stored == replace(tokens(), generation=1)
    again = Vault(tmp_path / "home", KEY, key_folder=tmp_path / "keys")
    assert again.load("c1") == stored
    assert again.load("c2") is None
    assert again.consents() == ["c1"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    consent_id=st.text(min_size=1, max_size=40),
    access=st.text(min_size=1, max_size=200),
    refresh=st.none() | st.text(min_size=1, max_size=200),
    at=st.datetimes(timezones=st.just(UTC)),
)
def test_any_token_makes_the_round_trip(vault, consent_id, access, refresh, at):
    given_tokens = Tokens(Secret(access), Secret(refresh) if refresh else None, at, None)
    stored = vault.save(consent_id, given_tokens)
    assert vault.load(consent_id) == replace(given_tokens, generation=stored.generation)


@pytest.mark.parametrize(
    ("offered", "stands", "generation"),
    [
        (0, "new", 6),  # from a login: goes on top of whatever is there
        (6, "new", 6),  # the next one
        (9, "new", 9),  # other processes renewed in between
        (5, "old", 5),  # the same generation twice: the first stays
        (4, "old", 5),  # older
    ],
)
def test_an_older_generation_never_replaces_a_newer(vault, offered, stands, generation):
    vault.save("c1", tokens("old", 5))
    standing = vault.save("c1", tokens("new", offered))
    assert standing == tokens(stands, generation)
    assert vault.load("c1") == standing


def test_a_refresh_under_way_cannot_bring_forgotten_tokens_back(vault):
    before = vault.save("c1", tokens())
    vault.forget("c1")
    assert vault.save("c1", replace(before, generation=before.generation + 1)) is None
    assert vault.load("c1") is None
    assert vault.consents() == []
    assert vault.save("c1", tokens("after a new login")).generation == 3


def test_forgetting_what_is_not_there_changes_nothing(vault, tmp_path):
    vault.save("c1", tokens())
    before = (tmp_path / "home/tokens.enc").read_bytes()
    vault.forget("c2")
    assert (tmp_path / "home/tokens.enc").read_bytes() == before


def test_no_changed_byte_goes_unnoticed(vault, tmp_path):
    vault.save("c1", tokens())
    vault.save("c2", tokens())
    vault.forget("c2")
    path = tmp_path / "home/tokens.enc"
    whole = path.read_bytes()
    for place in range(len(whole)):
        # 0x20 turns a letter's case, which hex and base64 readers may bear; after 0x80 a text is no UTF-8 (case 4 of
        # the row "damage": its error was none of ours).
        for bit in (0x01, 0x20, 0x80):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
            with pytest.raises(ReconError):
                vault.load("c1")
    for cut in range(0, len(whole), 7):
        path.write_bytes(whole[:cut])
        with pytest.raises(ReconError):
            vault.consents()
    path.write_bytes(whole)
    assert vault.load("c1")


def test_a_record_cannot_stand_for_another_consent(vault, tmp_path):
    """Even somebody who could prove the whole file anew would meet the id bound into each record."""
    vault.save("c1", tokens())
    with vault._change() as file:
        file.records["c2"] = file.records["c1"]
    with pytest.raises(IntegrityAlarm):
        vault.load("c2")


def test_a_wrong_key_is_called_so_and_changes_nothing(vault, tmp_path):
    vault.save("c1", tokens())
    before = (tmp_path / "home/tokens.enc").read_bytes()
    wrong = Vault(tmp_path / "home", Secret("another"), key_folder=tmp_path / "keys")
    for attempt in (
        lambda: wrong.load("c1"),
        lambda: wrong.save("c1", tokens()),
        lambda: wrong.forget("c1"),
    ):
        with pytest.raises(UsageError, match="RECON_VAULT_KEY"):
            attempt()
    assert (tmp_path / "home/tokens.enc").read_bytes() == before


def test_without_a_setting_the_key_rests_in_a_file_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    vault = Vault(tmp_path / "home", None)
    vault.save("c1", tokens())
    (key_file,) = (tmp_path / "config/recon/keys").glob("*.key")
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "home/tokens.enc").stat().st_mode & 0o777 == 0o600
    moved = (tmp_path / "home").rename(tmp_path / "moved")
    assert Vault(moved, None).load("c1") == tokens(generation=1)
    key_file.chmod(0o640)
    with pytest.raises(UsageError, match="chmod 600"):
        Vault(moved, None).load("c1")
    key_file.unlink()
    with pytest.raises(UsageError, match="cannot be read"):
        Vault(moved, None).load("c1")


def test_a_key_inside_the_workspace_is_refused(tmp_path):
    with pytest.raises(UsageError, match="inside the workspace"):
        Vault(tmp_path / "home", None, key_folder=tmp_path / "home/keys")


def test_no_token_in_clear_on_disk_or_in_a_repr(vault, tmp_path):
    stored = vault.save("c1", tokens("SECRET"))
    sealed = vault.seal("SECRET verifier")
    assert "SECRET" not in repr(stored) + str(stored) + repr(vault) + sealed
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert b"SECRET" not in path.read_bytes(), path
    assert not list(tmp_path.rglob(".tokens*")), "a temporary file was left"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=100), place=st.integers(0, 10_000))
def test_a_sealed_text_opens_only_unaltered(vault, text, place):
    sealed = vault.seal(text)
    assert vault.unseal(sealed) == text
    place %= len(sealed)
    for other in "A", "B":
        altered = sealed[:place] + other + sealed[place + 1 :]
        if altered != sealed:
            with pytest.raises(IntegrityAlarm):
                vault.unseal(altered)


def test_a_text_sealed_by_another_vault_does_not_open(vault, tmp_path):
    other = Vault(tmp_path / "other", KEY, key_folder=tmp_path / "keys")
    with pytest.raises(IntegrityAlarm):
        vault.unseal(other.seal("x"))


def test_one_lease_a_consent_and_a_clear_word_to_who_waits_too_long(vault, tmp_path):
    other = Vault(tmp_path / "home", KEY, key_folder=tmp_path / "keys", patience=0.1)
    with vault.lease("c1"):
        with other.lease("c2"):
            pass
        with pytest.raises(LockBusy):
            with other.lease("c1"):
                pass
    with other.lease("c1"):
        pass


def test_threads_saving_at_once_lose_nothing(tmp_path):
    vaults = [Vault(tmp_path / "home", KEY, key_folder=tmp_path / "keys") for _ in range(8)]
    ids = [f"c{n}" for n in range(8)]
    threads = [
        threading.Thread(target=vault.save, args=(one, tokens(one)))
        for vault, one in zip(vaults, ids, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert vaults[0].consents() == ids
    assert [vaults[0].load(one) for one in ids] == [tokens(one, 1) for one in ids]


def _save_some(home, keys, name):
    vault = Vault(home, None, key_folder=keys)
    for n in range(5):
        vault.save(f"{name}-{n}", tokens())


def test_processes_making_the_vault_at_once_agree_on_one_key(tmp_path):
    context = multiprocessing.get_context("fork")
    crowd = [
        context.Process(target=_save_some, args=(tmp_path / "home", tmp_path / "keys", name))
        for name in "abc"
    ]
    for process in crowd:
        process.start()
    for process in crowd:
        process.join(30)
    assert len(list((tmp_path / "keys").glob("*.key"))) == 1
    assert len(Vault(tmp_path / "home", None, key_folder=tmp_path / "keys").consents()) == 15


SECRET_TOOL = """#!/bin/sh
# A keyring in a folder: what is kept comes by standard input, never among the arguments.
kept="$(dirname "$0")/ring-$(echo "$*" | sed 's/.*workspace //')"
echo "$*" >> "$(dirname "$0")/asked"
case "$1" in store) cat > "$kept" ;; lookup) cat "$kept" 2>/dev/null ;; esac
"""


@pytest.fixture
def ring(tmp_path, monkeypatch):
    """A machine with a keyring; the folder that its program keeps secrets in."""
    folder = tmp_path / "ring"
    folder.mkdir()
    (folder / "secret-tool").write_text(SECRET_TOOL)
    (folder / "secret-tool").chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def test_the_key_may_rest_in_the_keyring_of_the_machine(ring, tmp_path):
    Vault(tmp_path / "home", Secret("keyring:"), key_folder=tmp_path / "keys").save("c1", tokens())
    assert Vault(tmp_path / "home", Secret("keyring:")).load("c1") == tokens(generation=1)
    (kept,) = ring.glob("ring-*")
    assert len(kept.read_text()) == 64
    assert kept.read_text() not in (ring / "asked").read_text(), "not in the process list"
    assert not (tmp_path / "keys").exists(), "no second key lies about"


@pytest.mark.parametrize("trouble", ["no program", "another key", "no key", "locked"])
def test_a_keyring_that_does_not_open_is_called_so(ring, tmp_path, trouble, monkeypatch):
    vault = Vault(tmp_path / "home", Secret("keyring:"), key_folder=tmp_path / "keys")
    vault.save("c1", tokens())
    before = (tmp_path / "home/tokens.enc").read_bytes()
    (kept,) = ring.glob("ring-*")
    if trouble == "no program":
        monkeypatch.setenv("PATH", str(tmp_path))
    elif trouble == "another key":
        kept.write_text("0" * 64)
    elif trouble == "no key":
        kept.unlink()
    else:
        (ring / "secret-tool").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(UsageError, match=r"keyring|key does not open"):
        Vault(tmp_path / "home", Secret("keyring:"), key_folder=tmp_path / "keys").load("c1")
    assert (tmp_path / "home/tokens.enc").read_bytes() == before


def test_when_tokens_were_renewed_is_kept_and_older_vaults_are_read(vault):
    assert vault.save("c1", replace(tokens(), renewed_at=NOON)).renewed_at == NOON
    assert vault.load("c1").renewed_at == NOON
    assert vault.save("c2", tokens()).renewed_at is None


def test_a_crash_while_writing_leaves_the_tokens_of_before(vault, tmp_path, monkeypatch):
    """Power is cut between the temporary file and its new name, at each step in turn."""
    import os

    before = vault.save("c1", tokens("before"))
    for name in ("fsync", "replace"):
        with monkeypatch.context() as broken:
            broken.setattr(os, name, _no_disk)
            with pytest.raises(ReconError):
                vault.save("c1", replace(tokens("after"), generation=2))
        assert vault.load("c1") == before, name


def _no_disk(*_, **__):
    raise OSError(5, "Input/output error")
