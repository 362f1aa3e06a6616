"""However a run on the pool ends, its files and its processes end with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scale_companies import company

from recon.scale import Pool, propose_all
from recon.scale import pool as pool_module

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[str]]:
    """Every worker process of the test."""
    processes: list[subprocess.Popen[str]] = []
    begin = pool_module._started

    def noted(threads: int) -> subprocess.Popen[str]:
        processes.append(begin(threads))
        return processes[-1]

    monkeypatch.setattr(pool_module, "_started", noted)
    return processes


def test_after_a_good_end(tmp_path: Path, started: list) -> None:
    seen: list[int] = []
    propose_all(
        [company("a"), company("b")],
        Pool(1, least=1, folder=tmp_path),
        progress=lambda *_: seen.append(len(list(tmp_path.iterdir()))),
    )
    assert seen == [1, 1], "the files were somewhere else"
    assert not list(tmp_path.iterdir())
    assert started and all(process.returncode is not None for process in started)


def test_after_an_error_of_the_caller(tmp_path: Path, started: list) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("the screen is gone")

    with pytest.raises(RuntimeError, match="the screen is gone"):
        propose_all([company(f"c{n}") for n in range(6)], Pool(1, least=1, folder=tmp_path), progress=fails)
    assert not list(tmp_path.iterdir())
    assert started and all(process.returncode is not None for process in started)


ENDLESS = """
import sys
sys.path[:0] = [{root!r}, {here!r}]
from scale_companies import Slow, company
from pathlib import Path
from recon.scale import Pool, pool, propose_all
begin = pool._started
def noted(threads):
    process = begin(threads)
    sys.stdout.write(f"{{process.pid}}\\n")
    sys.stdout.flush()
    return process
pool._started = noted
companies = [company(f"c{{n}}", model=Slow()) for n in range(4)]
propose_all(companies, Pool(2, folder=Path({folder!r})))
"""


@pytest.mark.skipif(os.name != "posix", reason="sends the signal of Ctrl-C")
def test_after_ctrl_c(tmp_path: Path) -> None:
    """A script without a main guard, stopped in the midst of work that would take minutes."""
    code = ENDLESS.format(root=str(ROOT), here=str(Path(__file__).parent), folder=str(tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until = time.monotonic() + 30
    while len(list(tmp_path.rglob("rest.pickle"))) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(list(tmp_path.rglob("rest.pickle"))) == 2
    os.killpg(process.pid, signal.SIGINT)
    pids, errors = process.communicate(timeout=20)
    # The signal may come while the script handles an empty queue, so its own words may tell of that too.
    assert errors.rstrip().endswith("KeyboardInterrupt") and errors.count("KeyboardInterrupt") == 1, errors
    assert "worker.py" not in errors, "a worker died with words of its own"
    assert not list(tmp_path.iterdir())
    assert len(pids.split()) == 2
    for pid in pids.split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)
