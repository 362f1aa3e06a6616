"""The Viia API as recon uses it: banks, accounts, transactions, a wish for fresh data, the login's end.

In: settings, the vault, the clock. Out: structs of `wire.py`. Never: a database, a decision, a retry
that could do something twice. One request at a time for a consent, as the vendor asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, timedelta
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx

from recon.bank import auth, wire
from recon.bank.calls import Call, Caller
from recon.bank.limits import safe_address
from recon.bank.whole import Whole, incomplete, read_whole
from recon.clock import Clock
from recon.errors import AnswerMalformed, ConsentError, UsageError
from recon.settings import Secret, Settings
from recon.vault import Tokens, Vault

PAGE_SIZE = 100


@dataclass(frozen=True)
class UpdateAnswer:
    """What the bank said to a wish for fresh data: queued, or a person must log in at `auth_url`."""

    queued: bool
    auth_url: str | None = None


class ViiaClient(AbstractContextManager["ViiaClient"]):
    """One per process or thread; closes its connections at the end of a `with`.

    transport and `options` (limits, sleep, chance, ticks of `Caller`) are for tests.
    """

    def __init__(
        self,
        settings: Settings,
        vault: Vault,
        clock: Clock,
        transport: httpx.BaseTransport | None = None,
        **options: Any,
    ) -> None:
        self._settings = settings
        self._vault = vault
        self._clock = clock
        self._caller = Caller(settings.need("viia_base_url"), clock.now, transport, **options)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._caller.close()

    def providers(self) -> list[wire.Provider]:
        """Banks that can be connected; needs no login."""
        call = Call("the list of banks", "GET", "/v1/providers", repeatable=True)
        return self._caller.ask(call, list[wire.Provider])

    def finish_login(self, consent_id: str, code: Secret, verifier: Secret) -> Tokens:
        """Exchange the code of a callback and store the tokens, newest. Raises AttemptRefused."""
        tokens = auth.exchange_code(
            self._caller, self._settings, code, verifier, consent_id, self._clock.now()
        )
        return self._vault.save(consent_id, tokens) or tokens

    def renew(self, consent_id: str) -> Tokens:
        """Renew the access of a consent now, so that its refresh token (14 days) never runs out unused."""
        tokens = self._vault.load(consent_id)
        return self._auth(consent_id).renewed(tokens.generation if tokens else 0)

    def accounts(self, consent_id: str) -> list[wire.Account]:
        """The accounts a consent covers, those the bank no longer shows included (`is_orphaned`)."""
        call = Call("the accounts", "GET", "/v1/accounts", repeatable=True)
        return self._caller.ask(call, wire.Accounts, self._auth(consent_id)).accounts

    def statement(
        self,
        consent_id: str,
        account: wire.Account,
        since: date,
        told: Callable[[int], None] = lambda rows: None,
    ) -> Whole:
        """All of an account's rows dated from `since` on, deleted, undated and far-off reserved ones with them.

        account: as last seen. told: called with the rows read so far. Raises FetchIncomplete unless the pages
        make a whole (`whole.py`), and as `transactions`.
        """
        return read_whole(
            lambda: self.transactions(consent_id, account.id, since, None),
            PAGE_SIZE,
            lambda: next((one for one in self.accounts(consent_id) if one.id == account.id), None),
            account,
            told,
        )

    def pause(self, seconds: float) -> None:
        """Wait, as the calls wait between two tries."""
        self._caller.pause(seconds)

    def transactions(
        self,
        consent_id: str,
        account_id: str,
        since: date | None,
        until: date | None,
        include_deleted: bool = True,
    ) -> Iterator[list[wire.Transaction]]:
        """One reading of an account's pages, rows dated since … until, `until` excluded; None is open.

        account_id: the bank's. The bank is asked for a day more at both ends (its ends are undocumented),
        and what lies outside is left out here; undated rows come. A row met twice, word for word under one
        id, comes once; rows without an id all come. Whether the pages belong together `statement` proves.
        Raises FetchIncomplete for a paging token that repeats or is refused, or too many pages.
        """
        seen: dict[str, list[wire.Transaction]] = {}
        tokens: set[str] = set()
        token: str | None = None
        for _ in range(self._caller.limits.pages):
            page = self._page(consent_id, account_id, _interval(since, until), token, include_deleted)
            yield [row for row in _new_rows(page.transactions, seen) if _within(row, since, until)]
            token = page.paging_token or None
            if token is None:
                return
            if token in tokens:
                raise incomplete("the bank sent the same page mark twice")
            tokens.add(token)
        raise incomplete(f"there are more than {self._caller.limits.pages} pages")

    def request_update(self, consent_id: str, redirect_url: str | None = None) -> UpdateAnswer:
        """Ask the bank for fresh data of all accounts of a consent; counts against the law's quota.

        redirect_url: registered at the vendor; None is RECON_VIIA_REDIRECT_URI. Asked once, never repeated.
        An unknown status means a login where an address comes with it, else queued (Viia API section 7).
        """
        redirect = redirect_url or auth.redirect_uri(self._settings)
        if not safe_address(redirect):
            raise UsageError(
                "The address to come back to must begin with https:// (http:// only for this machine). "
                "Nothing was asked."
            )
        call = Call("fresh data", "POST", "/v1/update", repeatable=False, body={"redirectUrl": redirect})
        answer = self._caller.ask(call, wire.Update, self._auth(consent_id))
        address = answer.auth_url or None
        supervised = answer.status == "SupervisedLoginRequired"
        if (supervised and not address) or (address and not safe_address(address)):
            raise AnswerMalformed(
                "The bank wants a person to log in but sent no safe address for it. Nothing was changed; "
                "connect the bank again under Bank accounts."
            )
        queued = answer.status == "AllQueued" or not (supervised or address)
        return UpdateAnswer(queued, None if queued else address)

    def _page(
        self, consent_id: str, account_id: str, interval: str | None, token: str | None, deleted: bool
    ) -> wire.Transactions:
        """The query form, since the plain GET documents no dates; it reads only, so it may be repeated."""
        call = Call(
            "the transactions",
            "POST",
            f"/v1/accounts/{quote(account_id, safe='')}/transactions/query",
            repeatable=True,
            body={"interval": interval, "pageSize": PAGE_SIZE, "pagingToken": token},
            query={"includeDeleted": "true" if deleted else "false"},
        )
        answer = self._caller.send(call, self._auth(consent_id))
        if answer.status_code == 400 and token is not None:
            raise incomplete("the bank no longer knows its own page mark")
        return self._caller.read(answer, wire.Transactions, call)

    def _auth(self, consent_id: str) -> auth.ConsentAuth:
        def renew(tokens: Tokens) -> Tokens:
            try:
                return auth.refresh(self._caller, self._settings, tokens, self._clock.now())
            except ConsentError as error:
                error.fields["consent_id"] = consent_id
                raise

        return auth.ConsentAuth(consent_id, self._vault, renew, self._clock.now)


def _interval(since: date | None, until: date | None) -> str | None:
    """`start/end`, one ISO-8601 text, a day wider at both ends; None asks for everything."""
    if since is None and until is None:
        return None
    start = (since or date(1970, 1, 2)) - timedelta(days=1)
    end = (until or date(9998, 12, 31)) + timedelta(days=1)
    return f"{start}T00:00:00Z/{end}T00:00:00Z"


def _new_rows(
    rows: list[wire.Transaction], seen: dict[str, list[wire.Transaction]]
) -> Iterator[wire.Transaction]:
    """Rows not met before. An empty id names nothing: two equal rows without one are two."""
    for row in rows:
        name = row.id.strip()
        met = seen.setdefault(name, []) if name else []
        if row not in met:
            met.append(row)
            yield row


def _within(row: wire.Transaction, since: date | None, until: date | None) -> bool:
    on = wire.day(row.date)
    return on is None or ((since is None or on >= since) and (until is None or on < until))
