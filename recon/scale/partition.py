"""What is matched by itself: a company's frames, split from whole ones, and bundled for the journey.

In: frames with a company column. Out: one `Partition` a company; bundles of them. Never: a partition cut in two,
since a line may belong to any document of its company.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from recon.errors import DataRefused
from recon.policy import Policy
from recon.schema import History

LEAST = 50_000
"""Lines from which a bundle is worth a journey of its own: what sending costs is then lost in the work."""
_BUNDLES_A_WORKER = 4
"""So many bundles a worker leave room to even out, however few the lines."""


@dataclass(frozen=True)
class Partition:
    """One company as `rc.propose` takes it. `key` names it and is unique among those of one run."""

    key: str
    lines: pl.DataFrame
    items: pl.DataFrame
    parts: pl.DataFrame | None = None
    policy: Policy = field(default_factory=Policy)
    model: Any = None
    history: History | None = None


def partitions(
    lines: pl.DataFrame,
    items: pl.DataFrame,
    parts: pl.DataFrame | None = None,
    *,
    by: str = "company",
    policy: Policy = Policy(),  # noqa: B008 - a frozen value
    policies: Mapping[str, Policy] | None = None,
    models: Mapping[str, Any] | None = None,
    histories: Mapping[str, History] | None = None,
) -> list[Partition]:
    """Split whole frames into one partition a company, sorted by company.

    lines, items, parts: LINES, ITEMS, PARTS and the text column `by`, which the partitions no longer have.
    A company without lines has nothing to match and is left out. policy: of every company that `policies`
    does not name; models, histories: of those that have one.
    Raises DataRefused where a frame lacks the column, or a row does not say whose it is.
    """
    own_lines, own_items = _by_company(lines, by, "lines"), _by_company(items, by, "items")
    own_parts = {} if parts is None else _by_company(parts, by, "parts")
    no_items = items.drop(by).clear()
    return [
        Partition(
            key,
            own_lines[key],
            own_items.get(key, no_items),
            own_parts.get(key),
            (policies or {}).get(key, policy),
            (models or {}).get(key),
            (histories or {}).get(key),
        )
        for key in sorted(own_lines)
    ]


def _by_company(frame: pl.DataFrame, by: str, name: str) -> dict[str, pl.DataFrame]:
    if by not in frame.columns:
        raise DataRefused(
            f"The {name} have no column {by}, so nobody can say whose they are. Nothing was matched."
        )
    if frame[by].dtype != pl.String:
        raise DataRefused(f"The column {by} of the {name} holds {frame[by].dtype}; it must be text.")
    if nobodys := frame[by].null_count():
        raise DataRefused(
            f"{nobodys} of the {name} have no {by}. Nothing was matched; name the company of each row.",
            rows=nobodys,
        )
    split = frame.partition_by(by, as_dict=True, include_key=False, maintain_order=True)
    return {str(key): own for (key,), own in split.items()}


def bundled(companies: Iterable[Partition], least: int = LEAST, workers: int = 1) -> list[list[Partition]]:
    """Small companies together until they hold enough lines, a big one alone; the largest bundle first.

    Enough is `least` lines, or a quarter of a worker's fair share where that is less, so that few lines still
    keep every worker busy. The same companies in any order make the same bundles.
    """
    ordered = sorted(companies, key=lambda one: (-one.lines.height, one.key))
    whole = sum(one.lines.height for one in ordered)
    enough = max(1, min(least, -(-whole // (_BUNDLES_A_WORKER * workers))))
    bundles: list[list[Partition]] = []
    held = enough
    for one in ordered:
        if held >= enough:
            bundles.append([])
            held = 0
        bundles[-1].append(one)
        held += one.lines.height
    return sorted(bundles, key=lambda some: (-sum(one.lines.height for one in some), some[0].key))
