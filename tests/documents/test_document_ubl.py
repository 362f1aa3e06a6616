"""Electronic invoices: which side is ours, what is payable, by when, with which reference; hostile ones refused."""

import io
import zipfile
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ubl_maker import (
    OUR_CVR,
    US,
    WE,
    envelope,
    invoice,
    means,
    oioubl_slip,
    party,
    prepaid,
    totals,
)

from recon import xml as xml_door
from recon.documents import looks_like_documents, read_documents_bytes
from recon.errors import DataRefused, ReconError
from recon.schema import ITEMS, conform

OURS = (OUR_CVR,)


def read(text, own_ids=OURS, name="invoice.xml"):
    return read_documents_bytes(text if isinstance(text, bytes) else text.encode(), name, own_ids)


def item(text, **options):
    return read(text, **options).items.row(0, named=True)


def told(text, **options):
    return read(text, **options).findings["what"].to_list()


# ── which way ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("root", "we_sell", "payable", "kind", "open_minor"),
    [
        ("Invoice", True, "1250.00", "invoice", 125000),
        ("Invoice", False, "1250.00", "bill", -125000),
        ("CreditNote", True, "1250.00", "credit_note", -125000),
        ("CreditNote", False, "1250.00", "bill_credit", 125000),
        ("Invoice", True, "-1250.00", "invoice", -125000),  # a negative one keeps its kind and turns its sign
        ("Invoice", False, "-1250.00", "bill", 125000),
    ],
)
def test_who_sells_says_which_way_the_cash_goes(root, we_sell, payable, kind, open_minor):
    parties = {"supplier": US, "customer": party()} if we_sell else {}
    found = item(invoice(root=root, money=totals(payable, payable), **parties))
    assert (found["kind"], found["total_minor"], found["open_minor"]) == (kind, open_minor, open_minor)
    assert found["counterparty_name"] == "Mølle & Søn A/S", "the registration name before the trade name"
    assert found["counterparty_id"] == "25313763"


@pytest.mark.parametrize(
    "own",
    [
        "13585628",
        "DK13585628",
        "DK 13 58 56 28",
        "0184:13585628",
        "Havnens Bageri ApS",
        "havnens  bageri APS",
        "Trade name of Havnens Bageri ApS",
        "DK50 0040 0440 1162 43",
        "5798000416604",
    ],
)
def test_our_company_is_known_by_any_of_its_numbers_and_names(own):
    ean = '<cbc:EndpointID schemeID="0088">5798000416604</cbc:EndpointID>'
    account = means("58", "RF18 5390 0754 7034", "DK5000400440116243")
    found = read(invoice(supplier=party(WE, OUR_CVR, ean), customer=party(), body=account), (own,))
    assert found.items["kind"].to_list() == ["invoice"]
    assert "side_not_known" not in found.findings["what"].to_list()


@pytest.mark.parametrize("own", [(), ("99999999",), ("Havnens Bageri",), ("1358562",)])
def test_where_neither_party_is_ours_it_is_a_bill_and_says_so(own):
    found = read(invoice(supplier=US, customer=party()), own)
    assert found.items["kind"].to_list() == ["bill"]
    assert found.findings["what"].to_list() == ["side_not_known"]


def test_both_parties_ourselves_is_told():
    assert told(invoice(supplier=US, customer=US)) == ["own_company"]


def test_an_invoice_whose_type_code_says_credit_note_is_taken_as_one_and_told():
    text = invoice(head="<cbc:InvoiceTypeCode>381</cbc:InvoiceTypeCode>")
    assert item(text)["kind"] == "bill_credit"
    assert told(text) == ["says_credit_note"]


def test_a_proforma_invoice_asks_for_nothing_yet():
    found = read(invoice(head="<cbc:InvoiceTypeCode>325</cbc:InvoiceTypeCode>"))
    assert found.items.is_empty()
    assert found.findings["what"].to_list() == ["proforma"]


def test_a_persons_number_is_not_kept():
    person = (
        "<cac:Party><cac:PartyName><cbc:Name>Anna Malersvend</cbc:Name></cac:PartyName><cac:PartyLegalEntity>"
        '<cbc:CompanyID schemeID="DK:CPR">1111111118</cbc:CompanyID></cac:PartyLegalEntity></cac:Party>'
    )
    found = item(invoice(supplier=person))
    assert (found["counterparty_id"], found["counterparty_name"]) == (None, "Anna Malersvend")


# ── how much ──────────────────────────────────────────────────────────────────────────────────────────


def rounding(amount: str) -> str:
    return f'<cbc:PayableRoundingAmount currencyID="DKK">{amount}</cbc:PayableRoundingAmount>'


