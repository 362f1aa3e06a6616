"""The model in use: the last one that beat the one before it, and how far the company lets it act.

In: a store, or a kept row. Out: a Model whose version is proved by its content, or None while the stated weights are
used. Never writes anything.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from recon.errors import IntegrityAlarm
from recon.flow.workspace import Preferences, Store
from recon.match.weights import STATED, Model
from recon.store import models


def model_in_use(store: Store) -> Model | None:
    """The model in use; None while the stated weights are. Raises IntegrityAlarm where it is not what was kept."""
    with store.database.read() as c:
        return model_of(models.kept(c))


def model_of(row: dict[str, Any] | None) -> Model | None:
    """The model that a row of `store.models` holds. Raises IntegrityAlarm where it is not what was written."""
    if row is None:
        return None
    model = Model.of_told(row["told"])
    if model.version != row["version"]:
        raise IntegrityAlarm(
            f"The kept model {row['version']} is not what was written. Nothing was changed; restore a backup."
        )
    return model


def held_to(model: Model | None, chosen: Preferences) -> Model | None:
    """The model, without its bounds where the company lets only full references act.

    Then, without a model, the stated one: proposing with none at all would measure bounds on the decisions so far.
    """
    only_references = chosen.auto.on and not chosen.auto.measured
    if model is None:
        return STATED if only_references else None
    return replace(model, bounds=()) if only_references else model
