"""One person's first half hour, in a real browser: from New bank account to a downloaded journal."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="Playwright is not installed, so no browser can be driven")

from recon.flow.check import check
from recon.flow.workspace import open_store
from recon.post.formats import FORMATS
from recon.settings import Settings
from scripts.app_walk import ROOT, Walk, chromium, demo, walk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        chromium() is None, reason="no Chromium on this machine: the browser journey was not taken"
    ),
]
SHOTS = ROOT / "build" / "journey"


def test_from_new_bank_account_to_a_downloaded_journal(tmp_path):
    SHOTS.mkdir(parents=True, exist_ok=True)
    home = tmp_path / "workspace"
    with demo(home) as address, walk(address) as visitor:
        store = open_store(home, Settings())

        def look(name: str) -> None:
            visitor.shot(SHOTS / f"{name}.png", whole=True)
            assert visitor.trouble() == [], name

        visitor.open()
        look("1-new-home")
        visitor.begin_connecting()
        look("2-new-bank-account")
        visitor.log_in("DK_Havbanken")
        assert store.accounts().is_empty(), "nothing is linked before a person confirms"
        look("3-confirm")
        visitor.link("5820", "5830")
        look("4-linked")
        lines = store.lines().height
        assert lines > 300
        assert store.accounts()["erp_account"].to_list() == ["5820", "5830"]

        visitor.open()
        visitor.page.get_by_text("2 of 2").wait_for()
        look("5-home")

        visitor.open("review")
        for _ in range(3):
            visitor.key("a")
        assert store.decisions()["action"].to_list() == ["accept"] * 3, "three keys, three matches"
        look("6-review")
        visitor.key("u")
        assert store.decisions()["action"].to_list() == ["accept"] * 3 + ["undo"]
        assert store.open_lines().height == lines - 2

        visitor.open("postings")
        look("7-postings")
        journal = export_csv(visitor, tmp_path / "journal.csv")
        assert len({row["journal_id"] for row in journal}) == 2
        debits = sum(round(float(row["debit"] or 0) * 100) for row in journal)
        assert debits == sum(round(float(row["credit"] or 0) * 100) for row in journal) > 0
        look("8-exported")

        for page in ("reconciliation", "documents", "activity", "settings", "bank_accounts"):
            visitor.open(page)
            look(f"9-{page}")
        assert check(store).ok


def export_csv(visitor: Walk, path: Path) -> list[dict[str, str]]:
    """Choose the plain file, export, download; its rows."""
    visitor.page.locator(".st-key-postings_format input").click()
    visitor.page.get_by_role("option", name=FORMATS["csv"].name).click()
    visitor.settle()
    visitor.page.locator(".st-key-postings_export button").click()
    with visitor.page.expect_download() as waiting:
        visitor.page.locator(".st-key-postings_download button").click()
    waiting.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_bank_sends_the_person_back_when_it_wants_a_login(tmp_path):
    """The Finnish bank asks for a person at every update: Synchronize says so and leads there and back."""
    home = tmp_path / "workspace"
    with demo(home) as address, walk(address) as visitor:
        visitor.begin_connecting()
        visitor.log_in("FI_Koivupankki")
        visitor.link("5840")
        store = open_store(home, Settings())
        before = store.lines().height
        visitor.press("Synchronize bank accounts")
        link = visitor.page.get_by_text("Log in at the bank")
        link.wait_for(timeout=60_000)
        assert store.consents()["status"].to_list() == ["needs_login"]
        link.first.click()
        visitor.page.locator("#login").click()
        visitor.page.wait_for_url("**/bank_accounts**")
        visitor.page.get_by_text("Connected").first.wait_for(timeout=60_000)
        assert store.consents()["status"].to_list() == ["active"]
        assert store.lines().height == before
        visitor.page.get_by_text("wants you to log in").first.wait_for(state="detached", timeout=60_000)
        visitor.settle()
        assert visitor.trouble() == []
