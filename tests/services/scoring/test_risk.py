"""Risk signals: found by the customer's own past, opened once, closed on recovery, answered in one go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from data.errors import BadInput, InvalidMove, NotFound
from data.tables import (
    Attendance,
    Customer,
    Draft,
    Event,
    FollowUp,
    Notification,
    Participant,
    Person,
    RiskSignal,
    RiskSignalEvent,
    Stakeholder,
    Task,
    TimelineEntry,
)
from data.versions import ATTENDANCE, bump
from services import customers, drafts, tasks
from services.scoring import risk
from services.scoring.risk.alarm import ALERT_EVENTS, WATCH_EVENTS, judged
from services.scoring.risk.book import _quiet
from services.scoring.risk.records import WITHDRAWN
from services.scoring.risk.shortfall import SHORTFALLS, shortfalls
from tests.services.scoring.fading import FADING, STEADY, YOUNG, fading_world, record_fading
from tests.services.scoring.recorded import ANA, ANAS, BENS, EVERYBODYS
from tests.services.scoring.reference import World
from tests.services.scoring.worlds import board, frames, worlds

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return fading_world(TODAY)


@pytest.fixture
def faded(session: Session, world: World) -> Session:
    record_fading(session, world)
    return session


def the_signal(session: Session) -> RiskSignal:
    return session.scalars(select(RiskSignal).where(RiskSignal.customer_id == FADING)).one()


def come_back(session: Session) -> None:
    """The fading customer's people now sit at the last events, too."""
    session.execute(delete(Attendance).where(Attendance.participant_id == FADING * 1000))
    for event in range(1, 19):
        session.add(Attendance(participant_id=FADING * 1000, event_id=event, status=4, upload_id=1))
    bump(session, ATTENDANCE)
    session.flush()


# ---------------------------------------------------------------- what is below expected


def test_who_stays_away_after_a_full_year_is_an_alert(world: World):
    rows = judged(shortfalls(*frames(world), as_of=TODAY))
    levels = dict(rows.select("customer_id", "level").iter_rows())
    assert levels.pop(FADING) == "alert"
    assert set(levels.values()) == {None}


@given(worlds())
def test_the_shortfall_is_the_one_of_the_board_and_its_halves_add_up(world: World):
    """That of the board as long as there is no second year to compare with."""
    found = shortfalls(*frames(world), as_of=world.as_of)
    assert found.schema == pl.Schema(SHORTFALLS)
    shown = {row["customer_id"]: row for row in board(world).iter_rows(named=True)}
    of_a_year = all(world.as_of - e["held_on"] < timedelta(days=365) for e in world.events)
    for row in found.iter_rows(named=True):
        one = shown[row["customer_id"]]
        assert (row["missed"], row["eligible"]) == (one["missed_in_row"], one["eligible"])
        z, was = row["z_event"], one["shortfall_z"]
        if of_a_year:
            assert z == pytest.approx(was, abs=1e-3) if was is not None else z != z
        # The window has one day more than two halves.
        assert 0 <= one["attended"] - row["current_events"] - row["previous_events"] <= 3
        assert row["current"] >= row["current_events"]


def test_everybody_halving_together_raises_nothing(world: World):
    """A quiet August: the others stay away as well, so the events are to blame."""
    kept = [row for row in world.attendances if row["event_id"] <= 12 or row["event_id"] % 2]
    rows = judged(shortfalls(*frames(replace(world, attendances=kept)), as_of=TODAY))
    others = rows.filter(pl.col("customer_id") != FADING)
    assert others["level"].null_count() == others.height


def test_a_hundred_and_twenty_days_without_events_raise_nothing(world: World):
    steady = fading_world(TODAY, fading=())
    rows = judged(shortfalls(*frames(steady), as_of=TODAY + 120 * DAY))
    assert rows["level"].null_count() == rows.height


def test_too_little_past_is_not_judged(world: World):
    rows = judged(shortfalls(*frames(world), as_of=TODAY))
    young = rows.row(by_predicate=pl.col("customer_id") == YOUNG, named=True)
    assert (young["enough"], young["level"], young["attended_before"]) == (False, None, 2)


