"""`make fuzz`: every reader against files damaged in thousands of ways.

    python scripts/fuzz.py [--reader camt] [--count 20000] [--only 12345] [--keep build/fuzz]

In: good files (the samples beside the project and some made here), changed a few bytes, figures, lines or
blocks at a time; the n-th file of a reader is the same at every run. Out: counts per reader, and each file that
brought a reader to a crash, to frames that break their promise, or to a sum that differs from an independent
recount, kept under its number. Exit code 1 where there is any.
"""

from __future__ import annotations

import argparse
import collections
import logging
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "fuzz")]

from harness import READERS, Reader, Wrong, check, input_of  # noqa: E402  # ty: ignore[import-not-found]


def say(words: str) -> None:
    """A line on the screen, at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def fuzz(reader: Reader, numbers: range, keep: Path) -> int:
    """Try the numbered files of a reader; returns how many went wrong."""
    outcomes: collections.Counter[str] = collections.Counter()
    reasons: dict[str, int] = {}
    for number in numbers:
        data = input_of(reader, number)
        try:
            outcomes[check(reader, data)] += 1
        except Wrong as wrong:
            outcomes["wrong"] += 1
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{reader.name}-{number}").write_bytes(data)
            reasons.setdefault(str(wrong)[:160], number)
    told = ", ".join(f"{count:,} {what}" for what, count in sorted(outcomes.items()))
    say(f"{reader.name:10} {len(numbers):,} files: {told}")
    for reason, number in reasons.items():
        say(f"           number {number}: {reason}")
    return outcomes["wrong"]


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--reader", choices=READERS, action="append")
    asked.add_argument("--count", type=int, default=20_000)
    asked.add_argument("--first", type=int, default=0)
    asked.add_argument("--only", type=int, help="one file by its number, with the whole traceback")
    asked.add_argument("--keep", type=Path, default=ROOT / "build" / "fuzz")
    given = asked.parse_args()
    logging.getLogger("fastexcel").setLevel(logging.CRITICAL)  # a word per damaged column
    readers = [READERS[name] for name in given.reader or READERS]
    if given.only is not None:
        for reader in readers:
            say(f"{reader.name}: {check(reader, input_of(reader, given.only))}")
        return 0
    numbers = range(given.first, given.first + given.count)
    return 1 if sum(fuzz(reader, numbers, given.keep) for reader in readers) else 0


if __name__ == "__main__":
    sys.exit(main())
