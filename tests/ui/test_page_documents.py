"""Documents: files in, with a preview before and a reason for every bad cell, and the list of what is open."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import polars as pl

from recon.flow.files import File, import_files
from recon.flow.workspace import save_preferences
from tests.documents.ubl_maker import invoice
from tests.erp.erp_stub import Books, served

HEAD = "kind;number;party_name;issue_date;due_date;currency;total;open_amount"
GOOD = f"""{HEAD}
invoice;9001;Ærø Bådværft ApS;2026-10-01;2026-10-15;DKK;1250,00;1250,00
bill;9002;Leverandør *A/S*;2026-10-01;2026-11-20;EUR;400,00;400,00
"""
BAD = f"""{HEAD}
invoice;9001;Ærø Bådværft ApS;2026-10-01;2026-10-15;DKK;1250,00;
invoice;;Uden Nummer;2026-10-01;2026-10-15;DKK;100,00;
bill;9003;Leverandør;2026-10-01;2026-11-20;XXQ;400,00;
"""
STATEMENT = "statement-euro.xml"


def upload(app, *files: tuple[str, bytes | str], prefix: str = "documents"):
    given = [(name, content.encode() if isinstance(content, str) else content) for name, content in files]
    app.file_uploader(key=f"{prefix}_files_0").set_value(
        [(name, content, "application/octet-stream") for name, content in given]
    ).run()
    assert not app.exception
    return app


def zipped(text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("one.xml", text)
    return out.getvalue()


def table(app, column: str):
    """The first table that has this column."""
    return next(one.value for one in app.dataframe if column in one.value.columns)


def test_a_new_workspace_is_told_what_to_import(workspace, page):
    app = page("documents")
    assert any("No documents yet" in one.value for one in app.markdown)
    assert {tab.label for tab in app.tabs} == {"Documents", "Import files", "From the ERP", "Imported so far"}


def test_a_file_is_shown_before_it_is_kept(workspace, page):
    app = upload(page("documents"), ("new.csv", GOOD))
    totals = table(app, "documents")
    assert list(totals["total"]) == ["-400.00 EUR", "1,250.00 DKK"]
    assert workspace.items().is_empty()
    app.button(key="documents_import").click().run()
    assert not app.exception
    assert set(workspace.items()["document_no"]) == {"9001", "9002"}
    assert any("2 documents, 2 new" in one.value for one in app.success)


def test_a_bad_file_is_refused_whole_and_every_bad_cell_is_named(workspace, page):
    app = upload(page("documents"), ("bad.csv", BAD))
    named = table(app, "reason")
    assert list(zip(named["line"], named["column"], strict=True)) == [(3, "number"), (4, "currency")]
    assert app.button(key="documents_import").disabled
    assert workspace.items().is_empty()


def test_one_bad_file_keeps_the_good_one_out(workspace, page):
    app = upload(page("documents"), ("new.csv", GOOD), ("bad.csv", BAD))
    assert app.button(key="documents_import").disabled


def test_a_statement_comes_in_by_the_same_door(workspace, page, demo):
    app = upload(page("documents"), (STATEMENT, (demo / STATEMENT).read_bytes()))
    assert any("Bank statement" in one.value for one in app.caption)
    assert list(table(app, "opening")["balance"]) == ["They join up"]
    app.button(key="documents_import").click().run()
    assert workspace.lines().height > 0
    assert workspace.accounts()["currency"].to_list() == ["EUR"]


def test_what_is_neither_is_refused_in_words(workspace, page):
    app = upload(page("documents"), ("note.txt", "hello there"))
    assert app.error
    assert app.button(key="documents_import").disabled


def test_the_same_file_again_says_so_and_adds_nothing(filled, page, demo):
    before = filled.items().height
    app = upload(page("documents"), ("documents.csv", (demo / "documents.csv").read_bytes()))
    app.button(key="documents_import").click().run()
    assert filled.items().height == before
    assert any("imported before" in one.value for one in app.success)


def test_the_list_keeps_to_its_state(filled, page):
    items, today = filled.items(), filled.clock.today()
    still_open = items["open_minor"] != 0
    wanted = {
        "open": still_open.sum(),
        "overdue": (still_open & (items["due_date"] < today)).sum(),
        "all": items.height,
    }
    app = page("documents")
    for state, count in wanted.items():
        app.segmented_control(key="documents_state").set_value(state).run()
        assert f"{count:,} documents" in [one.value for one in app.caption], state


def test_the_list_is_searched_and_kept_to_kinds(filled, page):
    sought = filled.items().filter(kind="bill").row(0, named=True)
    app = page("documents")
    app.text_input(key="documents_words").set_value(sought["document_no"].lower()).run()
    assert sought["document_no"] in list(table(app, "document_no")["document_no"])
    app.multiselect(key="documents_kinds").set_value(["credit_note"]).run()
    assert any("No document fits" in one.value for one in app.markdown)


def test_imports_are_remembered(filled, page):
    history = table(page("documents"), "file_name")
    assert set(history["file_name"]) == {"documents.csv", "statement-drift.xml"}


# ── tables of other programs ──────────────────────────────────────────────────────────────────────────

FOREIGN = """Fakturanr.;Kundenavn;Fakturadato;Forfaldsdato;Beløb ex moms;Beløb inkl. moms;Restbeløb
9101;Ærø Bådværft ApS;01-10-2026;15-10-2026;1.000,00;1.250,00;250,00
9102;Ærø Bådværft ApS;02-10-2026;16-10-2026;-80,00;-100,00;-100,00
"""
UNDECIDED = "Nr;Kunde;Beløb;Forfald\n1;Bager;1.234;03/04/2026\n"


def field(app, kind: str, ending: str):
    """The widget whose key ends so."""
    return next(one for one in getattr(app, kind) if one.key and one.key.endswith(ending))


def test_an_unknown_table_is_offered_with_guesses_and_shown_before_it_is_kept(workspace, page):
    app = upload(page("documents"), ("export.csv", FOREIGN))
    assert field(app, "selectbox", "_total").value == "Beløb inkl. moms"
    assert field(app, "selectbox", "_open_amount").value == "Restbeløb"
    assert field(app, "radio", "_side").value == "sales"
    assert app.button(key="documents_import").disabled, "the file names no currency"
    app.selectbox(key="documents_currency").set_value("DKK").run()
    assert list(table(app, "documents")["open"]) == ["-100.00 DKK", "250.00 DKK"]
    app.button(key="documents_import").click().run()
    assert not app.exception
    kept = workspace.items().sort("document_no")
    assert kept.select("kind", "document_no", "total_minor", "open_minor").rows() == [
        ("invoice", "9101", 125000, 25000),
        ("credit_note", "9102", -10000, -10000),
    ]


def test_columns_named_once_hold_for_the_next_file(workspace, page):
    app = upload(page("documents"), ("october.csv", FOREIGN))
    app.selectbox(key="documents_currency").set_value("DKK").run()
    app.button(key="documents_import").click().run()
    november = FOREIGN.replace("9101;", "9103;").replace("9102;", "9104;")
    import_files(workspace, [File("november.csv", november.encode())], by="cron", currency="DKK")
    assert workspace.items().height == 4
    again = upload(page("documents"), ("december.csv", november.replace("9103", "9105")))
    again.selectbox(key="documents_currency").set_value("DKK").run()
    assert not [one for one in again.radio if one.key and one.key.endswith("_side")], "it is read by itself"
    field(again, "button", "_button").click().run()
    assert field(again, "selectbox", "_total").value == "Beløb inkl. moms"


def test_what_the_file_leaves_open_is_asked_and_never_guessed(workspace, page):
    app = upload(page("documents"), ("export.csv", UNDECIDED))
    app.selectbox(key="documents_currency").set_value("DKK").run()
    assert app.button(key="documents_import").disabled
    assert field(app, "radio", "_decimal_mark").value is None
    assert field(app, "radio", "_date_order").value is None
    field(app, "radio", "_decimal_mark").set_value("comma").run()
    assert app.button(key="documents_import").disabled
    field(app, "radio", "_date_order").set_value("day").run()
    shown = table(app, "document_no")
    assert list(shown["total"]) == ["1,234.00 DKK"]
    app.button(key="documents_import").click().run()
    assert str(workspace.items()["due_date"].item()) == "2026-04-03"


def test_a_field_that_is_needed_is_asked_for(workspace, page):
    app = upload(page("documents"), ("export.csv", "Bilag;Penge;Hvem\n1;5,00;Bager\n"))
    next(one for one in app.segmented_control if "_holds_" in str(one.key)).set_value("documents").run()
    assert any("Still to say: Total with VAT, Who sent these documents" in one.value for one in app.caption)
    assert app.button(key="documents_import").disabled


def test_an_electronic_invoice_is_imported(workspace, page):
    save_preferences(workspace, replace(workspace.preferences(), own_ids=("13585628",)), by="anna")
    app = upload(page("documents"), ("invoice.xml", invoice()), ("more.zip", zipped(invoice(number="1002"))))
    app.button(key="documents_import").click().run()
    assert not app.exception
    assert workspace.items().select("kind", "document_no").sort("document_no").rows() == [
        ("bill", "1001"),
        ("bill", "1002"),
    ]


# ── pulled from the ERP ───────────────────────────────────────────────────────────────────────────────


def test_an_erp_is_connected_pulled_and_disconnected(at_home, tmp_path, page):
    books = Books()
    with served("billy", books) as address:
        store = at_home(tmp_path / "company", BILLY_BASE_URL=address)
        app = page("documents")
        field(app, "text_input", "_billy_TOKEN").set_value("token-b")
        field(app, "button", "_keep_billy").click().run()
        field(app, "button", "_pull_billy").click().run()
        assert not app.exception
        assert any(
            "5 documents read, 4 open: 4 new, 0 changed" in one.value.replace("\\", "") for one in app.success
        )
        assert store.items().filter(pl.col("open_minor") != 0).height == 4
        books.books("1002", "0")
        field(app, "button", "_pull_billy").click().run()
        assert any("settled in Billy" in str(one.value) for one in app.dataframe)
        field(app, "button", "_forget_billy").click().run()
        assert not [one for one in app.button if one.key and one.key.endswith("_pull_billy")]
    assert store.items().height == 4


def test_an_erp_that_refuses_the_token_says_so(at_home, tmp_path, page):
    with served("billy", Books()) as address:
        at_home(tmp_path / "company", BILLY_BASE_URL=address, BILLY_TOKEN="wrong")
        app = page("documents")
        field(app, "button", "_pull_billy").click().run()
    assert any("Billy does not let us read" in one.value for one in app.error)
