"""Bank accounts: what a consent offers, what a person links, and what is set for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from recon.bank import wire
from recon.bank.client import ViiaClient
from recon.consent.lifecycle import linked
from recon.errors import AttemptRefused, DataRefused, UsageError
from recon.flow.posting import post_decisions
from recon.flow.workspace import Store, as_consent, save_consent
from recon.statements.accounts import account_id, mask
from recon.store import consents, fetching
from recon.store.database import Writer

SETTINGS = ("erp_account", "name", "sync_from", "is_on")
"""What a person sets for a bank account."""


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
        save_consent(writer, linked(as_consent(row), writer.at))
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
