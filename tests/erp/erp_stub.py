"""ERPs on this machine that answer in the published shapes. What is booked in them reads like a table."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

# number  customer               total       open       issued        due           currency
BOOKED = (
    ("1001", "Ærø Bådværft ApS", "1250.00", "1250.00", "2026-10-01", "2026-10-15", "DKK"),
    ("1002", "Fjelltopp AS", "800.50", "300.50", "2026-10-02", "2026-10-16", "NOK"),
    ("1003", "Hotel Skagen ApS", "90.10", "0", "2026-10-03", "2026-10-17", "DKK"),
    ("1004", "Ærø Bådværft ApS", "-250.00", "-250.00", "2026-10-04", "2026-10-18", "DKK"),
)
TOKENS = {
    "economic": {"APP_SECRET": "app", "TOKEN": "granted-e"},
    "dinero": {"TOKEN": "key", "CLIENT_ID": "client", "CLIENT_SECRET": "hush", "ORGANIZATION": "4711"},
    "billy": {"TOKEN": "token-b"},
    "fenerum": {"TOKEN": "token-f"},
}


@dataclass
class Books:
    """What is booked at the ERP, and what was asked of it: `method path`."""

    rows: list[tuple[str, ...]] = field(default_factory=lambda: list(BOOKED))
    asked: list[str] = field(default_factory=list)
    page_size: int = 3

    def page(self, rows: list[Any], number: int) -> list[Any]:
        return rows[number * self.page_size : (number + 1) * self.page_size]

    def books(self, number: str, still_open: str) -> None:
        """Let the ERP say so much is open."""
        self.rows = [(*row[:3], still_open, *row[4:]) if row[0] == number else row for row in self.rows]

    def drops(self, number: str) -> None:
        self.rows = [row for row in self.rows if row[0] != number]


def amount(text: str) -> Any:
    """A JSON number just as written."""
    return _Written(text)


class _Written(float):
    """json writes a float by its repr: here the very text, so that no test depends on rounding."""

    def __new__(cls, text: str) -> _Written:
        made = super().__new__(cls, text)
        made.text = text
        return made

    def __repr__(self) -> str:
        return self.text


def economic(books: Books, path: str, query: dict[str, str], headers: Any) -> tuple[int, Any]:
    if (headers["X-AppSecretToken"], headers["X-AgreementGrantToken"]) != ("app", "granted-e"):
        return 401, {"message": "Access is denied"}
    if path != "/invoices/booked":
        return 404, {}
    rows = books.page(books.rows, int(query["skippages"]))
    return 200, {
        "collection": [
            {
                "bookedInvoiceNumber": int(number),
                "date": issued,
                "dueDate": due,
                "currency": currency,
                "grossAmount": amount(total),
                "remainder": amount(still_open),
                "customer": {"customerNumber": 107, "self": "https://restapi.e-conomic.com/customers/107"},
                "recipient": {"name": name, "cvr": "25313763", "vatZone": {"vatZoneNumber": 1}},
                "notes": {"heading": "Hardware"},
            }
            for number, name, total, still_open, issued, due, currency in rows
        ],
        "pagination": {"skipPages": int(query["skippages"]), "results": len(books.rows)},
    }


def billy(books: Books, path: str, query: dict[str, str], headers: Any) -> tuple[int, Any]:
    if headers["X-Access-Token"] != "token-b":
        return 401, {"errorCode": "UNAUTHORIZED"}
    name = path.removeprefix("/v2/")
    of = {"invoices": books.rows, "bills": books.rows[:1], "contacts": sorted({row[1] for row in books.rows})}
    if name not in of:
        return 404, {}
    rows = books.page(of[name], int(query["page"]) - 1)
    made = [
        {"id": f"c-{row}", "name": row, "registrationNo": "25313763"}
        if name == "contacts"
        else _billy_document(name, *row)
        for row in rows
    ]
    return 200, {name: made, "meta": {"paging": {"page": int(query["page"]), "total": len(of[name])}}}


def _billy_document(
    of: str, number: str, name: str, total: str, still_open: str, issued: str, due: str, currency: str
) -> dict[str, Any]:
    credit = total.startswith("-")
    return {
        "id": f"{of}-{number}",
        "type": "creditNote" if credit else of.removesuffix("s"),
        "invoiceNo" if of == "invoices" else "suppliersInvoiceNo": number,
        "contactId": f"c-{name}",
        "entryDate": issued,
        "dueDate": due,
        "currencyId": currency,
        "amount": amount(str(Decimal(total.lstrip("-")) - Decimal("18.02"))),
        "tax": 18.02,
        "balance": amount(still_open.lstrip("-")),
        "state": "approved",
    }


def dinero(books: Books, path: str, query: dict[str, str], headers: Any) -> tuple[int, Any]:
    if headers["Authorization"] != "Bearer hour":
        return 401, {}
    kind, *rest = path.removeprefix("/v1/4711/").removeprefix("sales/").split("/")
    of = [row for row in books.rows if row[2].startswith("-") is (kind == "creditnotes")]
    if not rest:
        rows = books.page(of, int(query["page"]))
        return 200, {
            "Collection": [
                {
                    "Guid": f"g-{number}",
                    "Number": int(number),
                    "ContactName": name,
                    "Date": issued,
                    "PaymentDate": due,
                    "Currency": currency,
                    "Status": "Booked" if still_open != "0" else "Paid",
                    "TotalInclVat": amount(total.lstrip("-")),
                }
                for number, name, total, still_open, issued, due, currency in rows
            ],
            "Pagination": {"Page": int(query["page"]), "Result": len(of)},
        }
    row = next(row for row in of if f"g-{row[0]}" == rest[0])
    if rest[1:] == ["payments"]:
        return 200, {"RemainingAmount": amount(row[3].lstrip("-")), "Payments": []}
    return 200, {"Guid": rest[0], "fikCode": "+71000000012345674+12345678"}


def fenerum(books: Books, path: str, query: dict[str, str], headers: Any) -> tuple[int, Any]:
    if headers["Authorization"] != "Token token-f":
        return 401, {"detail": "Invalid token."}
    rows = books.page(books.rows, int(query["page"]) - 1)
    made = [
        {
            "uuid": f"u-{number}",
            "invoice_number": number,
            "recipient_name": name,
            "gross_amount": total,
            "remaining_amount": amount(still_open),
            "invoice_date": issued,
            "due_date": due,
            "currency": currency,
        }
        for number, name, total, still_open, issued, due, currency in rows
    ]
    return 200, {"count": len(books.rows), "next": None, "results": made}


ERPS = {"economic": economic, "billy": billy, "dinero": dinero, "fenerum": fenerum}


@contextmanager
def served(name: str, books: Books) -> Iterator[str]:
    """The address of an ERP that knows these books."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            books.asked.append(f"GET {asked.path}")
            query = {key: values[0] for key, values in parse_qs(asked.query).items()}
            self._answer(*ERPS[name](books, asked.path, query, self.headers))

        def do_POST(self) -> None:
            """Dinero's login; nothing else may be written."""
            books.asked.append(f"POST {self.path}")
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            pair = base64.b64encode(b"client:hush").decode()
            good = (
                self.path == "/dineroapi/oauth/token"
                and form["password"] == form["username"] == ["key"]
                and self.headers["Authorization"] == f"Basic {pair}"
            )
            self._answer(200 if good else 401, {"access_token": "hour", "expires_in": 3600} if good else {})

        def _answer(self, status: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
