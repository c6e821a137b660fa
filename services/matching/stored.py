"""The customer book: what matching knows, read from the tables."""

from __future__ import annotations

from functools import partial

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from data.bulk import read_frame, read_large
from data.settings import settings
from data.tables import (
    AppSetting,
    Customer,
    CustomerDomain,
    CustomerName,
    MatchAnswer,
    StakeholderEmail,
)
from data.versions import MATCHING, current
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

_last: dict[tuple[object, ...], PreparedBook] = {}
"""The last book made in this process of what is committed. Read-only, so threads may share it."""


def load_book(session: Session) -> PreparedBook:
    """Customers, names, domains, stakeholders, addresses and answers, ready to match against.

    Made anew when the `matching` data version has moved; working out its keys takes far longer than
    matching a small file.
    """
    stamp = _stamp(session)
    book = _last.get(stamp)
    if book is None:
        book = _read(session)
        # A change that is rolled back leaves its version to the next one, which would find this book.
        event.listen(session, "after_commit", partial(_keep, stamp, book), once=True)
    return book


def _keep(stamp: tuple[object, ...], book: PreparedBook, _session: Session) -> None:
    _last.clear()
    _last[stamp] = book


def _stamp(session: Session) -> tuple[object, ...]:
    """What a book depends on. The counts tell apart two databases that stand in the same place, one
    restored over the other, should their versions be equal."""
    tables = (Customer, CustomerDomain, CustomerName, StakeholderEmail, MatchAnswer)
    counts = [session.scalar(select(func.count()).select_from(table)) for table in tables]
    version = current(session).get(MATCHING, 0)
    return (str(session.get_bind().engine.url), version, *counts, own_domains(session))


def _read(session: Session) -> PreparedBook:
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
    return tuple(sorted({*settings().own_domain_list, *(kept.value if kept else [])}))
