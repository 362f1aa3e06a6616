"""Small companies for the runners, models that fail on their way to a worker, and what equal bytes means."""

from __future__ import annotations

import io
import os
import time
from datetime import date
from typing import Any

import polars as pl

from recon.scale import Partition, Scaled

FRAMES = ("proposals", "legs", "evidence", "unmatched", "failures")


def company(key: str, size: int = 3, **more: Any) -> Partition:
    """`size` invoices; each is paid by a line that names it, but the last line names nothing and fits nothing."""
    numbers = [f"{len(key)}{place:05}" for place in range(1, size + 1)]
    amounts = [10_000 + 731 * place for place in range(1, size + 1)]
    paid = [*amounts[:-1], 7]
    lines = pl.DataFrame(
        {
            "line_id": [f"l{number}" for number in numbers],
            "account_id": ["drift"] * size,
            "booking_date": [date(2026, 3, 2)] * size,
            "amount_minor": paid,
            "currency": ["DKK"] * size,
            "text": [f"Faktura {number}" for number in numbers[:-1]] + ["Overførsel fra en ukendt betaler"],
            "source": ["test"] * size,
        }
    )
    items = pl.DataFrame(
        {
            "item_id": [f"i{number}" for number in numbers],
            "kind": ["invoice"] * size,
            "document_no": numbers,
            "counterparty_name": [f"{key} Kunde nummer {number} ApS" for number in numbers],
            "currency": ["DKK"] * size,
            "total_minor": amounts,
            "open_minor": amounts,
            "issue_date": [date(2026, 2, 1)] * size,
            "due_date": [date(2026, 3, 1)] * size,
            "source": ["test"] * size,
        }
    )
    return Partition(key, lines, items, **more)


def broken(key: str) -> Partition:
    """A company whose lines have no currency."""
    whole = company(key)
    return Partition(key, whole.lines.drop("currency"), whole.items)


def as_bytes(scaled: Scaled) -> dict[str, bytes]:
    """Each frame as an Arrow file."""
    files = {}
    for name in FRAMES:
        file = io.BytesIO()
        getattr(scaled, name).write_ipc(file)
        files[name] = file.getvalue()
    return files


def failures(scaled: Scaled) -> dict[str, str]:
    """Company → class of its error."""
    return dict(scaled.failures.select("company", "error").iter_rows())


class Deadly:
    """Ends the process that unpacks it, as running out of memory would."""

    def __reduce__(self) -> Any:
        return os._exit, (9,)


class Slow:
    """Keeps the process that unpacks it busy for a minute."""

    def __reduce__(self) -> Any:
        return time.sleep, (60,)


class Unsendable:
    """Cannot be packed."""

    def __reduce__(self) -> Any:
        raise ValueError("not for sending")


class Unreadable:
    """Cannot be unpacked."""

    def __reduce__(self) -> Any:
        return int, ("no number",)


class Threads:
    """Fails with the number of polars threads of the process that unpacks it."""

    def __reduce__(self) -> Any:
        return tell_threads, ()


def tell_threads() -> None:
    raise ValueError(f"{pl.thread_pool_size()} threads")
