"""The notebook's words: each one is there, says what it does, is in the documents, and costs nothing until used."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import recon as rc

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("name", rc.__all__)
def test_every_name_is_there_and_says_what_it_does(name: str) -> None:
    found = getattr(rc, name)
    words = inspect.getdoc(found) or ""
    assert len(words.split()) >= 4, f"rc.{name} has no docstring of its own"
    assert callable(found)


@pytest.mark.parametrize("name", rc.__all__)
def test_every_name_is_in_the_documents(name: str) -> None:
    told = [page.name for page in PAGES if f"`rc.{name}" in page.read_text("utf-8")]
    assert told, f"no document tells of rc.{name}"


def test_the_documents_name_nothing_that_is_not_there() -> None:
    named = {found for page in PAGES for found in re.findall(r"\brc\.(\w+)", page.read_text("utf-8"))}
    assert named - set(rc.__all__) == set()


def test_names_are_listed_once_and_dir_tells_them() -> None:
    assert len(rc.__all__) == len(set(rc.__all__))
    assert set(rc.__all__) <= set(dir(rc))


def test_an_unknown_name_is_refused_as_python_does() -> None:
    with pytest.raises(AttributeError, match="reconcile_everything"):
        rc.reconcile_everything  # noqa: B018


def test_sync_is_a_module_that_can_be_called() -> None:
    assert isinstance(rc.sync, ModuleType)
    assert rc.sync.__name__ == "recon.sync"
    assert callable(rc.sync)


def modules_after(code: str) -> set[str]:
    """What a fresh Python has loaded after the code."""
    asked = f"{code}\nimport sys; print(' '.join(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_recon_loads_no_screen_no_network_and_no_store() -> None:
    loaded = modules_after("import recon")
    assert "recon" in loaded
    assert loaded.isdisjoint({"streamlit", "altair", "httpx", "duckdb", "starlette", "polars", "numpy"})


def test_proposing_needs_neither_screen_nor_network_nor_store() -> None:
    """Pure steps stay pure: neither screen nor network is loaded for them, and a chart only when asked for."""
    loaded = modules_after("import recon as rc; rc.propose; rc.explain; rc.read_statement; rc.read_documents")
    assert "recon.match.propose" in loaded
    assert loaded.isdisjoint({"streamlit", "altair", "httpx", "starlette"})
