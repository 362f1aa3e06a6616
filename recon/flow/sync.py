"""Fetch what the banks hold: all pages, validated, then one transaction an account; and say what came of it.

Reading what Viia stores costs no bank access; asking it for fresh data does, and only four times in 24 hours
without a person there. One account never blocks another, one sync never runs beside another.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recon.bank import wire
from recon.bank.client import UpdateAnswer, ViiaClient
from recon.bank.lines import lines_frame
from recon.consent.lifecycle import logged_in, needs_login
from recon.disk import locked
from recon.errors import (
    LoginRequired,
    ReconError,
    StoreError,
    UsageError,
)
from recon.flow.accounts import account_key
from recon.flow.connect import connect_address
from recon.flow.keep import keep_lines
from recon.flow.outcome import Outcome, SyncReport, failed, outcome_of
from recon.flow.workspace import Store, as_consent, save_consent
from recon.money import to_minor
from recon.statements.accounts import mask
from recon.statements.stated import stated_balance
from recon.statements.window import Window, due, fetch_window, newest_day
from recon.store import consents, fetching, statements
from recon.store.database import Writer

SOURCE = "viia"
WAIT_SECONDS = 20.0
UNATTENDED_PER_DAY = 4
PATIENCE_SECONDS = 2.0
_log = logging.getLogger(__name__)

Progress = Callable[[int, int, str], None]


def sync(
    store: Store,
    accounts: Sequence[str] | None = None,
    *,
    by: str = "schedule",
    fresh: bool | None = None,
    attended: bool = False,
    wait: float = WAIT_SECONDS,
    progress: Progress | None = None,
) -> SyncReport:
    """Fetch every linked account that is switched on, or only the named ones.

    fresh: True asks the banks anew whatever their data's age, False never, None where it is older than six
    hours. attended: a person is there, so the law's quota does not count it. wait: seconds to wait for fresh
    data. progress: called with (done, total, words). Raises LockBusy when another sync runs.
    """
    report = SyncReport(store.clock.now())
    wanted = _wanted(store, accounts)
    if not wanted:
        report.finished_at = store.clock.now()
        return report
    store.settings.need("viia_base_url")
    with locked(store.home / "sync.lock", exclusive=True, wait=PATIENCE_SECONDS):
        with store.database.write(by) as writer:
            run_id = fetching.start_run(writer.c, writer.at, by, attended=attended)
            writer.event(
                "sync_started", run_id, accounts=[row["account_id"] for row in wanted], attended=attended
            )
        run = _Run(
            store, run_id, by, fresh, attended, wait, progress or (lambda *_: None), report, len(wanted)
        )
        for consent_id, rows in _by_consent(wanted).items():
            run.consent(consent_id, rows)
        report.finished_at = store.clock.now()
        with store.database.write(by) as writer:
            fetching.finish_run(writer.c, run_id, writer.at)
            writer.event(
                "sync_finished", run_id, outcomes={one.account_id: one.outcome for one in report.accounts}
            )
    return report


@dataclass
class _Run:
    """One sync under way."""

    store: Store
    run_id: str
    by: str
    fresh: bool | None
    attended: bool
    wait: float
    progress: Progress
    report: SyncReport
    total: int

    def consent(self, consent_id: str, rows: list[dict[str, Any]]) -> None:
        """Fetch all accounts of one consent; what can be read is read even when the bank wants a login."""
        with self.store.database.read() as c:
            consent = consents.consent(c, consent_id) or {
                "bank": rows[0]["bank"] or "the bank",
                "revoked_at": None,
            }
        begun = self.store.clock.now()
        try:
            if consent["revoked_at"]:
                raise LoginRequired(
                    f"The permission for {consent['bank']} was withdrawn. Connect the bank again."
                )
            with ViiaClient(self.store.settings, self.store.vault, self.store.clock) as client:
                remote = client.accounts(consent_id)
                answer = self._ask_for_fresh(client, consent_id, consent["bank"], rows, remote)
                if answer and answer.queued:
                    remote = self._wait_for(client, consent_id, rows, remote)
                login = answer.auth_url if answer else None
                if self._waits_for_login(consent_id, remote) and login is None:
                    login = connect_address(self.store, consent_id, by=self.by)
                    self._report_login(consent_id, consent["bank"], login)
                for row in rows:
                    self._tell(row)
                    self._settle(self._account(client, consent_id, row, remote, login))
        except StoreError:
            raise
        except ReconError as error:
            if isinstance(error, LoginRequired):
                self._require_login(consent_id, consent["bank"], begun)
                address = connect_address(self.store, consent_id, by=self.by)
                self._report_login(consent_id, consent["bank"], address)
            for row in self._unsettled(rows):
                self._settle(failed(row["account_id"], error))

    def _account(
        self,
        client: ViiaClient,
        consent_id: str,
        row: dict[str, Any],
        remote: list[wire.Account],
        login: str | None,
    ) -> Outcome:
        there = _find(row, remote)
        if there is None or there.is_orphaned or not there.readable:
            return Outcome(
                row["account_id"],
                "failed",
                reason="The bank no longer shows this account. What is stored stays.",
            )
        window = fetch_window(row["sync_from"], row["watermark"], self.store.clock.today())
        try:
            pages: list[wire.Transaction] = []
            for page in client.transactions(consent_id, there.id, window.since, window.until):
                pages += page
                self._tell(row, f"{len(pages)} lines")
            with self.store.database.write(self.by) as writer:
                return self._keep(writer, row, there, pages, window, login)
        except (StoreError, LoginRequired):
            raise  # the whole workspace, or the whole consent
        except ReconError as error:
            return failed(row["account_id"], error, window)

    def _keep(
        self,
        writer: Writer,
        row: dict[str, Any],
        there: wire.Account,
        pages: list[wire.Transaction],
        window: Window,
        login: str | None,
    ) -> Outcome:
        """The one transaction of an account: lines, what is expected, and the watermark."""
        booked, expected = lines_frame(row["account_id"], pages)
        kept = keep_lines(
            writer, row["account_id"], booked, source=SOURCE, since=window.since, until=window.until
        )
        statements.replace_expected(writer.c, row["account_id"], expected)
        self._keep_balance(writer, row, there)
        outcome = outcome_of(row["account_id"], kept, len(pages), window, login)
        complete = {"last_success_at": writer.at} if outcome.outcome in ("new", "none") else {}
        consents.put_account(
            writer.c,
            account_id=row["account_id"],
            watermark=newest_day(
                row["watermark"], booked["booking_date"].to_list(), self.store.clock.today()
            ),
            last_synchronized_at=there.synced_at,
            provider_account_id=there.id,
            **complete,
        )
        return outcome

    def _keep_balance(self, writer: Writer, row: dict[str, Any], there: wire.Account) -> None:
        """What the bank says is booked now, to prove the lines by; the last word replaces the one before."""
        if there.booked is None:
            return
        lines = statements.lines_of(writer.c, row["account_id"])
        closing = to_minor(there.booked.value, row["currency"])
        told = stated_balance(lines, row["account_id"], row["currency"], closing, self.store.clock.today())
        statements.replace_balances(writer.c, row["account_id"], told, SOURCE, writer.at)

    def _ask_for_fresh(
        self,
        client: ViiaClient,
        consent_id: str,
        bank: str,
        rows: list[dict[str, Any]],
        remote: list[wire.Account],
    ) -> UpdateAnswer | None:
        """Ask for fresh data where that is due and allowed; None where the bank was not asked."""
        now = self.store.clock.now()
        old = any(due(there.synced_at, now) for row in rows if (there := _find(row, remote)))
        if self.fresh is False or not (self.fresh or old):
            return None
        with self.store.database.write(self.by) as writer:
            if (
                not self.attended
                and fetching.unattended_accesses(writer.c, consent_id, now) >= UNATTENDED_PER_DAY
            ):
                return None
            fetching.add_access(writer.c, consent_id, now, self.by, attended=self.attended)
            writer.event("bank_asked", consent_id, attended=self.attended, bank=bank)
        answer = client.request_update(consent_id)
        if answer.auth_url:
            self._require_login(consent_id, bank, now)
            self._report_login(consent_id, bank, answer.auth_url)
        return answer

    def _wait_for(
        self, client: ViiaClient, consent_id: str, rows: list[dict[str, Any]], remote: list[wire.Account]
    ) -> list[wire.Account]:
        """After a queued wish: look again until every account's data moved, or the waiting time is over."""
        before = {there.id: there.synced_at for there in remote}
        deadline = time.monotonic() + self.wait
        while time.monotonic() < deadline:
            time.sleep(min(0.5, self.wait))
            remote = client.accounts(consent_id)
            ours = [there for row in rows if (there := _find(row, remote))]
            if all(there.synced_at is not None and there.synced_at != before.get(there.id) for there in ours):
                break
        return remote

    def _waits_for_login(self, consent_id: str, remote: list[wire.Account]) -> bool:
        """Whether the bank still wants a person; fresh data after it asked means that one logged in."""
        newest = max((there.synced_at for there in remote if there.synced_at), default=None)
        with self.store.database.read() as c:
            row = consents.consent(c, consent_id)
        asked = row["login_required_at"] if row else None
        if row is None or asked is None or newest is None or newest <= asked:
            return asked is not None
        with self.store.database.write(self.by) as writer:
            save_consent(writer, logged_in(as_consent(row), newest))
            writer.event("login_seen", consent_id, at=newest)
        return False

    def _report_login(self, consent_id: str, bank: str, url: str) -> None:
        self.report.logins.append({"consent_id": consent_id, "bank": bank, "url": url})

    def _require_login(self, consent_id: str, bank: str, since: datetime) -> None:
        """Let the consent say that the bank wants a person, until one logged in.

        since: when the bank was asked, not when it is written: a person may have logged in between.
        """
        with self.store.database.write(self.by) as writer:
            if row := consents.consent(writer.c, consent_id):
                save_consent(writer, needs_login(as_consent(row), since))
            writer.event("login_required", consent_id, bank=bank)

    def _settle(self, outcome: Outcome) -> None:
        """Write down what came of an account."""
        if outcome.outcome not in ("new", "none"):
            _log.warning("sync of %s: %s", outcome.account_id, outcome.outcome)
        with self.store.database.write(self.by) as writer:
            fetching.add_outcome(
                writer.c,
                run_id=self.run_id,
                account_id=outcome.account_id,
                outcome=outcome.outcome,
                fetched=outcome.fetched,
                new=outcome.new,
                changed=outcome.changed,
                withdrawn=outcome.withdrawn,
                since=outcome.since,
                until=outcome.until,
                reason=outcome.reason,
            )
            consents.put_account(
                writer.c,
                account_id=outcome.account_id,
                outcome=outcome.outcome,
                outcome_reason=outcome.reason,
                last_tried_at=writer.at,
            )
            writer.event(
                "account_synced",
                outcome.account_id,
                run_id=self.run_id,
                outcome=outcome.outcome,
                new=outcome.new,
            )
        self.report.accounts.append(outcome)

    def _unsettled(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        done = {one.account_id for one in self.report.accounts}
        return [row for row in rows if row["account_id"] not in done]

    def _tell(self, row: dict[str, Any], words: str = "") -> None:
        name = row["name"] or mask(row["iban"] or row["bban"])
        self.progress(len(self.report.accounts), self.total, f"{name} {words}".strip())


def _wanted(store: Store, accounts: Sequence[str] | None) -> list[dict[str, Any]]:
    with store.database.read() as c:
        every = consents.accounts(c)
    unknown = set(accounts or ()) - {row["account_id"] for row in every}
    if unknown:
        raise UsageError(f"There is no account {sorted(unknown)[0]}. Nothing was fetched; see `accounts`.")
    linked = [row for row in every if row["consent_id"]]
    if accounts:
        return [row for row in linked if row["account_id"] in set(accounts)]
    return [row for row in linked if row["is_on"]]


def _by_consent(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["consent_id"], []).append(row)
    return grouped


def _find(row: dict[str, Any], remote: list[wire.Account]) -> wire.Account | None:
    """The bank's account behind ours: by our own key first, since the bank's id may change at a reconnect."""
    by_key = [there for there in remote if account_key(there) == row["account_id"]]
    by_id = [there for there in remote if there.id == row["provider_account_id"]]
    return (by_key or by_id or [None])[0]
