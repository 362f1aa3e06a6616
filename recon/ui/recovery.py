"""The one page that is left when the workspace does not open: what is off, what can be read, what to do.

It only reads. Nothing on it mends, moves or removes a file.
"""

from __future__ import annotations

import polars as pl
import streamlit as st

from recon.errors import StoreError
from recon.flow.recovery import Recovery, lines_that_can_be_read, recovery, trouble
from recon.ui.frame import moment, plain, store


def alarm() -> StoreError | None:
    """What keeps the workspace from opening. Asked at each page run; costs next to nothing while no file changed."""
    return trouble(store())


def show() -> None:
    """The recovery page."""
    error = alarm()
    if error is None:
        st.success("The workspace opens again and proves itself.", icon=":material/check_circle:")
        if st.button("Go on", type="primary", key="recovery_go_on"):
            st.rerun()
        return
    looked = recovery(store(), error)
    st.title("This workspace does not open" if not looked.damaged else "This workspace does not prove itself")
    st.error(plain(looked.words), icon=":material/report:")
    st.text(
        "Nothing can be changed until this is settled: no sync, no import, no decision. All files are kept."
    )
    for words in looked.found[1:]:
        st.text(f"· {words}")
    _what_to_do(looked)
    _what_is_left(looked)


def _what_to_do(looked: Recovery) -> None:
    st.subheader("What to do", anchor=False)
    home = store().home.absolute()
    if not looked.damaged:
        st.text(
            "Mend what is named above, such as the disk or the version of the program, then reload this page."
        )
        return
    newest = looked.backups[0] if looked.backups else "BACKUP"
    st.text(
        "1. Copy the whole folder to another disk, before anything else. Remove nothing, the .wal file least of all."
    )
    st.text("2. Let every part be looked at:")
    st.code(f"python -m recon check --home {home}", language=None)
    st.text("3. Restore the latest backup into a new folder, and go on there:")
    st.code(f"python -m recon restore {newest} --home {home}-restored", language=None)
    st.text(
        "4. If the events are whole (check names no broken chain), make the tables again from them instead:"
    )
    st.code(f"python -m recon rebuild --home {home} --out {home}-rebuilt", language=None)
    if not looked.backups:
        st.warning("No backup was found beside this workspace.", icon=":material/warning:")


def _what_is_left(looked: Recovery) -> None:
    st.subheader("What can still be read", anchor=False)
    st.dataframe(
        pl.DataFrame(
            [
                {
                    "part": one.what,
                    "rows": f"{one.rows:,}" if one.rows is not None else "cannot be read",
                    "why": one.words,
                }
                for one in looked.readable
            ]
        ),
        hide_index=True,
        key="recovery_readable",
    )
    if looked.last:
        last = looked.last
        st.text(
            f"The last event: {last['seq']}, {last['kind']}, by {last['done_by']}, {moment(last['happened_at'])}"
        )
    lines = lines_that_can_be_read(store())
    if lines:
        st.download_button(
            "Bank lines as CSV", lines, file_name="bank-lines.csv", mime="text/csv", key="recovery_lines"
        )
    st.subheader("Files", anchor=False)
    st.dataframe(
        pl.DataFrame(
            [
                {"file": one.name, "bytes": f"{one.size:,}", "changed": moment(one.changed_at)}
                for one in looked.files
            ],
            schema={"file": pl.String, "bytes": pl.String, "changed": pl.String},
        ),
        hide_index=True,
        key="recovery_files",
    )
