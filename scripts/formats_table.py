"""The table in docs/formats.md: what becomes of each sample file, counted by reading them all.

    python scripts/formats_table.py [--write]

In: the samples beside the project with their manifest. Out: the table on the screen, or in the document
between its marks. Never: a figure by hand.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from recon.documents import read_documents  # noqa: E402
from recon.errors import ReconError  # noqa: E402
from recon.statements.readers import read_statement  # noqa: E402

SAMPLES = ROOT.parent / "shared" / "samples"
DOCUMENT = ROOT / "docs" / "formats.md"
BEGIN, END = "<!-- counted by scripts/formats_table.py -->", "<!-- end of the counted table -->"
MEANS = {
    "parse": "well-formed",
    "lenient": "malformed or odd",
    "empty": "well-formed, nothing booked",
    "reject": "no statement in it",
}


def manifest() -> list[dict[str, str]]:
    """The rows of the manifest, one a sample."""
    with (SAMPLES / "manifest.tsv").open(encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t"))


def outcome(row: dict[str, str]) -> str:
    """`read` or `refused`. A currency that the file lacks is given, as a person would."""
    currency = row["currency"].split(";")[0].strip("-") or "EUR"
    read = read_documents if row["format"] == "ubl" else read_statement
    try:
        read(SAMPLES / row["file"], currency=currency)
    except ReconError:
        return "refused"
    return "read"


def table() -> str:
    """The table as Markdown."""
    counts = Counter((row["format"], row["expect"], outcome(row)) for row in manifest())
    lines = ["| format | files that are | files | read | refused |", "|---|---|---:|---:|---:|"]
    for kind, expect in sorted({(kind, expect) for kind, expect, _ in counts}, key=_order):
        read, refused = counts[kind, expect, "read"], counts[kind, expect, "refused"]
        lines.append(f"| {kind} | {MEANS[expect]} | {read + refused} | {read} | {refused} |")
    return "\n".join(lines)


def _order(pair: tuple[str, str]) -> tuple[int, int]:
    kinds = ["camt", "mt940", "ofx", "csv", "ubl"]
    return kinds.index(pair[0]), list(MEANS).index(pair[1])


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--write", action="store_true", help="into docs/formats.md")
    given = asked.parse_args()
    if not given.write:
        sys.stdout.write(table() + "\n")
        return 0
    text = DOCUMENT.read_text("utf-8")
    before, rest = text.split(BEGIN)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{table()}\n{END}{rest.split(END)[1]}", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
