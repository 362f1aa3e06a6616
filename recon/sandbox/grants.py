"""A person's way through the bank's pages: attempts to connect, what they chose, the code at the end.

In: the query of `/v1/oauth/connect`, then one choice after the other. Out: the address to return to, and a
code that is good once and for a minute. Never: an address that is not registered, a code twice.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

from recon.sandbox.habits import HOUSES, House
from recon.sandbox.refusal import invalid

CODE_LIFE = timedelta(seconds=60)
KNOWN_SCOPES = ("accounts", "offline_access", "payments:inbound", "payments:outbound")
DEFAULT_SCOPES = ["accounts", "offline_access"]


@dataclass
class Attempt:
    """One run through the connect pages. `update_of`: it only renews the login of that consent."""

    id: str
    redirect_uri: str
    state: str | None = None
    scopes: list[str] = field(default_factory=lambda: list(DEFAULT_SCOPES))
    challenge: str | None = None
    houses: list[House] = field(default_factory=lambda: list(HOUSES.values()))
    wanted: list[str] = field(default_factory=list)
    select_all: bool = False
    reconnect: str | None = None
    email: str = ""
    group: tuple[str | None, str | None] = (None, None)
    danish: bool = False
    house: House | None = None
    username: str | None = None
    update_of: str | None = None


@dataclass(frozen=True)
class Code:
    """A code given out: to whom, until when, for which address and verifier."""

    consent_id: str
    redirect_uri: str
    until: datetime
    challenge: str | None


def read_attempt(query: Mapping[str, str], client_id: str, registered: list[str]) -> Attempt:
    """The attempt that a connect address asks for. Raises Refusal that names the parameter at fault."""
    if query.get("client_id") != client_id:
        raise invalid("This client is not known here.", client_id="unknown")
    if query.get("response_type") != "code":
        raise invalid("Only response_type=code is spoken here.", response_type="must be code")
    redirect_uri = query.get("redirect_uri", "")
    check_redirect(redirect_uri, registered, "redirect_uri")
    challenge = query.get("code_challenge")
    if challenge and query.get("code_challenge_method", "S256") != "S256":
        raise invalid("Only S256 is spoken here.", code_challenge_method="must be S256")
    wanted = [_bare(number) for number in query.get("bank_account_numbers", "").split(",") if number.strip()]
    provider = query.get("providerId")
    if wanted and not provider:
        raise invalid("bank_account_numbers needs providerId.", providerId="missing")
    attempt = Attempt(
        id=secrets.token_urlsafe(18),
        redirect_uri=redirect_uri,
        state=query.get("state"),
        scopes=_scopes(query.get("scope", "")),
        challenge=challenge,
        houses=_houses(provider, query.get("providers", "")),
        wanted=wanted,
        select_all=query.get("select_all_accounts", "").lower() == "true",
        reconnect=query.get("consentId"),
        email=query.get("email", ""),
        group=(query.get("accountsGroupId"), query.get("accountsGroupName")),
        danish=query.get("culture", "").lower().startswith("da"),
    )
    if provider:
        attempt.house = attempt.houses[0]
    return attempt


def check_redirect(address: str, registered: list[str], name: str) -> None:
    """Refuse an address that is not registered; with none registered, any loopback address will do."""
    if registered:
        if address in registered:
            return
    elif is_loopback(address):
        return
    raise invalid("The address to return to is not registered.", **{name: "not registered"})


def is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def proves(challenge: str | None, verifier: str | None) -> bool:
    """Whether the verifier belongs to the challenge of PKCE (RFC 7636, S256); without a challenge, yes."""
    if challenge is None:
        return True
    digest = hashlib.sha256((verifier or "").encode()).digest()
    return secrets.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"="), challenge.encode())


def new_code() -> str:
    """A code with the characters that are lost when an address is decoded carelessly."""
    return base64.b64encode(b"\x00\x01\x02\xfb\xef\xff" + secrets.token_bytes(24)).decode()


def returning(address: str, **parameters: str | None) -> str:
    """The address to return to with the parameters that are set, each percent-encoded once."""
    told = {name: value for name, value in parameters.items() if value is not None}
    if not told:
        return address
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(told, quote_via=quote, safe='')}"


def _bare(number: str) -> str:
    return "".join(c for c in number.upper() if c.isalnum())


def _scopes(text: str) -> list[str]:
    scopes = text.split() or list(DEFAULT_SCOPES)
    strange = [scope for scope in scopes if scope not in KNOWN_SCOPES]
    if strange:
        raise invalid("A scope nobody has heard of.", scope=strange[0])
    return scopes


def _houses(provider: str | None, providers: str) -> list[House]:
    """The banks to offer: one, or those whose id or country is listed, or all."""
    if provider:
        if provider not in HOUSES:
            raise invalid("There is no such bank.", providerId="unknown")
        return [HOUSES[provider]]
    listed = [word.strip().upper() for word in providers.split(",") if word.strip()]
    houses = [h for h in HOUSES.values() if not listed or h.id.upper() in listed or h.country in listed]
    if not houses:
        raise invalid("None of these banks is known.", providers="unknown")
    return houses