def rated(**changes: object) -> str | None:
    row = {
        "customer_id": 1, "z_seats": 2.5, "z_event": 2.5, "expected": 8.0, "actual": 2.0,
        "attended_before": 6, "eligible": 18, "missed": 3, "current": 2, "previous": 8,
        "current_events": 2, "previous_events": 5, "last_attended": None,
    } | changes  # fmt: skip
    mail = row.pop("mail", None)
    known = pl.DataFrame([mail], schema={"customer_id": pl.Int64, "z_mail": pl.Float64,
                         "campaigns": pl.Int32}, orient="row") if mail else None  # fmt: skip
    return judged(pl.DataFrame([row], schema=SHORTFALLS), known)["level"].item()


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({}, "alert"),
        ({"z_event": ALERT_EVENTS}, "alert"),
        ({"z_event": ALERT_EVENTS - 0.01}, "watch"),
        ({"z_event": WATCH_EVENTS}, "watch"),
        ({"z_event": WATCH_EVENTS - 0.01}, None),
        ({"z_event": float("nan")}, None),
        ({"attended_before": 3}, None),
        ({"actual": 6.01}, None),
        ({"actual": 6.0}, "alert"),
        # With mail: (z_seats + z_mail) / sqrt 2 against 1.77 and 1.65.
        ({"z_event": 0.0, "z_seats": 1.3, "mail": (1, 1.3, 8)}, "alert"),
        ({"z_event": 0.0, "z_seats": 1.2, "mail": (1, 1.2, 8)}, "watch"),
        ({"z_event": 2.5, "z_seats": 1.1, "mail": (1, 1.1, 8)}, None),
        ({"z_event": 2.5, "z_seats": 1.1, "mail": (1, 1.1, 7)}, "alert"),
        ({"mail": (2, 0.0, 30)}, "alert"),
    ],
)
def test_levels_begin_exactly_at_their_thresholds(changes: dict[str, object], level: str | None):
    assert rated(**changes) == level


# ---------------------------------------------------------------- the life of a signal


def test_a_signal_is_opened_once_and_told_once(faded: Session):
    first = risk.detect(faded, now=NOW)
    again = risk.detect(faded, now=NOW + DAY)
    assert (first.opened, again.opened, again.still) == (1, 0, 1)
    signal = the_signal(faded)
    assert (signal.customer_id, signal.level, signal.state) == (FADING, "alert", "open")
    assert signal.seen_at == NOW + DAY
    assert faded.scalar(select(func.count()).select_from(Notification)) == 1


def test_the_sentence_rests_on_the_facts_kept_beside_it(faded: Session):
    risk.detect(faded, now=NOW)
    signal = the_signal(faded)
    assert signal.facts["missed"] == 7
    assert (signal.facts["current"], signal.facts["previous"]) == (4, 18)
    assert "4 visits in the last six months, 18 before." in signal.sentence
    assert "Missed the last 7 events." in signal.sentence
    assert f"there were {signal.facts['actual']:.1f}" in signal.sentence
    assert "Recent events weigh most" in signal.sentence, "else nobody finds these figures again"


def test_signal_of_an_import_that_is_taken_back_goes_with_what_was_told_of_it(faded: Session):
    risk.detect(faded, now=NOW)
    asked = risk.opened_since(faded, NOW - DAY, NOW)
    assert asked == [the_signal(faded).id]
    assert risk.opened_since(faded, NOW + DAY, NOW) == []
    come_back(faded)
    assert risk.withdraw(faded, asked, NOW) == risk.Withdrawn(gone=1, notifications=1)
    assert the_signal(faded).closed_why == WITHDRAWN
    assert faded.scalar(select(func.count()).select_from(Notification)) == 0
    assert standing(faded) == 0
    moves = [move.move for move in risk.history(faded, ANAS, the_signal(faded).id)]
    assert moves == ["closed", "opened"]


def standing(session: Session) -> int:
    """Entries of the timeline that were not taken back."""
    stands = TimelineEntry.withdrawn_at.is_(None)
    return session.scalar(select(func.count()).where(stands)) or 0


