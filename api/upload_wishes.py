"""What a program says of a file that it uploads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Query

from services.uploads.choices import read_pairs
from services.uploads.records import Choices


@dataclass(frozen=True)
class Wishes:
    """What a person would set in the preview."""

    zone: Annotated[str | None, Query(description="IANA zone of times that name none")] = None
    day_first: Annotated[bool | None, Query(description="Whether 03/04 is the 3rd of April")] = None
    mapping: Annotated[
        str | None, Query(description='JSON, for unknown layouts: {"email": "Column name", …}')
    ] = None
    statuses: Annotated[
        str | None,
        Query(
            description='JSON, for words that are not known: {"Zugeschaltet": "attended", …}. One of attended, '
            "no_show, registered, cancelled; kept for files with the same columns, until another is sent"
        ),
    ] = None
    event_name: Annotated[str | None, Query(max_length=300)] = None
    event_type: Annotated[str | None, Query(max_length=40)] = None
    event_topic: Annotated[str | None, Query(max_length=300)] = None
    event_date: date | None = None

    def choices(self) -> Choices:
        event = {
            "name": self.event_name,
            "type": self.event_type,
            "topic": self.event_topic,
            "date": self.event_date.isoformat() if self.event_date else None,
        }
        edits = {key: value for key, value in event.items() if value}
        return Choices(
            mapping=read_pairs("mapping", self.mapping, '{"email": "Work e-mail"}'),
            statuses=read_pairs("statuses", self.statuses, '{"Dialled in": "attended"}'),
            day_first=self.day_first,
            zone=self.zone,
            only_event=edits,
        )
