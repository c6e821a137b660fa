"""New drafts: one per occasion, one by one or by the thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from data.errors import BadInput, NotFound
from data.keys import reserve_keys
from data.once import add_all_once
from data.pieces import PIECE, pieces
from data.tables import Customer, Draft, DraftAttachment, Stakeholder
from data.texts import one_line
from services import rendering
from services.access import Viewer, require_customer
from services.drafts.files import names_of
from services.drafts.holding import UnderWay, under_way, words_of
from services.drafts.moves import note_created
from services.drafts.records import (
    LONGEST_SUBJECT,
    MOST_ATTACHMENTS_BYTES,
    SEVERITY_RANK,
    NewDraft,
)
from services.drafts.words import Words, written
from services.suppression import TOPICS

_TABLE = cast("Table", Draft.__table__)


@dataclass(frozen=True)
class _Recipient:
    customer_id: int
    csm_id: int | None


def create(
    session: Session, new: NewDraft, *, now: datetime, by: Viewer | None = None
) -> int | None:
    """The id of the new draft; None when its occasion has one already.

    With `by`, a person writes it, to a customer they see. BadInput for values that cannot be used,
    NotFound for a stakeholder who is not the customer's.
    """
    if by is not None:
        require_customer(session, by, new.customer_id)
    made = _create(session, [new], by.person_id if by else None, now)
    return made[0] if made else None


def create_many(session: Session, drafts: Sequence[NewDraft], *, now: datetime) -> list[int]:
    """The ids of those made, in the order given. Occasions that have a draft already are passed over.

    All or nothing when one cannot be used: BadInput or NotFound.
    """
    return _create(session, drafts, None, now)


def _create(
    session: Session, drafts: Sequence[NewDraft], person_id: int | None, now: datetime
) -> list[int]:
    fresh = _without_known(session, drafts)
    if not fresh:
        return []
    for new in fresh:
        _check(new)
    recipients = _recipients(session, fresh)
    words = _render(session, fresh)
    held = _held(session, fresh, words, now)
    ids = reserve_keys(session, _TABLE, len(fresh)).to_list()
    rows = [
        _row(new, number, said, recipients[new.stakeholder_id], why)
        | {"created_by": person_id, "created_at": now, "updated_at": now}
        for new, number, said, why in zip(fresh, ids, words, held, strict=True)
    ]
    made = _insert(session, rows)
    states = ((row["id"], row["state"], row["why"]) for row in rows if row["id"] in made)
    note_created(session, states, person_id, now)
    _attach(session, [(n, new) for n, new in zip(ids, fresh, strict=True) if n in made])
    return [number for number in ids if number in made]


def _without_known(session: Session, drafts: Sequence[NewDraft]) -> list[NewDraft]:
    """The first draft per occasion, of those that have none yet."""
    first = {new.dedup_key: new for new in reversed(drafts)}
    keys = list(first)
    known: set[str] = set()
    for start in range(0, len(keys), PIECE):
        some = keys[start : start + PIECE]
        known.update(session.scalars(select(Draft.dedup_key).where(Draft.dedup_key.in_(some))))
    return [new for new in drafts if first[new.dedup_key] is new and new.dedup_key not in known]


def _check(new: NewDraft) -> None:
    if not 0 < len(new.dedup_key) <= 200:
        raise BadInput("A draft needs a key of up to 200 characters that names its occasion.")
    if new.topic not in TOPICS:
        raise BadInput(f"{new.topic} is no topic. Use one of {', '.join(TOPICS)}.")
    if new.severity not in SEVERITY_RANK:
        raise BadInput(f"{new.severity} is no severity. Use one of {', '.join(SEVERITY_RANK)}.")
    if new.template is None and not new.subject.strip() and not new.text.strip():
        raise BadInput("A draft without a template needs a subject or a text.")
    if sum(len(file.content) for file in new.attachments) > MOST_ATTACHMENTS_BYTES:
        raise BadInput("The attachments are larger than 10 MB together. Link to them instead.")
    names_of(new.attachments)


def _recipients(session: Session, drafts: Sequence[NewDraft]) -> dict[int, _Recipient]:
    found: dict[int, _Recipient] = {}
    for some in pieces([new.stakeholder_id for new in drafts]):
        rows = session.execute(
            select(Stakeholder.id, Stakeholder.customer_id, Customer.csm_id)
            .join(Customer, Customer.id == Stakeholder.customer_id)
            .where(Stakeholder.id.in_(some))
        )
        found |= {number: _Recipient(customer, csm) for number, customer, csm in rows}
    for new in drafts:
        known = found.get(new.stakeholder_id)
        if known is None or known.customer_id != new.customer_id:
            raise NotFound("The recipient is no stakeholder of this customer. Choose another one.")
    return found


def _render(session: Session, drafts: Sequence[NewDraft]) -> list[Words]:
    """In the order of `drafts`; all of one template together, since that is many times faster."""
    words: dict[int, Words] = {}
    by_template: dict[str, list[int]] = defaultdict(list)
    for place, new in enumerate(drafts):
        if new.template is None:
            words[place] = written(new.subject, new.text)
        else:
            by_template[new.template].append(place)
    for template, places in by_template.items():
        values: list[Mapping[str, Any]] = [drafts[place].values for place in places]
        for place, made in zip(
            places, rendering.render_many(session, template, values), strict=True
        ):
            subject = one_line(made.subject)[:LONGEST_SUBJECT]
            words[place] = Words(subject, made.text, made.html, made.version)
    return [words[place] for place in range(len(drafts))]


def _held(
    session: Session, drafts: Sequence[NewDraft], words: Sequence[Words], now: datetime
) -> list[str | None]:
    """Per draft why it waits its turn, or None: another mail to that person, of no less weight, is under
    way for the same time or stands before it among the new ones."""
    busy = under_way(session, [new.stakeholder_id for new in drafts])
    held: list[str | None] = []
    for new, said in zip(drafts, words, strict=True):
        rank, at = SEVERITY_RANK[new.severity], max(new.not_before or now, now)
        others = busy.setdefault(new.stakeholder_id, [])
        other = next((one for one in others if one.rank >= rank and one.meets(at, now)), None)
        held.append(words_of(other) if other and new.may_hold else None)
        if held[-1] is None:
            others.append(UnderWay(0, said.subject, rank, approved=False, leaves_at=new.not_before))
    return held


def _row(
    new: NewDraft, number: int, words: Words, recipient: _Recipient, held: str | None
) -> dict[str, Any]:
    return {
        "id": number,
        "dedup_key": new.dedup_key,
        "kind": new.kind,
        "topic": new.topic,
        "severity": new.severity,
        "customer_id": new.customer_id,
        "stakeholder_id": new.stakeholder_id,
        "owner_id": new.owner_id or recipient.csm_id,
        "mailbox_id": new.mailbox_id,
        "template": new.template,
        "template_version": words.version,
        "values": dict(new.values),
        "subject": words.subject,
        "text": words.text,
        "html": words.html,
        "evidence": [dict(one) for one in new.evidence],
        "source": new.source,
        "source_id": new.source_id,
        "not_before": new.not_before,
        "expires_at": new.expires_at,
        "state": "held" if held else "pending",
        "why": held,
        "revision": 1,
    }


def _insert(session: Session, rows: list[dict[str, Any]]) -> set[int]:
    """The ids that went in: another session may have been first with an occasion (only on Postgres,
    where it can have committed since we looked)."""
    return set(add_all_once(session, Draft, rows))


def _attach(session: Session, made: Sequence[tuple[int, NewDraft]]) -> None:
    rows = [
        {
            "draft_id": number,
            "name": name,
            "content_type": file.content_type,
            "content": file.content,
        }
        for number, new in made
        for name, file in zip(names_of(new.attachments), new.attachments, strict=True)
    ]
    if rows:
        session.execute(insert(DraftAttachment), rows)
