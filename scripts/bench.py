"""`make bench`: is the engine right, is it sure when it is right, how fast is it; beside other ways in the same run.

    python scripts/bench.py [--sizes 10k,100k,1M] [--seeds 7,8,9] [--decisions 2000] [--write]

In: labelled books made up from seeds (`recon.bench.books`), kept in a temporary folder between runs. Out: tables on
the screen; with `--write` docs/benchmark.md and its picture. Without arguments it takes less than three minutes.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from bench_steps import read_both as read_both  # noqa: E402
from bench_steps import steps_report  # noqa: E402

from recon.bench.keep import books_of, kept  # noqa: E402
from recon.bench.picture import reliability_svg  # noqa: E402
from recon.bench.report import PICTURE, calibrations, report  # noqa: E402
from recon.bench.runs import Runs  # noqa: E402
from recon.bench.splink_way import prepare, splink_result  # noqa: E402
from recon.bench.ways import BASELINES, Result, run_baseline, run_few, run_limit, run_recon  # noqa: E402

STEPS_SIZE = 10_000
UNITS = {"k": 1_000, "M": 1_000_000}


def main() -> None:
    """Make, measure, show, and write the document where asked to."""
    options = _options()
    results: list[Result] = []
    few: dict[int, list[float]] = {}
    for size in options.sizes:
        for seed in options.seeds:
            results += run_books(options.cache, size, seed, options)
        if size == max(options.sizes) and not options.prepare and "recon" not in options.skip:
            few[size] = run_few(kept(books_of(options.cache, size, options.seeds[0], options.decisions)[0]))
    if options.prepare:
        return
    runs = Runs(results, few, options.decisions)
    document = report(runs, "" if options.no_steps else steps_report(STEPS_SIZE))
    if options.write:
        (ROOT / "docs" / "benchmark.md").write_text(document, "utf-8")
        tables = {name: one.table for name, one in calibrations(runs, max(runs.sizes))}
        (ROOT / "docs" / PICTURE).write_text(reliability_svg(tables), "utf-8")
    sys.stdout.write(document)


def run_books(cache: Path, size: int, seed: int, options: argparse.Namespace) -> list[Result]:
    """Every way on one set of books; each is told on the screen as it is done."""
    say(f"{size:,} lines, seed {seed}")
    whole, later = (kept(folder) for folder in books_of(cache, size, seed, options.decisions))
    if options.prepare:
        prepare(whole)
        return []
    results = [told(run_limit(whole, size, seed))]
    results += [told(run_baseline(way, whole, size, seed)) for way in BASELINES if way not in options.skip]
    if (splink := splink_result(whole, size, seed)) is not None:
        results.append(told(splink))
    if "recon" not in options.skip:
        results += [told(run_recon(books, size, seed)) for books in (whole, later)]
    return results


def told(one: Result) -> Result:
    """The result, told on the screen with its seconds, for whoever sits at this machine."""
    scores = one.scores
    say(
        f"  {one.way:<24}{one.seconds:8.2f} s {scores.peak_mb or 0:7,.0f} MB  line {scores.line.precision:.3f} / "
        f"{scores.line.recall:.3f} / {scores.line.f1:.3f}  wrong on no match {scores.wrong_on_nothing:.4f}"
    )
    return one


def say(words: str) -> None:
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


def sizes_of(words: str) -> list[int]:
    """`10k,1M` → 10000, 1000000, smallest first."""
    return sorted(
        int(word[:-1]) * UNITS[word[-1]] if word[-1] in UNITS else int(word) for word in words.split(",")
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=sizes_of, default=[3_000, 10_000], help="10k,100k,1M")
    parser.add_argument("--seeds", type=lambda text: [int(one) for one in text.split(",")], default=[7])
    parser.add_argument(
        "--decisions", type=int, default=2_000, help="taken before what the taught engine sees"
    )
    parser.add_argument(
        "--skip",
        type=lambda text: text.split(","),
        default=[],
        help="ways not to run, such as recon,Odoo-like",
    )
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "recon-bench")
    parser.add_argument("--no-steps", action="store_true", help="leave out the steps around the engine")
    parser.add_argument("--prepare", action="store_true", help="only make the books and what Splink reads")
    parser.add_argument("--write", action="store_true", help="write docs/benchmark.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
