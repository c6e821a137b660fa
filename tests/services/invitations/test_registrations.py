from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.errors import InvalidMove
from data.tables import Attendance, Event, Participant, Registration, Upload
from data.tables.events import ATTENDED, CANCELLED, REGISTERED
from services.invitations.answers import answer
from services.invitations.funnel import funnel
from services.invitations.learning import learning
from services.invitations.recommending import asked
from services.invitations.reconcile import reconcile
from services.invitations.registrations import register, take_over
from services.invitations.registrations.book import free_seats
from services.invitations.registrations.linking import COMING, INVITED, folded, linked
from tests.services.invitations.world import invited, summit
from tests.support.portfolio import portfolio

INVITED_TO_IT = pl.DataFrame(
    [(1, 10, 100, "Maria Lopez"), (2, 10, 101, "Tom Baker"), (3, 20, 200, "Ines Weber"),
     (4, 30, 300, "Tom Baker")],
    INVITED, orient="row",
)  # fmt: skip


@pytest.mark.parametrize(
    ("coming", "invitation"),
    [
        (("a@x", "Somebody Else", 10, 100), 1),  # the address is hers on record
        (("b@x", "LÓPEZ, María", 10, None), 1),  # another address of the customer, in her name
        (("c@x", "ines weber", None, None), 3),  # a private address, and nobody else of that name
        (("d@x", "Tom Baker", None, None), None),  # two of that name are invited
        (("e@x", "Tom Baker", 30, None), 4),
        (("f@x", "Maria Lopez", 20, None), None),  # somebody of that name at another customer
        (("g@x", "Maria", None, None), None),
        (("h@x", "Colleague Of Hers", 10, 102), None),
    ],
)
def test_registration_answers_the_invitation_of_that_person(
    coming: tuple[object, ...], invitation: int | None
):
    found = linked(pl.DataFrame([coming], COMING, orient="row"), INVITED_TO_IT)
    assert found["invitation_id"].to_list() == [invitation]
    if invitation is not None:
        row = INVITED_TO_IT.row(by_predicate=pl.col("invitation_id") == invitation, named=True)
        assert found["stakeholder_id"].to_list() == [row["stakeholder_id"]]
        assert found["customer_id"].to_list() == [row["customer_id"]]


def test_single_word_is_nobodys_name():
    assert folded("Maria") == ""
    assert folded("Élise  de-la Cruz") == folded("CRUZ, Elise de la")


def seat(session: Session, event: int, email: str, name: str, customer: int | None, form: str,
         status: int = REGISTERED) -> Attendance:  # fmt: skip
    upload = session.scalar(select(Upload).where(Upload.format == form))
    if upload is None:
        upload = Upload(
            file_name="a.csv", sha256="0" * 64, size=1, state="committed", format=form,
            uploaded_at=datetime.fromisoformat("2026-11-01T00:00:00+00:00"),
        )  # fmt: skip
        session.add(upload)
    person = Participant(
        person_key=email, email=email, name=name, customer_id=customer, confidence=0.99,
        band="automatic" if customer else "unmatched", evidence="email",
    )  # fmt: skip
    session.add(person)
    session.flush()
    row = Attendance(participant_id=person.id, event_id=event, status=status, upload_id=upload.id)
    session.add(row)
    session.flush()
    return row


def test_platforms_registrations_are_taken_over_and_taken_back_with_them(
    session: Session, now: datetime
):
    known = portfolio(session, now)
    event = summit(session, now + timedelta(days=20), known.dana)
    maria = invited(session, known, event, known.maria, now)
    seat(session, event, "m.lopez@gmail.example", "Maria Lopez", None, "zoom_webinar_hook")
    file = seat(session, event, "new@techcorp.example", "Noa New", known.techcorp, "generic")
    assert take_over(session, [event], now) == 2
    assert take_over(session, [event], now) == 0
    rows = {r.email: r for r in session.query(Registration)}
    hers, his = rows["m.lopez@gmail.example"], rows["new@techcorp.example"]
    assert (hers.source, hers.invitation_id, hers.customer_id) == (
        "webhook",
        maria.id,
        known.techcorp,
    )
    assert (his.source, his.invitation_id, his.stakeholder_id) == ("file", None, None)
    assert reconcile(session, [event], now) == 1
    assert maria.state == "registered"
    session.delete(file)
    session.flush()
    assert take_over(session, [event], now) == 1
    assert [r.email for r in session.query(Registration)] == ["m.lopez@gmail.example"]


def test_one_person_under_two_addresses_has_one_seat(session: Session, now: datetime):
    known = portfolio(session, now)
    event = summit(session, now + timedelta(days=20), known.dana, capacity=2)
    maria = invited(session, known, event, known.maria, now)
    register(session, maria, "virtual", source="link", now=now)
    seat(session, event, "m.lopez@gmail.example", "Maria Lopez", None, "zoom_webinar_hook")
    assert take_over(session, [event], now) == 1
    assert session.query(Registration).count() == 2
    assert free_seats(session, session.get_one(Event, event)) == 1
    assert funnel(session, known.dana, event, now).registered == 1


