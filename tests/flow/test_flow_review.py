"""Review from proposal to journal: what is accepted is booked, what is undone is answered, nothing twice."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from recon.errors import (
    AlreadyDecided,
    DecisionRefused,
    ErpAccountMissing,
    NothingToUndo,
    OverAllocated,
    UsageError,
)
from recon.flow.check import check
from recon.flow.files import File, import_files
from recon.flow.matching import match
from recon.flow.posting import export
from recon.flow.review import accept, allocate, book, reject, undo
from recon.flow.workspace import Preferences, open_store, save_preferences
from recon.review.policy import AutoAccept
from recon.settings import Secret, Settings

DOCUMENTS = """kind,number,party_name,party_id,issue_date,due_date,currency,total,payment_reference
invoice,1041,Havnens Bageri ApS,K1,2026-09-01,2026-09-15,DKK,1250.00,+71<000000000010413+12345678<
invoice,1042,Havnens Bageri ApS,K1,2026-09-05,2026-09-19,DKK,800.00,
invoice,1043,Fjordens Fisk A/S,K2,2026-09-05,2026-09-19,DKK,500.00,
invoice,1044,Fjordens Fisk A/S,K2,2026-09-05,2026-09-19,DKK,500.00,
bill,9001,Papir og Pen A/S,L1,2026-09-02,2026-09-16,DKK,300.00,
"""

CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>1</MsgId>
<CreDtTm>2026-10-01T08:00:00</CreDtTm></GrpHdr><Stmt><Id>1</Id><CreDtTm>2026-10-01T08:00:00</CreDtTm>
<Acct><Id><IBAN>DK5000400440116243</IBAN></Id><Ccy>DKK</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="DKK">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-09-01</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="DKK">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-09-30</Dt></Dt></Bal>{entries}</Stmt></BkToCstmrStmt></Document>"""

LINES = [  # day, amount, text, structured reference
    ("2026-09-15", "1250.00", "Indbetaling", "710000000000010413"),
    ("2026-09-18", "800.00", "HAVNENS BAGERI 1042", ""),
    ("2026-09-19", "500.00", "FJORDENS FISK", ""),
    ("2026-09-17", "-300.00", "PAPIR OG PEN 9001", ""),
    ("2026-09-20", "-45.00", "Gebyr", ""),
]


def structured(ref: str) -> str:
    return f"<Strd><CdtrRefInf><Ref>{ref}</Ref></CdtrRefInf></Strd>" if ref else ""


def statement() -> str:
    entries = "".join(
        f"""<Ntry><Amt Ccy="DKK">{amount.lstrip("-")}</Amt>
        <CdtDbtInd>{"DBIT" if amount.startswith("-") else "CRDT"}</CdtDbtInd><Sts>BOOK</Sts>
        <BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>R{number}</AcctSvcrRef>
        <NtryDtls><TxDtls><RmtInf><Ustrd>{text}</Ustrd>
        {structured(ref)}</RmtInf></TxDtls></NtryDtls></Ntry>"""
        for number, (day, amount, text, ref) in enumerate(LINES)
    )
    closing = Decimal("1000.00") + sum(Decimal(amount) for _, amount, _, _ in LINES)
    return CAMT.format(closing=closing, entries=entries)


@pytest.fixture
def store(tmp_path):
    """A small company: five lines, five documents, nothing decided."""
    made = open_store(tmp_path / "workspace", Settings(vault_key=Secret("k")))
    files = [File("september.xml", statement().encode()), File("documents.csv", DOCUMENTS.encode())]
    import_files(made, files, by="anna")
    set_erp(made, "5820")
    match(made)
    return made


def set_erp(store, number):
    from recon.flow.accounts import set_account

    set_account(store, store.accounts()["account_id"][0], by="anna", erp_account=number)


def line(store, text: str) -> str:
    return store.lines().filter(pl.col("text").str.contains(text))["line_id"][0]


def item(store, number: str) -> str:
    return store.items().filter(document_no=number)["item_id"][0]


def proposal_for(store, text: str, rank: int = 1) -> str:
    legs = store.legs().filter(line_id=line(store, text))
    return store.proposals().filter(pl.col("proposal_id").is_in(legs["proposal_id"].implode()), rank=rank)[
        "proposal_id"
    ][0]


def open_minor(store, number: str) -> int:
    return store.items().filter(document_no=number)["open_minor"][0]


def balance_of(store, account: str) -> int:
    signed = pl.when(pl.col("side") == "debit").then("amount_minor").otherwise(-pl.col("amount_minor"))
    return store.postings().filter(erp_account=account).select(signed.sum()).item()


def test_accepting_settles_the_document_and_books_it(store):
    accept(store, proposal_for(store, "Indbetaling"), by="anna")
    assert open_minor(store, "1041") == 0
    assert line(store, "Indbetaling") not in store.open_lines()["line_id"]
    assert (balance_of(store, "5820"), balance_of(store, "5600")) == (125000, -125000)
    assert check(store).ok


