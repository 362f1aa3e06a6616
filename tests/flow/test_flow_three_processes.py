"""Three processes on one workspace at once: a page that reads and accepts, a sync, a notebook. Nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

from recon.flow.check import check
from recon.flow.matching import match
from recon.flow.workspace import open_store
from recon.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo"

PAGE = """
    import sys, json
    import recon as rc
    store = rc.open_store(sys.argv[1])
    done = []
    while len(done) < 25:
        proposals = store.proposals().filter(rank=1)
        if proposals.is_empty():
            break
        try:
            done.append(rc.accept(store, proposals["proposal_id"][0], by="page"))
        except rc.ReconError as error:
            print(error.kind, file=sys.stderr)
    print(json.dumps(done))
"""
FILES = """
    import sys, json
    from pathlib import Path
    import recon as rc
    store = rc.open_store(sys.argv[1])
    for _ in range(5):
        for path in sorted(Path(sys.argv[2]).glob("*.xml")):
            rc.import_files(store, [path], by="files")
    print(json.dumps(store.lines().height))
"""
NOTEBOOK = """
    import sys, json
    import polars as pl
    import recon as rc
    store = rc.open_store(sys.argv[1])
    seen = []
    for _ in range(40):
        given = store.allocations().group_by("line_id").agg(pl.col("amount_minor").sum())
        both = given.join(store.lines(), on="line_id", suffix="_whole")
        wrong = both.filter(pl.col("amount_minor").abs() > pl.col("amount_minor_whole").abs())
        assert wrong.is_empty(), wrong
        seen.append(store.lines().height)
    rc.match_open(store, by="notebook")
    print(json.dumps(seen))
"""


def start(script: str, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process: subprocess.Popen[str]):
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    return json.loads(out.strip().splitlines()[-1])


def test_nothing_is_lost_between_three_processes(tmp_path):
    home = tmp_path / "workspace"
    from recon.flow.files import import_files

    store = open_store(home, Settings())
    import_files(store, [DEMO / "documents.csv", DEMO / "statement-drift.xml"], by="test")
    match(store)
    page = start(PAGE, str(home))
    files = start(FILES, str(home), str(DEMO))
    notebook = start(NOTEBOOK, str(home))
    accepted, lines, seen = end(page), end(files), end(notebook)

    assert len(accepted) == 25
    decisions = store.decisions()
    assert decisions.filter(action="accept")["decision_id"].to_list() == accepted
    assert store.lines().height == lines == max(lines, *seen)
    assert store.lines()["line_id"].is_unique().all()
    proof = check(store)
    assert proof.ok, proof.findings
