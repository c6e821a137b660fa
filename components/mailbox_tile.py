"""Where one's own mail leaves from, in a few words, with the way to change it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import navigation
from components.loaders import MailboxRow
from components.mailbox_list import KINDS, STATES
from components.text import plain


def mailbox_tile(rows: Sequence[MailboxRow], *, google: bool) -> None:
    """`google`: whether people can connect their Gmail here."""
    st.subheader("Your mail", anchor=False)
    own = [row for row in rows if row.mine]
    for row in own:
        _line(row)
    if not own:
        st.caption(_instead([row for row in rows if not row.person]))
    with_gmail = any(row.kind == "gmail" for row in own)
    navigation.link("mailboxes", "Connect your Gmail" if google and not with_gmail else "Mailboxes")


def _line(row: MailboxRow) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.text(row.address, width="content")
        st.markdown(f"**{KINDS[row.kind]}**", width="content")
        label, icon, color = STATES[row.state]
        st.badge(label, icon=icon, color=color)
    if row.why:
        st.warning(plain(row.why), icon=":material/info:")


def _instead(shared: Sequence[MailboxRow]) -> str:
    if any(row.kind == "smtp" for row in shared):
        return "It leaves from the company's mailbox, in your name: you have connected none of your own."
    return "It is written to a folder of files, and reaches nobody: no mailbox is connected."
