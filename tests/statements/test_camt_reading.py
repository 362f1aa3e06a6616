"""What a camt entry says, told entry by entry: signs, days, status, parties, batches, balances."""

from datetime import date

import polars as pl
import pytest
from camt_maker import OUR_IBAN, balance, camt, entry, payment, statement
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.errors import DataRefused
from recon.money import plain
from recon.schema import LINES, PARTS
from recon.statements.accounts import account_id
from recon.statements.readers import read_statement, read_statement_bytes


def read(*statements: str, **options):
    return read_statement_bytes(camt(*statements, **options), "march.xml")


def one(*parts: str, **options):
    """The single line of a file with one entry."""
    return read(statement(entry(*parts, **options))).lines.row(0, named=True)


def words(found: pl.DataFrame) -> list[str]:
    return found["what"].to_list()


@pytest.mark.parametrize("version", [*range(2, 14)])
def test_every_version_is_read_with_its_own_spelling_of_the_status(version):
    status = "<Sts><Cd>BOOK</Cd></Sts>" if version >= 7 else "<Sts>BOOK</Sts>"
    found = read(statement(entry("12.50", status=status)), version=version)
    assert found.lines["amount_minor"].to_list() == [1250]
    assert found.findings.is_empty()


def test_a_file_without_namespace_or_with_prefixes_is_read_alike():
    inside = statement(entry("12.50"))
    bare = read(inside, namespace=False)
    prefixed = camt(inside).replace(b"<", b"<c:").replace(b"<c:/", b"</c:").replace(b"<c:?", b"<?")
    prefixed = prefixed.replace(b"xmlns=", b"xmlns:c=")
    assert read_statement_bytes(prefixed, "march.xml").lines.equals(bare.lines)


@pytest.mark.parametrize(
    ("side", "reversal", "minor"),
    [
        ("CRDT", "", 10000),
        ("DBIT", "", -10000),
        ("CRDT", "<RvslInd>true</RvslInd>", 10000),  # a debit taken back: CdtDbtInd says how the money went
        ("DBIT", "<RvslInd>true</RvslInd>", -10000),
        ("DBIT", "<RvslInd>false</RvslInd>", -10000),
    ],
)
def test_the_sign_is_the_side_of_the_entry_and_no_reversal_turns_it(side, reversal, minor):
    assert one("100.00", side=side, extra=reversal)["amount_minor"] == minor


@pytest.mark.parametrize(
    ("text", "minor"), [("47.4", 4740), ("200000", 20000000), ("0.00", 0), ("1.00000", 100)]
)
def test_amounts_are_exact(text, minor):
    assert one(text)["amount_minor"] == minor


@pytest.mark.parametrize("amount", ["1.005", "-5.00", "1e3", "1,50", "", "NaN", "1_0", "9" * 30])
def test_an_amount_that_is_not_sure_refuses_the_whole_file(amount):
    with pytest.raises(DataRefused, match=r"entry 2.*Nothing of the file was imported"):
        read(statement(entry("1.00"), entry(amount)))


@pytest.mark.parametrize("broken", ["<CdtDbtInd>CRDT</CdtDbtInd>", '<Amt Ccy="DKK">1.00</Amt>'])
def test_an_entry_without_side_or_amount_refuses_the_whole_file(broken):
    with pytest.raises(DataRefused, match="entry 1"):
        read(statement(entry("1.00").replace(broken, "")))


@pytest.mark.parametrize("status", ["PDNG", "INFO", "FUTR"])
@pytest.mark.parametrize("form", ["<Sts>{}</Sts>", "<Sts><Cd>{}</Cd></Sts>"])
def test_what_is_not_booked_is_expected(status, form):
    found = read(statement(entry("5.00", status=form.format(status)), entry("7.00")))
    assert found.lines["amount_minor"].to_list() == [700]
    assert found.expected["amount_minor"].to_list() == [500]


