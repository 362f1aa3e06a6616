"""MT940 customer statement and MT942 interim report (SWIFT category 9), and what banks make of them → Statement.

In: the bytes of a file. Out: LINES (one per booked `:61:`), EXPECTED (marks EC and ED), BALANCES (one row per
message or page) and FINDINGS, in file order.
Never: an entry left out, a sign not in the table of marks, an amount or a currency guessed.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from recon.errors import DataRefused
from recon.schema import Statement
from recon.statements.readers.building import Building
from recon.statements.readers.mt940_fields import Field, fields
from recon.statements.readers.mt940_letters import decoder, seven_bit
from recon.statements.readers.mt940_message import Message, Source
from recon.statements.readers.records import Progress

_BALANCED: Final = re.compile(rb":6[02][FM]?:")
_TELL_EVERY: Final = 4096
_INTERIM: Final = re.compile(rb":(?:34F|13D|90[CD]):|\{2:[IO]942")


def read_mt940(
    data: bytes, name: str, currency: str | None, account_id: str | None, progress: Progress | None = None
) -> Statement:
    """Read one MT940 or MT942 file.

    currency: where the file states none. account_id: for a file that names no account. progress: told the share
    that has been read. `source` of the lines is `mt940` or `mt942`.
    Raises DataRefused for a file without a statement, for an entry without a sure day, mark or amount, and for a
    statement that names two accounts.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    interim = not _BALANCED.search(data) and _INTERIM.search(data)
    building = Building(name, "mt942" if interim else "mt940")
    file = _File(
        Source(data, building, decoder(data), seven_bit(data), b"/OCMT/" in data, currency, account_id)
    )
    for count, each in enumerate(fields(data)):
        file.take(each)
        if progress is not None and count % _TELL_EVERY == 0:
            progress(each.at / len(data))
    file.end()
    if not file.holds_something:
        raise DataRefused(
            f"“{name}” holds no MT940 statement: neither a balance nor an entry was found. Nothing was imported; "
            "ask the bank for the file again.",
            file=name,
        )
    return building.finish()


class _File:
    """The messages of one file, one open at a time."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.count = 0
        self.holds_something = False
        self.before: Message | None = None
        self.message: Message | None = None

    def take(self, field: Field) -> None:
        """Hand a field to the open message, or to a new one where it begins one."""
        if self.message is None or self.message.ends_before(field.tag):
            self._begin()
        assert self.message is not None
        try:
            self.message.take(field)
        except DataRefused as error:
            raise self._refusal(error) from error

    def end(self) -> None:
        """Close the open message; one without balance, entry or sum is no statement."""
        if self.message is None:
            return
        try:
            self.message.close()
        except DataRefused as error:
            raise self._refusal(error) from error
        self.holds_something = self.holds_something or self.message.holds_something
        # Only the page before is looked at: a chain of all of them would grow with the file.
        self.message.before = None
        self.before, self.message = self.message, None

    def _begin(self) -> None:
        self.end()
        self.count += 1
        self.message = Message(f"statement {self.count}", self.source, self.before)

    def _refusal(self, error: DataRefused) -> DataRefused:
        name, place = self.source.building.name, self.message.place if self.message else ""
        remedy = "" if error.fields.get("missing") else "; ask the bank for a new file"
        return DataRefused(
            f"“{name}”, {place}: {error.words} Nothing of the file was imported{remedy}.",
            file=name,
            where=place,
        )