def test_watch_that_an_import_made_an_alert_is_a_watch_again_without_it(
    faded: Session, monkeypatch: pytest.MonkeyPatch
):
    """The import takes the customer from watch to alert, three days after the signal was opened."""
    threshold = "services.scoring.risk.alarm.ALERT_EVENTS"
    with monkeypatch.context() as before:
        before.setattr(threshold, 99.0)
        risk.detect(faded, now=NOW)
        assert the_signal(faded).level == "watch"
        risk.acknowledge(faded, the_signal(faded).id, by=ANAS, now=NOW + DAY)
    lines = standing(faded)
    assert risk.detect(faded, now=NOW + 3 * DAY).escalated == 1
    asked = risk.risen_since(faded, NOW + 2 * DAY, NOW + 3 * DAY)
    assert asked == [the_signal(faded).id]
    assert risk.risen_since(faded, NOW + 4 * DAY, NOW + 4 * DAY) == []
    assert risk.lower(faded, asked, NOW + 4 * DAY) == 0  # it holds without the file, so it stays
    assert the_signal(faded).level == "alert"
    monkeypatch.setattr(threshold, 99.0)
    assert risk.lower(faded, asked, NOW + 4 * DAY) == 1
    assert (the_signal(faded).level, the_signal(faded).state) == ("watch", "acknowledged")
    assert standing(faded) == lines
    moves = [move.move for move in risk.history(faded, ANAS, the_signal(faded).id)]
    assert moves == ["lowered", "escalated", "acknowledged", "opened"]


@pytest.mark.parametrize("answered", [False, True])
def test_signal_in_hand_goes_with_its_import_unless_it_was_answered(faded: Session, answered: bool):
    risk.detect(faded, now=NOW)
    number = the_signal(faded).id
    risk.acknowledge(faded, number, by=ANAS, now=NOW)
    risk.plan_outreach(faded, (number,), by=ANAS, now=NOW)
    faded.flush()
    task = faded.scalars(select(Task)).one()
    task.state = "done" if answered else "open"
    asked = risk.opened_since(faded, NOW, NOW)
    come_back(faded)
    gone = risk.withdraw(faded, asked, NOW)
    told = faded.scalars(select(Notification.title).where(Notification.person_id == ANA)).all()
    if answered:
        assert (gone.gone, gone.kept, the_signal(faded).state) == (0, 1, "acknowledged")
        return
    assert (gone.gone, gone.kept, the_signal(faded).closed_why) == (1, 0, WITHDRAWN)
    assert {draft.state for draft in faded.scalars(select(Draft))} == {"cancelled"}
    assert task.state == "cancelled"
    assert [title for title in told if "not fading after all" in title] == told


def test_recovery_closes_it_after_thirty_days_and_not_before(faded: Session):
    risk.detect(faded, now=NOW)
    come_back(faded)
    assert risk.detect(faded, now=NOW + 29 * DAY).closed == 0
    assert the_signal(faded).state == "open"
    assert risk.detect(faded, now=NOW + 30 * DAY).closed == 1
    assert the_signal(faded).closed_why == "Recovered: not seen for 30 days."


def test_a_customer_that_left_is_no_risk_any_more(faded: Session):
    risk.detect(faded, now=NOW)
    faded.get_one(Customer, FADING).churned_on = TODAY
    faded.flush()
    found = risk.detect(faded, now=NOW + DAY)
    assert found.closed == 1
    assert the_signal(faded).closed_why == "The customer has left."


def test_closed_by_hand_it_stays_quiet_for_half_a_year_from_then(faded: Session):
    risk.detect(faded, now=NOW)
    risk.close(faded, the_signal(faded).id, "On leave", by=ANAS, now=NOW + 100 * DAY)
    held = risk.detect(faded, now=NOW + DAY * 101)
    assert (held.opened, held.held_back) == (0, 1)
    signal = the_signal(faded)
    assert _quiet(signal, "alert", NOW + 279 * DAY)
    assert not _quiet(signal, "alert", NOW + 281 * DAY)