def test_an_unknown_status_is_no_booking_and_is_told():
    found = read(statement(entry("5.00", status="<Sts>HELD</Sts>")))
    assert (found.lines.height, found.expected.height) == (0, 1)
    assert words(found.findings) == ["status_unknown"]


def test_a_day_is_taken_as_written_whatever_the_hour():
    late = "<BookgDt><DtTm>2026-03-31T23:30:00-11:00</DtTm></BookgDt><ValDt><Dt>2026-04-01+02:00</Dt></ValDt>"
    line = one("1.00", day=None, extra=late)
    assert (line["booking_date"], line["value_date"]) == (date(2026, 3, 31), date(2026, 4, 1))


def test_without_a_booking_date_the_value_date_is_taken_and_told():
    found = read(statement(entry("1.00", day=None, extra="<ValDt><Dt>2026-03-05</Dt></ValDt>")))
    assert found.lines["booking_date"].to_list() == [date(2026, 3, 5)]
    assert words(found.findings) == ["no_booking_date"]


@pytest.mark.parametrize("day", [None, "2026-02-30", "tomorrow"])
def test_without_any_day_the_file_is_refused(day):
    with pytest.raises(DataRefused, match="date"):
        read(statement(entry("1.00", day=day)))


PARTIES = (
    "<RltdPties><Dbtr>{nm}PAYER{/nm}</Dbtr><DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct>"
    "<Cdtr>{nm}PAYEE{/nm}</Cdtr><CdtrAcct><Id><Othr><Id>1234 567</Id></Othr></Id></CdtrAcct></RltdPties>"
)
NAMED = {
    "Nm": PARTIES.replace("{nm}", "<Nm>").replace("{/nm}", "</Nm>"),
    "Pty/Nm": PARTIES.replace("{nm}", "<Pty><Nm>").replace("{/nm}", "</Nm></Pty>"),
    "AdrLine": PARTIES.replace("{nm}", "<PstlAdr><AdrLine>").replace("{/nm}", "</AdrLine></PstlAdr>"),
}


@pytest.mark.parametrize("parties", NAMED.values(), ids=NAMED)
@pytest.mark.parametrize(
    ("side", "extra", "name", "account"),
    [
        ("CRDT", "", "PAYER", "DE89370400440532013000"),
        ("DBIT", "", "PAYEE", "1234567"),
        ("DBIT", "<RvslInd>true</RvslInd>", "PAYER", "DE89370400440532013000"),  # a payment to us sent back
    ],
)
def test_the_other_party_is_the_one_that_is_not_us(parties, side, extra, name, account):
    line = one("1.00", side=side, extra=extra, details=payment(inside=parties))
    assert (line["counterparty_name"], line["counterparty_account"]) == (name, account)


def test_our_own_account_is_never_the_other_party():
    parties = NAMED["Nm"].replace("DE89370400440532013000", OUR_IBAN)
    line = one("1.00", details=payment(inside=parties))
    assert line["counterparty_name"] == "PAYEE"


def test_references_and_all_words_of_the_bank_are_kept():
    details = payment(
        inside="<Refs><EndToEndId>NOTPROVIDED</EndToEndId><MndtId>M-1</MndtId></Refs><RmtInf>"
        "<Ustrd>Fak 1</Ustrd><Ustrd>Fak 12</Ustrd>"
        "<Strd><RfrdDocInf><Nb>D-9</Nb></RfrdDocInf><CdtrRefInf><Ref>71/000000020211041</Ref></CdtrRefInf></Strd>"
        "<Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf><AddtlRmtInf>less fee</AddtlRmtInf></Strd>"
        "</RmtInf><AddtlTxInf>by phone</AddtlTxInf>"
    )
    line = one("1.00", details=details, extra="<AddtlNtryInf>Overførsel</AddtlNtryInf>")
    assert line["end_to_end_id"] is None
    assert line["creditor_reference"] == "71/000000020211041"
    assert line["text"] == "Fak 1 Fak 12 D-9 less fee RF18539007547034 M-1 by phone Overførsel"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("<Rsn><Cd>AC04</Cd></Rsn>", "Fak 1 AC04: account closed"),
        ("<Rsn><Cd>ZZ99</Cd></Rsn>", "Fak 1 ZZ99"),
        ("<Rsn><Prtry>914</Prtry></Rsn><AddtlInf>KONTO UKENDT</AddtlInf>", "Fak 1 914 KONTO UKENDT"),
    ],
)
def test_why_a_payment_came_back_is_told(reason, words):
    details = payment(inside=f"<RmtInf><Ustrd>Fak 1</Ustrd></RmtInf><RtrInf>{reason}</RtrInf>")
    assert one("1.00", side="DBIT", details=details, extra="<RvslInd>true</RvslInd>")["text"] == words


