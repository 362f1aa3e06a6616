"""A company small enough to be tried thousands of times, and a bank whose every day is known beforehand.

In: a folder, a day. Out: a workspace, the bank as an httpx transport, and what must be stored on that day.
Never: a network, a random figure that two processes would draw differently.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import polars as pl

from recon.bank.client import ViiaClient
from recon.clock import Clock
from recon.flow import sync as fetching
from recon.flow.accounts import Offered, link_account
from recon.flow.workspace import Store, open_store
from recon.schema import LEGS, PROPOSALS, UNMATCHED, Matching
from recon.settings import Secret, Settings
from recon.statements.accounts import account_id
from recon.store import consents, matching
from recon.vault import Tokens

CONSENT = "c0ffee00-0000-4000-8000-000000000001"
IBANS = ("DK5000400440116243", "DK8398760012345678")
"""Two accounts at the bank."""
FILE_IBAN = "DK1298450162689357"
"""An account that only files tell of."""
PAGE = 7
KEY = Secret("a key for proofs only")

Line = tuple[str, str, int, str]
"""Account, day, minor units, text: what makes a line what it is."""


def day_of(number: int) -> date:
    """The calendar day of a numbered one."""
    return date(2026, 3, 1) + timedelta(days=number)


def key_of(iban: str) -> str:
    """Our id of an account."""
    return account_id(iban, None, None, currency="DKK", country=None)


@dataclass(frozen=True)
class Row:
    """A transaction at the bank: booked on a day, perhaps reserved the day before, perhaps gone later."""

    ref: str
    on: int
    minor: int
    text: str
    reserved: bool = False
    gone_on: int | None = None

    def stands(self, day: int) -> bool:
        return self.on <= day and (self.gone_on is None or day < self.gone_on)


@dataclass
class SmallBank:
    """Two accounts that grow by a few lines a day, with twins, reservations and lines taken back."""

    day: int = 0
    calls: int = field(default=0, repr=False)

    def rows(self, iban: str) -> list[Row]:
        """Everything up to the day after this one, in booking order."""
        return [row for number in range(self.day + 2) for row in _drawn(iban, number)]

    def truth(self, iban: str, day: int | None = None) -> Counter[Line]:
        """The lines that a complete fetch of that day leaves standing."""
        at = self.day if day is None else day
        found = [row for number in range(at + 1) for row in _drawn(iban, number) if row.stands(at)]
        return Counter((key_of(iban), str(day_of(row.on)), row.minor, row.text) for row in found)

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        path = request.url.path
        if path == "/v1/oauth/token":
            return self._renew(json.loads(request.content))
        if path == "/v1/accounts":
            return httpx.Response(200, json={"accounts": [self._account(iban) for iban in IBANS]})
        if path == "/v1/update":
            return httpx.Response(200, json={"status": "AllQueued"})
        return self._page(path.split("/")[3], json.loads(request.content))

    def _renew(self, asked: dict[str, Any]) -> httpx.Response:
        """Token n answers token n−1; an old one is honoured again, as the vendor's grace period does."""
        number = int(asked["refresh_token"].rpartition("-")[2]) + 1
        return httpx.Response(
            200,
            json={
                "access_token": f"access-{number}",
                "refresh_token": f"refresh-{number}",
                "expires_in": 3600,
            },
        )

    def _account(self, iban: str) -> dict[str, Any]:
        total = sum(minor * count for (_, _, minor, _), count in self.truth(iban).items())
        return {
            "id": iban.lower(),
            "name": f"Account {iban[-4:]}",
            "number": {"iban": iban},
            "accountProvider": {"id": "DK_Smaabank", "name": "Småbank"},
            "booked": {"value": total / 100, "currency": "DKK"},
            "lastSynchronized": f"{day_of(self.day)}T11:59:00Z",
        }

    def _page(self, iban: str, asked: dict[str, Any]) -> httpx.Response:
        first, last = (text[:10] for text in asked["interval"].split("/"))
        shown = [
            told
            for row in self.rows(iban.upper())
            if (told := self._told(row)) and first <= told["date"] <= last
        ]
        at = int(asked["pagingToken"] or 0)
        more = {"pagingToken": str(at + PAGE)} if at + PAGE < len(shown) else {}
        return httpx.Response(200, json={"transactions": shown[at : at + PAGE]} | more)

    def _told(self, row: Row) -> dict[str, Any] | None:
        told = {
            "transactionAmount": {"value": row.minor / 100, "currency": "DKK"},
            "originalText": row.text,
        }
        if row.stands(self.day):
            return told | {"id": row.ref, "state": "Booked", "date": str(day_of(row.on))}
        if row.reserved and row.on == self.day + 1:
            return told | {"id": f"reserved-{row.ref}", "state": "Reserved", "date": str(day_of(self.day))}
        return None


