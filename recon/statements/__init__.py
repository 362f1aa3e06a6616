"""Statements: which days to ask for, files to read, which line is which, balances that join up.

In: bank files, fetched lines, lines stored so far. Out: `Statement`, `Reconciled`, FINDINGS, dates.
Never: the network, the store, the clock.
"""

from recon.statements.accounts import account_id, clean_iban, danish_iban, is_iban, mask
from recon.statements.continuity import continuity
from recon.statements.identity import Reconciled, give_ids, reconcile, rename_parts
from recon.statements.readers import looks_like_statement, read_statement, read_statement_bytes
from recon.statements.window import Window, due, fetch_window, newest_day

__all__ = [
    "Reconciled",
    "Window",
    "account_id",
    "clean_iban",
    "continuity",
    "danish_iban",
    "due",
    "fetch_window",
    "give_ids",
    "is_iban",
    "looks_like_statement",
    "mask",
    "newest_day",
    "read_statement",
    "read_statement_bytes",
    "reconcile",
    "rename_parts",
]
