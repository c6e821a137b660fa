"""Every figure that was promised: its aim, its words, where else it stands, and what makes it.

Rows are what the features' own services give, so that a figure here is the one of their pages; the figure is
made of these very rows, and so are the months.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl
from sqlalchemy.orm import Session

from data.errors import NotFound
from services.access import Viewer
from services.attendance.analysis import rates
from services.attendance.analysis.rates import answered as follow_ups_answered
from services.attendance.analysis.rates import events_followed
from services.attendance.follow_up.records import RECENT
from services.campaigns import outcomes as mail_outcomes
from services.campaigns import report
from services.figures import share_of
from services.impact.figures import Figure, of_gap, of_list, of_share
from services.impact.wanted import Wanted
from services.invitations import learning
from services.scoring import advocacy, backtest
from services.tickets import afterwards

Read = Callable[[Session, Viewer, datetime, Wanted], pl.DataFrame]


@dataclass(frozen=True)
class Metric:
    """`aim` is what the value must be above, 0.2 for 20%, None where the requirement names none; `prds` which
    requirements ask for it. `top` and `bottom` say what is counted; for a `lift` what is compared.

    `read` gives the rows and `decide` the figure of any of them; the column `month_of` says which month a row
    belongs to. `read` is None for what the analysis of events makes. `on_both_sides`: a customer may stand on
    both sides of the lift, and counts in n on each.
    """

    key: str
    title: str
    prds: tuple[int, ...]
    aim: float | None
    top: str
    bottom: str
    definition: str
    period: str
    screen: str
    read: Read | None
    decide: Callable[[pl.DataFrame], Figure]
    month_of: str
    lift: bool = False
    on_both_sides: bool = False
    query: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def always(self) -> bool:
        """Of all that is on record, whatever the period."""
        return self.period.startswith("all on record")


def find_metric(key: str) -> Metric:
    """NotFound for a key that is not in the list."""
    found = next((one for one in METRICS if one.key == key), None)
    if found is None:
        raise NotFound("There is no such figure. Choose one on the Impact page.")
    return found


def _follow_ups(session: Session, by: Viewer, at: datetime, wanted: Wanted) -> pl.DataFrame:
    return rates(session, by, at, since=wanted.since(at).date()).rows


def _sent_follow_ups(session: Session, by: Viewer, at: datetime, wanted: Wanted) -> pl.DataFrame:
    return _follow_ups(session, by, at, wanted).filter("sent")


def _campaigns(session: Session, by: Viewer, at: datetime, wanted: Wanted) -> pl.DataFrame:
    """Whose mail it is: of nobody's customers that which is not matched, so nobody's part can be told."""
    asked = report.Filters(since=wanted.since(at))
    found = report.listing(session, by, filters=asked, limit=_MOST_CAMPAIGNS)
    rows = [
        (one.started_at, one.name, one.platform, one.mails, one.matched, one.excluded)
        for one in found.rows
    ]
    return pl.DataFrame(rows, schema=_CAMPAIGN, orient="row")


_MOST_CAMPAIGNS = 20_000
_CAMPAIGN = {
    "started_at": pl.Datetime("us", "UTC"), "campaign": pl.String, "platform": pl.String,
    "mails": pl.Int64, "matched": pl.Int64, "excluded": pl.Int64,
}  # fmt: skip


def _coverage(rows: pl.DataFrame) -> Figure:
    known = int(rows["mails"].sum()) - int(rows["excluded"].sum())
    return of_share(share_of(int(rows["matched"].sum()), known))


def _asked(session: Session, by: Viewer, at: datetime, wanted: Wanted) -> pl.DataFrame:
    return advocacy.asked(session, by, since=wanted.since(at))


def _left(session: Session, by: Viewer, at: datetime, wanted: Wanted) -> pl.DataFrame:  # noqa: ARG001 - all of it
    return backtest.left(session, by).drop("customer_id")


def _listed(session: Session, by: Viewer, at: datetime, wanted: Wanted) -> pl.DataFrame:  # noqa: ARG001 - all of it
    return learning.outcomes(session, by)


def _invited(session: Session, by: Viewer, at: datetime, wanted: Wanted) -> pl.DataFrame:
    return learning.answers(session, by, wanted.since(at))


def _occasions(session: Session, by: Viewer, at: datetime, wanted: Wanted) -> pl.DataFrame:
    return mail_outcomes.occasions(session, by, at, since=wanted.since(at))


def _judged_occasions(session: Session, by: Viewer, at: datetime, wanted: Wanted) -> pl.DataFrame:
    return _occasions(session, by, at, wanted).filter("over")


def _talks(rows: pl.DataFrame) -> Figure:
    found = mail_outcomes.counted(rows)
    return of_gap(found.contacted, found.others, found.gap)


def _ticket_mails(session: Session, by: Viewer, at: datetime, wanted: Wanted) -> pl.DataFrame:
    return afterwards.sent(session, by, wanted.since(at))


def _assessed(session: Session, by: Viewer, at: datetime, wanted: Wanted) -> pl.DataFrame:
    return _ticket_mails(session, by, at, wanted).drop_nulls("confident")


def _of_analysis(rows: pl.DataFrame) -> Figure:
    raise AssertionError(f"the analysis of events makes it, not {rows.height} rows")


METRICS = (
    Metric(
        "advocacy_conversion", "Advocacy conversion", (18,), 0.25,
        "opportunities agreed or delivered", "opportunities asked about",
        "Of the customers asked to speak for us in the period, how many said yes. Candidates are those who take "
        "part most.",
        "asked in the period", "advocacy", _asked,
        lambda rows: of_share(advocacy.converted(rows)), "asked_at",
        query={"advocacy.view": "Opportunities"},
    ),
    Metric(
        "early_warning", "Flagged before leaving", (18,), 0.5,
        "flagged 30 days or more before they left", "customers who left and could be judged before",
        "Aim: flagged more than 30 days before. Above one half, that is true of the customer in the middle: those "
        "who were never flagged count as flagged too late.",
        "all on record, as the Backtest has it", "backtest", _left,
        lambda rows: of_share(backtest.flagged(rows)), "churned_on",
    ),
    Metric(
        "list_lift", "Attendance by recommendation", (18, 39), 0.20,
        "recommended customers who came", "customers held out who came",
        "How much more often somebody came of customers on a list than of those left out of it by their number "
        "alone. Pooled over all events with a list, as one year can hardly show it.",
        "all on record, as Invitations has it", "invitations", _listed,
        lambda rows: of_list(learning.lift_of_list(rows)), "held_on", lift=True,
    ),
    Metric(
        "acceptance", "Invitations accepted", (39,), None,
        "invitations registered or attended", "invitations that reached their person",
        "Of the invitations that got to somebody, how many they took up. The requirement names no aim.",
        "made in the period", "invitations", _invited,
        lambda rows: of_share(learning.accepted(rows)), "created_at",
    ),
    Metric(
        "follow_up_rate", "Events followed up", (135,), 0.80,
        "events with a follow-up sent", "events with somebody to write to whose 72 hours are over",
        "Of the events with somebody to write to, how many had at least one follow-up sent. What was let go "
        f"counts as not followed up. An event learned of more than {RECENT.days} days after it counts once somebody "
        "asks for its follow-ups, as nobody is told of it otherwise.",
        "held in the period", "event_analysis", _follow_ups,
        lambda rows: of_share(events_followed(rows)), "held_on",
        query={"event_analysis.view": "Follow-up"},
    ),
    Metric(
        "response_rate", "Follow-ups answered", (135,), 0.30,
        "follow-ups answered", "follow-ups sent",
        "Of the customers to whom a follow-up was sent, how many wrote back.",
        "held in the period", "event_analysis", _sent_follow_ups,
        lambda rows: of_share(follow_ups_answered(rows)), "held_on",
        query={"event_analysis.view": "Follow-up"},
    ),
    Metric(
        "engagement_lift", "Engagement after events", (135,), 0.15,
        "came: share of other events attended, before → after", "did not come: the same",
        "How much more customers took part in other events in the 90 days after one, against those who did not "
        "come, within segment and quarter of start; the event itself never counts. Who came to one event and not "
        "to another is on both sides, once on each.",
        "held in the period", "event_analysis", None, _of_analysis, "held_on", lift=True, on_both_sides=True,
        query={"event_analysis.view": "Lift"},
    ),
    Metric(
        "coverage", "Bulk mail matched", (141,), 0.95,
        "mails to known people of customers", "mails that could be to customers",
        "Of the bulk mails, how many are known whose they are; colleagues and test addresses are left out. Of the "
        "whole house: a mail nobody could match is in nobody's segment.",
        "campaigns begun in the period", "campaigns", _campaigns, _coverage, "started_at",
    ),
    Metric(
        "engager_follow_up", "High engagers contacted", (141,), 0.30,
        "customers contacted within 30 days", "customers who took our mail well",
        "Of the customers for whom a rule on engagement fired, each once, how many somebody contacted.",
        "fired in the period", "campaigns", _occasions,
        lambda rows: of_share(mail_outcomes.counted(rows).followed_up), "fired_at",
        query={"campaigns.view": "Whom to contact"},
    ),
    Metric(
        "conversion_lift", "Conversations by contact", (141,), 0.15,
        "talks after contact", "talks without",
        "How much more often those contacted came to talk with us within 30 days. Who is contacted is chosen by "
        "people, so it is a comparison and no proof.",
        "fired in the period, 30 days over", "campaigns", _judged_occasions, _talks, "fired_at",
        lift=True, query={"campaigns.view": "Whom to contact"},
    ),
    Metric(
        "ticket_response", "Ticket follow-ups answered", (52,), None,
        "mails answered", "mails sent after a ticket",
        "Of the mails after a ticket, how many the customer answered. The requirement names no aim.",
        "sent in the period", "tickets", _ticket_mails,
        lambda rows: of_share(afterwards.replied(rows)), "sent_at",
    ),
    Metric(
        "confidence_back", "Confidence back", (52,), None,
        "customers with their confidence back", "mails assessed after two weeks",
        "Of the mails after a ticket that were assessed, how many customers trust us again. The requirement names "
        "no aim.",
        "sent in the period", "tickets", _assessed,
        lambda rows: of_share(afterwards.confident(rows)), "sent_at",
    ),
)  # fmt: skip
