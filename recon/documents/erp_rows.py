"""Documents as an ERP's own interface told them → ITEMS.

In: rows under the columns of the template, amounts as plain text with a point. Out: `Documents`, or DataRefused with
every bad cell. Never: some of the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recon.documents.columns import COLUMNS
from recon.documents.rows import Sheet, read_rows
from recon.schema import Documents


def read_erp_rows(
    rows: Sequence[Mapping[str, str | None]], title: str, source: str, own_ids: Sequence[str] = ()
) -> Documents:
    """ITEMS of an ERP's documents, under the same checks as a file. title: the ERP's name, for words."""
    sheet = Sheet(
        file=title,
        source=source,
        lines=list(range(1, len(rows) + 1)),
        columns={column: [(row.get(column) or "").strip() or None for row in rows] for column in COLUMNS},
        points=frozenset(("total", "open_amount")),
    )
    return read_rows(sheet, own_ids)
