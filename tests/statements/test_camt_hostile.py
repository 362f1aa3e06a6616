"""Files made to harm, damaged files, and files of other kinds: one clear refusal, nothing else."""

import random
from pathlib import Path

import pytest
from camt_maker import balance, camt, entry, payment, statement

from recon.errors import DataRefused, ReconError
from recon.statements.readers import looks_like_statement, read_statement, read_statement_bytes, records

GOOD = camt(
    statement(
        balance("OPBD", "10.00"),
        balance("CLBD", "111.00"),
        entry("100.00", ref="REF-0001", details=payment("60.00") + payment("40.00")),
        entry("1.00", details=payment(inside="<RmtInf><Ustrd>Fak 17</Ustrd></RmtInf>")),
    )
)
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
SNEAKED = '<!DOCTYPE Document [<!ENTITY x "9">]>'


def with_doctype(doctype: str, data: bytes = GOOD) -> bytes:
    return data.replace(b"?>", b"?>" + doctype.encode(), 1)


@pytest.mark.parametrize(
    "data",
    [
        with_doctype(LAUGHS),
        with_doctype(SNEAKED).replace(b"100.00", b"100.0&x;"),  # the amount would change without a word
        with_doctype('<!DOCTYPE Document SYSTEM "file:///etc/passwd">'),
        with_doctype('<!DOCTYPE Document SYSTEM "https://example.com/x.dtd">'),
        with_doctype(SNEAKED).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    ],
    ids=["laughs", "amount", "file", "address", "utf16"],
)
def test_a_doctype_is_refused_before_parsing(data, monkeypatch):
    monkeypatch.setattr(records.expat, "ParserCreate", lambda: pytest.fail("was parsed"))
    with pytest.raises(DataRefused, match="DOCTYPE"):
        read_statement_bytes(data, "x.xml")


def test_an_encoding_that_could_hide_a_doctype_is_refused():
    head = b'<?xml version="1.0" encoding="cp037"?>'
    with pytest.raises(DataRefused, match="encoding cp037"):
        read_statement_bytes(head + with_doctype(SNEAKED)[38:].decode().encode("cp037"), "x.xml")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "iso-8859-1", "windows-1252"])
def test_usual_encodings_are_read(encoding):
    text = GOOD.decode().replace("Fak 17", "Løn 17").replace("UTF-8", encoding.removesuffix("-sig"))
    assert read_statement_bytes(text.encode(encoding), "x.xml").lines["text"].to_list()[1] == "Løn 17"


def test_depth_is_bounded():
    deep = b"<a>" * 100_000 + b"</a>" * 100_000
    with pytest.raises(DataRefused, match="deeply"):
        read_statement_bytes(b"<Document>" + deep + b"</Document>", "x.xml")


def test_elements_are_bounded(monkeypatch):
    monkeypatch.setattr(records, "MAX_ELEMENTS", 50)
    with pytest.raises(DataRefused, match="too many elements"):
        read_statement_bytes(camt(statement(*[entry("1.00")] * 10)), "x.xml")


def test_size_is_bounded(monkeypatch):
    monkeypatch.setattr(records, "MAX_BYTES", 5_000)
    large = GOOD + b" " * records.MAX_BYTES
    with pytest.raises(DataRefused, match="shorter period"):
        read_statement_bytes(large, "x.xml")


def test_depth_is_bounded_inside_an_entry_too():
    inside = "<SplmtryData>" + "<a>" * 70 + "</a>" * 70 + "</SplmtryData>"
    with pytest.raises(DataRefused, match="deeply"):
        read_statement_bytes(camt(statement(entry("1.00", extra=inside))), "x.xml")


def test_kinds_of_elements_are_bounded():
    inside = "".join(f"<a{n}/>" for n in range(records.MAX_PATHS + 1))
    with pytest.raises(DataRefused, match="kinds of elements"):
        read_statement_bytes(camt(statement(inside, entry("1.00"))), "x.xml")


def test_a_file_of_two_gigabytes_is_refused_without_reading_it(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "read_bytes", lambda _path: pytest.fail("was read"))
    file = tmp_path / "huge.xml"
    with file.open("wb") as made:
        made.truncate(2 * 1024**3)
    with pytest.raises(DataRefused, match="larger than 200 MB"):
        read_statement(file)


@pytest.mark.timeout(60)
def test_words_without_end_take_no_time_without_end():
    """Looking for each of 50,000 pieces in all before it took minutes."""
    pieces = "".join(f"<Strd><AddtlRmtInf>piece {n}</AddtlRmtInf></Strd>" for n in range(50_000))
    data = camt(statement(entry("1.00", details=payment(inside=f"<RmtInf>{pieces}</RmtInf>"))))
    assert len(read_statement_bytes(data, "x.xml").lines["text"][0]) > 400_000


@pytest.mark.timeout(60)
def test_one_endless_word_takes_no_time_without_end():
    """The parser begins a piece that is not whole anew each time more of the file comes."""
    data = camt(statement(entry("1.00", details=payment(inside=f'<RmtInf a="{"x" * 20_000_000}"/>'))))
    assert read_statement_bytes(data, "x.xml").lines.height == 1


@pytest.mark.parametrize("cut", range(40, len(GOOD) - 1, 7))
def test_a_file_cut_off_anywhere_is_refused(cut):
    with pytest.raises(DataRefused, match=r"othing (of the file )?was imported"):
        read_statement_bytes(GOOD[:cut], "x.xml")


