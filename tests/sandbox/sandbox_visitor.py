"""A visitor who clicks through the sandbox's pages with nothing but HTTP, and the program that sent them."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import httpx

CALLBACK = "http://127.0.0.1:1/bank/callback"


class Form(HTMLParser):
    """The first form of a page: where it goes, what it holds, which buttons it has by id."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.action, self.fields, self.buttons = str(page.url), {}, {}
        self.ids: set[str] = set()
        self._base = str(page.url)
        self.feed(page.text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if "id" in told:
            self.ids.add(told["id"])
        if tag == "form" and told.get("action"):
            self.action = urljoin(self._base, told["action"])
        if tag == "input" and (told.get("type") != "checkbox" or "checked" in told):
            self.fields.setdefault(told["name"], []).append(told.get("value", ""))
        if tag == "button":
            goes = urljoin(self._base, told["formaction"]) if "formaction" in told else None
            extra = {told["name"]: [told["value"]]} if "name" in told else {}
            self.buttons[told["id"]] = (goes, extra)


class Visitor:
    """A person with a browser, and the program that sent them."""

    def __init__(self, sandbox) -> None:
        self.sandbox, self.bank = sandbox, sandbox.bank
        self.http = httpx.Client(
            base_url=sandbox.url, timeout=10, verify=False
        )  # plain http: loading certificates would only cost time
        self.access = self.refresh = self.consent_id = ""

    def open(self, url, **query) -> httpx.Response:
        """Go to an address and follow redirects as long as they stay at the bank."""
        page = self.http.get(url, params=query or None)
        while (
            page.is_redirect and urlsplit(urljoin(str(page.url), page.headers["location"])).port == self.port
        ):
            page = self.http.get(urljoin(str(page.url), page.headers["location"]))
        return page

    @property
    def port(self):
        return urlsplit(self.sandbox.url).port

    def start(self, **query) -> httpx.Response:
        asked = {
            "client_id": self.sandbox.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "accounts offline_access",
            "state": "s-1",
        } | query
        return self.open(
            "/v1/oauth/connect", **{name: value for name, value in asked.items() if value is not None}
        )

    def click(self, page, button, **fields) -> httpx.Response:
        """Press a button of the page's form, with some fields filled otherwise."""
        form = Form(page)
        goes, extra = form.buttons[button]
        data = (
            form.fields
            | extra
            | {name: [value] if isinstance(value, str) else value for name, value in fields.items()}
        )
        answer = self.http.post(goes or form.action, data=data)
        if answer.is_redirect:
            address = urljoin(str(answer.url), answer.headers["location"])
            return self.open(address) if urlsplit(address).port == self.port else answer
        return answer

    def come_back(self, page) -> dict[str, str]:
        """What the redirect back to the program carries."""
        address = page.headers["location"]
        assert address.startswith(CALLBACK), address
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    def walk(self, provider="DK_Havbanken", username="nordlys", accounts=None, **query) -> dict[str, str]:
        """All the way through; what comes back."""
        page = self.start(**query)
        if f"bank-{provider}" in Form(page).buttons:
            page = self.click(page, f"bank-{provider}")
        page = self.click(page, "login", username=username)
        return self.come_back(self.click(page, "accept", **({"account": accounts} if accounts else {})))

    def token(self, **body) -> httpx.Response:
        return self.http.post(
            "/v1/oauth/token", json=body, auth=(self.sandbox.client_id, self.sandbox.client_secret)
        )

    def connect(self, provider="DK_Havbanken", **options):
        """Connect and hold the tokens."""
        back = self.walk(provider, **options)
        answer = self.token(grant_type="authorization_code", code=back["code"], redirect_uri=CALLBACK)
        assert answer.status_code == 200, answer.text
        self.keep(answer)
        self.consent_id = back["consentId"]
        return self

    def keep(self, answer) -> None:
        told = answer.json()
        self.access, self.refresh = told["access_token"], told["refresh_token"]

    def renew(self) -> httpx.Response:
        answer = self.token(grant_type="refresh_token", refresh_token=self.refresh)
        if answer.status_code == 200:
            self.keep(answer)
        return answer

    def get(self, path, **query) -> httpx.Response:
        return self.http.get(path, params=query or None, headers=self.head)

    def post(self, path, body, **headers) -> httpx.Response:
        return self.http.post(path, json=body, headers=self.head | headers)

    @property
    def head(self):
        return {"Authorization": f"bearer {self.access}"}

    def accounts(self) -> dict[str, dict]:
        return {account["name"]: account for account in self.get("/v1/accounts").json()["accounts"]}

    def account_path(self, name="Driftskonto") -> str:
        return f"/v1/accounts/{quote(self.accounts()[name]['id'], safe='')}"

    def rows(self, name="Driftskonto", **query) -> list[dict]:
        """All pages of an account."""
        path, rows, token = f"{self.account_path(name)}/transactions", [], None
        while True:
            page = self.get(
                path, **({"pageSize": 200} | query | ({"pagingToken": token} if token else {}))
            ).json()
            rows += page["transactions"]
            token = page["pagingToken"]
            if not token:
                return rows