def test_after_the_event_who_was_registered_has_come_or_not(session: Session, now: datetime):
    known = portfolio(session, now)
    event = summit(session, now - timedelta(days=1), known.dana)
    maria, ines = (invited(session, known, event, who, now) for who in (known.maria, known.ines))
    seat(session, event, "maria@techcorp.example", "Maria Lopez", known.techcorp, "zoom", ATTENDED)
    seat(session, event, "ines@datapro.example", "Ines Weber", known.datapro, "zoom")
    take_over(session, [event], now)
    reconcile(session, [event], now)
    assert (maria.state, ines.state) == ("attended", "missed")


def test_what_the_person_told_us_outlasts_a_platforms_registered(session: Session, now: datetime):
    known = portfolio(session, now)
    event = summit(session, now + timedelta(days=20), known.dana)
    maria = invited(session, known, event, known.maria, now)
    made = register(session, maria, "virtual", source="link", now=now)
    row = seat(session, event, "maria@techcorp.example", "Maria Lopez", known.techcorp, "zoom")
    made.state = "cancelled"
    session.flush()
    assert take_over(session, [event], now) == 0
    row.status = CANCELLED
    made.state = "registered"
    session.flush()
    assert take_over(session, [event], now) == 1
    assert session.query(Registration).one().state == "cancelled"


@pytest.mark.parametrize("linked_too", [True, False])
def test_who_declines_is_not_registered_again_by_what_a_platform_has_had_all_along(
    session: Session, now: datetime, *, linked_too: bool
):
    known = portfolio(session, now)
    event = summit(session, now + timedelta(days=20), known.dana, capacity=2)
    maria = invited(session, known, event, known.maria, now)
    if linked_too:
        register(session, maria, "virtual", source="link", now=now)
    row = seat(session, event, "m.lopez@gmail.example", "Maria Lopez", None, "zoom_webinar_hook")

    def at(hours: int) -> str:
        moment = now + timedelta(hours=hours)
        take_over(session, [event], moment)
        reconcile(session, [event], moment)
        return maria.state

    assert at(1) == "registered"
    stages = dict(funnel(session, known.dana, event, now).stages)  # no invitation has left yet
    assert [stages[one] for one in ("Drafted", "Sent", "Looked at", "Registered")] == [1, 0, 0, 1]
    assert learning(session, known.dana, now + timedelta(hours=1)).overall.of == 0
    history = asked(session, known.dana, known.techcorp)
    assert [one.registration for one in history] == ["Registered"]
    answer(session, maria.token, "decline", "Ill", now=now + timedelta(hours=2))
    assert at(3) == "declined"
    assert {one.state for one in session.query(Registration)} == {"cancelled"}
    assert free_seats(session, session.get_one(Event, event)) == 2
    # Only a registration of a later moment is another answer.
    row.registered_at = now + timedelta(hours=1)
    session.flush()
    assert at(4) == "declined"
    row.registered_at = now + timedelta(hours=5)
    session.flush()
    assert at(6) == "registered"


def test_who_comes_back_after_a_platform_had_them_cancelled_stays_until_it_says_so_again(
    session: Session, now: datetime
):
    known = portfolio(session, now)
    event = summit(session, now + timedelta(days=20), known.dana)
    maria = invited(session, known, event, known.maria, now)
    row = seat(
        session, event, "maria@techcorp.example", "Maria Lopez", known.techcorp, "zoom", CANCELLED
    )

    def at(hours: int) -> str:
        moment = now + timedelta(hours=hours)
        take_over(session, [event], moment)
        reconcile(session, [event], moment)
        return maria.state

    assert at(1) == "declined"
    answer(session, maria.token, "virtual", now=now + timedelta(hours=2))
    assert (at(3), at(4)) == ("registered", "registered")
    upload = session.get_one(Upload, row.upload_id)
    upload.uploaded_at = now + timedelta(hours=5)
    session.flush()
    assert at(6) == "declined"
    row.status, upload.uploaded_at = REGISTERED, now + timedelta(hours=7)
    session.flush()
    assert at(8) == "registered"


def test_no_more_are_registered_than_there_are_seats(session: Session, now: datetime):
    known = portfolio(session, now)
    event = summit(session, now + timedelta(days=20), known.dana, capacity=1)
    maria, tom = (invited(session, known, event, who, now) for who in (known.maria, known.tom))
    register(session, maria, "in_person", source="link", now=now)
    with pytest.raises(InvalidMove):
        register(session, tom, "virtual", source="link", now=now)
    register(session, maria, "virtual", source="link", now=now)
    assert [r.seat for r in session.query(Registration)] == ["virtual"]