def _drawn(iban: str, number: int) -> list[Row]:
    """What the bank books on one day."""
    draw = random.Random(f"{iban} {number}")
    rows = [
        Row(
            f"{iban[-4:]}-{number}-{place}",
            number,
            draw.choice((-1, 1)) * draw.randrange(1_00, 9_999_00),
            f"{draw.choice(('Faktura', 'Kort', 'Overførsel'))} {draw.randrange(1000, 9999)}",
            reserved=place == 0,
            gone_on=number + 1 if place == 1 and number % 5 == 4 else None,
        )
        for place in range(12 if number == 0 else draw.randrange(1, 4))
    ]
    if number % 3 == 0:  # two equal coffees are two lines
        rows += [Row(f"{iban[-4:]}-{number}-twin-{one}", number, -35_00, "Kaffebar 17") for one in (1, 2)]
    return rows


@dataclass(frozen=True)
class BankClock(Clock):
    """Noon of the bank's day."""

    bank: SmallBank = field(default_factory=SmallBank)

    def now(self) -> datetime:
        return datetime.combine(day_of(self.bank.day), time(12), UTC)


@dataclass
class Company:
    """The workspace in a folder and the bank behind it, both on the same day."""

    home: Path
    bank: SmallBank = field(default_factory=SmallBank)

    def __post_init__(self) -> None:
        self.clock = BankClock(bank=self.bank)
        settings = Settings(
            home=self.home,
            viia_base_url="https://bank.invalid",
            viia_client_id="client",
            viia_client_secret=Secret("secret"),
            viia_redirect_uri="http://127.0.0.1:8501/oauth/return",
            vault_key=KEY,
        )
        self.store: Store = open_store(self.home, settings)
        self.store.clock = self.store.database.clock = self.clock

    def go_to(self, day: int) -> None:
        """Let it be that day, here and at the bank."""
        self.bank.day = day

    def client(self) -> ViiaClient:
        return ViiaClient(self.store.settings, self.store.vault, self.clock, self.bank.transport())

    def connect(self) -> None:
        """As if a person had logged in at the bank and linked both accounts."""
        with self.store.database.write("anna") as writer:
            consents.put_consent(
                writer.c, consent_id=CONSENT, bank="Småbank", granted_at=writer.at, linked_at=writer.at
            )
            for iban in IBANS:
                link_account(
                    writer,
                    CONSENT,
                    Offered(key_of(iban), iban.lower(), iban[-4:], iban, None, "DKK", "Småbank", None, False),
                )
            writer.event("accounts_linked", CONSENT, bank="Småbank")
        ends = datetime(2027, 1, 1, tzinfo=UTC)
        self.store.vault.save(CONSENT, Tokens(Secret("access-1"), Secret("refresh-1"), ends, ends))

    @contextmanager
    def at_the_bank(self) -> Generator[None]:
        """Syncs inside speak to the small bank."""
        real = fetching.ViiaClient
        fetching.ViiaClient = partial(real, transport=self.bank.transport())  # type: ignore[misc,assignment]
        try:
            yield
        finally:
            fetching.ViiaClient = real  # type: ignore[misc]

    def lines(self) -> Counter[Line]:
        """What is stored and stands."""
        told = self.store.lines().select("account_id", "booking_date", "amount_minor", "text")
        return Counter((account, str(day), minor, text) for account, day, minor, text in told.iter_rows())


Leg = tuple[str, str, int, int]
"""Line, item, what the line gives, what the item gets."""


def keep_proposals(store: Store, legs: Mapping[str, Sequence[Leg]]) -> None:
    """Put proposals in front of the reviewers as an engine run does, without the engine."""
    proposals = [
        {
            "proposal_id": one,
            "rank": 1,
            "probability": 0.9,
            "kind": "one_to_one",
            "difference_minor": 0,
            "difference_kind": "none",
            "score": 3.0,
            "prior": 3.0,
            "auto": False,
            "rival": None,
        }
        for one in legs
    ]
    told = [dict(zip(LEGS.columns, (one, *leg), strict=True)) for one, some in legs.items() for leg in some]
    result = Matching(
        proposals=pl.DataFrame(proposals, schema=PROPOSALS.schema),
        legs=pl.DataFrame(told, schema=LEGS.schema),
        unmatched=UNMATCHED.empty(),
        lines=store.lines(),
        items=store.items(),
    )
    with store.database.write("engine") as writer:
        matching.replace(
            writer.c, result, run_id="run", at=writer.at, by="engine", engine_version=writer.engine_version
        )
        writer.event("matched", "run", proposals=len(proposals))
