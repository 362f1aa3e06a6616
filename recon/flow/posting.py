"""From decisions to journals in the store, and from journals to the ERP's file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import polars as pl

from recon.disk import write_durably
from recon.errors import ErpAccountMissing, StorageFailed, UsageError
from recon.flow.workspace import Store, chart, read_preferences
from recon.post.formats import Export, Format, export_format
from recon.post.journal import journal, journal_id, reverse
from recon.store import consents, decisions, documents, events, postings, statements
from recon.store.connection import Lease
from recon.store.database import Writer


@dataclass(frozen=True)
class ExportedFile:
    """One export: the file's bytes, the batch they hold, and how many journals and entries that is."""

    content: bytes
    batch_no: int
    journals: int
    entries: int
    format: str
    file_name: str
    extension: str
    media_type: str
    repeated: bool


def post_decisions(writer: Writer, language: str) -> int:
    """Make the journals of decisions that have none, where every bank account has its ERP account.

    Returns how many. The others wait: `waiting_for_erp_account` names their accounts.
    """
    waiting = postings.unposted_decisions(writer.c)
    if not waiting:
        return 0
    chosen = read_preferences(writer.c, language)
    allocations = decisions.allocations_of(writer.c, waiting)
    entries = journal(
        allocations,
        statements.some_lines(writer.c, allocations["line_id"].unique().to_list()),
        documents.some_items(writer.c, allocations["item_id"].unique().to_list()),
        consents.accounts_frame(writer.c),
        chosen.roles,
        texts="fenerum" if chosen.texts == "fenerum" else "plain",
        language=language,
    )
    postings.add(writer.c, entries, {journal_id(one): one for one in waiting}, writer.at)
    writer.event("posted", f"{len(waiting)} decisions", decisions=waiting, entries=entries.height)
    return len(waiting)


def reverse_decision(writer: Writer, decision_id: str, undo_id: str, store: Store) -> None:
    """Answer the journal of an undone decision with its opposite, dated today; nothing where none was made."""
    booked = postings.of_decision(writer.c, decision_id)
    if booked.is_empty():
        return
    opposite = reverse(booked, undo_id, store.clock.today(), store.settings.language)
    postings.add(
        writer.c,
        opposite,
        dict.fromkeys(opposite["journal_id"].unique(), undo_id),
        writer.at,
        reverses=booked["journal_id"][0],
    )


def export(store: Store, format_name: str, *, by: str, batch_no: int | None = None) -> ExportedFile:
    """The ERP's file of everything posted and not exported yet; the last batch again when nothing is new.

    A batch never changes and its files are kept under `exports/`, so exporting it again gives the same bytes.
    batch_no: an earlier batch again. Raises ErpAccountMissing while nothing is posted because bank accounts
    lack an ERP account, UsageError when there is nothing to export or the format is unknown.
    """
    chosen = export_format(format_name)
    with store.database.write(by) as writer:
        number, fresh = _batch(writer, batch_no)
        entries = postings.batch(writer.c, number)
        file_name = f"journal-{number:04d}-{format_name}.{chosen.extension}"
        content = _content(writer, chosen, entries, number, file_name, store)
        writer.event(
            "exported", f"batch {number}", format=format_name, journals=entries["journal_id"].n_unique()
        )
    return ExportedFile(
        content=content,
        batch_no=number,
        journals=entries["journal_id"].n_unique(),
        entries=entries.height,
        format=format_name,
        file_name=file_name,
        extension=chosen.extension,
        media_type=chosen.media_type,
        repeated=not fresh,
    )


def _batch(writer: Writer, batch_no: int | None) -> tuple[int, bool]:
    """The batch to write, and whether it is a new one."""
    if not batch_no and (journals := postings.exportable(writer.c)):
        return postings.add_batch(writer.c, journals, writer.at, writer.by), True
    known = {batch["batch_no"] for batch in postings.batches(writer.c)}
    number = batch_no or max(known, default=0)
    if number not in known:
        _refuse_empty(writer.c, batch_no)
    return number, False


