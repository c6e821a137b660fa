"""Send queue: what is on its way out, what is stuck and why, and the rules of sending."""

from __future__ import annotations

from functools import partial

import streamlit as st

from components import (
    actions,
    layout,
    loaders,
    navigation,
    queued_message,
    send_policy,
    send_queue,
    state,
)
from components.downloads import download_buttons
from components.loaders.address import in_address
from components.moments import reader_zone
from services import outbox
from services.access import ADMINISTRATOR
from services.clock import utc_now
from services.errors import NotFound
from services.ids import public_id
from services.mailboxes import changes
from services.mailboxes import listing as mailboxes_of
from services.outbox import policy, pulse

PAGE = "send_queue"
SIZE = 50

viewer = layout.page("Send queue", "Approved mail on its way out.")
zone = reader_zone()
is_admin = viewer.role == ADMINISTRATOR
DONE = {
    "retry": (outbox.retry, "It will be tried again."),
    "cancel": (outbox.cancel, "Cancelled: it will not be sent."),
    "went_out": (outbox.went_out, "Noted: it went out."),
    "send_again": (outbox.send_again, "It will be sent again."),
}


def switch() -> None:
    pressed = send_policy.switch(rules, is_admin=is_admin)
    if pressed == "resume_all":
        actions.run(outbox.resume_all, done="Sending goes on.")
    elif pressed == "pause_all":
        why = state.get(PAGE, "why", "")
        actions.run(outbox.pause_all, why, done="All sending is paused.")


def one_message(number: int) -> None:
    if st.button("Back to the list", key=f"{PAGE}.back", icon=":material/arrow_back:"):
        del st.query_params["id"]
        st.rerun()
    try:
        found = loaders.fresh(outbox.view, viewer, number)
    except NotFound as error:
        layout.empty(error.message)
        return
    pressed = queued_message.message(found, zone, utc_now())
    if pressed:
        service, done = DONE[pressed]
        actions.run(service, number, done=done)


def queue() -> None:
    counts = loaders.fresh(outbox.counts, viewer)
    last = loaders.fresh(pulse.last, viewer)
    alive = loaders.fresh(pulse.alive, viewer)
    send_policy.pulse(last, alive=alive, waiting=counts["waiting"], zone=zone)
    addresses = {row.id: row.address for row in mailboxes}
    wanted = send_queue.filters(counts, addresses, in_address("customer", "customer"))
    total = loaders.fresh(outbox.total, viewer, wanted)
    if not total:
        says, hint = send_queue.nothing(wanted)
        layout.empty(says, hint=hint)
        navigation.link("drafts", "Open Drafts")
        return
    offset = send_queue.place(total, SIZE, zone)
    rows, _ = loaders.fresh(outbox.listing, viewer, wanted, offset=offset, limit=SIZE)
    clicked = send_queue.table(rows, zone, utc_now())
    if clicked is not None:
        st.query_params["id"] = public_id("outbox", clicked)
        st.rerun()
    download_buttons(PAGE, "send_queue", partial(loaders.fresh, outbox.export, viewer, wanted))


rules = loaders.fresh(policy.load, viewer)
mailboxes = loaders.fresh(mailboxes_of, viewer)
switch()
opened = in_address("outbox", "id")
if opened is not None:
    one_message(opened)
else:
    queue()
    with st.expander("Mailboxes"):
        pressed = send_policy.mailboxes(mailboxes)
    if pressed:
        service = changes.pause if pressed[0] == "pause" else changes.resume
        actions.run(service, pressed[1], done="Paused." if pressed[0] == "pause" else "Resumed.")
    if is_admin:
        with st.expander("Rules of sending"):
            changed = send_policy.rules(rules)
        if changed:
            actions.run(policy.save, changed, done="Saved. The rules hold for what waits, too.")