@pytest.mark.parametrize(
    ("money", "total", "open_minor", "findings"),
    [
        (totals("250.00", "1250.00", prepaid("1000.00")), -125000, -25000, []),
        (totals("0", "1250.00", prepaid("1250")), -125000, 0, []),
        (totals("1250", "1249.60", rounding("0.40")), -124960, -125000, []),
        (totals("1249.60", None, prepaid("0.40")), -125000, -124960, []),
        (totals("-50.00", "1250.00", prepaid("1300.00")), -125000, 5000, ["prepaid_too_much"]),
        (totals("1250.00", "1350.00"), -135000, -125000, ["totals_differ"]),
        (totals("+0.10", "0.10"), -10, -10, []),
        (totals("1250.000", "1250"), -125000, -125000, []),
    ],
)
def test_what_is_prepaid_is_not_open(money, total, open_minor, findings):
    found = item(invoice(money=money))
    assert (found["total_minor"], found["open_minor"]) == (total, open_minor)
    assert told(invoice(money=money)) == findings


def test_sums_that_do_not_add_up_say_by_how_much():
    found = read(invoice(money=totals("1250.00", "1350.00"))).findings
    assert found.select("severity", "amount_minor").rows() == [("warning", 10000)]


@pytest.mark.parametrize("code", ["JPY", "KWD"])
def test_a_currency_has_its_own_decimals(code):
    money = totals("1250", "1250", currency=code)
    whole = item(
        invoice(money=money, currency=f"<cbc:DocumentCurrencyCode>{code}</cbc:DocumentCurrencyCode>")
    )
    assert whole["open_minor"] == {"JPY": -1250, "KWD": -1250000}[code]


def test_the_currency_may_stand_at_the_amount_alone():
    assert item(invoice(currency="", money=totals(currency="EUR")))["currency"] == "EUR"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (invoice(money=totals("12,50", "12,50")), "PayableAmount: “12,50” is not"),
        (invoice(money=totals("1e3", "1e3")), "is not a plain amount"),
        (invoice(money=totals("12.505", "12.505")), "more decimals"),
        (invoice(money=totals("NaN", "NaN")), "is not a plain amount"),
        (invoice(money=totals(currency="EUR")), "PayableAmount is in EUR, but the document in DKK"),
        (invoice(money=totals(currency="XXQ"), currency=""), "“XXQ” is none of ISO 4217"),
        (invoice(money=totals(currency=""), currency=""), "names no currency"),
        (invoice(money=totals(total=None) + totals("1.00", None)), "says PayableAmount more than once"),
        (invoice(money="<cac:LegalMonetaryTotal/>"), "does not say what is payable"),
        (invoice(number=""), "has no number"),
        (invoice(body="<cbc:DueDate>2026-02-30</cbc:DueDate>"), "due date “2026-02-30” is no date"),
        (invoice(body="<cbc:DueDate>01-10-2026</cbc:DueDate>"), "is no date"),
        (invoice(root="Reminder"), "no UBL invoice"),
        (invoice().replace("LegalMonetaryTotal", "LegalTotals"), "no UBL 2.1 invoice"),
        ("<html><Invoice /></html>", "no UBL 2.1 invoice"),
    ],
)
def test_what_cannot_be_trusted_is_refused_whole(text, word):
    with pytest.raises(DataRefused, match="Nothing was") as refused:
        read(text)
    assert word in refused.value.words


# ── when and how to pay ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("payment", "reference", "account"),
    [
        # OIOUBL: card type, payment id and creditor apart
        (oioubl_slip("71", "000000012345674", "12345678"), "+71<000000012345674+12345678<", "12345678"),
        (oioubl_slip("71", "12345674", "12345678"), "+71<000000012345674+12345678<", "12345678"),
        (oioubl_slip("75", "0000000000123455", "12345678"), "+75<0000000000123455+12345678<", "12345678"),
        (oioubl_slip("73", "", "12345678"), "+73<+12345678<", "12345678"),
        # OIOUBL giro: the number under PayeeFinancialAccount
        (
            means("50", "04", "8765432", "<cbc:InstructionID>0000000000123455</cbc:InstructionID>"),
            "+04<0000000000123455+8765432<",
            "8765432",
        ),
        (means("50", "01", "8765432"), "+01<+8765432<", "8765432"),
        # Peppol: card type, # and payment id in one
        (means("93", "71#000000012345674", "12345678"), "+71<000000012345674+12345678<", "12345678"),
        (means("93", "73#", "12345678"), "+73<+12345678<", "12345678"),
        (means("93", "71#000000012345674"), "71#000000012345674", None),  # no creditor: nothing to print
        # others
        (
            means("58", "RF18 5390 0754 7034", "DK50 0040 0440 1162 43"),
            "RF18539007547034",
            "DK5000400440116243",
        ),
        (means("31", "12344", "NO93 8601 1117 947"), "12344", "NO9386011117947"),
        (means("42", "", "440116243", branch="0040"), None, "00400440116243"),
        (means("30", "1042", "1112222", branch="SE:BANKGIRO"), "1042", "1112222"),
        (means("97"), None, None),
        ("", None, None),
    ],
)
def test_references_are_as_printed_for_the_payer(payment, reference, account):
    found = item(invoice(body=payment))
    assert (found["payment_reference"], found["counterparty_account"]) == (reference, account)


