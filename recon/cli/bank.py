"""`connect` and `accounts`."""

from __future__ import annotations

import argparse
from typing import Any

from recon.cli.common import the_store, who
from recon.cli.output import table, tell
from recon.errors import UsageError
from recon.flow import accounts, connect
from recon.flow.workspace import Store
from recon.statements.accounts import mask


def run_connect(options: argparse.Namespace) -> int:
    """Print the address to open; or take the address the browser ended on, and link its accounts."""
    store, by = the_store(options), who(options)
    if options.callback:
        return _finish(store, options, by)
    purpose = "renew" if options.consent else "connect"
    begun = connect.begin(
        store,
        by=by,
        origin="command",
        purpose=purpose,
        consent_id=options.consent,
        provider_id=options.provider,
    )
    tell(
        {"url": begun.url, "attempt_id": begun.attempt_id},
        f"Open this address, log in and accept:\n{begun.url}\n\nThen, within ten minutes:\n"
        "python -m recon connect --callback 'THE ADDRESS THE BROWSER ENDED ON'",
        as_json=options.json,
    )
    return 0


def _finish(store: Store, options: argparse.Namespace, by: str) -> int:
    returned = connect.finish_address(store, options.callback, by=by, attempt_id=options.attempt)
    if returned.outcome == "cancelled":
        raise UsageError(
            "The login was cancelled at the bank. Nothing was linked and existing access stays as it is."
        )
    consent_id = returned.consent_id
    if returned.outcome == "connected" and consent_id:
        accounts.link(store, consent_id, accounts.offered(store, consent_id), by=by)
    row = store.consents().filter(consent_id=consent_id).row(0, named=True)
    linked = [one for one in told_accounts(store, full=False) if one["consent_id"] == consent_id]
    told = {"consent_id": consent_id, "bank": row["bank"], "status": row["status"], "accounts": linked}
    names = ", ".join(str(one["name"]) for one in linked)
    tell(told, f"{row['bank']} is connected ({row['status']}): {names}.", as_json=options.json)
    return 0


def run_accounts(options: argparse.Namespace) -> int:
    """List accounts; `accounts set ACCOUNT …` changes one first."""
    store = the_store(options)
    if options.action == "set":
        if not options.account:
            raise UsageError("Say which account: accounts set ACCOUNT --erp-account NO. Nothing was changed.")
        accounts.set_account(
            store,
            options.account,
            by=who(options),
            erp_account=options.erp_account,
            name=options.name,
            sync_from=options.sync_from,
            on=options.on,
        )
    rows = told_accounts(store, full=options.full)
    columns = {
        "account_id": "account", "name": "name", "iban": "number", "bank": "bank", "currency": "currency",
        "erp_account": "ERP account", "on": "on", "consent_status": "consent", "outcome": "last sync",
    }  # fmt: skip
    tell({"accounts": rows}, table(rows, columns), as_json=options.json)
    return 0


def told_accounts(store: Store, *, full: bool) -> list[dict[str, Any]]:
    """The contracted fields of `accounts --json`; numbers by their last four digits unless `full`."""
    statuses = dict(store.consents().select("consent_id", "status").iter_rows())
    rows = store.accounts().to_dicts()
    return [
        {
            "account_id": row["account_id"],
            "name": row["name"],
            "iban": row["iban"] if full or not row["iban"] else mask(row["iban"]),
            "bban": row["bban"] if full or not row["bban"] else mask(row["bban"]),
            "bank": row["bank"],
            "currency": row["currency"],
            "erp_account": row["erp_account"],
            "sync_from": row["sync_from"],
            "on": row["on"],
            "consent_id": row["consent_id"],
            "consent_status": statuses.get(row["consent_id"]),
            "last_success_at": row["last_success_at"],
            "outcome": row["outcome"],
        }
        for row in rows
    ]
