"""From which probability on the engine may act alone, and whether that still holds.

In: OUTCOMES, what people decided of the engine's best proposals; the share of wrong ones the company bears; a
confidence. Out: AutoBounds, a threshold for each way, or why there is none, in words and figures. It never acts,
and never promises more than the history can show.

The promise: with the stated confidence, of all lines accepted by these thresholds at most `risk` are wrong. It
holds while new lines are like the decided ones, lines err independently, and surer ones err no more often;
`broken` watches whether it still does.

- Thresholds are tested from stricter to looser ones, and the first that fails ends the search (learn then test,
  Angelopoulos et al. 2021, fixed sequence). With decisions enough there are two searches, one from the surer half on
  and one from the strictest place on, which share the doubt. So choosing by the same errors that are counted is not
  optimistic. The places to test are fixed beforehand in numbers of decisions: the best 1,151, 1,944, 2,660 …
  are where a risk of 0.2 % bears one wrong more. Fewer looks in between, fewer chances to stop by bad luck.
- All ways together are tested first, since that is the most history, and what the company bears is a share of
  all that is accepted. A single bad way may hide there, so a way is held back whose own decisions speak
  against the risk, or which has too few to speak. That is care, not part of the proof: the proof is of the
  whole, and leaving out by chance a way better than the rest could make the rest a little worse.
- A bad way may also spoil the whole. So each way with enough history to stand alone is tested by itself, and
  the ways that hold by themselves replace the whole where that accepts more of the decided lines. Both answers
  hold at once, because the doubt (1 - confidence) is split between them: a fifth goes to ways that stand alone,
  in equal parts; where none is large enough, and errors play no part in that, the whole has all of it.

Probabilities must be on one scale: hand in those of `calibrate.calibrated_apart`, if what is to be accepted is
calibrated. Raw ones of several ways compare badly, and one way's bad share then makes the whole stricter.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from recon.errors import UsageError
from recon.match.calibrate import outcomes_of

_ALL: Final = "all ways"
_ALONE = 0.2
"""Share of the doubt kept for ways that stand alone."""
_LET_IN = 30
"""Decisions at or above the threshold that a way needs to be let in with the others."""
_BEGIN, _STRICT = 0.5, 0.25
"""Share of the decisions at which the main search begins: among fewer, one wrong by bad luck would end it at once; and
the share of the doubt for a second one that begins at the strictest place."""
_EACH = 10
"""Wrong ones up to which the threshold is tested at each further one; from there on at each tenth more."""

_REASONS: Final = {
    "holds": "",
    "too_short": "Too few decided lines to know: {missing} more without an error are needed",
    "errors": "Not alone: too many errors among the surest decided lines",
    "contradicts": "Not alone: its own decisions speak against the risk",
    "few": "Not alone: fewer than {let_in} decided lines of its own at or above it",
}


@dataclass(frozen=True)
class Bound:
    """What decided history says of one way, or of all ways, at or above a probability.

    threshold: lowest probability at which the engine may act alone; None: never, and `reason` says why.
    decided, wrong: of the lines at or above the threshold; where there is none, at or above the one tried.
    at_most: upper Clopper-Pearson bound on the share of wrong ones. missing: decisions still needed.
    """

    way: str
    threshold: float | None
    tried: float
    decided: int
    wrong: int
    at_most: float
    reason: str
    missing: int = 0

    def words(self, confidence: float) -> str:
        """One line: “1,412 decided lines at or above 99.1 %: 0 wrong; with 90 % confidence at most …”."""
        why = _REASONS[self.reason].format(missing=f"{self.missing:,}", let_in=_LET_IN)
        if not self.decided:
            return f"{why}."
        told = (
            f"{self.decided:,} decided lines at or above {_share(self.tried, down=True)}: {self.wrong:,} wrong; "
            f"with {confidence * 100:g} % confidence at most {_share(self.at_most, down=False)} wrong"
        )
        return f"{why} ({told})." if why else f"{told}."


@dataclass(frozen=True)
class AutoBounds:
    """The thresholds under a risk, by way; a way not among them is never automatic."""

    risk: float
    confidence: float
    pooled: Bound
    ways: tuple[Bound, ...] = ()

    @property
    def thresholds(self) -> dict[str, float]:
        """Way → lowest probability at which the engine may act alone."""
        return {one.way: one.threshold for one in self.ways if one.threshold is not None}

    def words(self) -> dict[str, str]:
        """A line for all ways together and for each way, for people."""
        return {one.way: one.words(self.confidence) for one in (self.pooled, *self.ways)}

    def told(self) -> dict[str, Any]:
        """Plain values for JSON; `of_told` reads them back as an equal value."""
        return asdict(self) | {"ways": [asdict(one) for one in self.ways]}

    @classmethod
    def of_told(cls, told: dict[str, Any]) -> AutoBounds:
        """The AutoBounds that `told` described."""
        ways = tuple(Bound(**one) for one in told["ways"])
        return cls(told["risk"], told["confidence"], Bound(**told["pooled"]), ways)


@dataclass(frozen=True)
class _Decided:
    """Decisions of one way or all, best first: probabilities, and how many were wrong so far."""

    way: str
    probability: np.ndarray
    wrong: np.ndarray

    @classmethod
    def of(cls, outcomes: pl.DataFrame, way: str) -> _Decided:
        wrong = (~outcomes["right"]).cast(pl.Int64).cum_sum().to_numpy()
        return cls(way, outcomes["probability"].to_numpy(), wrong)

    def above(self, threshold: float) -> tuple[int, int]:
        """How many were decided at or above the threshold, and how many of them wrong."""
        count = int(np.searchsorted(-self.probability, -threshold, side="right"))
        return count, int(self.wrong[count - 1]) if count else 0


def auto_bounds(outcomes: pl.DataFrame, risk: float, confidence: float = 0.9) -> AutoBounds:
    """The lowest probability, by way, from which at most `risk` are wrong with this confidence.

    outcomes: OUTCOMES, any order. risk, confidence: between 0 and 1, else UsageError.
    """
    needed(risk, confidence)
    decided = outcomes_of(outcomes)
    names = sorted(decided["way"].unique(maintain_order=True).to_list())
    ways = [_Decided.of(decided.filter(pl.col("way") == name), name) for name in names]
    whole = _Decided.of(decided, _ALL)
    whole_doubt, own_doubt = _split([len(one.probability) for one in ways], risk, 1.0 - confidence)
    pooled = _tested(whole, risk, whole_doubt)
    together = tuple(_let_in(one, pooled, risk, confidence) for one in ways)
    alone = tuple(_tested(one, risk, own_doubt) for one in ways) if own_doubt else ()
    chosen = alone if _accepted(alone) > _accepted(together) else together
    return AutoBounds(risk, confidence, pooled, chosen)


def allowed(frame: pl.DataFrame, bounds: AutoBounds) -> pl.Series:
    """Whether each row's `probability` reaches the threshold of its `way`. Ties are the caller's to hold back."""
    least = pl.lit(None, pl.Float64)
    for way, threshold in bounds.thresholds.items():
        least = pl.when(pl.col("way").cast(pl.String) == way).then(threshold).otherwise(least)
    reached = (pl.col("probability") >= least) & ~pl.col("probability").is_nan()
    return frame.select(reached.fill_null(value=False).alias("allowed")).to_series()


def broken(sample: pl.DataFrame, risk: float, confidence: float = 0.9) -> bool:
    """Whether a random sample of automatic lines, checked by people, shows that more than `risk` are wrong.

    sample: OUTCOMES of the lines checked. True where so many wrong ones are less likely than the doubt under
    this risk, which is where the lower Clopper-Pearson bound lies above it. Looking again and again at a
    growing sample raises false alarms, never false peace: what follows is that people look.
    """
    needed(risk, confidence)
    checked = outcomes_of(sample)
    wrong = int((~checked["right"]).sum())
    return _at_least(wrong, checked.height, risk) < 1.0 - confidence


def needed(risk: float, confidence: float = 0.9) -> int:
    """Decisions without a wrong one that must be seen before this risk can be offered.

    Raises UsageError unless both lie between 0 and 1, ends excluded.
    """
    for name, value in (("risk", risk), ("confidence", confidence)):
        if not 0.0 < value < 1.0:
            raise UsageError(
                f"The {name} is {value:g}; give a share between 0 and 1.", setting=name, value=value
            )
    return _size(0, risk, 1.0 - confidence)


def upper_share(wrong: int, decided: int, confidence: float) -> float:
    """Upper Clopper-Pearson bound, one-sided: the largest share of wrong ones that is still believable."""
    if wrong >= decided:
        return 1.0
    low, high = wrong / decided, 1.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _at_most(wrong, decided, middle) > 1.0 - confidence else (low, middle)
    return high


def lower_share(wrong: int, decided: int, confidence: float) -> float:
    """Lower Clopper-Pearson bound, one-sided: the smallest share of wrong ones that is still believable."""
    return 1.0 - upper_share(decided - wrong, decided, confidence) if wrong else 0.0


def _split(sizes: list[int], risk: float, doubt: float) -> tuple[float, float]:
    """The doubt of the whole, and of each way with decisions enough to stand alone on its part; 0: none has."""
    largest = sorted(sizes, reverse=True) if len(sizes) > 1 else []
    for count in range(len(largest), 0, -1):
        part = doubt * _ALONE / count
        if largest[count - 1] >= _size(0, risk, part):
            return doubt * (1.0 - _ALONE), part
    return doubt, 0.0


def _tested(some: _Decided, risk: float, doubt: float) -> Bound:
    """The loosest threshold that holds: of a search from the surer half on and one from the strictest place on, where
    there are decisions enough for both, each with its part of the doubt."""
    strict = doubt * _STRICT
    if _size(0, risk, strict) >= _BEGIN * len(some.probability):
        return _searched(some, risk, doubt, 0.0)
    half, whole = _searched(some, risk, doubt - strict, _BEGIN), _searched(some, risk, strict, 0.0)
    return whole if _accepted((whole,)) > _accepted((half,)) else half


def _searched(some: _Decided, risk: float, doubt: float, begin: float) -> Bound:
    """The loosest threshold that holds, from the strictest place on that lies behind `begin` of the decisions."""
    total = len(some.probability)
    missing = max(0, _size(0, risk, doubt) - total)
    held: float | None = None
    tried = float(some.probability[-1]) if total else 1.0
    for size in _sizes(total, risk, doubt, begin):
        tried = float(some.probability[size - 1])
        count, wrong = some.above(tried)
        if _at_most(wrong, count, risk) > doubt:
            break
        held = tried
    shown = tried if held is None else held
    count, wrong = some.above(shown)
    reason = "too_short" if missing else "errors" if held is None else "holds"
    at_most = upper_share(wrong, count, 1.0 - doubt)
    return Bound(some.way, held, shown, count, wrong, at_most, reason, missing)


def _let_in(own: _Decided, pooled: Bound, risk: float, confidence: float) -> Bound:
    """The bound of all ways for one of them, unless its own decisions are few or speak against it.

    With fewer decisions than 1 / risk a single wrong one is already a greater share than the risk, so there
    none may be wrong; with more, so many wrong ones must be as likely as the doubt.
    """
    count, wrong = own.above(pooled.tried)
    at_most = upper_share(wrong, count, confidence)
    against = wrong > 0 and (count * risk < 1.0 or _at_least(wrong, count, risk) <= 1.0 - confidence)
    if pooled.threshold is None:
        reason, missing = pooled.reason, pooled.missing
    else:
        reason, missing = "contradicts" if against else "few" if count < _LET_IN else "holds", 0
    threshold = pooled.threshold if reason == "holds" else None
    return Bound(own.way, threshold, pooled.tried, count, wrong, at_most, reason, missing)


def _accepted(bounds: tuple[Bound, ...]) -> int:
    return sum(one.decided for one in bounds if one.threshold is not None)


def _sizes(total: int, risk: float, doubt: float, begin: float) -> Iterator[int]:
    """How many of the best decisions to test, fewest first: where the risk bears more wrong ones; then all."""
    wrong, size = 0, _size(0, risk, doubt)
    if size > total:
        return
    while size < total:
        if size >= begin * total:
            yield size
        wrong += max(1, wrong // _EACH)
        size = _size(wrong, risk, doubt, above=size)
    yield total


def _size(wrong: int, risk: float, doubt: float, above: int = 0) -> int:
    """The fewest decisions that bear so many wrong ones: so few would be no likelier than the doubt."""
    low, high = max(above, wrong), max(2 * above, 2 * wrong, 1)
    while _at_most(wrong, high, risk) > doubt:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _at_most(wrong, middle, risk) > doubt else (low, middle)
    return high


def _at_most(wrong: int, decided: int, risk: float) -> float:
    """Chance of at most so many wrong ones when each is wrong with chance `risk`."""
    if wrong >= decided:
        return 1.0
    if not wrong:
        return math.exp(decided * math.log1p(-risk))
    return 1.0 - _beta(wrong + 1, decided - wrong, risk)


def _at_least(wrong: int, decided: int, risk: float) -> float:
    """Chance of at least so many wrong ones."""
    return _beta(wrong, decided - wrong + 1, risk) if wrong else 1.0


def _beta(a: int, b: int, x: float) -> float:
    """Regularised incomplete beta function, by the continued fraction of NIST DLMF 8.17.22 (Lentz's way)."""
    if x <= 0.0 or x >= 1.0:
        return float(x >= 1.0)
    if x > (a + 1) / (a + b + 2):
        return 1.0 - _beta(b, a, 1.0 - x)
    scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    tiny = 1e-300
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1) or tiny)
    fraction = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1.0 / (1.0 + term * d or tiny)
            c = 1.0 + term / c or tiny
            fraction *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return math.exp(scale) * fraction / a


def _share(share: float, *, down: bool) -> str:
    """In percent to two figures of the share or its rest: `99.1 %`, `99.9987 %`, `0.17 %`.

    A threshold is rounded down and what may be wrong up, so that neither sounds better than it is.
    """
    percent = 100.0 * share
    rest = min(percent, 100.0 - percent)
    places = max(0, 1 - math.floor(math.log10(rest))) if rest > 0 else 0
    step = 10.0**places
    whole = math.floor(percent * step + 1e-9) if down else math.ceil(percent * step - 1e-9)
    figures = f"{whole / step:.{places}f}"
    return (figures.rstrip("0").rstrip(".") if places else figures) + " %"
