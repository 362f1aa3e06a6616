"""What survives a restart: consents, what was fetched, what happened at the banks, the books' day, the clock.

In: the bank. Out: one JSON file, mode 0600, written beside and then moved into place. Never: the client
secret, tokens, webhooks not yet sent.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from recon.errors import StorageFailed
from recon.sandbox.consents import Consent
from recon.sandbox.service import Held

if TYPE_CHECKING:
    from recon.sandbox.bank import SandboxBank

VERSION = 1


@dataclass
class Kept:
    """The file. `held`: what was fetched, per consent and account key; `signing_key`: of the tokens, hex."""

    version: int
    seed: int
    as_of: date
    ahead_seconds: float
    consents: list[Consent]
    events: list[dict[str, Any]]
    held: list[tuple[str, str, Held]]
    signing_key: str


def load(path: Path | None) -> Kept | None:
    """What an earlier run left, or None. Raises StorageFailed for a file that is not ours."""
    if path is None or not path.exists():
        return None
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError) as error:
        raise StorageFailed(
            f"The sandbox cannot read its state in {path}: {error}. Nothing was changed; delete the file to "
            "begin with an empty sandbox."
        ) from error
    if kept.version != VERSION:
        raise StorageFailed(f"{path} was written by another version of the sandbox. Delete it to begin anew.")
    return kept


def restore(bank: SandboxBank, kept: Kept) -> None:
    """Put everything back as it was when the file was written."""
    for event in kept.events:
        bank.bankside.tell(event, date.fromisoformat(event["day"]))
    bank.consents = {consent.id: consent for consent in kept.consents}
    bank.service.held = {(consent_id, key): held for consent_id, key, held in kept.held}


def save(bank: SandboxBank) -> None:
    """Write the file, if there is to be one. Raises StorageFailed; the old file then still stands."""
    if bank.state is None:
        return
    kept = Kept(
        VERSION,
        bank.books.seed,
        bank.books.as_of,
        bank.clock.ahead.total_seconds(),
        list(bank.consents.values()),
        bank.bankside.events,
        [(consent_id, key, held) for (consent_id, key), held in bank.service.held.items()],
        bank.mint.key.hex(),
    )
    beside = bank.state.with_name(bank.state.name + ".new")
    try:
        bank.state.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(kept))
        beside.replace(bank.state)
    except OSError as error:
        raise StorageFailed(
            f"The sandbox cannot write {bank.state}: {error}. The old state stands."
        ) from error
