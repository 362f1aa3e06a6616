"""How matching is to weigh and when it may act alone. One frozen value, kept in the workspace's settings."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Policy:
    """Bounds of the search and of what counts as equal; every field has a default.

    days_before, days_after: a payment may come so many days before a document's issue date or after its
        due date (issue date where no due date is known); both ends count.
    tolerance_minor: a difference up to this is called `tolerance`. fee_max_minor: the largest difference
        that can be a bank fee. Both in minor units of the line's currency, and neither ever accepts alone.
    fx_band: share by which an amount in another currency may differ from the day's rate.
    fx_rates: frame with `date, currency, rate` (units of base_currency for one unit of `currency`).
    own_accounts: IBAN or BBAN of our own accounts, any spelling: they make transfers.
    auto_risk: the share of wrong matches the company bears among those accepted without a person.
    per_line: most proposals kept for a line. language: of the evidence's words, `en` or `da`.
    """

    days_before: int = 10
    days_after: int = 120
    tolerance_minor: int = 0
    fee_max_minor: int = 5000
    fx_band: float = 0.02
    base_currency: str = "DKK"
    fx_rates: pl.DataFrame | None = None
    own_accounts: tuple[str, ...] = ()
    auto_risk: float = 0.002
    per_line: int = 5
    rules: tuple[str, ...] = ()
    language: str = "en"
