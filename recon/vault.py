"""The tokens of consents, encrypted in `<home>/tokens.enc`; the one place they rest.

In: tokens as the bank gave them. Out: the same tokens, to whoever holds the key. Never: a token in
clear on disk, in a repr or in an error; an older token over a newer one; two refreshes at once.

    tokens.enc   JSON: salt, proof that the key fits, one sealed record a consent, proof over the whole
    key          RECON_VAULT_KEY (where it is `keyring:`, the operating system's keyring), else a file of mode
                 0600 outside the workspace; in both named after the salt

Each record is sealed by AES-GCM with consent id and generation bound in, so it cannot stand for
another; the proof over the whole (HMAC-SHA256) makes every changed byte show.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from recon import keyring
from recon.disk import locked, write_durably
from recon.errors import IntegrityAlarm, StorageFailed, UsageError
from recon.settings import Secret

KEYRING = "keyring:"
"""As a key it means: the key is in the operating system's keyring."""
_NONCE_BYTES = 12


@dataclass(frozen=True)
class Tokens:
    """What the bank gave for one consent. Instants are UTC.

    generation: 0 = fresh from a login, not stored yet; n = the n-th that was stored. renewed_at: when the bank
    gave them; None in a vault of before that was kept.
    """

    access: Secret
    refresh: Secret | None
    expires_at: datetime
    refresh_expires_at: datetime | None = None
    generation: int = 0
    renewed_at: datetime | None = None


class _Clear(msgspec.Struct):
    """Tokens in clear: exists only between the file and `Tokens`."""

    access: str
    refresh: str | None
    expires_at: datetime
    refresh_expires_at: datetime | None
    renewed_at: datetime | None = None


class _Record(msgspec.Struct, forbid_unknown_fields=True):
    generation: int
    nonce: bytes = b""
    sealed: bytes = b""
    forgotten: bool = False


class _File(msgspec.Struct, forbid_unknown_fields=True):
    version: int
    salt: bytes
    key_check: bytes
    records: dict[str, _Record]
    proof: bytes = b""


