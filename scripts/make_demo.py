"""Renews data/demo: made-up documents, two statement files and the truth about them.

    python scripts/make_demo.py [FOLDER]

In: a fixed seed and day. Out: the same files, byte for byte, every time. Never: anything of a real company.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from recon.sandbox.books import make_books, write_documents, write_truth  # noqa: E402
from recon.sandbox.camt import write_camt  # noqa: E402

SEED = 7
AS_OF = date(2026, 10, 31)
SINCE = date(2026, 8, 1)
ACCOUNTS = ("drift", "euro")

README = """# Demonstration data

Everything in this folder is made up: company, people, accounts, amounts. A likeness to anybody is chance.

| file | what it is |
|---|---|
| `documents.csv` | documents of {company} issued up to {as_of}, in the import template |
| `statement-drift.xml` | camt.053.001.02 of the operating account (DKK), {since} to {as_of} |
| `statement-euro.xml` | camt.053.001.02 of the euro account, {since} to {as_of} |
| `truth.csv` | which document each bank line belongs to; for tests only, matching must never read it |

Amounts in `documents.csv` have a decimal point; totals are positive and `kind` gives the direction. In
`truth.csv` `amount_minor` is in øre or cents with the line's sign, and the rows of a line add up to it. An
empty `document_no` is a rest (a fee kept, a few øre) or a line no document belongs to; `line:…` is the other
side of a transfer between own accounts. `bank_transaction_id` is the statement's `AcctSvcrRef` with dashes;
the truth covers all four accounts of the sandbox, the statements two.

The files come from the sandbox bank (`recon/sandbox/`), seed {seed}. Renew them, never edit them:

    python scripts/make_demo.py
"""


def main(folder: Path) -> None:
    """Write every file of the demonstration into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    books = make_books(SEED, AS_OF)
    write_documents(books, folder / "documents.csv", AS_OF)
    write_truth(books, folder / "truth.csv", AS_OF)
    for key in ACCOUNTS:
        (folder / f"statement-{key}.xml").write_bytes(write_camt(books, key, SINCE, AS_OF))
    words = README.format(company=books.company.name, as_of=AS_OF, since=SINCE, seed=SEED)
    (folder / "README.md").write_text(words, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "data" / "demo")
