"""The text of a rule, read strictly: what is not of its few forms is refused in words.

    text has "gebyr" -> account 7220
    text has "mobilepay" and amount > 0 and amount < 500.00 -> party C1042
    counterparty is "Skat" and amount < 0 -> account 5800

In: text. Out: a Rule, which prints itself as it is read. Never guesses, and looks at no line (recon.match.rules).

    rule       conditions joined by `and`, then `-> account NUMBER` or `-> party ID` or `-> party "name"`
    condition  text has "…" · counterparty has "…" · counterparty is "…" · account is "…" (the other party's)
               amount < <= > >= = 500.00 · amount between 100.00 and 500.00 · currency is DKK · kind is fee
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final, NoReturn

import polars as pl

from recon.errors import UsageError
from recon.money import MINOR_DIGITS
from recon.schema import LINE_KINDS
from recon.text import account_key, fold, name_fold

EXAMPLE: Final = 'text has "gebyr" and amount < 0 -> account 7220'
LONGEST: Final = 400

_HOW: Final[dict[str, tuple[str, ...]]] = {
    "text": ("has",),
    "counterparty": ("has", "is"),
    "account": ("is",),
    "amount": ("<", "<=", ">", ">=", "=", "between"),
    "currency": ("is",),
    "kind": ("is",),
}
FOLDS: Final = {"text": fold, "counterparty": name_fold, "account": account_key}
"""What is compared with words in quotation marks, and how both sides are folded."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>["“”][^"“”\n]*["“”])|(?P<arrow>->|→)|(?P<sign><=|>=|[<>=])"""
    r"""|(?P<word>(?:(?!->)[^\s"“”<>=→])+))"""
)
_AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,3})?", re.ASCII)
_NUMBER = re.compile(r"[0-9A-Za-zÆØÅæøå][0-9A-Za-zÆØÅæøå._/-]{0,29}")
_AMOUNT_LOOKS = "an amount with a point and without thousands marks, such as 500.00 or -45"


@dataclass(frozen=True)
class Condition:
    """What a line must show. `values` as they print: two for `between`, else one."""

    about: str
    how: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        told = [f'"{one}"' if self.about in FOLDS else one for one in self.values]
        return f"{self.about} {self.how} {' and '.join(told)}"


@dataclass(frozen=True)
class Rule:
    """Conditions that must all hold, and the ERP account or the party that follows; the other one is None."""

    conditions: tuple[Condition, ...]
    account: str | None = None
    party: str | None = None

    def __str__(self) -> str:
        return f"{' and '.join(map(str, self.conditions))} -> {self.action}"

    @property
    def action(self) -> str:
        """`account 7220`, `party C1042` or `party "Nordlys ApS"`."""
        if self.party is None:
            return f"account {self.account}"
        return f"party {self.party}" if _NUMBER.fullmatch(self.party) else f'party "{self.party}"'


@lru_cache(maxsize=1024)
def parse_rule(text: str) -> Rule:
    """The Rule a text says; `str` of it is the text in its one canonical spelling.

    Raises UsageError that names the place that was not understood, what is expected there, and an example.

    >>> str(parse_rule('TEXT has “Gebyr” and amount<0 → account 7220'))
    'text has "Gebyr" and amount < 0 -> account 7220'
    """
    if len(text) > LONGEST:
        raise UsageError(
            f"A rule has at most {LONGEST} characters. Nothing was changed; make two rules of it."
        )
    reader = _Reader(text)
    conditions = [_condition(reader)]
    while not reader.is_next("arrow"):
        reader.one_of(("and",), "“and” with a further condition, or “->” with an account or party")
        conditions.append(_condition(reader))
    rule = _with_action(tuple(conditions), reader)
    if reader.tokens[reader.place :]:
        reader.refuse("expected nothing after the account or party")
    return rule


def parse_rules(texts: Sequence[str]) -> tuple[Rule, ...]:
    """Each text as a Rule, in their order."""
    return tuple(parse_rule(text) for text in texts)


def folded(about: str, words: str) -> str:
    """Words of a rule as they are compared; empty where nothing in them can be."""
    return pl.select(FOLDS[about](pl.lit(words))).item() or ""