def test_text_broken_hard_at_35_signs_is_one_text_again():
    lines = ["0000089207 0051012399 0000089209 00", "51012400"]
    ustrd = "".join(f"<Ustrd>{line}</Ustrd>" for line in lines)
    line = one("1.00", details=payment(inside=f"<RmtInf>{ustrd}</RmtInf>"))
    assert line["text"] == "0000089207 0051012399 0000089209 0051012400"


def test_a_foreign_amount_keeps_its_currency_and_a_rate_per_unit():
    # Danish banks quote per 100 units of the other currency.
    details = (
        '<TxDtls><AmtDtls><TxAmt><Amt Ccy="DKK">28286.58</Amt><CcyXchg><SrcCcy>EUR</SrcCcy><TrgtCcy>DKK</TrgtCcy>'
        '<XchgRate>741.8535</XchgRate></CcyXchg></TxAmt><PrtryAmt><Tp>IBS</Tp><Amt Ccy="EUR">3812.96</Amt></PrtryAmt>'
        "</AmtDtls></TxDtls>"
    )
    line = one("28286.58", side="DBIT", details=details)
    assert (line["original_minor"], line["original_currency"]) == (-381296, "EUR")
    assert line["exchange_rate"] == pytest.approx(7.418535)


CHARGE = '<Chrgs><Amt Ccy="DKK">{}</Amt><CdtDbtInd>DBIT</CdtDbtInd></Chrgs>'
CHARGE_LATER = '<Chrgs><Rcrd><Amt Ccy="DKK">{}</Amt></Rcrd></Chrgs>'
TWO = payment("60.00") + payment("40.00")


@pytest.mark.parametrize(
    ("amount", "side", "details", "extra", "parts"),
    [
        ("100.00", "CRDT", TWO, "", [6000, 4000]),
        ("100.00", "DBIT", TWO, "", [-6000, -4000]),
        ("95.00", "CRDT", TWO, CHARGE.format("5.00"), [6000, 4000, -500]),
        ("95.00", "CRDT", TWO, CHARGE_LATER.format("5.00"), [6000, 4000, -500]),
        ("105.00", "DBIT", TWO, CHARGE.format("5.00"), [-6000, -4000, -500]),
        ("100.00", "CRDT", TWO, CHARGE.format("5.00"), [6000, 4000]),  # stated, but not taken off here
        (
            "95.00",
            "CRDT",
            payment("60.00", charges=CHARGE.format("5.00")) + payment("40.00"),
            "",
            [6000, 4000, -500],
        ),
    ],
)
def test_a_batch_becomes_parts_that_add_up_charges_included(amount, side, details, extra, parts):
    found = read(statement(entry(amount, side=side, details=details, extra=extra)))
    assert found.parts["amount_minor"].to_list() == parts
    assert found.parts["line_id"].unique().to_list() == found.lines["line_id"].to_list()
    assert found.findings.is_empty()


@pytest.mark.parametrize(
    ("details", "missing"),
    [
        (TWO, -100),
        (payment("60.00") + payment("39.00", currency="EUR"), None),
        (payment("60.00") + payment(), None),
    ],
)
def test_a_batch_that_does_not_add_up_is_held_as_one_line(details, missing):
    found = read(statement(entry("99.00", details=details, extra="<AddtlNtryInf>Samlet</AddtlNtryInf>")))
    assert found.parts.is_empty()
    assert found.lines["text"].to_list() == ["Samlet"]
    assert found.findings.select("what", "amount_minor").rows() == [("batch_does_not_add_up", missing)]


