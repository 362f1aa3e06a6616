"""One company's workspace as everybody sees it: the app, the commands and notebooks use this same object."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit

import polars as pl

from recon.clock import Clock, read_clock
from recon.consent.lifecycle import Consent, days_left, expires_at, status_of
from recon.errors import UsageError
from recon.match import ENGINE_VERSION
from recon.policy import Policy
from recon.post.chart import ErpAccount, Kind, Roles, default_chart
from recon.review.policy import AutoAccept
from recon.schema import (
    ACCOUNTS,
    ALLOCATIONS,
    CONSENTS,
    DECISIONS,
    EVIDENCE,
    EXPECTED,
    ITEMS,
    LEGS,
    LINES,
    POSTINGS,
    PROPOSALS,
    SYNC_RUNS,
    UNMATCHED,
    History,
    conform,
)  # fmt: skip
from recon.settings import Settings, read_settings
from recon.store import (
    consents,
    decisions,
    documents,
    events,
    fetching,
    matching,
    postings,
    preferences,
    statements,
)
from recon.store.connection import Lease
from recon.store.database import Database, Writer
from recon.vault import Vault

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

CONSENT_DAYS = 90
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Preferences:
    """What the company chose on the Settings page."""

    policy: Policy = field(default_factory=Policy)
    auto: AutoAccept = field(default_factory=AutoAccept)
    roles: Roles = field(default_factory=Roles)
    consent_days: int = CONSENT_DAYS
    own_ids: tuple[str, ...] = ()
    texts: str = "plain"


@dataclass
class Store:
    """A workspace folder. Holds nothing open: every call takes a short lease and gives it back.

    Frames have the columns of `recon.schema`. All reading methods may run beside other processes.
    """

    home: Path
    settings: Settings
    clock: Clock
    database: Database = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.database = Database(self.home, self.clock, ENGINE_VERSION)

    @property
    def vault(self) -> Vault:
        """The encrypted tokens of this workspace."""
        return Vault(self.home, self.settings.vault_key)

    def lines(self, *, withdrawn: bool = False) -> pl.DataFrame:
        """LINES that stand, oldest first; with `withdrawn` also those the bank took back, and `withdrawn_at`."""
        with self.database.read() as c:
            if not withdrawn:
                return conform(statements.lines(c), LINES)
            every = statements.all_lines(c)
        return conform(every, LINES).with_columns(every["withdrawn_at"])

    def open_lines(self) -> pl.DataFrame:
        """LINES with money left to place; `amount_minor` is what is left."""
        return conform(self._read(statements.open_lines), LINES)

    def items(self) -> pl.DataFrame:
        """ITEMS, settled ones included; `open_minor` is what neither the ERP nor we have settled."""
        return conform(self._read(documents.items), ITEMS)

    def expected(self) -> pl.DataFrame:
        """Pending and scheduled money at the bank: never matched, posted or summed."""
        return conform(self._read(statements.expected), EXPECTED)

    def proposals(self) -> pl.DataFrame:
        """PROPOSALS of the last run that are still to be decided."""
        return conform(self._read(matching.proposals), PROPOSALS)

    def legs(self) -> pl.DataFrame:
        """LEGS of the last run."""
        return conform(self._read(lambda c: matching.frame(c, "legs")), LEGS)

    def evidence(self) -> pl.DataFrame:
        """EVIDENCE of the last run."""
        return conform(self._read(lambda c: matching.frame(c, "evidence")), EVIDENCE)

    def unmatched(self) -> pl.DataFrame:
        """UNMATCHED lines of the last run."""
        return conform(self._read(lambda c: matching.frame(c, "unmatched")), UNMATCHED)

    def decisions(self) -> pl.DataFrame:
        """DECISIONS, all of them, oldest first."""
        return conform(self._read(decisions.decisions), DECISIONS)

    def allocations(self) -> pl.DataFrame:
        """ALLOCATIONS that stand."""
        return conform(self._read(decisions.allocations), ALLOCATIONS)

    def postings(self) -> pl.DataFrame:
        """POSTINGS, exported or not, reversals included."""
        return conform(self._read(postings.postings), POSTINGS)

    def accounts(self) -> pl.DataFrame:
        """ACCOUNTS at banks, linked or from files."""
        return conform(self._read(consents.accounts_frame), ACCOUNTS)

    def consents(self) -> pl.DataFrame:
        """CONSENTS with their status now."""
        days = self.preferences().consent_days
        now = self.clock.now()
        rows = [
            {
                "consent_id": one.consent_id,
                "bank": one.bank,
                "status": status_of(one, now, days),
                "granted_at": one.granted_at,
                "last_login_at": one.last_login_at,
                "expires_at": expires_at(one, days),
                "days_left": days_left(one, now, days),
            }
            for one in self.consent_list()
        ]
        return conform(pl.DataFrame(rows, schema=CONSENTS.schema), CONSENTS)

    def consent_list(self) -> list[Consent]:
        """The consents as values, for the steps that judge them."""
        with self.database.read() as c:
            return [as_consent(row) for row in consents.consents(c)]

    def sync_runs(self, limit: int | None = None) -> pl.DataFrame:
        """SYNC_RUNS, newest first, one row an account."""
        return conform(self._read(lambda c: fetching.runs(c, limit)), SYNC_RUNS)

    def events(self, limit: int = 200, offset: int = 0) -> pl.DataFrame:
        """The audit trail, newest first: `seq happened_at done_by kind subject payload engine_version`."""
        return self._read(lambda c: events.frame(c, limit, offset))

    def history(self) -> History:
        """What people decided so far, as the engine learns from it."""
        with self.database.read() as c:
            return History(
                lines=conform(statements.lines(c), LINES),
                items=conform(documents.items(c), ITEMS),
                accepted=decisions.accepted(c),
                rejected=decisions.rejected(c),
            )

    def preferences(self) -> Preferences:
        """What the company chose, defaults where it chose nothing."""
        with self.database.read() as c:
            return read_preferences(c, self.settings.language)

    def erp_accounts(self) -> pl.DataFrame:
        """The chart of ERP accounts: `number name kind`."""
        with self.database.read() as c:
            return pl.DataFrame([asdict(account) for account in chart(c, self.settings.language)])

    def _read(self, query: Any) -> pl.DataFrame:
        with self.database.read() as c:
            return query(c)


def open_store(home: str | Path | None = None, settings: Settings | None = None) -> Store:
    """The workspace in a folder, made if it is not there; RECON_HOME or data/workspace where none is named."""
    settings = settings or read_settings()
    settings = replace(settings, home=Path(home)) if home else settings
    if settings.clock and urlsplit(settings.viia_base_url or "").hostname not in _LOOPBACK:
        raise UsageError(
            "RECON_CLOCK is set, but the bank's address (RECON_VIIA_BASE_URL) is not on this machine. Nothing was "
            "done: the clock may only be moved against a sandbox bank."
        )
    return Store(settings.home, settings, read_clock(settings.clock))


def chart(c: Lease, language: str) -> tuple[ErpAccount, ...]:
    """The company's ERP accounts, by number; the default chart until it keeps its own."""
    kept = preferences.erp_accounts(c)
    return tuple(ErpAccount(**row) for row in kept.to_dicts()) or tuple(default_chart(language))


