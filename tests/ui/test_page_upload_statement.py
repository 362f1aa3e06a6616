"""Bank files through the app's import: recognised by themselves, or with columns that a person names once."""

from __future__ import annotations

import time

import pytest

from recon.flow.files import File, import_files
from recon.flow.inbox import inbox, take_inbox
from tests.ui.test_page_documents import field, table, upload

STRANGE = (
    "Hvornår;Hvad;Hvem;Penge;Beholdning\n01-10-2026;Salg;Bager;100,00;600,00\n02-10-2026;Køb;;-75,50;524,50\n"
)
CARD = "Date,Text,Amount\n2026-10-04,Taxi,120.50\n"
OPEN = "Dato;Tekst;Beløb\n03/04/2026;a;1.234\n04/05/2026;b;2.000\n"
NAMED = "Dato;Tekst;Beløb;Kontonummer\n02.10.2026;a;1,00;7670 2746936\n"
BARS = "Dag|Ord|Penge\n02.10.2026|a|1,00\n"


def holds(app, what: str):
    next(one for one in app.segmented_control if "_holds_" in str(one.key)).set_value(what).run()
    assert not app.exception
    return app


def name(app, **places: int | list[int]):
    """Say which column is which, by its place from 0."""
    for role, place in places.items():
        kind = "multiselect" if isinstance(place, list) else "selectbox"
        field(app, kind, f"_{role}").set_value(place).run()
    assert not app.exception
    return app


def is_whole(app) -> bool:
    return not app.button(key="documents_import").disabled


def imported(app):
    app.button(key="documents_import").click().run()
    assert not app.exception
    return app


def in_kroner(app):
    app.selectbox(key="documents_currency").set_value("DKK").run()
    return app


def strange(page, text: str = STRANGE, file: str = "october.csv"):
    return holds(in_kroner(upload(page("documents"), (file, text))), "statement")


def test_an_unknown_table_is_named_shown_and_imported(workspace, page):
    app = strange(page)
    assert any("Still to say: Booking date, Amount" in one.value for one in app.caption)
    assert not is_whole(app)
    name(app, date=0, text=[1], name=2, amount=3, balance=4)
    assert list(table(app, "opening")["balance"]) == ["They join up"]
    assert list(table(app, "booking_date")["amount"]) == ["100.00 DKK", "-75.50 DKK"]
    assert workspace.lines().is_empty(), "a preview keeps nothing"
    imported(app)
    assert workspace.lines().select("amount_minor", "text", "counterparty_name").rows() == [
        (10000, "Salg", "Bager"),
        (-7550, "Køb", None),
    ]


def test_what_was_said_once_holds_for_the_next_file_and_may_be_changed(workspace, page):
    imported(name(strange(page), date=0, text=[1], amount=3))
    later = STRANGE.replace("-10-2026", "-11-2026")
    app = in_kroner(upload(page("documents"), ("november.csv", later)))
    assert not app.segmented_control[0:] or not [
        one for one in app.segmented_control if "_holds_" in str(one.key)
    ]
    assert len(table(app, "booking_date")) == 2
    field(app, "button", "_button").click().run()
    assert field(app, "selectbox", "_amount").value == 3
    name(app, balance=4)
    assert list(table(app, "opening")["balance"]) == ["They join up"]


def test_what_was_said_is_not_kept_where_the_person_says_so(workspace, page):
    app = name(strange(page), date=0, text=[1], amount=3)
    field(app, "checkbox", "_remember").uncheck().run()
    imported(app)
    again = upload(page("documents"), ("november.csv", STRANGE.replace("-10-", "-11-")))
    assert [one for one in again.segmented_control if "_holds_" in str(one.key)]


def test_dates_and_decimals_that_read_both_ways_are_asked(workspace, page):
    app = in_kroner(upload(page("documents"), ("open.csv", OPEN)))
    assert field(app, "radio", "_first").value is None, "the titles are known, so it is taken for a statement"
    field(app, "radio", "_first").set_value("month").run()
    assert not is_whole(app)
    field(app, "radio", "_mark").set_value(",").run()
    lines = table(app, "booking_date")
    assert [f"{day:%d.%m}" for day in lines["booking_date"]] == ["04.03", "05.04"]
    assert list(lines["amount"]) == ["1,234.00 DKK", "2,000.00 DKK"]


