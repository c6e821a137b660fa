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
    "attendance_note": ("text",),
    "campaign": ("name", "subject"),
    "campaign_link": ("label", "topic", "url"),
    "campaign_recipient": ("name", "company"),
    "campaign_rule": ("name",),
    "campaign_text": ("words",),
    "customer": (
        "name", "segment", "industry", "region", "country", "city", "lifecycle_stage", "interests",
        "goals", "challenges",
    ),
    "draft": ("subject", "why", "topic"),
    "draft_attachment": ("name",),
    "draft_event": ("why",),
    "event": (
        "name", "topic", "place", "city", "country", "description", "cancelled_why", "join_url",
        "registration_url", "moved_from",
    ),
    "event_offer": ("title", "code", "detail"),
    "event_resource": ("title", "url"),
    "event_session": ("title", "speaker", "description", "room", "takeaways"),
    "health_change": ("cause",),
    "hook_delivery": ("kind", "error"),
    "inbound_mail": ("subject", "text"),
    "integration": ("name",),
    "invitation": ("declined_why", "reasons"),
    "mailbox": ("display_name", "why"),
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
    "suppression": ("note",),
    "task": ("title", "detail"),
    "template_version": ("note",),
    "ticket": ("subject", "area", "agent", "team", "escalated_to", "csat_comment", "tags", "url"),
    "ticket_cluster": ("title",),
    "ticket_level": ("why",),
    "ticket_message": ("text",),
    "ticket_requester": ("name", "organisation"),
    "timeline_entry": ("title", "detail"),
    "touch": ("what",),
    "upload": ("file_name", "label", "error"),
}  # fmt: skip
"""Columns that hold what somebody elsewhere wrote, or words made of it."""


def poisoned(value: Any, texts: Iterator[str]) -> Any:
    """The same values with a payload for each text in them, but for addresses of pages."""
    if isinstance(value, dict):
        return {key: poisoned(one, texts) for key, one in value.items()}
    if isinstance(value, list):
        return [poisoned(one, texts) for one in value]
    if isinstance(value, str) and not value.startswith("http"):
        return next(texts)
    return value


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
