"""Bookings to an ERP account as proposals: by rules people wrote, and by what they booked before.

In: the lines of a Book, rules, a History. Out: drafts of kind `rule` with one leg `account:<erp_account>` that takes
the whole line. Learnt from lines that went to one account and nothing else; the same text, party or kind of
movement (fee, interest) given to a document or another account, or refused for this one, speaks against. Never
looks at documents: a document that is named by its own reference weighs more than any booking here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import polars as pl

from recon.match.booking_weights import RULE_WEIGHTS
from recon.match.drafts import Drafts, drafts, nothing
from recon.match.rules import Rule, is_party, rule_hits
from recon.schema import History
from recon.text import account_key, fold, name_fold

ACCOUNT: Final = "account:"
LEAST, OFTEN, REMEMBERED = 2, 5, 10
"""Bookings that make a habit, that make a strong one, and the latest decisions of a habit that count."""

_BANKS_OWN = ["fee", "interest"]
_WAYS = ("text", "party", "kind")
_NUMBERED = r"\p{L}*[0-9][\p{L}0-9]*"
"""A word that holds a digit: a number, a date, a reference."""
_MONTHS = (
    r"\b(?:jan(?:uary?|uar)?|feb(?:ruary?|ruar)?|mar(?:ch|ts)?|apr(?:il)?|ma[jy]|jun[ie]?|jul[iy]?|aug(?:ust)?"
    r"|sep(?:t|tember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[ck](?:ember)?)\b"
)


def rule_drafts(book_lines: pl.DataFrame, rules: Sequence[Rule]) -> Drafts:
    """A draft for each line that a rule books to an account.

    book_lines: LINES with their number `l`. rules: in their order; of several that hold, the first counts.
    """
    if not rules:
        return nothing()
    hits = rule_hits(book_lines, rules).drop_nulls("account")
    texts = pl.Series("text", [str(rule) for rule in rules], dtype=pl.String)
    told = hits.with_columns(told=texts.gather(hits["rule"] - 1))
    return _to_accounts(book_lines.join(told, on="line_id"), "rule", rule_says=pl.lit("account"))


def booking_drafts(book_lines: pl.DataFrame, history: History) -> Drafts:
    """A draft for each line and account that lines like it were booked to before.

    book_lines: LINES with their number `l`. history: decisions so far, with `kind` of its lines where known.
    """
    found = booked_before(book_lines, history)
    return _to_accounts(book_lines.join(found, on="line_id"), "booking", booking_says=pl.col("level"))


def rule_parties(book_lines: pl.DataFrame, book_items: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """`l p`: the parties that rules name for lines, once each.

    book_items: ITEMS with the number `p` of their party. A party that has no document here is not found.
    """
    hits = rule_hits(book_lines, rules).drop_nulls("party")
    named = [
        book_items.filter(is_party(party)).select("p", party=pl.lit(party)).drop_nulls().unique()
        for party in sorted(set(hits["party"]))
    ]
    if not named:
        return book_lines.select("l").clear().join(book_items.select("p").clear(), how="cross")
    found = book_lines.select("l", "line_id").join(hits, on="line_id").join(pl.concat(named), on="party")
    return found.select("l", "p").unique().sort("l", "p")


def booked_before(lines: pl.DataFrame, history: History) -> pl.DataFrame:
    """`line_id account level count`: where lines like these went, one row a line and account, the best reason.

    lines: LINES; `count` is how many of the latest decisions that are remembered went there, two in three at least.
    """
    said = _said(history)
    if said["account"].null_count() == said.height:
        return _no_bookings()
    habits = _habits(_signatures(history.lines).join(said, on="line_id"))
    # A line never proves itself: what was decided on it counts neither way.
    own = said.filter("yes").select("line_id", own=pl.coalesce("account", pl.lit("")))
    met = _signatures(lines).join(habits, on=["way", "key"]).join(own, on="line_id", how="left")
    told = met.with_columns(
        pl.col("count") - (pl.col("own") == pl.col("account")).fill_null(False).cast(pl.Int64),
        pl.col("against") - (pl.col("own") != pl.col("account")).fill_null(False).cast(pl.Int64),
    ).filter(pl.col("count") >= LEAST, pl.col("count") >= 2 * pl.col("against"))
    order = [level for (feature, level) in RULE_WEIGHTS if feature == "booking"]
    return (
        told.with_columns(level=_level())
        .with_columns(place=pl.col("level").replace_strict(order, list(range(len(order)))))
        .sort("line_id", "account", "place")
        .unique(["line_id", "account"], keep="first", maintain_order=True)
        .select("line_id", "account", "level", "count")
    )


def _no_bookings() -> pl.DataFrame:
    return pl.DataFrame(
        schema={"line_id": pl.String, "account": pl.String, "level": pl.String, "count": pl.Int64}
    )


def _said(history: History) -> pl.DataFrame:
    """`line_id account yes decided_at`: each decided line once, account null where documents took it; and refusals."""
    to_account = pl.col("item_id").str.strip_prefix(ACCOUNT)
    alone = (pl.col("item_id").n_unique() == 1) & pl.col("item_id").str.starts_with(ACCOUNT).all()
    given = history.accepted.group_by("line_id").agg(
        account=pl.when(alone).then(to_account.min()), yes=pl.lit(True), decided_at=pl.col("decided_at").max()
    )
    refused = history.rejected.filter(pl.col("item_id").str.starts_with(ACCOUNT)).group_by(
        "line_id", account=to_account
    ).agg(yes=pl.lit(False), decided_at=pl.col("decided_at").max())  # fmt: skip
    return pl.concat([given, refused])


def _habits(said: pl.DataFrame) -> pl.DataFrame:
    """`way key account count against`: how many of the latest decisions of a habit went to an account, and not."""
    latest = (
        said.sort(
            "way",
            "key",
            "decided_at",
            "line_id",
            "account",
            "yes",
            descending=[False, False, True, False, False, False],
        )
        .group_by("way", "key", maintain_order=True)
        .head(REMEMBERED)
    )
    given = latest.group_by("way", "key").agg(given=pl.col("yes").sum())
    counted = latest.drop_nulls("account").group_by("way", "key", "account").agg(
        count=pl.col("yes").sum().cast(pl.Int64), refused=(~pl.col("yes")).sum()
    )  # fmt: skip
    against = pl.col("given").cast(pl.Int64) - pl.col("count") + pl.col("refused").cast(pl.Int64)
    habits = counted.filter(pl.col("count") >= LEAST).join(given, on=["way", "key"])
    return habits.select("way", "key", "account", "count", against=against)


def _level() -> pl.Expr:
    strength = (
        pl.when(pl.col("against") > 0)
        .then(pl.lit("_mostly"))
        .when(pl.col("count") >= OFTEN)
        .then(pl.lit("_often"))
        .otherwise(pl.lit(""))
    )
    return pl.concat_str("way", strength)


def _signatures(lines: pl.DataFrame) -> pl.DataFrame:
    """`line_id way key`: by what lines are alike – their text without numbers and months, their party, their kind.

    Money in and money out are never alike. A text that is nothing but numbers says nothing.
    """
    moved = lines.filter(pl.col("amount_minor") != 0).select(
        "line_id", "kind", "counterparty_name", "counterparty_account",
        bare=pl.col("text").str.replace_all(_NUMBERED, " "),
        way=pl.when(pl.col("amount_minor") > 0).then(pl.lit("in")).otherwise(pl.lit("out")),
    )  # fmt: skip
    told = _with_folded(moved, "bare", "words", _words)
    told = _with_folded(told, "counterparty_name", "who", name_fold)
    told = _with_folded(told, "counterparty_account", "payer", account_key)
    text = pl.format("{}|{}|{}", "way", "words", pl.col("who").fill_null(""))
    party = pl.format("{}|{}", "way", pl.coalesce("payer", "who"))
    kind = pl.format("{}|{}", "way", "kind")
    keyed = told.select(
        "line_id",
        text=pl.when(pl.col("words") != "").then(text),
        party=party,
        kind=pl.when(pl.col("kind").is_in(_BANKS_OWN)).then(kind),
    )
    return keyed.unpivot(_WAYS, index="line_id", variable_name="way", value_name="key").drop_nulls("key")


def _words(bare: pl.Expr) -> pl.Expr:
    """Folded, without months: what stays the same from bill to bill."""
    return fold(bare).str.replace_all(_MONTHS, " ").str.replace_all(r" {2,}", " ").str.strip_chars(" ")


def _with_folded(
    frame: pl.DataFrame, column: str, name: str, folded: Callable[[pl.Expr], pl.Expr]
) -> pl.DataFrame:
    """A further column made of another; each distinct text is worked on once."""
    distinct = frame.select(column).unique().drop_nulls().with_columns(folded(pl.col(column)).alias(name))
    return frame.join(distinct, on=column, how="left", maintain_order="left")


def _to_accounts(found: pl.DataFrame, way: str, **says: pl.Expr) -> Drafts:
    """Drafts of lines that go to `account` whole. Lines of amount zero have nothing to give."""
    numbered = found.filter(pl.col("amount_minor") != 0).sort("l", "account").with_row_index("d")
    if numbered.is_empty():
        return nothing()
    banks_own = pl.col("kind").is_in(_BANKS_OWN)
    heads = numbered.with_columns(
        kind=pl.lit("rule"),
        way=pl.lit(way),
        difference_minor=pl.lit(0),
        difference_kind=pl.lit("none"),
        kind_says=pl.when(banks_own).then(pl.lit("fits")),
        **says,
    )
    legs = numbered.select(
        "d", "l", to=pl.format(ACCOUNT + "{}", "account"),
        amount_minor="amount_minor", item_amount_minor="amount_minor",
    )  # fmt: skip
    return drafts(heads, legs)
