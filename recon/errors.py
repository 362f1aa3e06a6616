"""What can be refused or go wrong, sorted by who can act on it.

    ReconError
    ├── UsageError             whoever typed the command
    │   └── SettingMissing
    ├── ConsentError           the account holder
    │   ├── LoginRequired      ConsentMissing  ConsentExpired  ConsentRevoked
    │   └── AttemptRefused     a login that did not start here, or not as it claims
    ├── BankError              the bank, later
    │   ├── BankUnavailable    RateLimited  AnswerMalformed  FetchIncomplete
    ├── DataRefused            whoever sent the data
    │   ├── AmountInexact      CurrencyUnknown
    ├── DecisionRefused        the reviewer
    │   ├── AlreadyDecided     OverAllocated  NothingToUndo  ErpAccountMissing
    │   ├── ChangedMeanwhile   CommandReused
    └── StoreError             whoever runs the machine
        ├── LockBusy           IntegrityAlarm  StorageFailed

`exit_code` is what a command ends with when the error reaches its top. A message says what happened,
what was not changed and what to do; `fields` repeats the figures in it for programs.
"""

from __future__ import annotations

from typing import Any


class ReconError(Exception):
    """Base of everything refused. `url` is set where a person must open an address to go on."""

    exit_code = 2

    def __init__(self, words: str, *, url: str | None = None, **fields: Any) -> None:
        super().__init__(words)
        self.words = words
        self.url = url
        self.fields = fields

    @property
    def kind(self) -> str:
        return type(self).__name__


class UsageError(ReconError):
    """The command, argument or call cannot be carried out as it was given."""


class SettingMissing(UsageError):
    """A setting is needed and not given; the message names it."""


class ConsentError(ReconError):
    """The account holder must act at the bank."""

    exit_code = 20


class LoginRequired(ConsentError):
    """The bank wants a person to log in before it gives more."""


class ConsentMissing(LoginRequired):
    """There is no permission for this account, or its tokens are gone."""


class ConsentExpired(LoginRequired):
    """The permission or its tokens ran out."""


class ConsentRevoked(LoginRequired):
    """The account holder withdrew the permission."""


class AttemptRefused(ConsentError):
    """A return from the bank that no open login attempt of ours expects. Nothing was linked."""

    exit_code = 2


class BankError(ReconError):
    """The bank or the aggregator did not answer as agreed; trying again later may help."""

    exit_code = 10


class BankUnavailable(BankError):
    """No answer in time, or an answer that says: not now."""


class RateLimited(BankError):
    """The bank or the law's quota says wait. `retry_after` holds the seconds where known."""

    exit_code = 30


class AnswerMalformed(BankError):
    """An answer that breaks the documented shape. Nothing of it was kept."""


class FetchIncomplete(BankError):
    """The pages of one fetch do not make a whole. Nothing of it was kept."""


class DataRefused(ReconError):
    """A file, row or frame that cannot be trusted. Nothing of it was kept."""


class AmountInexact(DataRefused):
    """An amount with more digits than its currency has, or that is no number at all."""


class CurrencyUnknown(DataRefused):
    """Not a currency code of ISO 4217."""


class DecisionRefused(ReconError):
    """A review step that would break the books. Nothing was changed."""


class AlreadyDecided(DecisionRefused):
    """Somebody decided this before; the message says who and when."""


class OverAllocated(DecisionRefused):
    """More would be given than the line or the document has left."""


class NothingToUndo(DecisionRefused):
    """The decision is unknown, or undone already."""


class ErpAccountMissing(DecisionRefused):
    """An ERP account is needed to book and not set."""


class ChangedMeanwhile(DecisionRefused):
    """Somebody touched the line or document since the page was drawn; the message says who and when."""


class CommandReused(DecisionRefused):
    """The id of a command that was carried out before, with another wish."""


class StoreError(ReconError):
    """The workspace on disk."""

    exit_code = 60


class LockBusy(StoreError):
    """Another process works on this workspace and did not finish in time."""

    exit_code = 50


class IntegrityAlarm(StoreError):
    """The records do not prove themselves. Nothing more is written until a person looked."""

    exit_code = 40


class StorageFailed(StoreError):
    """The disk or the database file did not do what was asked."""
