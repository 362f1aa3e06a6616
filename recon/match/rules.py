"""Which lines the rules of the company hit. A rule only suggests: what comes of it is a proposal like another.

In: LINES and Rules (recon.match.rule_text says how they read). Out: `line_id rule account party`. Texts are
compared folded, so capitals, æøå and company forms do not matter; amounts exactly, in minor units of the
line's own currency. Never books, and never reads what was decided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import polars as pl

from recon.match.rule_text import EXAMPLE, FOLDS, Condition, Rule, folded, parse_rule, parse_rules
from recon.money import MINOR_DIGITS
from recon.text import name_fold, name_key

__all__ = ["EXAMPLE", "HITS", "Condition", "Rule", "is_party", "parse_rule", "parse_rules", "rule_hits"]

HITS: Final = {"line_id": pl.String, "rule": pl.Int64, "account": pl.String, "party": pl.String}
_COLUMNS: Final = {"text": "text", "counterparty": "counterparty_name", "account": "counterparty_account"}


def rule_hits(lines: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """`line_id rule account party`: the lines that rules hit, by line id.

    lines: LINES; a line without a kind or a counterparty meets no condition on it. Where several rules hold the
    first wins; `rule` is its place, from 1. `account` or `party` is what it says, the other is null.
    """
    if not rules:
        return pl.DataFrame(schema=HITS)
    places = [
        pl.when(_holds(rule)).then(pl.lit(place, dtype=pl.Int64)) for place, rule in enumerate(rules, 1)
    ]
    facts = _facts(lines, {one.about for rule in rules for one in rule.conditions})
    hits = facts.select("line_id", rule=pl.coalesce(places)).drop_nulls("rule").sort("line_id")
    says = [(place, rule.account, rule.party) for place, rule in enumerate(rules, 1)]
    told = pl.DataFrame(
        says, schema={name: HITS[name] for name in ("rule", "account", "party")}, orient="row"
    )
    return hits.join(told, on="rule", how="left", maintain_order="left")


def is_party(party: str) -> pl.Expr:
    """True for ITEMS of the party that a rule names by its id or its name; never null."""
    key = name_key(name_fold(pl.col("counterparty_name")))
    named = key == name_key(name_fold(pl.lit(party)))
    return (pl.col("counterparty_id") == party).fill_null(False) | named.fill_null(False)


def _facts(lines: pl.DataFrame, asked: set[str]) -> pl.DataFrame:
    """Lines with a column for each thing asked about; each distinct spelling is folded once."""
    facts = lines.select("line_id", "amount_minor", "currency", "kind")
    for about in sorted(asked & FOLDS.keys()):
        column, folds = _COLUMNS[about], FOLDS[about]
        distinct = lines.select(column).unique().with_columns(folded=folds(pl.col(column)))
        spelled = lines.select(column).join(
            distinct, on=column, how="left", nulls_equal=True, maintain_order="left"
        )
        facts = facts.with_columns(spelled["folded"].alias(about))
    return facts


def _holds(rule: Rule) -> pl.Expr:
    return pl.all_horizontal([_shows(condition) for condition in rule.conditions])


def _shows(condition: Condition) -> pl.Expr:
    """True where a line shows what the condition asks for; never null."""
    about, how, values = condition.about, condition.how, condition.values
    if about == "amount":
        return _amount_shows(how, [Decimal(one) for one in values])
    value = folded(about, values[0]) if about in FOLDS else values[0]
    found = pl.col(about)
    said = found.str.contains(value, literal=True) if how == "has" else found == value
    return said.fill_null(False)


def _amount_shows(how: str, bounds: list[Decimal]) -> pl.Expr:
    """The comparison in the decimals of each line's currency."""
    digits = pl.col("currency").replace_strict(MINOR_DIGITS, default=2, return_dtype=pl.Int64)
    none, two, three = (_compared(how, [one.scaleb(shift) for one in bounds]) for shift in (0, 2, 3))
    return pl.when(digits == 0).then(none).when(digits == 3).then(three).otherwise(two)


def _compared(how: str, bounds: list[Decimal]) -> pl.Expr:
    """In whole minor units: a bound between two of them is moved to the one beside it that says the same."""
    minor, low, high = pl.col("amount_minor"), math.ceil(bounds[0]), math.floor(bounds[-1])
    return {
        "<": minor < low,
        "<=": minor <= high,
        ">": minor > high,
        ">=": minor >= low,
        "=": minor.is_between(low, high),
        "between": minor.is_between(low, high),
    }[how]