class _Reader:
    """The tokens of a rule one after the other, and refusals that name the one they stopped at."""

    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.place, at, text = 0, 0, text.strip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            kind = found.lastgroup if found else None
            if found is None or kind is None:
                self.place, self.tokens = 0, [("open", text[at:].strip())]
                self.refuse("a quotation mark is not closed")
            self.tokens.append((kind, found[kind]))
            at = found.end()

    def is_next(self, kind: str) -> bool:
        return self.place < len(self.tokens) and self.tokens[self.place][0] == kind

    def next(self, kind: str, expected: str) -> str:
        """The next token, which must be of this kind."""
        if not self.is_next(kind):
            self.refuse(f"expected {expected}")
        self.place += 1
        return self.tokens[self.place - 1][1]

    def one_of(self, words: Sequence[str], expected: str) -> str:
        """The next word or sign, in small letters, which must be one of these."""
        kind = "sign" if self.is_next("sign") else "word"
        word = self.next(kind, expected).lower()
        if word not in words:
            self.refuse(f"expected {expected}", back=1)
        return word

    def refuse(self, why: str, *, back: int = 0) -> NoReturn:
        """Say why the token that was read `back` tokens ago, 0 being the next one, is not understood."""
        rest = self.tokens[self.place - back :]
        at = f"at {rest[0][1]}" if rest else "at its end"
        raise UsageError(
            f"The rule was not understood {at}: {why}. Nothing was changed. A rule looks like this: {EXAMPLE}",
            at=at,
        )


def _condition(reader: _Reader) -> Condition:
    about = reader.one_of(tuple(_HOW), f"a condition on one of {', '.join(_HOW)}")
    how = reader.one_of(_HOW[about], f"“{'” or “'.join(_HOW[about])}” after “{about}”")
    return Condition(about, how, _values(about, how, reader))


def _values(about: str, how: str, reader: _Reader) -> tuple[str, ...]:
    if about in FOLDS:
        words = reader.next("quoted", 'words in quotation marks, such as "gebyr"')[1:-1].strip()
        if not folded(about, words):
            reader.refuse("expected a letter or digit between the quotation marks", back=1)
        return (words,)
    if about == "amount":
        return _between(reader) if how == "between" else (_amount(reader),)
    if about == "currency":
        listed = tuple(code.lower() for code in MINOR_DIGITS)
        return (reader.one_of(listed, "a currency code of ISO 4217, such as DKK").upper(),)
    return (reader.one_of(LINE_KINDS, f"a kind of line: {', '.join(LINE_KINDS)}"),)


def _between(reader: _Reader) -> tuple[str, str]:
    low = _amount(reader)
    reader.one_of(("and",), "“and” between the two amounts")
    high = _amount(reader)
    if Decimal(low) > Decimal(high):
        reader.refuse(f"the smaller amount comes first, and {high} is less than {low}", back=1)
    return low, high


def _amount(reader: _Reader) -> str:
    """An amount as it prints: without needless zeros before it, decimals as they were written."""
    word = reader.next("word", _AMOUNT_LOOKS)
    if not _AMOUNT.fullmatch(word):
        reader.refuse(f"expected {_AMOUNT_LOOKS}", back=1)
    amount = Decimal(word)
    return format(amount if amount else abs(amount), "f")


def _with_action(conditions: tuple[Condition, ...], reader: _Reader) -> Rule:
    reader.next("arrow", "“->”")
    what = reader.one_of(("account", "party"), "“account” with its number, or “party” with its id or name")
    if what == "party" and reader.is_next("quoted"):
        name = reader.next("quoted", "the party")[1:-1].strip()
        if not folded("counterparty", name):
            reader.refuse("expected the party's name between the quotation marks", back=1)
        return Rule(conditions, party=name)
    expected = (
        "the number of an ERP account"
        if what == "account"
        else "the party's id, or its name in quotation marks"
    )
    number = reader.next("word", expected)
    if not _NUMBER.fullmatch(number):
        reader.refuse(f"expected {expected}", back=1)
    return Rule(conditions, account=number) if what == "account" else Rule(conditions, party=number)