def test_a_card_statement_is_turned_round(workspace, page):
    app = in_kroner(upload(page("documents"), ("card.csv", CARD)))
    assert list(table(app, "booking_date")["amount"]) == ["120.50 DKK"]
    field(app, "button", "_button").click().run()
    field(app, "checkbox", "_flip").check().run()
    assert list(table(app, "booking_date")["amount"]) == ["-120.50 DKK"]
    imported(app)
    assert workspace.lines()["amount_minor"].to_list() == [-12050]


def test_a_bank_may_be_named_and_the_currency_is_asked(workspace, page):
    row = "02.10.2026;Husleie;02.10.2026;8000,00;\n"
    app = holds(upload(page("documents"), ("dnb.csv", row)), "statement")
    field(app, "selectbox", "_bank").set_value("dnb").run()
    assert not is_whole(app)
    next(one for one in app.selectbox if "_layout_" in one.key and one.key.endswith("_currency")).set_value(
        "NOK"
    ).run()
    assert list(table(app, "booking_date")["amount"]) == ["-8,000.00 NOK"]
    assert imported(app) and workspace.lines()["currency"].to_list() == ["NOK"]


def test_a_list_of_invoices_is_not_read_as_a_statement(workspace, page):
    app = in_kroner(
        upload(page("documents"), ("list.csv", "Fakturanr;Dato;Navn;Beløb\n1;02.03.2026;A;1,00\n"))
    )
    assert next(one for one in app.segmented_control if "_holds_" in str(one.key)).value == "documents"
    assert not is_whole(app)


def test_other_separators_and_rows_above_are_said(workspace, page):
    app = strange(page, "Konto|5820|\n" + BARS, "bars.csv")
    field(app, "selectbox", "_delimiter").set_value("|").run()
    field(app, "number_input", "_skip").set_value(1).run()
    field(app, "checkbox", "_titled").check().run()
    name(app, date=0, text=[1], amount=2)
    assert list(table(app, "booking_date")["amount"]) == ["1.00 DKK"]


def test_a_file_without_an_account_is_asked_for_it_where_there_are_some(workspace, page):
    import_files(workspace, [File("named.csv", NAMED.encode())], by="anna", currency="DKK")
    (known,) = workspace.accounts()["account_id"]
    app = name(strange(page), date=0, text=[1], amount=3)
    assert not is_whole(app)
    field(app, "selectbox", f"_account_{File('', STRANGE.encode()).hash[:12]}").set_value(known).run()
    assert is_whole(app)
    imported(app)
    assert set(workspace.lines()["account_id"]) == {known}


@pytest.mark.parametrize("content", ["kind;number;total\ninvoice;;1\n", "hello there"])
def test_what_is_no_table_of_a_bank_is_not_offered_as_one(workspace, page, content):
    app = upload(page("documents"), ("x.csv", content))
    assert app.error and not [one for one in app.segmented_control if "_holds_" in str(one.key)]


def test_the_inbox_is_named_and_its_refused_files_are_told_until_they_are_imported(workspace, page):
    def notices(app) -> list[str]:
        return [one.value.replace("\\", "") for one in app.warning]

    (inbox(workspace) / "konto.csv").write_text(STRANGE, "utf-8")
    take_inbox(workspace, now=time.time() + 60)
    for name_of_page in ("documents", "bank_accounts"):
        app = page(name_of_page)
        assert any("are imported by themselves" in one.value for one in app.caption)
        assert any("“konto.csv” has no row of titles" in one for one in notices(app)), name_of_page
    app = name(strange(page, file="konto.csv"), date=0, text=[1], amount=3)
    imported(app)
    assert not any("konto.csv" in one for one in notices(page("bank_accounts")))
