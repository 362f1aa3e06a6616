"""What banks do to a text: letters they do not know, capitals, an end after twenty characters.

In: a frame and dice. Out: the same columns spoiled, one fate for all of a line's texts.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from recon.bench.books.draw import Ints, by_part, pick

LETTERS = {
    "kept": 0.70,
    "spelled": 0.12,
    "plain": 0.05,
    "brackets": 0.03,
    "lost": 0.035,
    "mojibake": 0.045,
    "swedish": 0.02,
}
"""What becomes of æ, ø and å."""

CAPITALS, CUT = 0.22, 0.35
SHORT = 20
"""Characters in the classic short text of a bank."""

_NORDIC = list("æøåÆØÅäöüÄÖÜ")
_BECOME = {
    "spelled": ["ae", "oe", "aa", "Ae", "Oe", "Aa", "ae", "oe", "ue", "Ae", "Oe", "Ue"],
    "plain": list("aoaAOAaouAOU"),
    "brackets": list("{|}[\\]{|~[\\^"),
    "lost": ["?"] * 12,
    "mojibake": ["Ã¦", "Ã¸", "Ã¥", "Ã†", "Ã˜", "Ã…", "Ã¤", "Ã¶", "Ã¼", "Ã„", "Ã–", "Ãœ"],
    "swedish": list("äöåÄÖÅäöüÄÖÜ"),
}


def spoil(frame: pl.DataFrame, columns: list[str], dice: np.random.Generator) -> pl.DataFrame:
    """Letters and capitals of the columns, the same way along a row; mojibake is never put in capitals."""
    fate = pick(dice, frame.height, LETTERS)
    loud = pl.Series(dice.random(frame.height) < CAPITALS) & (fate != "mojibake")
    raised = frame.with_columns(
        pl.when(loud).then(pl.col(name).str.to_uppercase()).otherwise(name).alias(name) for name in columns
    )
    return raised.with_columns(_written(raised[name], fate).alias(name) for name in columns)


def cut(frame: pl.DataFrame, dice: np.random.Generator) -> pl.DataFrame:
    """A third of the texts end after twenty characters, the others after 140."""
    short = pl.Series(dice.random(frame.height) < CUT)
    text = pl.when(short).then(pl.col("text").str.slice(0, SHORT)).otherwise(pl.col("text").str.slice(0, 140))
    return frame.with_columns(text=text.str.strip_chars(" "))


def _written(text: pl.Series, fate: pl.Series) -> pl.Series:
    def spoiled(become: list[str]) -> Callable[[Ints], pl.Series]:
        return lambda here: text.gather(here).str.replace_many(_NORDIC, become)

    rules = {name: spoiled(become) for name, become in _BECOME.items()}
    return by_part(fate, {"kept": text.gather, **rules})
