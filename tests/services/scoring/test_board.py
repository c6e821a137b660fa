"""The stored board against the slow reference, through time, and as different people see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import Engine, func, select, true, update

from data.db import transaction
from data.errors import NotFound
from data.tables import Attendance, Customer, CustomerScore, Event, Participant
from data.tables.events import REGISTERED
from data.versions import current as data_versions
from services.scoring.attended import load_attended
from services.scoring.board import (
    BoardFilters,
    board,
    board_day,
    default_as_of,
    distribution,
    page_of,
    recompute,
    refresh,
    standings,
    why,
)
from services.scoring.load import Facts, load_facts
from services.scoring.score import score_customers
from services.scoring.standings import NO_CSM
from services.scoring.store import Stamp, stamp, stored_scores
from services.scoring.weights import WeightBook
from services.scoring.words import choices
from tests.services.scoring import reference
from tests.services.scoring.recorded import (
    ANAS,
    BENS,
    EVERYBODYS,
    MIAS,
    busy_world,
    participant,
    record,
    viewer,
)
from tests.services.scoring.reference import World
from tests.services.scoring.worlds import customer, event, frames, seat

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def world(engine: Engine) -> World:
    """Recorded and committed, as it would be by an upload."""
    made = busy_world(TODAY)
    with transaction(engine) as session:
        record(session, made)
    return made


def slow_scores(world: World, as_of: date) -> dict[int, int | None]:
    on_the_day = replace(world, as_of=as_of)
    totals = {row["customer_id"]: reference.score(on_the_day, row) for row in world.customers}
    return {who: None if total is None else int(total + 0.5) for who, total in totals.items()}


def fast_scores(engine: Engine, as_of: date) -> dict[int, int | None]:
    with transaction(engine, read_only=True) as session:
        rows = standings(session, EVERYBODYS, as_of=as_of).rows
    return dict(rows.select("customer_id", "score").iter_rows())


def test_facts_on_record_are_the_world_they_came_from(world, session) -> None:
    facts = load_facts(session)
    for got, wanted in zip(
        (facts.attendances, facts.events, facts.customers), frames(world), strict=True
    ):
        keys = wanted.columns[:3] if "participant_id" in wanted.columns else wanted.columns[:1]
        assert_frame_equal(got.sort(keys), wanted.sort(keys), abs_tol=1e-4)


def test_stored_board_equals_the_slow_reference(world, engine) -> None:
    with transaction(engine) as session:
        assert recompute(session, now=NOW) == len(world.customers)
    assert fast_scores(engine, TODAY) == slow_scores(world, TODAY)


def test_board_of_an_earlier_day_equals_the_reference_of_that_day(world, engine) -> None:
    with transaction(engine) as session:
        recompute(session, now=NOW)
    earlier = TODAY - timedelta(days=150)
    assert fast_scores(engine, earlier) == slow_scores(world, earlier)
    assert fast_scores(engine, earlier) != fast_scores(engine, TODAY)


def test_stored_rows_come_back_as_they_were_computed(world, engine) -> None:
    with transaction(engine) as session:
        recompute(session, now=NOW)
        stored = stored_scores(session, true())
        computed = recomputed_in_memory(session)
    assert_frame_equal(stored, computed.select(stored.columns), abs_tol=1e-5)


def recomputed_in_memory(session) -> pl.DataFrame:
    facts = load_facts(session, as_of=TODAY)
    return score_customers(
        facts.attendances, facts.events, facts.customers, weights=WeightBook(), as_of=TODAY
    )


def test_rescoring_the_touched_alone_gives_the_board_of_a_full_run(world, engine) -> None:
    with transaction(engine) as session:
        recompute(session, now=NOW)
        session.add(participant(77_001, 5))
    with transaction(engine) as session:
        session.add_all(
            Attendance(participant_id=77_001, event_id=row["event_id"], status=4, upload_id=1)
            for row in world.events
        )
    with transaction(engine) as session:
        assert recompute(session, now=NOW, only=[5]) == 1
        touched = stored_scores(session, true())
    with transaction(engine) as session:
        recompute(session, now=NOW)
        full = stored_scores(session, true())
    # How full the events were has changed for everybody by that one person; the scores have not.
    about_others = ["trend", "shortfall_z", "expected_seats"]
    assert_frame_equal(touched.drop(about_others), full.drop(about_others), abs_tol=1e-5)


def test_touched_customers_are_not_mixed_into_the_board_of_another_day(world, engine) -> None:
    with transaction(engine) as session:
        recompute(session, now=NOW - timedelta(days=1))
        assert recompute(session, now=NOW, only=[5]) == len(world.customers)
        assert stamp(session) == Stamp(TODAY, 0)


def test_facts_handed_over_count_before_they_are_committed(world, engine) -> None:
    with transaction(engine) as session:
        facts = load_facts(session, as_of=TODAY)
        nobody = Facts(facts.attendances.clear(), facts.events, facts.customers)
        recompute(session, now=NOW, facts=nobody)
        assert session.scalar(select(func.max(CustomerScore.score))) == 0


def test_recomputing_tells_the_caches(world, engine) -> None:
    with transaction(engine) as session:
        before = data_versions(session)
        recompute(session, now=NOW)
        after = data_versions(session)
    assert after["scores"] > before.get("scores", 0)


def test_a_failed_transaction_leaves_the_old_board(world, engine) -> None:
    with transaction(engine) as session:
        recompute(session, now=NOW)
    before = fast_scores(engine, TODAY)

    def fail_after_rescoring() -> None:
        with transaction(engine) as session:
            facts = load_facts(session, as_of=TODAY)
            recompute(session, now=NOW, facts=replace(facts, attendances=facts.attendances.clear()))
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        fail_after_rescoring()
    assert fast_scores(engine, TODAY) == before


@pytest.mark.parametrize("band", ["review", "unmatched", "excluded"])
def test_people_who_are_not_matched_for_sure_count_for_nobody(engine, band) -> None:
    world = World(
        [seat(1, 1), seat(1, 2, 1)], [event(1, TODAY), event(2, TODAY)], [customer(1)], TODAY
    )
    with transaction(engine) as session:
        record(session, world)
        unsure = update(Participant).where(Participant.id == 1001)
        session.execute(unsure.values(band=band))
    with transaction(engine) as session:
        facts = load_facts(session)
        assert facts.attendances["participant_id"].to_list() == [1000]
        session.execute(unsure.values(band="automatic"))
        told = load_facts(session)
        assert sorted(told.attendances["participant_id"]) == [1000, 1001]


def test_attendance_at_hand_follows_a_changed_match(engine) -> None:
    world = World([seat(1, 1), seat(1, 1, 1)], [event(1, TODAY)], [customer(1), customer(2)], TODAY)
    with transaction(engine) as session:
        record(session, world)
        known = load_attended(session)
        changed = pl.DataFrame(
            {"participant_id": [1000, 1001], "customer_id": [None, 2]},
            schema={"participant_id": pl.Int64, "customer_id": pl.Int64},
        ).with_columns(band=pl.Series(["unmatched", "automatic"]))
        nothing = known.rows.clear()
        gone = nothing.select("participant_id", "event_id")
        facts = load_facts(session, attended=known.after(gone, nothing, changed))
    seats = facts.attendances.select("customer_id", "participant_id")
    assert seats.rows() == [(2, 1001)]


def test_registering_and_cancelled_events_do_not_count(engine) -> None:
    world = World(
        [seat(1, 1), seat(1, 2)], [event(1, TODAY), event(2, TODAY)], [customer(1)], TODAY
    )
    with transaction(engine) as session:
        record(session, world)
        session.execute(update(Attendance).where(Attendance.event_id == 1).values(status=1))
        session.execute(update(Event).where(Event.id == 2).values(status="cancelled"))
    with transaction(engine) as session:
        facts = load_facts(session)
    assert (facts.attendances.height, facts.events["event_id"].to_list()) == (0, [1])


@pytest.mark.parametrize(("ago", "shown"), [(0, 0), (60, 0), (61, 61), (400, 400)])
def test_board_is_shown_as_of_the_last_event_once_that_is_long_ago(session, ago, shown) -> None:
    record(session, World([], [event(1, TODAY - timedelta(days=ago))], [], TODAY))
    assert default_as_of(session, TODAY) == TODAY - timedelta(days=shown)
    assert board_day(session, now=NOW).last_event == TODAY - timedelta(days=ago)


def test_without_events_the_board_is_todays_and_empty(session) -> None:
    assert default_as_of(session, TODAY) == TODAY
    page = board(session, EVERYBODYS, as_of=TODAY)
    assert (page.total, page.rows.height) == (0, 0)
    assert recompute(session, now=NOW) == 0


def test_refresh_rewrites_yesterdays_board_once(world, engine) -> None:
    with transaction(engine) as session:
        recompute(session, now=NOW - timedelta(days=1))
    with transaction(engine) as session:
        assert refresh(session, now=NOW) is True
        assert refresh(session, now=NOW) is False
        assert stamp(session) == Stamp(TODAY, 0)


def test_everyone_sees_their_portfolio_ranked_among_themselves(world, engine) -> None:
    with transaction(engine) as session:
        recompute(session, now=NOW)
        own = {by.person_id: standings(session, by, as_of=TODAY).rows for by in (ANAS, BENS, MIAS)}
        every = standings(session, EVERYBODYS, as_of=TODAY).rows
    assert {number % 2 for number in own[2]["customer_id"]} == {1}
    assert {number % 2 for number in own[3]["customer_id"]} == {0}
    assert_frame_equal(own[4], own[2])  # Mia has Ana's
    assert every.height == own[2].height + own[3].height
    for rows in (every, *own.values()):
        assert rows["rank"].to_list() == list(range(1, rows.height + 1))


def test_a_customer_added_since_the_last_scoring_is_listed_without_a_score(world, engine) -> None:
    with transaction(engine) as session:
        recompute(session, now=NOW)
        session.add(Customer(id=900, name="Newcomer", csm_id=2, created_at=NOW, updated_at=NOW))
    with transaction(engine) as session:
        page = board(session, ANAS, as_of=TODAY, filters=BoardFilters(search="newc"))
        explained = why(session, ANAS, 900, as_of=TODAY)
    row = page.rows.row(0, named=True)
    assert (row["score"], row["state"], row["attended"]) == (None, "no_data", 0)
    assert explained.explanation.score is None


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        (BoardFilters(segment="small"), lambda row: row["segment"] == "small"),
        (BoardFilters(segment="No segment"), lambda row: row["segment"] is None),
        (BoardFilters(csm_id=3), lambda row: row["csm_id"] == 3),
        (BoardFilters(band="low"), lambda row: row["band"] == "low"),
        (BoardFilters(trend="stable"), lambda row: row["trend"] == "stable"),
        (BoardFilters(search="MER 1"), lambda row: "mer 1" in row["customer"].lower()),
        (BoardFilters(search="100%"), lambda row: False),
        (BoardFilters(band="low", csm_id=2), lambda r: (r["band"], r["csm_id"]) == ("low", 2)),
    ],
)
def test_filters_keep_what_fits_and_the_rank_of_the_whole(world, engine, filters, fits) -> None:
    with transaction(engine) as session:
        recompute(session, now=NOW)
        everyone = standings(session, EVERYBODYS, as_of=TODAY)
    wanted = [row["rank"] for row in everyone.rows.iter_rows(named=True) if fits(row)]
    page = page_of(everyone, filters)
    assert page.rows["rank"].to_list() == wanted
    assert (page.total, page.of) == (len(wanted), len(world.customers))


def test_customers_without_a_csm_can_be_told_from_the_others(world, engine) -> None:
    with transaction(engine) as session:
        assert NO_CSM not in choices(standings(session, EVERYBODYS, as_of=TODAY).rows)[1].values()
        session.add(Customer(id=901, name="Forgotten", created_at=NOW, updated_at=NOW))
    with transaction(engine) as session:
        everyone = standings(session, EVERYBODYS, as_of=TODAY)
    (none,) = (number for number, name in choices(everyone.rows)[1].items() if name == NO_CSM)
    found = page_of(everyone, BoardFilters(csm_id=none))
    assert found.rows["customer"].to_list() == ["Forgotten"]


def test_pages_of_a_sorted_board_make_up_the_whole(world, engine) -> None:
    with transaction(engine) as session:
        recompute(session, now=NOW)
        pages = [
            board(session, EVERYBODYS, as_of=TODAY, sort="arr", descending=True, offset=n, limit=7)
            for n in range(0, 35, 7)
        ]
    rows = pl.concat([page.rows for page in pages])
    assert rows["arr"].to_list() == sorted(rows["arr"].to_list(), reverse=True)
    assert rows.height == pages[0].total == len(world.customers)


def test_distribution_counts_every_scored_customer_once(world, engine) -> None:
    with transaction(engine) as session:
        recompute(session, now=NOW)
        parts = {
            g: distribution(session, MIAS, as_of=TODAY, group=g) for g in (None, "csm", "segment")
        }
        scored = standings(session, MIAS, as_of=TODAY).rows["score"].count()
    for counts in parts.values():
        assert counts["customers"].sum() == scored
    assert parts["csm"]["group"].unique().to_list() == ["Ana Alvarez"]
    assert "No segment" in parts["segment"]["group"].to_list()


def test_why_agrees_with_the_board_and_lists_every_open_event(world, engine) -> None:
    with transaction(engine) as session:
        recompute(session, now=NOW)
        line = board(session, ANAS, as_of=TODAY, limit=1).rows.row(0, named=True)
        said = why(session, ANAS, line["customer_id"], as_of=TODAY)
    assert said.explanation.score == line["score"]
    assert (said.row["rank"], said.of) == (1, 15)
    counted = said.attended.filter("counted")
    assert counted.height == line["attended"]
    assert counted.height + said.missed.height == line["eligible"]
    assert said.history["as_of"].to_list()[-1] == TODAY
    assert said.history["score"].to_list()[-1] == line["score"]
    assert sum(part.points for part in said.explanation.lines) == pytest.approx(
        line["score"], abs=0.51
    )


def test_why_of_a_past_day_is_the_board_of_that_day(world, engine) -> None:
    earlier = TODAY - timedelta(days=100)
    with transaction(engine) as session:
        recompute(session, now=NOW)
        for line in board(session, BENS, as_of=earlier, limit=3).rows.iter_rows(named=True):
            said = why(session, BENS, line["customer_id"], as_of=earlier)
            assert (said.explanation.score, said.row["rank"]) == (line["score"], line["rank"])
            assert all(day <= earlier for day in said.attended["held_on"])


@pytest.mark.parametrize("customer_id", [2, 9999])
def test_a_foreign_customer_is_as_unknown_as_one_that_does_not_exist(
    world, engine, customer_id
) -> None:
    with transaction(engine) as session:
        recompute(session, now=NOW)
        with pytest.raises(NotFound, match="no such customer in your portfolio"):
            why(session, ANAS, customer_id, as_of=TODAY)


def test_somebody_without_a_portfolio_sees_an_empty_board(world, engine) -> None:
    with transaction(engine) as session:
        recompute(session, now=NOW)
        assert board(session, viewer(1), as_of=TODAY).total == 0


def test_upcoming_events_open_to_the_customer_make_the_next_step(engine) -> None:
    past = [event(n, TODAY - timedelta(days=20 * n)) for n in range(1, 9)]
    world = World([seat(1, n) for n in range(1, 8)], past, [customer(1, segment="small")], TODAY)
    with transaction(engine) as session:
        record(session, world)
        for number, name, segments, private in (
            (51, "Not for them", ["enterprise"], None),
            (52, "Summer training", ["small"], None),
            (53, "Others at dinner", None, True),
            (54, "Dinner", ["enterprise"], True),
        ):
            session.add(
                Event(
                    id=number,
                    name=name,
                    name_key=name.lower(),
                    type="training",
                    starts_at=NOW + timedelta(days=5),
                    held_on=TODAY + timedelta(days=5),
                    segments=segments,
                    private=private,
                    status="planned",
                    created_at=NOW,
                )
            )
    with transaction(engine) as session:
        step = why(session, ANAS, 1, as_of=TODAY).step
        session.add(Attendance(participant_id=1000, event_id=54, status=REGISTERED, upload_id=1))
        session.flush()
        with_dinner = why(session, ANAS, 1, as_of=TODAY).step
    assert step is not None
    assert [found.name for found in step.events] == ["Summer training"]
    assert with_dinner is not None
    assert [found.name for found in with_dinner.events] == ["Dinner"]
