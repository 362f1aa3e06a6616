"""Connect a bank: begin a login attempt, take the browser's return, link what a person confirmed.

The attempt lives in the workspace, since the return arrives in another browser session. Its state leaves
memory only in the address and the session's cookie; the store keeps a hash, the verifier is sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from recon.bank import wire
from recon.bank.auth import connect_url
from recon.bank.client import ViiaClient
from recon.consent.attempt import (
    Attempt,
    Purpose,
    Record,
    callback_query,
    check_callback,
    new_attempt,
    state_hash,
)
from recon.consent.lifecycle import Consent, logged_in
from recon.errors import AttemptRefused, LoginRequired, ReconError
from recon.flow.accounts import account_key
from recon.flow.asking import ask
from recon.flow.workspace import Store, as_consent, save_consent
from recon.settings import Secret
from recon.store import consents, fetching
from recon.store.database import Writer


@dataclass(frozen=True)
class Begun:
    """A login on its way: the address to open, the attempt's id, and the state for the session's cookie."""

    url: str
    attempt_id: str
    state: Secret


@dataclass(frozen=True)
class Returned:
    """What a return from the bank came to: `connected`, `cancelled`, or `returned` from an update."""

    outcome: str
    attempt_id: str
    consent_id: str | None = None


def begin(
    store: Store,
    *,
    by: str,
    origin: str,
    purpose: Purpose = "connect",
    consent_id: str | None = None,
    provider_id: str | None = None,
) -> Begun:
    """Start a login: keep an attempt, good for ten minutes and one return; returns the address to open.

    origin: `app` (the return must come in the same browser) or `command`. consent_id: to renew.
    """
    attempt = new_attempt(store.clock.now(), purpose, consent_id=consent_id)
    url = connect_url(
        store.settings,
        state=attempt.state,
        challenge=attempt.challenge,
        culture=store.settings.language,
        consent_id=consent_id,
        provider_id=provider_id,
    )
    _keep_attempt(store, attempt, by, origin)
    return Begun(url, attempt.attempt_id, attempt.state)


def begin_renewal(store: Store, consent_id: str, *, by: str) -> Begun:
    """Start whatever brings a consent back to life: the bank's own update login, else a new connection.

    The address is empty when the bank wants nobody: then fresh data is on its way.
    """
    try:
        with ViiaClient(store.settings, store.vault, store.clock) as client:
            asked = ask(store, client, consent_id, by=by, attended=True)
    except LoginRequired:
        return begin(store, by=by, origin="app", purpose="renew", consent_id=consent_id)
    if asked.trouble:
        raise asked.trouble
    attempt = new_attempt(store.clock.now(), "update", consent_id=consent_id)
    _keep_attempt(store, attempt, by, "app")
    if asked.queued:
        with store.database.write(by) as writer:
            fetching.ask_for_fetch(writer.c, writer.at, by, "asked at the bank", fresh=False)
            writer.event("fetch_asked", consent_id, reason="asked at the bank")
    return Begun(asked.login or "", attempt.attempt_id, attempt.state)


def connect_address(store: Store, consent_id: str, *, by: str) -> str:
    """Where a person can renew a consent whose tokens are dead, without a page of ours open."""
    return begin(store, by=by, origin="command", purpose="renew", consent_id=consent_id).url


def finish(
    store: Store,
    query: Mapping[str, str],
    *,
    by: str,
    origin: str,
    session_state: Secret | None = None,
    attempt_id: str | None = None,
) -> Returned:
    """Take one return from the bank: check it belongs to an open attempt, close that, exchange the code.

    session_state: from the cookie of the browser that began; an `app` attempt is refused without it.
    attempt_id: names the attempt where the bank does not echo the state and there is no browser session.
    Raises AttemptRefused; then nothing is linked and existing access stays. A renewal may come back under
    another consent's id (the bank does not say which), but not with none of the accounts that were to be renewed.
    """
    with store.database.write(by) as writer:
        row = _attempt_of(writer, query, origin, session_state, attempt_id)
        known = [one["consent_id"] for one in consents.consents(writer.c)]
        answer = check_callback(query, _record(row), store.clock.now(), known)
        assert row is not None
        consents.use_attempt(writer.c, row["attempt_id"], writer.at, answer.outcome, answer.consent_id)
        writer.event(
            "login_returned", row["attempt_id"], outcome=answer.outcome, consent_id=answer.consent_id
        )
        if answer.outcome == "returned":
            fetching.ask_for_fetch(writer.c, writer.at, by, "back from the bank", fresh=False)
    if answer.code is None or answer.consent_id is None:
        return Returned(answer.outcome, row["attempt_id"], answer.consent_id)
    verifier = Secret(store.vault.unseal(row["sealed_verifier"]))
    with ViiaClient(store.settings, store.vault, store.clock) as client:
        client.finish_login(answer.consent_id, answer.code, verifier)
        remote = _covered(client, answer.consent_id)
    if row["purpose"] == "renew" and answer.consent_id not in known:
        _refuse_strangers(store, row["consent_id"], answer.consent_id, remote)
    _keep_consent(store, answer.consent_id, *_who(remote), by)
    return Returned("connected", row["attempt_id"], answer.consent_id)


def finish_address(store: Store, address: str, *, by: str, attempt_id: str | None = None) -> Returned:
    """`finish` for a command: the whole address that the browser ended on."""
    return finish(store, callback_query(address), by=by, origin="command", attempt_id=attempt_id)


def forget_consent(store: Store, consent_id: str, *, by: str) -> None:
    """Stop at once: delete the tokens, mark the consent withdrawn and unlink its accounts; lines and decisions stay."""
    store.vault.forget(consent_id)
    with store.database.write(by) as writer:
        consents.put_consent(writer.c, consent_id=consent_id, revoked_at=writer.at)
        unlinked = [
            row["account_id"] for row in consents.accounts(writer.c) if row["consent_id"] == consent_id
        ]
        for account_id in unlinked:
            consents.put_account(
                writer.c, account_id=account_id, consent_id=None, outcome=None, outcome_reason=None
            )
        writer.event("consent_withdrawn", consent_id, accounts=unlinked)


def _keep_attempt(store: Store, attempt: Attempt, by: str, origin: str) -> None:
    with store.database.write(by) as writer:
        consents.add_attempt(
            writer.c,
            attempt_id=attempt.attempt_id,
            purpose=attempt.purpose,
            origin=origin,
            state_hash=attempt.state_hash,
            sealed_verifier=store.vault.seal(attempt.verifier.reveal()),
            consent_id=attempt.consent_id,
            begun_by=by,
            created_at=attempt.created_at,
            expires_at=attempt.expires_at,
        )
        writer.event("login_begun", attempt.attempt_id, purpose=attempt.purpose, origin=origin)


def _attempt_of(
    writer: Writer,
    query: Mapping[str, str],
    origin: str,
    session_state: Secret | None,
    attempt_id: str | None,
) -> dict[str, Any] | None:
    """The attempt a return belongs to: by the browser's cookie in the app, by state or name for a command."""
    if origin == "app":
        row = (
            consents.attempt_by_state(writer.c, state_hash(session_state.reveal())) if session_state else None
        )
    elif state := query.get("state"):
        row = consents.attempt_by_state(writer.c, state_hash(state))
    elif attempt_id:
        row = consents.attempt(writer.c, attempt_id)
    else:
        waiting = [one for one in consents.open_attempts(writer.c, writer.at) if one["origin"] == "command"]
        row = waiting[0] if len(waiting) == 1 else None
    return row if row and row["origin"] == origin else None


