"""The list for one event: who fits it, who is put on it, and what to expect of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.bulk import read_frame
from data.errors import InvalidMove
from data.tables import Customer, Event, Invitation, Person, Registration
from services.access import Viewer, visible
from services.invitations.catalogue.book import required
from services.invitations.catalogue.records import ended
from services.invitations.fit.ground import Bools, Floats
from services.invitations.fit.learning import expected
from services.invitations.fit.listing import ARMS, BY_LOT, NONE, RECOMMENDED, choose, held_out, lots
from services.invitations.fit.reasons import Reason, Reasoner
from services.invitations.ranking.loading import Loaded
from services.invitations.ranking.people import capped_people, reachable
from services.invitations.ranking.standing import Standing, standing
from services.invitations.ranking.troubles import open_major
from services.invitations.registrations.book import COMING, free_seats

USUAL_SHARE, FEWEST = 0.2, 10
"""Of those whom an event is for, how many a list has unless somebody says otherwise."""
EXPLAINED = 200  # rows from the top whose reasons are worked out
BLOCKERS = {
    "registered": "Registered already",
    "invited": "Invited already",
    "ticket": "A major support ticket is open",
    "not_for": "Not whom the event is for",
    "nobody": "Nobody there can be written to about events",
    "capped": "Everybody there has been invited often enough",
}
ROWS: dict[str, Any] = {
    "customer_id": pl.Int64,
    "customer": pl.String,
    "segment": pl.String,
    "industry": pl.String,
    "city": pl.String,
    "csm": pl.String,
    "arr": pl.Float64,
    "chance": pl.Float64,
    "rank": pl.Int64,
    "arm": pl.String,
    "propensity": pl.Float64,
    "blocker": pl.String,
}


@dataclass(frozen=True)
class Fairness:
    """Of a segment: customers the event is for, those on the list, and how many times the usual share that
    is."""

    segment: str
    fits: int
    listed: int
    ratio: float | None


@dataclass(frozen=True)
class Ranking:
    """`rows` as ROWS: the list first, then the others by chance, the blocked last. `chance` 0..1 that they
    come if invited; `rank` 1.. by chance among those who are free; `arm` is recommended, explored (drawn by
    lot) or null. Held-out customers stand among the others: `holdout` names those who would have been on
    the list. `reasons`, `features` and `topics` by customer: the last are the event's topics (in lower case)
    with how many events on each were attended. `expected`: how many of the list come, with a 90% interval, and
    no more than there are seats. `reached`:
    how many of those it is for have been invited to any of the last four events, or are on the list."""

    event_id: int
    rows: pl.DataFrame
    reasons: dict[int, tuple[Reason, ...]]
    features: dict[int, dict[str, float]]
    topics: dict[int, dict[str, int]]
    holdout: pl.DataFrame
    size: int
    fits: int
    free_seats: int | None
    expected: tuple[float, float, float]
    reached: int
    fairness: tuple[Fairness, ...]
    model_version: int
    as_of: datetime


def rank(
    session: Session,
    by: Viewer,
    event_id: int,
    now: datetime,
    *,
    size: int | None = None,
    also: Collection[int] = (),
) -> Ranking:
    """The customers that `by` sees, ranked for an event to come; reasons of the first ones and of `also`.

    NotFound for an unknown event, InvalidMove for one that is over or cancelled.
    """
    event = required(session, event_id)
    _check(event, now)
    stands = standing(session, event, now.date())
    mine = _mine(session, by, stands.loaded)
    return _Ranker(session, event, stands, mine, now).ranking(size, also)


def _check(event: Event, now: datetime) -> None:
    end = ended(event.starts_at, event.ends_at, event.duration_minutes)
    if event.status == "cancelled":
        raise InvalidMove("This event is cancelled. Choose another one.")
    if event.status == "held" or end <= now:
        raise InvalidMove("This event is over. Choose one that is still to come.")


def _mine(session: Session, by: Viewer, loaded: Loaded) -> pl.DataFrame:
    """Who `by` sees, in the Ground's order, with names; `place` is the position there."""
    schema: dict[str, Any] = {
        "customer_id": pl.Int64, "customer": pl.String, "csm": pl.String, "arr": pl.Float64,
    }  # fmt: skip
    rows = read_frame(
        session,
        select(Customer.id, Customer.name, Person.name, Customer.arr)
        .outerjoin(Person, Person.id == Customer.csm_id)
        .where(visible(by), Customer.churned_on.is_(None)),
        schema,
    )
    return (
        loaded.ground.customers.select("customer_id", "segment", "industry", "city")
        .with_row_index("place")
        .join(rows, on="customer_id", maintain_order="left")
    )


