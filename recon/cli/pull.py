"""`pull`: open documents from the ERP."""

from __future__ import annotations

import argparse

from recon.cli.common import the_store, who
from recon.cli.output import tell
from recon.erp import ERPS
from recon.flow.pull import pull


def run_pull(options: argparse.Namespace) -> int:
    """Read every document of one ERP, all or nothing."""
    done = pull(the_store(options), options.erp, by=who(options))
    head = (
        f"{ERPS[done.erp].title}: {done.read} documents read, {done.still_open} open, {done.new} new, "
        f"{done.changed} changed."
    )
    notes = [f"{finding['severity']}: {finding['words']}" for finding in done.findings]
    tell(done.told(), "\n".join([head, *notes]), as_json=options.json)
    return 0