def test_an_earlier_watch_does_not_stand_in_the_way_of_an_alert():
    closed = RiskSignal(level="watch", opened_at=NOW, closed_at=NOW + 40 * DAY, closed_by=None)
    assert _quiet(closed, "watch", NOW + 50 * DAY)
    assert not _quiet(closed, "alert", NOW + 50 * DAY)
    assert not _quiet(closed, "watch", NOW + 181 * DAY)


def test_a_watch_that_worsens_becomes_an_alert_and_is_told_again(faded: Session):
    risk.detect(faded, now=NOW)
    signal = the_signal(faded)
    signal.level, signal.state = "watch", "acknowledged"
    faded.flush()
    assert risk.detect(faded, now=NOW + DAY).escalated == 1
    assert (signal.level, signal.state) == ("alert", "open")
    moves = [move.move for move in risk.history(faded, ANAS, signal.id)]
    assert moves == ["escalated", "opened"]


def test_reopened_it_is_not_closed_again_by_the_next_look(faded: Session):
    risk.detect(faded, now=NOW)
    number = the_signal(faded).id
    risk.close(faded, number, "A mistake", by=ANAS, now=NOW + DAY)
    come_back(faded)
    risk.reopen(faded, number, by=ANAS, now=NOW + 60 * DAY)
    assert risk.detect(faded, now=NOW + 61 * DAY).closed == 0
    assert the_signal(faded).state == "open"


def test_closing_needs_a_reason_and_happens_once(faded: Session):
    risk.detect(faded, now=NOW)
    number = the_signal(faded).id
    with pytest.raises(BadInput):
        risk.close(faded, number, "  ", by=ANAS, now=NOW)
    risk.close(faded, number, "Moved to another product", by=ANAS, now=NOW)
    with pytest.raises(InvalidMove):
        risk.close(faded, number, "Again", by=ANAS, now=NOW)


def test_other_peoples_signals_are_neither_seen_nor_moved(faded: Session):
    risk.detect(faded, now=NOW)
    number = the_signal(faded).id
    assert risk.listing(faded, BENS, NOW).total == 0
    for act in (
        lambda: risk.get_signal(faded, BENS, number, NOW),
        lambda: risk.history(faded, BENS, number),
        lambda: risk.acknowledge(faded, number, by=BENS, now=NOW),
        lambda: risk.close(faded, number, "x", by=BENS, now=NOW),
        lambda: risk.reopen(faded, number, by=BENS, now=NOW),
        lambda: risk.signals_of(faded, BENS, FADING, NOW),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(InvalidMove):
        risk.plan_outreach(faded, (number,), by=BENS, now=NOW)


def test_every_move_leaves_a_row(faded: Session):
    risk.detect(faded, now=NOW)
    number = the_signal(faded).id
    risk.acknowledge(faded, number, by=ANAS, now=NOW + DAY)
    risk.close(faded, number, "Spoke to them", by=ANAS, now=NOW + 2 * DAY)
    risk.reopen(faded, number, by=ANAS, now=NOW + 3 * DAY)
    moves = [(move.move, move.who) for move in risk.history(faded, ANAS, number)]
    assert moves == [
        ("reopened", "Ana Alvarez"),
        ("closed", "Ana Alvarez"),
        ("acknowledged", "Ana Alvarez"),
        ("opened", None),
    ]


def test_many_at_once_are_told_in_one_notification(session: Session):
    many = tuple(range(1, 14, 2))
    record_fading(session, fading_world(TODAY, customers=120, fading=many))
    assert risk.detect(session, now=NOW).opened == len(many)
    told = session.scalars(select(Notification)).all()
    assert [note.title for note in told] == ["7 of your customers are fading from our events"]


# ---------------------------------------------------------------- the list


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (risk.Filters(), 1),
        (risk.Filters(level="alert"), 1),
        (risk.Filters(level="watch"), 0),
        (risk.Filters(segment="enterprise"), 1),
        (risk.Filters(segment="No segment"), 0),
        (risk.Filters(states=("closed",)), 0),
        (risk.Filters(search="er 01"), 1),
        (risk.Filters(search="%"), 0),
        (risk.Filters(most_age=7), 0),
        (risk.Filters(least_age=7), 1),
        (risk.Filters(customer_id=STEADY), 0),
        (risk.Filters(csm_id=ANAS.person_id), 1),
        (risk.Filters(csm_id=BENS.person_id), 0),
    ],
)
def test_filters_narrow_the_list(faded: Session, filters: risk.Filters, count: int):
    risk.detect(faded, now=NOW)
    page = risk.listing(faded, EVERYBODYS, NOW + 10 * DAY, filters=filters)
    assert (len(page.rows), page.total) == (count, count)


