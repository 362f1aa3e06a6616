"""Fetch what the banks hold: all pages, proved a whole, then one transaction an account; and say what came of it.

    lock → access due and allowed? ask → accounts → pages → accounts: nothing moved? → one transaction → outcome

One account never blocks another, one sync never runs beside another. What fails leaves nothing of itself: no
line, no watermark, only its outcome with a reason.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from recon.bank import wire
from recon.bank.client import ViiaClient
from recon.bank.lines import lines_frame
from recon.bank.whole import Whole
from recon.consent.lifecycle import logged_in
from recon.disk import locked
from recon.errors import ConsentMissing, LoginRequired, RateLimited, ReconError, StoreError, UsageError
from recon.flow.accounts import account_key
from recon.flow.asking import Asked, ask
from recon.flow.connect import connect_address
from recon.flow.keep import keep_balance, keep_lines
from recon.flow.outcome import Outcome, SyncReport, failed, outcome_of, shortfall
from recon.flow.renewal import keep_access, require_login
from recon.flow.workspace import Store, as_consent, save_consent
from recon.money import to_minor
from recon.statements.accounts import mask
from recon.statements.window import Window, due, fetch_window, newest_day
from recon.store import consents, fetching, statements
from recon.store.database import Writer

SOURCE = "viia"
WAIT_SECONDS = 20.0
LOOK_AGAIN_SECONDS = 0.5
PATIENCE_SECONDS = 2.0
REMEMBERED = timedelta(minutes=15)
"""A shorter wait that a bank asks for is over before anybody fetches by the clock again."""
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
    """Fetch every linked account that is switched on, or only the named ones; renew what access is a day old.

    fresh: True asks the banks anew whatever their data's age, False never, None where it is older than six
    hours. attended: a person is there, so the law's quota does not count it. wait: seconds to wait for fresh
    data. progress: called with (done, total, words). Raises LockBusy when another sync runs.
    """
    report = SyncReport(store.clock.now())
    wanted = _wanted(store, accounts)
    if wanted:
        store.settings.need("viia_base_url")
        with locked(store.home / "sync.lock", exclusive=True, wait=PATIENCE_SECONDS):
            _fetch_all(store, wanted, report, by, fresh, attended, wait, progress or (lambda *_: None))
    keep_access(store, lambda: ViiaClient(store.settings, store.vault, store.clock), by=by)
    report.finished_at = store.clock.now()
    return report


def _fetch_all(
    store: Store,
    wanted: list[dict[str, Any]],
    report: SyncReport,
    by: str,
    fresh: bool | None,
    attended: bool,
    wait: float,
    progress: Progress,
) -> None:
    with store.database.write(by) as writer:
        run_id = fetching.start_run(writer.c, writer.at, by, attended=attended)
        writer.event(
            "sync_started", run_id, accounts=[row["account_id"] for row in wanted], attended=attended
        )
    run = _Run(store, run_id, by, fresh, attended, wait, progress, report, len(wanted))
    for consent_id, rows in _by_consent(wanted).items():
        run.consent(consent_id, rows)
    with store.database.write(by) as writer:
        fetching.finish_run(writer.c, run_id, writer.at)
        outcomes = {one.account_id: one.outcome for one in report.accounts}
        writer.event("sync_finished", run_id, outcomes=outcomes)
    if run.surprises:
        raise run.surprises[0]


@dataclass
class _Run:
    """One sync under way. surprises: errors that nobody foresaw, raised once everybody had their turn."""

    store: Store
    run_id: str
    by: str
    fresh: bool | None
    attended: bool
    wait: float
    progress: Progress
    report: SyncReport
    total: int
    surprises: list[Exception] = field(default_factory=list)

    def consent(self, consent_id: str, rows: list[dict[str, Any]]) -> None:
        """Fetch all accounts of one consent; what can be read is read even when the bank wants a login."""
        begun = self.store.clock.now()
        with self.store.database.read() as c:
            consent = consents.consent(c, consent_id) or {}
        try:
            self._stop_early(consent, begun)
            with ViiaClient(self.store.settings, self.store.vault, self.store.clock) as client:
                self._read(client, consent_id, rows)
        except StoreError:
            raise
        except ReconError as error:
            if isinstance(error, LoginRequired):
                self._ask_for_login(consent_id, begun)
            self._remember_wait(consent_id, error)
            for row in self._unsettled(rows):
                self._settle(failed(row["account_id"], error))

    def _stop_early(self, consent: dict[str, Any], now: datetime) -> None:
        """Refuse what needs no call to be known."""
        if consent.get("revoked_at"):
            raise LoginRequired(
                f"The permission for {consent['bank']} was withdrawn. Connect the bank again."
            )
        until = consent.get("limited_until")
        if until and now < until and not self.attended:
            raise RateLimited(
                f"The bank asked us to wait until {until:%d %B %H:%M} UTC. Nothing was asked or changed."
            )

    def _read(self, client: ViiaClient, consent_id: str, rows: list[dict[str, Any]]) -> None:
        remote = client.accounts(consent_id)
        begun_at = {there.id: there.synced_at for there in remote}
        asked = self._ask_for_fresh(client, consent_id, rows, remote)
        if asked.queued:
            remote = self._wait_for(client, consent_id, rows, begun_at, remote)
        login = asked.login
        if self._waits_for_login(consent_id, rows, remote) and login is None:
            login = self._report_login(consent_id)
        for row in rows:
            self._tell(row)
            there = _find(row, remote)
            moved = there is not None and there.synced_at != begun_at.get(there.id)
            try:
                self._account(client, consent_id, row, there, asked, login, moved=moved)
            except (StoreError, LoginRequired):
                raise  # the whole workspace, or the whole consent
            except (
                Exception
            ) as error:  # one account never blocks another; what is not ours comes up at the end
                _log.exception("sync of %s", row["account_id"])
                self.surprises.append(error)
                self._settle(Outcome(row["account_id"], "failed", reason=_SURPRISE, exit_code=10))

    def _account(
        self,
        client: ViiaClient,
        consent_id: str,
        row: dict[str, Any],
        there: wire.Account | None,
        asked: Asked,
        login: str | None,
        *,
        moved: bool,
    ) -> None:
        if there is None or there.is_orphaned or not there.readable:
            self._settle(Outcome(row["account_id"], "failed", reason=_GONE))
            return
        window = _window(row, self.store)
        try:
            whole = client.statement(
                consent_id, there, window.since, lambda count: self._tell(row, f"{count} lines")
            )
            short = shortfall(whole.account.synced_at, asked, login, self.store.clock.now(), moved=moved)
            with self.store.database.write(self.by) as writer:
                outcome = self._keep(writer, row, whole, window, short)
        except StoreError:
            raise
        except ConsentMissing as error:  # this account only: others of the consent may be allowed
            self._ask_for_login(consent_id, self.store.clock.now())
            outcome = failed(row["account_id"], error, window)
            self._settle(outcome)
            return
        except LoginRequired:
            raise
        except ReconError as error:
            self._remember_wait(consent_id, error)
            self._settle(failed(row["account_id"], error, window))
            return
        self.report.accounts.append(outcome)

    def _keep(
        self,
        writer: Writer,
        row: dict[str, Any],
        whole: Whole,
        window: Window,
        short: tuple[str, str] | None,
    ) -> Outcome:
        """The one transaction of an account: lines, what is expected, balance, watermark, outcome and audit."""
        there, account_id = whole.account, row["account_id"]
        booked, expected = lines_frame(account_id, whole.rows)
        # Before the service finished its first look at the bank, what is missing there says nothing.
        complete = there.synced_at is not None
        since, gone_from = (window.since, window.gone_from) if complete else (None, None)
        kept = keep_lines(writer, account_id, booked, source=SOURCE, since=since, gone_from=gone_from)
        statements.replace_expected(writer.c, account_id, expected)
        self._keep_balance(writer, row, there)
        outcome = outcome_of(account_id, kept, len(whole.rows), window, short)
        known: dict[str, Any] = {"last_synchronized_at": there.synced_at, "provider_account_id": there.id}
        if complete:
            known["watermark"] = newest_day(
                row["watermark"], booked["booking_date"].to_list(), self.store.clock.today()
            )
            known["complete_since"] = min(row["complete_since"] or window.since, window.since)
        if outcome.outcome in ("new", "none"):
            known["last_success_at"] = writer.at
        consents.put_account(writer.c, account_id=account_id, **known)
        self._write_outcome(writer, outcome, known.get("watermark"))
        return outcome

    def _keep_balance(self, writer: Writer, row: dict[str, Any], there: wire.Account) -> None:
        """What the bank says is booked now, to prove the lines by; the last word replaces the one before."""
        stated = to_minor(there.booked.value, row["currency"]) if there.booked else None
        today = self.store.clock.today()
        keep_balance(writer, row["account_id"], row["currency"], stated, today, source=SOURCE)

    def _ask_for_fresh(
        self,
        client: ViiaClient,
        consent_id: str,
        rows: list[dict[str, Any]],
        remote: list[wire.Account],
    ) -> Asked:
        """Ask for fresh data where it is wanted or due. Nothing of what comes of it stops the reading."""
        now = self.store.clock.now()
        old = any(due(there.synced_at, now) for row in rows if (there := _find(row, remote)))
        if self.fresh is False or not (self.fresh or old):
            return Asked()
        asked = ask(self.store, client, consent_id, by=self.by, attended=self.attended)
        if asked.trouble:
            self._remember_wait(consent_id, asked.trouble)
        if asked.login:
            require_login(self.store, consent_id, now, by=self.by)
            self._report_login(consent_id, asked.login)
        return asked

    def _wait_for(
        self,
        client: ViiaClient,
        consent_id: str,
        rows: list[dict[str, Any]],
        before: dict[str, datetime | None],
        remote: list[wire.Account],
    ) -> list[wire.Account]:
        """After a queued wish: look again until every account's data moved, or the waiting time is over."""
        for _ in range(round(self.wait / LOOK_AGAIN_SECONDS)):
            client.pause(LOOK_AGAIN_SECONDS)
            remote = client.accounts(consent_id)
            ours = [there for row in rows if (there := _find(row, remote))]
            if all(there.synced_at and there.synced_at != before.get(there.id) for there in ours):
                break
        return remote

    def _waits_for_login(
        self, consent_id: str, rows: list[dict[str, Any]], remote: list[wire.Account]
    ) -> bool:
        """Whether the bank still wants a person; fresh data of every account after it asked means one logged in."""
        times = [there.synced_at for row in rows if (there := _find(row, remote)) and not there.is_orphaned]
        with self.store.database.read() as c:
            row = consents.consent(c, consent_id)
        asked = row["login_required_at"] if row else None
        if row is None or asked is None or not times or not all(at and at > asked for at in times):
            return asked is not None
        newest = max(at for at in times if at)
        with self.store.database.write(self.by) as writer:
            save_consent(writer, logged_in(as_consent(row), newest))
            writer.event("login_seen", consent_id, at=newest)
        return False

    def _ask_for_login(self, consent_id: str, since: datetime) -> None:
        require_login(self.store, consent_id, since, by=self.by)
        self._report_login(consent_id)

    def _report_login(self, consent_id: str, url: str | None = None) -> str | None:
        """Tell once where a person can log in: the bank's own address, else one to connect anew."""
        told = [one["url"] for one in self.report.logins if one["consent_id"] == consent_id]
        if told:
            return told[0]
        with self.store.database.read() as c:
            consent = consents.consent(c, consent_id)
        try:
            address = url or connect_address(self.store, consent_id, by=self.by)
        except UsageError as error:  # a setting that only a login needs
            _log.warning("no login address: %s", error.words)
            address = ""
        bank = consent["bank"] if consent else "the bank"
        self.report.logins.append({"consent_id": consent_id, "bank": bank, "url": address})
        return address

    def _remember_wait(self, consent_id: str, error: ReconError) -> None:
        """A bank that says wait long is left alone until then, in later runs as well."""
        seconds = error.fields.get("retry_after", 0) if isinstance(error, RateLimited) else 0
        if timedelta(seconds=seconds) < REMEMBERED:
            return
        with self.store.database.write(self.by) as writer:
            if consents.consent(writer.c, consent_id):
                until = writer.at + timedelta(seconds=seconds)
                consents.put_consent(writer.c, consent_id=consent_id, limited_until=until)
                writer.event("bank_limits", consent_id, until=until)

    def _settle(self, outcome: Outcome) -> None:
        """Write down what came of an account of which nothing else is kept."""
        with self.store.database.write(self.by) as writer:
            self._write_outcome(writer, outcome, None)
        self.report.accounts.append(outcome)

    def _write_outcome(self, writer: Writer, outcome: Outcome, watermark: Any) -> None:
        if outcome.outcome not in ("new", "none"):
            _log.warning("sync of %s: %s", outcome.account_id, outcome.outcome)
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
            since=outcome.since,
            until=outcome.until,
            watermark=watermark,
        )

    def _unsettled(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        done = {one.account_id for one in self.report.accounts}
        return [row for row in rows if row["account_id"] not in done]

    def _tell(self, row: dict[str, Any], words: str = "") -> None:
        name = row["name"] or mask(row["iban"] or row["bban"])
        self.progress(len(self.report.accounts), self.total, f"{name} {words}".strip())


_GONE = "The bank no longer shows this account. What is stored stays."
_SURPRISE = "The program met something it was not made for. Nothing of this fetch was kept; see the log."


def _window(row: dict[str, Any], store: Store) -> Window:
    """The days to fetch of an account: all of them at first, and again once its start date was moved back.

    What the service has forgotten (it keeps two years) was not taken back: nothing older counts as gone.
    """
    today = store.clock.today()
    everything = fetch_window(row["sync_from"], None, today)
    since = row["complete_since"]
    again = since is None or everything.since < since
    window = everything if again else fetch_window(row["sync_from"], row["watermark"], today)
    return window._replace(gone_from=max(window.gone_from, fetch_window(None, None, today).since))


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
