"""What each piece of evidence weighs, in log2 odds: the stated weights, and the model that may replace them.

A weight of +3 says: eight times likelier if the pair is right. `prior` is what a pair is worth before any
evidence, against "none of these" at 0. Stated weights are judgement held against what public figures say of
Nordic statements; `recon.match.learn` draws them toward what a ledger's own references and decisions show.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from recon.match.booking_weights import RULE_WEIGHTS
from recon.match.bound import AutoBounds
from recon.match.calibrate import Curves

PRIORS: Mapping[str, float] = {
    "one_to_one": -5.0,
    "partial": -5.0,
    "one_to_many": -5.0,
    "many_to_one": -5.0,
    "many_to_many": -6.0,
    "transfer": -5.0,
    "rule": -5.0,
}

WEIGHTS: Mapping[tuple[str, str], float] = {
    # The payment reference. A structured one is the payee's own, given back by the bank.
    ("reference", "structured"): 20.0,
    ("reference", "printed"): 19.0,
    ("reference", "digits"): 17.0,
    ("reference", "digits_short"): 12.5,
    ("reference", "joined"): 13.0,
    ("reference", "near"): 12.0,
    ("reference", "other"): -9.0,
    ("reference", "settled"): -4.0,
    ("reference", "foreign"): -4.0,
    # The document number in the text; crowded and dense number series are hit by chance.
    ("document_no", "exact"): 17.0,
    ("document_no", "crowded"): 14.0,
    ("document_no", "dense"): 12.0,
    ("document_no", "tail"): 11.0,
    ("document_no", "joined"): 10.0,
    ("document_no", "near"): 10.0,
    ("document_no", "all_named"): 16.0,
    ("document_no", "first_named"): 14.5,
    ("document_no", "some_named"): 13.0,
    ("document_no", "weakly_named"): 9.0,
    ("document_no", "other"): -5.0,
    # The amount, by how many open documents of the time ask for the same.
    ("amount", "exact_rare"): 6.0,
    ("amount", "exact_unique"): 4.5,
    ("amount", "exact_few"): 3.0,
    ("amount", "exact_some"): 1.0,
    ("amount", "exact_common"): -1.5,
    ("amount", "exact_dense"): -4.0,
    ("amount", "tolerance"): -2.0,
    ("amount", "discount"): -3.0,
    ("amount", "fee"): -4.0,
    ("amount", "fx_stated"): 3.0,
    ("amount", "fx_rate"): -2.0,
    ("amount", "fx_loose"): -6.0,
    ("amount", "equal_part"): -6.0,
    ("amount", "equal_part_again"): 1.5,
    ("amount", "partial"): -8.0,
    ("amount", "partial_unnamed"): -9.0,
    ("amount", "overpaid"): -9.0,
    ("amount", "overpaid_unnamed"): -11.0,
    ("amount", "sum_named"): 6.0,
    ("amount", "sum_discount"): 0.0,
    ("amount", "sum_fee"): -1.0,
    ("amount", "sum_all"): 4.5,
    ("amount", "sum_run"): 3.0,
    ("amount", "sum_netted"): 3.0,
    ("amount", "sum_few"): 1.5,
    ("amount", "sum_some"): 0.0,
    ("amount", "sum_rate"): -1.0,
    ("amount", "sum_payout"): 7.0,
    ("amount", "sum_instalments"): 7.0,
    ("amount", "sum_rest"): -1.0,
    ("amount", "sum_parts"): 2.5,
    ("amount", "opposite_unique"): 5.0,
    ("amount", "opposite_common"): 2.5,
    ("amount", "opposite_rate"): 2.0,
    # The other party, the best first: of several levels the earlier one is said.
    ("name", "rule"): 10.0,
    ("name", "refused"): -5.0,
    ("name", "exact"): 10.0,
    ("name", "memory"): 9.0,
    ("name", "in_text"): 9.0,
    ("name", "cut"): 9.0,
    ("name", "close"): 8.5,
    ("name", "channel"): 6.0,
    ("name", "near"): 6.0,
    ("name", "partial"): 3.5,
    ("name", "word"): 3.0,
    ("name", "differs"): -4.0,
    ("account", "same"): 10.0,
    ("account", "memory"): 10.0,
    ("account", "own"): 9.0,
    ("account", "other"): -2.0,
    ("account", "stranger"): -4.0,
    ("customer", "exact"): 9.0,
    ("customer", "dense"): 7.0,
    # The day against the due day, or the issue day where no due day is known.
    ("date", "far_before"): -1.5,
    ("date", "early"): -0.5,
    ("date", "before"): 0.5,
    ("date", "on_day"): 2.0,
    ("date", "after"): 1.0,
    ("date", "late"): -0.5,
    ("date", "later"): -1.5,
    ("date", "much_later"): -2.5,
    ("date", "very_late"): -3.5,
    ("date", "before_issue"): -4.0,
    ("date", "same_days"): 1.0,
    ("date", "days_apart"): -1.5,
    # The day against what this party usually does.
    ("habit", "usual"): 1.5,
    ("habit", "unusual"): -1.5,
    # Whether the document should have been paid by the last day of the statement.
    ("due", "by_now"): 1.5,
    ("due", "hardly"): -1.0,
    # What the bank says the movement is.
    ("kind", "fits"): 1.0,
    ("kind", "inward"): 4.0,
    ("kind", "against"): -3.0,
    ("parts", "all_named"): 12.0,
    ("parts", "some_named"): 9.0,
    # An earlier line pays the same document in full.
    ("order", "later"): -8.0,
    # Bookings to an ERP account.
    **RULE_WEIGHTS,
}

FEATURES: tuple[str, ...] = tuple(dict.fromkeys(feature for feature, _ in WEIGHTS))
LEVELS: Mapping[str, pl.Enum] = {
    feature: pl.Enum([level for name, level in WEIGHTS if name == feature]) for feature in FEATURES
}
"""Levels of each feature, as a type: small numbers in frames, words where people look."""

WAYS = pl.Enum(
    ["reference", "number", "party", "amount", "part", "fx", "named", "all", "run", "some", "payout",
     "instalments", "parts", "transfer", "rule", "booking"]
)  # fmt: skip
"""How a draft came to be found; calibration and the bound on risk are kept for each."""


DOUBTS: Mapping[str, float] = {
    "reference": 0.0005, "number": 0.004, "party": 0.003, "amount": 0.01, "part": 0.04, "fx": 0.003, "named": 0.005,
    "all": 0.005, "run": 0.01, "some": 0.02, "payout": 0.02, "instalments": 0.001, "parts": 0.001, "transfer": 0.001,
    "rule": 0.005, "booking": 0.02,
}  # fmt: skip
"""How often each way is wrong however much speaks for it: slips in the books themselves, which no weight can see."""


def says(feature: str, level: str) -> pl.Expr:
    """The level as a value of its feature's type; an unknown level is an error at once."""
    return pl.lit(level, dtype=LEVELS[feature])


