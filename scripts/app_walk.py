"""A person's way through the demo in headless Chromium, for the browser test and for the screenshots.

In: a folder for the workspace. Out: a running demo and a page to click on. Never: a real bank.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-quic"),
)
WIDTH, HEIGHT = 1440, 900


def chromium() -> str | None:
    """Where a browser is that Playwright can drive, if there is one."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def free_port() -> int:
    """A port of this machine nobody uses."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


@contextmanager
def demo(home: Path, **environment: str) -> Generator[str]:
    """`python -m recon demo` on a fresh workspace; yields its address and ends it afterwards."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "recon",
        "demo",
        "--no-browser",
        "--port",
        str(port),
        "--home",
        str(home),
    ]
    told = {**os.environ, "XDG_CONFIG_HOME": str(home.parent / "config"), **environment}
    process = subprocess.Popen(command, cwd=ROOT, env=told, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        if "recon is ready" not in said:
            raise RuntimeError(f"the demo did not start: {said}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@dataclass
class Walk:
    """One browser page on the demo."""

    page: Page
    address: str

    def open(self, path: str = "") -> None:
        """Go to a page of the app and wait until it stands still."""
        self.page.goto(f"{self.address}/{path}")
        self.settle()

    def settle(self, more_ms: int = 400) -> None:
        """Wait until Streamlit has finished its run."""
        self.page.wait_for_selector(
            '[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=30_000
        )
        self.page.wait_for_timeout(more_ms)

    def button(self, words: str) -> Locator:
        return self.page.get_by_role("button", name=words)

    def press(self, words: str) -> None:
        """Press a button by its words."""
        self.button(words).first.click()
        self.settle()

    def key(self, key: str) -> None:
        """Press a key of the keyboard, as a reviewer does."""
        self.page.keyboard.press(key)
        self.page.wait_for_timeout(300)
        self.settle()

    def shot(self, path: Path, *, whole: bool = False) -> None:
        """A picture of the window, or of the whole page."""
        self.page.mouse.move(1, 1)
        if whole:
            sizes = "() => Math.max(...[...document.querySelectorAll('[data-testid=stMain]')].map(e => e.scrollHeight))"
            self.page.set_viewport_size(
                {"width": WIDTH, "height": max(HEIGHT, int(self.page.evaluate(sizes)) + 10)}
            )
            self.page.wait_for_timeout(500)
        self.page.screenshot(path=str(path))
        self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})

    def trouble(self) -> list[str]:
        """Whatever the page shows as gone wrong."""
        errors = self.page.locator('[data-testid="stException"], [data-testid="stAlertContentError"]')
        return errors.all_inner_texts()

    def begin_connecting(self) -> None:
        """New bank account → the dialog."""
        self.open("bank_accounts")
        self.press("New bank account")

    def log_in(self, bank: str) -> None:
        """From the dialog to the bank, through its pages, and back."""
        self.page.locator("#login-connect").click()
        self.page.locator(f"#bank-{bank}").click()
        self.page.locator("#login").click()
        self.page.locator("#accept").click()
        self.page.wait_for_url("**/bank_accounts**")
        self.settle()
        self.button("Link these accounts").wait_for(timeout=30_000)

    def link(self, *erp_accounts: str) -> None:
        """Confirm the accounts, give each its ERP account, and wait for the first lines."""
        boxes = self.page.locator('[data-testid="stSelectbox"] input')
        for place, number in enumerate(erp_accounts):
            boxes.nth(place).click()
            self.page.keyboard.type(number)
            self.page.wait_for_timeout(400)
            self.page.keyboard.press("Enter")
            self.page.wait_for_timeout(200)
        self.press("Link these accounts")
        self.page.get_by_text("new lines from").wait_for(timeout=60_000)
        self.settle()


@contextmanager
def walk(address: str) -> Generator[Walk]:
    """A fresh browser on the demo's address."""
    path = chromium()
    if path is None:
        raise RuntimeError("no Chromium was found; install one (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, accept_downloads=True)
        page = context.new_page()
        page.set_default_timeout(30_000)
        yield Walk(page, address)
        browser.close()
