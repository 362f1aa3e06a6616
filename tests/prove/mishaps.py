"""What can go wrong with one HTTP call: the bank heard it or did not, and what came back is not what was agreed.

In: a request, a way to ask the bank, the number of the case. Out: an answer, or the error that httpx would raise.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from tests.prove.in_process import Pieces, Wire

Mishap = Callable[[httpx.Request, Wire, int], httpx.Response]

RETRY_AFTER = (None, "soon", "-5", "0", "7", "999999999999", "Sat, 31 Oct 2026 09:00:00 GMT", "1e3", "")
JSON = {"content-type": "application/json"}


def refused(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    raise httpx.ConnectError("refused")


def silent(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    """The bank did what was asked, and the answer never came."""
    ask(request)
    raise httpx.ReadTimeout("silent")


def torn(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    """The line breaks in the middle of the body."""
    answer = ask(request)
    half = answer.content[: len(answer.content) // 2]
    return _as(answer, Pieces([half], httpx.ReadError("reset")))


def error_500(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    return httpx.Response(500, html="<h1>500</h1><pre>eyJhbGciOi.secret.insides</pre>")


def error_502(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    """Done at the bank, lost at the door."""
    ask(request)
    return httpx.Response(502)


def too_many(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    wait = RETRY_AFTER[case % len(RETRY_AFTER)]
    return httpx.Response(429, headers={} if wait is None else {"retry-after": wait})


def unauthorized(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    return httpx.Response(401, json={"error": "Unauthorized"})


def forbidden(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    return httpx.Response(403, json={"error": "Forbidden"})


def not_found(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    return httpx.Response(404, json={"error": "NotFound"})


def bad_request(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    return httpx.Response(400, json={"error": "InvalidInput"})


def web_page(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    return httpx.Response(200, html="<html>We are down for maintenance</html>")


def cut_short(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    """A proxy ends the body early and says nothing of it."""
    answer = ask(request)
    return _as(answer, Pieces([answer.content[: len(answer.content) * 2 // 3]]))


def other_type(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    return httpx.Response(200, content=ask(request).content, headers={"content-type": "text/plain"})


def no_text(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    return httpx.Response(200, content=b'{"accounts": "\xff\xfe"}', headers=JSON)


def not_packed(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    """Says gzip and is none."""
    return httpx.Response(
        200, headers=JSON | {"content-encoding": "gzip"}, stream=Pieces([ask(request).content])
    )


def flooded(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    """Eleven megabytes of blanks around a right answer."""
    answer = ask(request)
    return _as(answer, Pieces([*[b" " * 1_000_000] * 11, answer.content]))


def sent_away(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    return httpx.Response(302, headers={"location": "https://evil.example/v1/accounts"})


def same_mark(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    """The next page's mark is this page's own, or one of nobody's."""
    mark = json.loads(request.content or b"{}").get("pagingToken") or "nobody's"
    return _altered(
        ask(request), lambda told: told | ({"pagingToken": mark} if "pagingToken" in told else {})
    )


def early_end(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    """The list ends at this page without a word."""
    return _altered(
        ask(request), lambda told: told | ({"pagingToken": None} if "pagingToken" in told else {})
    )


def strange_fields(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    """Fields that nobody knows yet: the one thing here that must do no harm."""
    return _altered(ask(request), lambda told: _every_object(told, lambda one: one | {"newInV2": {"a": [1]}}))


def without_ids(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    """What cannot be done without is missing."""
    gone = {"id", "access_token", "state"}
    return _altered(
        ask(request),
        lambda told: _every_object(told, lambda one: {k: v for k, v in one.items() if k not in gone}),
    )


def no_number(request: httpx.Request, ask: Wire, case: int) -> httpx.Response:
    """NaN where money should be: as JSON has no word for it, as text, and as a figure beyond all measure."""
    word = ("NaN", '"NaN"', "1e999999", '"Infinity"', "-0.001")[case % 5]
    text = json.dumps(_every_object(ask(request).json(), _marked)).replace('"@"', word)
    return httpx.Response(200, content=text, headers=JSON)


MISHAPS: dict[str, Mishap] = {
    "connection refused": refused,
    "no answer in time": silent,
    "reset in the middle": torn,
    "500 with a page": error_500,
    "502 after the deed": error_502,
    "429": too_many,
    "400": bad_request,
    "401": unauthorized,
    "403": forbidden,
    "404": not_found,
    "a page instead of JSON": web_page,
    "JSON cut short": cut_short,
    "another content type": other_type,
    "bytes that are no text": no_text,
    "damaged compression": not_packed,
    "too long a body": flooded,
    "a redirect": sent_away,
    "a page mark that repeats": same_mark,
    "a list that ends early": early_end,
    "unknown fields": strange_fields,
    "missing fields": without_ids,
    "amounts that are none": no_number,
}
HARMLESS = {"unknown fields"}
ONCE = {"a list that ends early"}
"""Said every time, it is the truth as far as anybody can see."""


def _as(answer: httpx.Response, stream: Pieces) -> httpx.Response:
    return httpx.Response(answer.status_code, headers=dict(JSON), stream=stream)


def _altered(answer: httpx.Response, change: Callable[[Any], Any]) -> httpx.Response:
    if answer.status_code != 200:
        return answer
    return httpx.Response(200, json=change(answer.json()))


def _every_object(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, dict):
        return change({name: _every_object(one, change) for name, one in value.items()})
    return [_every_object(one, change) for one in value] if isinstance(value, list) else value


def _marked(one: dict[str, Any]) -> dict[str, Any]:
    return one | {name: "@" for name in ("value", "expires_in") if name in one}
