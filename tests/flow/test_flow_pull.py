"""Documents pulled from an ERP: once each, amounts as they stand there, and told when they are no longer open."""

import json
from dataclasses import replace

import pytest

from recon.cli.parser import build_parser
from recon.cli.pull import run_pull
from recon.errors import BankError, SettingMissing
from recon.flow.check import check
from recon.flow.files import File, import_files
from recon.flow.pull import access_of, forget_access, has_access, is_kept, keep_access, pull
from recon.flow.workspace import open_store, save_preferences
from recon.settings import Secret, Settings, read_settings
from tests.documents.ubl_maker import US, invoice, party, totals
from tests.erp.erp_stub import TOKENS, Books, served


@pytest.fixture
def books():
    return Books()


@pytest.fixture
def store(tmp_path, books):
    """A workspace whose settings point at an e-conomic on this machine."""
    with served("economic", books) as address:
        erp = {f"ECONOMIC_{tail}": Secret(text) for tail, text in TOKENS["economic"].items()}
        home = tmp_path / "workspace"
        told = Settings(home=home, vault_key=Secret("k"), erp=erp | {"ECONOMIC_BASE_URL": Secret(address)})
        yield open_store(home, told)


def opens(store):
    return dict(store.items().sort("document_no").select("document_no", "open_minor").iter_rows())


def test_what_is_open_comes_and_what_was_always_settled_does_not(store):
    done = pull(store, "economic", by="anna")
    assert opens(store) == {"1001": 125000, "1002": 30050, "1004": -25000}
    assert (done.read, done.still_open, done.new, done.changed) == (4, 3, 3, 0)


def test_pulled_again_nothing_doubles(store):
    pull(store, "economic", by="anna")
    before = store.items()
    done = pull(store, "economic", by="anna")
    assert (done.new, done.changed, done.closed, done.gone) == (0, 0, [], [])
    assert store.items().equals(before)
    assert check(store).ok


def test_amounts_follow_the_erp_and_a_settled_document_is_told_and_kept(store, books):
    pull(store, "economic", by="anna")
    books.books("1001", "250.00")
    books.books("1002", "0")
    done = pull(store, "economic", by="anna")
    assert (done.new, done.changed, done.closed) == (0, 2, ["1002"])
    assert opens(store) == {"1001": 25000, "1002": 0, "1004": -25000}
    assert [one["what"] for one in done.findings] == ["no_longer_open"]
    assert pull(store, "economic", by="anna").closed == [], "told once"
    assert check(store).ok


def test_a_document_the_erp_no_longer_has_is_told_and_not_deleted(store, books):
    pull(store, "economic", by="anna")
    books.drops("1004")
    done = pull(store, "economic", by="anna")
    assert done.gone == ["1004"]
    assert [one["severity"] for one in done.findings] == ["warning"]
    assert opens(store)["1004"] == -25000


def test_a_failed_pull_changes_nothing(store, books, monkeypatch):
    pull(store, "economic", by="anna")
    before = store.items()
    events = store.events().height
    monkeypatch.setattr(Books, "page", lambda *_: [])
    with pytest.raises(BankError):
        pull(store, "economic", by="anna")
    assert store.items().equals(before)
    assert store.events().height == events


def test_a_pull_is_told_to_the_audit_trail(store):
    pull(store, "economic", by="anna")
    last = store.events(1).row(0, named=True)
    assert (last["kind"], last["subject"], last["done_by"]) == ("erp_pulled", "e-conomic", "anna")


# ── one document by two ways ──────────────────────────────────────────────────────────────────────────

CSV = (
    "kind;number;party_name;issue_date;currency;total;open_amount\n"
    "invoice;1001;Ærø Bådværft ApS;2026-10-01;DKK;1250,00;1250,00\n"
)


def test_a_document_typed_before_is_the_erps(store):
    import_files(store, [File("documents.csv", CSV.encode())], by="anna")
    done = pull(store, "economic", by="anna")
    assert store.items().filter(document_no="1001").height == 1
    assert [one["what"] for one in done.findings] == ["known_document"]
    assert done.new == 2


@pytest.mark.parametrize(
    "change",
    [
        ("1250,00;1250,00", "1251,00;1251,00"),
        ("2026-10-01", "2026-10-02"),
        ("Ærø Bådværft", "Hotel Skagen"),
        ("DKK", "SEK"),
        ("invoice;", "bill;"),
    ],
)
def test_what_differs_in_anything_stays_two(store, change):
    import_files(store, [File("documents.csv", CSV.replace(*change).encode())], by="anna")
    pull(store, "economic", by="anna")
    assert store.items().filter(document_no="1001").height == 2


def electronic(number="1001", payable="1250.00"):
    customer = party("Ærø Bådværft ApS", "25313763")
    return invoice(supplier=US, customer=customer, number=number, money=totals(payable, payable))


def test_an_electronic_invoice_never_opens_again_what_the_erp_settled(store, books):
    pull(store, "economic", by="anna")
    books.books("1001", "0")
    pull(store, "economic", by="anna")
    save_preferences(store, replace(store.preferences(), own_ids=("13585628",)), by="anna")
    xml = electronic()
    (done,) = import_files(store, [File("invoice.xml", xml.encode())], by="anna")
    assert (done.new, done.known) == (0, 1)
    assert opens(store)["1001"] == 0
    (again,) = import_files(store, [File("copy.xml", (xml + "\n").encode())], by="anna")
    assert again.new == 0
    assert opens(store)["1001"] == 0


# ── access ────────────────────────────────────────────────────────────────────────────────────────────


def test_secrets_come_from_the_settings_or_the_vault(tmp_path):
    store = open_store(tmp_path / "w", Settings(home=tmp_path / "w", vault_key=Secret("k")))
    assert not has_access(store, "billy")
    with pytest.raises(SettingMissing, match="RECON_BILLY_TOKEN"):
        pull(store, "billy", by="anna")
    with pytest.raises(SettingMissing):
        keep_access(store, "billy", {"TOKEN": " "}, by="anna")
    keep_access(store, "billy", {"TOKEN": "first-token"}, by="anna")
    keep_access(store, "billy", {"TOKEN": "kept-token"}, by="anna")
    assert access_of(store, "billy").reveal("TOKEN") == "kept-token"
    assert has_access(store, "billy")
    assert store.vault.consents() == [], "an ERP is no consent"
    for file in (tmp_path / "w").rglob("*"):
        assert not file.is_file() or b"kept-token" not in file.read_bytes()
    forget_access(store, "billy", by="anna")
    assert not is_kept(store, "billy")


def test_settings_are_read_by_the_erps_name():
    told = read_settings({"RECON_BILLY_TOKEN": "t", "RECON_BILLYGOAT": "x", "RECON_HOME": "h"}, env_file=None)
    assert {name: value.reveal() for name, value in told.erp.items()} == {"BILLY_TOKEN": "t"}
    assert "RECON" not in repr(told)
    assert "t'" not in repr(told)


def test_the_command_tells_one_document(store, capsys, monkeypatch):
    monkeypatch.setattr("recon.cli.pull.the_store", lambda _: store)
    options = build_parser().parse_args(["pull", "--from", "economic", "--json", "--by", "cron"])
    assert run_pull(options) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["from"], told["read"], told["new"], told["gone"]) == ("economic", 4, 3, [])