@pytest.mark.parametrize(
    ("balances", "opening", "closing", "ties"),
    [
        ([("OPBD", "10.00"), ("CLBD", "11.00")], 1000, 1100, True),
        ([("PRCD", "10.00"), ("CLBD", "11.00"), ("CLAV", "99.00")], 1000, 1100, True),
        ([("OPBD", "10.00"), ("ITBD", "11.00")], 1000, 1100, True),  # first page
        ([("ITBD", "10.00"), ("ITBD", "11.00")], 1000, 1100, True),  # a page between
        ([("ITBD", "10.00"), ("CLBD", "11.00")], 1000, 1100, True),  # last page
        ([("OPBD", "10.00"), ("CLBD", "12.50")], 1000, 1250, False),
        ([("CLBD", "11.00")], None, 1100, None),
        ([("FWAV", "11.00"), ("XYZ1", "1.00")], None, None, None),
    ],
)
def test_balances_tie_or_a_finding_says_by_how_much(balances, opening, closing, ties):
    found = read(statement(*(balance(*stated) for stated in balances), entry("1.00")))
    row = found.balances.row(0, named=True)
    assert (row["opening_minor"], row["closing_minor"], row["booked_minor"], row["ties"]) == (
        opening, closing, 100, ties,
    )  # fmt: skip
    assert row["statement_no"] == "7"
    expected = [("balance_does_not_tie", 150)] if ties is False else []
    assert found.findings.select("what", "amount_minor").rows() == expected


def test_an_overdrawn_balance_is_negative_and_pending_entries_count_in_none():
    found = read(
        statement(
            balance("OPBD", "10.00", side="DBIT"), balance("CLBD", "9.00", side="DBIT"),
            entry("1.00"), entry("500.00", status="<Sts>PDNG</Sts>"),
        )
    )  # fmt: skip
    assert found.balances.select("opening_minor", "closing_minor", "ties").row(0) == (-1000, -900, True)


def test_a_statement_that_declares_more_than_it_holds_is_told():
    summary = "<TxsSummry><TtlNtries><NbOfNtries>35</NbOfNtries></TtlNtries></TxsSummry>"
    assert words(read(statement(summary, entry("1.00"))).findings) == ["entries_missing"]


def test_every_message_of_an_envelope_is_read():
    """The second one went unread, and its lines with it."""
    body = [camt(statement(entry(amount))).partition(b"?>")[2] for amount in ("1.00", "2.00")]
    found = read_statement_bytes(b"<Envelope>" + b"".join(body) + b"</Envelope>", "x.xml")
    assert found.lines["amount_minor"].to_list() == [100, 200]
    assert found.balances.height == 2


def test_an_account_named_behind_its_entries_is_theirs_too():
    whole = camt(statement(entry("1.00"), entry("2.00")))
    account = whole[whole.index(b"<Acct>") : whole.index(b"</Acct>") + 7]
    late = whole.replace(account, b"").replace(b"</Stmt>", account + b"</Stmt>")
    assert read_statement_bytes(late, "x.xml").lines.equals(read_statement_bytes(whole, "x.xml").lines)


def test_only_the_entries_of_a_statement_are_its_entries():
    """A bank may repeat entries in an appendix of its own; they have been counted before."""
    appendix = f"<SplmtryData><Envlp>{entry('9.00')}</Envlp></SplmtryData>"
    assert read(statement(entry("1.00"), appendix)).lines["amount_minor"].to_list() == [100]


def test_two_equal_rows_of_a_day_stay_two():
    twins = read(statement(entry("25.00", side="DBIT"), entry("25.00", side="DBIT"))).lines
    assert twins.height == 2
    assert twins["line_id"].n_unique() == 2


