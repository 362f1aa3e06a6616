"""`demo`, `app` and `sandbox`: what runs until it is stopped."""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import webbrowser
from collections.abc import Mapping
from pathlib import Path

from recon.clock import read_clock
from recon.errors import UsageError
from recon.flow.files import import_files
from recon.flow.workspace import Store, open_store, save_preferences
from recon.settings import read_settings

HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
_CLIENT_ID = "recon-demo"


def run_sandbox(options: argparse.Namespace) -> int:
    """Serve the sandbox bank until stopped; secrets come from the environment, as the app's do."""
    from recon.sandbox import CLIENT_ID, CLIENT_SECRET, serve

    settings = read_settings()
    _refuse_taken(options.port)
    serve(
        host=HOST,
        port=options.port,
        seed=options.seed,
        clock=options.clock,
        state=options.state,
        client_id=settings.viia_client_id or CLIENT_ID,
        client_secret=settings.viia_client_secret.reveal() if settings.viia_client_secret else CLIENT_SECRET,
        webhook_url=f"{settings.app_url}/hooks/viia" if settings.viia_webhook_secret else None,
        webhook_secret=settings.viia_webhook_secret.reveal() if settings.viia_webhook_secret else None,
        on_ready=lambda url: print(f"The sandbox bank listens on {url}", flush=True),
    )
    return 0


def run_app(options: argparse.Namespace) -> int:
    """Serve the app until stopped."""
    home = read_settings().home if not options.home else options.home[0]
    _refuse_taken(options.port)
    told = {"RECON_HOME": str(home), "RECON_APP_URL": f"http://{HOST}:{options.port}"}
    return _serve_app(options, {**os.environ, **told}, [])


def run_demo(options: argparse.Namespace) -> int:
    """Start the sandbox bank and the app on one workspace, its documents imported, its bank yet to connect."""
    home = (options.home or [read_settings().home])[0].resolve()
    _refuse_taken(options.port)
    bank_port = options.bank_port or _free_port()
    _refuse_taken(bank_port)
    told = _demo_environment(home, options.port, bank_port)
    os.environ.update(told)
    state = home.with_name(home.name + ".sandbox.json")
    if not (home / "recon.duckdb").exists():
        state.unlink(missing_ok=True)  # a bank left from another workspace has other books
    _fill(open_store(home), options.seed)
    bank = subprocess.Popen(  # the sandbox is a bank of its own: another process, as a bank would be
        [
            *(
                sys.executable,
                "-m",
                "recon",
                "sandbox",
                "--port",
                str(bank_port),
                "--seed",
                str(options.seed),
            ),
            *("--state", str(state)),
        ],
        cwd=ROOT,
        env={**os.environ},
        stdout=subprocess.DEVNULL,
    )
    _wait_for((bank_port,), [bank])
    return _serve_app(options, {**os.environ}, [bank])


def _demo_environment(home: Path, port: int, bank_port: int) -> dict[str, str]:
    return {
        "RECON_HOME": str(home),
        "RECON_APP_URL": f"http://{HOST}:{port}",
        "RECON_VIIA_BASE_URL": f"http://{HOST}:{bank_port}",
        "RECON_VIIA_CLIENT_ID": _CLIENT_ID,
        "RECON_VIIA_CLIENT_SECRET": secrets.token_urlsafe(24),
        "RECON_VIIA_REDIRECT_URI": f"http://{HOST}:{port}/oauth/return",
        "RECON_VIIA_WEBHOOK_SECRET": secrets.token_urlsafe(24),
    }


def _fill(store: Store, seed: int) -> None:
    """The demo company's documents, once; its bank lines come from the bank alone."""
    from dataclasses import replace

    from recon.sandbox import make_books, write_documents

    if store.items().height:
        return
    today = read_clock(store.settings.clock).today()
    books = make_books(seed, today)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "documents.csv"
        write_documents(books, path, today)
        import_files(store, [path], by="demo")
    own = (books.company.cvr, books.company.name)
    save_preferences(store, replace(store.preferences(), own_ids=own), by="demo")


def _serve_app(
    options: argparse.Namespace, environment: Mapping[str, str], others: list[subprocess.Popen]
) -> int:
    """Run Streamlit, say the address once it answers, and end everything together."""
    app = subprocess.Popen(
        [
            *(sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")),
            *("--server.port", str(options.port), "--server.address", HOST, "--server.headless", "true"),
        ],
        cwd=ROOT,
        env=dict(environment),
        stdout=subprocess.DEVNULL,
    )
    every = [app, *others]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        _wait_for((options.port,), every)
        url = f"http://{HOST}:{options.port}"
        print(f"recon is ready: {url}   (stop with Ctrl+C)", flush=True)
        if not options.no_browser:
            webbrowser.open(url)
        return app.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        for process in every:  # the app first, or it would find its bank gone
            process.terminate()
            process.wait(timeout=10)


def _wait_for(ports: tuple[int, ...], processes: list[subprocess.Popen]) -> None:
    deadline = time.monotonic() + START_SECONDS
    waiting = list(ports)
    while waiting:
        if any(process.poll() is not None for process in processes) or time.monotonic() > deadline:
            raise UsageError(
                "The app or the sandbox bank did not start; its own words stand above. Nothing is running."
            )
        waiting = [port for port in waiting if not _answers(port)]
        time.sleep(0.05)


def _answers(port: int) -> bool:
    with socket.socket() as door:
        door.settimeout(0.2)
        return door.connect_ex((HOST, port)) == 0


def _refuse_taken(port: int) -> None:
    if _answers(port):
        raise UsageError(
            f"Port {port} is in use by another program. Nothing was started; stop that program, or choose another "
            f"port with --port {port + 1} (make run PORT={port + 1})."
        )


def _free_port() -> int:
    with socket.socket() as door:
        door.bind((HOST, 0))
        return door.getsockname()[1]
