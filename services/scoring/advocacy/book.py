"""Advocacy opportunities: made of candidates, moved from stage to stage, each move kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.tables import Customer, Opportunity, OpportunityEvent
from services import tasks
from services.access import Viewer, audit, require_customer, visible
from services.access.day import day_of
from services.ids import public_id
from services.plurals import plural
from services.scoring.advocacy.candidates import UNDER_WAY, Candidate, among, candidates
from services.scoring.advocacy.notable import OVERRIDABLE, TYPES
from services.timeline import note

SOURCE = "advocacy"
MOVES = {
    "identified": {"asked", "declined"},
    "asked": {"agreed", "declined"},
    "agreed": {"delivered", "declined"},
    "delivered": {"agreed"},
    "declined": {"identified"},
}
TASKS = {
    "case_study": "Schedule the case study discussion",
    "speaking": "Offer a speaking slot",
    "advisory_board": "Invite to the advisory board",
    "reference": "Ask to join the reference pool",
}
DECLINED = "the opportunity is declined."
FIRST_STEP = timedelta(days=3)
LONGEST_NOTE = 2_000
MOST_AT_ONCE = 50


def create(
    session: Session,
    customer_ids: tuple[int, ...],
    *,
    by: Viewer,
    now: datetime,
    override: bool = False,
) -> list[int]:
    """An opportunity and its first task for each of these customers, in this order; their ids.

    BadInput names the customer that cannot be asked and why. `override` accepts what a CSM may decide
    otherwise: a renewal that is near.
    """
    if not customer_ids:
        raise BadInput("Choose at least one customer.")
    if len(customer_ids) > MOST_AT_ONCE:
        raise BadInput(f"Create {MOST_AT_ONCE} opportunities at once at most.")
    for number in sorted(set(customer_ids)):
        # Locked, so that two people at once make one opportunity.
        require_customer(session, by, number)
        session.execute(select(Customer.id).where(Customer.id == number).with_for_update())
    found = among(candidates(session, by, now), customer_ids)
    if len(found) < len(set(customer_ids)):
        raise BadInput("Only customers with a score of 80 or more are advocacy candidates.")
    for one in found:
        _refuse(one, override=override)
    return [_make(session, one, by, now) for one in found]


def create_top(session: Session, count: int, *, by: Viewer, now: datetime) -> list[int]:
    """Opportunities for the best candidates, best first; BadInput when there is none."""
    best = candidates(session, by, now).rows[: max(count, 0)]
    if not best:
        raise BadInput(
            "Nobody can be asked at present. See under “Not now” what speaks against it."
        )
    return create(session, tuple(one.customer_id for one in best), by=by, now=now)


def _refuse(one: Candidate, *, override: bool) -> None:
    left = [code for code in one.blocks if not (override and code in OVERRIDABLE)]
    if left:
        raise BadInput(f"{one.customer} cannot be asked now: {one.block_words.lower()}.")


def _make(session: Session, one: Candidate, by: Viewer, now: datetime) -> int:
    made = Opportunity(
        customer_id=one.customer_id,
        types=list(one.types),
        champion_id=one.champion.stakeholder_id if one.champion else None,
        owner_id=one.csm_id or by.person_id,
        stage="identified",
        notes=notes_of(one),
        score=one.score,
        evidence=evidence_of(one),
        created_by=by.person_id,
        created_at=now,
        updated_at=now,
    )
    session.add(made)
    session.flush()  # its task and its history name its id
    made.task_id = _first_task(session, made, one, by, now)
    _record(session, made, None, "", by, now)
    return made.id


def notes_of(one: Candidate) -> str:
    """`Spoke at an event, attends steadily, 16 of 18 events, $200,000 ARR`."""
    worth = [] if one.arr is None else [f"{one.arr:,.0f} {one.currency} ARR"]
    return "; ".join([*one.remarks, _seen(one), *worth])


def _seen(one: Candidate) -> str:
    return f"{one.attended} of {plural(one.eligible, 'event')}"


def evidence_of(one: Candidate) -> list[dict[str, Any]]:
    customer = {"customer": public_id("customer", one.customer_id)}
    lines = [{"claim": said, "fact": f"{_seen(one)} in the year",
              "screen": "engagement", "query": customer} for said in one.remarks]  # fmt: skip
    if one.champion:
        fact = f"{one.champion.title or one.champion.role or 'Stakeholder'}; seen at {plural(one.champion.events, 'event')} in the year."
        lines.append({"claim": f"Champion: {one.champion.name}", "fact": fact,
                      "screen": "customer", "query": {"id": customer["customer"]}})  # fmt: skip
    return lines


def _first_task(
    session: Session, made: Opportunity, one: Candidate, by: Viewer, now: datetime
) -> int | None:
    what = TASKS[one.types[0]] if one.types else "Ask for their support"
    whom = f" with {one.champion.name}" if one.champion else ""
    return tasks.add(
        session,
        tasks.NewTask(
            dedup_key=f"advocacy:{made.id}",
            title=f"{one.customer}: {what.lower() if whom == '' else what}{whom}",
            detail=made.notes,
            due_at=_working_day(day_of(session, made.owner_id, now + FIRST_STEP)),
            owner_id=made.owner_id,
            customer_id=made.customer_id,
            stakeholder_id=made.champion_id,
            source=SOURCE,
            source_id=made.id,
        ),
        now=now,
        by=by,
    )


def _working_day(day: date) -> datetime:
    while day.weekday() > 4:
        day += timedelta(days=1)
    return datetime.combine(day, datetime.min.time(), UTC)


def find_opportunity(
    session: Session, by: Viewer, number: int, *, lock: bool = False
) -> Opportunity:
    """NotFound when it is not of a customer that `by` sees."""
    statement = (
        select(Opportunity)
        .join(Customer, Customer.id == Opportunity.customer_id)
        .where(Opportunity.id == number, visible(by))
    )
    found = session.scalar(statement.with_for_update(of=Opportunity) if lock else statement)
    if found is None:
        raise NotFound("There is no such opportunity in your portfolio. Reload the page.")
    return found


def move(
    session: Session,
    opportunity_id: int,
    to: str,
    note_text: str = "",
    *,
    by: Viewer,
    now: datetime,
) -> None:
    """Take it to another stage of MOVES; InvalidMove when that does not follow from where it is."""
    if len(note_text) > LONGEST_NOTE:
        raise BadInput(f"Shorten the note to {LONGEST_NOTE:,} characters.")
    found = find_opportunity(session, by, opportunity_id, lock=True)
    if to == found.stage:
        return
    if to not in MOVES[found.stage]:
        raise InvalidMove(f"This opportunity is {found.stage}; it cannot become {to} from there.")
    if found.stage == "declined" and _another_open(session, found):
        raise InvalidMove("Another opportunity of this customer is under way. Work with that one.")
    before, found.stage, found.updated_at = found.stage, to, now
    found.asked_at = now if to == "asked" else found.asked_at
    found.closed_at = now if to in ("delivered", "declined") else None
    if to == "declined":
        tasks.cancel_for(session, SOURCE, [found.id], DECLINED, now=now, by=by)
    elif before == "declined":
        tasks.bring_back(session, SOURCE, [found.id], now=now, by=by)
    _record(session, found, before, note_text.strip(), by, now)


@dataclass(frozen=True)
class Wording:
    """What people write of an opportunity."""

    notes: str
    types: tuple[str, ...]


def clashes(opened: Wording, wanted: Wording, there: Wording) -> tuple[str, ...]:
    """What was changed since it was opened, and by somebody else to something else."""
    return tuple(
        name
        for name in ("notes", "types")
        if getattr(opened, name) not in (getattr(wanted, name), getattr(there, name))
        and getattr(wanted, name) != getattr(there, name)
    )


def edit(
    session: Session,
    opportunity_id: int,
    wanted: Wording,
    *,
    by: Viewer,
    now: datetime,
    opened: Wording | None = None,
) -> tuple[str, ...]:
    """Change what is asked for and the notes; what of it has changed.

    With `opened`, what it was before it was changed, nobody's work is lost: what only somebody else has
    changed meanwhile stays theirs, and what both have changed is an InvalidMove that says theirs.
    """
    found = find_opportunity(session, by, opportunity_id, lock=True)
    there = Wording(found.notes, tuple(found.types))
    wanted = replace(wanted, notes=wanted.notes.strip())
    if opened and (both := clashes(opened, wanted, there)):
        theirs = {"notes": f"notes: “{there.notes}”", "types": f"choice: {titles(there.types)}"}
        raise InvalidMove(
            "Somebody else has changed this meanwhile. Their "
            + "; their ".join(theirs[name] for name in both)
            + ". Yours still stand in the form: bring both together there and save again."
        )
    if opened:
        wanted = Wording(
            there.notes if wanted.notes == opened.notes else wanted.notes,
            there.types if wanted.types == opened.types else wanted.types,
        )
    if not wanted.types or any(one not in TYPES for one in wanted.types):
        raise BadInput(f"Choose at least one of: {', '.join(TYPES.values())}.")
    if len(wanted.notes) > LONGEST_NOTE:
        raise BadInput(f"Shorten the notes to {LONGEST_NOTE:,} characters.")
    parts = ("notes", "types")
    changed = tuple(name for name in parts if getattr(wanted, name) != getattr(there, name))
    if changed:
        found.notes, found.types, found.updated_at = wanted.notes, list(wanted.types), now
        detail = {"types": [list(there.types), list(wanted.types)]} if "types" in changed else None
        audit(
            session, by, "opportunity.edited", "opportunity", found.id, " and ".join(changed), now,
            detail=detail,
        )  # fmt: skip
    return changed


def _another_open(session: Session, found: Opportunity) -> bool:
    session.execute(select(Customer.id).where(Customer.id == found.customer_id).with_for_update())
    other = select(Opportunity.id).where(
        Opportunity.customer_id == found.customer_id,
        Opportunity.id != found.id,
        Opportunity.stage.in_(UNDER_WAY),
    )
    return session.scalar(other.limit(1)) is not None


def _record(
    session: Session, found: Opportunity, before: str | None, why: str, by: Viewer, now: datetime
) -> None:
    session.add(
        OpportunityEvent(
            opportunity_id=found.id,
            at=now,
            from_stage=before,
            to_stage=found.stage,
            note=why,
            person_id=by.person_id,
        )
    )
    said = " + ".join(TYPES[one] for one in found.types)
    note(
        session, found.customer_id, "signal", now, f"Advocacy {found.stage}: {said}",
        why or found.notes, dedup_key=f"advocacy:{found.id}:{found.stage}:{now.isoformat()}",
        screen="advocacy", query={"opportunity": public_id("opportunity", found.id)}, by=by,
    )  # fmt: skip
    audit(session, by, f"opportunity.{found.stage}", "opportunity", found.id, why or said, now)


def titles(types: Sequence[str]) -> str:
    return " + ".join(TYPES.get(one, one) for one in types)
