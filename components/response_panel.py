"""What came of mails: who opened, clicked and answered, with machines and hidden opens told apart."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import actions
from components.loaders import MailResponse, Reply
from components.text import moment, plain, plural

OPENED = {
    "person": "Opened",
    "hidden": "Opens hidden by their mail program",
    "machine": "Opened by a machine only",
    "no": "Not opened",
}
_TOLD = {
    "person": "",
    "stranger": "somebody else than those this customer is known by: no reply of theirs",
    "words": "taken for an automatic answer by its words alone",
    "confirmed": "a colleague said that a person wrote it",
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
            st.markdown(" · ".join(map(plain, _facts(mail))))
            for reply in sorted((*mail.replies, *mail.besides), key=lambda one: one.at):
                _answer(reply, zone)
            _raw(mail, zone)


def _answer(reply: Reply, zone: str) -> None:
    parts = (plain(reply.sender), moment(reply.at, zone), _TOLD[reply.told])
    st.caption(" · ".join(part for part in parts if part))
    st.text(reply.text)
    if reply.told == "words" and st.button("A person wrote this", key=f"answer.{reply.id}"):
        done = "It counts as a reply now."
        actions.run(actions.WROTE["person"], reply.id, done=done)
    if reply.told == "confirmed" and st.button(
        "Take back: a machine did", key=f"answer.{reply.id}"
    ):
        done = "It is an automatic answer again."
        actions.run(actions.WROTE["machine"], reply.id, done=done)


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
