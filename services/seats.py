"""Everybody who attended anything, and whose customers they are: what scores and analyses are made of.

Kept as one compressed frame beside the tables, written with them, because reading a million rows one by
one takes seconds. The `attendance` data version says whether what is kept is still true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from data.bulk import read_large
from data.frames import pack, unpack
from data.tables import Attendance, KeptFrame, Participant
from data.tables.events import ATTENDED
from data.versions import ATTENDANCE, bump, current

COUNTED_BAND = "automatic"
"""People still in review, or matched to nobody, count for no customer."""
ROWS = {
    "event_id": pl.Int64,
    "participant_id": pl.Int64,
    "minutes": pl.Float32,
    "questions": pl.Int32,
    "polls": pl.Int32,
    "downloads": pl.Int32,
    "feedback": pl.Float32,
    "spoke": pl.Boolean,
}
PEOPLE = {"participant_id": pl.Int64, "customer_id": pl.Int64}
_FRAMES = {"rows": ROWS, "people": PEOPLE}


@dataclass(frozen=True)
class Attended:
    """`rows` (ROWS): one per person and event attended. `people` (PEOPLE): those who count, with their customer."""

    rows: pl.DataFrame
    people: pl.DataFrame

    def after(self, gone: pl.DataFrame, coming: pl.DataFrame, people: pl.DataFrame) -> Attended:
        """What it becomes when the rows keyed by `gone` go, `coming` (ROWS) come and `people` change.

        `gone` has participant_id and event_id; `people` has participant_id, customer_id and band of
        everybody whose match may have changed, and nobody twice.
        """
        counted = people.filter(
            pl.col("band") == COUNTED_BAND, pl.col("customer_id").is_not_null()
        ).select(*PEOPLE)
        return Attended(
            pl.concat(
                [
                    _without(self.rows, gone, ["participant_id", "event_id"]),
                    coming.select(pl.col(name).cast(kind) for name, kind in ROWS.items()),
                ]
            ),
            pl.concat([_without(self.people, people, ["participant_id"]), counted]),
        )

    def packed(self) -> dict[str, list[bytes]]:
        """Its frames as `keep_attended` writes them."""
        return {name: pack(getattr(self, name)) for name in _FRAMES}


def _without(rows: pl.DataFrame, gone: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    return rows if rows.is_empty() else rows.join(gone, on=keys, how="anti")


def load_attended(session: Session) -> Attended:
    """As the open transaction has it."""
    version = current(session).get(ATTENDANCE, 0)
    kept = {name: _kept(session, name, version) for name in _FRAMES}
    if all(frame is not None for frame in kept.values()):
        return Attended(**kept)  # type: ignore[arg-type]
    rows = select(*[getattr(Attendance, name) for name in ROWS])
    people = select(Participant.id, Participant.customer_id)
    counted = (Participant.band == COUNTED_BAND) & Participant.customer_id.is_not(None)
    return Attended(
        read_large(session, rows.where(Attendance.status == ATTENDED), ROWS),
        read_large(session, people.where(counted), PEOPLE),
    )


def keep_attended(session: Session, packed: Mapping[str, Sequence[bytes]]) -> None:
    """Write it beside the tables, in the transaction that changed them, and raise the data version."""
    bump(session, ATTENDANCE)
    version = current(session)[ATTENDANCE]
    session.execute(delete(KeptFrame).where(KeptFrame.name.in_(_FRAMES)))
    for name, pieces in packed.items():
        for seq, body in enumerate(pieces):
            session.execute(
                insert(KeptFrame).values(name=name, seq=seq, version=version, body=body)
            )


def _kept(session: Session, name: str, version: int) -> pl.DataFrame | None:
    pieces = session.scalars(
        select(KeptFrame.body)
        .where(KeptFrame.name == name, KeptFrame.version == version)
        .order_by(KeptFrame.seq)
    )
    return unpack(pieces)
