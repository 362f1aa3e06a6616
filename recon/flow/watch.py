"""What the bank tells between fetches, and what people are told of their consents.

A message of the bank is a row that asks for a fetch. A proven one may also note what takes access away or warns
of its end; none gives access, a line, a token or a login.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from recon.bank.webhooks import Event, receive
from recon.consent.lifecycle import apply_event
from recon.consent.notice import Notice, neglect, notice
from recon.errors import ReconError
from recon.flow.renewal import last_renewals
from recon.flow.workspace import Store, as_consent, save_consent
from recon.statements.accounts import mask
from recon.store import consents, fetching


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
    told, renewed, language = [], _renewed(store), store.settings.language
    for one in (one for one in every if one.consent_id in names):
        said = notice(one, names[one.consent_id], now, days, language)
        if said is None or said.level != "error":
            last = renewed.get(one.consent_id) or one.last_login_at
            said = neglect(one, names[one.consent_id], last, now, days, language) or said
        told.append(said)
    return sorted((one for one in told if one), key=lambda one: (one.mark, one.consent_id))


def _renewed(store: Store) -> dict[str, datetime | None]:
    """When each access was last renewed; nothing where the vault does not open, which each fetch then tells."""
    try:
        return last_renewals(store)
    except ReconError:
        return {}


def take_webhook(store: Store, headers: Mapping[str, str], body: bytes) -> Event:
    """Verify one message of the bank, remember it once, and ask for a fetch. Raises DataRefused if not proven.

    The old signature scheme proves no time and no id, so such a message only ever asks for a fetch.
    """
    event = receive(headers, body, store.settings.viia_webhook_secret, store.clock.now())
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
            save_consent(writer, after)
        fetching.ask_for_fetch(writer.c, writer.at, "bank", event.event, fresh=False)
    return event