def _content(
    writer: Writer, chosen: Format, entries: pl.DataFrame, number: int, name: str, store: Store
) -> bytes:
    """The file's bytes: those kept from the first time, else made now and kept."""
    kept = postings.kept_file(writer.c, number, chosen.name)
    if kept:
        path = store.home / "exports" / kept["file_name"]
        content = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(content).hexdigest() == kept["content_hash"]:
            return content
    batch = _export(writer.c, entries, number, store)
    content = chosen.write(batch)
    digest = hashlib.sha256(content).hexdigest()
    if kept and digest != kept["content_hash"]:
        raise StorageFailed(
            f"The kept file {kept['file_name']} of batch {number} is gone or was changed, and names in it have "
            "changed since. Nothing was written; restore the folder exports/ from a backup."
        )
    if not kept:
        postings.keep_file(writer.c, number, chosen.name, name, digest)
    write_durably(store.home / "exports" / name, content)
    return content


def _refuse_empty(c: Lease, batch_no: int | None) -> None:
    if batch_no:
        raise UsageError(f"There is no export batch {batch_no}. Nothing was written.")
    if waiting := postings.waiting_for_erp_account(c):
        names = ", ".join(str(account["name"] or account["account_id"]) for account in waiting)
        raise ErpAccountMissing(
            f"Nothing is posted yet because these bank accounts have no ERP account: {names}. No file was "
            "written; set it under Bank accounts, or with `accounts set`."
        )
    raise UsageError("Nothing is posted yet, so there is nothing to export. Accept a match first.")


_IS_DIFFERENCE = pl.col("booked_to").is_not_null() & (pl.len().over("decision_id", "line_id") > 1)
"""A part of a line that is booked to an account beside its documents: a fee, a discount, an exchange difference."""


def matched(allocations: pl.DataFrame, lines: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """What was given to what, a row an allocation, for a person to read.

    `booking_date text line_party line_minor currency document_no document_party booked_to amount_minor decision_id
    line_id item_id`; booked_to is the ERP account of a part that pays no document.
    """
    of_lines = lines.select(
        "line_id",
        "booking_date",
        "text",
        line_party="counterparty_name",
        line_minor="amount_minor",
        currency="currency",
    )
    of_items = items.select("item_id", "document_no", document_party="counterparty_name")
    account = pl.col("item_id").str.extract(r"^account:(.+)$", 1)
    return (
        allocations.join(of_lines, on="line_id", how="left", validate="m:1")
        .join(of_items, on="item_id", how="left", validate="m:1")
        .select(
            "booking_date", "text", "line_party", "line_minor", "currency", "document_no", "document_party",
            account.alias("booked_to"), "amount_minor", "decision_id", "line_id", "item_id",
        )
        .sort("booking_date", "line_id", "decision_id", "item_id")
    )  # fmt: skip


def _company(own_ids: tuple[str, ...]) -> str:
    """Our name among what identifies us: the first that is no number."""
    return next((one for one in own_ids if sum(sign.isalpha() for sign in one) > 3), "")


def _export(c: Lease, entries: pl.DataFrame, number: int, store: Store) -> Export:
    lines = statements.some_lines(c, entries["line_id"].drop_nulls().unique().to_list())
    items = documents.some_items(c, entries["item_id"].drop_nulls().unique().to_list())
    allocations = decisions.allocations(c)
    told = matched(allocations.join(lines, on="line_id", how="semi"), lines, items)
    return Export(
        postings=entries,
        lines=lines,
        items=items,
        accounts=consents.accounts_frame(c),
        batch=f"{number:04d}",
        allocations=allocations,
        chart=chart(c, store.settings.language),
        first_voucher=postings.vouchers_before(c, number) + 1,
        company=_company(read_preferences(c, store.settings.language).own_ids),
        matched=told.filter(~_IS_DIFFERENCE),
        differences=told.filter(_IS_DIFFERENCE),
        unmatched_lines=statements.open_lines(c),
        unmatched_documents=documents.items(c).filter(pl.col("open_minor") != 0),
        balance_proof=statements.balances(c),
        audit=events.frame(c, limit=100_000),
    )