def test_our_own_account_is_not_the_customers():
    text = invoice(supplier=US, customer=party(), body=means("93", "71#000000012345674", "12345678"))
    found = item(text)
    assert found["payment_reference"] == "+71<000000012345674+12345678<"
    assert found["counterparty_account"] is None


def test_a_wrong_check_digit_is_kept_and_told():
    text = invoice(body=oioubl_slip("71", "000000012345675", "12345678"))
    assert item(text)["payment_reference"] == "+71<000000012345675+12345678<"
    assert told(text) == ["check_digit"]


@pytest.mark.parametrize(
    ("body", "due", "findings"),
    [
        ("<cbc:DueDate>2026-10-31</cbc:DueDate>", date(2026, 10, 31), []),
        ("<cbc:DueDate>2026-10-31Z</cbc:DueDate>", date(2026, 10, 31), []),
        ("<cbc:DueDate>2026-10-31+01:00</cbc:DueDate>", date(2026, 10, 31), []),
        (means("30", more="<cbc:PaymentDueDate>2026-10-15</cbc:PaymentDueDate>"), date(2026, 10, 15), []),
        (
            means("30", more="<cbc:PaymentDueDate>2026-11-30</cbc:PaymentDueDate>")
            + means("30", more="<cbc:PaymentDueDate>2026-10-31</cbc:PaymentDueDate>")
            + "<cac:PaymentTerms><cbc:PaymentDueDate>2026-12-31</cbc:PaymentDueDate></cac:PaymentTerms>",
            date(2026, 10, 31),
            ["several_due_dates"],
        ),
        ("", None, []),
    ],
)
def test_the_earliest_due_date_is_taken_and_the_rest_told(body, due, findings):
    found = read(invoice(body=body))
    assert found.items["due_date"].to_list() == [due]
    assert found.findings["what"].to_list() == findings
    if findings:
        assert "2026-11-30, 2026-12-31" in found.findings["words"][0]


def test_several_ways_to_pay_are_told():
    text = invoice(body=means("30", "1042", "1112222") + means("30", "1043", "3334444"))
    found = item(text)
    assert (found["payment_reference"], found["counterparty_account"]) == ("1042", "1112222")
    assert told(text) == ["several_references", "several_accounts"]


@pytest.mark.parametrize(("code", "word"), [("48", "by card"), ("49", "by direct debit"), ("97", "NemKonto")])
def test_what_nobody_transfers_is_told(code, word):
    found = read(invoice(body=means(code)))
    assert found.findings["what"].to_list() == ["paid_otherwise"]
    assert word in found.findings["words"][0]


def test_a_credit_note_says_what_it_credits():
    refers = (
        "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>1000</cbc:ID></cac:InvoiceDocumentReference>"
        "</cac:BillingReference>"
    )
    found = read(invoice(root="CreditNote", body=refers, supplier=US, customer=party()))
    assert found.items["text"].to_list() == ["Credits 1000"]
    assert found.findings.select("what", "words").rows() == [("refers_to", "Credits 1000.")]


def test_the_text_says_what_a_payment_may_repeat():
    note = "<cbc:InstructionNote>Faktura 5555</cbc:InstructionNote>"
    order = "<cac:OrderReference><cbc:ID>PO-7</cbc:ID></cac:OrderReference>"
    payee = (
        "<cac:PayeeParty><cac:PartyName><cbc:Name>Factoring A/S</cbc:Name></cac:PartyName></cac:PayeeParty>"
    )
    found = item(invoice(body=order + payee + means("42", more=note)))
    assert found["text"] == "Faktura 5555; Order PO-7; Payee Factoring A/S"


# ── one document, its id ──────────────────────────────────────────────────────────────────────────────


def test_a_document_keeps_its_id_whatever_else_changes():
    first = item(invoice())["item_id"]
    assert (
        item(invoice(money=totals("10.00", "10.00"), head="<cbc:Note>again</cbc:Note>"))["item_id"] == first
    )
    assert item(invoice(supplier=party(number="DK25313763")))["item_id"] == first, (
        "VAT number of the same company"
    )
    others = [
        invoice(number="1002"),
        invoice(supplier=party(number="10000009")),
        invoice(root="CreditNote"),
        invoice(supplier=US, customer=party()),
    ]
    assert len({first, *(item(other)["item_id"] for other in others)}) == 5


