"""The styles of `:86:`: what the text is, who the other party is, which references it holds."""

import pytest

from recon.statements.readers.mt940_details import join, read_details, read_non_swift

GERMAN = (
    "166?00GUTSCHRIFT?109310?20EREF+2026-17?21MREF+M-1?22SVWZ+Faktura 1042 og faktur?23a 1043"
    "?30DABADKKK?31DK8398760012345678?32Hansen og Soenners Efterfoe?33lgere ApS?34997"
)


@pytest.mark.parametrize(
    ("lines", "text", "name", "account", "end_to_end", "reference"),
    [
        (["Faktura 1042"], "Faktura 1042", None, None, None, None),
        (
            [GERMAN],
            "Faktura 1042 og faktura 1043 M-1 GUTSCHRIFT",
            "Hansen og Soenners Efterfoelgere ApS",
            "DK8398760012345678",
            "2026-17",
            None,
        ),
        (
            [GERMAN[:65], GERMAN[65:130], GERMAN[130:]],
            "Faktura 1042 og faktura 1043 M-1 GUTSCHRIFT",
            "Hansen og Soenners Efterfoelgere ApS",
            "DK8398760012345678",
            "2026-17",
            None,
        ),
        (["000>1000987654321", ">20 HUUR>21 KANTOOR"], "HUUR KANTOOR", None, "00987654321", None, None),
        (
            ["051?00UEBERW?20RE 1042?30DABADKKK?31123456?32HANSEN"],
            "RE 1042 UEBERW",
            "HANSEN",
            "123456",
            None,
            None,
        ),
        (["051?20RE 1042?3012030000?319003932309"], "RE 1042", None, "12030000/9003932309", None, None),
        (["159?20EREF+NOTPROVIDED?21SVWZ+Retour"], "Retour", None, None, None, None),
        (["159?20EREF+A 1?21MTLG:kein Konto"], "MTLG:kein Konto", None, None, "A 1", None),
        (
            ["/EREF/2026-17/CNTP/NL91ABNA0417164300/ABNANL2A/Hansen BV/Delft//REMI/USTD//Faktura 1042/"],
            "Faktura 1042",
            "Hansen BV",
            "NL91ABNA0417164300",
            "2026-17",
            None,
        ),
        (["/REMI/STRD/CUR/9876543210012345/"], "9876543210012345", None, None, None, "9876543210012345"),
        (["/REMI/STRD/ISO/RF18539007547034/"], "RF18539007547034", None, None, None, "RF18539007547034"),
        (
            [
                "/TRTP/SEPA/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/NAME/Hansen/REMI/Fak 1042/EREF/NOTPRO",
                "VIDED",
            ],
            "Fak 1042 SEPA",
            "Hansen",
            "NL91ABNA0417164300",
            None,
            None,
        ),
        (["/EREF/7-1/ORDP//NAME/Payer/BENM//NAME/Payee/REMI/Fak"], "Fak", "Payer", None, "7-1", None),
        (
            ["FACTUUR 2014", "REK: NL91ABNA0417164300/NAAM: Picqer"],
            "FACTUUR 2014 REK: NL91ABNA0417164300/NAAM: Picqer",
            "Picqer",
            "NL91ABNA0417164300",
            None,
            None,
        ),
        ([], "", None, None, None, None),
        (["?", "x"], "? x", None, None, None, None),
        (["166?20"], "", None, None, None, None),
        (["/EREF/"], "EREF", None, None, None, None),
    ],
)
def test_details(lines, text, name, account, end_to_end, reference):
    told = read_details(lines, flows_in=True)
    assert " ".join(" ".join(told.pieces).split()) == text
    assert (told.name, told.account, told.end_to_end_id, told.creditor_reference) == (
        name,
        account,
        end_to_end,
        reference,
    )


def test_of_two_names_the_other_party_is_who_was_paid_when_money_goes_out():
    told = read_details(["/ORDP//NAME/Payer/BENM//NAME/Payee/REMI/Fak"], flows_in=False)
    assert told.name == "Payee"


def test_a_non_swift_block_gives_name_account_and_text():
    told = read_non_swift(
        ["01Faktura", "021042", "15Hansen Efterfo", "16lgere", "17Overfoersel", "3310918001", "3400042"]
    )
    assert told.pieces == ("Faktura", "1042", "Overfoersel")
    assert (told.name, told.account) == ("Hansen Efterfolgere", "1091800100042")


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["a", "b"], "a b"),
        (["a ", "b"], "a b"),
        (["a", " b"], "a b"),
        (["x" * 65, "y"], "x" * 65 + "y"),
        (["x" * 64, "y"], "x" * 64 + " y"),
        (["x" * 27, "y" * 27, "z"], "x" * 27 + "y" * 27 + "z"),
        (["x" * 35, "y" * 20, "z"], "x" * 35 + " " + "y" * 20 + " z"),
    ],
)
def test_lines_broken_at_full_width_go_on_without_a_blank(lines, text):
    assert join(lines) == text
