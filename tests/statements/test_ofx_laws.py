"""OFX: what is written is read back, damage never passes without a word, and hostile files end quickly."""

import random
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.errors import DataRefused
from recon.statements.readers.ofx import read_ofx

NAMES = st.text("abc ØÆ&<>'\"123", min_size=1, max_size=20).filter(str.strip)
entries = st.tuples(st.integers(-(10**12), 10**12), st.dates(date(1990, 1, 1), date(2060, 1, 1)), NAMES)
files = st.lists(st.lists(entries, max_size=6), min_size=1, max_size=3)


def figure(minor: int, mark: str) -> str:
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}{mark}{abs(minor) % 100:02d}"


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def write(file: list, mark: str, *, closed: bool) -> bytes:
    def leaf(tag: str, text: str) -> str:
        return f"<{tag}>{text}</{tag}>" if closed else f"<{tag}>{text}\n"

    statements = []
    for number, told in enumerate(file):
        listed = "".join(
            f"<STMTTRN>{leaf('DTPOSTED', f'{day:%Y%m%d}120000[-5:EST]')}{leaf('TRNAMT', figure(minor, mark))}"
            f"{leaf('NAME', escaped(name))}</STMTTRN>"
            for minor, day, name in told
        )
        closing = figure(sum(minor for minor, _, _ in told), mark)
        statements.append(
            f"<STMTRS>{leaf('CURDEF', 'EUR')}<BANKACCTFROM>{leaf('ACCTID', str(number + 1))}</BANKACCTFROM>"
            f"<BANKTRANLIST>{listed}</BANKTRANLIST><LEDGERBAL>{leaf('BALAMT', closing)}</LEDGERBAL></STMTRS>"
        )
    return f"<OFX><BANKMSGSRSV1>{''.join(statements)}</BANKMSGSRSV1></OFX>".encode()


@given(files, st.sampled_from(".,"), st.booleans())
def test_what_is_written_is_read_back(file, mark, closed):
    read = read_ofx(write(file, mark, closed=closed), "a.ofx", None, None)
    assert read.lines.select("amount_minor", "booking_date", "text").rows() == [
        (minor, day, " ".join(name.split())) for told in file for minor, day, name in told
    ]
    sums = [sum(minor for minor, _, _ in told) for told in file]
    assert read.balances["booked_minor"].to_list() == sums
    assert read.balances["closing_minor"].to_list() == sums


@given(files, st.sampled_from(".,"), st.booleans(), st.integers(0, 2**32))
def test_damage_is_refused_or_loses_no_transaction(file, mark, closed, seed):
    luck = random.Random(seed)
    data = bytearray(write(file, mark, closed=closed))
    for _ in range(luck.randint(1, 3)):
        at, to = sorted(luck.randint(0, len(data)) for _ in range(2))
        kind = luck.randint(0, 3)
        if kind == 0:
            del data[at : min(to, at + 30)]
        elif kind == 1:
            data[at:at] = data[at : min(to, at + 100)]
        elif kind == 2:
            data[at:at] = luck.choice(
                [b"<STMTTRN>", b"</STMTTRN>", b"<", b">", b"&", b"\xff", b"<![CDATA[", b"9", b"<!--"]
            )
        elif data:
            data[at % len(data)] = luck.randint(0, 255)
    try:
        read = read_ofx(bytes(data), "a.ofx", "EUR", None)
    except DataRefused as refusal:
        assert "a.ofx" in refusal.words
        return
    # An independent count; words between <!-- --> and <![CDATA[ ]]> are none of the bank's entries.
    plain = re.sub(rb"(?s)<!--.*?-->|<!\[CDATA\[.*?\]\]>", b"", bytes(data)).upper()
    begun = re.findall(rb"<STMTTRN(?:\s[^<>]*)?/?>", plain[max(plain.find(b"<OFX"), 0) :])
    assert read.lines.height == len(begun)


MANY = 100_000
SNEAKED = '<!DOCTYPE OFX [<!ENTITY x "9">]>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (f"<?xml version='1.0'?>{SNEAKED}<OFX>&x;</OFX>".encode(), "DOCTYPE"),
        (f"<?xml version='1.0'?>{SNEAKED.lower()}<OFX>&x;</OFX>".encode(), "DOCTYPE"),
        (f"{SNEAKED}<OFX></OFX>".encode("utf-16"), "DOCTYPE"),
        (b"<OFX><![INCLUDE[x]]></OFX>", "DOCTYPE"),
        (b"<OFX>" + b"<STATUS>" * 100 + b"</OFX>", "nested too deeply"),
        (b"<OFX>" + b"<![CDATA[" * MANY + b"</OFX>", "breaks off"),
        (b"<OFX>" + b"<!--" * MANY + b"</OFX>", "breaks off"),
        (b"<OFX><NAME>" + b"<" * MANY + b"</OFX>", "without a statement"),
        (b"<OFX><NAME>" + b"a<![CDATA[b]]>" * MANY + b"</OFX>", "without a statement"),
        (b"<OFX>" + b"<A " * MANY + b"</OFX>", "without a statement"),
        (b"<OFX>" + b"</A>" * MANY + b"</OFX>", "without a statement"),
        (b"<OFX><TRNAMT>" + b"1" * MANY + b"x</OFX>", "without a statement"),
        (b"OFXHEADER:100" + b"\x00" * 50 + b"<OFX></OFX>", "binary"),
        (b"OFXHEADER:100\n", "holds no OFX"),
        (b"", "holds no OFX"),
    ],
    ids=lambda data: data[-30:] if isinstance(data, str) else "",
)
def test_hostile_files_are_refused(data, words):
    with pytest.raises(DataRefused, match="Nothing was imported") as refusal:
        read_ofx(data, "a.ofx", None, None)
    assert words in refusal.value.words


def test_an_amount_of_a_hundred_thousand_digits_is_refused():
    data = write([[(1, date(2026, 1, 1), "x")]], ".", closed=True).replace(b"0.01", b"1" * MANY)
    with pytest.raises(DataRefused, match="not an amount"):
        read_ofx(data, "a.ofx", None, None)
