"""Who we are to the bank: the login address, tokens for a code, and the bearer that renews itself.

In: settings, the vault, one login attempt's words. Out: an address to open, `Tokens`, an httpx.Auth.
Never: two refreshes of one consent at once; a token lost to a timeout; a token given to anyone but
the vault and the Authorization header. Viia API section 4 (connect flow, token endpoint).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx

from recon.bank import wire
from recon.bank.calls import Call, Caller
from recon.bank.limits import safe_address
from recon.errors import AttemptRefused, ConsentExpired, ConsentMissing, SettingMissing, UsageError
from recon.settings import Secret, Settings
from recon.vault import Tokens, Vault

SCOPE = "accounts offline_access"
"""Accounts with their transactions, until revoked: the least that reconciliation can work with."""

RENEW_BEFORE = timedelta(seconds=60)


def connect_url(
    settings: Settings,
    *,
    state: Secret,
    challenge: str,
    culture: str = "en",
    consent_id: str | None = None,
    email: str | None = None,
    provider_id: str | None = None,
) -> str:
    """The address where the account holder logs in and agrees; to be opened in a browser.

    challenge: PKCE S256 (RFC 7636). consent_id: of an earlier consent, so that the page knows the person
    (instead of email). provider_id: one bank, its picker is skipped. Raises SettingMissing, UsageError.
    """
    who = {"consentId": consent_id} if consent_id else {"email": email}
    query = {
        "client_id": settings.need("viia_client_id"),
        "redirect_uri": redirect_uri(settings),
        "response_type": "code",
        "scope": SCOPE,
        "state": state.reveal(),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "culture": culture,
        "providerId": provider_id,
        **who,
    }
    told = {name: value for name, value in query.items() if value}
    return str(httpx.URL(settings.need("viia_base_url") + "/v1/oauth/connect", params=told))


def redirect_uri(settings: Settings) -> str:
    """Where the bank sends the browser back to; registered at the vendor, https or this machine."""
    address = settings.need("viia_redirect_uri")
    if not safe_address(address):
        raise UsageError(
            "RECON_VIIA_REDIRECT_URI must begin with https:// (http:// only for this machine). Nothing was "
            "done; mend the setting."
        )
    return address


def exchange_code(
    caller: Caller, settings: Settings, code: Secret, verifier: Secret, consent_id: str, now: datetime
) -> Tokens:
    """Tokens for the code of a callback: single use, valid one minute, so never asked twice.

    Raises AttemptRefused where the bank does not take the code, or its token names another consent.
    """
    call = _token_call(
        settings,
        "the login's access",
        repeatable=False,
        grant_type="authorization_code",
        code=code.reveal(),
        redirect_uri=redirect_uri(settings),
        code_verifier=verifier.reveal(),
    )
    answer = caller.send(call)
    if answer.status_code in (400, 401):
        raise AttemptRefused(
            "The bank did not accept the login's code: it is valid for one minute and once, and only with "
            "the right RECON_VIIA_CLIENT_ID and SECRET. Nothing was linked; connect again."
        )
    token = caller.read(answer, wire.Token, call)
    named = _claims(token.refresh_token).get("consentId")
    if named not in (None, consent_id):
        raise AttemptRefused(
            "The bank's answer belongs to another consent than the address came back with. Nothing was "
            "linked; connect again."
        )
    return _tokens(token, now)


def refresh(caller: Caller, settings: Settings, tokens: Tokens, now: datetime) -> Tokens:
    """The next tokens, generation one higher. Raises ConsentExpired where the bank refuses (400, 401)."""
    gone = ConsentExpired(
        "The bank does not renew our access any more. What is stored here stays; log in at the bank again "
        "under Bank accounts."
    )
    if tokens.refresh is None:
        raise gone
    call = _token_call(
        settings,
        "renewed access",
        repeatable=True,
        grant_type="refresh_token",
        refresh_token=tokens.refresh.reveal(),
    )
    answer = caller.send(call)
    if answer.status_code in (400, 401):
        raise gone
    fresh = _tokens(caller.read(answer, wire.Token, call), now)
    if fresh.refresh is None:
        fresh = replace(fresh, refresh=tokens.refresh, refresh_expires_at=tokens.refresh_expires_at)
    return replace(fresh, generation=tokens.generation + 1)


class ConsentAuth(httpx.Auth):
    """The bearer of one consent: renewed when less than a minute is left, and once after a 401.

    renew: makes the next tokens from the present ones, over the network. Whoever holds the vault's
    lease renews; all others wait, read again, and use what the holder stored.
    """

    def __init__(
        self,
        consent_id: str,
        vault: Vault,
        renew: Callable[[Tokens], Tokens],
        now: Callable[[], datetime],
    ) -> None:
        self._consent_id = consent_id
        self._vault = vault
        self._renew = renew
        self._now = now

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        tokens = self._load()
        if self._ends_soon(tokens):
            tokens = self.renewed(tokens.generation)
        answer = yield _bearing(request, tokens)
        if answer.status_code == 401:
            yield _bearing(request, self.renewed(tokens.generation))

    def renewed(self, spent: int) -> Tokens:
        """Tokens newer than generation `spent`. Raises ConsentMissing, ConsentExpired."""
        with self._vault.lease(self._consent_id):
            tokens = self._load()
            if tokens.generation > spent and not self._ends_soon(tokens):
                return tokens
            try:
                fresh = self._renew(tokens)
            except ConsentExpired:
                again = self._load()
                if again.generation > tokens.generation:
                    return again
                raise
            return self._standing(self._vault.save(self._consent_id, fresh))

    def _load(self) -> Tokens:
        return self._standing(self._vault.load(self._consent_id))

    def _standing(self, tokens: Tokens | None) -> Tokens:
        if tokens is None:
            raise ConsentMissing(
                "There is no access to this bank: it was never given here, or was removed. What is stored "
                "stays; connect the bank under Bank accounts.",
                consent_id=self._consent_id,
            )
        return tokens

    def _ends_soon(self, tokens: Tokens) -> bool:
        return tokens.expires_at - self._now() < RENEW_BEFORE


def _bearing(request: httpx.Request, tokens: Tokens) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {tokens.access.reveal()}"
    return request


def _token_call(settings: Settings, what: str, *, repeatable: bool, **body: str) -> Call:
    """JSON body, client in HTTP Basic, ISO-8859-1 (official sample)."""
    client = f"{settings.need('viia_client_id')}:{settings.need('viia_client_secret')}"
    try:
        basic = base64.b64encode(client.encode("latin-1")).decode()
    except UnicodeEncodeError:
        raise SettingMissing(
            "RECON_VIIA_CLIENT_ID or RECON_VIIA_CLIENT_SECRET holds a character the bank cannot take. "
            "Nothing was sent; copy it anew."
        ) from None
    return Call(
        what, "POST", "/v1/oauth/token", repeatable, body=body, headers={"Authorization": f"Basic {basic}"}
    )


def _tokens(token: wire.Token, now: datetime) -> Tokens:
    ends = _claims(token.refresh_token).get("exp")
    return Tokens(
        access=Secret(token.access_token),
        refresh=Secret(token.refresh_token) if token.refresh_token else None,
        expires_at=now + timedelta(seconds=max(0, min(token.expires_in, 86_400))),
        refresh_expires_at=_instant(ends),
        renewed_at=now,
    )


def _instant(seconds: object) -> datetime | None:
    """An `exp` claim; None where it is missing or no time that a calendar has."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
    except (OverflowError, OSError, ValueError):
        return None


def _claims(token: str | None) -> dict[str, object]:
    """Claims of a JWT, unverified: we hold no key, and use them only to plan and to cross-check."""
    try:
        middle = (token or "").split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