def test_the_list_says_what_to_do(faded: Session):
    faded.get_one(Customer, FADING).renews_on = TODAY + 50 * DAY
    risk.detect(faded, now=NOW)
    row = risk.listing(faded, ANAS, NOW).rows[0]
    assert row.advice == "Call them: the renewal is in 50 days."
    assert (row.arr, row.csm) == (1000.0, "Ana Alvarez")
    assert risk.listing(faded, ANAS, NOW).arr == (("USD", 1000.0),), "each currency on its own"
    said = risk.download_signals(faded, ANAS, NOW, filters=risk.Filters(), form="csv").decode()
    assert "Customer 01" in said
    assert row.sentence in said


# ---------------------------------------------------------------- outreach


def test_outreach_is_a_draft_with_evidence_and_a_dated_task(faded: Session):
    risk.detect(faded, now=NOW)
    signal = the_signal(faded)
    planned = risk.plan_outreach(faded, (signal.id,), by=ANAS, now=NOW)
    draft = faded.get_one(Draft, planned.drafts[0])
    task = faded.get_one(Task, planned.tasks[0])
    assert draft.state == "pending"
    assert (draft.customer_id, draft.stakeholder_id, draft.owner_id) == (FADING, FADING, 2)
    assert "Hi Kim," in draft.text
    assert "Event 11" in draft.text
    assert "Coming Soon" in draft.text
    facts = " ".join(line["fact"] for line in draft.evidence)
    assert signal.sentence in facts
    assert "Event 11" in facts
    # Saturday noon in UTC: the next working day is Monday.
    assert (task.due_at, task.owner_id) == (datetime(2026, 11, 23, 10, tzinfo=UTC), 2)
    assert signal.state == "acknowledged"
    row = risk.get_signal(faded, ANAS, signal.id, NOW)
    assert (row.outreach_on, row.draft_id) == (date(2026, 11, 23), draft.id)


def test_outreach_is_planned_for_the_reader_s_day(faded: Session):
    risk.detect(faded, now=NOW)
    number = the_signal(faded).id
    planned = risk.plan_outreach(faded, (number,), by=ANAS, now=NOW)
    faded.get_one(Task, planned.tasks[0]).due_at = datetime(2026, 11, 23, 21, tzinfo=UTC)
    faded.get_one(Person, ANAS.person_id).time_zone = "Pacific/Auckland"
    faded.flush()
    row = risk.get_signal(faded, ANAS, number, NOW)
    assert row.advice == "Outreach is planned for 24 Nov 2026."


@pytest.mark.parametrize(("zone", "when"), [("Pacific/Auckland", "today"), ("UTC", "in 1 day")])
def test_days_to_the_renewal_are_those_of_the_reader(faded: Session, zone: str, when: str):
    risk.detect(faded, now=NOW)
    signal = the_signal(faded)
    faded.get_one(Customer, signal.customer_id).renews_on = date(2026, 11, 22)
    faded.get_one(Person, ANAS.person_id).time_zone = zone
    faded.flush()
    row = risk.get_signal(faded, ANAS, signal.id, NOW)
    assert row.advice == f"Call them: the renewal is {when}."


def test_planning_twice_adds_nothing(faded: Session):
    risk.detect(faded, now=NOW)
    number = the_signal(faded).id
    risk.plan_outreach(faded, (number,), by=ANAS, now=NOW)
    again = risk.plan_outreach(faded, (number,), by=ANAS, now=NOW)
    assert (again.drafts, again.tasks, again.before) == ((), (), 1)
    assert faded.scalar(select(func.count()).select_from(Draft)) == 1


