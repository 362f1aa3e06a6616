"""Open documents from the ERP's own interface: asked for, told whole, kept once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import polars as pl

from recon.documents import read_erp_rows
from recon.erp import ERPS, Access, Erp, access, read_documents_of
from recon.erp.access import find_erp
from recon.errors import UsageError
from recon.flow.posting import post_decisions
from recon.flow.same_documents import under_known_ids
from recon.flow.workspace import Store, read_preferences
from recon.normalise.items import normalise_items
from recon.schema import finding, findings_frame
from recon.settings import Secret
from recon.store import documents, statements
from recon.store.database import new_id
from recon.vault import Tokens, Vault

_NEVER = datetime.max.replace(tzinfo=UTC, microsecond=0)
_TOLD = 50
"""How many numbers an event names."""


@dataclass(frozen=True)
class Pulled:
    """What one pull brought. read: documents the ERP has; open_: those still open; closed, gone: document numbers."""

    erp: str
    read: int
    still_open: int
    new: int
    changed: int
    closed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """The fields of `pull --json`."""
        return {
            "from": self.erp,
            "read": self.read,
            "open": self.still_open,
            "new": self.new,
            "changed": self.changed,
            "closed": self.closed,
            "gone": self.gone,
            "findings": self.findings,
        }


def pull(store: Store, name: str, *, by: str) -> Pulled:
    """Read every document of an ERP and keep what is open, all or nothing.

    A document pulled before keeps its id and gets the amounts the ERP tells now; one that the ERP settled is told and
    kept with nothing open; one that the ERP no longer has is told and stays as it is, since a person must say why.
    Raises SettingMissing without access, BankError where the ERP does not answer.
    """
    told = access_of(store, name)
    rows = read_documents_of(told, store.clock.now)
    read = read_erp_rows(rows, told.erp.title, name, store.preferences().own_ids)
    with store.database.write(by) as writer:
        known = documents.items(writer.c)
        incoming, met = under_known_ids(normalise_items(read.items), known)
        is_known = pl.col("item_id").is_in(known["item_id"].implode())
        kept = incoming.filter((pl.col("open_minor") != 0) | is_known)
        awaited = known.filter(pl.col("source") == name, pl.col("open_minor") != 0)
        closed = awaited.join(incoming.filter(open_minor=0), on="item_id", how="semi")
        gone = awaited.join(incoming, on="item_id", how="anti")
        changed = _changed(known, kept)
        new, _ = documents.put_items(writer.c, kept, writer.at)
        if new or changed:
            _remember(writer.c, told.erp, rows, kept.height, new, writer.at, by)
        writer.event(
            "erp_pulled",
            told.erp.title,
            read=incoming.height,
            new=new,
            changed=changed,
            closed=closed["document_no"].to_list()[:_TOLD],
            gone=gone["document_no"].to_list()[:_TOLD],
        )
        if new:
            post_decisions(writer, read_preferences(writer.c, store.settings.language).policy.language)
    findings = pl.concat([read.findings, met, _told_of(told.erp, closed, gone)])
    return Pulled(
        erp=name,
        read=len(rows),
        still_open=incoming.filter(pl.col("open_minor") != 0).height,
        new=new,
        changed=changed,
        closed=closed["document_no"].to_list(),
        gone=gone["document_no"].to_list(),
        findings=findings.to_dicts(),
    )


def access_of(store: Store, name: str) -> Access:
    """Access to an ERP: settings first, else what the vault kept. Raises SettingMissing."""
    erp = find_erp(name)
    kept = _kept(store, erp)
    prefix = f"{name.upper()}_"
    told = {
        key.removeprefix(prefix): value for key, value in store.settings.erp.items() if key.startswith(prefix)
    }
    base_url = told.pop("BASE_URL", None)
    return access(name, kept | told, base_url.reveal() if base_url else None)


def has_access(store: Store, name: str) -> bool:
    """Whether everything it takes to ask the ERP is known."""
    try:
        return bool(access_of(store, name))
    except UsageError:
        return False


def keep_access(store: Store, name: str, secrets: Mapping[str, str], *, by: str) -> None:
    """Keep an ERP's secrets in the vault, instead of earlier ones. Raises SettingMissing where one is empty."""
    erp = find_erp(name)
    told = {tail: secrets.get(tail, "").strip() for tail in erp.needs}
    access(name, {tail: Secret(text) for tail, text in told.items() if text})
    _vault(store).save(name, Tokens(Secret(json.dumps(told)), None, _NEVER))
    with store.database.write(by) as writer:
        writer.event("erp_access_kept", erp.title)


def forget_access(store: Store, name: str, *, by: str) -> None:
    """Erase an ERP's secrets from the vault; documents pulled before stay."""
    erp = find_erp(name)
    _vault(store).forget(name)
    with store.database.write(by) as writer:
        writer.event("erp_access_forgotten", erp.title)


def is_kept(store: Store, name: str) -> bool:
    """Whether the vault, and not only the settings, holds secrets of the ERP."""
    return bool(_kept(store, ERPS[name]))


def _kept(store: Store, erp: Erp) -> dict[str, Secret]:
    tokens = _vault(store).load(erp.name)
    told = json.loads(tokens.access.reveal()) if tokens else {}
    return {tail: Secret(told[tail]) for tail in erp.needs if told.get(tail)}


def _vault(store: Store) -> Vault:
    """A vault beside that of the banks, in a folder of its own: its records are no consents."""
    return Vault(store.home / "erp", store.settings.vault_key)


def _changed(known: pl.DataFrame, kept: pl.DataFrame) -> int:
    """How many known documents now have another total or another open amount."""
    both = kept.join(known, on="item_id", suffix="_before")
    amounts = ("total_minor", "open_minor")
    return both.filter(pl.any_horizontal(pl.col(one) != pl.col(f"{one}_before") for one in amounts)).height


def _remember(
    c: Any, erp: Erp, rows: list[dict[str, str | None]], read: int, new: int, at: datetime, by: str
) -> None:
    """A row among the imports, so that one list tells where documents came from."""
    statements.add_import(
        c,
        import_id=new_id("imp"),
        file_name=erp.title,
        content_hash=hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest(),
        format=erp.name,
        imported_at=at,
        imported_by=by,
        rows_read=read,
        rows_new=new,
        rows_known=read - new,
    )


def _told_of(erp: Erp, closed: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    settled = [
        finding(
            "note",
            "no_longer_open",
            number,
            f"{number} is settled in {erp.title}; it is kept with nothing open.",
        )
        for number in closed["document_no"]
    ]
    missing = [
        finding(
            "warning",
            "gone_at_erp",
            number,
            f"{number} is no longer in {erp.title}. It stays open here; if it was deleted, import it with 0 open.",
        )
        for number in gone["document_no"]
    ]
    return findings_frame([*settled, *missing])
