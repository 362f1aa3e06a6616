"""Several bank files in one ZIP: read like their files one after the other, or refused in one sentence."""

import io
import stat
import struct
import zipfile

import pytest
from camt_maker import balance, camt, entry, statement

from recon.errors import DataRefused
from recon.schema import BALANCES, EXPECTED, LINES, PARTS
from recon.statements.readers import looks_like_statement, read_statement, read_statement_bytes

MARCH = camt(
    statement(
        balance("OPBD", "1.00"), balance("CLBD", "3.00"), entry("2.00", day="2026-03-02", ref="REF-0001")
    )
)
APRIL = camt(
    statement(
        balance("OPBD", "3.00"), balance("CLBD", "7.00"), entry("4.00", day="2026-04-02", ref="REF-0002")
    )
)
BOTH = camt(statement(entry("2.00", ref="REF-0001"), entry("4.00", day="2026-04-02", ref="REF-0002")))


def archive(*members: tuple[str, bytes], **options: int) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", options.get("method", zipfile.ZIP_DEFLATED)) as made:
        for name, content in members:
            made.writestr(name, content)
    return held.getvalue()


def read(*members: tuple[str, bytes]):
    return read_statement_bytes(archive(*members), "year.zip")


def test_the_files_of_an_archive_are_one_statement_in_their_order():
    found = read(("march.xml", MARCH), ("april.xml", APRIL))
    assert found.lines["amount_minor"].to_list() == [200, 400]
    assert found.balances["closing_minor"].to_list() == [300, 700]
    assert found.accounts.height == 1
    assert found.format == "camt.053"
    apart = [read_statement_bytes(data, "x.xml").lines["line_id"].to_list() for data in (MARCH, APRIL)]
    assert found.lines["line_id"].to_list() == [*apart[0], *apart[1]]
    for frame, table in ((found.lines, LINES), (found.parts, PARTS), (found.balances, BALANCES)):
        assert frame.schema == table.schema
    assert found.expected.schema == EXPECTED.schema


def test_files_that_overlap_tell_each_line_once_and_say_so():
    found = read(("march.xml", MARCH), ("spring.xml", BOTH))
    assert found.lines["amount_minor"].to_list() == [200, 400]
    assert found.findings.select("what", "where", "amount_minor").rows() == [
        ("lines_told_twice", "spring.xml", 200)
    ]


def test_the_same_file_under_two_names_counts_once():
    found = read(("march.xml", MARCH), ("copy of march.xml", MARCH))
    assert found.lines.height == found.balances.height == 1
    assert found.findings.is_empty()


def test_what_a_file_manager_adds_is_passed_over():
    assert read(
        ("march.xml", MARCH), ("__MACOSX/._march.xml", b"\x00\x05\x16\x07"), (".DS_Store", b"\x00")
    ).lines.height


def test_one_account_in_two_kinds_of_file_is_refused():
    intraday = MARCH.replace(b"BkToCstmrStmt", b"BkToCstmrAcctRpt").replace(b"Stmt>", b"Rpt>")
    with pytest.raises(DataRefused, match="count twice"):
        read(("march.xml", MARCH), ("today.xml", intraday))


def link() -> bytes:
    held = io.BytesIO()
    info = zipfile.ZipInfo("march.xml")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(held, "w") as made:
        made.writestr(info, "/etc/passwd")
    return held.getvalue()


def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate"):
        return archive(("march.xml", MARCH), ("march.xml", APRIL))


def lying() -> bytes:
    """A directory that says ten bytes where fifty million come."""
    data = bytearray(archive(("march.xml", b"<" * 50_000_000)))
    for at in (22, data.index(b"PK\x01\x02") + 24):
        struct.pack_into("<I", data, at, 10)
    return bytes(data)


def locked() -> bytes:
    data = bytearray(archive(("march.xml", MARCH)))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def damaged() -> bytes:
    data = bytearray(archive(("march.xml", MARCH)))
    data[60] ^= 255
    return bytes(data)


HOSTILE = {
    "a name above": lambda: archive(("../march.xml", MARCH)),
    "an absolute name": lambda: archive(("/etc/march.xml", MARCH)),
    "a drive": lambda: archive(("C:\\march.xml", MARCH)),
    "a link": link,
    "two of one name": twice,
    "a bomb": lambda: archive(("march.xml", b" " * 150_000_000)),
    "a lie about its size": lying,
    "many files": lambda: archive(*((f"{n}.xml", MARCH) for n in range(101))),
    "an archive inside": lambda: archive(("inner.zip", archive(("march.xml", MARCH)))),
    "a compressed file inside": lambda: archive(("march.xml.gz", b"\x1f\x8b\x08\x00rest")),
    "a password": locked,
    "a damaged member": damaged,
    "half an archive": lambda: archive(("march.xml", MARCH))[:-30],
    "nothing": lambda: archive(),
    "one file of another kind": lambda: archive(("march.xml", MARCH), ("readme.txt", b"Dear customer")),
    "one broken file": lambda: archive(("march.xml", MARCH), ("april.xml", APRIL[:-30])),
    "a workbook": lambda: archive(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_or_broken_archive_is_refused_whole(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataRefused, match=r"othing (of the file )?was imported"):
        read_statement_bytes(make(), "year.zip")
    assert list(tmp_path.iterdir()) == []


def test_an_archive_is_known_by_content(tmp_path):
    data = archive(("march.xml", MARCH))
    assert looks_like_statement(data, "anything.dat")
    (tmp_path / "march.dat").write_bytes(data)
    assert read_statement(tmp_path / "march.dat").lines.height == 1


def test_progress_ends_at_one():
    told: list[float] = []
    read_statement_bytes(
        archive(("march.xml", MARCH), ("april.xml", APRIL)), "year.zip", progress=told.append
    )
    assert told == [0.5, 1.0]
    told.clear()
    read_statement_bytes(MARCH, "march.xml", progress=told.append)
    assert told[-1] == 1.0