class _Ranker:
    def __init__(
        self, session: Session, event: Event, stands: Standing, mine: pl.DataFrame, now: datetime
    ) -> None:
        self._session, self._event, self._now = session, event, now
        self._loaded, self._mine = stands.loaded, mine
        self._places = mine["place"].to_numpy()
        self._history, self._model = stands.history, stands.model
        self._fits, self._features = stands.fits, stands.features
        self._scores = stands.scores[self._places]
        self._chances = stands.chances[self._places]

    def ranking(self, size: int | None, also: Collection[int]) -> Ranking:
        blockers = self._blockers()
        free = blockers.is_null().to_numpy()
        fits = self._fits[self._places]
        if size is None:
            size = max(FEWEST, round(USUAL_SHARE * int(fits.sum())))
        ids = self._mine["customer_id"].to_numpy()
        held = held_out(ids)
        lot = lots(ids, self._event.id)
        chosen = choose(self._scores, free, held, self._mine["industry"], lot, size)
        listed = np.isin(chosen.arm, (RECOMMENDED, BY_LOT))
        rows = self._rows(blockers, chosen.arm, chosen.propensity, free)
        shown = [*rows["customer_id"].head(EXPLAINED), *also]
        reasons, features, topics = self._explained(shown)
        seats = free_seats(self._session, self._event)
        most = np.inf if seats is None else float(seats)
        middle, low, high = expected(
            self._model, self._features[self._places][listed], self._chances[listed]
        )
        return Ranking(
            event_id=self._event.id,
            rows=rows,
            reasons=reasons,
            features=features,
            topics=topics,
            holdout=self._holdout(chosen.arm),
            size=int(listed.sum()),
            fits=int(fits.sum()),
            free_seats=seats,
            expected=(min(middle, most), min(low, most), min(high, most)),
            reached=self._reached(fits, listed),
            fairness=self._fairness(fits, listed),
            model_version=self._model.version,
            as_of=self._now,
        )

    def _blockers(self) -> pl.Series:
        """Per customer the code of what is in the way, null where nothing is."""
        people = reachable(self._session)
        capped = capped_people(self._session, self._event.id, self._now)
        willing = people.join(capped, on="stakeholder_id", how="anti")
        ids = pl.col("customer_id")
        code = (
            pl.when(ids.is_in(self._known(Registration, Registration.state.in_(COMING))))
            .then(pl.lit("registered"))
            .when(ids.is_in(self._known(Invitation, Invitation.state != "withdrawn")))
            .then(pl.lit("invited"))
            .when(~pl.Series(self._fits[self._places]))
            .then(pl.lit("not_for"))
            .when(~ids.is_in(people["customer_id"].unique().implode()))
            .then(pl.lit("nobody"))
            .when(~ids.is_in(willing["customer_id"].unique().implode()))
            .then(pl.lit("capped"))
            .when(ids.is_in(list(open_major(self._session))))
            .then(pl.lit("ticket"))
        )
        return self._mine.select(code.alias("blocker"))["blocker"]

    def _known(self, table: Any, condition: Any) -> list[int]:
        """Customers with a row of the table for this event."""
        rows = select(table.customer_id).where(
            table.event_id == self._event.id, table.customer_id.is_not(None), condition
        )
        return list(self._session.scalars(rows.distinct()))

    def _rows(self, blockers: pl.Series, arm: Any, propensity: Floats, free: Bools) -> pl.DataFrame:
        listed = np.isin(arm, (RECOMMENDED, BY_LOT))
        words = {number: word for number, word in ARMS.items() if number in (RECOMMENDED, BY_LOT)}
        rows = self._mine.with_columns(
            chance=pl.Series(self._chances).round(4),
            score=pl.Series(self._scores),
            free=pl.Series(free),
            listed=pl.Series(listed),
            arm=pl.Series(arm, dtype=pl.Int64).replace_strict(
                words, default=None, return_dtype=pl.String
            ),
            propensity=pl.Series(propensity).round(6),
            blocker=blockers.replace_strict(BLOCKERS, default=None, return_dtype=pl.String),
        )
        ordered = rows.sort(
            "listed", "free", "score", "customer_id", descending=[True, True, True, False]
        )
        place = pl.when("free").then(pl.col("score").rank("ordinal", descending=True).over("free"))
        return ordered.with_columns(rank=place).select(
            pl.col(name).cast(kind) for name, kind in ROWS.items()
        )

    def _holdout(self, arm: Any) -> pl.DataFrame:
        """customer_id and chance of those who are left out to compare the others with."""
        mask = pl.Series((arm != NONE) & ~np.isin(arm, (RECOMMENDED, BY_LOT)))
        rows = self._mine.select("customer_id", chance=pl.Series(self._chances).round(4))
        return rows.filter(mask)

    def _explained(self, customer_ids: Collection[int]) -> tuple[Any, Any, Any]:
        """Reasons, features and topics by customer."""
        place = dict(
            zip(self._mine["customer_id"].to_list(), self._mine["place"].to_list(), strict=True)
        )
        wanted = {n: place[n] for n in dict.fromkeys(customer_ids) if n in place}
        ground, target = self._loaded.ground, self._loaded.target
        reasoner = Reasoner(ground, self._history, self._model, target)
        fits = self._features[self._fits] if self._fits.any() else self._features
        average = fits.mean(axis=0) if len(fits) else np.zeros(len(self._model.names))
        told = {n: reasoner.reasons(at, self._features, average) for n, at in wanted.items()}
        rounded = np.round(self._features, 4)
        seen = {
            n: dict(zip(self._model.names, map(float, rounded[at]), strict=True))
            for n, at in wanted.items()
        }
        came = self._history.topic_came
        topics = {
            n: {ground.topics[t]: int(came[t, at]) for t in ground.topics_of[target] if came[t, at]}
            for n, at in wanted.items()
        }
        return told, seen, topics

    def _reached(self, fits: Bools, listed: Bools) -> int:
        last = (
            select(Event.id)
            .where(Event.status != "cancelled", Event.starts_at < self._event.starts_at)
            .order_by(Event.starts_at.desc())
            .limit(4)
        )
        rows = select(Invitation.customer_id).where(
            Invitation.state != "withdrawn",
            Invitation.event_id.in_(last) | (Invitation.event_id == self._event.id),
        )
        known = set(self._session.scalars(rows.distinct()))
        before = self._mine["customer_id"].is_in(list(known)).to_numpy()
        return int((fits & (listed | before)).sum())

    def _fairness(self, fits: Bools, listed: Bools) -> tuple[Fairness, ...]:
        """By segment, the largest first."""
        rows = self._mine.select(segment=pl.col("segment").fill_null("No segment")).with_columns(
            fits=pl.Series(fits), listed=pl.Series(listed & fits)
        )
        usual = float((listed & fits).sum()) / max(int(fits.sum()), 1)
        grouped = (
            rows.filter("fits")
            .group_by("segment")
            .agg(fits=pl.len(), listed=pl.col("listed").sum())
            .sort("fits", "segment", descending=[True, False])
        )
        return tuple(
            Fairness(name, many, on, round(on / many / usual, 2) if usual else None)
            for name, many, on in grouped.iter_rows()
        )