def test_expenses_are_settled_like_invoices(store):
    accept(store, proposal_for(store, "PAPIR"), by="anna")
    assert open_minor(store, "9001") == 0
    assert (balance_of(store, "5820"), balance_of(store, "6800")) == (-30000, 30000)


def test_two_equal_invoices_are_a_tie_and_never_chosen(store):
    """Fjordens Fisk owes 500.00 twice: nothing says which of them was paid."""
    tied = store.unmatched().filter(line_id=line(store, "FJORDENS"))
    assert tied["reason"].to_list() == ["tie"]
    rivals = store.legs().filter(line_id=line(store, "FJORDENS"))
    assert set(rivals["item_id"]) >= {item(store, "1043"), item(store, "1044")}
    chosen = store.proposals().filter(pl.col("proposal_id").is_in(rivals["proposal_id"].implode()))
    assert not chosen["auto"].any()
    assert chosen["rival"].is_not_null().all()


def test_accepting_twice_is_refused_with_who_and_when(store):
    chosen = proposal_for(store, "Indbetaling")
    accept(store, chosen, by="anna")
    with pytest.raises(AlreadyDecided, match="anna decided this on"):
        accept(store, chosen, by="bent")
    assert store.decisions().height == 1


def test_the_same_command_again_gives_the_first_answer(store):
    """A double click, or a repeat after a broken connection."""
    chosen = proposal_for(store, "Indbetaling")
    first = accept(store, chosen, by="anna", command_id="c-1")
    assert accept(store, chosen, by="anna", command_id="c-1") == first
    assert store.decisions().height == 1


def test_several_are_accepted_all_or_none(store):
    both = [proposal_for(store, "Indbetaling"), proposal_for(store, "PAPIR")]
    accept(store, both[0], by="anna")
    with pytest.raises(AlreadyDecided):
        accept(store, list(reversed(both)), by="bent")
    assert store.decisions().height == 1
    assert open_minor(store, "9001") == -30000


def test_undo_gives_everything_back_and_leaves_the_history(store):
    before = store.items()
    decision = accept(store, proposal_for(store, "Indbetaling"), by="anna")
    undo(store, decision, by="bent", reason="wrong customer")
    assert store.items().equals(before)
    assert store.decisions()["action"].to_list() == ["accept", "undo"]
    assert balance_of(store, "5820") == 0
    assert proposal_for(store, "Indbetaling")
    with pytest.raises(NothingToUndo, match="undone before"):
        undo(store, decision, by="bent")
    assert check(store).ok


def test_a_rejected_pair_is_not_proposed_again(store):
    reject(store, proposal_for(store, "HAVNENS"), by="anna", reason="other customer")
    pair = (line(store, "HAVNENS"), item(store, "1042"))
    assert pair not in set(
        store.legs().join(store.proposals(), on="proposal_id").select("line_id", "item_id").iter_rows()
    )
    match(store)
    assert pair not in set(store.legs().select("line_id", "item_id").iter_rows())


def test_a_line_is_split_over_documents_and_an_account(store):
    allocate(
        store,
        line(store, "Indbetaling"),
        {item(store, "1042"): Decimal("800.00"), item(store, "1043"): 40000, "account:7220": 5000},
        by="anna",
    )
    assert (open_minor(store, "1042"), open_minor(store, "1043")) == (0, 10000)
    assert balance_of(store, "5600") == -120000
    assert check(store).ok


@pytest.mark.parametrize(
    ("amounts", "refused"),
    [
        ({"1041": 125001}, OverAllocated),  # more than the line has
        ({"1042": 80001}, OverAllocated),  # more than the document awaits
        ({"9001": 30000}, OverAllocated),  # a bill does not await money
        ({"1042": 0}, DecisionRefused),
        ({}, DecisionRefused),
        ({"nowhere": 100}, DecisionRefused),
    ],
)
def test_what_would_break_the_books_is_refused(store, amounts, refused):
    known = {row["document_no"]: row["item_id"] for row in store.items().to_dicts()}
    with pytest.raises(refused):
        allocate(
            store,
            line(store, "Indbetaling"),
            {known.get(no, no): minor for no, minor in amounts.items()},
            by="anna",
        )
    assert store.decisions().is_empty()
    assert store.allocations().is_empty()


def test_a_fee_is_booked_to_an_account_without_a_document(store):
    book(store, line(store, "Gebyr"), "7220", by="anna")
    assert (balance_of(store, "5820"), balance_of(store, "7220")) == (-4500, 4500)
    assert store.decisions()["action"].to_list() == ["book"]


def test_nothing_is_posted_before_the_bank_has_its_erp_account(store, tmp_path):
    other = open_store(tmp_path / "other", Settings(vault_key=Secret("k")))
    import_files(other, [File("september.xml", statement().encode())], by="anna")
    book(other, line(other, "Gebyr"), "7220", by="anna")
    assert other.postings().is_empty()
    with pytest.raises(ErpAccountMissing, match="no ERP account"):
        export(other, "csv", by="anna")
    set_erp(other, "5820")
    assert other.postings()["amount_minor"].to_list() == [4500, 4500]