def left_the_list(session: Session, customer_id: int) -> RiskSignal:
    """As a campaign rule raises it."""
    signal = RiskSignal(
        customer_id=customer_id, kind="campaign_left", level="watch", state="open",
        sentence="Julia Bauer left our mailing list. Last in News on 18 Nov 2026.",
        facts={"rule": "Left"}, as_of=TODAY, opened_at=NOW, seen_at=NOW,
    )  # fmt: skip
    session.add(signal)
    session.flush()
    return signal


def test_customer_with_two_signals_is_written_to_and_called_once_about_the_events_missed(
    faded: Session,
):
    left = left_the_list(faded, FADING)
    risk.detect(faded, now=NOW)
    fading = faded.scalars(select(RiskSignal).where(RiskSignal.id != left.id)).one()
    planned = risk.plan_outreach(faded, (left.id, fading.id), by=ANAS, now=NOW)
    assert (len(planned.drafts), len(planned.tasks), planned.before) == (1, 1, 0)
    draft = faded.get_one(Draft, planned.drafts[0])
    facts = " ".join(line["fact"] for line in draft.evidence)
    assert draft.source_id == fading.id
    assert "Since then we have missed you." in draft.text
    assert "Events missed since: 7." in facts
    assert (fading.sentence in facts, left.sentence in facts) == (True, True)
    assert (left.state, fading.state) == ("acknowledged", "acknowledged")
    assert [one for one in drafts.preflight(faded, draft, NOW) if one.hard] == []
    advised = {row.advice for row in risk.listing(faded, ANAS, NOW).rows}
    assert advised == {"Outreach is planned for 23 Nov 2026."}


def test_later_signal_adds_nothing_while_the_outreach_is_open_and_has_its_own_words_afterwards(
    faded: Session,
):
    risk.detect(faded, now=NOW)
    first = risk.plan_outreach(faded, (the_signal(faded).id,), by=ANAS, now=NOW)
    left = left_the_list(faded, FADING)
    again = risk.plan_outreach(faded, (left.id,), by=ANAS, now=NOW)
    assert (again.drafts, again.tasks, again.before, left.state) == ((), (), 1, "acknowledged")
    tasks.move(faded, first.tasks[0], "done", by=ANAS, now=NOW)
    drafts.cancel(faded, first.drafts[0], "They called", now=NOW)
    faded.flush()
    own = risk.plan_outreach(faded, (left.id,), by=ANAS, now=NOW)
    draft = faded.get_one(Draft, own.drafts[0])
    assert "our newsletters may not be what you need" in draft.text
    assert [word for word in ("Event 11", "missed you", "Coming up") if word in draft.text] == []
    assert "fading" not in faded.get_one(Task, own.tasks[0]).title
    assert [one for one in drafts.preflight(faded, draft, NOW) if one.hard] == []


def test_outreach_that_came_to_nothing_is_planned_anew(faded: Session):
    risk.detect(faded, now=NOW)
    number = the_signal(faded).id
    for _ in range(3):
        planned = risk.plan_outreach(faded, (number,), by=ANAS, now=NOW)
        assert (len(planned.drafts), len(planned.tasks), planned.before) == (1, 1, 0)
        drafts.cancel(faded, planned.drafts[0], "Taken back", now=NOW)
        assert risk.plan_outreach(faded, (number,), by=ANAS, now=NOW).before == 1, "a call is open"
        tasks.move(faded, planned.tasks[0], "cancelled", by=ANAS, now=NOW)
    assert states(faded) == (["cancelled"] * 3, ["cancelled"] * 3)
    draft = faded.get_one(Draft, risk.plan_outreach(faded, (number,), by=ANAS, now=NOW).drafts[0])
    fresh = risk.make_anew(faded, draft.id, draft.revision, by=ANAS, now=NOW)
    assert faded.get_one(Draft, fresh).state == "pending"