class Vault:
    """Encrypted tokens of one workspace, shared by processes and threads.

    key: the setting `vault_key`, any text; KEYRING asks the operating system, None uses a key file, either
    made on first use; the file lies in `key_folder` (default `$XDG_CONFIG_HOME/recon/keys`). patience: seconds
    to wait for another process.
    Raises UsageError where the key does not fit, IntegrityAlarm where the file was altered.
    """

    def __init__(
        self, home: Path, key: Secret | None, *, key_folder: Path | None = None, patience: float = 150.0
    ) -> None:
        self._home = home
        self._path = home / "tokens.enc"
        self._key = key
        self._key_folder = key_folder or default_key_folder()
        self._patience = patience
        self._master: tuple[bytes, bytes] | None = None
        if self._key_folder.resolve().is_relative_to(home.resolve()):
            raise UsageError(
                f"The key folder {self._key_folder} lies inside the workspace it protects. Nothing was "
                "done; set XDG_CONFIG_HOME to a folder elsewhere, or RECON_VAULT_KEY."
            )

    def load(self, consent_id: str) -> Tokens | None:
        """The tokens of a consent, None where there are none."""
        file = self._read()
        return self._tokens(file, consent_id) if file else None

    def save(self, consent_id: str, tokens: Tokens) -> Tokens | None:
        """Store tokens and return those that stand afterwards (None: forgotten meanwhile).

        Generation 0 comes from a login and goes on top. Any other must be newer than what is stored,
        else the stored ones stay and are returned.
        """
        with self._change() as file:
            stored = file.records.get(consent_id, _Record(generation=0))
            if 0 < tokens.generation <= stored.generation:
                return self._tokens(file, consent_id)
            standing = replace(tokens, generation=tokens.generation or stored.generation + 1)
            file.records[consent_id] = self._sealed(file.salt, consent_id, standing)
            return standing

    def forget(self, consent_id: str) -> None:
        """Erase the tokens of a consent; a refresh under way cannot bring them back."""
        with self._change() as file:
            if record := file.records.get(consent_id):
                file.records[consent_id] = _Record(generation=record.generation + 1, forgotten=True)

    def consents(self) -> list[str]:
        """Ids of the consents that have tokens, sorted."""
        file = self._read()
        return sorted(key for key, record in file.records.items() if not record.forgotten) if file else []

    @contextmanager
    def lease(self, consent_id: str) -> Generator[None]:
        """The right to refresh this consent: one holder over all threads and processes, not reentrant.

        Raises LockBusy when another holds it for longer than the vault's patience.
        """
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = hashlib.sha256(consent_id.encode()).hexdigest()[:32]
        with locked(self._home / "leases" / f"{name}.lock", exclusive=True, wait=self._patience):
            yield

    def seal(self, text: str) -> str:
        """A short secret, encrypted for keeping in the database."""
        with self._change() as file:
            cipher = AESGCM(self._purpose(file.salt, b"text"))
        nonce = os.urandom(_NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + cipher.encrypt(nonce, text.encode(), None)).decode()

    def unseal(self, text: str) -> str:
        """What `seal` was given. Raises IntegrityAlarm where it was altered or sealed by another vault."""
        altered = IntegrityAlarm(
            "A sealed secret of the database does not open with this vault's key. It was not used; start "
            "what needed it (such as the bank login) anew."
        )
        file = self._read()
        try:
            raw = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
            if file is None or base64.urlsafe_b64encode(raw) != text.encode():
                raise altered
            cipher = AESGCM(self._purpose(file.salt, b"text"))
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None).decode()
        except (InvalidTag, ValueError):
            raise altered from None

    # ── records ──────────────────────────────────────────────────────────────────────────────────────

    def _tokens(self, file: _File, consent_id: str) -> Tokens | None:
        record = file.records.get(consent_id)
        if record is None or record.forgotten:
            return None
        cipher = AESGCM(self._purpose(file.salt, b"tokens"))
        try:
            clear = cipher.decrypt(record.nonce, record.sealed, _bound(consent_id, record.generation))
        except (InvalidTag, ValueError):
            raise _altered(self._path) from None
        kept = msgspec.json.decode(clear, type=_Clear)
        return Tokens(
            Secret(kept.access),
            Secret(kept.refresh) if kept.refresh else None,
            kept.expires_at,
            kept.refresh_expires_at,
            record.generation,
            kept.renewed_at,
        )

    def _sealed(self, salt: bytes, consent_id: str, tokens: Tokens) -> _Record:
        clear = _Clear(
            tokens.access.reveal(),
            tokens.refresh.reveal() if tokens.refresh else None,
            tokens.expires_at,
            tokens.refresh_expires_at,
            tokens.renewed_at,
        )
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self._purpose(salt, b"tokens")).encrypt(
            nonce, msgspec.json.encode(clear), _bound(consent_id, tokens.generation)
        )
        return _Record(tokens.generation, nonce, sealed)

    # ── the file ─────────────────────────────────────────────────────────────────────────────────────

    def _read(self) -> _File | None:
        """The file, proven whole, or None where there is none yet."""
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageFailed(f"{self._path} could not be read ({error.strerror}).") from error
        try:
            file = msgspec.json.decode(raw, type=_File)
        except (msgspec.MsgspecError, UnicodeDecodeError):  # the second where a text is no UTF-8
            raise _altered(self._path) from None
        if not hmac.compare_digest(file.key_check, self._purpose(file.salt, b"check")):
            raise UsageError(
                f"The key does not open {self._path}: RECON_VAULT_KEY is not the one it was made with "
                "(or was not set then). Nothing was changed; set the right key, or move the file away "
                "and connect the bank accounts anew."
            )
        if not hmac.compare_digest(file.proof, self._proof(file)) or msgspec.json.encode(file) != raw:
            raise _altered(self._path)
        return file

    @contextmanager
    def _change(self) -> Generator[_File]:
        """The file for changing, alone; written back when the block ends well and it did change."""
        with locked(self._home / "tokens.lock", exclusive=True, wait=self._patience):
            file = self._read()
            before = msgspec.json.encode(file) if file else b""
            file = file or self._new_file()
            yield file
            file.proof = self._proof(file)
            after = msgspec.json.encode(file)
            if after != before:
                write_durably(self._path, after)

    def _new_file(self) -> _File:
        salt = os.urandom(16)
        if self._key is None:
            write_durably(self._key_path(salt), secrets.token_hex(32).encode())
        elif self._key == Secret(KEYRING):
            keyring.keep(salt.hex(), Secret(secrets.token_hex(32)))
        return _File(version=1, salt=salt, key_check=self._purpose(salt, b"check"), records={})

    # ── keys ─────────────────────────────────────────────────────────────────────────────────────────

    def _proof(self, file: _File) -> bytes:
        bare = msgspec.json.encode(msgspec.structs.replace(file, proof=b""))
        return hmac.digest(self._purpose(file.salt, b"proof"), bare, "sha256")

    def _purpose(self, salt: bytes, purpose: bytes) -> bytes:
        """A key of its own for each use (one HKDF-Expand block, RFC 5869 section 2.3)."""
        if self._master is None or self._master[0] != salt:
            self._master = (salt, self._derive(salt))
        return hmac.digest(self._master[1], b"recon vault 1 " + purpose + b"\x01", "sha256")

    def _derive(self, salt: bytes) -> bytes:
        if self._key == Secret(KEYRING):
            return hashlib.sha256(keyring.find(salt.hex()).reveal().encode()).digest()
        if self._key is not None:
            return _stretched(self._key, salt)
        path = self._key_path(salt)
        try:
            mode, text = path.stat().st_mode, path.read_text("ascii")
        except (OSError, ValueError):
            raise UsageError(
                f"The key file {path} of {self._path} cannot be read. Nothing was changed; restore it from a "
                "backup, set RECON_VAULT_KEY if that was used before, or move tokens.enc away and "
                "connect the bank accounts anew."
            ) from None
        if mode & 0o077:
            raise UsageError(f"The key file {path} can be read by others. Run: chmod 600 {path}")
        return hashlib.sha256(text.encode()).digest()

    def _key_path(self, salt: bytes) -> Path:
        """Named after the vault's salt, which moves with the workspace folder."""
        return self._key_folder / f"{salt.hex()}.key"


@lru_cache(maxsize=8)
def _stretched(key: Secret, salt: bytes) -> bytes:
    """scrypt makes guessing a typed key slow: some 50 ms, so a process does it once."""
    return hashlib.scrypt(key.reveal().encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def default_key_folder() -> Path:
    """Where this user's key files lie, outside every workspace."""
    told = os.environ.get("XDG_CONFIG_HOME", "")
    config = Path(told) if Path(told).is_absolute() else Path.home() / ".config"
    return config / "recon" / "keys"


def _bound(consent_id: str, generation: int) -> bytes:
    return f"{generation}|{consent_id}".encode()


def _altered(path: Path) -> IntegrityAlarm:
    return IntegrityAlarm(
        f"{path} was altered or damaged. No token of it was used and nothing was changed; restore it from a "
        "backup, or move it away and connect the bank accounts anew."
    )
