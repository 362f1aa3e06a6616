"""Which proposals may be accepted without a person.

In: the kept proposals. Out: a flag each. Two ways lead there: a full payment reference of a standard, alone on
the line and in the ledger, with the exact amount; or a bound on the share of wrong matches that decided history
bears out (recon.match.bound). A tie, or a rival with a chance the policy does not bear, never acts.
"""

from __future__ import annotations

import polars as pl

from recon.match.book import Book
from recon.match.bound import allowed
from recon.match.check_digits import complete
from recon.match.drafts import Drafts
from recon.match.keys import ROLES
from recon.match.weights import LEVELS, Model
from recon.policy import Policy

_FULL = pl.Series(["structured", "printed"], dtype=LEVELS["reference"]).implode()
_EXACT = pl.Series(
    [level for level in LEVELS["amount"].categories if level.startswith("exact")], dtype=LEVELS["amount"]
).implode()


def may_act(
    whole: pl.DataFrame, some: Drafts, book: Book, keys: pl.DataFrame, policy: Policy, model: Model
) -> pl.Series:
    """True for rows of `whole` (heads + `probability rank rival_probability`) that may act. keys: of keys.item_keys."""
    able = (pl.col("rank") == 1) & (pl.col("rival_probability").fill_null(0.0) <= policy.auto_risk)
    by_reference = pl.col("d").is_in(_by_reference(whole, some, book, keys, policy)["d"].implode())
    bounds = model.bound(policy.auto_risk)
    if bounds is None:
        return whole.select(auto=able & by_reference)["auto"]
    measured = allowed(whole.select(pl.col("way").cast(pl.String), "probability"), bounds)
    return whole.select(auto=able & (by_reference | pl.lit(measured)))["auto"]


def _by_reference(
    whole: pl.DataFrame, some: Drafts, book: Book, keys: pl.DataFrame, policy: Policy
) -> pl.DataFrame:
    """`d` of single payments by a full reference that is the only one of its line and of one document alone."""
    able = whole.filter(
        pl.col("kind") == "one_to_one",
        pl.col("difference_kind") == "none",
        pl.col("reference_says").is_in(_FULL),
        pl.col("amount_says").is_in(_EXACT),
        pl.col("probability") >= 1.0 - policy.auto_risk,
    )
    reference = keys.filter(pl.col("role") == pl.lit("reference", dtype=ROLES)).with_columns(
        hash=pl.col("key").hash()
    )
    legs = some.legs.join(able.select("d"), on="d").select("d", "l", "i")
    shown = book.lines.select("l", key=pl.col("references").list.eval(pl.element().str.strip_prefix("~")))
    shown = shown.join(legs.select("l"), on="l", how="semi").explode("key").drop_nulls()
    named = shown.with_columns(hash=pl.col("key").hash()).join(reference.select("hash", "i"), on="hash")
    several = named.group_by("l").agg(documents=pl.col("i").n_unique()).filter(pl.col("documents") > 1)
    shared = reference.filter(pl.len().over("hash") > 1).select("i").unique()
    alone = legs.join(several, on="l", how="anti").join(shared, on="i", how="anti").sort("d")
    return alone.filter(complete(book.items["payment_reference"][alone["i"]]))
