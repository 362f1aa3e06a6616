"""Documents: open invoices, credit notes, bills and receipts, from files or as an ERP tells them.

In: CSV or Excel in our template or with a mapping to it, electronic invoices (UBL), ZIPs of these, and rows of an
ERP's own interface. Out: `Documents` (ITEMS and FINDINGS). Never: part of a file; the network, the store, the clock.
"""

from recon.documents.columns import ANSWERS, COLUMNS, NEEDED
from recon.documents.erp_rows import read_erp_rows
from recon.documents.files import looks_like_documents, read_documents, read_documents_bytes, read_table
from recon.documents.guess import guess_columns
from recon.documents.template import write_template
from recon.tables.table import Table

__all__ = [
    "ANSWERS",
    "COLUMNS",
    "NEEDED",
    "Table",
    "guess_columns",
    "looks_like_documents",
    "read_documents",
    "read_documents_bytes",
    "read_erp_rows",
    "read_table",
    "write_template",
]