def test_ids_hang_on_the_bank_reference_and_not_on_the_place_in_the_file():
    first = read(statement(entry("1.00", ref="REF-0001"), entry("2.00", ref="REF-0002"))).lines
    second = read(statement(entry("2.00", ref="REF-0002"), entry("3.00", ref="REF-0003"))).lines
    assert first["line_id"][1] == second["line_id"][0]


@pytest.mark.parametrize(
    ("refs", "trusted"),
    [
        (["REF-0001", "REF-0002"], 2),
        (["REF-0001", "REF-0001"], 0),  # a payment and its fee under one reference
        (["1", "000002"], 0),  # running numbers that start again tomorrow
        (["NOTPROVIDED", "REF-0002"], 1),
    ],
)
def test_a_reference_counts_only_where_it_can_tell_lines_apart(refs, trusted):
    found = read(statement(*(entry("1.00", ref=ref) for ref in refs)))
    assert found.bank_refs.height == trusted
    assert found.lines["line_id"].n_unique() == 2


def test_the_account_gets_our_id_and_an_unnamed_one_is_told():
    named = read(statement(entry("1.00")))
    assert named.accounts.row(0, named=True)["account_id"] == account_id(OUR_IBAN, currency="DKK")
    unnamed = read(statement(entry("1.00"), account=""))
    assert words(unnamed.findings) == ["no_account"]
    given_id = read_statement_bytes(camt(statement(entry("1.00"), account="")), "x.xml", account_id="acc_1")
    assert given_id.lines["account_id"].to_list() == ["acc_1"]


def test_without_any_currency_one_must_be_given():
    file = camt(statement(entry("1.00").replace(' Ccy="DKK"', ""), currency=""))
    with pytest.raises(DataRefused, match="currency"):
        read_statement_bytes(file, "x.xml")
    assert read_statement_bytes(file, "x.xml", currency="SEK").lines["currency"].to_list() == ["SEK"]


def test_an_entry_in_another_currency_is_told_and_counts_in_no_balance():
    found = read(statement(balance("OPBD", "0"), balance("CLBD", "0"), entry("1.00", currency="EUR")))
    assert words(found.findings) == ["other_currency"]
    assert found.balances["ties"].to_list() == [True]


def test_a_statement_with_nothing_in_it_gives_empty_frames():
    found = read(statement(balance("OPBD", "5.00"), balance("CLBD", "5.00")))
    assert found.lines.schema == LINES.schema
    assert found.parts.schema == PARTS.schema
    assert found.lines.is_empty()
    assert found.balances["ties"].to_list() == [True]


def test_a_path_is_read_like_its_bytes(tmp_path):
    file = tmp_path / "march.xml"
    file.write_bytes(camt(statement(entry("1.00"))))
    assert read_statement(file).lines.equals(read(statement(entry("1.00"))).lines)
    with pytest.raises(DataRefused, match="cannot be opened"):
        read_statement(tmp_path / "missing.xml")


MONEY = st.integers(min_value=-(10**12), max_value=10**12)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["DKK", "JPY", "KWD"]), MONEY, st.lists(MONEY, max_size=12))
def test_lines_make_up_the_way_from_opening_to_closing(currency, opening, amounts):
    """No money made or lost: closing − opening is the sum of the lines, in any currency."""

    def side(minor: int) -> str:
        return "CRDT" if minor >= 0 else "DBIT"

    def ends(kind: str, minor: int) -> str:
        return balance(kind, plain(abs(minor), currency), side=side(minor), currency=currency)

    entries = [entry(plain(abs(a), currency), side=side(a), currency=currency) for a in amounts]
    closing = opening + sum(amounts)
    found = read(
        statement(ends("OPBD", opening), ends("CLBD", closing), *entries, currency=f"<Ccy>{currency}</Ccy>")
    )
    assert found.lines["amount_minor"].to_list() == amounts
    assert found.balances["closing_minor"][0] - found.balances["opening_minor"][0] == sum(amounts)
    assert found.balances["ties"].to_list() == [True]
    assert found.findings.is_empty()
    assert found.lines["line_id"].n_unique() == len(amounts)
