"""Payouts: one line of an acquirer or provider pays many customers' documents of the days before, less its fee.

In: a Book, evidence for pairs, a Policy, a History. Out: drafts of kind one_to_many, documents gross, the fee as the
difference. First the fee schedule and the rhythm of each channel are learnt from all its payouts together; then each
payout is asked which sets give its amount to the last øre. What one payout surely held is no longer asked of others,
and tells which channel a customer's further documents go through. Where sets are many, nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log

import numpy as np
import polars as pl

from recon.match.book import Book
from recon.match.drafts import Drafts, drafts, nothing, numbered
from recon.match.fee_schedules import Schedule, Verdict, elected, features, votes
from recon.match.payout_channels import channel_names, channel_words, readings
from recon.match.payout_pools import Pool, classes, explained, pool_of
from recon.match.payout_sets import Likely, likely_sets
from recon.match.whole import Payouts
from recon.schema import History

LOOKED_AT_MOST = 60
"""Payouts of a channel that are gone through for its schedule: those with the fewest documents in doubt."""
ASKED_MOST = 24
"""Payouts of a channel that vote for its schedule: those of the fewest doubtful documents."""
_ALONE_MOST = 60
_ROUNDS = 8
_LEARNING = 3
_DECIDED = -20.0
SURE = 0.98
"""From where a set is held to be the payout, and its documents asked of no other."""
_HEARD = 0.5
"""How much of what one payout says of a document the others believe: they partly say it of each other."""
_EXACT, _LIKELY, _SHOWN = 0.9, 0.65, 0.2
"""From where a set is told as exact, as likely, and at all."""


@dataclass(frozen=True)
class _Channel:
    """Lines of one channel by day, how its days are read, the class it is paid from, and what it keeps."""

    number: int
    lines: np.ndarray
    minor: np.ndarray
    first: np.ndarray
    last: np.ndarray
    of: int
    schedule: Schedule


@dataclass
class _Answers:
    """line → sets of places with their probability, the likeliest first; `sure` once settled."""

    sets: dict[int, list[tuple[np.ndarray, float]]] = field(default_factory=dict)
    sure: set[int] = field(default_factory=set)


def payout_drafts(book: Book, pairs: pl.DataFrame, lines: pl.DataFrame, history: History) -> Drafts:
    """Drafts of payouts whose documents could be told; of a Book that is part of a ledger, those told of all of it.

    pairs: of evidence.pair_evidence. lines: of payout_channels.channels.
    """
    if book.whole and book.whole.payouts:
        return _told_before(book, book.whole.payouts)
    told = explained(pairs)
    if lines.is_empty():
        return nothing()
    groups = lines.partition_by("word", "c", maintain_order=True)
    words = [group["word"][0] for group in groups]
    pool = pool_of(book, told.select("i").unique(), words)
    return _as_drafts(_answered(pool, groups, decided_votes(history)), pool, book)


def by_ids(some: Drafts, book: Book) -> Payouts:
    """The drafts, told by ids."""
    named = some.legs.join(book.lines.select("l", "line_id"), on="l").join(
        book.items.select("i", "item_id"), on="i"
    )
    return Payouts(some.heads, named.select("d", "line_id", "item_id", "amount_minor", "item_amount_minor"))


def _told_before(book: Book, told: Payouts) -> Drafts:
    """Those of lines in this book whose documents are all open as they were."""
    lines = book.lines.select("l", "line_id")
    items = book.items.select("i", "item_id", item_amount_minor="open_minor")
    legs = told.legs.join(lines, on="line_id").sort("d", "item_id")
    found = legs.join(items, on=["item_id", "item_amount_minor"], how="left", maintain_order="left")
    whole = found.filter(pl.col("i").is_not_null().all().over("d"))
    some = Drafts(told.heads, drafts(told.heads.clear(), whole).legs)
    return numbered(some, whole.select("d").unique())


def _learnt(
    pool: Pool, number: int, group: pl.DataFrame, decided: dict[str, list[np.ndarray]]
) -> _Channel | None:
    """The channel with the schedule, the reading of days and the class that explain most of its payouts."""
    days, minor = group["day"].to_numpy().astype(np.int64), group["amount_minor"].to_numpy()
    best: tuple[Verdict, int, np.ndarray, np.ndarray] | None = None
    ways, before = readings(days), decided.get(group["word"][0], [])
    for of in classes(pool, number, days, int(minor.sum())):
        if best is not None and best[0].log_chance < _DECIDED:
            break
        known, doubtful = _counted(pool, number, of)
        for first, last in ways:
            places = _promising(pool, known, doubtful, first, last)
            verdict = elected(before + _ballots(pool, number, of, minor, first, last, places))
            if verdict and (best is None or verdict.log_chance < best[0].log_chance):
                best = (verdict, of, first, last)
    if best is None:
        return None
    verdict, of, first, last = best
    return _Channel(number, group["l"].to_numpy(), minor, first, last, of, verdict.schedule)


def decided_votes(history: History) -> dict[str, list[np.ndarray]]:
    """channel → votes of the payouts that people accepted: what was in them is known."""
    if history.accepted.is_empty():
        return {}
    told = history.accepted.join(history.items.select("item_id", "total_minor"), on="item_id").join(
        history.lines.select("line_id", line_minor="amount_minor", words=channel_words("counterparty_name", "text")),
        on="line_id",
    )  # fmt: skip
    several = told.filter(pl.len().over("line_id") > 1, pl.col("line_minor") > 0).drop_nulls("words")
    found: dict[str, list[np.ndarray]] = {}
    ordered = several.sort("line_id", "item_id").partition_by("line_id", maintain_order=True)
    for number, line in enumerate(ordered, 1):
        documents = features(line["total_minor"].to_numpy())
        ballot = votes(-number, line["line_minor"][0], documents.sum(axis=0), documents[:0])
        for word in channel_names(line["words"][0]):
            found.setdefault(word, []).append(ballot)
    return found


def _ballots(
    pool: Pool,
    number: int,
    of: int,
    minor: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    places: list[int],
) -> list[np.ndarray]:
    """Votes of the payouts that leave the fewest documents in doubt."""
    asked = []
    for place in places:
        base, doubtful, starts = _doubts(pool, pool.within(of, first[place], last[place]), number)
        if len(base) + len(starts) and len(starts) <= _ALONE_MOST:
            asked.append((len(starts), place, base, doubtful, starts))
    asked.sort(key=lambda one: one[:2])
    return [
        votes(
            place,
            int(minor[place]),
            features(pool.minor[base]).sum(axis=0),
            _added_up(pool, doubtful, starts),
        )
        for _, place, base, doubtful, starts in asked[:ASKED_MOST]
    ]


def _counted(pool: Pool, number: int, of: int) -> tuple[np.ndarray, np.ndarray]:
    """Running counts over the pool: unused documents of the class that may be the channel's, and those in doubt."""
    mine = (pool.of == of) & ~pool.used
    doubtful = mine & (pool.label < 0)
    known = doubtful | (mine & (pool.label == number))
    return np.append(0, np.cumsum(known)), np.append(0, np.cumsum(doubtful))


