"""`import`, `match`, `export` and `check`."""

from __future__ import annotations

import argparse

from recon.cli.common import the_store, who
from recon.cli.output import Progress, table, tell
from recon.disk import write_durably
from recon.errors import IntegrityAlarm
from recon.flow import posting
from recon.flow.check import check
from recon.flow.files import import_files
from recon.flow.matching import match


def run_import(options: argparse.Namespace) -> int:
    """Import files, all or none."""
    done = import_files(the_store(options), options.files, by=who(options), currency=options.currency)
    rows = [one.told() for one in done]
    columns = {
        "path": "file",
        "format": "format",
        "lines": "lines",
        "items": "documents",
        "new": "new",
        "known": "known",
    }
    notes = [f"{finding['severity']}: {finding['words']}" for row in rows for finding in row["findings"]]
    tell({"files": rows}, "\n".join([table(rows, columns), *notes]), as_json=options.json)
    return 0


def run_match(options: argparse.Namespace) -> int:
    """Run the engine on what is open."""
    bar = Progress()
    try:
        done = match(
            the_store(options),
            by=who(options),
            progress=lambda share, words: bar(round(share * 100), 100, words),
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


def run_check(options: argparse.Namespace) -> int:
    """Prove the workspace."""
    proof = check(the_store(options))
    columns = {"severity": "severity", "what": "what", "where": "where", "words": "words"}
    head = "Everything proves itself." if proof.ok else "The records contradict themselves."
    words = "\n".join([head, *([table(proof.findings, columns)] if proof.findings else [])])
    tell({"ok": proof.ok, "findings": proof.findings}, words, as_json=options.json)
    return 0 if proof.ok else IntegrityAlarm.exit_code
