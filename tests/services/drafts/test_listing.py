from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from data.bulk import is_sqlite
from data.errors import BadInput, NotFound
from data.tables import Draft
from integrations.mime import Attachment
from services import drafts
from services.drafts import Filters
from services.drafts.listing import _place
from services.drafts.selecting import asked
from services.outbox import SendPolicy
from services.outbox import policy as policies
from tests.services.drafts.world import make, new_draft, open_it
from tests.support.portfolio import Portfolio, portfolio

ALL = Filters(states=())


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    return portfolio(session, now)


def many(session: Session, known: Portfolio, now: datetime, count: int) -> list[int]:
    """Alternately to two people, with every severity; none held."""
    severities = ("normal", "critical", "low", "high")
    return drafts.create_many(
        session,
        [
            new_draft(
                known,
                f"d{place}",
                stakeholder_id=(known.maria, known.tom)[place % 2],
                severity=severities[place % 4],
                may_hold=False,
                subject=f"Subject {place}",
            )
            for place in range(count)
        ],
        now=now,
    )


def test_most_severe_and_oldest_come_first(session: Session, known: Portfolio, now: datetime):
    made = many(session, known, now, 6)
    order = [row.id for row in drafts.listing(session, known.dana).rows]
    assert order == [made[1], made[5], made[3], made[0], made[4], made[2]]


def test_what_waits_is_put_in_order_without_a_look_at_the_drafts(
    session: Session, known: Portfolio
):
    if not is_sqlite(session):
        pytest.skip("Postgres chooses by how much there is")
    (query,) = asked(known.dana, Filters(mine=True), placed=False, undecided=False)
    spelled = query.params(most=5).compile(
        session.connection(), compile_kwargs={"literal_binds": True}
    )
    plan = session.connection().exec_driver_sql(f"explain query plan {spelled}").all()
    assert "COVERING INDEX ix_draft_waiting" in plan[0].detail


def test_pages_together_are_the_whole_list(session: Session, known: Portfolio, now: datetime):
    made = many(session, known, now, 11)
    whole = [row.id for row in drafts.listing(session, known.dana, limit=100).rows]
    for size in (1, 2, 5, 11):
        for wanted in (Filters(), ALL):
            seen: list[int] = []
            after = None
            while True:
                page = drafts.listing(session, known.dana, wanted, after=after, limit=size)
                seen += [row.id for row in page.rows]
                after = page.after
                if after is None:
                    break
            assert sorted(seen) == sorted(made)
            if wanted == Filters():
                assert seen == whole


def test_settled_ones_are_listed_newest_first(session: Session, known: Portfolio, now: datetime):
    made = many(session, known, now, 3)
    for number in made:
        drafts.reject(session, number, 1, "no", by=known.dana, now=now)
    shown = drafts.listing(session, known.dana, Filters(states=("rejected",))).rows
    assert [row.id for row in shown] == made[::-1]


def test_everybody_sees_their_own(session: Session, known: Portfolio, now: datetime):
    mine = make(session, known, now)
    theirs = make(session, known, now, "two", customer_id=known.datapro, stakeholder_id=known.ines)
    for by, expected in (
        (known.dana, {mine.id}),
        (known.erik, {theirs.id}),
        (known.morgan, {mine.id, theirs.id}),
        (known.ada, {mine.id, theirs.id}),
    ):
        assert {row.id for row in drafts.listing(session, by).rows} == expected
    assert drafts.listing(session, known.morgan, Filters(mine=True)).rows == ()


def test_filters_narrow_the_list_and_its_count(session: Session, known: Portfolio, now: datetime):
    make(session, known, now, kind="personal", subject="50% off_er")
    make(session, known, now, "two", stakeholder_id=known.tom, severity="high")
    for wanted, count in (
        (Filters(kind="personal"), 1),
        (Filters(severity="high"), 1),
        (Filters(customer_id=known.techcorp), 2),
        (Filters(customer_id=known.datapro), 0),
        (Filters(search="tom"), 1),
        (Filters(search="techCORP"), 2),
        (Filters(search="50%"), 1),
        (Filters(search="off_"), 1),
        (Filters(search="o__e"), 0),
        (Filters(states=("approved",)), 0),
        (Filters(mine=True), 2),
    ):
        assert len(drafts.listing(session, known.dana, wanted).rows) == count, wanted
        assert drafts.total(session, known.dana, wanted) == count, wanted


def test_counts_say_what_waits(session: Session, known: Portfolio, now: datetime):
    first = make(session, known, now)
    make(session, known, now, "two")
    make(session, known, now, "three", stakeholder_id=known.tom)
    drafts.approve(session, first.id, 1, by=known.dana, now=now)
    assert drafts.overview(session, known.dana).counts == {
        "mine": 1, "pending": 1, "held": 1, "approved": 1,
    }  # fmt: skip
    assert drafts.overview(session, known.morgan).counts["mine"] == 0
    assert drafts.overview(session, known.erik).counts == {"mine": 0}
    assert drafts.overview(session, known.dana).kinds == (first.kind,)
    assert drafts.overview(session, known.erik).kinds == (), "what others write is none of theirs"
    assert drafts.overview(session, known.dana).owners == {}
    assert drafts.overview(session, known.morgan).owners == {"Dana Example": known.dana.person_id}
    approved = drafts.listing(session, known.dana, Filters(states=("approved",))).rows[0]
    assert approved.sending == "queued"


