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
    "zendesk": "In the Admin Center, make one webhook of the kind “Trigger or automation” (POST, JSON) with the "
    "address shown next; its signing secret comes here. Then make a trigger for tickets that are created or "
    "updated, which notifies this webhook with the body below. Paste it as it stands: what people write goes through "
    "Zendesk's filter “| json” and has no quotation marks around it, since the filter sets them and escapes those "
    'within; with plain placeholders a title such as Export says "no data" is refused. For messages and changes, make a second webhook '
    "for ticket events with the same address: it has a secret of its own, which goes under More secrets once the "
    "integration is added.",
    "intercom": "In the Developer Hub, subscribe your app to the conversation topics with the address shown next. "
    "The app's client secret comes here: it signs each request.",
    "freshdesk": "Make an automation for changed tickets that triggers a webhook (POST, JSON, all of the ticket's "
    "fields) to the address shown next, with the user name and password shown next. A state of your own counts as "
    "open until you say on the integration's card what it means.",
    "jira": "Under System, WebHooks, add the address shown next with a secret, for issues created, updated and "
    "deleted and for comments. The secret comes here.",
    "hubspot_tickets": "Subscribe your private app to ticket.creation, ticket.deletion and changes of the "
    "properties subject, content, hs_pipeline_stage, hs_ticket_priority and hs_resolution with the address shown "
    "next. The app's client secret comes here: it signs each request (version 3). HubSpot does not tell who asked: "
    "send requesters by export (Upload page) or by the API, or such tickets stay nobody's. Stages of the pipeline "
    "that every account begins with are known; those of your own are listed on the integration's card, by their "
    "numbers, for you to say what they mean.",
}
KEYS = {"ses": "ARN of the topic", "sendgrid": "Verification key", "mailgun": "Signing key"}
"""What a vendor calls its secret, where that is not a token."""
BODIES = {
    "zendesk": """{"ticket": {
  "id": "{{ticket.id}}",
  "url": "{{ticket.link}}",
  "subject": {{ticket.title | json}},
  "status": "{{ticket.status}}",
  "priority": "{{ticket.priority}}",
  "type": "{{ticket.ticket_type}}",
  "tags": {{ticket.tags | json}},
  "requester": {"name": {{ticket.requester.name | json}}, "email": "{{ticket.requester.email}}"},
  "organization": {"name": {{ticket.organization.name | json}}},
  "created_at": "{{ticket.created_at_with_timestamp}}",
  "updated_at": "{{ticket.updated_at_with_timestamp}}"
}}"""
}
"""What is to be posted, where the vendor lets its users say."""


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
    if vendor in BODIES:
        st.code(BODIES[vendor], language="json")
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
