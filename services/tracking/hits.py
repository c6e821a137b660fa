"""What readers and programs ask of us because of a mail: kept as it came, judged later."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from data.tables import MailEvent, MailLink, OutboxMail
from services.tracking.signing import LENGTH, Purpose
from services.web_addresses import is_web_address

_KINDS = {"open": "open", "click": "click", "unsubscribe": "unsubscribe"}
_LONGEST_AGENT = 500
_PIECE = 500


@dataclass(frozen=True)
class Hit:
    """One request for a pixel, a link or (GET and HEAD only) the preferences page.

    `user_agent` is empty when none was sent; `ip` is null when it is not known.
    """

    purpose: Purpose
    token: str
    at: datetime
    method: str
    ip: str | None
    user_agent: str


@dataclass(frozen=True)
class Target:
    """Where a link leads; `hidden` ones lead nowhere."""

    url: str
    hidden: bool


def target_of(session: Session, token: str) -> Target | None:
    """Of a link in one of our mails, from our own table; None for anything else."""
    if len(token) != LENGTH:
        return None
    found = session.execute(
        select(MailLink.url, MailLink.hidden).where(MailLink.token == token)
    ).one_or_none()
    if found is None or not is_web_address(found.url):
        return None
    return Target(found.url, found.hidden)


def store(session: Session, hits: Sequence[Hit]) -> int:
    """Add one MailEvent per hit, in one insert; those whose mail is not in the queue are left out."""
    mails = {
        "open": _mails_by(session, OutboxMail.tracking, _tokens(hits, "open")),
        "unsubscribe": _mails_by(session, OutboxMail.unsubscribe, _tokens(hits, "unsubscribe")),
        "click": _mails_by_link(session, _tokens(hits, "click")),
    }
    rows: list[dict[str, Any]] = []
    for hit in hits:
        found = mails[hit.purpose].get(hit.token)
        if found is not None:
            rows.append(_row(hit, *found))
    if rows:
        session.execute(insert(MailEvent), rows)
    return len(rows)


def _row(hit: Hit, outbox_id: int, link_id: int | None) -> dict[str, Any]:
    return {
        "outbox_id": outbox_id,
        "kind": _KINDS[hit.purpose],
        "at": hit.at,
        "link_id": link_id,
        "method": hit.method[:10],
        "ip": hit.ip[:45] if hit.ip else None,
        "user_agent": _clean(hit.user_agent),
        "source": "own",
        "verdict": "unknown",
    }


def _clean(agent: str) -> str:
    """Without what Postgres refuses; a header may carry any byte."""
    return "".join(c if c.isprintable() else " " for c in agent)[:_LONGEST_AGENT]


def _tokens(hits: Sequence[Hit], purpose: Purpose) -> list[str]:
    return sorted({hit.token for hit in hits if hit.purpose == purpose})


def _mails_by(
    session: Session, column: Any, tokens: Collection[str]
) -> dict[str, tuple[int, int | None]]:
    found: dict[str, tuple[int, int | None]] = {}
    for piece in _pieces(tokens):
        rows = session.execute(select(column, OutboxMail.id).where(column.in_(piece)))
        found |= {token: (number, None) for token, number in rows}
    return found


def _mails_by_link(session: Session, tokens: Collection[str]) -> dict[str, tuple[int, int | None]]:
    found: dict[str, tuple[int, int | None]] = {}
    for piece in _pieces(tokens):
        rows = session.execute(
            select(MailLink.token, OutboxMail.id, MailLink.id)
            .join(OutboxMail, OutboxMail.message_id == MailLink.message_id)
            .where(MailLink.token.in_(piece))
        )
        found |= {token: (number, link) for token, number, link in rows}
    return found


def _pieces(tokens: Collection[str]) -> list[list[str]]:
    ordered = list(tokens)
    return [ordered[start : start + _PIECE] for start in range(0, len(ordered), _PIECE)]
