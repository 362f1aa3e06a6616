"""Invented people and companies, and how their names come out at a bank.

In: dice and countries. Out: frames of names, one row a party, and their spelling on the payer's side.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from recon.bench.books.draw import pick, words_by
from recon.bench.books.words import FIRST, FORMS, LAST, PLACES, SHORTENED, TRADES

SPELLINGS = {
    "same": 0.57,
    "formless": 0.10,
    "reversed": 0.10,
    "short": 0.10,
    "typo": 0.05,
    "couple": 0.03,
    "third": 0.05,
}
"""How often a payer's bank spells the name so; `third` is somebody else's name."""


def people(dice: np.random.Generator, countries: pl.Series) -> pl.DataFrame:
    """`name first last` of invented persons; a third carry a middle name that is a surname too."""
    parts = [_by_country(dice, countries, table, 0.6) for table in (FIRST, LAST, LAST)]
    frame = pl.DataFrame(
        {"first": parts[0], "last": parts[1], "middle": parts[2], "u": dice.random(len(countries))}
    )
    middle = pl.when(pl.col("u") < 0.38).then(" " + pl.col("middle")).otherwise(pl.lit(""))
    return frame.select("first", "last", name=pl.col("first") + middle + " " + pl.col("last"))


def companies(dice: np.random.Generator, countries: pl.Series) -> pl.Series:
    """Names of invented companies: of a place, of one owner, or of two."""
    place, trade = (_by_country(dice, countries, table, 0.3) for table in (PLACES, TRADES))
    owner, partner = (_by_country(dice, countries, LAST, 0.3) for _ in range(2))
    form = _by_country(dice, countries, FORMS, 0.5)
    first = _by_country(dice, countries, FIRST, 0.3)
    shape = pick(dice, len(countries), {"place": 0.3, "owner": 0.3, "two": 0.4})
    frame = pl.DataFrame(
        {"place": place, "trade": trade, "owner": owner, "partner": partner, "form": form, "first": first}
    )
    of_owner = pl.col("first") + " " + pl.col("owner") + " " + pl.col("trade")
    of_two = pl.col("owner") + " & " + pl.col("partner") + " " + pl.col("trade")
    of_place = pl.col("place") + " " + pl.col("trade") + " " + pl.col("owner")
    body = pl.when(shape == "place").then(of_place).when(shape == "owner").then(of_owner).otherwise(of_two)
    return frame.select(name=(body + " " + pl.col("form")).str.strip_chars(" "))["name"]


def spelled(dice: np.random.Generator, parties: pl.DataFrame, strangers: pl.DataFrame) -> pl.DataFrame:
    """Adds `alias`, the party's name as its bank sends it, and `alias_own`: whether it is the party's name at all.

    parties: `name first last is_company`; strangers: `name first` in the same number of rows.
    """
    how = pick(dice, parties.height, SPELLINGS)
    marked = parties.with_columns(
        how=how, other=strangers["name"], spouse=strangers["first"], at=pl.Series(dice.random(parties.height))
    )
    person, name = ~pl.col("is_company"), pl.col("name")
    reverse = pl.when(pl.col("at") < 0.5).then(pl.format("{}, {}", "last", "first"))
    reverse = reverse.otherwise(pl.format("{} {}", "last", "first"))
    initial = pl.format("{}. {}", pl.col("first").str.slice(0, 1), "last")
    formless = name.str.replace(r" (?:ApS|A/S|I/S|A\.M\.B\.A\.|P/S|IVS|AB|HB|AS|ENK|Oyj?|AG|GmbH.*)$", "")
    shortened = formless.str.replace_many(list(SHORTENED), list(SHORTENED.values()))
    alias = (
        pl.when((pl.col("how") == "reversed") & person).then(reverse)
        .when((pl.col("how") == "short") & person).then(initial)
        .when((pl.col("how") == "couple") & person).then(pl.format("{} og {}", "spouse", name))
        .when(pl.col("how") == "third").then(pl.col("other"))
        .when(pl.col("how") == "typo").then(with_typo(name, pl.col("at")))
        .when((pl.col("how").is_in(["short", "couple", "reversed"])) & ~person).then(shortened)
        .when(pl.col("how") == "formless").then(formless)
        .otherwise(name)
    )  # fmt: skip
    return marked.with_columns(alias=alias, alias_own=pl.col("how") != "third").drop(
        "how", "other", "spouse", "at"
    )


def with_typo(text: pl.Expr, at: pl.Expr) -> pl.Expr:
    """One letter dropped or two neighbours swapped, somewhere after the first letter; `at` is 0-1."""
    place = (1 + at * (text.str.len_chars().cast(pl.Float64) - 2).clip(0)).cast(pl.Int64)
    head, here = text.str.slice(pl.lit(0), place), text.str.slice(place, 1)
    follower, tail = text.str.slice(place + 1, 1), text.str.slice(place + 2)
    swaps = (at * 1000).cast(pl.Int64) % 2 == 0
    return (
        pl.when(swaps)
        .then(pl.concat_str(head, follower, here, tail))
        .otherwise(pl.concat_str(head, follower, tail))
    )


def _by_country(
    dice: np.random.Generator,
    countries: pl.Series,
    table: dict[str, str] | dict[str, tuple[str, ...]],
    steepness: float,
) -> pl.Series:
    """A word of each row's country."""
    listed = {country: _listed(some) for country, some in table.items()}
    return words_by(dice, countries, listed, steepness)


def _listed(some: str | tuple[str, ...]) -> tuple[str, ...]:
    """Words between blanks, or between bars and lines where a word may hold a blank."""
    if isinstance(some, tuple):
        return some
    parts = some.replace("\n", "|").split("|") if "|" in some else some.split()
    return tuple(part.strip() for part in parts if part.strip())
