"""Results as docs/benchmark.md: quality by way, kind and class, sureness, time as ratios, goals.

In: Runs and the table of steps. Out: Markdown. Never: seconds, but where a goal is set in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from recon.bench.goals import goals
from recon.bench.losses import PLACES
from recon.bench.runs import Runs
from recon.bench.score import Scores
from recon.bench.sureness import Calibration
from recon.bench.ways import LIMIT, RECON, SPLINK, TAUGHT

PICTURE = "images/reliability.svg"
SOME = ("no", "yes")


def report(runs: Runs, steps: str = "") -> str:
    """The whole document."""
    parts = [
        HEAD.format(
            seeds=", ".join(map(str, runs.seeds)),
            decisions=f"{runs.decisions:,}",
            limit=LIMIT,
            splink=SPLINK,
            recon=RECON,
            taught=TAUGHT,
        ),
        "## Goals\n\nA goal is met only on the size it names.\n\n" + goals_table(runs),
        "## What is found\n\n"
        + FOUND.strip()
        + "\n\n"
        + "\n\n".join(_found(runs, size) for size in runs.sizes),
        *(_shares(runs, part, words) for part, words in (("kinds", "kind"), ("classes", "evidence class"))),
        _losses(runs),
        _sureness(runs),
        _time(runs),
        steps,
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def goals_table(runs: Runs) -> str:
    """Goal, aim, ours, met."""
    rows = ([one.words, one.aim, one.ours, "–" if one.met is None else SOME[one.met]] for one in goals(runs))
    return table(["goal", "aim", "ours", "met"], rows, left=1)


def table(head: list[str], rows: Iterable[list[str]], left: int = 1) -> str:
    """Markdown, the first `left` columns to the left and figures to the right."""
    rule = ["---" if place < left else "---:" for place in range(len(head))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))


def figure(value: float | None, form: str = ".3f") -> str:
    return "–" if value is None else f"{value:{form}}"


def ratio(value: float | None) -> str:
    """Two digits that mean something: `0.4`, `3.2`, `48`, `1,300`."""
    if value is None:
        return "–"
    if value >= 100:
        return f"{round(value, -1 if value < 1000 else -2):,.0f}"
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


FIGURES: dict[str, Callable[[Scores], float | None]] = {
    "precision": lambda scores: scores.line.precision,
    "recall": lambda scores: scores.line.recall,
    "**line F1**": lambda scores: scores.line.f1,
    "link F1": lambda scores: scores.link.f1,
    "one document": lambda scores: scores.first_of_single,
    "shown": lambda scores: scores.completeness.among,
    "wrong on no match": lambda scores: scores.wrong_on_nothing,
    "@ 99 %": lambda scores: scores.coverage[0.99],
    "@ 99.5 %": lambda scores: scores.coverage[0.995],
    "@ 99.9 %": lambda scores: scores.coverage[0.999],
    "ECE": lambda scores: scores.chosen.ece if scores.chosen else None,
    "Brier": lambda scores: scores.chosen.brier if scores.chosen else None,
}
"""Columns of the quality tables."""


def _found(runs: Runs, size: int) -> str:
    rows = (
        [way, *(figure(runs.mean(way, size, lambda one, of=of: of(one.scores))) for of in FIGURES.values())]
        for way in runs.ways
        if runs.of(way, size)
    )
    return f"### {size:,} lines\n\n" + table(["way", *FIGURES], rows)


def _shares(runs: Runs, part: str, words: str) -> str:
    """Share of lines that are right, on the largest books every way was run on."""
    size = _shared_size(runs)
    ways = [way for way in runs.ways if runs.of(way, size)]
    tables = {way: {row["name"]: row for row in runs.shares(way, size, part).to_dicts()} for way in ways}
    whole = tables[RECON] if RECON in tables else next(iter(tables.values()))
    rows = (
        [name, f"{row['lines']:,}", *(_right(tables[way].get(name)) for way in ways)]
        for name, row in sorted(whole.items(), key=lambda one: (-one[1]["lines"], one[0]))
    )
    return f"## Lines right by {words}, {size:,} lines\n\n" + table([words, "lines", *ways], rows)


def _right(row: dict[str, int] | None) -> str:
    return figure(row["right"] / row["lines"] if row and row["lines"] else None)


def _losses(runs: Runs) -> str:
    """Lines that belong to something, by how many documents and by where they ended."""
    size = max(runs.sizes)
    columns = [(way, documents) for way in (RECON, TAUGHT) for documents in ("one", "several")]
    tables = [
        {row["place"]: row["lines"] for row in runs.lost(way, size).filter(documents=documents).to_dicts()}
        for way, documents in columns
    ]
    head = ["where the line ended", *(f"{way}: {documents}" for way, documents in columns)]
    rows = (
        [
            place,
            *(figure(one.get(place, 0) / whole if (whole := sum(one.values())) else None) for one in tables),
        ]
        for place in PLACES
    )
    return f"## Where the loss sits, {size:,} lines\n\n{LOST.strip()}\n\n" + table(head, rows)


def _shared_size(runs: Runs) -> int:
    most = max(len([way for way in runs.ways if runs.of(way, size)]) for size in runs.sizes)
    return max(size for size in runs.sizes if len([way for way in runs.ways if runs.of(way, size)]) == most)


def _sureness(runs: Runs) -> str:
    size = max(runs.sizes)
    parts = [f"## How sure, {size:,} lines", f"![Stated beside true probability]({PICTURE})", SURE.strip()]
    for way, calibration in calibrations(runs, size):
        rows = (
            [
                f"{row['low']:.3f} – {row['high']:.3f}",
                f"{row['proposals']:,}",
                figure(row["stated"]),
                figure(row["right"]),
            ]
            for row in calibration.table.to_dicts()
        )
        parts.append(f"### {way}\n\n" + table(["probability", "proposals", "stated", "right"], rows))
    return "\n\n".join(parts)


def calibrations(runs: Runs, size: int) -> Iterator[tuple[str, Calibration]]:
    """Rank 1 and everything shown, of the first seed: `recon, rank 1`, `recon, all shown`, …"""
    for way in (RECON, TAUGHT):
        for one in runs.of(way, size)[:1]:
            for words, calibration in (("rank 1", one.scores.chosen), ("all shown", one.scores.every)):
                if calibration and calibration.over:
                    yield f"{way}, {words}", calibration


def _time(runs: Runs) -> str:
    """Times the limit at each size, memory at the largest, exponents between neighbours."""
    steps = list(zip(runs.sizes, runs.sizes[1:], strict=False))
    head = [
        "way",
        *(f"limits at {size:,}" for size in runs.sizes),
        *(f"exponent {small:,} → {large:,}" for small, large in steps),
        *(f"MB at {size:,}" for size in runs.sizes[-1:]),
    ]
    rows = (
        [
            way,
            *(ratio(runs.times_limit(way, size)) for size in runs.sizes),
            *(figure(runs.exponent(way, small, large), ".2f") for small, large in steps),
            figure(runs.mean(way, runs.sizes[-1], lambda one: one.scores.peak_mb), ",.0f"),
        ]
        for way in runs.ways
    )
    return "\n\n".join(["## Time and memory", TIME.strip(), table(head, rows), _stages(runs)])


def _stages(runs: Runs) -> str:
    """Where the engine's time goes: shares of its whole run."""
    size = max(runs.sizes)
    found = [
        (one.way, one.scores.seconds, one.seconds)
        for way in (RECON, TAUGHT)
        for one in runs.of(way, size)[:1]
    ]
    names = list(dict.fromkeys(name for _, seconds, _ in found for name in seconds))
    rows = (
        [way, *(figure(seconds.get(name, 0) / whole, ".0%") for name in names)]
        for way, seconds, whole in found
    )
    return f"Share of the engine's time by stage at {size:,}:\n\n" + table(["way", *names], rows)


