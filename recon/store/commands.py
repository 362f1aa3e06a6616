"""What commands were answered: the same command again is answered the same, and never carried out twice.

In: the id that a caller made before its first try, and what it asked for. Out: the first answer, or None. Never: an
answer to another question under the same id.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from recon.errors import CommandReused
from recon.store.connection import Lease


def answer_of(c: Lease, command_id: str, payload: dict[str, Any]) -> Any:
    """The answer given to this command before; None for a new one.

    Raises CommandReused when it asked for something else then.
    """
    known = c.row("SELECT * FROM commands WHERE command_id = $command_id", command_id=command_id)
    if known is None:
        return None
    if known["payload_hash"] != _hash(payload):
        raise CommandReused(
            f"This command ({known['action']}) was sent on {known['answered_at']:%d %B %Y at %H:%M} UTC by "
            f"{known['answered_by']}, asking for something else. Nothing was changed; reload the page and decide "
            "again.",
            command_id=command_id,
        )
    return json.loads(known["answer"])


def keep_answer(
    c: Lease, command_id: str, action: str, payload: dict[str, Any], answer: Any, *, at: datetime, by: str
) -> None:
    """Remember what a command was answered, in the transaction that carried it out."""
    c.add(
        "commands",
        command_id=command_id,
        action=action,
        payload_hash=_hash(payload),
        answer=json.dumps(answer),
        answered_at=at,
        answered_by=by,
    )


def _hash(payload: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()
