"""MT940 files made to take long or to break something: an answer or a refusal, quickly, and nothing else."""

import pytest

from recon.errors import DataRefused
from recon.money import INT64_MAX
from recon.statements.readers.mt940 import read_mt940

HEAD = b":20:A\n:25:DK8398760012345678\n:28C:1\n:60F:C260131DKK0,\n"
ENTRY = b":61:2602020202C5,NTRFNONREF\n"
MANY = 200_000


def entry_with(details: bytes) -> bytes:
    return HEAD + ENTRY + b":86:" + details + b"\n:62F:C260228DKK5,\n-\n"


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"\n" * MANY,
        HEAD + ENTRY + b"\n" * MANY + b"-",
        HEAD + ENTRY + b" " * MANY,
        b"\x01" * MANY + HEAD,
        b":20:\n" * (MANY // 10),
        HEAD + b":62F:C260228DKK" + b"1" * MANY,
        HEAD + b":62F:C260228DKK" + b"1." * MANY + b"x",
        HEAD + b":90C:" + b"1" * MANY + b"x",
        entry_with(b"IBAN: DK8398760012345678 " * (MANY // 10) + b"NAAM"),
        entry_with(b"?20" * MANY),
        entry_with(b"166?20" + b"EREF+" * MANY),
        entry_with(b"/EREF/" * MANY),
        entry_with(b"/CNTP/" + b"/" * MANY),
        entry_with(b"[" * MANY),
        entry_with(b"A[" * MANY),
        entry_with(b"x\n" * MANY),
        HEAD + b":61:2602020202C5," + b"A/" * MANY,
        HEAD + b":61:" + b" " * MANY + b"26",
    ],
    ids=lambda data: data[-24:].decode("latin-1"),
)
def test_long_and_repeated_parts_are_read_or_refused(data):
    try:
        read = read_mt940(data, "a.sta", None, None)
    except DataRefused:
        return
    assert read.lines.height <= 1
    assert read.lines["amount_minor"].sum() in (0, 500)


def test_a_sum_beyond_what_can_be_held_is_refused():
    entry = b":61:2602020202C99999999999999,NTRFNONREF\n"
    with pytest.raises(DataRefused, match="add up to more"):
        read_mt940(HEAD + entry * (INT64_MAX // 10**16 + 2), "a.sta", None, None)


@pytest.mark.parametrize(
    "data", [b"", b"\x00" * 100, b"%PDF-1.7\n:20:", b"PK\x03\x04", b"\xff" * 50, b":61:", b"\n:86:\n"]
)
def test_what_is_no_statement_is_refused(data):
    with pytest.raises(DataRefused, match=r"Nothing (of the file )?was imported"):
        read_mt940(data, "a.sta", None, None)
