"""Whom not to write to: who puts addresses on the list, who takes them off, and what holds meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput, FileRefused, NotAllowed, NotFound
from data.tables import AuditEntry, Stakeholder, StakeholderEmail, Suppression
from services import suppression
from services.suppression import EVERYTHING
from tests.support.portfolio import Portfolio, portfolio

MARIA = "maria@techcorp.example"


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def _suppress(session: Session, now: datetime, topic: str = EVERYTHING, **rest: object):
    return suppression.suppress(session, MARIA, topic, "unsubscribed", now=now, **rest)  # pyright: ignore[reportArgumentType]


def test_address_nobody_said_no_for_may_be_written_at(session: Session):
    assert suppression.blocked(session, MARIA, "events") is None


@pytest.mark.parametrize(
    "spelling",
    [MARIA, "MARIA@TechCorp.example", " maria+news@techcorp.example", f"Maria <{MARIA}>"],
)
def test_every_spelling_of_a_suppressed_address_is_blocked(
    session: Session, now: datetime, spelling: str
):
    _suppress(session, now)
    why = suppression.blocked(session, spelling, "events")
    assert why is not None
    assert (why.reason, why.since) == ("unsubscribed", now)


def test_no_to_one_topic_leaves_the_others(session: Session, now: datetime):
    _suppress(session, now, "events")
    assert suppression.blocked(session, MARIA, "events") is not None
    assert suppression.blocked(session, MARIA, "support") is None


def test_no_to_everything_is_told_before_no_to_a_topic(session: Session, now: datetime):
    _suppress(session, now)
    _suppress(session, now, "events")
    why = suppression.blocked(session, MARIA, "events")
    assert why is not None
    assert why.topic == EVERYTHING


def test_stakeholder_marked_in_the_customer_data_is_blocked(session: Session, known: Portfolio):
    session.get_one(Stakeholder, known.maria).unsubscribed = True
    why = suppression.blocked(session, MARIA, "support")
    assert why is not None
    assert why.reason == "crm"


PRIVATE = "maria@home.example"


def _second_address(session: Session, known: Portfolio) -> None:
    session.add(StakeholderEmail(email=PRIVATE, stakeholder_id=known.maria, shown_as=PRIVATE))
    session.flush()


@pytest.mark.parametrize(
    ("reason", "holds"),
    [
        ("unsubscribed", True),
        ("complaint", True),
        ("manual", True),
        ("imported", True),
        ("hard_bounce", False),
    ],
)
def test_what_a_person_said_holds_for_all_their_addresses_and_a_bounce_for_one(
    session: Session, known: Portfolio, now: datetime, reason: str, *, holds: bool
):
    _second_address(session, known)
    suppression.suppress(session, MARIA, "events", reason, now=now)
    found = suppression.blocked_among(session, [MARIA, PRIVATE, "tom@techcorp.example"], "events")
    assert set(found) == ({MARIA, PRIVATE} if holds else {MARIA})
    assert suppression.blocked(session, PRIVATE, "support") is None


def test_no_from_before_the_address_was_known_as_theirs_holds_for_the_person(
    session: Session, known: Portfolio, now: datetime
):
    suppression.suppress(session, PRIVATE, EVERYTHING, "unsubscribed", now=now)
    assert suppression.blocked(session, MARIA, "events") is None
    _second_address(session, known)
    why = suppression.blocked(session, MARIA, "events")
    assert why is not None
    assert why.reason == "unsubscribed"


def test_no_from_an_address_that_is_theirs_no_more_holds_for_the_person(
    session: Session, known: Portfolio, now: datetime
):
    _second_address(session, known)
    number = suppression.suppress(session, PRIVATE, EVERYTHING, "complaint", now=now)
    session.delete(session.get_one(StakeholderEmail, PRIVATE))
    session.flush()
    why = suppression.blocked(session, MARIA, "events")
    assert why is not None
    assert why.suppression_id == number


def test_person_meant_counts_even_when_the_address_is_not_theirs(
    session: Session, known: Portfolio, now: datetime
):
    new = "maria.lopez@new.example"
    assert suppression.blocked(session, new, "events", known.maria) is None
    _suppress(session, now, "events")
    assert suppression.blocked(session, new, "events", known.maria) is not None
    assert suppression.blocked(session, new, "events", known.tom) is None
    session.get_one(Stakeholder, known.tom).unsubscribed = True
    found = suppression.blocked_among(session, [new], "support", {new: known.tom})
    assert found[new].reason == "crm"


def test_no_to_a_mail_holds_for_whom_it_was_meant_for_though_the_address_is_nobody_s(
    session: Session, known: Portfolio, now: datetime
):
    old = "maria.lopez@former.example"
    suppression.suppress(
        session, old, EVERYTHING, "unsubscribed", stakeholder_id=known.maria, now=now
    )
    assert suppression.blocked(session, MARIA, "events") is not None
    assert suppression.blocked(session, "tom@techcorp.example", "events") is None


def test_no_of_the_person_takes_the_place_of_a_bounce_and_learns_whose_it_is(
    session: Session, known: Portfolio, now: datetime
):
    old = "maria.lopez@former.example"
    suppression.suppress(session, old, EVERYTHING, "hard_bounce", now=now)
    assert suppression.suppress(session, old, EVERYTHING, "unsubscribed", now=now) is not None
    assert suppression.blocked(session, MARIA, "events") is None
    complained = suppression.suppress(
        session, old, EVERYTHING, "complaint", stakeholder_id=known.maria, now=now
    )
    assert complained is None
    assert suppression.blocked(session, MARIA, "events") is not None
    rows = session.execute(select(Suppression.reason, Suppression.lifted_at)).all()
    assert sorted((row.reason, row.lifted_at is None) for row in rows) == [
        ("hard_bounce", False),
        ("unsubscribed", True),
    ]


@pytest.mark.parametrize("text", ["", "maria", "a@b", "a b@c.example", "x" * 400 + "@c.example"])
def test_what_is_no_address_is_blocked(session: Session, text: str):
    why = suppression.blocked(session, text, "events")
    assert why is not None
    assert why.reason == "invalid"


def test_many_are_told_apart_under_the_names_they_came_by(session: Session, now: datetime):
    _suppress(session, now)
    given = ["Maria@techcorp.example", "tom@techcorp.example", "none"]
    assert set(suppression.blocked_among(session, given, "events")) == {given[0], given[2]}


def test_second_no_for_the_same_is_none(session: Session, now: datetime):
    assert _suppress(session, now) is not None
    assert _suppress(session, now) is None
    assert len(session.scalars(select(Suppression)).all()) == 1


def test_many_at_once_leave_one_entry(engine: Engine, now: datetime):
    def one(_number: int) -> int | None:
        with transaction(engine) as session:
            return _suppress(session, now)

    with ThreadPoolExecutor(8) as pool:
        added = [found for found in pool.map(one, range(8)) if found is not None]
    assert len(added) == 1


def test_unknown_topic_or_reason_is_refused(session: Session, now: datetime):
    with pytest.raises(BadInput, match="topic"):
        suppression.suppress(session, MARIA, "parties", "manual", now=now)
    with pytest.raises(BadInput, match="reason"):
        suppression.suppress(session, MARIA, EVERYTHING, "because", now=now)


def test_audit_names_no_address(session: Session, known: Portfolio, now: datetime):
    suppression.add_by_hand(session, MARIA, EVERYTHING, "asked", by=known.dana, now=now)
    said = session.scalars(select(AuditEntry.what)).all()
    assert said == ["Everything: manual"]


def test_csm_adds_stakeholders_of_their_customers_alone(
    session: Session, known: Portfolio, now: datetime
):
    assert suppression.add_by_hand(session, MARIA, "events", "", by=known.dana, now=now)
    for address in ("ines@datapro.example", "nobody@nowhere.example"):
        with pytest.raises(NotFound):
            suppression.add_by_hand(session, address, "events", "", by=known.dana, now=now)


def test_csm_lifts_what_a_colleague_added_but_not_the_recipients_own_no(
    session: Session, known: Portfolio, now: datetime
):
    manual = suppression.add_by_hand(session, MARIA, "events", "", by=known.ada, now=now)
    own = _suppress(session, now)
    assert own is not None
    suppression.lift(session, manual, "", by=known.dana, now=now)
    with pytest.raises(NotAllowed):
        suppression.lift(session, own, "phoned", by=known.dana, now=now)
    with pytest.raises(BadInput, match="how you know"):
        suppression.lift(session, own, "  ", by=known.morgan, now=now)
    suppression.lift(session, own, "phoned", by=known.morgan, now=now)
    assert suppression.blocked(session, MARIA, "events") is None


def test_others_customers_entries_are_not_there(session: Session, known: Portfolio, now: datetime):
    manual = suppression.add_by_hand(session, MARIA, "events", "", by=known.dana, now=now)
    with pytest.raises(NotFound):
        suppression.lift(session, manual, "", by=known.erik, now=now)
    assert suppression.listing(session, known.erik).total == 0
    assert suppression.listing(session, known.morgan).total == 1


def test_lifted_entry_stays_and_the_address_can_be_added_again(
    session: Session, known: Portfolio, now: datetime
):
    first = suppression.add_by_hand(session, MARIA, "events", "", by=known.ada, now=now)
    suppression.lift(session, first, "", by=known.ada, now=now)
    assert suppression.add_by_hand(session, MARIA, "events", "", by=known.ada, now=now) != first
    lifted = suppression.listing(session, known.ada, lifted=True).rows
    assert lifted.select("id", "lifted_by").rows() == [(first, "Ada Example")]


def test_recipient_takes_back_their_own_no_and_nobody_elses(
    session: Session, known: Portfolio, now: datetime
):
    _suppress(session, now, "events")
    suppression.add_by_hand(session, MARIA, "support", "", by=known.ada, now=now)
    assert suppression.lift_own(session, MARIA, "events", now=now)
    assert not suppression.lift_own(session, MARIA, "support", now=now)
    assert suppression.blocked(session, MARIA, "support") is not None


def test_recipient_takes_back_at_one_address_what_they_said_at_another(
    session: Session, known: Portfolio, now: datetime
):
    _second_address(session, known)
    _suppress(session, now, "events")
    suppression.suppress(session, MARIA, "support", "hard_bounce", now=now)
    assert suppression.stands(session, PRIVATE, "events")
    assert not suppression.stands(session, PRIVATE, "support")
    assert not suppression.stands(session, "tom@techcorp.example", "events")
    assert suppression.lift_own(session, PRIVATE, "events", now=now)
    assert suppression.blocked(session, MARIA, "events") is None


def test_list_says_who_and_of_which_customer(session: Session, known: Portfolio, now: datetime):
    suppression.add_by_hand(session, MARIA, "events", "left <b>them</b>", by=known.dana, now=now)
    row = suppression.listing(session, known.dana, search="techco").rows.row(0, named=True)
    assert (row["by"], row["customer"], row["stakeholder"]) == (
        "Dana Example", "TechCorp", "Maria Lopez",
    )  # fmt: skip
    assert row["topic"] == "Events and invitations"
    assert suppression.listing(session, known.dana, search="100%").total == 0


def test_list_is_imported_whatever_its_columns_are_called(
    session: Session, known: Portfolio, now: datetime
):
    content = b"\xef\xbb\xbfName;Mail\r\nMaria;Maria@TechCorp.example\r\nX;\r\nY;y+1@y.example\r\n"
    done = suppression.import_list(session, content, EVERYTHING, by=known.ada, now=now)
    assert (done.added, done.known, done.without) == (2, 0, 1)
    again = suppression.import_list(session, content, EVERYTHING, by=known.ada, now=now)
    assert (again.added, again.known) == (0, 2)
    assert suppression.blocked(session, "y@y.example", "events") is not None
    rows = suppression.export(session, known.dana, form="csv").decode("utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in rows] == ["E-mail", MARIA]
    assert suppression.export(session, known.ada).startswith(b"PK")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04 rest", "Excel"),
        (b"a,b\x00c@d.example", "no text"),
        (b"name\nMaria\n", "No e-mail"),
        (b"", "No e-mail"),
        (b"a" * 10_000_001, "10 MB"),
    ],
)
def test_file_that_is_no_list_is_refused(
    session: Session, known: Portfolio, now: datetime, content: bytes, words: str
):
    with pytest.raises(FileRefused, match=words):
        suppression.import_list(session, content, EVERYTHING, by=known.ada, now=now)


def test_csm_imports_no_list(session: Session, known: Portfolio, now: datetime):
    with pytest.raises(NotAllowed):
        suppression.import_list(session, b"a@b.example", EVERYTHING, by=known.dana, now=now)