def _promising(
    pool: Pool, known: np.ndarray, doubtful: np.ndarray, first: np.ndarray, last: np.ndarray
) -> list[int]:
    """The payouts that have documents at all, those with the fewest in doubt first."""
    begin, end = np.searchsorted(pool.day, first, "left"), np.searchsorted(pool.day, last + 1, "left")
    some = np.flatnonzero(known[end] > known[begin])
    doubts = (doubtful[end] - doubtful[begin])[some]
    return some[np.argsort(doubts, kind="stable")][:LOOKED_AT_MOST].tolist()


def _doubts(pool: Pool, places: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Documents known to be the channel's, the doubtful ones by customer, and where each customer's begin."""
    label = pool.label[places]
    doubtful = places[label < 0]
    party = pool.party[doubtful]
    order = np.argsort(party, kind="stable")
    party = party[order]
    begins = np.flatnonzero(np.concatenate([[True], party[1:] != party[:-1]])) if len(party) else order
    return places[label == number], doubtful[order], begins


def _split(pool: Pool, places: np.ndarray, number: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Documents known to be the channel's, and the doubtful ones, a customer's together."""
    base, doubtful, starts = _doubts(pool, places, number)
    return base, np.split(doubtful, starts[1:]) if len(doubtful) else []


def _added_up(pool: Pool, doubtful: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """`features` of each customer's documents together."""
    worth = features(pool.minor[doubtful])
    return np.add.reduceat(worth, starts, axis=0) if len(starts) else worth


def _answered(pool: Pool, groups: list[pl.DataFrame], decided: dict[str, list[np.ndarray]]) -> _Answers:
    """Channel by channel and payout by payout, until a round settles nothing more.

    A channel whose fees do not show yet is looked at again when others' documents are out of the way.
    """
    answers = _Answers()
    known: dict[int, _Channel] = {}
    settled = -1
    for turn in range(_ROUNDS):
        if len(answers.sure) > settled and turn < _LEARNING:
            unknown = [number for number in range(len(groups)) if number not in known]
            found = {number: _learnt(pool, number, groups[number], decided) for number in unknown}
            known |= {number: channel for number, channel in found.items() if channel is not None}
        settled = len(answers.sure)
        for channel in known.values():
            _ask(pool, channel, _shares(pool, channel, known, answers), answers)
    return answers


def _ask(pool: Pool, channel: _Channel, shares: np.ndarray, answers: _Answers) -> None:
    for place, line in enumerate(channel.lines.tolist()):
        if line in answers.sure:
            continue
        places = pool.within(channel.of, int(channel.first[place]), int(channel.last[place]))
        base, atoms = _split(pool, places, channel.number)
        heads = np.array([atom[0] for atom in atoms], dtype=np.int64)
        chances = pool.chances(heads, channel.number, shares)
        found = _sets(pool, channel.schedule, base, atoms, int(channel.minor[place]), chances)
        whole = [(_members(base, atoms, mask), probability) for mask, probability in found.sets]
        answers.sets[line] = [one for one in whole if len(one[0])]
        each = found.each.clip(0.001, 0.999)
        for head, before, after in zip(heads.tolist(), chances.tolist(), each.tolist(), strict=True):
            pool.tell(head, channel.number, _HEARD * (log(after / (1 - after)) - log(before / (1 - before))))
        if answers.sets[line] and answers.sets[line][0][1] >= SURE:
            answers.sure.add(line)
            pool.used[answers.sets[line][0][0]] = True


def _members(base: np.ndarray, atoms: list[np.ndarray], mask: np.ndarray) -> np.ndarray:
    """Places of what is known and what was chosen of the doubtful."""
    chosen = [atom for atom, kept in zip(atoms, mask, strict=True) if kept]
    return np.sort(np.concatenate([base, *chosen])).astype(np.int64)


def _shares(pool: Pool, channel: _Channel, known: dict[int, _Channel], answers: _Answers) -> np.ndarray:
    """Of the money in doubt in the channel's class and time, what each known channel still has to be told."""
    begin, end = np.searchsorted(pool.day, [channel.first.min(), channel.last.max() + 1])
    places = np.arange(begin, end)
    free = places[(pool.of[places] == channel.of) & ~pool.used[places]]
    doubtful = max(int(pool.minor[free[pool.label[free] < 0]].sum()), 1)
    shares = np.zeros(pool.told.shape[1])
    for number, other in known.items():
        if other.of == channel.of:
            owed = other.minor[~np.isin(other.lines, list(answers.sure))].sum()
            owed -= pool.minor[free[pool.label[free] == number]].sum()
            shares[number] = np.clip(owed / doubtful, 0.02, 0.95)
    return shares / max(1.0, float(shares.sum()))


def _sets(
    pool: Pool, schedule: Schedule, base: np.ndarray, atoms: list[np.ndarray], minor: int, chances: np.ndarray
) -> Likely:
    doubtful = np.concatenate(atoms) if atoms else base[:0]
    starts = np.cumsum([0, *(len(atom) for atom in atoms[:-1])])
    paid = schedule.net(pool.minor[doubtful])
    net = np.add.reduceat(paid, starts) if atoms else paid
    target = minor * schedule.scale - int(schedule.net(pool.minor[base]).sum())
    gross = np.abs(pool.minor[doubtful]) if atoms else np.ones(1, dtype=np.int64)
    step = float(np.gcd.reduce(gross)) * (0.3 if schedule.fixed else 0.6) * schedule.scale
    return likely_sets(net, chances, target, schedule.slack, max(step, 1.0))


def _as_drafts(answers: _Answers, pool: Pool, book: Book) -> Drafts:
    rows = []
    for line in sorted(answers.sets):
        for places, probability in answers.sets[line]:
            if probability >= _SHOWN and not (pool.used[places].any() and line not in answers.sure):
                rows.append((line, probability, pool.i[places].tolist()))
    if not rows:
        return nothing()
    schema = {"l": pl.UInt32, "probability": pl.Float64, "i": pl.List(pl.UInt32)}
    found = pl.DataFrame(rows, schema=schema, orient="row").with_row_index("d")
    legs = found.explode("i").join(book.items.select("i", "open_minor"), on="i", maintain_order="left")
    sums = legs.group_by("d", maintain_order=True).agg(gross=pl.col("open_minor").sum(), count=pl.len())
    heads = found.join(sums, on="d", maintain_order="left").join(
        book.lines.select("l", "amount_minor"), on="l", maintain_order="left"
    )
    gap, alone = pl.col("amount_minor") - pl.col("gross"), pl.col("count") == 1
    likely, only_one = pl.col("probability") >= _LIKELY, pl.col("probability") >= _EXACT
    heads = heads.with_columns(
        kind=pl.when(alone).then(pl.lit("one_to_one")).otherwise(pl.lit("one_to_many")),
        way=pl.lit("payout"),
        difference_minor=gap,
        difference_kind=pl.when(gap == 0).then(pl.lit("none")).otherwise(pl.lit("fee")),
        amount_says=pl.when(only_one).then(pl.lit("sum_payout")).otherwise(pl.lit("sum_fee")),
        name_says=pl.when(likely).then(pl.lit("channel")),
        kind_says=pl.when(only_one | ~likely).then(pl.lit("fits")),
    )
    legs = legs.select("d", "l", "i", amount_minor="open_minor", item_amount_minor="open_minor")
    return drafts(heads, legs)
