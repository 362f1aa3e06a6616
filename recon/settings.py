"""What this installation is told by its environment or a `.env` file; prefix `RECON_`.

The environment beats the file. Secrets are wrapped so that no log or repr can show them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from recon.errors import SettingMissing, UsageError

DEFAULT_HOME = Path("data/workspace")
ERP_NAMES = ("ECONOMIC", "DINERO", "BILLY", "FENERUM")


class Secret:
    """Text that never shows itself. `reveal()` is the one way to it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not to be pickled")


@dataclass(frozen=True)
class Settings:
    """Everything from the environment. `viia_*` are empty where no bank connection is set up.

    erp: what is set of ERPs, by the setting's name without prefix, such as `BILLY_TOKEN`.
    """

    home: Path = DEFAULT_HOME
    viia_base_url: str | None = None
    viia_client_id: str | None = None
    viia_client_secret: Secret | None = field(default=None, repr=False)
    viia_redirect_uri: str | None = None
    viia_webhook_secret: Secret | None = field(default=None, repr=False)
    vault_key: Secret | None = field(default=None, repr=False)
    backup_key: Secret | None = field(default=None, repr=False)
    backups: Path | None = None
    app_url: str = "http://127.0.0.1:8501"
    language: str = "en"
    log_level: str = "WARNING"
    clock: str | None = None
    erp: Mapping[str, Secret] = field(default_factory=dict, repr=False)

    @property
    def viia_on(self) -> bool:
        """Whether a bank connection is set up at all; without it, files are the way in."""
        return bool(self.viia_base_url)

    def need(self, name: str) -> str:
        """The text of a setting, or SettingMissing that names it: `need("viia_client_id")`."""
        value = getattr(self, name)
        if not value:
            raise SettingMissing(
                f"The setting RECON_{name.upper()} is missing. Nothing was done; set it in the environment "
                "or in the file .env and try again.",
                setting=f"RECON_{name.upper()}",
            )
        return value.reveal() if isinstance(value, Secret) else str(value)


def read_settings(environ: dict[str, str] | None = None, env_file: Path | None = Path(".env")) -> Settings:
    """Settings from the environment over the `.env` file. Raises UsageError on a line it cannot read."""
    told = _read_env_file(env_file) if env_file and env_file.is_file() else {}
    told |= dict(os.environ if environ is None else environ)

    def text(name: str) -> str | None:
        return told.get(f"RECON_{name}", "").strip() or None

    def secret(name: str) -> Secret | None:
        value = text(name)
        return Secret(value) if value else None

    language = (text("LANGUAGE") or "en").lower()
    if language not in ("en", "da"):
        raise UsageError(f"RECON_LANGUAGE is “{language}”; it can be en or da.")
    return Settings(
        home=Path(text("HOME") or DEFAULT_HOME),
        viia_base_url=(text("VIIA_BASE_URL") or "").rstrip("/") or None,
        viia_client_id=text("VIIA_CLIENT_ID"),
        viia_client_secret=secret("VIIA_CLIENT_SECRET"),
        viia_redirect_uri=text("VIIA_REDIRECT_URI"),
        viia_webhook_secret=secret("VIIA_WEBHOOK_SECRET"),
        vault_key=secret("VAULT_KEY"),
        backup_key=secret("BACKUP_KEY"),
        backups=Path(folder) if (folder := text("BACKUPS")) else None,
        app_url=(text("APP_URL") or Settings.app_url).rstrip("/"),
        language=language,
        log_level=(text("LOG_LEVEL") or "WARNING").upper(),
        clock=text("CLOCK"),
        erp={name: Secret(value) for name in _erp_names(told) if (value := text(name))},
    )


def _erp_names(told: Mapping[str, str]) -> list[str]:
    """Settings that begin with an ERP's name, without prefix."""
    names = [name.removeprefix("RECON_") for name in told if name.startswith("RECON_")]
    return [name for name in names if name.partition("_")[0] in ERP_NAMES]


def _read_env_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines; blank lines and `#` comments pass, quotes around a value are taken off."""
    told: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = stripped.removeprefix("export ").partition("=")
        if not equals:
            raise UsageError(f"{path} line {number} is not NAME=value. Nothing was done; mend the line.")
        told[name.strip()] = value.strip().strip("\"'")
    return told
