"""Some files as one encrypted file, and back: the shape of a backup.

In: files and a key. Out: one file that nobody reads or alters without the key. Never: a piece given out before it is
proven, a file cut short that looks whole, a name that leads out of the folder.

    recon backup 1 ⏎
    {"salt": …, "check": …} ⏎        salt of the key's scrypt; proof that a key fits
    pieces of 1 MiB, each sealed by AES-256-GCM: number and “is the last” in the nonce, the head bound in

Inside is a gzipped tar of plain files.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import secrets
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recon.errors import DataRefused, IntegrityAlarm, StorageFailed, UsageError
from recon.settings import Secret

SUFFIX = ".recon-backup"
_MAGIC = b"recon backup 1\n"
_PIECE = 1 << 20
_TAG = 16
_HEAD_MOST = 1000


def seal_files(files: Mapping[str, Path], to: Path, key: Secret) -> None:
    """Write files, by their names inside, into a new encrypted file of mode 0600, on the disk when this returns."""
    salt = secrets.token_bytes(16)
    stretched = _stretched(key, salt)
    head = _MAGIC + json.dumps({"salt": salt.hex(), "check": _check(stretched)}).encode() + b"\n"
    try:
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(head)
            pieces = _Sealing(out, AESGCM(stretched), head)
            with tarfile.open(fileobj=pieces, mode="w|gz", bufsize=_PIECE) as tar:
                for name, path in files.items():
                    tar.add(path, arcname=name, recursive=False, filter=_plain)
            pieces.finish()
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        to.unlink(missing_ok=True)
        raise StorageFailed(
            f"{to} could not be written ({error.strerror}). The workspace is as it was; check the place and the disk."
        ) from error


def unseal_files(sealed: Path, into: Path, key: Secret, wanted: Callable[[str], bool]) -> list[str]:
    """Put the files of a backup into an existing folder, mode 0600; returns their names.

    Raises DataRefused for a file that is no backup, UsageError for another key, IntegrityAlarm for one that was
    altered or cut short, or holds a name that is not `wanted`.
    """
    names: list[str] = []
    try:
        with sealed.open("rb") as file:
            head, stretched = _opened(file, sealed, key)
            pieces = io.BufferedReader(_Unsealing(file, AESGCM(stretched), head, sealed), _PIECE)
            with tarfile.open(fileobj=pieces, mode="r|gz", bufsize=_PIECE) as tar:
                for member in tar:
                    if not member.isfile() or not wanted(member.name):
                        raise _altered(sealed)
                    _put(tar, member, into / member.name)
                    names.append(member.name)
            while pieces.read(_PIECE):
                pass  # the last piece proves that nothing was cut off
    except tarfile.TarError:
        raise _altered(sealed) from None
    except OSError as error:
        raise StorageFailed(
            f"{sealed} could not be unpacked ({error.strerror}). Nothing was kept."
        ) from error
    return names


class _Sealing(io.RawIOBase):
    """Takes bytes, gives sealed pieces of one size; `finish` marks the last."""

    def __init__(self, out: BinaryIO, cipher: AESGCM, head: bytes) -> None:
        self._out, self._cipher, self._head = out, cipher, head
        self._number, self._left = 0, bytearray()

    def write(self, data: Any) -> int:
        given = bytes(data)
        self._left += given
        while len(self._left) > _PIECE:
            self._seal(bytes(self._left[:_PIECE]), last=False)
            del self._left[:_PIECE]
        return len(given)

    def finish(self) -> None:
        self._seal(bytes(self._left), last=True)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, self._head))
        self._number += 1


class _Unsealing(io.RawIOBase):
    """Gives the bytes of sealed pieces, each proven first."""

    def __init__(self, file: BinaryIO, cipher: AESGCM, head: bytes, path: Path) -> None:
        self._file, self._cipher, self._head, self._path = file, cipher, head, path
        self._number, self._next = 0, file.read(_PIECE + _TAG)
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        if not self._ready and self._next:
            self._unseal()
        given, self._ready = self._ready[: len(view)], self._ready[len(view) :]
        view[: len(given)] = given
        return len(given)

    def _unseal(self) -> None:
        sealed, self._next = self._next, self._file.read(_PIECE + _TAG)
        try:
            nonce = _nonce(self._number, last=not self._next)
            self._ready = self._cipher.decrypt(nonce, sealed, self._head)
        except (InvalidTag, ValueError):
            raise _altered(self._path) from None
        self._number += 1


def _opened(file: BinaryIO, path: Path, key: Secret) -> tuple[bytes, bytes]:
    """The head and the key of a backup."""
    magic, line = file.read(len(_MAGIC)), file.readline(_HEAD_MOST)
    try:
        told = json.loads(line)
        salt, check = bytes.fromhex(told["salt"]), str(told["check"])
    except (ValueError, KeyError, TypeError):
        salt, check = b"", ""
    if magic != _MAGIC or not check:
        raise DataRefused(f"“{path.name}” is no backup of recon. Nothing was restored.", file=path.name)
    stretched = _stretched(key, salt)
    if not hmac.compare_digest(check, _check(stretched)):
        raise UsageError(
            f"The key does not open {path}. Nothing was restored; set RECON_BACKUP_KEY (or RECON_VAULT_KEY) to the one "
            "it was made with, or put the key file of that machine in its place."
        )
    return magic + line, stretched


def _put(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    source = tar.extractfile(member)
    assert source is not None
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        while piece := source.read(_PIECE):
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Name and size only: nothing of this machine's users."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _stretched(key: Secret, salt: bytes) -> bytes:
    return hashlib.scrypt(key.reveal().encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def _check(stretched: bytes) -> str:
    return hmac.digest(stretched, b"recon backup key", "sha256").hex()[:32]


def _altered(path: Path) -> IntegrityAlarm:
    return IntegrityAlarm(
        f"{path} was altered, damaged or cut short. Nothing of it was kept; use another backup.",
        file=path.name,
    )
