"""What a channel keeps for itself: a rate of each sale and a sum for each sale, learnt from its own payouts.

In: what may have been in some payouts, in a few variants each. Out: the one schedule that explains so many payouts to
the last øre that chance would not, or none. Every variant votes for each schedule that fits it exactly; a right
schedule gathers the votes of many payouts, wrong ones are spread over all the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, log

import numpy as np

RATES = np.arange(401, dtype=np.int64)
"""Rates tried, in hundredths of a per cent."""
FIXED_MOST = 500
"""Most minor units kept for each sale."""
_WHOLE = 10_000
_TWO_MOST = 40
"""Doubtful documents up to which two at a time are tried."""
_FEES_FROM = 3
_FEWEST, _SHARE = 3, 0.08
"""Payouts a schedule must explain, and their share of those asked."""
_UNEVEN = 4.0
"""Votes come in heaps, for amounts do: so many times the even spread is held to be chance."""
_ROUNDED = 0.05
"""How often chance may learn a schedule, over all schedules tried."""


@dataclass(frozen=True, order=True)
class Schedule:
    """rate: hundredths of a per cent. fixed: minor units a sale. each: rounded sale by sale, else once."""

    rate: int
    fixed: int
    each: bool

    @property
    def scale(self) -> int:
        """Parts of a minor unit that `net` counts in."""
        return 1 if self.each else _WHOLE

    @property
    def slack(self) -> int:
        """How far a sum of `net` may be from the payout, in those parts."""
        return 0 if self.each else _WHOLE - 1

    def net(self, amounts: np.ndarray) -> np.ndarray:
        """What is paid out of each sale, in parts of a minor unit by `scale`; of a credit note all of it."""
        sale = amounts > 0
        if self.each:
            return amounts - np.where(sale, _rounded(amounts * self.rate) + self.fixed, 0)
        return amounts * _WHOLE - np.where(sale, amounts * self.rate + self.fixed * _WHOLE, 0)


def features(amounts: np.ndarray) -> np.ndarray:
    """A row a document: amount, whether a sale, what was sold, and its fee at each of RATES by itself. They add up."""
    sale = np.maximum(amounts, 0)
    fees = _rounded(sale[:, None] * RATES[None, :])
    return np.column_stack([amounts, amounts > 0, sale, fees])


def votes(payout: int, amount: int, base: np.ndarray, atoms: np.ndarray) -> np.ndarray:
    """Numbers of the schedules that fit what may have been in a payout exactly, each once, with the payout's.

    base: `features` of what was surely in it; atoms: of each that may have been. Tried are none, one, two, all, and
    all but one or two of them. What one document asks for to the last øre is a plain payment, and no vote for a
    channel that keeps nothing.
    """
    first, second = np.triu_indices(len(atoms) + 1, 1) if len(atoms) <= _TWO_MOST else (np.arange(len(atoms)),
        np.full(len(atoms), len(atoms)))  # fmt: skip
    first, second = np.append(first, len(atoms)), np.append(second, len(atoms))
    padded = np.concatenate([atoms, np.zeros((1, len(base)), dtype=np.int64)])
    every = base + atoms.sum(axis=0)
    found = [
        _fitting(amount, base, padded, first, second, 1),
        _fitting(amount, every, padded, first, second, -1),
    ]
    cells = np.unique(np.concatenate(found))
    return np.column_stack([np.full(len(cells), payout), cells])


def _fitting(
    amount: int, start: np.ndarray, padded: np.ndarray, first: np.ndarray, second: np.ndarray, sign: int
) -> np.ndarray:
    """Cells that fit start ± two of padded."""
    told = padded[:, :_FEES_FROM]
    total, sales, sold = (start[:_FEES_FROM] + sign * (told[first] + told[second])).T
    kept = total - amount
    most = _rounded(sold * RATES[-1]) + FIXED_MOST * sales
    some = np.flatnonzero((sales > 0) & (kept >= 0) & (kept <= most) & ((kept > 0) | (sales > 1)))
    fees = start[_FEES_FROM:] + sign * (padded[first[some], _FEES_FROM:] + padded[second[some], _FEES_FROM:])
    count, found = sales[some], []
    for each, parts in ((1, fees * _WHOLE), (0, sold[some, None] * RATES[None, :])):
        rest = kept[some, None] * _WHOLE - parts
        fixed = (rest // count[:, None] + _WHOLE // 2) // _WHOLE
        off = np.abs(rest - fixed * count[:, None] * _WHOLE)
        row, rate = np.nonzero((fixed >= 0) & (fixed <= FIXED_MOST) & (off <= (0 if each else _WHOLE - 1)))
        found.append((rate * (FIXED_MOST + 1) + fixed[row, rate]) * 2 + each)
    return np.concatenate(found)


@dataclass(frozen=True)
class Verdict:
    """A schedule, how many payouts it explains exactly, and how surely no chance (log of how often it would)."""

    schedule: Schedule
    votes: int
    log_chance: float


def elected(ballots: list[np.ndarray]) -> Verdict | None:
    """The schedule most payouts voted for; of equals the one with the simpler figures. None where chance could."""
    cast = np.concatenate(ballots) if ballots else np.empty((0, 2), dtype=np.int64)
    if not len(cast):
        return None
    cells, count = np.unique(cast[:, 1], return_counts=True)
    most = int(count.max())
    if most < max(_FEWEST, _SHARE * len(ballots)):
        return None
    best = min((_schedule(int(cell)) for cell in cells[count == most]), key=_plainness)
    every = 2 * len(RATES) * (FIXED_MOST + 1)
    spread = _UNEVEN * len(cast) / every
    chance = log(every) + most * log(max(spread, 1e-9)) - spread - lgamma(most + 1)
    return Verdict(best, most, chance) if exp(min(chance, 0)) < _ROUNDED and chance < 0 else None


def _schedule(cell: int) -> Schedule:
    figures, each = divmod(cell, 2)
    rate, fixed = divmod(figures, FIXED_MOST + 1)
    return Schedule(rate, fixed, bool(each))


def _plainness(one: Schedule) -> tuple[int, int, bool, Schedule]:
    """Price lists have round figures: nothing fixed, or in fives and twenty-fives; rates in steps of five."""
    fixed = 0 if one.fixed == 0 else 1 if one.fixed % 25 == 0 else 2 if one.fixed % 5 == 0 else 3
    rate = 0 if one.rate % 25 == 0 else 1 if one.rate % 5 == 0 else 2
    return fixed + rate, fixed, not one.each, one


def _rounded(parts: np.ndarray) -> np.ndarray:
    return (parts + _WHOLE // 2) // _WHOLE
