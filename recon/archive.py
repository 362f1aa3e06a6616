"""Bytes of a ZIP archive → its files, or a refusal: the one door for statements and invoices sent in bundles.

Limits are counted while unpacking, since an archive's own directory may lie. Out: each file under its bare name,
for words only. Never: a file written to disk, an archive inside an archive, a link, a path that leads elsewhere.
"""

from __future__ import annotations

import io
import stat
import zipfile
from typing import Final, NamedTuple

from recon.errors import DataRefused

MAX_MEMBERS: Final = 100
MAX_UNPACKED: Final = 200 * 1024 * 1024
MAX_RATIO: Final = 100
# Small files may shrink by more than the ratio and still hold nothing of note.
_FREE: Final = 1 << 20
_START: Final = b"PK\x03\x04"
_ENTRY: Final = b"PK\x01\x02"
_NESTED: Final = (_START, b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")
# What file managers add by themselves.
_LITTER: Final = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


class Member(NamedTuple):
    """One file of an archive: its bare name and its bytes."""

    name: str
    content: bytes


def is_zip(data: bytes) -> bool:
    """Whether the bytes begin as a ZIP archive does; Excel files do as well."""
    return data.startswith(_START)


def read_zip(data: bytes, name: str) -> list[Member]:
    """The files of an archive in its order, folders and a file manager's litter left out.

    At most 100 files, 200 MB and a hundred times the archive's own size. Raises DataRefused; `name` is the
    archive's, for the words. Nested archives are refused, spreadsheets (which are archives too) are not.
    """
    allowed = min(MAX_UNPACKED, max(MAX_RATIO * len(data), _FREE))
    # A directory of millions of entries costs gigabytes before its first file is looked at.
    if data.count(_ENTRY) > MAX_MEMBERS * 100:
        raise _no(name, f"has more than {MAX_MEMBERS} files. Split it.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not _litter(entry)]
            if len(archive.infolist()) > MAX_MEMBERS:
                raise _no(name, f"has more than {MAX_MEMBERS} files. Split it.")
            if len({entry.filename.casefold() for entry in entries}) < len(entries):
                raise _no(name, "holds two files under one name. Which one counts is not sure.")
            members = []
            for entry in entries:
                _refuse_strange(entry, name)
                with archive.open(entry) as part:
                    body = part.read(allowed + 1)
                allowed -= len(body)
                if allowed < 0:
                    raise _no(name, "unpacks to far more than its size lets expect. Unpack it yourself.")
                if body.startswith(_NESTED) and b"xl/" not in body:
                    raise _no(name, f"holds another archive, {_bare(entry)}. Unpack it first.")
                members.append(Member(_bare(entry), body))
    except DataRefused:
        raise
    except Exception as error:  # a damaged archive fails in many ways
        raise _no(name, "is a damaged archive. Download it again.") from error
    if not members:
        raise _no(name, "is an empty archive.")
    return members


def _litter(entry: zipfile.ZipInfo) -> bool:
    return entry.is_dir() or entry.filename.startswith(_LITTER[0]) or _bare(entry) in _LITTER[1:]


def _refuse_strange(entry: zipfile.ZipInfo, name: str) -> None:
    path = entry.filename.replace("\\", "/")
    if path.startswith("/") or path[1:2] == ":" or ".." in path.split("/"):
        raise _no(name, "holds a file whose path leads out of the archive. It is not to be trusted.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise _no(name, "holds a link instead of a file. It is not to be trusted.")
    if entry.flag_bits & 0x1:
        raise _no(name, "is locked by a password. Unpack it and import what is in it.")


def _bare(entry: zipfile.ZipInfo) -> str:
    return entry.filename.replace("\\", "/").rpartition("/")[2]


def _no(name: str, why: str) -> DataRefused:
    return DataRefused(f"“{name}” {why} Nothing was imported.", file=name)
