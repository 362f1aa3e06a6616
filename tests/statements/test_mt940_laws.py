"""Laws of reading MT940: what is written in any dialect is read back, and no damage passes without a word."""

import random
import re
from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from recon.errors import DataRefused
from recon.money import minor_digits
from recon.statements.readers.mt940 import read_mt940

CURRENCIES = ("DKK", "EUR", "JPY", "KWD")


class Told(NamedTuple):
    amount: int
    reversal: bool
    booked: date
    value_lag: int
    text: str


entries = st.builds(
    Told,
    amount=st.integers(-(10**11), 10**11),
    reversal=st.booleans(),
    booked=st.dates(date(2019, 1, 1), date(2039, 12, 31)),
    value_lag=st.integers(-170, 170),
    text=st.text("abcdefghij ØÆ0123456789./", min_size=1, max_size=60).filter(lambda text: text.strip(" /")),
)
files = st.lists(
    st.tuples(st.sampled_from(CURRENCIES), st.integers(-(10**12), 10**12), st.lists(entries, max_size=8)),
    min_size=1,
    max_size=4,
)


class Dialect(NamedTuple):
    """A way to write the same file."""

    funds_code: bool
    envelope: bool
    prose: bool
    end: str
    line_end: str
    style: str
    bare: bool
    encoding: str


dialects = st.builds(
    Dialect,
    funds_code=st.booleans(),
    envelope=st.booleans(),
    prose=st.booleans(),
    end=st.sampled_from(["-", "-XXX", ""]),
    line_end=st.sampled_from(["\n", "\r\n", "\r", "\r\r\n"]),
    style=st.sampled_from(["plain", "german", "coded", "wrapped"]),
    bare=st.booleans(),
    encoding=st.sampled_from(["utf-8", "latin-1"]),
)


def figure(minor: int, currency: str, *, bare: bool) -> str:
    digits = minor_digits(currency)
    text = str(abs(minor)).zfill(digits + 1)
    whole, rest = (text[:-digits], text[-digits:]) if digits else (text, "")
    return f"{whole},{rest.rstrip('0') if bare else rest}"


def balance(minor: int, currency: str, *, bare: bool) -> str:
    return f"{'D' if minor < 0 else 'C'}200101{currency}{figure(minor, currency, bare=bare)}"


def mark(told: Told) -> str:
    if told.reversal:
        return "RC" if told.amount < 0 else "RD"
    return "D" if told.amount < 0 else "C"


def details(told: Told, style: str) -> list[str]:
    if style == "german":
        pieces = [told.text[at : at + 27] for at in range(0, len(told.text), 27)]
        return [":86:166?00OVERFOERSEL" + "".join(f"?{20 + n}{piece}" for n, piece in enumerate(pieces))]
    if style == "coded":
        return [f":86:/EREF/E-1/REMI/{told.text}/"]
    if style == "wrapped":
        return [f":86:{told.text}", ":20:15 is no field"]
    return [f":86:{told.text}"]


def write(file: list, dialect: Dialect) -> bytes:
    lines = ["Statement of your accounts", "940"] if dialect.prose else []
    for number, (currency, opening, told) in enumerate(file):
        if dialect.envelope:
            lines.append("{1:F01DABADKKKAXXX0000000000}{2:I940DABADKKKXXXXN}{4:")
        bare = dialect.bare
        lines += [":20:S", f":25:50880050/{5000000 + number}", f":28C:{number}"]
        lines.append(f":60F:{balance(opening, currency, bare=bare)}")
        for each in told:
            value = each.booked + timedelta(days=each.value_lag)
            funds = currency[2] if dialect.funds_code else ""
            lines.append(
                f":61:{value:%y%m%d}{each.booked:%m%d}{mark(each)}{funds}{figure(each.amount, currency, bare=bare)}"
                "NTRFNONREF"
            )
            lines += details(each, dialect.style)
        closing = opening + sum(each.amount for each in told)
        lines.append(f":62F:{balance(closing, currency, bare=bare)}")
        lines += ["-}"] if dialect.envelope else [dialect.end] if dialect.end else []
    return dialect.line_end.join([*lines, ""]).encode(dialect.encoding)


@given(files, dialects)
def test_what_is_written_in_any_dialect_is_read_back(file, dialect):
    read = read_mt940(write(file, dialect), "a.sta", None, None)
    told = [(currency, each) for currency, _, several in file for each in several]
    assert read.lines.select("amount_minor", "currency", "booking_date", "value_date").rows() == [
        (each.amount, currency, each.booked, each.booked + timedelta(days=each.value_lag))
        for currency, each in told
    ]
    assert read.balances["ties"].to_list() == [True] * len(file)
    assert read.balances["booked_minor"].to_list() == [
        sum(e.amount for e in several) for _, _, several in file
    ]
    assert read.findings.is_empty()
    words = ["".join(text.split()) for text in read.lines["text"]]
    assert all(
        "".join(each.text.strip(" /").split()) in text for text, (_, each) in zip(words, told, strict=True)
    )


@given(files, dialects)
def test_lines_keep_their_ids_in_every_wrapping(file, dialect):
    plain = dialect._replace(envelope=False, prose=False, line_end="\n", end="-", encoding="utf-8")
    ids = [
        read_mt940(write(file, way), "a.sta", None, None).lines["line_id"].to_list()
        for way in (dialect, plain)
    ]
    assert ids[0] == ids[1]


def damage(data: bytes, luck: random.Random) -> bytes:
    """The bytes with a few things wrong: cut, doubled, swapped, replaced."""
    spoiled = bytearray(data)
    for _ in range(luck.randint(1, 4)):
        at, to = sorted(luck.randint(0, len(spoiled)) for _ in range(2))
        kind = luck.randint(0, 4)
        if kind == 0:
            del spoiled[at : min(to, at + 40)]
        elif kind == 1:
            spoiled[at:at] = spoiled[at : min(to, at + 200)]
        elif kind == 2:
            spoiled[at : at + 1] = luck.choice(
                [b":61:", b":86:", b"\n", b":20:", b"?20", b"-", b"\xff", b"\x00", b"/", b"9"]
            )
        elif kind == 3:
            spoiled = spoiled[:at] if luck.random() < 0.3 else spoiled
        elif spoiled:
            spoiled[at % len(spoiled)] = luck.randint(0, 255)
    return bytes(spoiled)


@given(files, dialects, st.integers(0, 2**32))
def test_damage_is_refused_or_told_and_loses_no_entry(file, dialect, seed):
    data = damage(write(file, dialect), random.Random(seed))
    try:
        read = read_mt940(data, "a.sta", "DKK", None)
    except DataRefused as refusal:
        assert "a.sta" in refusal.words
        return
    # An independent count: every line that begins like an entry is one, booked or expected.
    begun = re.findall(rb"(?:\A|[\r\n\x00-\x08]|\{4:):61:", data)
    assert read.lines.height + read.expected.height == len(begun)
    assert sum(read.balances["booked_minor"]) == sum(read.lines["amount_minor"])
    for row in read.balances.filter(read.balances["ties"].eq_missing(False)).rows(named=True):
        assert row["opening_minor"] is not None
        assert "balance_does_not_tie" in read.findings["what"].to_list()
