"""People at an event whose customer is known, and who are nobody's stakeholder yet: nobody can write to them."""

from __future__ import annotations

from datetime import datetime

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.tables import Attendance, Customer, Participant
from data.tables.events import CANCELLED
from services import erased
from services.access import Viewer, visible
from services.customers import MET, add_met
from services.seats import COUNTED_BAND

CERTAIN = (
    "email",
    "domain",
    "domain_and_company",
    "shared_domain_person",
    "shared_domain_company",
    "shared_domain_answer",
    "answer",
)
"""Evidence: an address at the customer's own domain, or a person's word. Who only typed a company's name, or a
domain like it, may be anybody: a mail that speaks of the customer is not for them."""
NEWCOMER = {"customer": pl.String, **MET}


def newcomers(session: Session, by: Viewer, event_id: int) -> pl.DataFrame:
    """NEWCOMER of those with an address, of the customers that `by` sees, whether they came or did not."""
    a, p = Attendance, Participant
    asked = (
        select(Customer.name, p.customer_id, p.email, p.name, p.title)
        .join(a, a.participant_id == p.id)
        .join(Customer, Customer.id == p.customer_id)
        .where(a.event_id == event_id, p.band == COUNTED_BAND, p.stakeholder_id.is_(None))
        .where(p.evidence.in_(CERTAIN), a.status != CANCELLED, p.email.is_not(None), visible(by))
        .order_by(Customer.name, p.name, p.id)
    )
    found = read_frame(session, asked, NEWCOMER)
    left = [one for one in found["email"].to_list() if not erased.is_stand_in(one)]
    return found.filter(pl.col("email").is_in(left))


def add_newcomers(session: Session, event_id: int, *, by: Viewer, now: datetime) -> int:
    """Make stakeholders of them; how many. Stand `services.uploads.rematch.rematching` around it, so that they
    are taken for who they are by now."""
    return add_met(session, newcomers(session, by, event_id), by=by, now=now)
