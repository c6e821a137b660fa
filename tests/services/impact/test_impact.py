"""Impact on a small company: figures are those of the features, made of the rows that are shown."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import openpyxl
import polars as pl
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from data.errors import NotAllowed, NotFound
from data.tables import Customer, FollowUp, Opportunity, RiskSignal, Touch
from services import impact
from services.access import Viewer
from services.attendance import analysis
from services.campaigns import outcomes, report
from services.impact import METRICS, Measured, Wanted
from services.impact import book as book_of_figures
from services.impact.book import by_month
from services.impact.figures import TOO_FEW
from services.impact.registry import Metric
from services.impact.untouched import per_currency
from services.impact.workbook import one_figure
from services.invitations.learning import learning
from services.scoring import advocacy
from tests.services.attendance.world import event, seat
from tests.support.portfolio import Portfolio, portfolio

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
YEAR = Wanted()


@pytest.fixture
def known(session: Session, now: datetime) -> Portfolio:
    """Two webinars followed up, one not; one of two asked agreed; both customers fade, one was called."""
    made = portfolio(session, now)
    session.execute(update(Customer).where(Customer.id == made.techcorp).values(segment="SMB"))
    for weeks, sent in ((2, True), (6, True), (7, False)):
        at = now - weeks * WEEK
        number = event(session, at, f"Webinar {weeks}")
        seat(session, number, made.techcorp, made.maria)
        for customer in (made.techcorp, made.datapro):
            mailed = sent and customer == made.techcorp
            session.add(
                FollowUp(
                    event_id=number, customer_id=customer, people=1, detected_at=at,
                    notified_at=at, drafted_at=at + 2 * DAY,
                    sent_at=at + DAY if mailed else None,
                    replied_at=at + 2 * DAY if mailed and weeks == 2 else None,
                )
            )  # fmt: skip
    for customer, stage in ((made.techcorp, "agreed"), (made.datapro, "asked")):
        asked = now - 30 * DAY
        session.add(
            Opportunity(
                customer_id=customer, types=["reference"], stage=stage, created_at=asked,
                updated_at=asked, asked_at=asked,
            )
        )  # fmt: skip
        session.add(signal(customer, now - 10 * DAY))
    session.add(touch(made.datapro, now - 5 * DAY))
    session.flush()
    return made


def signal(customer: int, at: datetime, state: str = "open") -> RiskSignal:
    return RiskSignal(
        customer_id=customer, kind="declining_attendance", level="alert", state=state,
        sentence="Missed six.", as_of=at.date(), opened_at=at, seen_at=at,
    )  # fmt: skip


def touch(customer: int, at: datetime, *, released_at: datetime | None = None) -> Touch:
    return Touch(
        customer_id=customer, channel="call", kind="call", what="Spoke", at=at,
        released_at=released_at,
    )  # fmt: skip


def tiles(session: Session, by: Viewer, at: datetime, wanted: Wanted = YEAR) -> dict[str, Measured]:
    found = analysis.analysis(
        session, impact.lens_of(by, wanted, segment=False), at.date(), filters=wanted.events
    )
    told = impact.complete(impact.measured(session, by, at=at, wanted=wanted), found.lift)
    return {one.key: one for one in told}


@pytest.mark.parametrize("metric", METRICS, ids=lambda one: one.key)
def test_tile_is_made_of_the_rows_that_are_shown(
    session: Session, known: Portfolio, now: datetime, metric: Metric
):
    tile = tiles(session, known.morgan, now)[metric.key]
    found = impact.opened(session, known.morgan, key=metric.key, at=now, wanted=YEAR)
    if metric.read is None:
        assert found.measured is None
        came = found.rows.filter("compared", "came")["customer"].n_unique()
        stayed = found.rows.filter("compared", ~found.rows["came"])["customer"].n_unique()
        assert (tile.figure.n, found.total) == (came + stayed, found.rows.height)
        return
    assert found.measured == tile
    assert metric.decide(found.rows) == tile.figure
    if not metric.lift:
        assert sum(_counts(found.months["bottom"])) == tile.figure.n == _count(tile.figure.bottom)
        assert sum(_counts(found.months["top"])) == _count(tile.figure.top) or (
            metric.key == "follow_up_rate"
        )


def _counts(column) -> list[int]:
    return [_count(one) for one in column]


def _count(words: str) -> int:
    return int(words.replace(",", ""))


def test_figure_is_that_of_the_page_it_comes_from(
    session: Session, known: Portfolio, now: datetime
):
    found = {key: one.figure for key, one in tiles(session, known.ada, now).items()}
    since = (now - timedelta(days=YEAR.days)).date()
    rates = analysis.rates(session, known.ada, now, since=since)
    board = advocacy.listing(session, known.ada)
    mails = outcomes.outcomes(session, known.ada, now)
    bulk = report.listing(session, known.ada, filters=report.Filters(since=YEAR.since(now)))
    invited = learning(session, known.ada, now)
    for key, share in {
        "follow_up_rate": rates.events,
        "response_rate": rates.replies,
        "advocacy_conversion": board.conversion,
        "engager_follow_up": mails.followed_up,
        "coverage": bulk.coverage,
        "acceptance": invited.overall,
    }.items():
        told = (found[key].value, found[key].low, found[key].high, found[key].n)
        assert told == (share.share, share.low, share.high, share.of), key
    assert found["conversion_lift"].value == mails.gap.relative
    assert found["list_lift"].value == invited.lift.relative


def test_shares_count_what_there_is(session: Session, known: Portfolio, now: datetime):
    found = {key: one.figure for key, one in tiles(session, known.morgan, now).items()}
    assert (found["follow_up_rate"].top, found["follow_up_rate"].bottom) == ("2", "3")
    assert (found["response_rate"].top, found["response_rate"].bottom) == ("1", "2")
    assert (found["advocacy_conversion"].top, found["advocacy_conversion"].bottom) == ("1", "2")
    assert tiles(session, known.morgan, now)["follow_up_rate"].verdict == TOO_FEW


def test_filters_narrow_every_figure(session: Session, known: Portfolio, now: datetime):
    for wanted in (Wanted(segment="SMB"), Wanted(csm_ids=(known.dana.person_id or 0,))):
        found = {key: one.figure for key, one in tiles(session, known.morgan, now, wanted).items()}
        assert (found["advocacy_conversion"].top, found["advocacy_conversion"].bottom) == ("1", "1")
        assert found["response_rate"].n == 2
    month = tiles(session, known.morgan, now, Wanted(days=20))
    assert (month["follow_up_rate"].figure.n, month["advocacy_conversion"].figure.n) == (1, 0)


def test_months_are_the_figure_of_their_rows(session: Session, known: Portfolio, now: datetime):
    metric = impact.find_metric("follow_up_rate")
    found = impact.opened(session, known.ada, key=metric.key, at=now, wanted=YEAR)
    assert found.months["month"].to_list() == sorted(
        set(found.rows["held_on"].dt.strftime("%Y-%m"))
    )
    assert by_month(metric, found.rows.reverse()).equals(found.months)


def test_who_leads_nobody_is_refused(session: Session, known: Portfolio, now: datetime):
    for ask in (
        lambda: impact.measured(session, known.dana, at=now, wanted=YEAR),
        lambda: impact.opened(session, known.dana, key="coverage", at=now, wanted=YEAR),
        lambda: impact.untouched(session, known.dana, at=now, wanted=YEAR),
        lambda: impact.desks(session, known.dana, at=now, wanted=YEAR),
        lambda: impact.export(session, known.dana, at=now, wanted=YEAR),
        lambda: impact.export_rows(
            session, known.dana, key="coverage", at=now, wanted=YEAR, form="csv"
        ),
        lambda: impact.choices(session, known.dana),
    ):
        with pytest.raises(NotAllowed):
            ask()
    with pytest.raises(NotFound):
        impact.opened(session, known.ada, key="happiness", at=now, wanted=YEAR)


def test_at_risk_until_somebody_spoke_with_them(session: Session, known: Portfolio, now: datetime):
    rows = impact.untouched(session, known.morgan, at=now, wanted=YEAR)
    assert rows.select("customer", "days", "level").rows() == [("TechCorp", 10, "alert")]
    assert per_currency(rows) == [("USD", 1, 250_000.0)]
    session.add(touch(known.techcorp, now - 11 * DAY))
    session.add(touch(known.techcorp, now - DAY, released_at=now))
    session.flush()
    assert impact.untouched(session, known.morgan, at=now, wanted=YEAR).height == 1
    session.add(touch(known.techcorp, now - DAY))
    session.flush()
    assert impact.untouched(session, known.morgan, at=now, wanted=YEAR).is_empty()


def test_each_desk_with_its_load_and_its_promises(
    session: Session, known: Portfolio, now: datetime
):
    rows = impact.desks(session, known.morgan, at=now, wanted=YEAR)
    told = rows.select(
        "csm", "customers", "arr", "at_risk", "notified", "notified_of", "sent", "sent_of"
    )
    assert told.sort("csm").rows() == [
        ("Dana Example", 1, "USD 250,000", 1, 3, 3, 2, 3),
        ("Erik Example", 1, "USD 40,000", 1, 3, 3, 0, 3),
    ]
    assert rows["drafted"].sum() == 0


def test_leaders_choose_among_their_own(session: Session, known: Portfolio):
    found = impact.choices(session, known.morgan)
    assert found.segments == ("SMB",)
    assert dict(found.whose) == {
        "Dana Example": (known.dana.person_id,), "Erik Example": (known.erik.person_id,),
    }  # fmt: skip


def test_file_says_what_it_is_of(session: Session, known: Portfolio, now: datetime):
    wanted = Wanted(90, "SMB", (known.dana.person_id or 0,))
    for made in (
        impact.export(session, known.morgan, at=now, wanted=wanted),
        impact.export_rows(
            session, known.morgan, key="coverage", at=now, wanted=wanted, form="xlsx"
        ),
    ):
        about = openpyxl.load_workbook(io.BytesIO(made)).worksheets[0]
        told = {row[0].value: row[1].value for row in about.iter_rows(min_row=2)}
        assert about.title == "About"
        assert str(told["Figures as of"]) == f"{now:%Y-%m-%d %H:%M} UTC"
        assert str(told["Period"]).startswith("The last 90 days, since ")
        assert (told["Segment"], told["Customers of"]) == ("SMB", "Dana Example")
        assert told["Downloaded by"] == "Morgan Example"
    everything = openpyxl.load_workbook(
        io.BytesIO(impact.export(session, known.ada, at=now, wanted=YEAR))
    )["About"]
    assert [everything[f"B{row}"].value for row in (4, 5)] == ["All", "All that Ada Example sees"]


def test_file_is_written_as_the_page_is(session: Session, known: Portfolio, now: datetime):
    book = openpyxl.load_workbook(
        io.BytesIO(impact.export(session, known.ada, at=now, wanted=YEAR))
    )
    heads = {one.title: [c.value for c in one[1]] for one in book.worksheets}
    assert {"CSM", "ARR", "Told that day"} <= set(heads["CSM load and promises"])
    assert "ARR" in heads["Value by event"]
    assert heads["Topics"][-3:] == ["Seats per event", "First half", "Second half"]
    assert "Asked at (UTC)" in heads["Advocacy conversion"]
    assert "Lift" in heads["Value by event"]


def test_shares_are_percentages_in_a_file(session: Session, known: Portfolio, now: datetime):
    rows = pl.DataFrame({"customer": ["TechCorp"], "before": [0.168498], "n": [3]})
    made = one_figure(session, known.ada, "Lift", rows, at=now, wanted=YEAR)
    sheet = openpyxl.load_workbook(io.BytesIO(made))["Lift"]
    assert [c.number_format for c in sheet[2]] == ["General", "0.0%", "General"]


@pytest.mark.parametrize("metric", METRICS, ids=lambda one: one.key)
def test_file_of_a_figure_has_all_its_rows(
    session: Session,
    known: Portfolio,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    metric: Metric,
):
    monkeypatch.setattr(book_of_figures, "MOST_ROWS", 1)
    asked = {"key": metric.key, "at": now, "wanted": YEAR}
    total = impact.opened(session, known.ada, **asked).total
    table = impact.export_rows(session, known.ada, form="csv", **asked)
    assert pl.read_csv(table, infer_schema=False).height == total
    made = impact.export_rows(session, known.ada, form="xlsx", **asked)
    assert openpyxl.load_workbook(io.BytesIO(made)).worksheets[1].max_row == 1 + total


def test_workbook_has_a_sheet_per_block_and_no_formula(
    session: Session, known: Portfolio, now: datetime
):
    session.execute(
        update(Customer).where(Customer.id == known.techcorp).values(name="=1+cmd|' /C calc'!A1")
    )
    book = openpyxl.load_workbook(
        io.BytesIO(impact.export(session, known.ada, at=now, wanted=YEAR))
    )
    assert {one.title for one in METRICS} < set(book.sheetnames)
    assert {"Success", "Value by event", "CSM load and promises", "At risk untouched"} < set(
        book.sheetnames
    )
    assert book["Success"].max_row == 1 + len(METRICS)
    cells = [c for sheet in book.worksheets for row in sheet.iter_rows() for c in row]
    assert [c.value for c in cells if c.data_type == "f"] == []
    assert any(str(c.value).startswith("'=1+cmd") for c in cells)
