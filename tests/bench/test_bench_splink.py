"""What Splink is given, and what is made of its answers; Splink itself is not needed."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
from bench_case import item, items_of, line, lines_of

from recon.bench.keep import Kept
from recon.bench.splink_way import MOST_SEEN, SIDES, prepare, splink_result
from recon.bench.ways import SPLINK
from recon.policy import Policy


def small(folder: Path) -> Kept:
    lines = lines_of(line("l1", 5_000, "Faktura 40101"), line("l2", 9_900, "tak", counterparty_name="Fjord"))
    items = items_of(item("40101", 5_000), *(item(f"5{n:04}", 9_900) for n in range(MOST_SEEN + 1)))
    links = pl.DataFrame({"line_id": ["l1"], "item_id": ["40101"]})
    cases = pl.DataFrame(
        {"line_id": ["l1", "l2"], "kind": ["single", "noise"], "evidence": ["number", "none"]}
    )
    return Kept(folder, lines, items, links, cases, Policy())


def test_missing_evidence_is_null_and_never_an_empty_list(tmp_path: Path) -> None:
    prepare(small(tmp_path))
    lines, items = (pl.read_parquet(tmp_path / f"{side}.parquet") for side in SIDES)
    assert lines.columns == items.columns
    assert lines.select("unique_id", "docs", "refs").rows() == [("l1", ["40101"], None), ("l2", None, None)]


def test_an_amount_that_is_everywhere_does_not_block(tmp_path: Path) -> None:
    prepare(small(tmp_path))
    lines = pl.read_parquet(tmp_path / f"{SIDES[0]}.parquet")
    assert lines.select("unique_id", "cash", "rare_cash").rows() == [
        ("l1", "5000 DKK", "5000 DKK"),
        ("l2", "9900 DKK", None),
    ]


def test_answers_left_in_the_folder_are_scored_with_their_time(tmp_path: Path) -> None:
    books = small(tmp_path)
    assert splink_result(books, 2, 7) is None
    prepare(books)
    answers = {"line_id": ["l1", "l2"], "item_id": ["40101", "50001"], "confidence": [0.99, 0.30]}
    pl.DataFrame(answers).write_parquet(tmp_path / "splink_answers.parquet")
    told = {"seconds": {"train": 2.0, "predict": 1.0}, "peak_mb": 200.0}
    (tmp_path / "splink.json").write_text(json.dumps(told), "utf-8")
    found = splink_result(books, 2, 7)
    assert found and found.way == SPLINK and found.seconds > 3.0
    # The threshold that is best on the truth leaves the guess out.
    assert found.scores.line.f1 == 1.0 and found.scores.wrong_on_nothing == 0.0
