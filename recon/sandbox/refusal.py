"""An answer that says no: status, code and reason in the shape of the sibling API."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """Becomes `{"error": code, "details": {"reason": …, "validationErrors": {…}}}` on the wire."""

    def __init__(self, status: int, code: str, reason: str, /, **fields: str) -> None:
        super().__init__(reason)
        self.status, self.code, self.reason, self.fields = status, code, reason, fields

    @property
    def body(self) -> dict[str, Any]:
        details: dict[str, Any] = {"reason": self.reason}
        if self.fields:
            details["validationErrors"] = {name: [words] for name, words in self.fields.items()}
        return {"error": self.code, "details": details}


def invalid(reason: str, /, **fields: str) -> Refusal:
    return Refusal(400, "InvalidInput", reason, **fields)


def unauthorized(reason: str) -> Refusal:
    return Refusal(401, "Unauthorized", reason)


def not_found(what: str) -> Refusal:
    return Refusal(404, "NotFound", f"There is no such {what}.")
