"""Things that can be told to go wrong, a given number of times, at a chosen path.

In: a name and how often. Out: what to do instead of answering properly. Never: a fault nobody asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from recon.errors import UsageError

NAMES: dict[str, str] = {
    "refresh_400": "refreshing a token answers 400",
    "refresh_401": "refreshing a token answers 401",
    "unauthorized": "reading answers 401",
    "forbidden": "reading answers 403",
    "not_found": "reading answers 404",
    "conflict": "answers 409",
    "rate_limited": "answers 429 with Retry-After (option retry_after, seconds)",
    "rate_limited_bare": "answers 429 without Retry-After",
    "server_error": "answers 500 with an HTML body",
    "slow": "answers after a while (option seconds)",
    "truncated": "answers 200 with half of the JSON",
    "paging_token_invalid": "a valid paging token is refused with 400",
    "paging_token_repeated": "the next page's token is the one just used, for ever",
    "data_renewed": "the data changes before the next page is answered",
    "update_unknown_status": "/v1/update answers a status nobody has heard of",
    "update_return_bare": "a renewed login returns without any parameter",
    "cancel_without_state": "a cancelled login returns without any parameter",
}

_INSTEAD = ("conflict", "rate_limited", "rate_limited_bare", "server_error")
_READS = ("unauthorized", "forbidden", "not_found")


@dataclass
class Fault:
    """One order: how often is left (None: always), only where `path` occurs in the address."""

    name: str
    times: int | None = 1
    path: str = ""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass
class Faults:
    """The orders given and not yet used up."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, name: str, times: int | None = 1, path: str = "", **options: Any) -> Fault:
        """Order a fault. Raises UsageError for a name that is not in NAMES."""
        if name not in NAMES:
            raise UsageError(f"The sandbox knows no fault “{name}”; it knows {', '.join(NAMES)}.")
        fault = Fault(name, times, path, options)
        self.waiting.append(fault)
        return fault

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, *names: str, path: str = "") -> Fault | None:
        """The first fault of these names that fits the path; one of its times is used up."""
        for fault in self.waiting:
            if fault.name in names and fault.path in path:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.waiting.remove(fault)
                return fault
        return None

    def for_request(self, path: str) -> list[Fault]:
        """What happens to any request under /v1 or /v2: late, something else, or half of it."""
        reading = "/accounts" in path or "/consent/" in path or path.endswith("/update")
        names = (_INSTEAD + _READS) if reading else _INSTEAD
        found = (
            self.take("slow", path=path),
            self.take(*names, path=path),
            self.take("truncated", path=path),
        )
        return [fault for fault in found if fault]
