"""What came of mails: who opened, clicked and answered, with machines and hidden opens told apart."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.loaders import MailResponse
from components.text import moment, plain, plural

OPENED = {
    "person": "Opened",
    "hidden": "Opens hidden by their mail program",
    "machine": "Opened by a machine only",
    "no": "Not opened",
}
_VERDICTS = {"human": "Person", "machine": "Machine", "unknown": "Unknown", "": "Not judged yet"}


def response_panel(mails: Sequence[MailResponse], zone: str) -> None:
    """One block per mail, newest first; the raw events with their reasons are a click away."""
    if not mails:
        st.caption("No mail has gone out yet. What comes back to one is shown here.")
        return
    for mail in mails:
        with st.container(border=True, gap="small"):
            st.markdown(f"**{plain(mail.subject)}**")
            st.caption(f"{plain(mail.stakeholder)} · {moment(mail.sent_at, zone)}")
            st.markdown(plain(" · ".join(_facts(mail))))
            for reply in mail.replies:
                st.caption(f"{plain(reply.sender)} · {moment(reply.at, zone)}")
                st.text(reply.text)
            _raw(mail, zone)


def _facts(mail: MailResponse) -> list[str]:
    facts = [OPENED[mail.opened]]
    if mail.clicks:
        facts.append(f"{plural(mail.clicks, 'link')} followed")
    if mail.machine_clicks:
        facts.append(f"{plural(mail.machine_clicks, 'link')} checked by machines")
    if mail.replies:
        facts.append(plural(len(mail.replies), "reply", "replies"))
    if mail.bounced:
        facts.append(f"came back ({mail.bounced})")
    if mail.unsubscribed:
        facts.append("unsubscribed")
    if mail.complained:
        facts.append("reported as spam")
    return facts


def _raw(mail: MailResponse, zone: str) -> None:
    if not mail.events:
        return
    with st.expander("What was seen, and how it was judged", icon=":material/rule:"):
        st.dataframe(
            {
                "When": [moment(event.at, zone) for event in mail.events],
                "What": [event.kind.replace("_", " ") for event in mail.events],
                "By": [_VERDICTS[event.verdict] for event in mail.events],
                "Why": [event.why for event in mail.events],
                "Link": [event.url or "" for event in mail.events],
            },
            hide_index=True,
        )
