"""The inbox folder on the screen: where files are imported by themselves, and which were refused and why."""

from __future__ import annotations

import streamlit as st

from recon.errors import StorageFailed
from recon.flow.inbox import Refused, inbox, refused_files
from recon.ui.frame import plain, store
from recon.ui.tables import count


def show_inbox() -> None:
    """One line that names the folder; a notice where files of it wait for a person."""
    try:
        folder, refused = inbox(store()), refused_files(store())
    except StorageFailed as error:
        st.warning(plain(error.words), icon=":material/folder_off:")
        return
    st.caption(f":material/inbox: Files put into {plain(str(folder.resolve()))} are imported by themselves.")
    if not refused:
        return
    told = "\n".join(f"- {plain(_told(one))}" for one in refused)
    one_by_one = "Import it under *Documents → Import files*, or delete it" if len(refused) == 1 else (
        "Import them under *Documents → Import files*, or delete them"
    )  # fmt: skip
    st.warning(
        f"{count(len(refused), 'file')} from the inbox could not be imported:\n\n{told}\n\n{one_by_one} from "
        f"{plain(str((folder / 'refused').resolve()))}.",
        icon=":material/move_to_inbox:",
    )


def _told(one: Refused) -> str:
    """Most reasons begin with the file's name."""
    return one.reason if one.name in one.reason else f"“{one.name}”: {one.reason}"
