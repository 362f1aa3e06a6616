"""Property tests draw the same examples at every run of `make test`; searching for new ones is asked for.

RECON_SEARCH=1 make test        draws new ones
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile("search" if os.environ.get("RECON_SEARCH") else "same")