@pytest.mark.parametrize(
    "word",
    [
        "=1+1",
        "+45 12345678",
        "-2+3",
        "@SUM(A1)",
        "\t=cmd",
        "＝1+1",
        "=HYPERLINK(&quot;https://example.com&quot;)",
    ],
)
def test_formulas_stay_the_text_they_are(word):
    """They are made inert where text leaves for a spreadsheet; here the bank's own words are kept."""
    details = payment(inside=f"<RmtInf><Ustrd>{word}</Ustrd></RmtInf>")
    told = read_statement_bytes(camt(statement(entry("1.00", details=details))), "x.xml").lines["text"][0]
    assert told == word.replace("&quot;", '"').strip()


def test_two_encodings_in_one_file_are_refused():
    text = GOOD.replace(b"Fak 17", "Løn".encode() + "Løn".encode("cp1252"))
    with pytest.raises(DataRefused, match="not well-formed"):
        read_statement_bytes(text, "x.xml")


def test_an_entity_nobody_declared_is_refused_and_not_dropped():
    with pytest.raises(DataRefused, match="undefined entity"):
        read_statement_bytes(GOOD.replace(b"100.00", b"1&zero;0.00"), "x.xml")


def test_amounts_in_pieces_are_one_amount():
    """Comments, character references and CDATA divide text for a parser, not for a reader."""
    for whole in (b"10<!-- 9 -->0.00", b"1&#48;0.00", b"<![CDATA[10]]>0.00"):
        found = read_statement_bytes(GOOD.replace(b"100.00", whole, 1), "x.xml")
        assert found.lines["amount_minor"].to_list() == [10000, 100]


def test_a_refusal_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for data in (GOOD[:-40], with_doctype(LAUGHS), b"\x00" * 100):
        with pytest.raises(DataRefused):
            read_statement_bytes(data, "x.xml")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b"\x00\x01\x02\xff" * 50, "binary"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "HTML"),
        (b"<html><p>Session expired</html>", "HTML"),
        (b'<?xml version="1.0"?>\n<!-- portal -->\n<!DOCTYPE html><html/>', "HTML"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "HTML"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....", "damaged archive"),
        (b"\x1f\x8b\x08\x00....", "compressed"),
        (b"\xd0\xcf\x11\xe0....", "old Excel"),
        (b"MZ\x90\x00\x03\x00\x00\x00\x04\x00" * 9, "binary"),
        (b"OFXHEADER:100\r\nDATA:OFXSGML\r\n", "OFX"),
        (b"<?xml version='1.0'?><?OFX OFXHEADER='200'?><OFX/>", "OFX"),
        (b"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>", "Invoice"),
        (
            b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.03'><CstmrCdtTrfInitn/></Document>",
            "camt",
        ),
        (b"<Document><BkToCstmrStmt><GrpHdr/></BkToCstmrStmt></Document>", "without a statement"),
        (GOOD[:-40], "not well-formed"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_sentence(data, word):
    with pytest.raises(DataRefused) as refused:
        read_statement_bytes(data, "file.xml")
    assert word in refused.value.words
    assert "Nothing was imported" in refused.value.words


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        (GOOD, True),
        (GOOD.decode().replace("UTF-8", "UTF-16").encode("utf-16"), True),
        (b":20:X\r\n:25:1\r\n", True),
        (b"kind;number;total\r\ninvoice;1;2\r\n", False),
        (b"<Invoice/>", False),
        (b"", False),
    ],
)
def test_statements_are_known_by_content(data, is_one):
    assert looks_like_statement(data, "any.name") is is_one


def mutated(seed: int) -> bytes:
    """The good file with a few bytes changed, cut, doubled or swapped for something unpleasant."""
    chance = random.Random(seed)
    data = bytearray(GOOD)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[place] = chance.randrange(256)
            case 1:
                del data[place : place + chance.randint(1, 40)]
            case 2:
                data[place:place] = data[place : place + chance.randint(1, 80)]
            case 3:
                data[place:place] = chance.choice(
                    [b"<", b">", b"&amp;", b"\x00", b"-", b"9" * 40, b"<Amt/>", b"NaN"]
                )
            case _:
                other = chance.randrange(len(data))
                data[place], data[other] = data[other], data[place]
    return bytes(data)


def test_damaged_files_are_read_or_refused_and_nothing_else():
    """Only ReconError may escape; the seed of a failure is in the message."""
    refused = 0
    for seed in range(600):
        try:
            read_statement_bytes(mutated(seed), "x.xml")
        except ReconError:
            refused += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error
    assert refused > 100


def test_damaged_figures_and_tags_are_read_or_refused():
    """The XML stays whole here, so that the damage reaches the reader and not only the parser."""
    chance = random.Random(7)
    tags = [
        b"Amt",
        b"CdtDbtInd",
        b"Sts",
        b"Dt",
        b"TxDtls",
        b"Bal",
        b"Cd",
        b"IBAN",
        b"Ccy",
        b"Ntry",
        b"AmtDtls",
    ]
    values = [
        b"",
        b"100.00",
        b"-1",
        b"1e9",
        b"BOOK",
        b"CRDT",
        b"2026-13-01",
        b"0" * 50,
        b"DK",
        b"\xc3\xa6",
        b"9" * 25,
    ]
    for seed in range(300):
        data = GOOD
        for _ in range(chance.randint(1, 3)):
            old, new = chance.choice(tags), chance.choice(tags)
            data = data.replace(b"<" + old + b">", b"<" + new + b">").replace(
                b"</" + old + b">", b"</" + new + b">"
            )
            data = data.replace(chance.choice(values[1:]), chance.choice(values), 1)
        try:
            read_statement_bytes(data, "x.xml")
        except ReconError:
            continue
        except Exception as error:
            raise AssertionError(f"round {seed}: {data!r}") from error
