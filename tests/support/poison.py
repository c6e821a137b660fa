"""Texts that run something, or call another host, where they are not shown as text; and where to put them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table

from data.tables import Base

ELSEWHERE = "evil.example"
MARK = "__hit"
"""What a text that runs sets on its window."""
_RUN = "top.__hit=1"
PAYLOADS = (
    f"<script>{_RUN}</script>",
    f"<img src=x onerror={_RUN}>",
    f"<svg onload={_RUN}>",
    f'"><script>{_RUN}</script>',
    f"'><img src=http://{ELSEWHERE}/1 onerror={_RUN}>",
    f'<iframe srcdoc="<script>{_RUN}</script>">',
    f"<iframe src=javascript:{_RUN}>",
    f'<a href="javascript:{_RUN}">x</a>',
    f"[x](javascript:{_RUN})",
    f"![x](http://{ELSEWHERE}/2.png)",
    f"![x](http://{ELSEWHERE}/3.png)",
    f"<details open ontoggle={_RUN}>",
    f"<body onload={_RUN}>",
    f"<input autofocus onfocus={_RUN}>",
    f"<video src=http://{ELSEWHERE}/4><source onerror={_RUN}>",
    f"<object data=http://{ELSEWHERE}/5></object>",
    f"<embed src=http://{ELSEWHERE}/6>",
    f"<link rel=stylesheet href=http://{ELSEWHERE}/7.css>",
    f'<style>@import "http://{ELSEWHERE}/8.css";</style>',
    f"<base href=http://{ELSEWHERE}/>",
    f'<meta http-equiv=refresh content="0;url=http://{ELSEWHERE}/9">',
    f"<form action=http://{ELSEWHERE}/10><button autofocus onfocus={_RUN}>",
    f"<math><mtext><mglyph><style></math><img src onerror={_RUN}>",
    f'<noscript><p title="</noscript><img src=x onerror={_RUN}>">',
    f"<svg><script href=http://{ELSEWHERE}/11.js></script></svg>",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s>",
    f"<marquee onstart={_RUN}>x</marquee>",
    "{{constructor.constructor('" + _RUN + "')()}}",
    "${" + _RUN + "}",
    "{{ 7 * 7 }}{% import os %}",
    rf"$\href{{javascript:{_RUN}}}{{x}}$",
    f":material/home: $$x^2$$ <!--<img src=http://{ELSEWHERE}/12>-->",
    f"javascript:{_RUN}//",
    f"data:text/html,<script>{_RUN}</script>",
    f'<div style="background:url(http://{ELSEWHERE}/13)">x</div>',
    f"<table background=http://{ELSEWHERE}/14><tr><td>x</table>",
    f'<img srcset="http://{ELSEWHERE}/15 1x">',
    f"</title></textarea></style></script><img src=x onerror={_RUN}>",
    f'=HYPERLINK("http://{ELSEWHERE}/16","x")',
    rf"\u003cimg src=x onerror={_RUN}\u003e",
)
TEXTS: dict[str, tuple[str, ...]] = {
    "api_token": ("name",),
    "approval": ("voided_why",),
    "ask_turn": ("said",),
    "attendance": ("sessions",),
    "attendance_note": ("text",),
    "campaign": ("name", "subject", "topics"),
    "campaign_link": ("label", "topic", "url"),
    "campaign_origin": ("agent",),
    "campaign_recipient": ("name", "company"),
    "campaign_rule": ("name",),
    "campaign_text": ("words",),
    "customer": (
        "name", "segment", "industry", "region", "country", "city", "lifecycle_stage", "interests",
        "goals", "challenges",
    ),
    "customer_name": ("name",),
    "draft": ("subject", "why", "topic"),
    "draft_attachment": ("name",),
    "draft_event": ("why",),
    "event": (
        "name", "topic", "place", "city", "country", "description", "cancelled_why", "join_url",
        "registration_url", "moved_from", "segments", "regions",
    ),
    "event_offer": ("title", "code", "detail", "segments"),
    "event_resource": ("title", "url", "topics"),
    "event_session": ("title", "speaker", "description", "room", "takeaways", "topics"),
    "follow_up": ("waived_why",),
    "health_change": ("cause",),
    "hook_delivery": ("kind", "error", "subject"),
    "inbound_mail": ("sender", "subject", "text"),
    "integration": ("name",),
    "invitation": ("declined_why", "reasons"),
    "invitation_event": ("why",),
    "job": ("error",),
    "mail_event": ("user_agent",),
    "mailbox": ("display_name", "signature", "why"),
    "notification": ("title", "body"),
    "opportunity": ("notes",),
    "opportunity_event": ("note",),
    "outbox": ("subject", "reply", "reason"),
    "outbox_event": ("why",),
    "participant": ("name", "company", "title"),
    "person": ("name",),
    "promise": ("sentence", "what"),
    "rating": ("comment",),
    "registration": ("name",),
    "risk_signal": ("sentence", "closed_why"),
    "risk_signal_event": ("sentence", "why"),
    "stakeholder": ("first_name", "last_name", "title"),
    "stakeholder_email": ("shown_as",),
    "suppression": ("note",),
    "task": ("title", "detail"),
    "template_version": ("note",),
    "ticket": (
        "number", "subject", "area", "agent", "team", "escalated_to", "csat_comment", "resolution",
        "phrases", "tags", "url",
    ),
    "ticket_cluster": ("title",),
    "ticket_follow_up": ("why",),
    "ticket_level": ("why",),
    "ticket_message": ("text",),
    "ticket_requester": ("name", "organisation"),
    "ticket_state": ("before", "value"),
    "timeline_entry": ("title", "detail"),
    "topic_dismissal": ("topic", "why"),
    "touch": ("what",),
    "upload": ("file_name", "label", "error"),
    "weight_set": ("note",),
}  # fmt: skip
"""Columns that hold what somebody elsewhere wrote, or words made of it."""


_CODES = """
    action actions approved_hash arm audience author band blocks built_in bulk_by calendar_id
    calibration candidates channel choices condition content_type csat currency cursor customers
    dedup_key deeds desk entity evidence external_id facts features format found_by from_stage
    from_state identifier ip key kind kind_by language layout_key level mapping message_id method move
    name_key number_key occasion parts password_hash payload person_key prefix provider_draft_id
    provider_id purpose query question_key question_kind reason ref reminders repeats role
    rule_level scopes screen seat sentiment severity sha256 source source_event_id source_ref
    spoken_of stage state status template tested thread_id time_zone to_stage to_state token
    token_hash tracking trend type types unsubscribe vendor vendor_event_id vendor_key verdict
    way weights