def test_exporting_again_gives_the_same_bytes_and_a_reversal_follows_an_undo(store):
    decision = accept(store, proposal_for(store, "Indbetaling"), by="anna")
    first = {name: export(store, name, by="anna") for name in ("economic", "csv", "xlsx")}
    again = {name: export(store, name, by="bent") for name in first}
    assert {name: one.content for name, one in first.items()} == {
        name: one.content for name, one in again.items()
    }
    assert again["csv"].repeated
    undo(store, decision, by="anna")
    reversal = export(store, "csv", by="anna")
    assert reversal.batch_no == 2
    assert b"Reversal of" in reversal.content
    assert export(store, "csv", by="anna", batch_no=1).content == first["csv"].content


def test_an_undo_before_any_export_leaves_nothing_to_export(store):
    undo(store, accept(store, proposal_for(store, "Indbetaling"), by="anna"), by="anna")
    with pytest.raises(UsageError, match="nothing to export"):
        export(store, "csv", by="anna")


def test_a_changed_name_does_not_change_an_exported_file(store):
    """Names in a file come from documents; the ERP may have imported the file already."""
    accept(store, proposal_for(store, "HAVNENS"), by="anna")
    first = export(store, "csv", by="anna")
    renamed = DOCUMENTS.replace("Havnens Bageri ApS", "Havnens Bageri & Konditori ApS")
    import_files(store, [File("documents.csv", renamed.encode())], by="anna")
    assert export(store, "csv", by="anna").content == first.content


def test_importing_again_renews_open_amounts_and_adds_nothing(store):
    accept(store, proposal_for(store, "HAVNENS"), by="anna")
    paid = DOCUMENTS.replace("total,payment_reference", "total,payment_reference,open_amount").replace(
        "\n", ",\n"
    )
    paid = paid.replace("payment_reference,open_amount,", "payment_reference,open_amount")
    paid = paid.replace("DKK,500.00,,", "DKK,500.00,,200.00", 1)
    (done,) = import_files(store, [File("documents.csv", paid.encode())], by="anna")
    assert (done.items, done.new, done.known) == (5, 0, 5)
    assert open_minor(store, "1043") == 20000
    assert open_minor(store, "1042") == 0, "settled here, though the ERP does not know it yet"


def test_the_same_statement_twice_adds_nothing_and_says_so(store):
    before = store.lines()
    (done,) = import_files(store, [File("september.xml", statement().encode())], by="anna")
    assert (done.new, done.known) == (0, 5)
    assert "was imported on" in done.findings[-1]["words"]
    assert store.lines().equals(before)


def test_one_bad_file_keeps_all_of_them_out(store, tmp_path):
    from recon.errors import DataRefused

    empty = open_store(tmp_path / "empty", Settings(vault_key=Secret("k")))
    bad = DOCUMENTS.replace("2026-09-19", "2026-09-31", 1)
    with pytest.raises(DataRefused, match="line 3"):
        import_files(
            empty, [File("s.xml", statement().encode()), File("documents.csv", bad.encode())], by="anna"
        )
    assert empty.lines().is_empty()
    assert empty.items().is_empty()


def test_nothing_is_accepted_by_itself_until_a_person_allows_it(store):
    assert match(store).auto == 0
    allowed = AutoAccept(on=True, approved_by="anna")
    save_preferences(store, Preferences(auto=allowed), by="anna")
    assert match(store).auto == 1, "the full reference with the exact amount, and nothing else"
    decision = store.decisions().row(0, named=True)
    assert decision["auto"]
    assert decision["by"] == "engine, as anna allowed"
    assert open_minor(store, "1041") == 0


def test_every_decision_is_told_with_who_what_and_why(store):
    accept(store, proposal_for(store, "HAVNENS"), by="anna", reason="spoke with them")
    event = store.events().filter(kind="accept").row(0, named=True)
    assert event["done_by"] == "anna"
    assert event["engine_version"] == store.decisions()["engine_version"][0]
    for told in ("spoke with them", "evidence", "80000", item(store, "1042")):
        assert told in event["payload"]


def test_a_backtest_replays_what_people_decided(store):
    from recon.flow.backtest import backtest

    accept(store, [proposal_for(store, text) for text in ("Indbetaling", "HAVNENS")], by="anna")
    allocate(store, line(store, "FJORDENS"), {item(store, "1043"): 50000}, by="anna")
    book(store, line(store, "Gebyr"), "7220", by="anna")
    told = backtest(store)
    assert told.lines.height == 3, "the booking to an account is no question to the engine"
    assert told.coverage == pytest.approx(2 / 3), "the tie has no answer"
    assert told.precision == told.auto_precision == 1.0
    assert backtest(store, since=store.clock.today().replace(year=2100)).lines.is_empty()
