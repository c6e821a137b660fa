"""What invitations are made of, from the tables into records."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import nan

import numpy as np
import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.pieces import pieces
from data.tables import Customer, Event
from integrations import gazetteer
from services.invitations.catalogue import saying
from services.invitations.catalogue.book import offers_of, sessions_of
from services.invitations.fit.ground import EARTH_KM
from services.invitations.inviting.records import Guest, Happening, House
from services.invitations.ranking.people import Contact
from services.invitations.recipients import Recipient


def happening(session: Session, event: Event) -> Happening:
    return Happening(
        event.id, event.name, event.type, event.starts_at, event.time_zone, saying.when(event),
        saying.where(event), event.description or "", bool(event.city),
        bool(event.virtual) or not event.city, event.city, event.topic,
        sessions_of(session, event.id), offers_of(session, event.id),
    )  # fmt: skip


def houses(
    session: Session,
    event: Event,
    customer_ids: Collection[int],
    topics: Mapping[int, Mapping[str, int]],
) -> dict[int, House]:
    """Customers by id, with how far it is to the event."""
    rows = [
        row
        for some in pieces(customer_ids)
        for row in session.scalars(select(Customer).where(Customer.id.in_(some)))
    ]
    away = _kilometres(event, rows)
    return {
        row.id: House(
            row.id, row.name, row.segment, row.industry, row.city, away.get(row.id),
            tuple(row.interests), tuple(row.goals), tuple(row.challenges), topics.get(row.id, {}),
        )
        for row in rows
    }  # fmt: skip


def _kilometres(event: Event, rows: Collection[Customer]) -> dict[int, float]:
    """By customer, where both places are known."""
    if event.latitude is None or event.longitude is None:
        return {}
    missing = [(row.city, row.country) for row in rows if row.latitude is None and row.city]
    found = (
        gazetteer.locate(pl.DataFrame(missing, ["city", "country"], orient="row"))
        if missing
        else None
    )
    spots = {} if found is None else {(c, n): (lat, lon) for c, n, lat, lon in found.iter_rows()}
    away: dict[int, float] = {}
    for row in rows:
        spot = (row.latitude, row.longitude)
        if None in spot:
            spot = spots.get((row.city or "", row.country or ""), (nan, nan))
        km = _between(spot, (event.latitude, event.longitude))
        if np.isfinite(km):
            away[row.id] = km
    return away


def _between(one: tuple[float | None, float | None], other: tuple[float, float]) -> float:
    """Great-circle kilometres."""
    lat, lon = np.radians(np.array([one, other], np.float64)).T
    half = (
        np.sin((lat[0] - lat[1]) / 2) ** 2
        + np.cos(lat[0]) * np.cos(lat[1]) * np.sin((lon[0] - lon[1]) / 2) ** 2
    )
    return float(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def guest(contact: Contact, to: Recipient) -> Guest:
    return Guest(contact.stakeholder_id, contact.first_name, contact.zone, to.csm, to.signature)