def test_mail_on_its_way_is_outreach_under_way(faded: Session):
    risk.detect(faded, now=NOW)
    number = the_signal(faded).id
    planned = risk.plan_outreach(faded, (number,), by=ANAS, now=NOW)
    tasks.move(faded, planned.tasks[0], "cancelled", by=ANAS, now=NOW)
    draft = faded.get_one(Draft, planned.drafts[0])
    drafts.approve(faded, draft.id, draft.revision, by=ANAS, now=NOW)
    assert risk.plan_outreach(faded, (number,), by=ANAS, now=NOW).before == 1


def test_among_several_those_spoken_with_since_are_passed_over(session: Session):
    record_fading(session, fading_world(TODAY, fading=(1, 5)))
    risk.detect(session, now=NOW)
    numbers = tuple(session.scalars(select(RiskSignal.id).order_by(RiskSignal.id)))
    made = risk.plan_outreach(session, numbers, by=EVERYBODYS, now=NOW)
    drafts.cancel_many(session, made.drafts, "We call", now=NOW)
    tasks.move(session, made.tasks[0], "done", by=EVERYBODYS, now=NOW)
    tasks.move(session, made.tasks[1], "cancelled", by=EVERYBODYS, now=NOW)
    again = risk.plan_outreach(session, numbers, by=EVERYBODYS, now=NOW)
    assert (len(again.tasks), again.before) == (1, 1)
    assert len(risk.plan_outreach(session, numbers[:1], by=EVERYBODYS, now=NOW).tasks) == 1


def test_who_unsubscribed_is_called_and_not_written_to(faded: Session):
    risk.detect(faded, now=NOW)
    faded.get_one(Stakeholder, FADING).unsubscribed = True
    faded.flush()
    planned = risk.plan_outreach(faded, (the_signal(faded).id,), by=ANAS, now=NOW)
    assert (planned.drafts, len(planned.tasks)) == ((), 1)
    assert planned.unreachable == ("Customer 01",)


def states(session: Session) -> tuple[list[str], list[str]]:
    """Of all drafts and of all tasks."""
    session.flush()
    session.expire_all()
    return (
        list(session.scalars(select(Draft.state).order_by(Draft.id))),
        list(session.scalars(select(Task.state).order_by(Task.id))),
    )


def test_what_answers_a_signal_ends_with_it_and_comes_back_with_it(faded: Session):
    risk.detect(faded, now=NOW)
    number = the_signal(faded).id
    planned = risk.plan_outreach(faded, (number,), by=ANAS, now=NOW)
    risk.close(faded, number, "They moved to our other product", by=ANAS, now=NOW + DAY)
    assert states(faded) == (["cancelled"], ["cancelled"])
    draft = faded.get_one(Draft, planned.drafts[0])
    assert draft.why == "The risk signal is closed: They moved to our other product"
    assert "They moved to our other product" in faded.get_one(Task, planned.tasks[0]).detail
    risk.reopen(faded, number, by=ANAS, now=NOW + 2 * DAY)
    assert states(faded) == (["pending"], ["open"])
    assert faded.get_one(Task, planned.tasks[0]).detail == the_signal(faded).sentence
    come_back(faded)
    assert risk.detect(faded, now=NOW + 40 * DAY).closed == 1
    assert states(faded) == (["cancelled"], ["cancelled"])


def test_what_somebody_has_approved_or_done_outlasts_the_signal(faded: Session):
    risk.detect(faded, now=NOW)
    number = the_signal(faded).id
    planned = risk.plan_outreach(faded, (number,), by=ANAS, now=NOW)
    draft = faded.get_one(Draft, planned.drafts[0])
    drafts.approve(faded, draft.id, draft.revision, by=ANAS, now=NOW)
    tasks.move(faded, planned.tasks[0], "done", by=ANAS, now=NOW)
    faded.get_one(Customer, FADING).churned_on = TODAY
    faded.flush()
    assert risk.detect(faded, now=NOW + DAY).closed == 1
    assert states(faded) == (["approved"], ["done"])


