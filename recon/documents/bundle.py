"""Several documents of one file or archive → one `Documents`.

In: documents already read. Out: one frame in which each document stands once.
Never: two different documents under one number, of which one would silently win.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from recon.schema import Documents, finding, findings_frame
from recon.tables.table import no

IS_ENCLOSURE: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
"""How pictures and PDFs begin, which senders pack beside an invoice for people to look at."""


def join(read: Sequence[Documents], name: str, left_out: Sequence[str] = ()) -> Documents:
    """The documents of an archive's files together. left_out: names of files that were not read, to be told."""
    findings = [one.findings for one in read]
    if left_out:
        words = f"Not read, since they are for people to look at: {', '.join(left_out[:20])}."
        findings.append(findings_frame([finding("note", "files_not_read", name, words)]))
    whole = Documents(
        pl.concat([one.items for one in read]),
        pl.concat(findings),
        "+".join(sorted({one.format for one in read})),
    )
    return one_each(whole, name)


def one_each(documents: Documents, name: str) -> Documents:
    """Each document once: a copy is told and left out. Raises DataRefused where two differ under one number."""
    items = documents.items.unique(maintain_order=True)
    differing = items.filter(pl.col("item_id").is_duplicated())
    if differing.height:
        number = differing["document_no"][0]
        raise no(
            name, f"holds two different documents with the number {number} of one party. Import one of them."
        )
    if items.height == documents.items.height:
        return documents
    words = f"{documents.items.height - items.height} copies of documents in the same file were left out."
    note = findings_frame([finding("note", "copies", name, words)])
    return Documents(items, documents.findings.vstack(note), documents.format)
