"""The customer book: what matching knows, read from the tables."""

from __future__ import annotations

from sqlalchemy.orm import Session

from data.bulk import read_frame, read_large
from data.settings import settings
from data.tables import AppSetting
from services.matching.book import (
    ANSWERS,
    CUSTOMERS,
    DOMAINS,
    EMAILS,
    NAMES,
    STAKEHOLDERS,
    CustomerBook,
)
from services.matching.prepared import PreparedBook, prepare


def load_book(session: Session) -> PreparedBook:
    """Customers, names, domains, stakeholders, addresses and answers, ready to match against."""
    return prepare(
        CustomerBook(
            customers=read_large(session, "SELECT id, name FROM customer", CUSTOMERS),
            names=read_large(session, "SELECT customer_id, name FROM customer_name", NAMES),
            domains=read_large(session, "SELECT customer_id, domain FROM customer_domain", DOMAINS),
            stakeholders=read_large(
                session,
                "SELECT id, customer_id, first_name, last_name FROM stakeholder",
                STAKEHOLDERS,
            ),
            emails=read_large(
                session,
                "SELECT e.stakeholder_id, s.customer_id, e.email "
                "FROM stakeholder_email e JOIN stakeholder s ON s.id = e.stakeholder_id",
                EMAILS,
            ),
            answers=read_frame(
                session,
                "SELECT kind, key, customer_id, verdict FROM match_answer WHERE withdrawn_at IS NULL",
                ANSWERS,
            ),
            own_domains=own_domains(session),
        )
    )


def own_domains(session: Session) -> tuple[str, ...]:
    """The domains of the company that runs the app: from the settings and from the Settings page."""
    kept = session.get(AppSetting, "own_domains")
    return tuple({*settings().own_domain_list, *(kept.value if kept else [])})
