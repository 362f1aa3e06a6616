"""Pages as a person sees them, without a browser: each test has a workspace of its own behind the app."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from recon.flow.files import import_files
from recon.flow.matching import match
from recon.flow.workspace import Store, open_store
from recon.settings import Settings
from recon.ui.server import the_store

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo"
CLOCK = "2026-10-31T10:00:00Z"
LOOPBACK = "http://127.0.0.1:9"


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch):
    """Let the app serve a folder: `at_home(folder, VIIA_BASE_URL=…)` gives its store as pages have it."""

    def serve(home: Path, **told: str) -> Store:
        for name in ("VIIA_BASE_URL", "VIIA_CLIENT_ID", "VIIA_CLIENT_SECRET", "VIIA_REDIRECT_URI", "CLOCK"):
            monkeypatch.delenv(f"RECON_{name}", raising=False)
        for name, value in ({"HOME": str(home), "VAULT_KEY": "ui-test", "LANGUAGE": "en"} | told).items():
            monkeypatch.setenv(f"RECON_{name}", value)
        the_store.cache_clear()
        return the_store()

    yield serve
    the_store.cache_clear()


@pytest.fixture
def workspace(at_home, tmp_path: Path) -> Store:
    """A workspace nobody used yet, without a bank connection."""
    return at_home(tmp_path / "company")


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's documents and one bank statement, matched once; copied for each test that wants it."""
    home = tmp_path_factory.mktemp("filled") / "workspace"
    store = open_store(home, Settings(home=home, clock=CLOCK, viia_base_url=LOOPBACK))
    import_files(store, [DEMO / "documents.csv", DEMO / "statement-drift.xml"], by="anna")
    match(store)
    return home


@pytest.fixture
def filled(at_home, filled_home: Path, tmp_path: Path) -> Store:
    """A workspace in use, with a clock that stands at the end of its statement."""
    home = tmp_path / "company"
    shutil.copytree(filled_home, home)
    return at_home(home, CLOCK=CLOCK, VIIA_BASE_URL=LOOPBACK)


_as_streamlit_makes_it = PagesManager.__init__


def without_a_folder_of_pages(self: PagesManager, *args: Any, **kwargs: Any) -> None:
    """AppTest takes pages/ for pages of their own and runs them without app.py; the server does not."""
    _as_streamlit_makes_it(self, *args, **kwargs)
    PagesManager.uses_pages_directory = False


@pytest.fixture
def page(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open a page as a browser would, through app.py and framed: `page("documents")`, `page("…", login="…")`.

    On an empty workspace where the test asks for no other.
    """
    if "at_home" not in request.fixturenames:
        request.getfixturevalue("workspace")
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(PagesManager, "__init__", without_a_folder_of_pages)

    def opened(name: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        for key, value in query.items():
            app.query_params[key] = value
        app.run()  # st.navigation names the pages that can be switched to
        app.switch_page(f"pages/{name}.py").run()
        assert not app.exception, app.exception
        return app

    return opened


@pytest.fixture
def demo() -> Path:
    """The folder of made-up files."""
    return DEMO