HEAD = """# Benchmark

Written by `make bench ARGS=--write`; do not edit. Every way reads the same files in the same run, each in a fresh
process, so a ratio says something about the program rather than about the machine. Ratios move by about a third
from run to run. The books are made up (`recon/bench/books/`, seeds {seeds}): real ones are less tidy in other
ways, and who writes a generator knows what it makes.

- **{limit}** reads the columns it needs and joins on amount and currency, amounts seen at most 24 times.
  Its answers are the pairs that are the only ones of both sides.
- **Fenerum-, Odoo-, ERPNext- and Business Central-like** are written anew from public descriptions
  (`recon/bench/baselines/`) and get our parsed references and folded names. They are not those products. Where one
  has a confidence, answers below the threshold that is best *on the truth* are left out, in its favour.
- **{splink}** is Splink 5 with frequency-capped blocking (`make bench-splink`), where it was run.
- **{recon}** knows nothing of the company; **{taught}** has {decisions} decisions on earlier lines and is scored
  on the rest.
"""

FOUND = """
*Line*: exactly the right documents; precision of lines answered, recall of lines that belong to something. *Link*:
pairs. *One document*: of lines with one true document, those that get it; *shown*: those that have it among what is
shown. *Wrong on no match*: of lines that belong to nothing, those with a proposal of p ≥ 0.5 (any answer where no
probability is stated). *@*: share of **all** lines that could be accepted, surest first, at that precision.
"""

LOST = """
Of lines that belong to *one* document (or to another line of ours), and of those that belong to *several*. What is
not shown was lost by blocking or grouping, or lies below the best few; what is shown behind another was lost by
evidence and ranking; what is likeliest and not chosen was a tie, too unsure, or taken by another line.
"""

SURE = """
Proposals in fifteen bins of equal mass: on the diagonal, of those shown with 0.9 nine in ten are right.
"""

TIME = """
From the Parquet files to answers in a file; reading and normalising included. Where ERPNext's comparison of every
name with every party would exceed 20 million pairs, only equal names are found, and its time says nothing of it.
"""
