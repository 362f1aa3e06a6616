"""Access and refresh tokens: JWT, HS256, with the documented claims and lifetimes.

In: a consent and the sandbox's instant. Out: signed text, or the claims of one that holds. Signatures need
no memory: the same key reads tokens given out before a restart. Never: a token after its `exp`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from recon.sandbox.consents import Consent

ACCESS_LIFE = timedelta(hours=1)
REFRESH_LIFE = timedelta(days=14)
_HEADER = {"alg": "HS256", "typ": "JWT"}


@dataclass(frozen=True)
class Mint:
    """Makes and reads tokens of one client."""

    client_id: str
    key: bytes

    @classmethod
    def of(cls, client_id: str, client_secret: str) -> Mint:
        return cls(client_id, hashlib.sha256(f"recon-sandbox|{client_id}|{client_secret}".encode()).digest())

    def access(self, consent: Consent, now: datetime) -> str:
        return self._sign(
            {
                "userId": consent.user_id,
                "clientId": self.client_id,
                "role": "ClientUser",
                "sessionId": consent.session_id,
                "scopes": " ".join(_pascal(scope) for scope in consent.scopes),
            },
            now,
            ACCESS_LIFE,
        )

    def refresh(self, consent: Consent, now: datetime) -> str:
        """A new refresh token; the consent remembers its id."""
        token_id = uuid.uuid4().hex
        consent.refresh_ids[token_id] = None
        claims = {
            "userId": consent.user_id,
            "clientId": self.client_id,
            "consentId": consent.id,
            "sessionId": consent.session_id,
            "role": "RefreshToken",
            "jti": token_id,
        }
        return self._sign(claims, now, REFRESH_LIFE)

    def read(self, token: str, role: str, now: datetime) -> dict[str, Any] | None:
        """The claims of a token of that role that we signed and that has not run out, else None."""
        head, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._signature(head).encode(), signature.encode()):
            return None
        claims = json.loads(_decode(head.partition(".")[2]))
        return claims if claims["role"] == role and now.timestamp() < claims["exp"] else None

    def _sign(self, claims: dict[str, Any], now: datetime, life: timedelta) -> str:
        issued = int(now.timestamp())
        claims |= {"nbf": issued, "exp": issued + int(life.total_seconds()), "iat": issued}
        head = ".".join(
            _encode(json.dumps(part, separators=(",", ":")).encode()) for part in (_HEADER, claims)
        )
        return f"{head}.{self._signature(head)}"

    def _signature(self, head: str) -> str:
        return _encode(hmac.new(self.key, head.encode(), hashlib.sha256).digest())


def rotate(consent: Consent, used: str, now: datetime, grace: timedelta) -> bool:
    """Note that the refresh token `used` was used: it stays good for `grace` from its first use.

    False: it was replaced longer ago than that, or is not one of this consent's.
    """
    for token_id, replaced in list(consent.refresh_ids.items()):
        if replaced is not None and now >= replaced + grace:
            del consent.refresh_ids[token_id]
    if used not in consent.refresh_ids:
        return False
    consent.refresh_ids[used] = consent.refresh_ids[used] or now
    return True


def _pascal(scope: str) -> str:
    return "".join(word.capitalize() for word in scope.replace(":", "_").split("_"))


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
