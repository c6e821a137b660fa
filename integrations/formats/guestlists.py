"""Guest lists of Luma, pretix and Hi.Events: who was let in, and when."""

from __future__ import annotations

import polars as pl

from integrations.formats.plain import Plain, filled, signature, text


def _came_or_not(fields: pl.DataFrame, otherwise: pl.Expr) -> pl.DataFrame:
    """Checked in is attended. Without, it is a no-show only if the door was scanned at all."""
    came = filled("joined_at") & ~text("joined_at").is_in(["no", "false", "-"])
    scanned = bool(fields.select(came.any()).item()) if fields.height else False
    absent = pl.lit("no show" if scanned else "registered")
    status = pl.when(came).then(pl.lit("attended")).otherwise(pl.coalesce(otherwise, absent))
    return fields.with_columns(status=status)


def _luma(fields: pl.DataFrame) -> pl.DataFrame:
    said = text("approval")
    other = (
        pl.when(said == "declined")
        .then(pl.lit("declined"))
        .when(said != "approved")
        .then(pl.lit("registered"))
    )
    return _came_or_not(fields, other).drop("approval")


def _pretix(fields: pl.DataFrame) -> pl.DataFrame:
    return _came_or_not(fields, pl.lit(None, dtype=pl.Utf8))


def _hievents(fields: pl.DataFrame) -> pl.DataFrame:
    gone = pl.when(text("order_status").str.starts_with("cancel")).then(pl.lit("cancelled"))
    return _came_or_not(fields, gone).drop("order_status")


_LUMA = {
    "name": "name",
    "first name": "first_name",
    "last name": "last_name",
    "email": "email",
    "created at": "registered_at",
    "approval status": "approval",
    "checked in at": "joined_at",
    "survey response rating": "feedback",
    "company": "company",
    "job title": "title",
}
_PRETIX = {
    "attendee name": "name",
    "e mail": "email",
    "email": "email",
    "checked in": "joined_at",
    "checked out": "left_at",
    "company": "company",
    "order date": "registered_at",
    "start date": "event_start",
}
_HIEVENTS = {
    "first name": "first_name",
    "last name": "last_name",
    "email": "email",
    "status": "order_status",
    "checked in at": "joined_at",
    "created date": "registered_at",
    "event id": "event_id",
}

LAYOUTS = (
    Plain(
        "luma",
        "Luma guest list",
        "luma",
        (signature("api id", "approval status", "checked in at"),),
        _LUMA,
        change=_luma,
    ).layout(),
    Plain(
        "pretix",
        "pretix check-in list",
        "pretix",
        (signature("order code", "attendee name", "checked in"),),
        _PRETIX,
        change=_pretix,
    ).layout(),
    Plain(
        "hievents",
        "Hi.Events attendee list",
        "hievents",
        (signature("is checked in", "checked in at", "public id"),),
        _HIEVENTS,
        change=_hievents,
    ).layout(),
)
