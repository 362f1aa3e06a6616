"""One row in a process of its own: `python -m tests.prove ROW COUNT SEED` writes its outcome as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from importlib import import_module


def main(row: str, count: str, seed: str) -> None:
    outcome = import_module(f"tests.prove.{row}").prove(int(count), int(seed))
    sys.stdout.write(json.dumps(asdict(outcome)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:4])
