"""The commands: one parser, one exit code, one JSON document on stdout if asked; never a question."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from recon.cli.output import fail, set_up_logging
from recon.cli.parser import build_parser
from recon.errors import ReconError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code (0 fine, 2 usage, 10 … 60 as contracted)."""
    os.umask(0o077)  # whatever a command writes is for its user alone
    given = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in given
    try:
        options = build_parser().parse_args(given)
        set_up_logging()
        module, function = options.run.split(".")
        return int(getattr(import_module(f"recon.cli.{module}"), function)(options) or 0)
    except ReconError as error:
        return fail(error, as_json=as_json)
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except KeyboardInterrupt:
        return 130