def silent(feature: str) -> pl.Expr:
    return pl.lit(None, dtype=LEVELS[feature])


@dataclass(frozen=True)
class Model:
    """Weights for every level, priors by kind, and what decided history says of how right they are.

    decisions: how many decided lines shaped it. curves: raw → calibrated probability. bounds: from where a
    proposal may be accepted without a person, for risks that companies name. Plain values: it can be kept as JSON.
    """

    weights: Mapping[tuple[str, str], float] = field(default_factory=lambda: dict(WEIGHTS))
    priors: Mapping[str, float] = field(default_factory=lambda: dict(PRIORS))
    decisions: int = 0
    curves: Curves | None = None
    bounds: tuple[AutoBounds, ...] = ()

    def bound(self, risk: float) -> AutoBounds | None:
        """The loosest of its bounds that keeps to this risk; None where it has none so strict."""
        kept = [one for one in self.bounds if one.risk <= risk]
        return max(kept, key=lambda one: one.risk, default=None)

    def levels(self, feature: str) -> list[float]:
        """Weights of one feature in the order of its type."""
        return [self.weights.get((feature, level), 0.0) for level in LEVELS[feature].categories]

    @property
    def version(self) -> str:
        """A digest of everything in it: the same lessons have the same version."""
        told = json.dumps(self.told(), sort_keys=True, separators=(",", ":"))
        return "m_" + hashlib.blake2b(told.encode(), digest_size=6).hexdigest()

    def told(self) -> dict[str, Any]:
        """Plain values for JSON; `of_told` reads them back as an equal value."""
        return {
            "weights": {
                f"{feature}:{level}": weight for (feature, level), weight in sorted(self.weights.items())
            },
            "priors": dict(sorted(self.priors.items())),
            "decisions": self.decisions,
            "curves": self.curves and self.curves.told(),
            "bounds": [one.told() for one in self.bounds],
        }

    @classmethod
    def of_told(cls, told: dict[str, Any]) -> Model:
        """The Model that `told` described."""
        weights = {tuple(name.split(":", 1)): float(weight) for name, weight in told["weights"].items()}
        return cls(
            weights=weights,  # type: ignore[arg-type]
            priors={kind: float(weight) for kind, weight in told["priors"].items()},
            decisions=int(told["decisions"]),
            curves=told["curves"] and Curves.of_told(told["curves"]),
            bounds=tuple(AutoBounds.of_told(one) for one in told["bounds"]),
        )


STATED = Model()
