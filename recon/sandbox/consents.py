"""What the account holder allowed: consents, the bank connections in them, and the tokens given out.

In: nothing. Out: plain records that `state.py` can write down. Instants are UTC on the sandbox's clock.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

ONE_TIME = timedelta(hours=24)


@dataclass
class Connection:
    """One bank inside a consent. `owner` is the user part of its account ids; `told` what was announced."""

    provider: str
    owner: str
    accounts: list[str]
    last_login: datetime
    last_sync: datetime | None = None
    sync_due: datetime | None = None
    removed: bool = False
    told: list[str] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)

    def expires_at(self, sca_days: int) -> datetime:
        """Until when the bank takes the last login as proof."""
        return self.last_login + timedelta(days=sca_days)

    def account_id(self, key: str) -> str:
        """The id the API gives an account: base64 of user, bank and the bank's own key."""
        own = hashlib.sha256(f"{self.provider}:{key}".encode()).hexdigest()[:24]
        return base64.b64encode(f"{self.owner}|{self.provider}|{own}".encode()).decode()


@dataclass
class Consent:
    """One consent. `refresh_ids` maps each refresh token still in use to when a newer one replaced it."""

    id: str
    user_id: str
    session_id: str
    scopes: list[str]
    granted_at: datetime
    connections: dict[str, Connection] = field(default_factory=dict)
    revoked_at: datetime | None = None
    all_selected: bool = False
    group_id: str | None = None
    group_name: str | None = None
    refresh_ids: dict[str, datetime | None] = field(default_factory=dict)

    def alive(self, now: datetime) -> bool:
        """Whether data may be read: not revoked, and within 24 hours unless access was given offline too."""
        lasting = "offline_access" in self.scopes
        return self.revoked_at is None and (lasting or now < self.granted_at + ONE_TIME)

    def find(self, account_id: str) -> tuple[Connection, str] | None:
        """The connection and account key behind an account id."""
        for connection in self.connections.values():
            for key in connection.accounts:
                if connection.account_id(key) == account_id:
                    return connection, key
        return None


@dataclass
class Switches:
    """What the sandbox can be told to do otherwise.

    sync_seconds: how long a sync takes to end; 0 at once. sca_days: how long a bank login holds.
    announce_days: how early ConnectionUpdateRequired warns. refresh_grace_seconds: how long a replaced
    refresh token still works. update_return: what comes back from a renewed login: `consent` (consentId),
    `code` (code and consentId, as after connecting) or `bare` (nothing). page_size: of a page where none is
    asked for; page_most: no page is longer.
    """

    sync_seconds: float = 1.5
    sca_days: int = 180
    announce_days: int = 7
    refresh_grace_seconds: int = 60
    page_size: int = 50
    page_most: int = 1000
    same_consent_on_reconnect: bool = True
    same_accounts_on_reconnect: bool = True
    cancel_with_state: bool = True
    update_return: str = "consent"
