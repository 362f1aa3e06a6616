"""Documents: open invoices, credit notes, bills and receipts read from files.

In: a CSV or Excel file in our template, or with a mapping to it. Out: `Documents` (ITEMS and FINDINGS).
Never: part of a file; the network, the store, the clock.
"""

from recon.documents.files import looks_like_documents, read_documents, read_documents_bytes
from recon.documents.template import COLUMNS, write_template

__all__ = ["COLUMNS", "looks_like_documents", "read_documents", "read_documents_bytes", "write_template"]
