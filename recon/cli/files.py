"""`import`, `match` and `export`."""

from __future__ import annotations

import argparse
from typing import Any

from recon.cli.common import the_store, who
from recon.cli.output import Progress, table, tell
from recon.disk import write_durably
from recon.errors import UsageError
from recon.flow import posting
from recon.flow.files import import_files
from recon.flow.inbox import take_inbox
from recon.flow.matching import match


def run_import(options: argparse.Namespace) -> int:
    """Import files, all or none."""
    if options.inbox:
        return _run_inbox(options)
    if not options.files:
        raise UsageError("recon import: name a FILE, or --inbox. Nothing was imported.")
    bar = Progress()
    try:
        done = import_files(
            the_store(options),
            options.files,
            by=who(options),
            currency=options.currency,
            account_id=options.account,
            layout=options.layout,
            progress=bar.share,
        )
    finally:
        bar.close()
    rows = [one.told() for one in done]
    tell({"files": rows}, _imported_words(rows), as_json=options.json)
    return 0


def _run_inbox(options: argparse.Namespace) -> int:
    """Import what lies in the inbox, each file for itself; 10 where one was refused."""
    if options.files or options.currency or options.account or options.layout:
        raise UsageError("recon import --inbox takes no file and nothing about files. Nothing was imported.")
    bar = Progress()
    try:
        taken = take_inbox(the_store(options), by=options.by or "inbox", progress=bar.share)
    finally:
        bar.close()
    rows = [one.imported.told() for one in taken if one.imported]
    refused = [{"path": one.name, "words": one.reason} for one in taken if one.reason]
    words = [
        _imported_words(rows) if taken else "Nothing lies in the inbox.",
        *(f"refused: {one['words']}" for one in refused),
    ]
    tell({"files": rows, "refused": refused}, "\n".join(words), as_json=options.json)
    return 10 if refused else 0


def _imported_words(rows: list[dict[str, Any]]) -> str:
    columns = {
        "path": "file",
        "format": "format",
        "lines": "lines",
        "items": "documents",
        "new": "new",
        "known": "known",
    }
    notes = [f"{finding['severity']}: {finding['words']}" for row in rows for finding in row["findings"]]
    return "\n".join([table(rows, columns), *notes])


def run_match(options: argparse.Namespace) -> int:
    """Run the engine on what is open."""
    bar = Progress()
    try:
        done = match(
            the_store(options),
            by=who(options),
            progress=bar.share,
        )
    finally:
        bar.close()
    tell(
        done.told(),
        f"{done.proposals} proposals, {done.auto} accepted by policy, {done.unmatched} lines without one.",
        as_json=options.json,
    )
    return 0


def run_export(options: argparse.Namespace) -> int:
    """Write the journal for the ERP."""
    done = posting.export(the_store(options), options.format, by=who(options), batch_no=options.batch)
    write_durably(options.out, done.content)
    again = " (exported before; the same bytes again)" if done.repeated else ""
    tell(
        {
            "path": str(options.out),
            "format": done.format,
            "batch": done.batch_no,
            "journals": done.journals,
            "entries": done.entries,
            "repeated": done.repeated,
        },
        f"{options.out}: batch {done.batch_no}, {done.journals} journals, {done.entries} entries{again}.",
        as_json=options.json,
    )
    return 0
