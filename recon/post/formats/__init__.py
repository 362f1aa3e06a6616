"""The ERP's files. `FORMATS` lists them by the name that `export --format` takes; `render` writes one."""

from __future__ import annotations

from recon.errors import UsageError
from recon.post.formats.beancount import BEANCOUNT
from recon.post.formats.dinero import DINERO
from recon.post.formats.economic import ECONOMIC
from recon.post.formats.economic_api import ECONOMIC_API
from recon.post.formats.export import Export, Format
from recon.post.formats.hledger import HLEDGER
from recon.post.formats.plain_csv import PLAIN_CSV
from recon.post.formats.saft import SAFT
from recon.post.formats.sie4 import SIE4
from recon.post.formats.workbook import WORKBOOK

__all__ = ["FORMATS", "Export", "Format", "export_format", "render"]

FORMATS: dict[str, Format] = {
    "economic": ECONOMIC,
    "economic-api": ECONOMIC_API,
    "dinero": DINERO,
    "sie4": SIE4,
    "beancount": BEANCOUNT,
    "hledger": HLEDGER,
    "saft": SAFT,
    "csv": PLAIN_CSV,
    "xlsx": WORKBOOK,
}


def export_format(name: str) -> Format:
    """The format of that name. Raises UsageError that lists what exists."""
    if name not in FORMATS:
        raise UsageError(f"There is no format “{name}”. Nothing was written; choose {', '.join(FORMATS)}.")
    return FORMATS[name]


def render(name: str, export: Export) -> bytes:
    """The batch as a file's bytes, proved before the first byte is written."""
    return export_format(name).write(export)
