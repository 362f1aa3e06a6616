"""One call to the bank: asked within limits, repeated where that is safe, refused in words.

In: method, path, body. Out: a finished answer, or one decoded into a struct of `wire.py`.
Never: the bank's own error text, which may hold internals, shown to anybody.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
import msgspec

from recon.bank.limits import BANK, BoundedTransport, Limits, Server, safe_address
from recon.errors import (
    AnswerMalformed,
    BankError,
    BankUnavailable,
    ConsentExpired,
    ConsentMissing,
    RateLimited,
    UsageError,
)

log = logging.getLogger("recon.bank")
T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """What to ask. `what` names it for people and logs; `repeatable` says that asking twice does no harm.

    body is sent as JSON, form as a form; at most one of them.
    """

    what: str
    method: str
    path: str
    repeatable: bool
    body: Mapping[str, object] | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Caller:
    """Carries calls to the base address. `sleep`, `chance` and `ticks` are given by tests.

    server: how words name the other side; an ERP is asked within the same limits as the bank.
    """

    def __init__(
        self,
        base_url: str,
        now: Callable[[], datetime],
        transport: httpx.BaseTransport | None = None,
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        ticks: Callable[[], float] = time.monotonic,
        server: Server = BANK,
    ) -> None:
        self._server = server
        if not safe_address(base_url):
            raise UsageError(
                f"{server.setting} must begin with https:// (http:// only for this machine) and hold no "
                "user name. Nothing was sent; mend the setting."
            )
        self.limits = limits or Limits()
        self._now, self._sleep, self._chance, self._ticks = now, sleep, chance, ticks
        inner = transport or httpx.HTTPTransport(trust_env=False)
        self._http = httpx.Client(
            base_url=base_url,
            transport=BoundedTransport(inner, httpx.URL(base_url), self.limits, ticks, server),
            timeout=httpx.Timeout(self.limits.read_s, connect=self.limits.connect_s),
            headers={"Accept": "application/json"},
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        self._http.close()

    def pause(self, seconds: float) -> None:
        """Wait so long."""
        self._sleep(seconds)

    def send(self, call: Call, auth: httpx.Auth | None = None) -> httpx.Response:
        """The answer, whatever its status below 500 and other than 429.

        Repeats a repeatable call after a failed connection or 5xx, up to `limits.tries` tries in all.
        Raises BankUnavailable and RateLimited (seconds in `retry_after`).
        """
        deadline = self._ticks() + self.limits.total_s
        last_try = self.limits.tries if call.repeatable else 1
        for number in range(1, last_try + 1):
            try:
                return self._once(call, auth, deadline)
            except _TryAgain as trouble:
                wait = min(8.0, 0.5 * 2**number) * (0.5 + self._chance())
                if number == last_try or self._ticks() + wait > deadline:
                    raise BankUnavailable(
                        f"{self._server.begins} did not answer ({trouble}) when asked for {call.what}. Nothing was "
                        "changed; try again later.",
                        what=call.what,
                    ) from None
                log.warning("%s: %s, asking again (%d of %d)", call.what, trouble, number, last_try)
                self._sleep(wait)
        raise AssertionError("unreachable: the last try returns or raises")

    def read(self, answer: httpx.Response, shape: type[T], call: Call) -> T:
        """The answer of a call as a struct of `wire.py`. Raises the error its status asks for."""
        if answer.status_code != 200:
            raise self._refusal(answer.status_code, call)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise self._malformed(call, f"its content type is {kind[:60] or 'missing'}")
        try:
            return msgspec.json.decode(answer.content, type=shape)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise self._malformed(call, str(error)) from None

    def ask(self, call: Call, shape: type[T], auth: httpx.Auth | None = None) -> T:
        """`send` and `read` in one."""
        return self.read(self.send(call, auth), shape, call)

    def _once(self, call: Call, auth: httpx.Auth | None, deadline: float) -> httpx.Response:
        request = self._http.build_request(
            call.method,
            call.path,
            params=call.query or None,
            json=call.body,
            data=call.form,
            headers=dict(call.headers),
        )
        request.extensions["deadline"] = deadline
        try:
            answer = self._http.send(request, auth=auth)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _TryAgain("no connection") from error
        except httpx.DecodingError:
            raise self._malformed(call, "its compression is damaged") from None
        except httpx.TransportError as error:
            raise BankUnavailable(
                f"The connection to {self._server.inside} broke ({type(error).__name__}) when asked for {call.what}. "
                "Nothing of the answer was kept; try again later.",
                what=call.what,
            ) from None
        if answer.status_code >= 500:
            raise _TryAgain(f"status {answer.status_code}")
        if answer.status_code == 429:
            raise self._limited(answer, call)
        return answer

    def _limited(self, answer: httpx.Response, call: Call) -> RateLimited:
        seconds = retry_after(answer.headers.get("retry-after"), self._now(), self.limits)
        return RateLimited(
            f"{self._server.begins} asks to wait {seconds} s before asking for {call.what} again. Nothing was changed.",
            retry_after=seconds,
            what=call.what,
        )

    def _refusal(self, status: int, call: Call) -> Exception:
        log.warning("%s: the bank answered %d", call.what, status)
        if status == 401:
            return ConsentExpired(
                f"The bank does not take our access any more when asked for {call.what}. Nothing was "
                "changed; renew the consent under Bank accounts.",
                what=call.what,
            )
        if status == 404 and call.path.startswith("/v1/accounts/"):
            return BankError(
                "The bank no longer has this account. What is stored here stays; renew the consent, or switch "
                "the account off.",
                what=call.what,
                status=status,
            )
        if status in (403, 404) and call.path.startswith(("/v1/accounts", "/v1/update", "/v1/consent")):
            return ConsentMissing(
                f"The bank does not let us read {call.what} ({status}): the permission does not cover it, or "
                "it is gone at the bank. What is stored here stays; renew the consent, or switch the account "
                "off.",
                what=call.what,
            )
        if 300 <= status < 400:
            return self._malformed(call, "it sends us to another address, which is not followed")
        return BankError(
            f"{self._server.begins} refused to give {call.what} (status {status}). Nothing was changed; if it "
            "stays so, show this message to whoever set up the bank connection.",
            what=call.what,
            status=status,
        )

    def _malformed(self, call: Call, why: str) -> AnswerMalformed:
        return AnswerMalformed(
            f"{self._server.begins}'s answer for {call.what} cannot be read: {why}. Nothing of it was kept; try "
            "again later.",
            what=call.what,
        )


class _TryAgain(Exception):
    """No answer, or a 5xx: may be asked again where that is safe."""


def retry_after(text: str | None, now: datetime, limits: Limits) -> int:
    """Whole seconds of a Retry-After header (seconds or date, RFC 9110 10.2.3), clamped to the limits."""
    seconds = float(limits.wait_unknown_s)
    if text and text.strip().isdecimal():
        seconds = float(text.strip()[:9])
    elif text:
        try:
            until = parsedate_to_datetime(text)
            seconds = (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
        except ValueError:
            log.warning("a Retry-After that cannot be read was taken as %d s", limits.wait_unknown_s)
    return int(min(max(seconds, limits.wait_min_s), limits.wait_max_s))
