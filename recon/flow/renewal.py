"""Keep access alive: every consent's tokens renewed daily, whoever fetches or waits, so that none dies of neglect.

A refresh token lives 14 days from its last use. A consent whose accounts are off, or not linked yet, or whose
bank wants a person, is not fetched; its tokens are renewed all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from recon.bank.client import ViiaClient
from recon.consent.lifecycle import needs_login
from recon.errors import LoginRequired, ReconError, StoreError
from recon.flow.workspace import Store, as_consent, save_consent
from recon.store import consents

RENEW_AFTER = timedelta(hours=20)
"""A daily pass that comes a little early still renews."""
_log = logging.getLogger(__name__)


def keep_access(store: Store, open_client: Callable[[], ViiaClient], *, by: str = "schedule") -> None:
    """Renew what is a day old, if anything is. Nothing but a damaged vault or store stops whoever asks for it."""
    try:
        if store.settings.viia_on and due(store):
            with open_client() as client:
                renew_tokens(store, client, by=by)
    except StoreError:
        raise
    except ReconError as error:  # a setting or the vault's key is missing, which each fetch tells
        _log.warning("access not renewed: %s", error.words)


def renew_tokens(store: Store, client: ViiaClient, *, by: str = "schedule") -> list[str]:
    """Renew every access that is about a day old; returns the consents renewed.

    Where the bank refuses, the consent says that a person must log in; where it does not answer, the tokens
    stay as they are and the next pass tries again. One consent never keeps another from its turn.
    """
    renewed = []
    for consent_id in due(store):
        since = store.clock.now()
        try:
            client.renew(consent_id)
            renewed.append(consent_id)
        except LoginRequired:
            require_login(store, consent_id, since, by=by)
        except ReconError as error:
            _log.warning("access not renewed: %s", error.kind)
    return renewed


def due(store: Store) -> list[str]:
    """Consents that stand and whose tokens were last renewed about a day ago, or nobody knows when."""
    now, last = store.clock.now(), last_renewals(store)
    return [consent_id for consent_id, at in last.items() if at is None or not at <= now < at + RENEW_AFTER]


def last_renewals(store: Store) -> dict[str, datetime | None]:
    """When the tokens of each standing consent were last renewed; None: not known. Nothing where none has tokens."""
    kept = store.vault.consents()
    with store.database.read() as c:
        standing = {row["consent_id"] for row in consents.consents(c) if row["revoked_at"] is None}
    found = {one: store.vault.load(one) for one in kept if one in standing}
    return {one: tokens.renewed_at for one, tokens in found.items() if tokens is not None}


def require_login(store: Store, consent_id: str, since: datetime, *, by: str) -> None:
    """Let the consent say that the bank wants a person, until one logged in.

    since: when the bank was asked, not when this is written: a person may have logged in between.
    """
    with store.database.write(by) as writer:
        row = consents.consent(writer.c, consent_id)
        if row:
            save_consent(writer, needs_login(as_consent(row), since))
        writer.event("login_required", consent_id, bank=row["bank"] if row else None)
