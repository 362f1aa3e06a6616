"""What the company chose: settings as JSON values, and its chart of ERP accounts."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from recon.store.connection import Lease


def read_setting(c: Lease, name: str, default: Any = None) -> Any:
    """The JSON value kept under a name, or the default."""
    kept = c.row("SELECT value FROM settings WHERE name = $name", name=name)
    return json.loads(kept["value"]) if kept else default


def write_setting(c: Lease, name: str, value: Any) -> None:
    """Keep a JSON value under a name."""
    c.run("DELETE FROM settings WHERE name = $name", name=name)
    c.add("settings", name=name, value=json.dumps(value, ensure_ascii=False, sort_keys=True))


def erp_accounts(c: Lease) -> pl.DataFrame:
    """The chart: `number name kind`, by number."""
    return c.frame("SELECT number, name, kind FROM erp_accounts ORDER BY number")


def replace_erp_accounts(c: Lease, chart: pl.DataFrame) -> None:
    """Keep this chart instead of the last."""
    c.run("DELETE FROM erp_accounts")
    c.insert("erp_accounts", chart.select("number", "name", "kind"))
