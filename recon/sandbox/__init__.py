"""A bank to try with: a real server on loopback that speaks the Viia API. Everything in it is made up.

`serve` runs it in the foreground, `running` in a thread for tests; `make_books` makes the company's books
behind it, `write_documents` and `write_truth` write them down. Loaded on first use, since the rest of the
program has no need of a web server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recon.sandbox.books import Books, make_books, write_documents, write_truth
    from recon.sandbox.server import CLIENT_ID, CLIENT_SECRET, Sandbox, running, serve

_HOME = {
    "serve": "server",
    "running": "server",
    "Sandbox": "server",
    "CLIENT_ID": "server",
    "CLIENT_SECRET": "server",
    "Books": "books",
    "make_books": "books",
    "write_documents": "books",
    "write_truth": "books",
}

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "Books",
    "Sandbox",
    "make_books",
    "running",
    "serve",
    "write_documents",
    "write_truth",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