def _record(row: dict[str, Any] | None) -> Record | None:
    return Record(**{one.name: row[one.name] for one in fields(Record)}) if row else None


def _covered(client: ViiaClient, consent_id: str) -> list[wire.Account]:
    """The accounts of a fresh consent; the login stands even when the bank cannot say yet."""
    try:
        return client.accounts(consent_id)
    except ReconError:
        return []


def _refuse_strangers(store: Store, renewed: str, came: str, remote: list[wire.Account]) -> None:
    """Refuse a renewal whose accounts are all others: somebody logged in to another bank, or as somebody else."""
    with store.database.read() as c:
        before = set(consents.accounts_of(c, renewed))
    if remote and before and before.isdisjoint(account_key(one) for one in remote):
        store.vault.forget(came)
        raise AttemptRefused(
            "The login at the bank brought other accounts than those it was to renew. Nothing was linked and "
            "existing access stays; renew again as the same person, or connect the other bank as a new one."
        )


def _who(remote: list[wire.Account]) -> tuple[str, str | None, str | None]:
    """Bank, owner and provider of a fresh consent."""
    first = remote[0] if remote else None
    if first is None or first.bank is None:
        return "the bank", None, None
    return first.bank.name or first.bank.id, first.owner, first.bank.id


def _keep_consent(
    store: Store, consent_id: str, bank: str, owner: str | None, provider_id: str | None, by: str
) -> None:
    with store.database.write(by) as writer:
        row = consents.consent(writer.c, consent_id)
        before = as_consent(row) if row else Consent(consent_id, bank)
        save_consent(writer, logged_in(before, writer.at), bank=bank, owner=owner, provider_id=provider_id)
        writer.event("consent_given", consent_id, bank=bank)
        if before.linked_at:
            fetching.ask_for_fetch(writer.c, writer.at, by, "access renewed", fresh=False)
