"""`python -m recon.sync`: fetch what is due, without a screen. The same as `python -m recon sync`.

The module can also be called: `recon.sync` names both this command and the notebook's `rc.sync(store)`.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _CallableModule(ModuleType):
    def __call__(self, *args: Any, **options: Any) -> Any:
        """`recon.flow.sync.sync`: fetch the accounts of a store; see there."""
        from recon.flow.sync import sync

        return sync(*args, **options)


if __name__ == "__main__":
    from recon.cli import main

    raise SystemExit(main(["sync", *sys.argv[1:]]))

sys.modules[__name__].__class__ = _CallableModule
