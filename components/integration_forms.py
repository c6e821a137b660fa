"""An integration added: how to set up the other side, and what to enter there."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import state
from components.loaders import IntegrationShown, VendorInfo

PAGE = "integrations"
HOW = {
    "zoom": "In the Zoom marketplace, make an app with the feature “Event subscriptions”. Subscribe to "
    "participant joined and left, webinar ended and registration created. Copy its secret token to here, "
    "save, then paste the address shown next into Zoom and press Validate.",
    "thinkific": "Make a webhook for enrollment.completed in the Thinkific app, and paste the client "
    "secret of the app here: it signs what is sent.",
    "skilljar": "Skilljar signs nothing: whoever knows the address can send. Keep it like a password; "
    "New address makes the former one dead at once.",
    "xapi": "Enter the address as the endpoint of a learning record store, with the user name and "
    "password that are shown once it is added. Moodle, Docebo and others speak xAPI.",
    "signed": "For a system of your own: sign each request as Standard Webhooks describe, and send the "
    "records that POST /api/events/attendance takes.",
    "sendgrid": "Under Settings, Mail Settings, add an Event Webhook with the address shown next, for all "
    "events, and switch on Signature Verification. Its verification key comes here.",
    "mailgun": "Under Sending, Webhooks, add the address shown next for each event. The HTTP webhook signing "
    "key of your account (Settings, API security) comes here.",
    "postmark": "On the message stream's page, add a webhook with the address shown next, tick all events, and "
    "fill in the basic authentication with the user name and password shown next.",
    "ses": "Publish the events of your configuration set to an SNS topic. The topic's ARN comes here; then "
    "subscribe the address shown next by HTTPS: the subscription confirms itself.",
    "mailchimp": "In the audience's settings, make a webhook for unsubscribes and cleaned addresses. Mailchimp "
    "signs nothing: keep the address like a password. Opens and clicks come by export, on the Upload page.",
    "hubspot": "Let your private app or workflow post mail events to the address shown next. The app's client "
    "secret comes here: it signs each request (version 3).",
    "brevo": "Make a webhook for all events of campaigns or of transactional mail with the address shown next, "
    "and give it the user name and password, or the password as its token.",
    "customerio": "Under Integrations, Reporting Webhooks, add the address shown next for all events of mail, "
    "and copy its signing key to here.",
    "listmonk": "Make a webhook with the address shown next, signed (HMAC) with the secret, or with the user "
    "name and the secret as password. Views and clicks also come by export, on the Upload page.",
    "zendesk": "In the Admin Center, under Apps and integrations, Webhooks, make a webhook for ticket events with "
    "the address shown next. Its signing secret comes here. So that requesters are known, also make a trigger "
    "that posts the ticket with ticket.requester.email.",
    "intercom": "In the Developer Hub, subscribe your app to the conversation topics with the address shown next. "
    "The app's client secret comes here: it signs each request.",
    "freshdesk": "Make an automation for changed tickets that triggers a webhook (POST, JSON, all of the ticket's "
    "fields) to the address shown next, with the user name and password shown next.",
    "jira": "Under System, WebHooks, add the address shown next with a secret, for issues created, updated and "
    "deleted and for comments. The secret comes here.",
    "hubspot_tickets": "Subscribe your private app to changes of tickets with the address shown next. The app's "
    "client secret comes here: it signs each request (version 3).",
}
KEYS = {"ses": "ARN of the topic", "sendgrid": "Verification key", "mailgun": "Signing key"}
"""What a vendor calls its secret, where that is not a token."""


def add_form(vendors: Sequence[VendorInfo]) -> tuple[str, str, str] | None:
    """Vendor, name and secret as typed."""
    by_key = {one.key: one for one in vendors}
    vendor = st.selectbox(
        "System",
        list(by_key),
        format_func=lambda key: by_key[key].label,
        key=state.key(PAGE, "vendor"),
        width=320,
    )
    st.caption(HOW.get(vendor, ""))
    with st.form(state.key(PAGE, "add"), border=False):
        name = st.text_input(
            "Name",
            key=state.key(PAGE, f"{vendor}.name"),
            max_chars=100,
            placeholder="Zoom of marketing",
        )
        secret = ""
        if by_key[vendor].secret == "theirs":  # noqa: S105 - where it comes from
            secret = st.text_input(
                KEYS.get(vendor, "Secret token"),
                type="password",
                key=state.key(PAGE, f"{vendor}.secret"),
                max_chars=500,
            )
        return (vendor, name, secret) if st.form_submit_button("Add", type="primary") else None


def shown_once(one: IntegrationShown, user: str | None) -> None:
    """What is needed at the other side; the secret cannot be shown again."""
    with st.container(border=True):
        st.markdown("**Enter this at the other side**")
        st.caption("Address")
        st.code(one.url, language=None)
        if user:
            st.caption("User name")
            st.code(user, language=None)
        if one.secret:
            st.caption("Secret. It is shown this once: copy it now.")
            st.code(one.secret, language=None)
