"""Documents: files in, with a preview before and a reason for every bad cell, and the list of what is open."""

from __future__ import annotations

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


def table(app, column: str):
    """The first table that has this column."""
    return next(one.value for one in app.dataframe if column in one.value.columns)


def test_a_new_workspace_is_told_what_to_import(workspace, page):
    app = page("documents")
    assert any("No documents yet" in one.value for one in app.markdown)
    assert {tab.label for tab in app.tabs} == {"Documents", "Import files", "Imported so far"}


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
