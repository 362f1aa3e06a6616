"""ERPs over their own interfaces: open documents, read only, within the limits the bank's client has.

In: an ERP's name and its secrets. Out: rows under the columns of the document template, amounts as plain text.
Never: anything written at the ERP; an amount through float; a document kept here.
None of this has met a live interface yet: it follows the published shapes, and stub servers in the tests.
"""

from recon.erp.access import ERPS, Access, Erp, access
from recon.erp.read import read_documents_of

__all__ = ["ERPS", "Access", "Erp", "access", "read_documents_of"]
