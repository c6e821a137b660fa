"""Eventbrite attendees: one row per ticket."""

from __future__ import annotations

import polars as pl

from integrations.formats.plain import Plain, filled, signature, text

_COLUMNS = {
    "event name": "event",
    "event start date": "event_start",
    "first name": "first_name",
    "buyer first name": "first_name",
    "last name": "last_name",
    "surname": "last_name",
    "buyer surname": "last_name",
    "email": "email",
    "buyer email": "email",
    "order": "order",
    "order date": "registered_at",
    "attendee status": "status",
    "job title": "title",
    "company": "company",
    "home country": "country",
}
_PLACEHOLDER = "info requested"
UNNAMED = "The ticket was never given to a person: no name and no email address."


def _change(fields: pl.DataFrame) -> pl.DataFrame:
    return _one_address_per_person(_tickets(fields))


def _tickets(fields: pl.DataFrame) -> pl.DataFrame:
    """Placeholders are nobody; 'Attending' after the event means that the ticket was not scanned."""
    blank = [
        pl.when(text(c) != _PLACEHOLDER).then(c).alias(c)
        for c in ("first_name", "last_name", "email", "company", "title")
    ]
    said = text("status")
    note = (
        pl.when(said == "attending")
        .then(pl.lit("ticket not scanned"))
        .when(said.is_in(["refunded", "transferred", "deleted"]))
        .then(pl.format("ticket {}", said))
    )
    nobody = text("email") == _PLACEHOLDER
    return fields.with_columns(*blank, note=note, problem=pl.when(nobody).then(pl.lit(UNNAMED)))


def _one_address_per_person(fields: pl.DataFrame) -> pl.DataFrame:
    """A group order repeats the buyer's address on every ticket. It belongs to the first name
    on the order; left on the others it would make several people one."""
    who = pl.concat_str([text(c).fill_null("") for c in ("first_name", "last_name")], separator=" ")
    first = who.first().over("order", text("email"))
    borrowed = filled("email") & filled("order") & (who != first)
    note = pl.concat_str(
        ["note", pl.when(borrowed).then(pl.lit("the order's buyer gave the email address"))],
        separator="; ",
        ignore_nulls=True,
    ).replace("", None)
    return fields.with_columns(note=note, email=pl.when(~borrowed).then("email")).drop("order")


LAYOUTS = (
    Plain(
        "eventbrite",
        "Eventbrite attendee report",
        "eventbrite",
        (signature("order", "attendee status"), signature("order no", "attendee status")),
        _COLUMNS,
        change=_change,
    ).layout(),
)
