"""The source tested as text: who imports whom, and what no file may hold."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
WORDS = {
    "money",
    "schema",
    "errors",
    "settings",
    "clock",
    "policy",
    "text",
    "references",
    "disk",
    "tables",
    "xml",
    "archive",
}
STEPS = {"consent", "statements", "documents", "normalise", "match", "review", "post"}
EDGES = {"bank", "erp", "store", "vault", "keyring", "sealing", "sandbox"}
ONLY_IN = {
    "httpx": {"recon/bank", "recon/erp"},
    "duckdb": {"recon/store"},
    "streamlit": {"app.py", "pages", "recon/ui"},
    "starlette": {"recon/sandbox", "recon/ui"},
    "uvicorn": {"recon/sandbox"},
    "cryptography": {"recon/vault.py", "recon/sealing.py", "recon/sandbox"},
    "ray": {"recon/scale"},
    "splink": {"recon/bench"},
}
ASKS_THE_MACHINE = {"os.environ", "os.getenv", "datetime.now", "date.today", "time.time", "datetime.utcnow"}


def sources() -> list[Path]:
    return sorted([ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "recon").rglob("*.py")])


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> set[str]:
    """Every module a file imports, whole names, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} imports relatively"
            found.add(node.module or "")
            if node.module == "recon":
                found |= {f"recon.{alias.name}" for alias in node.names}
    return found


def part_of(module: str) -> str | None:
    """`recon.match.score` belongs to `match`."""
    pieces = module.split(".")
    return pieces[1] if pieces[0] == "recon" and len(pieces) > 1 else None


def allowed_parts(part: str) -> set[str] | None:
    """What a part of recon may import of recon; None: anything."""
    if part in WORDS:
        return WORDS
    if part in STEPS or part in EDGES:
        return WORDS | {part} | {"bank": {"vault"}, "vault": {"keyring"}, "erp": {"bank"}}.get(part, set())
    if part == "ui":
        return WORDS | STEPS | {"flow", "ui"}
    if part == "flow":
        return WORDS | STEPS | EDGES | {"flow"}
    if part == "scale":
        return WORDS | {"match", "flow", "scale"}
    if part == "bench":
        return WORDS | {"normalise", "match", "flow", "bench"}
    return None


def test_there_is_something_to_read() -> None:
    assert len(sources()) > 60


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_a_part_imports_only_what_it_may(path: Path) -> None:
    pieces = path.relative_to(ROOT).with_suffix("").parts
    part = "ui" if pieces[0] != "recon" else pieces[1]
    allowed = allowed_parts(part)
    if allowed is None:
        return
    breaches = sorted(module for module in imports(path) if (to := part_of(module)) and to not in allowed)
    assert not breaches, f"{name_of(path)} may not import {', '.join(breaches)}"


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_nothing_but_the_benchmark_imports_the_benchmark(path: Path) -> None:
    """What knows the truth of made-up books stays out of what matches real ones."""
    if name_of(path).startswith("recon/bench/"):
        return
    assert not {module for module in imports(path) if part_of(module) == "bench"}


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_a_library_stays_at_its_edge(path: Path) -> None:
    for module in imports(path):
        homes = ONLY_IN.get(module.split(".")[0])
        if homes is not None:
            assert any(name_of(path).startswith(home) for home in homes), f"{name_of(path)} imports {module}"


def steps() -> list[Path]:
    return [path for path in sources() if set(path.relative_to(ROOT).parts[1:2]) & STEPS]


@pytest.mark.parametrize("path", steps(), ids=name_of)
def test_a_step_asks_neither_clock_nor_environment(path: Path) -> None:
    asked = {
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ASKS_THE_MACHINE
    }
    assert not asked, f"{name_of(path)} asks {asked}"


def test_the_database_file_is_never_opened_by_its_path() -> None:
    """DuckDB 2.0.0 loses other processes' commits that way."""
    opened = [
        f"{name_of(path)}: {found}"
        for path in sources()
        for found in re.findall(r"duckdb\.connect\([^)]*\)", path.read_text("utf-8"))
        if found != 'duckdb.connect(":memory:")'
    ]
    assert not opened


def test_no_page_renders_unsafe_html() -> None:
    guilty = [name_of(path) for path in sources() if "unsafe_allow_html" in path.read_text("utf-8")]
    assert not guilty


def test_no_lock_file_holds_an_address() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        assert "://" not in lock.read_text("utf-8")
        assert "--hash=sha256:" in lock.read_text("utf-8")


def test_what_is_committed_is_source_and_small() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout
    if not listed:
        pytest.skip("not a git checkout: the list of committed files is not known")
    files = [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).exists()]
    large = [name_of(path) for path in files if path.stat().st_size > 600_000]
    private = [
        name_of(path) for path in files if path.suffix in (".duckdb", ".enc", ".wal") or path.name == ".env"
    ]
    assert not large and not private
