"""What makes a click safe: it is carried out once however often it is sent, and only on what its page showed.

In: a write lease, the command's id, the versions that the page saw. Out: the answer, or a refusal. Never: a decision on
a line or document that somebody touched since it was looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from recon.errors import ChangedMeanwhile
from recon.store import commands, decisions
from recon.store.database import Writer

Answer = TypeVar("Answer")


def once(
    writer: Writer, command_id: str | None, action: str, asked: dict[str, Any], work: Callable[[], Answer]
) -> Answer:
    """Carry a command out, or give the answer it was given before.

    asked: what it wishes, in plain values. Raises CommandReused for another wish under its id.
    """
    if command_id is None:
        return work()
    payload = asked | {"action": action, "by": writer.by}
    if (before := commands.answer_of(writer.c, command_id, payload)) is not None:
        return before
    answer = work()
    commands.keep_answer(writer.c, command_id, action, payload, answer, at=writer.at, by=writer.by)
    return answer


def refuse_stale(writer: Writer, seen: Mapping[str, str] | None, concerned: Iterable[str]) -> None:
    """Raise ChangedMeanwhile where a line or document of a decision is not as the page showed it, with who and when.

    seen: version by line or item id, as the page got them; ids without one are not asked about.
    """
    asked = sorted(set(seen or ()) & set(concerned))
    now = decisions.versions(writer.c, asked) if asked else {}
    for one in asked:
        version = now.get(one)
        if seen and (version is None or version.text != seen[one]):
            who = (
                f"{version.by} decided on it on {version.at:%d %B %Y at %H:%M} UTC"
                if version and version.at
                else "An import or the bank changed it"
            )
            raise ChangedMeanwhile(
                f"{'A bank line' if version and version.is_line else 'A document'} of this decision is not as you saw "
                f"it: {who}. Nothing was changed; look at it again and decide anew.",
                changed=one,
                decided_by=version.by if version else None,
                decided_at=version.at.isoformat() if version and version.at else None,
            )
