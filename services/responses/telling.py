"""Who learns of what came in: the customer's timeline, and the one in whose name our mail went out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from data.tables import OutboxMail, Stakeholder
from integrations.inbox.reading import Letter
from services import notifications, timeline
from services.ids import public_id
from services.notifications import Action
from services.outbox import bounced
from services.responses.threads import same_recipient

_SHOWN = 500
"""Characters of a reply in a notification."""


def tell(  # noqa: PLR0913 - the parts of a notice
    session: Session,
    mail: OutboxMail,
    kind: str,
    letter: Letter,
    inbound_id: int,
    *,
    at: datetime,
    now: datetime,
) -> None:
    """`kind` is reply, auto_reply, bounce or complaint. An automatic answer disturbs nobody."""
    if mail.customer_id is None:
        return
    name = _name(session, mail)
    title, body, urgent = _words(kind, name, mail, letter)
    key = f"inbound:{inbound_id}"
    timeline.note(
        session, mail.customer_id, "reply" if kind in ("reply", "auto_reply") else "signal",
        at, title, letter.text if kind == "reply" else body,
        dedup_key=key, stakeholder_id=mail.stakeholder_id,
    )  # fmt: skip
    if mail.owner_id is None or kind == "auto_reply":
        return
    customer = public_id("customer", mail.customer_id)
    notifications.notify(
        session, mail.owner_id, key, kind, title, body,
        customer_id=mail.customer_id, urgent=urgent, now=now,
        actions=[Action("Customer", "customer", (("id", customer),))],
    )  # fmt: skip


def _words(kind: str, name: str, mail: OutboxMail, letter: Letter) -> tuple[str, str, bool]:
    """Title, body, and whether it should be seen at once."""
    report = letter.report
    if kind == "reply":
        return f"{name} replied to “{mail.subject}”", letter.text[:_SHOWN], False
    if kind == "auto_reply":
        return f"Automatic answer to “{mail.subject}”", letter.subject, False
    if kind == "complaint":
        body = "They get no more mail from us. Speak with them before anybody writes again."
        return f"{name} reported “{mail.subject}” as spam", body, True
    if report is not None and report.dead and same_recipient(mail, report):
        body = bounced.GONE
        return f"Mail to {name} came back for good", f"{body} {report.words}".strip(), True
    body = report.words if report else ""
    return f"Mail to {name} could not be delivered yet", body, False


def _name(session: Session, mail: OutboxMail) -> str:
    person = session.get(Stakeholder, mail.stakeholder_id) if mail.stakeholder_id else None
    return (f"{person.first_name} {person.last_name}".strip() if person else "") or "A stakeholder"