"""
CODES = frozenset(_CODES.split())
"""Names of columns that hold our own words, ids, hashes, and values that are checked or made of others."""
_LEFT = """
    app_setting.name app_setting.value audit_entry.detail audit_entry.what
    campaign_recipient.address campaign_recipient.domain campaign_recipient.email
    customer_domain.domain data_version.name domain_habit.domain draft.html draft.text
    draft.values fit_model.why frozen_mail.recipient integration.address integration.options
    invitation.sessions kept_frame.name mail_event.detail mail_link.url mailbox.address
    mailbox.options match_answer.detail outbox.recipient outbox.topic participant.email
    participant.spellings person.email registration.email stakeholder_email.email suppression.email suppression.topic
    template_version.html template_version.over template_version.subject template_version.text
    ticket_requester.email ticket_state.what upload.summary upload_part.name
"""
LEFT = frozenset(_LEFT.split())
"""Columns called as texts of others are: addresses, which are checked; words of mails, which are drafted from the
texts above or refused when they are no template; and what is only ever written by us, as the JSON of spellings, which no
screen shows."""


def poisoned(value: Any, texts: Iterator[str]) -> Any:
    """The same values with a payload for each text in them, but for addresses of pages."""
    if isinstance(value, dict):
        return {key: poisoned(one, texts) for key, one in value.items()}
    if isinstance(value, list):
        return [poisoned(one, texts) for one in value]
    if isinstance(value, str) and not value.startswith("http"):
        return next(texts)
    return value


def unplaced() -> list[str]:
    """Columns of text of which nobody has said yet whether others write them."""
    return [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, (sa.String, sa.JSON))
        and column.name not in CODES.union(TEXTS.get(table.name, ()))
        and f"{table.name}.{column.name}" not in LEFT
    ]


def poison(connection: Connection) -> int:
    """Put a payload into each of these texts that is filled, another one in each row; how many."""
    done = 0
    for shift, (name, columns) in enumerate(TEXTS.items()):
        table = Base.metadata.tables[name]
        for place, column in enumerate(columns):
            done += _fill(connection, table, column, shift * 7 + place * 13)
    return done


def _fill(connection: Connection, table: Table, name: str, shift: int) -> int:
    column, keys = table.c[name], list(table.primary_key)
    longest: int | None = getattr(column.type, "length", None)
    listed = isinstance(column.type, sa.JSON) or "JSON" in type(column.type).__name__
    rows = connection.execute(sa.select(*keys, column).where(column.is_not(None)).order_by(*keys))
    changes = []
    for number, (*key, value) in enumerate(rows.all()):
        text = f"{PAYLOADS[(number + shift) % len(PAYLOADS)]} {number}"
        if listed and not (isinstance(value, list) and all(isinstance(v, str) for v in value)):
            continue
        new: object = [text] if listed else text[:longest]
        if value not in ("", []):
            names = [f"k{n}" for n in range(len(keys))]
            changes.append(dict(zip(names, key, strict=True)) | {"new": new})
    if changes:
        here = [one == sa.bindparam(f"k{n}") for n, one in enumerate(keys)]
        change = (
            sa.update(table).where(*here).values({name: sa.bindparam("new", type_=column.type)})
        )
        connection.execute(change, changes)
    return len(changes)