def read_preferences(c: Lease, language: str) -> Preferences:
    """The company's choices from the database, in the language of the installation."""
    told = preferences.read_setting(c, "preferences", {})
    return Preferences(
        policy=replace(Policy(**_known(Policy, told.get("policy", {}))), language=language),
        auto=AutoAccept(**_known(AutoAccept, told.get("auto", {}))),
        roles=Roles(**_known(Roles, told.get("roles", {}))),
        consent_days=int(told.get("consent_days", CONSENT_DAYS)),
        own_ids=tuple(told.get("own_ids", ())),
        texts=str(told.get("texts", "plain")),
    )


def save_preferences(store: Store, chosen: Preferences, *, by: str) -> None:
    """Keep the company's choices and tell the audit trail which ones changed."""
    if not 1 <= chosen.consent_days <= 180:
        raise UsageError("A consent lasts between 1 and 180 days. Nothing was changed.")
    policy = {
        name: value
        for name, value in asdict(replace(chosen.policy, fx_rates=None)).items()
        if value is not None
    }
    policy.pop("language")
    told = asdict(replace(chosen, policy=Policy())) | {"policy": policy}
    with store.database.write(by) as writer:
        before = preferences.read_setting(writer.c, "preferences", {})
        after = json.loads(json.dumps(told))
        preferences.write_setting(writer.c, "preferences", after)
        changed = {name: after[name] for name in after if before.get(name) != after[name]}
        writer.event("settings_changed", "preferences", **changed)


def save_erp_accounts(store: Store, chart: pl.DataFrame, *, by: str) -> None:
    """Keep a chart of ERP accounts: `number name kind`, each number once and not empty.

    Raises UsageError for a number that is missing or given twice, a kind we do not know, and a chart that
    lacks an account which a bank account or a role still uses.
    """
    numbers = chart["number"].cast(pl.String).str.strip_chars()
    if numbers.is_null().any() or (numbers == "").any() or numbers.is_duplicated().any():
        raise UsageError("Every ERP account needs a number of its own. Nothing was changed; mend the list.")
    clean = chart.with_columns(
        number=numbers, name=pl.col("name").fill_null(""), kind=pl.col("kind").fill_null("expense")
    )
    if strange := sorted(set(clean["kind"]) - set(get_args(Kind))):
        raise UsageError(f"An ERP account cannot be “{strange[0]}”. Nothing was changed.")
    roles = asdict(store.preferences().roles)
    with store.database.write(by) as writer:
        used = {number: f"plays the part “{role.replace('_', ' ')}”" for role, number in roles.items()}
        used |= {
            row["erp_account"]: "belongs to a bank account"
            for row in consents.accounts(writer.c)
            if row["erp_account"]
        }
        if gone := sorted(set(used) - set(numbers)):
            raise UsageError(
                f"ERP account {gone[0]} {used[gone[0]]}, so it must stay in the chart. Nothing was changed; "
                "choose another account there first."
            )
        preferences.replace_erp_accounts(writer.c, clean.sort("number"))
        writer.event("chart_changed", "erp_accounts", accounts=clean.height)


def as_consent(row: dict[str, Any]) -> Consent:
    """A consent row as the value that the consent step judges."""
    return Consent(**{one.name: row[one.name] for one in fields(Consent) if one.name in row})


def save_consent(writer: Writer, consent: Consent, **more: Any) -> None:
    """Keep a consent as the consent step left it; `more` names further columns."""
    consents.put_consent(writer.c, **(asdict(consent) | more))


def _known(kind: type[DataclassInstance], told: dict[str, Any]) -> dict[str, Any]:
    """Only what this version knows, lists as tuples: kept choices outlive versions."""
    names = {one.name for one in fields(kind)}
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in told.items()
        if name in names
    }
