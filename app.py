"""The app: which pages there are, what frames them, and the server around them. Nothing else.

Run by `python -m recon app` (or `streamlit run app.py`). The file is read twice: by the server, for `app`
with its own routes and worker, and by each page run, for `main`.
"""

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from recon.ui.server import lifespan, the_store

LOGO = Path(__file__).parent / "recon" / "ui" / "logo.svg"


def main() -> None:
    """One page run: choose the page, frame it, run it."""
    from recon.ui import recovery
    from recon.ui.consent import consent_notices
    from recon.ui.frame import show_flashes
    from recon.ui.sync import draw_after_sync

    st.set_page_config(page_title="recon", page_icon="⚖️", layout="wide")
    st.logo(LOGO, size="large")
    if recovery.alarm():
        st.navigation(
            [st.Page(recovery.show, title="Recovery", icon=":material/report:", default=True)]
        ).run()
        return
    page = st.navigation(
        {
            "": [st.Page("pages/home.py", title="Home", icon=":material/home:", default=True)],
            "Money in": [
                st.Page("pages/bank_accounts.py", title="Bank accounts", icon=":material/account_balance:"),
                st.Page("pages/documents.py", title="Documents", icon=":material/description:"),
            ],
            "Work": [
                st.Page("pages/review.py", title="Review", icon=":material/rule:"),
                st.Page("pages/reconciliation.py", title="Reconciliation", icon=":material/balance:"),
                st.Page("pages/postings.py", title="Postings", icon=":material/receipt_long:"),
            ],
            "Company": [
                st.Page("pages/activity.py", title="Activity", icon=":material/history:"),
                st.Page("pages/settings.py", title="Settings", icon=":material/settings:"),
            ],
        }
    )
    draw_after_sync()
    show_flashes()
    consent_notices()
    page.run()


if get_script_run_ctx(suppress_warning=True) is not None:
    main()
else:
    from streamlit.runtime.pages_manager import PagesManager

    from recon.ui.routes import routes

    # Else Streamlit's own menu of the folder `pages` answers, unframed, until somebody opens Home first.
    PagesManager.uses_pages_directory = False
    app = st.App(__file__, routes=routes(the_store()), lifespan=lifespan)
