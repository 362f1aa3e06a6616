"""The payment application rules of Business Central, as its documentation and open source list them.

Each pair of a line and an open entry is told in three words: how far the related party matches, whether the document
number does, and whether the amount does (once or several times among the entries looked at). The first row of the
table below that fits gives its confidence. Applied from the highest confidence down, each entry once. The amount
alone is a rule as well, the lowest. Address and city, which lift a party to `fully`, no bank line here has.
"""

from __future__ import annotations

import polars as pl

from recon.bench.baselines.parsed import Parsed, parse, parties_by_account, parties_by_name, same_cash
from recon.bench.baselines.taking import best_first, in_turn, whole_sets, without

RULES = (
    ("high", "fully", "several", "one"),
    ("high", "fully", "several", "more"),
    ("high", "fully", "yes", "one"),
    ("high", "fully", "yes", "more"),
    ("high", "partially", "several", "one"),
    ("high", "partially", "several", "more"),
    ("high", "partially", "yes", "one"),
    ("high", "fully", "no", "one"),
    ("high", "no", "several", "one"),
    ("high", "no", "several", "more"),
    ("medium", "fully", "several", "any"),
    ("medium", "fully", "yes", "any"),
    ("medium", "fully", "no", "more"),
    ("medium", "partially", "several", "any"),
    ("medium", "partially", "yes", "any"),
    ("medium", "no", "yes", "one"),
    ("medium", "no", "several", "any"),
    ("medium", "partially", "no", "one"),
    ("medium", "no", "yes", "any"),
    ("low", "partially", "no", "more"),
    ("low", "no", "no", "one"),
    ("low", "no", "no", "more"),
)
"""confidence, related party, document number, amount; in the order they are tried. Rules of a party alone, without
number or amount, are left out: they apply a payment to whatever is oldest."""
MOST_EQUAL = 12
"""Entries of one party and amount that a line is laid beside, the earliest due; all of them would be quadratic."""


def business_central(lines: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """`line_id item_id confidence`; confidence keeps the order of the rules and is no probability."""
    parsed = parse(lines, items)
    return parsed.pairs(applied(parsed))


def applied(parsed: Parsed) -> pl.DataFrame:
    """`l i confidence`: several numbers that add up, then the best pair first, then the amount alone."""
    told = rules_of(parsed)
    several = whole_sets(told.filter(document="several").select("l", "i", "confidence"))
    single = without(without(told.filter(pl.col("document") != "several"), several, "l"), several, "i")
    scored = single.select("l", "i", "confidence", score=pl.col("confidence"))
    taken = pl.concat([several, best_first(scored).select("l", "i", "confidence")])
    return pl.concat([taken, _amount_alone(parsed, taken)])


def rules_of(parsed: Parsed) -> pl.DataFrame:
    """`l i party document amount confidence` of every pair that shares a party or a number."""
    parties = _parties(parsed)
    by = ["party", "amount", "currency"]
    first = parsed.items.sort("i").filter(pl.int_range(pl.len()).over(by) < MOST_EQUAL)
    by_amount = parsed.lines.join(parties, on="l").join(first.select("i", *by), on=by)
    pairs = pl.concat([parsed.named.select("l", "i"), by_amount.select("l", "i")]).unique().sort("l", "i")
    cash = same_cash(parsed, pairs).rename({"party": "owner"})
    numbers = parsed.named.select("l", "i", named=pl.lit(True))
    told = cash.join(numbers, on=["l", "i"], how="left").join(parties, on="l", how="left")
    return _with_rule(_in_words(told, _same_amounts(parsed)))


def _in_words(told: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    named = pl.col("named").fill_null(False)
    whole = pl.col("amount") == pl.col("item_amount")
    told = told.join(counts, on=["amount", "currency"], how="left")
    of_party = whole.sum().over("l")
    theirs = pl.col("party") == pl.col("owner")
    together = named & (named.sum().over("l") > 1)
    adds_up = pl.col("item_amount").filter(named).sum().over("l") == pl.col("amount")
    one = pl.when(theirs).then(of_party).otherwise(pl.col("entries")) == 1
    several = together & adds_up
    named_as = (
        pl.when(several).then(pl.lit("several")).when(named).then(pl.lit("yes")).otherwise(pl.lit("no"))
    )
    once = pl.when(several | (whole & one)).then(pl.lit("one"))
    return told.select(
        "l",
        "i",
        related=pl.when(theirs).then("level").otherwise(pl.lit("no")).fill_null("no"),
        document=named_as,
        cash=once.when(whole).then(pl.lit("more")).otherwise(pl.lit("none")),
    )


def _with_rule(told: pl.DataFrame) -> pl.DataFrame:
    """The first rule that fits, as a confidence that falls by the order of the rules."""
    places = [(*rule[1:], 1 - place / len(RULES)) for place, rule in enumerate(RULES)]
    table = pl.DataFrame(places, schema=["related", "document", "cash", "confidence"], orient="row")
    exact = told.join(table, on=["related", "document", "cash"], how="left")
    loose = table.filter(cash="any").drop("cash").rename({"confidence": "any"})
    both = exact.join(loose, on=["related", "document"], how="left")
    return (
        both.with_columns(confidence=pl.max_horizontal("confidence", "any"))
        .drop("any")
        .drop_nulls("confidence")
    )


def _parties(parsed: Parsed) -> pl.DataFrame:
    """`l party level`: the bank account matches a party fully, its name alone partially."""
    account = parties_by_account(parsed).with_columns(level=pl.lit("fully"))
    name = without(parties_by_name(parsed), account, "l").with_columns(level=pl.lit("partially"))
    return pl.concat([account, name])


def _same_amounts(parsed: Parsed) -> pl.DataFrame:
    return parsed.items.group_by("amount", "currency").agg(entries=pl.len())


def _amount_alone(parsed: Parsed, taken: pl.DataFrame) -> pl.DataFrame:
    """Neither party nor number: entries of the amount in turn, surer where it is the only one."""
    by = ["amount", "currency"]
    lines, items = without(parsed.lines, taken, "l"), without(parsed.items, taken, "i")
    found = in_turn(lines.select("l", *by), items.select("i", *by), by)
    known = found.join(parsed.lines.select("l", *by), on="l").join(_same_amounts(parsed), on=by)
    one, more = (1 - RULES.index(("low", "no", "no", word)) / len(RULES) for word in ("one", "more"))
    alone = pl.when(pl.col("entries") == 1).then(one).otherwise(more)
    return known.select("l", "i", confidence=alone)
