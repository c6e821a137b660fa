"""Settings: one's own day, mailbox, sign-in, absence and tokens; for admins also what holds for everybody."""

from __future__ import annotations

import streamlit as st

from components import actions, layout, loaders, moments, state
from components.absences import absence_form, absence_list
from components.invitation_model import model_card
from components.mailbox_tile import mailbox_tile
from components.password_form import password_form
from components.retention_form import choose, save_wanted
from components.sign_out_form import sign_out_form
from components.text import plain
from components.tokens import token_list
from services import mailboxes, retention
from services.access import ADMINISTRATOR, SCOPES, company, day, delegation, links, staff, tokens
from services.drafts.access import colleagues
from services.invitations import ranking
from services.uploads.rematch import rematching

viewer = layout.page("Settings", "Your day, absences and tokens, and this installation.")
LASTS = {"90 days": 90, "A year": 365, "30 days": 30, "Until it is revoked": None}
is_admin = viewer.role == ADMINISTRATOR

st.subheader("Your day", anchor=False)
mine = loaders.fresh(day.own_day, viewer)
if mine.unknown:
    st.warning(
        f"Your time zone {plain(mine.unknown)} is not known here, so {plain(mine.zone)} holds for your day. "
        "Choose yours and save it."
    )
with st.form("settings.day", border=False):
    offered = day.zones()
    zone = st.selectbox(
        "Time zone",
        offered,
        index=offered.index(mine.zone) if mine.zone in offered else offered.index("UTC"),
        key="settings.zone",
        help="Times are shown, tasks are due, and the digest comes, by this clock.",
    )
    digest = st.checkbox(
        "A mail each working day at 7:00 with what waits for me", mine.digest, key="settings.digest"
    )
    if st.form_submit_button("Save my day"):
        actions.run(day.set_own_day, zone, digest=digest, done="Saved.")

mailbox_tile(loaders.fresh(mailboxes.listing, viewer), google=mailboxes.google_is_set_up())

if not loaders.demo_mode():
    st.subheader("Your sign-in", anchor=False)
    typed = password_form()
    if typed:
        actions.run(links.change_password, *typed, done="Changed. Sign in with the new one.")
    if (out := sign_out_form()) is not None:
        actions.run(staff.sign_out_everywhere, tokens=out, done="Signed out in every browser.")

st.subheader("Away", anchor=False)
st.caption("Your stand-in sees your customers, drafts, tasks and notifications on those days.")
over = absence_list("settings", loaders.fresh(delegation.listing, viewer))
if over is not None:
    actions.run(delegation.end, over, done="Over from this moment.")
me = {viewer.person_id or 0: viewer.name}
others = dict(loaders.fresh(colleagues, viewer))
away = absence_form("settings", me, others, loaders.fresh(day.today, viewer))
if away:
    days = (away.first_day, away.last_day)
    actions.run(delegation.arrange, away.person_id, away.stand_in_id, *days, done="Arranged.")

st.subheader("API tokens", anchor=False)
st.caption(
    "A token lets a program see what you see, and do what you choose. It is shown once: keep it like a password."
)
if new := state.take("settings", "new_token"):
    st.success("Your new token. Copy it now: it cannot be shown again.")
    st.code(new, language=None)
with st.form("settings.create_token", clear_on_submit=True):
    name = st.text_input("What is it for?", key="settings.token_name", max_chars=100)
    scopes = st.multiselect(
        "What may it do besides reading?",
        list(SCOPES),
        format_func=lambda scope: SCOPES[scope],
        key="settings.token_scopes",
        placeholder="Nothing: it only reads",
    )
    lasts = st.selectbox("How long does it work?", list(LASTS), key="settings.token_days")
    if st.form_submit_button("Create token"):
        made = actions.attempt(tokens.create_token, name, scopes=scopes, days=LASTS[lasts])
        state.put("settings", "new_token", made)
        st.rerun()
if (revoked := token_list(loaders.fresh(tokens.list_tokens, viewer), SCOPES)) is not None:
    actions.run(tokens.revoke_token, revoked, done="The token no longer works.")

if is_admin:
    st.subheader("Our own mail domains", anchor=False)
    st.caption("People with an address here are colleagues, not customers: they do not count.")
    if fixed := loaders.fresh(company.fixed_own_domains, viewer):
        st.text(f"Set by the operator: {', '.join(fixed)}")
    with st.form("settings.own_domains"):
        typed = st.text_area(
            "Domains, one per line",
            "\n".join(loaders.fresh(company.own_domains, viewer)),
            key="settings.domains",
        )
        if st.form_submit_button("Save domains"):
            done = "Saved, and applied to everybody seen so far."
            actions.run(company.set_own_domains, typed, done=done, within=rematching)

    st.subheader("How long things are kept", anchor=False)
    kept = loaders.fresh(retention.load_for, viewer)
    wanted = choose(kept)
    if save_wanted(loaders.fresh(retention.preview, viewer, wanted), changed=wanted != kept):
        actions.run(retention.save, wanted, done="Saved. It holds from tonight on.")

st.subheader("How invitations are ranked", anchor=False)
model_card(loaders.fresh(ranking.card, viewer), moments.reader_zone())

st.subheader("About", anchor=False)
st.text(f"CSCX Engage {loaders.app_version()}")
st.link_button("API documentation", "/api/docs", icon=":material/api:")