def test_next_one_follows_in_the_order_of_the_list(
    session: Session, known: Portfolio, now: datetime
):
    many(session, known, now, 4)
    order = [row.id for row in drafts.listing(session, known.dana).rows]
    found = [
        drafts.next_waiting(session, known.dana, Filters(), after_draft=number) for number in order
    ]
    assert found == [*order[1:], order[0]]
    drafts.approve(session, order[1], 1, by=known.dana, now=now, accepted=["duplicate"])
    onwards = drafts.next_waiting(session, known.dana, Filters(), after_draft=order[1])
    assert onwards == order[2]
    last = drafts.next_waiting(session, known.erik, Filters(), after_draft=order[1])
    assert last is None


def test_what_one_has_approved_is_not_met_again_while_a_second_person_is_asked(
    session: Session, known: Portfolio, now: datetime
):
    policies.save(session, SendPolicy(four_eyes_severity="normal"), by=known.ada, now=now)
    first, second = many(session, known, now, 2)
    drafts.approve(session, first, 1, by=known.dana, now=now, accepted=["duplicate"])
    asked = {"filters": Filters(), "after_draft": second}
    assert drafts.next_waiting(session, known.dana, **asked) is None
    assert drafts.next_waiting(session, known.morgan, **asked) == first


def test_row_says_whether_it_was_opened(session: Session, known: Portfolio, now: datetime):
    draft = make(session, known, now)
    assert not drafts.listing(session, known.dana).rows[0].seen
    open_it(session, draft, known.dana, now)
    assert drafts.listing(session, known.dana).rows[0].seen
    assert not drafts.listing(session, known.morgan).rows[0].seen


@pytest.mark.parametrize("after", ["", "x", "1.2", "1.2.3.4", "9.99999999999999999999999.1"])
def test_place_from_elsewhere_is_refused_or_the_start(
    session: Session, known: Portfolio, now: datetime, after: str
):
    make(session, known, now)
    if after:
        with pytest.raises(BadInput):
            drafts.listing(session, known.dana, after=after)
    else:
        assert len(drafts.listing(session, known.dana, after=after).rows) == 1


@given(place=st.text(max_size=40))
def test_no_place_breaks_the_list(place: str):
    try:
        rank, _, number = _place(place)
    except BadInput:
        return
    assert isinstance(rank, int)
    assert isinstance(number, int)


def test_view_shows_everything_a_reviewer_needs(session: Session, known: Portfolio, now: datetime):
    fact = {"claim": "She asked twice", "fact": "2 questions", "screen": "customer", "query": {}}
    draft = make(
        session,
        known,
        now,
        evidence=(fact,),
        attachments=(Attachment("a.ics", "text/calendar", b"BEGIN"),),
    )
    drafts.edit(session, draft.id, 1, subject="A", text="A", by=known.dana, now=now)
    drafts.edit(session, draft.id, 2, subject="AB", text="AB", by=known.dana, now=now)
    shown = drafts.view(session, known.dana, draft.id, now)
    assert (shown.customer, shown.recipient, shown.zone) == (
        "TechCorp", "Maria Lopez", "America/Chicago",
    )  # fmt: skip
    assert shown.sender is None or "Dana" in shown.sender
    assert shown.evidence == (fact,)
    assert [move.move for move in shown.history] == ["edit", "create"]
    assert {"approve", "edit", "reject", "schedule", "reassign"} <= set(shown.actions)
    file = shown.attachments[0]
    assert drafts.attachment(session, known.dana, draft.id, file.id) == b"BEGIN"
    with pytest.raises(NotFound):
        drafts.attachment(session, known.dana, draft.id, file.id + 1)


def test_view_of_an_approved_draft_says_how_to_take_it_back(
    session: Session, known: Portfolio, now: datetime
):
    draft = make(session, known, now)
    done = drafts.approve(session, draft.id, 1, by=known.dana, now=now)
    shown = drafts.view(session, known.dana, draft.id, now)
    assert shown.undo_until == done.due_at
    assert shown.approved_by == ("Dana Example",)
    assert "undo" in shown.actions


def test_looked_at_are_those_one_has_opened_as_they_are_now(
    session: Session, known: Portfolio, now: datetime
):
    made = [session.get_one(Draft, number) for number in many(session, known, now, 5)]
    for draft in made[:4]:
        open_it(session, draft, known.dana, now)
    open_it(session, made[4], known.morgan, now)
    drafts.edit(session, made[0].id, 1, subject="New", text="New", by=known.morgan, now=now)
    drafts.edit(session, made[2].id, 1, subject="New", text="New", by=known.dana, now=now)
    drafts.reject(session, made[3].id, 1, "Not now", by=known.dana, now=now)
    found = drafts.looked_at(session, known.dana, Filters())
    assert found == [(made[1].id, 1), (made[2].id, 2)]
    assert drafts.total(session, known.dana, Filters()) == 4
