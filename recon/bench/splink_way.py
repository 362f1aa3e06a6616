"""Splink 5 on the same books: record linkage at its best, with blocking that is capped by frequency.

In: a folder of kept books. `prepare` writes what Splink reads, with the project's parsed fields; run as a module in
a Python of its own that has Splink (`make bench-splink`), it writes `answers.parquet`; `splink_result` scores that.
Never: needed by anything else. Splink is no dependency, and its Python has none of ours but polars.

    comparisons   reference, document number, customer number, name, amount (with term frequencies), days past due
    blocking      a reference, number or customer number that both sides hold | an amount seen at most 24 times |
                  name and amount
    training      u by a million random pairs; m by expectation maximisation on references, rare amounts, names
"""

from __future__ import annotations

import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from recon.bench.keep import Kept
    from recon.bench.ways import Result

MOST_SEEN = 24
LARGE_AMOUNT = 30_000
"""Minor units from which two equal amounts seldom meet by chance."""
REFERRED = 0.4
"""Share of lines that carry the reference of their document, as Splink asks to be told."""
SIDES = ("splink_lines", "splink_items")
SEED = 7


def prepare(books: Kept) -> None:
    """Write both sides with the same columns; empty lists are null, or missing evidence would count against."""
    from recon.bench.baselines.parsed import parse
    from recon.normalise.items import normalise_items
    from recon.normalise.lines import normalise_lines
    from recon.references import JOINED, reference_key

    begun = time.perf_counter()
    parsed = parse(books.lines, books.items)
    texts = normalise_items(books.items).select(
        "item_id",
        refs=reference_key(pl.col("payment_reference")),
        docs=reference_key(pl.col("document_no")),
        customers=reference_key(pl.col("counterparty_id")),
    )
    found = normalise_lines(books.lines).select("line_id", key="references").explode("key").drop_nulls()
    found = found.with_columns(pl.col("key").str.strip_prefix(JOINED)).unique()
    items = parsed.items.join(texts, on="item_id").select(
        pl.col("item_id").alias("unique_id"), "amount", "currency", "name", day="due",
        **{name: _listed(pl.col(name)) for name in ("refs", "docs", "customers")},
    )  # fmt: skip
    lines = parsed.lines.select(pl.col("line_id").alias("unique_id"), "amount", "currency", "name", "day")
    for name in ("refs", "docs", "customers"):
        known = texts.select(key=name).drop_nulls().unique()
        held = (
            found.join(known, on="key", how="semi").group_by("line_id").agg(pl.col("key").sort().alias(name))
        )
        lines = lines.join(held, left_on="unique_id", right_on="line_id", how="left")
    rare = items.group_by("amount", "currency").agg(seen=pl.len())
    for side, frame in zip(SIDES, (lines, items), strict=True):
        frame = frame.join(rare, on=["amount", "currency"], how="left")
        cash = pl.concat_str("amount", "currency", separator=" ")
        frame.select(
            "unique_id", "amount", "currency", "name", "day", "refs", "docs", "customers",
            ref=pl.col("refs").list.first(), cash=cash, rare_cash=pl.when(pl.col("seen") <= MOST_SEEN).then(cash),
        ).sort("unique_id").write_parquet(books.folder / f"{side}.parquet")  # fmt: skip
    (books.folder / "splink_prepared.json").write_text(json.dumps(time.perf_counter() - begun), "utf-8")


def _listed(column: pl.Expr) -> pl.Expr:
    return pl.when(column.is_not_null()).then(pl.concat_list(column))


def splink_result(books: Kept, size: int, seed: int) -> Result | None:
    """The scores of answers that Splink left in the folder; None where it was not run."""
    from recon.bench.score import score_shown
    from recon.bench.shown import shown_as
    from recon.bench.ways import SPLINK, Result, at_best

    folder = books.folder
    if not (folder / "splink.json").exists():
        return None
    told = json.loads((folder / "splink.json").read_text("utf-8"))
    seconds = {"parse": json.loads((folder / "splink_prepared.json").read_text("utf-8")), **told["seconds"]}
    answers = at_best(pl.read_parquet(folder / "splink_answers.parquet"), books)
    scores = score_shown(shown_as(answers, probable=True), books, seconds, told["peak_mb"])
    return Result(SPLINK, size, seed, scores)


