"""Pages under AppTest: an empty workspace in a temporary folder, and one with a small company in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recon.flow.workspace import Store
from recon.ui.server import the_store

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty workspace that the app serves."""
    monkeypatch.setenv("RECON_HOME", str(tmp_path / "company"))
    monkeypatch.chdir(ROOT)
    the_store.cache_clear()
    yield the_store()
    the_store.cache_clear()


@pytest.fixture
def page(workspace: Store) -> Callable[[str], AppTest]:
    """Open a page as a browser would: through app.py, framed."""

    def opened(name: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
        app = app.switch_page(f"pages/{name}.py").run()
        assert not app.exception, app.exception
        return app

    return opened
