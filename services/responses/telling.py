"""Who learns of what came in: the customer's timeline, and the one in whose name our mail went out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from data.tables import InboundMail, OutboxMail, Stakeholder
from integrations.dsn import Report
from services import notifications, timeline
from services.ids import public_id
from services.notifications import Action
from services.outbox import bounced
from services.responses.reports import same_recipient

_SHOWN = 500
"""Characters of a reply in a notification."""
_NAMED = 80
"""Characters of an address that is told in a title."""


def tell_answer(
    session: Session, mail: OutboxMail, answer: InboundMail, *, by_words: bool, now: datetime
) -> None:
    """`by_words`: its text is shown, for nothing but its words calls it automatic. An automatic answer disturbs
    nobody."""
    automatic = answer.kind == "auto_reply"
    detail = answer.subject if automatic and not by_words else answer.text
    title = _title(session, mail, answer, by_words=by_words)
    _note(session, mail, answer, "reply", title, detail)
    if automatic:
        return
    body = answer.text[:_SHOWN]
    if answer.kind == "other":
        body = (
            "It does not count as an answer of the recipient. If the address is theirs, add it to"
            f" them under Stakeholders.\n\n{body}"
        )
    _notify(session, mail, answer, "reply", title, body, urgent=False, now=now)


def tell_report(
    session: Session, mail: OutboxMail, letter: InboundMail, report: Report, *, now: datetime
) -> None:
    """A bounce or a complaint; that the mail was passed on disturbs nobody."""
    name = _name(session, mail.stakeholder_id)
    title, body, urgent = _words(name, mail, report)
    _note(session, mail, letter, "signal", title, body)
    if report.kind == "passed_on":
        return
    _notify(session, mail, letter, report.kind, title, body, urgent=urgent, now=now)


def untell(session: Session, answer: InboundMail, *, now: datetime) -> None:
    """What was told of it is no longer so, and may be told in another way."""
    timeline.withdraw(session, [_key(answer)], now)
    notifications.withdraw(session, [_key(answer)])


def _key(letter: InboundMail) -> str:
    return f"inbound:{letter.id}"


def _note(
    session: Session, mail: OutboxMail, letter: InboundMail, kind: str, title: str, detail: str
) -> None:
    if mail.customer_id is None:
        return
    timeline.note(
        session, mail.customer_id, kind, min(letter.at, letter.read_at), title, detail,
        dedup_key=_key(letter), stakeholder_id=letter.stakeholder_id,
    )  # fmt: skip


def _notify(  # noqa: PLR0913 - the parts of a notice
    session: Session,
    mail: OutboxMail,
    letter: InboundMail,
    kind: str,
    title: str,
    body: str,
    *,
    urgent: bool,
    now: datetime,
) -> None:
    if mail.owner_id is None or mail.customer_id is None:
        return
    customer = public_id("customer", mail.customer_id)
    notifications.notify(
        session, mail.owner_id, _key(letter), kind, title, body,
        customer_id=mail.customer_id, urgent=urgent, now=now,
        actions=[Action("Customer", "customer", (("id", customer),))],
    )  # fmt: skip


def _title(session: Session, mail: OutboxMail, answer: InboundMail, *, by_words: bool) -> str:
    to, subject = _name(session, mail.stakeholder_id), f"“{mail.subject}”"
    theirs = answer.stakeholder_id == mail.stakeholder_id and answer.kind != "other"
    if answer.kind == "auto_reply":
        which = (
            f"Automatic answer, by its words, to {subject}"
            if by_words
            else f"Automatic answer to {subject}"
        )
        return which if theirs else f"{which}, from {answer.sender[:_NAMED]}"
    if answer.kind == "other":
        who = answer.sender[:_NAMED] or "no address"
        return f"Somebody else ({who}) answered the mail to {to}: {subject}"
    said = f"{_name(session, answer.stakeholder_id)} replied to {subject}"
    return said if theirs else f"{said}, the mail to {to}"


def _words(name: str, mail: OutboxMail, report: Report) -> tuple[str, str, bool]:
    """Title, body, and whether it should be seen at once."""
    ours = same_recipient(mail, report)
    if report.kind == "complaint":
        return _complained(name, mail, report, ours=ours)
    if report.kind == "passed_on":
        body = f"Their address took “{mail.subject}” for several people behind it. Nothing else is known of it."
        return f"Mail to {name} was passed on", body, False
    if report.dead and ours:
        return f"Mail to {name} came back for good", f"{bounced.GONE} {report.words}".strip(), True
    beyond = report.beyond or (None if ours else report.recipient)
    if beyond is not None:
        body = (
            f"Their address sent it on to {beyond[:_NAMED]}, which has not taken it. Their own address stays in use: "
            f"ask them whether the mail reached them. {report.words}"
        )
        return f"Mail to {name} was passed on, and has not arrived", body.strip(), False
    return f"Mail to {name} could not be delivered yet", report.words, False


def _complained(
    name: str, mail: OutboxMail, report: Report, *, ours: bool
) -> tuple[str, str, bool]:
    if ours:
        body = "They get no more mail from us. Speak with them before anybody writes again."
        return f"{name} reported “{mail.subject}” as spam", body, True
    body = (
        f"The report names {(report.recipient or '')[:_NAMED]}; the mail went to {name} at another address, so nobody "
        "was put on the list. If it was them, add their address under Do not contact."
    )
    return f"Somebody reported “{mail.subject}” as spam", body, True


def _name(session: Session, stakeholder_id: int | None) -> str:
    person = session.get(Stakeholder, stakeholder_id) if stakeholder_id else None
    return (f"{person.first_name} {person.last_name}".strip() if person else "") or "A stakeholder"
