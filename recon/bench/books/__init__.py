"""A seeded generator of labelled books: bank lines, documents and the truth about them.

In: a size and a seed. Out: LabelledBooks. Never: a real person, company or account on purpose.

parties -> documents, numbering -> paying, payouts, credits, strangers -> quoting, wording, spoil, texts -> make
"""

from recon.bench.books.labelled import LabelledBooks
from recon.bench.books.make import make_books

__all__ = ["LabelledBooks", "make_books"]
