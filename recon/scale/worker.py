"""A worker process of the pool: `python -m recon.scale.worker`, started by `recon.scale.pool` and by nobody else.

In: on stdin one folder of packed companies a row. Out: the answers in that folder, then a row on stdout.
It ends when stdin does, so it never outlives the process that asked.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from recon.scale.freight import leave, unpack
from recon.scale.work import COMPANY_FAILS, Done, failed, work

READY = "done"


def main() -> None:
    """Work through bundles until there are no more."""
    with suppress(BrokenPipeError), os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)  # whatever a library says is no answer
        for row in sys.stdin:
            for company in sorted(Path(row.rstrip("\n")).iterdir()):
                leave(_answer(company), company)
            answers.write(f"{READY}\n")
            answers.flush()


def _answer(company: Path) -> Done:
    try:
        return work(*unpack(company))
    except COMPANY_FAILS as error:
        return failed(company.name, error)


if __name__ == "__main__":
    main()