def test_mail_that_names_an_event_taken_back_cannot_go_and_is_made_anew(faded: Session):
    risk.detect(faded, now=NOW)
    planned = risk.plan_outreach(faded, (the_signal(faded).id,), by=ANAS, now=NOW)
    draft = faded.get_one(Draft, planned.drafts[0])
    assert "last at “Event 11”" in draft.text
    faded.execute(delete(Attendance).where(Attendance.event_id == 11))
    faded.execute(delete(Event).where(Event.id == 11))
    bump(faded, ATTENDANCE)
    (block,) = [one for one in drafts.preflight(faded, draft, NOW) if one.hard]
    assert (block.code, "Event 10" in block.words) == ("facts_changed", True)
    with pytest.raises(InvalidMove):
        drafts.approve(faded, draft.id, draft.revision, by=ANAS, now=NOW)
    made = risk.make_anew(faded, draft.id, draft.revision, by=ANAS, now=NOW)
    fresh = faded.get_one(Draft, made)
    assert "last at “Event 10”" in fresh.text
    assert [one for one in drafts.preflight(faded, fresh, NOW) if one.hard] == []
    assert states(faded)[0] == ["cancelled", "pending"]


def test_closed_signals_and_past_times_are_refused(faded: Session):
    risk.detect(faded, now=NOW)
    number = the_signal(faded).id
    with pytest.raises(BadInput):
        risk.plan_outreach(faded, (number,), by=ANAS, now=NOW, at=NOW - DAY)
    with pytest.raises(BadInput):
        risk.plan_outreach(faded, (), by=ANAS, now=NOW)
    risk.close(faded, number, "done", by=ANAS, now=NOW)
    with pytest.raises(InvalidMove):
        risk.plan_outreach(faded, (number,), by=ANAS, now=NOW)


def test_history_rows_only_grow(faded: Session):
    for days in range(4):
        risk.detect(faded, now=NOW + days * DAY)
    assert faded.scalar(select(func.count()).select_from(RiskSignalEvent)) == 1
    assert (faded.scalar(select(func.count()).select_from(Participant)) or 0) > 30


def test_a_merge_of_two_that_fade_keeps_one_signal_open(session: Session):
    record_fading(session, fading_world(TODAY, fading=(1, 5)))
    assert risk.detect(session, now=NOW).opened == 2
    customers.merge(session, 1, 5, by=EVERYBODYS, now=NOW)
    rows = risk.signals_of(session, ANAS, 1, NOW)
    assert sorted(row.state for row in rows) == ["closed", "open"]
    assert [row.closed_why for row in rows if row.state == "closed"] == [
        "Merged into Customer 01, which has a signal of its own."
    ]


def test_a_merge_ends_the_doubled_outreach_and_taken_back_all_stands_as_before(session: Session):
    record_fading(session, fading_world(TODAY, fading=(1, 5)))
    risk.detect(session, now=NOW)
    numbers = tuple(session.scalars(select(RiskSignal.id).order_by(RiskSignal.id)))
    risk.plan_outreach(session, numbers, by=EVERYBODYS, now=NOW)
    waiting = states(session)
    for customer in (1, 5):
        session.add(FollowUp(event_id=1, customer_id=customer, people=customer, detected_at=NOW))
    entry = customers.merge(session, 1, 5, by=EVERYBODYS, now=NOW)
    assert session.scalar(select(func.count()).select_from(FollowUp)) == 1
    (blocked,) = [
        draft
        for draft in session.scalars(select(Draft).order_by(Draft.id))
        if any(one.code == "signal_closed" for one in drafts.preflight(session, draft, NOW))
    ]
    risk.detect(session, now=NOW)
    assert sorted(states(session)[1]) == ["cancelled", "open"]
    assert session.get_one(Draft, blocked.id).state == "cancelled"
    back = customers.unmerge(session, entry, by=EVERYBODYS, now=NOW)
    session.expire_all()
    (signal,) = session.scalars(select(RiskSignal).where(RiskSignal.customer_id == back))
    assert (signal.state, signal.closed_why) == ("acknowledged", None)
    twin = session.scalars(select(FollowUp).where(FollowUp.customer_id == back)).one()
    assert (twin.event_id, twin.people, twin.detected_at) == (1, 5, NOW)
    risk.detect(session, now=NOW)
    assert states(session) == waiting
