"""Connect a bank: begin a login attempt, take the browser's return, link what a person confirmed.

The attempt lives in the workspace, since the return arrives in another browser session. Its state leaves
memory only in the address and the session's cookie; the store keeps a hash, the verifier is sealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from recon.bank import wire
from recon.bank.auth import connect_url
from recon.bank.client import ViiaClient
from recon.bank.webhooks import Event, receive
from recon.consent.attempt import (
    Attempt,
    Purpose,
    Record,
    callback_query,
    check_callback,
    new_attempt,
    state_hash,
)
from recon.consent.lifecycle import Consent, apply_event, linked, logged_in
from recon.consent.notice import Notice, notice
from recon.errors import AttemptRefused, DataRefused, LoginRequired, ReconError, UsageError
from recon.flow.posting import post_decisions
from recon.flow.workspace import Store, as_consent
from recon.settings import Secret
from recon.statements.accounts import account_id, mask
from recon.store import consents, fetching
from recon.store.database import Writer

SETTINGS = ("erp_account", "name", "sync_from", "is_on")
"""What a person sets for a bank account."""


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


@dataclass(frozen=True)
class Offered:
    """An account that the consent covers. `known` says that its lines are here already."""

    account_id: str
    provider_account_id: str
    name: str | None
    iban: str | None
    bban: str | None
    currency: str
    bank: str
    owner: str | None
    known: bool

    @property
    def masked(self) -> str:
        """The number as pages show it."""
        return mask(self.iban or self.bban)


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
            with store.database.write(by) as writer:
                fetching.add_access(writer.c, consent_id, writer.at, by, attended=True)
                writer.event("bank_asked", consent_id, attended=True)
            answer = client.request_update(consent_id)
    except LoginRequired:
        return begin(store, by=by, origin="app", purpose="renew", consent_id=consent_id)
    attempt = new_attempt(store.clock.now(), "update", consent_id=consent_id)
    _keep_attempt(store, attempt, by, "app")
    if answer.queued:
        with store.database.write(by) as writer:
            fetching.ask_for_fetch(writer.c, writer.at, by, "asked at the bank", fresh=False)
            writer.event("fetch_asked", consent_id, reason="asked at the bank")
    return Begun(answer.auth_url or "", attempt.attempt_id, attempt.state)


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
    Raises AttemptRefused; then nothing is linked and existing access stays.
    """
    with store.database.write(by) as writer:
        row = _attempt_of(writer, query, origin, session_state, attempt_id)
        answer = check_callback(query, _record(row), store.clock.now())
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
        bank, owner, provider_id = _who(client, answer.consent_id)
    _keep_consent(store, answer.consent_id, bank, owner, provider_id, by)
    return Returned("connected", row["attempt_id"], answer.consent_id)


def finish_address(store: Store, address: str, *, by: str, attempt_id: str | None = None) -> Returned:
    """`finish` for a command: the whole address that the browser ended on."""
    return finish(store, callback_query(address), by=by, origin="command", attempt_id=attempt_id)


def offered(store: Store, consent_id: str) -> list[Offered]:
    """The accounts a consent covers, as the bank names them, for a person to confirm."""
    with ViiaClient(store.settings, store.vault, store.clock) as client:
        remote = client.accounts(consent_id)
    with store.database.read() as c:
        known = {row["account_id"] for row in consents.accounts(c)}
    return [_offer(there, known) for there in remote if not there.is_orphaned and there.currency_code]


