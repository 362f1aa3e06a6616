"""docs/engine.md says what the engine has: its tables are made of the weights, and it names modules that exist."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from recon.match.bound import needed
from recon.match.learn import CALIBRATED_FROM
from recon.policy import Policy

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "engine.md").read_text("utf-8")
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "weights_table.py"), run_name="weights_table")


def test_the_tables_are_those_of_the_weights() -> None:
    assert SCRIPT["renewed"](TEXT) == TEXT, "run: .venv/bin/python scripts/weights_table.py"


def test_a_table_that_lags_behind_is_noticed() -> None:
    old = TEXT.replace("structured +20", "structured +3")
    assert old != TEXT and SCRIPT["renewed"](old) == TEXT


def test_a_document_without_marks_is_refused() -> None:
    with pytest.raises(SystemExit, match="0 times"):
        SCRIPT["renewed"]("no marks at all")


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:match|flow|bench|scale)/\w+)`", TEXT))))
def test_a_module_that_is_named_is_there(name: str) -> None:
    assert (ROOT / "recon" / f"{name}.py").is_file()


def test_every_module_of_the_engine_is_told_of() -> None:
    named = set(re.findall(r"`match/(\w+)`", TEXT))
    there = {path.stem for path in (ROOT / "recon" / "match").glob("*.py")} - {"__init__"}
    assert there - named == set()


def test_figures_in_the_texts_are_those_of_the_engine() -> None:
    assert f"takes {needed(0.002):,} decisions without an error" in " ".join(TEXT.split())
    assert f"from {CALIBRATED_FROM} decisions on" in " ".join(TEXT.split())
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    risk = Policy().auto_risk
    assert (
        f"at most one in {round(1 / risk)} is wrong, which takes at least {needed(risk):,} of them" in readme
    )
    assert f"until some {CALIBRATED_FROM} lines are decided" in readme