def answer(folder: Path) -> None:
    """Link the two sides of a folder and write each line's likeliest document with its probability."""
    begun = time.perf_counter()
    linker = _linker([pl.read_parquet(folder / f"{side}.parquet") for side in SIDES])
    _train(linker)
    trained = time.perf_counter()
    pairs = linker.inference.predict(threshold_match_probability=0.01)
    best = _best(pl.DataFrame(pairs.as_duckdbpyrelation().to_arrow_table()))
    best.write_parquet(folder / "splink_answers.parquet")
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"seconds": {"train": trained - begun, "predict": done - trained}, "peak_mb": peak}
    (folder / "splink.json").write_text(json.dumps(told), "utf-8")
    sys.stderr.write(f"{folder.name}: {best.height:,} lines answered in {done - begun:.1f} s\n")


def _linker(sides: list[pl.DataFrame]) -> Any:
    splink = import_module("splink")
    library = import_module("splink.comparison_library")
    api = splink.DuckDBAPI()
    block = splink.block_on
    settings = splink.SettingsCreator(
        link_type="link_only",
        comparisons=[
            library.ExactMatch("ref"),
            *(library.ArrayIntersectAtSizes(name, [1]) for name in ("docs", "customers")),
            library.JaroWinklerAtThresholds("name", [0.95, 0.88, 0.75]),
            library.CustomComparison(_amount_levels(), output_column_name="amount"),
            library.CustomComparison(_day_levels(), output_column_name="day"),
        ],
        blocking_rules_to_generate_predictions=[
            *(block(name, arrays_to_explode=[name]) for name in ("refs", "docs")),
            block("rare_cash"),
            block("name", "cash"),
        ],
        retain_matching_columns=False,
    )
    tables = [
        api.register(frame.to_arrow(), dataset_display_name=name)
        for frame, name in zip(sides, ("lines", "items"), strict=True)
    ]
    return splink.Linker(tables, settings, log_level=logging.WARNING)


def _amount_levels() -> list[dict[str, Any]]:
    near = "abs(amount_l - amount_r) <= 0.05 * abs(amount_r) and sign(amount_l) = sign(amount_r)"
    same = {
        "sql_condition": "cash_l = cash_r",
        "label_for_charts": "equal",
        "tf_adjustment_column": "cash",
        "tf_adjustment_weight": 1.0,
    }
    return [_unknown("amount"), same, _level(f"currency_l = currency_r and {near}", "within 5 %"), _else()]


def _day_levels() -> list[dict[str, Any]]:
    near = [_level(f"abs(day_l - day_r) <= {days}", f"{days} days") for days in (3, 8, 20)]
    return [_unknown("day"), *near, _else()]


def _level(condition: str, words: str) -> dict[str, Any]:
    return {"sql_condition": condition, "label_for_charts": words}


def _unknown(column: str) -> dict[str, Any]:
    condition = f"{column}_l is null or {column}_r is null"
    return {"sql_condition": condition, "label_for_charts": "unknown", "is_null_level": True}


def _else() -> dict[str, Any]:
    return _level("else", "differs")


def _train(linker: Any) -> None:
    block = import_module("splink").block_on
    training = linker.training
    training.estimate_probability_two_random_records_match([block("ref")], recall=REFERRED)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=SEED)
    large = f"l.rare_cash = r.rare_cash and abs(l.amount) > {LARGE_AMOUNT}"
    for rule in (block("ref"), large, block("name", "cash")):
        training.estimate_parameters_using_expectation_maximisation(rule)


def _best(pairs: pl.DataFrame) -> pl.DataFrame:
    """Each line's likeliest document; equal ones by id, since Splink knows no ties."""
    lines = pl.col("source_dataset_l") == "lines"
    sides = pairs.select(
        line_id=pl.when(lines).then("unique_id_l").otherwise("unique_id_r"),
        item_id=pl.when(lines).then("unique_id_r").otherwise("unique_id_l"),
        confidence="match_probability",
    )
    ordered = sides.sort("line_id", "confidence", "item_id", descending=[False, True, False])
    return ordered.unique("line_id", keep="first", maintain_order=True)


def answer_all(root: Path) -> None:
    """Every prepared folder that has no answers yet, each in a process of its own."""
    for folder in sorted(one.parent for one in root.glob(f"*/{SIDES[0]}.parquet")):
        if not (folder / "splink.json").exists():
            subprocess.run([sys.executable, __file__, str(folder)], check=True)


if __name__ == "__main__":
    given = Path(sys.argv[1]) if sys.argv[1:] else Path(tempfile.gettempdir()) / "recon-bench"
    if (given / f"{SIDES[0]}.parquet").exists():
        answer(given)
    else:
        answer_all(given)
