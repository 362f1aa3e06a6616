"""The company's rules in its workspace: try one on the last twelve months, add, order and take away.

In: a store and the text of a rule. Out: a preview, or the rules as they stand afterwards. A rule changes nothing
that was decided or proposed: it speaks when matching runs next. Each change is an event of the audit trail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from recon.errors import UsageError
from recon.flow.workspace import Store, chart
from recon.match.rules import Rule, is_party, parse_rule, parse_rules, rule_hits
from recon.schema import History
from recon.store import preferences
from recon.store.connection import Lease

CONFLICTS: Final = ("decided", "refused", "earlier")
_ACCOUNT, _LINE = "account:", "line:"
_SHOWN = ["line_id", "booking_date", "amount_minor", "currency", "counterparty_name", "text"]


@dataclass(frozen=True)
class RulePreview:
    """What a rule would have met since a day.

    rule: its canonical text. hits: the lines it holds for, newest first: `line_id booking_date amount_minor
    currency counterparty_name text decided agrees earlier conflict`. `decided`: in words what people gave the line
    to, null while it is open; `agrees`: whether that is what the rule says. `earlier`: the rule before it that takes
    the line. `conflict`: `decided` otherwise, `refused` by a person, taken by an `earlier` rule, or null.
    doubts: what to look at before adding it, in sentences.
    """

    rule: str
    since: date
    hits: pl.DataFrame
    doubts: tuple[str, ...]

    @property
    def conflicts(self) -> pl.DataFrame:
        """The hits that speak against the rule."""
        return self.hits.drop_nulls("conflict")

    @property
    def counts(self) -> dict[str, int]:
        """`hits`, how many of them `agree` with what was decided or are `open`, and the `conflicts`."""
        return {
            "hits": self.hits.height,
            "agree": self.hits.filter("agrees").height,
            "open": self.hits["decided"].null_count(),
            "conflicts": self.conflicts.height,
        }


def preview_rule(store: Store, rule_text: str, today: date | None = None) -> RulePreview:
    """Try a rule on the booked lines of the last twelve months; nothing is changed.

    rule_text: as in `recon.match.rule_text`; a rule the workspace has is tried at its place, another at the
    end. today: the day the months are counted from, by default the workspace's. Raises UsageError where the
    rule is not understood.
    """
    rule, kept = parse_rule(rule_text), store.preferences().policy.rules
    since = _a_year_before(today or store.clock.today())
    before = kept[: kept.index(str(rule))] if str(rule) in kept else kept
    history = store.history()
    lines = history.lines.filter(pl.col("booking_date") >= since)
    met = lines.join(rule_hits(lines, [rule]), on="line_id", how="semi")
    hits = (
        met.select(_SHOWN)
        .join(_decided(met, history, rule), on="line_id", how="left")
        .join(_refused(history, rule), on="line_id", how="left")
        .join(_earlier(met, before), on="line_id", how="left")
        .with_columns(conflict=_conflict())
        .drop("refused")
        .sort("booking_date", "line_id", descending=[True, False])
    )
    return RulePreview(str(rule), since, hits, _doubts(store, rule, history.items))


def add_rule(store: Store, rule_text: str, *, by: str, place: int | None = None) -> tuple[str, ...]:
    """Keep a rule at a place from 1, by default behind all others; returns the rules as they stand now.

    Raises UsageError where the rule is not understood, is there already, or names an account that the chart
    does not have.
    """
    rule = parse_rule(rule_text)
    told = str(rule)

    def added(kept: list[str], c: Lease) -> list[str]:
        if told in kept:
            raise UsageError(
                f"The rule is there already, as number {kept.index(told) + 1}. Nothing was changed."
            )
        if words := _unknown_account(rule, {one.number for one in chart(c, store.settings.language)}):
            raise UsageError(f"{words} Nothing was changed; add the account to the chart first.")
        at = len(kept) if place is None else _position(place, len(kept) + 1)
        return [*kept[:at], told, *kept[at:]]

    return _change(store, added, by=by, added=told)


def remove_rule(store: Store, rule_text: str, *, by: str) -> tuple[str, ...]:
    """Take a rule away, named by its text as it is kept; returns the rules left. What it led to stays as it is."""

    def removed(kept: list[str], _: Lease) -> list[str]:
        at = _kept_at(kept, rule_text)
        return [*kept[:at], *kept[at + 1 :]]

    return _change(store, removed, by=by, removed=rule_text)


def move_rule(store: Store, rule_text: str, place: int, *, by: str) -> tuple[str, ...]:
    """Give a rule, named by its text as it is kept, another place from 1: of several that hold, the first counts."""

    def moved(kept: list[str], _: Lease) -> list[str]:
        at = _kept_at(kept, rule_text)
        others = [*kept[:at], *kept[at + 1 :]]
        to = _position(place, len(kept))
        return [*others[:to], rule_text, *others[to:]]

    return _change(store, moved, by=by, moved=rule_text, place=place)


def _change(
    store: Store, change: Callable[[list[str], Lease], list[str]], *, by: str, **told: Any
) -> tuple[str, ...]:
    """Read, change and keep the rules under one lease, so that two people cannot undo each other unseen."""
    with store.database.write(by) as writer:
        settings = preferences.read_setting(writer.c, "preferences", {})
        policy = settings.setdefault("policy", {})
        before = list(policy.get("rules", ()))
        policy["rules"] = change(before, writer.c)
        if policy["rules"] != before:
            preferences.write_setting(writer.c, "preferences", settings)
            writer.event("rules_changed", "rules", **told, rules=policy["rules"])
    return tuple(policy["rules"])


def _kept_at(kept: list[str], rule_text: str) -> int:
    if rule_text not in kept:
        raise UsageError(f"There is no rule “{rule_text}” any more. Nothing was changed; reload the page.")
    return kept.index(rule_text)


def _position(place: int, places: int) -> int:
    if not 1 <= place <= places:
        raise UsageError(f"A rule's place is between 1 and {places}. Nothing was changed.")
    return place - 1


def _a_year_before(today: date) -> date:
    """The first day of the twelve months that end today."""
    same_day = date(today.year - 1, today.month, min(today.day, 28) if today.month == 2 else today.day)
    return same_day + timedelta(days=1)


def _decided(met: pl.DataFrame, history: History, rule: Rule) -> pl.DataFrame:
    """`line_id decided agrees` of lines that people gave to something."""
    items = history.items.select("item_id", "kind", "document_no", of_party=is_party(rule.party or ""))
    given = history.accepted.join(met.select("line_id"), on="line_id", how="semi").join(
        items, on="item_id", how="left", maintain_order="left"
    )
    item = pl.col("item_id")
    words = (
        pl.when(item.str.starts_with(_ACCOUNT))
        .then(pl.format("account {}", item.str.strip_prefix(_ACCOUNT)))
        .when(item.str.starts_with(_LINE))
        .then(pl.lit("own transfer"))
        .otherwise(pl.format("{} {}", pl.col("kind").str.replace_all("_", " "), "document_no"))
    )
    to_account = (item == f"{_ACCOUNT}{rule.account}").all()
    # An account beside documents took what was over or short.
    documents = item.filter(~item.str.starts_with(_ACCOUNT))
    to_party = (documents.len() > 0) & pl.col("of_party").filter(~item.str.starts_with(_ACCOUNT)).fill_null(
        False
    ).all()
    return given.group_by("line_id").agg(
        decided=words.unique().sort().str.join(", "), agrees=to_account if rule.account else to_party
    )


def _refused(history: History, rule: Rule) -> pl.DataFrame:
    """`line_id refused`: lines for which a person said no to what the rule says."""
    documents = history.items.filter(is_party(rule.party or ""))["item_id"]
    named = (
        pl.col("item_id") == f"{_ACCOUNT}{rule.account}"
        if rule.account
        else pl.col("item_id").is_in(documents.implode())
    )
    return history.rejected.filter(named).select("line_id", refused=True).unique()


def _earlier(met: pl.DataFrame, before: tuple[str, ...]) -> pl.DataFrame:
    """`line_id earlier`: the rule that takes a line before this one can."""
    hits = rule_hits(met, parse_rules(before))
    texts = pl.Series("earlier", before, dtype=pl.String)
    return hits.select("line_id", earlier=texts.gather(hits["rule"] - 1))


def _conflict() -> pl.Expr:
    return (
        pl.when(pl.col("agrees").not_())
        .then(pl.lit("decided"))
        .when(pl.col("agrees").is_null() & pl.col("refused"))
        .then(pl.lit("refused"))
        .when(pl.col("earlier").is_not_null())
        .then(pl.lit("earlier"))
    )


def _doubts(store: Store, rule: Rule, items: pl.DataFrame) -> tuple[str, ...]:
    doubts = [_unknown_account(rule, set(store.erp_accounts()["number"]))]
    if rule.party and items.filter(is_party(rule.party)).is_empty():
        doubts.append(f"No document here is of the party {rule.party}.")
    return tuple(doubt for doubt in doubts if doubt)


def _unknown_account(rule: Rule, numbers: set[str]) -> str:
    known = rule.account is None or rule.account in numbers
    return "" if known else f"ERP account {rule.account} is not in the chart of accounts."
