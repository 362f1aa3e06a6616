"""What each piece of evidence weighs, in log2 odds: the stated weights, and the model that may replace them.

A weight of +3 says: eight times likelier if the pair is right. `prior` is what a pair is worth before any
evidence. Stated weights are set by judgement and by what public figures say of Danish statements; they are
not measured on the company's own decisions, which is why results say `calibrated=False`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FEATURES = ("reference", "document_no", "amount", "name", "account", "date", "kind", "parts", "order")

PRIORS: Mapping[str, float] = {
    "one_to_one": -7.0,
    "partial": -7.0,
    "one_to_many": -9.0,
    "many_to_one": -9.0,
    "transfer": -6.0,
}

WEIGHTS: Mapping[tuple[str, str], float] = {
    # The payment reference. A structured one is the payee's own, given back by the bank.
    ("reference", "structured"): 16.0,
    ("reference", "printed"): 15.0,
    ("reference", "digits"): 11.0,
    ("reference", "digits_short"): 6.0,
    ("reference", "joined"): 7.0,
    ("reference", "other"): -9.0,
    ("reference", "settled"): -4.0,
    ("reference", "foreign"): -5.0,
    # The document number in the text; crowded and dense number series are hit by chance.
    ("document_no", "exact"): 9.0,
    ("document_no", "crowded"): 6.0,
    ("document_no", "dense"): 3.5,
    ("document_no", "tail"): 4.0,
    ("document_no", "joined"): 4.0,
    ("document_no", "all_named"): 11.0,
    ("document_no", "other"): -5.0,
    # The amount, by how many open documents ask for the same.
    ("amount", "exact_rare"): 6.0,
    ("amount", "exact_unique"): 5.0,
    ("amount", "exact_few"): 3.5,
    ("amount", "exact_common"): 2.0,
    ("amount", "tolerance"): 3.0,
    ("amount", "fee"): 1.0,
    ("amount", "fx_stated"): 5.0,
    ("amount", "fx_rate"): 2.0,
    ("amount", "partial"): -2.0,
    ("amount", "overpaid"): -4.0,
    ("amount", "sum_named"): 6.0,
    ("amount", "sum_fee"): 2.5,
    ("amount", "sum_all"): 7.0,
    ("amount", "sum_run"): 5.5,
    ("amount", "sum_some"): 3.5,
    ("amount", "sum_instalments"): 7.0,
    ("amount", "opposite_unique"): 7.0,
    ("amount", "opposite_common"): 4.0,
    # The other party.
    ("name", "exact"): 6.0,
    ("name", "prefix"): 5.5,
    ("name", "in_text"): 5.0,
    ("name", "close"): 4.5,
    ("name", "partial"): 2.5,
    ("name", "memory"): 6.0,
    ("name", "differs"): -3.0,
    ("account", "same"): 8.0,
    ("account", "memory"): 7.0,
    ("account", "own"): 9.0,
    ("account", "stranger"): -4.0,
    # The day against the due day, or the issue day where no due day is known.
    ("date", "on_day"): 1.5,
    ("date", "near"): 0.5,
    ("date", "early"): -1.0,
    ("date", "late"): -1.5,
    ("date", "very_late"): -3.0,
    ("date", "before_issue"): -4.0,
    ("date", "same_days"): 1.0,
    # What the bank says the movement is.
    ("kind", "fits"): 1.0,
    ("kind", "against"): -3.0,
    ("parts", "all_named"): 12.0,
    # An earlier line pays the same document in full.
    ("order", "later"): -6.0,
}


@dataclass(frozen=True)
class Model:
    """Weights for every level and priors by kind. `decisions` is how many accepted pairs shaped them."""

    weights: Mapping[tuple[str, str], float] = field(default_factory=lambda: dict(WEIGHTS))
    priors: Mapping[str, float] = field(default_factory=lambda: dict(PRIORS))
    decisions: int = 0

    def levels(self, feature: str) -> dict[str, float]:
        """Level → weight of one feature."""
        return {level: weight for (name, level), weight in self.weights.items() if name == feature}


STATED = Model()
