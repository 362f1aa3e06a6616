"""`check`, `backup`, `restore` and `rebuild`: whether the workspace can be trusted, and how it is kept and got back."""

from __future__ import annotations

import argparse

from recon.cli.common import the_store, who
from recon.cli.output import table, tell
from recon.errors import IntegrityAlarm
from recon.flow import backup as backups
from recon.flow.check import check
from recon.flow.rebuild import rebuild


def run_check(options: argparse.Namespace) -> int:
    """Prove the workspace."""
    proof = check(the_store(options), rebuild=options.rebuild)
    columns = {"severity": "severity", "what": "what", "where": "where", "words": "words"}
    head = (
        "Everything proves itself." if proof.ok else "The records contradict themselves. Nothing was mended."
    )
    words = "\n".join([head, *([table(proof.findings, columns)] if proof.findings else [])])
    tell({"ok": proof.ok, "findings": proof.findings}, words, as_json=options.json)
    return 0 if proof.ok else IntegrityAlarm.exit_code


def run_backup(options: argparse.Namespace) -> int:
    """Write the workspace into one encrypted file and prove it by restoring it."""
    made = backups.backup(the_store(options), options.to, by=who(options), keep=options.keep)
    told = {
        "path": str(made.path),
        "event": made.seq,
        "bytes": made.size,
        "sha256": made.sha256,
        "made_at": made.made_at,
        "removed": [str(path) for path in made.removed],
    }
    gone = f" {len(made.removed)} older backups were removed." if made.removed else ""
    words = (
        f"{made.path}: {made.size:,} bytes, everything up to event {made.seq}, restored and checked. Bank logins are "
        f"not in it. Keep a copy off this machine, and its key elsewhere.{gone}"
    )
    tell(told, words, as_json=options.json)
    return 0


def run_restore(options: argparse.Namespace) -> int:
    """Put a backup into a new or empty folder."""
    done = backups.restore(the_store(options), options.file, by=who(options))
    words = (
        f"{done.home}: {done.files} files, everything up to event {done.seq}, checked. Bank logins were not in the "
        "backup: log in once at each bank under Bank accounts."
    )
    told = {"home": str(done.home), "file": str(done.file), "event": done.seq, "files": done.files}
    tell(told, words, as_json=options.json)
    return 0


def run_rebuild(options: argparse.Namespace) -> int:
    """Make the workspace again from its events alone, in an empty folder, and say what differs."""
    made = rebuild(the_store(options), options.out)
    told = {
        "out": str(options.out),
        "events": made.events,
        "rows": made.rows,
        "differences": made.differences,
    }
    rows = sum(made.rows.values()) - made.rows["events"]
    head = f"{options.out}: {made.events} events replayed, {rows:,} rows."
    verdict = "Byte for byte what the workspace holds." if not made.differences else "It differs:"
    words = "\n".join([head, verdict, *made.differences, "Run `match` in it for its proposals."])
    tell(told, words, as_json=options.json)
    return IntegrityAlarm.exit_code if made.differences else 0
