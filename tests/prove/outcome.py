"""What a row of `make prove` answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """How many cases were tried, and one sentence for each that failed, beginning with its seed or case."""

    tried: int
    failures: list[str]
    note: str = ""
