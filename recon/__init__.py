"""recon: bank statements in, reviewed matches, a balanced journal out.

The notebook's words, in the order money takes. They are the app's and the commands' as well.

    store = rc.open_store("data/workspace")     # one company; holds nothing open
    rc.sync(store)                              # or read_statement, read_documents, import_files
    result = rc.propose(store.open_lines(), store.items())
    rc.explain(result, line_id)
    rc.accept(store, proposal_id, by="anna")    # reject, allocate, book, undo
    rc.export(store, "economic", by="anna")

A name is loaded when it is first used, so that a command pays for nothing it does not need.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recon import sync as sync
    from recon.documents import read_documents as read_documents
    from recon.errors import DataRefused as DataRefused
    from recon.errors import ReconError as ReconError
    from recon.flow.accounts import set_account as set_account
    from recon.flow.backtest import backtest as backtest
    from recon.flow.blocking import blocking as blocking
    from recon.flow.check import check as check
    from recon.flow.files import import_files as import_files
    from recon.flow.matching import fit as fit
    from recon.flow.matching import match as match_open  # noqa: F401
    from recon.flow.matching import propose as propose
    from recon.flow.models import models as models
    from recon.flow.models import refit as refit
    from recon.flow.models import replay_model as replay_model
    from recon.flow.posting import export as export
    from recon.flow.resident import ledger as ledger
    from recon.flow.review import accept as accept
    from recon.flow.review import allocate as allocate
    from recon.flow.review import book as book
    from recon.flow.review import reject as reject
    from recon.flow.review import undo as undo
    from recon.flow.rules import preview_rule as preview_rule
    from recon.flow.whatif import what_if as what_if
    from recon.flow.workspace import Store as Store
    from recon.flow.workspace import open_store as open_store
    from recon.match.explain import explain as explain
    from recon.money import show as show_amount  # noqa: F401
    from recon.normalise.items import normalise_items as normalise_items
    from recon.normalise.lines import normalise_lines as normalise_lines
    from recon.policy import Policy as Policy
    from recon.schema import History as History
    from recon.statements.readers import read_statement as read_statement

__version__ = "0.1.0"

_HOMES = {
    "read_statement": "recon.statements.readers",
    "read_documents": "recon.documents",
    "normalise_lines": "recon.normalise.lines",
    "normalise_items": "recon.normalise.items",
    "blocking": "recon.flow.blocking",
    "propose": "recon.flow.matching",
    "ledger": "recon.flow.resident",
    "explain": "recon.match.explain",
    "fit": "recon.flow.matching",
    "backtest": "recon.flow.backtest",
    "open_store": "recon.flow.workspace",
    "Store": "recon.flow.workspace",
    "import_files": "recon.flow.files",
    "set_account": "recon.flow.accounts",
    "accept": "recon.flow.review",
    "reject": "recon.flow.review",
    "allocate": "recon.flow.review",
    "book": "recon.flow.review",
    "undo": "recon.flow.review",
    "preview_rule": "recon.flow.rules",
    "refit": "recon.flow.models",
    "models": "recon.flow.models",
    "replay_model": "recon.flow.models",
    "what_if": "recon.flow.whatif",
    "export": "recon.flow.posting",
    "check": "recon.flow.check",
    "Policy": "recon.policy",
    "History": "recon.schema",
    "ReconError": "recon.errors",
    "DataRefused": "recon.errors",
}

_OTHER_NAMES = {"show_amount": ("recon.money", "show"), "match_open": ("recon.flow.matching", "match")}
"""`show` says too little in a notebook, and `recon.match` is the engine's package."""

__all__ = [*_HOMES, *_OTHER_NAMES, "sync"]


def __getattr__(name: str) -> Any:
    if name == "sync":
        return import_module("recon.sync")  # the command's module, callable as rc.sync(store)
    if name in _HOMES:
        module, own_name = _HOMES[name], name
    elif name in _OTHER_NAMES:
        module, own_name = _OTHER_NAMES[name]
    else:
        raise AttributeError(f"recon has no {name!r}")
    found = getattr(import_module(module), own_name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
