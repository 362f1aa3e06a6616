"""Renews the tables of levels, ways and priors in docs/engine.md from recon.match.weights.

    python scripts/weights_table.py

In: the weights as the engine has them, and the document with its marks. Out: the document with tables between them.
Never: a figure typed by hand; tests/test_engine_document.py refuses a document that lags behind.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from recon.match.weights import DOUBTS, FEATURES, PRIORS, WEIGHTS  # noqa: E402

DOCUMENT = ROOT / "docs" / "engine.md"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], right: int | None = None) -> str:
    """A table in Markdown; `right` is the column whose figures stand to the right."""
    rule = ["---:" if place == right else "---" for place in range(len(head))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def levels() -> str:
    """A row a feature, its levels in the order in which the first is said."""
    told = {
        feature: [f"{level} {weight:+g}" for (name, level), weight in WEIGHTS.items() if name == feature]
        for feature in FEATURES
    }
    return table(("feature", "levels"), [(feature, " · ".join(told[feature])) for feature in FEATURES])


def ways() -> str:
    return table(("way", "doubt"), [(way, f"{100 * doubt:g} %") for way, doubt in DOUBTS.items()], right=1)


def priors() -> str:
    rows = [(kind.replace("_", " "), f"{prior:+g}") for kind, prior in PRIORS.items()]
    return table(("kind of proposal", "prior"), rows, right=1)


def renewed(text: str) -> str:
    """The document with each table made anew between its marks, which must be there once."""
    for name, made in (("levels", levels()), ("ways", ways()), ("priors", priors())):
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        marked = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        text, count = marked.subn(lambda _, made=made, begin=begin, end=end: begin + made + "\n" + end, text)
        if count != 1:
            sys.exit(f"docs/engine.md has the marks of “{name}” {count} times; nothing was written.")
    return text


if __name__ == "__main__":
    DOCUMENT.write_text(renewed(DOCUMENT.read_text("utf-8")), "utf-8")
