"""What every command needs: its workspace, and who runs it."""

from __future__ import annotations

import argparse
import getpass

from recon.errors import UsageError
from recon.flow.workspace import Store, open_store


def the_store(options: argparse.Namespace) -> Store:
    """The one workspace a command works on."""
    homes = options.home or [None]
    if len(homes) > 1:
        raise UsageError("Only sync takes more than one --home. Nothing was done.")
    return open_store(homes[0])


def who(options: argparse.Namespace) -> str:
    """Who the audit trail names: --by, else the login name of this machine."""
    if options.by:
        return str(options.by)
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
