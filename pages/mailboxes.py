"""Mailboxes: where mail leaves from. Everybody connects their own; admins set up the company's."""

from __future__ import annotations

import streamlit as st

from components import actions, layout, loaders, mailbox_forms, state
from components.mail_server_form import server_form
from components.mailbox_list import Asked, mailbox_card, other_mailboxes
from components.moments import reader_zone
from services import mailboxes
from services.access import ADMINISTRATOR
from services.ids import public_id
from services.mailboxes import changes, company
from services.outbox import trial

viewer = layout.page("Mailboxes", "Where your mail leaves from, and the lines under it.")
mailbox_forms.welcome_back()
zone = reader_zone()
encryptions = (company.ENCRYPTIONS, company.INBOX_ENCRYPTIONS)
is_admin = viewer.role == ADMINISTRATOR
rows = loaders.fresh(mailboxes.listing, viewer)
own = [row for row in rows if row.mine]
shared = [row for row in rows if not row.person]
others = [row for row in rows if row.person and not row.mine]
asked: list[Asked | None] = []


def do(one: Asked) -> None:
    """What was pressed on a card."""
    match one.what:
        case "test":
            done = f"On its way to {viewer.email}. The send queue shows how it goes."
            actions.run(trial.send_test, one.mailbox_id, done=done)
        case "pause":
            actions.run(changes.pause, one.mailbox_id, done="Paused: its mail waits.")
        case "resume":
            actions.run(changes.resume, one.mailbox_id, done="It sends again.")
        case "rates":
            actions.run(changes.set_rates, one.mailbox_id, **one.given, done="Pace saved.")
        case "remove":
            actions.run(changes.remove, one.mailbox_id, done="Removed, and its access forgotten.")
        case _:
            found = actions.attempt(changes.check, one.mailbox_id)
            if found:
                state.flash(found.words, kind="done" if found.ok else "error")
            st.rerun()


st.subheader("Yours", anchor=False)
asked += [mailbox_card(row, zone) for row in own]
if not loaders.demo_mode():
    mailbox_forms.connect_gmail(possible=mailboxes.google_is_set_up(), again=bool(own))
elif not own:
    st.caption("None. In the demo no mailbox of a person can be connected: nothing leaves it.")

st.subheader("Signature", anchor=False)
st.caption("Your role and direct phone number make a mail a person's.")
signature = mailbox_forms.signature_form(
    loaders.fresh(mailboxes.signature_for, viewer, person_id=viewer.person_id)
)
if signature is not None:
    actions.run(changes.save_signature, signature, done="New drafts end with these lines.")

st.subheader("The company's", anchor=False)
st.caption("Mail of everybody without a mailbox of their own leaves from here, in their name.")
if not shared:
    layout.empty(
        "No mail server yet.",
        hint="Until there is one, mail is written to a folder of .eml files: nothing leaves by accident.",
    )
for row in shared:
    asked.append(mailbox_card(row, zone))
    if is_admin and row.kind == "smtp":
        with st.expander("Change this server"):
            typed = server_form(row, *encryptions)
        if typed:
            form = company.SmtpForm(**typed)
            actions.run(company.edit_smtp, row.id, form, done="Saved. Press Check to try it.")

if is_admin:
    with st.expander("Add a mail server", icon=":material/add:"):
        typed = server_form(None, *encryptions)
    if typed:
        form = company.SmtpForm(**typed)
        actions.run(company.add_smtp, form, done="Added. Press Check to try it.")
    with st.expander("Change the folder of files", icon=":material/folder:"):
        kept = next((row.options.get("folder", "") for row in shared if row.kind == "eml"), "")
        folder = mailbox_forms.folder_form(kept)
    if folder is not None:
        actions.run(
            company.set_folder, folder, done="Mail written as files goes there from now on."
        )

if others:
    st.subheader("Colleagues'", anchor=False)
    other_mailboxes(others)
    names = {public_id("mailbox", row.id): row for row in others}
    chosen = st.selectbox(
        "Open one",
        list(names),
        index=None,
        format_func=lambda one: f"{names[one].person}, {names[one].address}",
        key=state.key("mailboxes", "colleague"),
        bind="query-params",
    )
    if chosen:
        asked.append(mailbox_card(names[chosen], zone))

pressed = next(filter(None, asked), None)
if pressed:
    do(pressed)