def link(
    store: Store,
    consent_id: str,
    chosen: Sequence[Offered],
    *,
    by: str,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Link the accounts that a person confirmed and ask for their first fetch. Known ones keep their settings.

    settings: by account id what the person set for it (`SETTINGS`), kept before anything is fetched.
    """
    if not chosen:
        raise UsageError("No account was chosen. Nothing was linked; tick at least one.")
    numbers = store.erp_accounts()["number"].to_list()
    with store.database.write(by) as writer:
        row = consents.consent(writer.c, consent_id)
        if row is None:
            raise AttemptRefused(
                "This consent is not known here. Nothing was linked; connect the bank again."
            )
        _save_consent(writer, linked(as_consent(row), writer.at))
        for one in chosen:
            link_account(writer, consent_id, one)
            _change_account(writer, one.account_id, (settings or {}).get(one.account_id, {}), numbers)
        writer.event(
            "accounts_linked", consent_id, bank=row["bank"], accounts=[one.account_id for one in chosen]
        )
        post_decisions(writer, store.settings.language)
        fetching.ask_for_fetch(writer.c, writer.at, by, "accounts linked", fresh=False)


def link_account(writer: Writer, consent_id: str, one: Offered) -> None:
    """Bind one account to a consent; an account known before keeps name, ERP account and start date."""
    bound = {
        "consent_id": consent_id,
        "provider_account_id": one.provider_account_id,
        "bank": one.bank,
        "owner": one.owner,
    }
    if consents.account(writer.c, one.account_id):
        consents.put_account(writer.c, account_id=one.account_id, **bound)
        return
    consents.put_account(
        writer.c,
        account_id=one.account_id,
        name=one.name,
        iban=one.iban,
        bban=one.bban,
        currency=one.currency,
        is_on=True,
        **bound,
    )


def set_account(
    store: Store,
    account_id: str,
    *,
    by: str,
    erp_account: str | None = None,
    name: str | None = None,
    sync_from: date | None = None,
    on: bool | None = None,
) -> None:
    """Change what is given of an account's settings; decisions that waited for its ERP account are posted.

    Raises UsageError for an unknown account or an ERP account that the chart does not have.
    """
    given = {"erp_account": erp_account, "name": name, "sync_from": sync_from, "is_on": on}
    changes = {key: value for key, value in given.items() if value is not None}
    change_account(store, account_id, changes, by=by)


def change_account(store: Store, account_id: str, changes: Mapping[str, Any], *, by: str) -> list[str]:
    """Set the named of `SETTINGS`, to nothing where the value is None; returns the names that changed.

    Raises as `set_account`.
    """
    numbers = store.erp_accounts()["number"].to_list()
    with store.database.write(by) as writer:
        changed = _change_account(writer, account_id, changes, numbers)
        post_decisions(writer, store.settings.language)
    return changed


def _change_account(
    writer: Writer, account_id: str, changes: Mapping[str, Any], numbers: Sequence[str]
) -> list[str]:
    strange = set(changes) - set(SETTINGS)
    if strange:
        raise UsageError(f"An account has no setting {sorted(strange)[0]}. Nothing was changed.")
    erp_account = changes.get("erp_account")
    if erp_account and erp_account not in numbers:
        raise UsageError(
            f"The chart of accounts has no account {erp_account}. Nothing was changed; choose another, or add it "
            "under Settings."
        )
    before = consents.account(writer.c, account_id)
    if before is None:
        raise UsageError(f"There is no account {account_id}. Nothing was changed; see `accounts`.")
    told = {key: value for key, value in changes.items() if before[key] != value}
    if told:
        consents.put_account(writer.c, account_id=account_id, **told)
        writer.event("account_changed", account_id, before={key: before[key] for key in told}, after=told)
    return list(told)


def suggested_start(today: date) -> date:
    """The start date offered for a new account: the year's first day, early in a year that of the last year.

    Until April the last year's books are still being closed.
    """
    return date(today.year if today.month > 3 else today.year - 1, 1, 1)


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


def notices(store: Store) -> list[Notice]:
    """What the home page says about consents now, most urgent first."""
    days, now = store.preferences().consent_days, store.clock.now()
    with store.database.read() as c:
        every = [as_consent(row) for row in consents.consents(c)]
        names: dict[str, list[str]] = {}
        for row in consents.accounts(c):
            if row["is_on"] and row["consent_id"]:
                names.setdefault(row["consent_id"], []).append(
                    row["name"] or mask(row["iban"] or row["bban"])
                )
    told = [
        notice(one, names[one.consent_id], now, days, store.settings.language)
        for one in every
        if one.consent_id in names
    ]
    return sorted((one for one in told if one), key=lambda one: (one.mark, one.consent_id))


def take_webhook(store: Store, headers: Mapping[str, str], body: bytes) -> Event:
    """Verify one message of the bank, remember it once, and ask for a fetch. Raises DataRefused if not signed.

    The old signature scheme proves no time and no id, so such a message only ever asks for a fetch.
    """
    event = receive(headers, body, store.settings.viia_webhook_secret)
    with store.database.write("bank") as writer:
        if not fetching.add_webhook_event(writer.c, event.event_id, event.event, event.consent_id, writer.at):
            return event
        writer.event("bank_told", event.event, consent_id=event.consent_id, reason=event.reason)
        row = consents.consent(writer.c, event.consent_id) if event.consent_id else None
        if row is None:
            return event
        own = [
            one["provider_account_id"]
            for one in consents.accounts(writer.c)
            if one["consent_id"] == event.consent_id
        ]
        after = apply_event(
            as_consent(row),
            event.event,
            event.sent_at or writer.at,
            expires_at=event.expires_at,
            account_ids=event.account_ids,
            own_account_ids=own,
        )
        if after != as_consent(row) and event.proven_origin:
            _save_consent(writer, after)
        fetching.ask_for_fetch(writer.c, writer.at, "bank", event.event, fresh=False)
    return event


def account_key(there: wire.Account) -> str | None:
    """Our id of an account the bank names; None when it names no number."""
    number = there.number
    if number is None or not there.currency_code or not (number.iban or number.bban):
        return None
    bank = there.bank.id if there.bank else None
    return account_id(number.iban, number.bban, bank, currency=there.currency_code, country=number.bban_type)


def _offer(there: wire.Account, known: set[str]) -> Offered:
    key = account_key(there)
    if key is None or there.currency_code is None:
        raise DataRefused(
            f"The bank names the account “{there.name}” without a number, so it cannot be told from others. "
            "Nothing was linked."
        )
    return Offered(
        account_id=key,
        provider_account_id=there.id,
        name=there.name,
        iban=there.number.iban if there.number else None,
        bban=there.number.bban if there.number else None,
        currency=there.currency_code,
        bank=(there.bank.name or there.bank.id) if there.bank else "the bank",
        owner=there.owner,
        known=key in known,
    )


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


def _who(client: ViiaClient, consent_id: str) -> tuple[str, str | None, str | None]:
    """Bank, owner and provider of a fresh consent; the login stands even when the bank cannot say yet."""
    try:
        remote = client.accounts(consent_id)
    except ReconError:
        return "the bank", None, None
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
        _save_consent(writer, logged_in(before, writer.at), bank=bank, owner=owner, provider_id=provider_id)
        writer.event("consent_given", consent_id, bank=bank)
        if before.linked_at:
            fetching.ask_for_fetch(writer.c, writer.at, by, "access renewed", fresh=False)


def _save_consent(writer: Writer, consent: Consent, **more: Any) -> None:
    consents.put_consent(writer.c, **(asdict(consent) | more))
