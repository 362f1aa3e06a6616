"""The server as a process: up when it says so, down when told, no heavier than needed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from recon.errors import StorageFailed, UsageError
from recon.sandbox import running, serve

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_serve_tells_its_address_and_ends_quietly(tmp_path, sent):
    told, log = tmp_path / "address", tmp_path / "log"
    code = (
        "import pathlib, recon.sandbox as s\n"
        f"s.serve(port=0, state=pathlib.Path({str(tmp_path / 'state.json')!r}),"
        f" on_ready=lambda url: pathlib.Path({str(told)!r}).write_text(url))\n"
    )
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + 20
        while not (told.exists() and told.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert httpx.get(f"{told.read_text()}/v1/providers").status_code == 200
        process.send_signal(sent)
        assert process.wait(timeout=5) == 0
    finally:
        process.kill()
    assert log.read_text() == ""


def test_a_taken_port_is_said_in_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=str(port)):
            serve(port=port)


def test_a_sandbox_in_a_thread_is_up_in_well_under_a_second():
    began = time.monotonic()
    with running() as up:
        assert httpx.get(f"{up.url}/v1/providers").status_code == 200
        assert time.monotonic() - began < 1.5
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{up.url}/v1/providers")


def test_two_sandboxes_do_not_know_each_other():
    with running() as one, running(seed=8) as other:
        assert one.url != other.url and one.bank.books.company.cvr != other.bank.books.company.cvr


def test_importing_the_sandbox_brings_no_screen():
    code = "import sys, recon.sandbox.server; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_a_state_file_that_is_not_ours_is_refused_and_kept(tmp_path):
    file = tmp_path / "state.json"
    file.write_text('{"hello": 1}')
    with pytest.raises(StorageFailed, match=r"state\.json"):
        with running(state=file):
            pass
    assert file.read_text() == '{"hello": 1}'


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    tmp_path.chmod(0o500)
    with running(state=tmp_path / "state.json") as up, pytest.raises(StorageFailed):
        up.bank.save()