def test_the_same_document_from_a_table_has_the_same_id():
    csv = "kind;number;party_cvr;total;currency\nbill;1001;25313763;1250,00;DKK\n"
    assert read(csv).items["item_id"].item() == item(invoice())["item_id"]


# ── envelopes and archives ────────────────────────────────────────────────────────────────────────────


def archive(*files: tuple[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files:
            made.writestr(name, content)
    return out.getvalue()


def test_an_envelope_is_opened():
    found = read(envelope(invoice(), invoice(root="CreditNote", number="7")))
    assert found.items.select("kind", "document_no").rows() == [("bill", "1001"), ("bill_credit", "7")]
    assert looks_like_documents(envelope(invoice()).encode())


def test_several_documents_come_in_one_archive():
    data = archive(
        ("a/one.xml", invoice()),
        ("a/one.pdf", b"%PDF-1.7 for people"),
        ("b/two.xml", invoice(number="1002")),
        ("three.csv", "kind;number;total;currency\ninvoice;3;5,00;DKK\n"),
        ("__MACOSX/._one.xml", b"\x00\x05"),
    )
    assert looks_like_documents(data)
    found = read(data, name="october.zip")
    assert found.items["document_no"].to_list() == ["1001", "1002", "3"]
    assert found.format == "csv+ubl"
    assert found.findings.select("what", "where").rows() == [("files_not_read", "october.zip")]


def test_a_copy_in_the_archive_is_told_and_a_second_version_refused():
    twice = read(archive(("one.xml", invoice()), ("again.xml", invoice())))
    assert twice.items.height == 1
    assert twice.findings["what"].to_list() == ["copies"]
    with pytest.raises(DataRefused, match="two different documents with the number 1001"):
        read(archive(("one.xml", invoice()), ("other.xml", invoice(money=totals("1.00", "1.00")))))


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (archive(("one.xml", invoice()), ("bad.xml", "<Invoice>")), "not well-formed"),
        (archive(("../one.xml", invoice())), "leads out of the archive"),
        (archive(("/etc/one.xml", invoice())), "leads out of the archive"),
        (archive(("C:\\one.xml", invoice())), "leads out of the archive"),
        (archive(("inner.zip", archive(("one.xml", invoice())))), "another archive"),
        (archive(("bomb.xml", b" " * 40_000_000)), "unpacks to far more"),
        (archive(*((f"{n}.xml", invoice(number=str(n))) for n in range(101))), "more than 100 files"),
        (archive(("one.pdf", b"%PDF")), "only pictures or PDFs"),
        (archive(), "Nothing was imported"),
        (archive(("one.xml", invoice()))[:-40], "damaged archive"),
        (archive(("notes.txt", "hello")), "Nothing was imported"),
    ],
)
def test_an_archive_is_read_whole_or_not_at_all(data, word):
    with pytest.raises(DataRefused, match=word):
        read(data, name="files.zip")


# ── hostile ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_a_doctype_is_refused_before_parsing(encoding, monkeypatch):
    monkeypatch.setattr(xml_door.ET, "iterparse", lambda *_args, **_kw: pytest.fail("was parsed"))
    text = '<!DOCTYPE Invoice [<!ENTITY x "9">]>' + invoice(money=totals("&x;", "&x;"))
    with pytest.raises(DataRefused, match="DOCTYPE"):
        read(text.encode(encoding))


def test_depth_and_size_are_bounded(monkeypatch):
    with pytest.raises(DataRefused, match="too deeply"):
        read(invoice(body="<cac:X>" * 70 + "</cac:X>" * 70))
    monkeypatch.setattr(xml_door, "MAX_ELEMENTS", 5)
    with pytest.raises(DataRefused, match="too many elements"):
        read(invoice())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_of_real_senders(encoding):
    head = f'<?xml version="1.0" encoding="{"utf-16" if encoding == "utf-16" else "utf-8"}"?>'
    assert item((head + invoice()).encode(encoding))["counterparty_name"] == "Mølle & Søn A/S"


GOOD = invoice(body=oioubl_slip("71", "000000012345674", "12345678")).encode()


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(GOOD) - 1),
            st.sampled_from([b"", b"<", b">", b"&", b"\x00", b"-", b"9", b"]]>", b"\xff", b"cbc:"]),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_a_damaged_invoice_is_refused_or_still_promises_items(cuts):
    data = GOOD
    for place, put in cuts:
        data = data[:place] + put + data[place + 1 :]
    try:
        found = read(data)
    except ReconError:
        return
    assert conform(found.items, ITEMS).equals(found.items)
