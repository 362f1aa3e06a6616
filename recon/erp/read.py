"""One door to every ERP: all its documents, as rows of the document template.

In: `Access`. Out: rows. Never: half of what the ERP has.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from recon.bank.limits import is_loopback
from recon.erp import billy, dinero, economic, fenerum
from recon.erp.access import Access
from recon.erp.asking import Asker, Row

_READERS = {"economic": economic.read, "billy": billy.read, "fenerum": fenerum.read}


def read_documents_of(
    told: Access, now: Callable[[], datetime], transport: httpx.BaseTransport | None = None, **options: Any
) -> list[Row]:
    """Every document of the ERP that is no draft by its own list, settled ones with `open_amount` 0.

    transport and options (limits, sleep, chance, ticks of the caller) are for tests. Raises BankError and its
    kinds where the ERP does not answer as published; nothing is kept then.
    """
    asker = Asker(told, now, transport, **options)
    try:
        if told.erp.name == "dinero":
            return dinero.read(asker, told, _dinero_token(told, now, transport, options))
        return _READERS[told.erp.name](asker, told)
    finally:
        asker.close()


def _dinero_token(
    told: Access,
    now: Callable[[], datetime],
    transport: httpx.BaseTransport | None,
    options: dict[str, Any],
) -> str:
    """From Dinero's own login server; from the stub itself where one on this machine stands in for both."""
    stub = is_loopback(httpx.URL(told.base_url).host)
    asker = Asker(told, now, transport, told.base_url if stub else dinero.TOKEN_ADDRESS, **options)
    try:
        return dinero.token(asker, told)
    finally:
        asker.close()
