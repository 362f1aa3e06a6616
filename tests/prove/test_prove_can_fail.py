"""Each row of `make prove` notices a program that is broken in one place; a proof that cannot fail proves nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BROKEN = {
    "kills: a file is written in place, half by half": (
        """
        import os
        import recon.vault
        from tests.prove import kills
        from tests.prove.deeds import Renewal

        def in_place(path, content):
            with open(path, "wb") as file:
                for half in (content[:200], content[200:]):
                    file.write(half)
                    file.flush()
                    os.fsync(file.fileno())

        recon.vault.write_durably = in_place
        kills.DEEDS = (Renewal(),)
        outcome = kills.prove(24, 1)
        """,
        "tokens.enc was altered or damaged",
    ),
    "failing writes: an error commits instead of rolling back": (
        """
        from contextlib import contextmanager
        from recon.store import connection, database
        from tests.prove import failing_writes
        from tests.prove.deeds import Import

        @contextmanager
        def lax(c, *, write, changes=None):
            c.execute("BEGIN TRANSACTION")
            try:
                yield connection.Lease(c, changes)
            finally:
                c.execute("COMMIT")

        database.transaction = lax
        failing_writes.DEEDS = (Import(),)
        outcome = failing_writes.prove(16, 1)
        """,
        "it does not open: The workspace does not prove itself",
    ),
    "damage: nobody holds the database against its anchor": (
        """
        from recon.store import anchor, events
        from tests.prove import damage

        anchor.what_is_off = lambda *_: []
        damage.PLACES = ((damage.OPEN, damage.LOG),)
        outcome = damage.prove(12, 1)
        """,
        "nobody noticed, and these differ: allocations",
    ),
    "reviewers: what is left is not looked at before it is given": (
        """
        from recon.flow import bench, review
        from tests.prove import reviewers

        review.refuse_overdrawn = lambda rows, lines, items: None
        review.to_decide = lambda found, one: (found.proposals[one], found.legs[one])
        outcome = reviewers.prove(1, 1)
        """,
        "and gave",
    ),
    "processes: an exported file is not what was told": (
        """
        from recon.flow import posting
        from tests.prove import processes

        real = posting.write_durably
        posting.write_durably = lambda path, content: real(path, content + b" ")
        outcome = processes.prove(3, 1)
        """,
        "is not what was told",
    ),
    "histories: of two equal lines one is swallowed": (
        """
        from recon.store import statements
        from tests.prove import histories

        equal = ["account_id", "booking_date", "amount_minor", "text"]
        real = statements.add_lines
        statements.add_lines = lambda c, new, at: real(c, new.unique(equal, maintain_order=True), at)
        outcome = histories.prove(12, 1)
        """,
        "",
    ),
    "http faults: a fetch that breaks off counts as whole": (
        """
        from recon.bank import client
        from recon.bank.whole import Whole
        from recon.errors import BankError
        from tests.prove import http_faults

        def lax(pages, page_size, account, before, told=None):
            rows = []
            try:
                for page in pages():
                    rows += page
            except BankError:
                pass
            return Whole(rows, before)

        client.read_whole = lax
        http_faults.STAGES = {"first sync": http_faults.STAGES["first sync"]}
        outcome = http_faults.prove(12, 1)
        """,
        "is told of what is not the truth",
    ),
}


@pytest.mark.parametrize(("script", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_program_does_not_pass(script: str, words: str) -> None:
    """In a process of its own: the proof forks, which a process that runs polars must not."""
    told = os.environ | {"OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    end = "\nimport json\nprint(json.dumps(outcome.failures))"
    command = [sys.executable, "-c", textwrap.dedent(script) + end]
    done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    failures = json.loads(done.stdout.splitlines()[-1])
    assert [one for one in failures if words in one], failures
