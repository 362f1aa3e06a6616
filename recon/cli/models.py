"""`refit`."""

from __future__ import annotations

import argparse

from recon.cli.common import the_store, who
from recon.cli.output import tell
from recon.flow.models import refit


def run_refit(options: argparse.Namespace) -> int:
    """Try a new model; too few decisions, or one that is no better, is no failure."""
    done = refit(the_store(options), by=who(options))
    tell(done.told(), done.words, as_json=options.json)
    return 0
