"""Which ERPs are known, where they live, and what each needs to let us read.

In: settings or what the vault kept. Out: `Access`. Never: another host than the ERP's own or this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx

from recon.bank.limits import Server, is_loopback, safe_address
from recon.errors import SettingMissing, UsageError
from recon.settings import Secret


@dataclass(frozen=True)
class Erp:
    """name: as settings and commands write it. needs: its secrets, each the tail of a setting and its words."""

    name: str
    title: str
    address: str
    needs: Mapping[str, str]
    reads: str

    @property
    def server(self) -> Server:
        """How words name it."""
        return Server(self.title, self.title, self.setting("BASE_URL"))

    def setting(self, tail: str) -> str:
        """`RECON_BILLY_TOKEN`."""
        return f"RECON_{self.name.upper()}_{tail}"


ERPS: Final = {
    one.name: one
    for one in (
        Erp(
            "economic",
            "e-conomic",
            "https://restapi.e-conomic.com",
            {"APP_SECRET": "App secret token", "TOKEN": "Agreement grant token"},
            "invoices and credit notes; bills come as files",
        ),
        Erp(
            "dinero",
            "Dinero",
            "https://api.dinero.dk",
            {
                "TOKEN": "API key",
                "CLIENT_ID": "Client id",
                "CLIENT_SECRET": "Client secret",
                "ORGANIZATION": "Organisation number",
            },
            "invoices and credit notes; purchases come as files",
        ),
        Erp(
            "billy",
            "Billy",
            "https://api.billysbilling.com",
            {"TOKEN": "Access token"},
            "invoices, bills and their credit notes",
        ),
        Erp(
            "fenerum",
            "Fenerum",
            "https://app.fenerum.com",
            {"TOKEN": "API token"},
            "invoices and credit notes",
        ),
    )
}


@dataclass(frozen=True)
class Access:
    """What it takes to ask one ERP. secrets: by the names of `Erp.needs`."""

    erp: Erp
    base_url: str
    secrets: Mapping[str, Secret] = field(repr=False)

    def reveal(self, name: str) -> str:
        return self.secrets[name].reveal()


def find_erp(name: str) -> Erp:
    """The ERP of a name. Raises UsageError that names those known."""
    if name not in ERPS:
        raise UsageError(
            f"“{name}” is no ERP that is read here; known are {', '.join(ERPS)}. Nothing was done."
        )
    return ERPS[name]


def access(name: str, secrets: Mapping[str, Secret], base_url: str | None = None) -> Access:
    """Access to an ERP. base_url: its own address, or one on this machine (a stub).

    Raises SettingMissing naming the first secret that is missing, UsageError for another host.
    """
    erp = find_erp(name)
    missing = next((tail for tail in erp.needs if not secrets.get(tail)), None)
    if missing:
        raise SettingMissing(
            f"{erp.title} cannot be read: “{erp.needs[missing]}” is missing. Nothing was done; give it under "
            f"Documents, or set {erp.setting(missing)}.",
            setting=erp.setting(missing),
        )
    address = base_url or erp.address
    own = safe_address(address) and httpx.URL(address).host == httpx.URL(erp.address).host
    if not own and not (safe_address(address) and is_loopback(httpx.URL(address).host)):
        raise UsageError(
            f"{erp.setting('BASE_URL')} must be {erp.address} or an address on this machine. Nothing was sent."
        )
    return Access(erp, address, secrets)
