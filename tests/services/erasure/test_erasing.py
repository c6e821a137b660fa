"""A person who asks is given all that is held about them, or put out of it; what was counted stays counted."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, Table, func, insert, select
from sqlalchemy.orm import Session

from data.db import transaction
from data.errors import BadInput, InvalidMove, NotAllowed, NotFound
from data.frames import unpack
from data.settings import settings
from data.tables import (
    Attendance,
    AuditEntry,
    Base,
    Customer,
    CustomerScore,
    HookDelivery,
    OutboxMail,
    Participant,
    Person,
    Stakeholder,
    StakeholderEmail,
    Upload,
    UploadPart,
)
from services import customers, erased, erasure, suppression
from services.access import SYSTEM
from services.access.viewer import viewer_of
from services.erasure.sweep import IDENTITIES
from services.uploads import intake, tickets
from services.uploads.rematch import rematch
from services.uploads.undo import undo
from tests.services.uploads.world import NOW, bring_in, line, load_customers, write_csv

NAME, MAIL = "Maria Lopez", "maria.lopez@dataflow.io"
SAID = f"{NAME} <Maria.Lopez+news@DataFlow.io> or Lopez, Maria"
NOT_PLANTED = {
    *(set(IDENTITIES) - {"campaign_recipient", "ticket_requester", "registration"}),
    *("stakeholder_email", "upload", "upload_part", "kept_frame", "data_version"),
    *("customer_score", "attendance", "event", "weight_set"),
}


@pytest.fixture
def maria(engine: Engine, tmp_path: Path) -> int:
    """In two files, by address and by name alone, and in every table that can hold a text."""
    load_customers(engine)
    first = [
        line(MAIL, Name=NAME),
        line("tom.reed@dataflow.io"),
        line("grace.hill@cobaltharbor.com"),
    ]
    second = [
        line(
            "", "Reporting Workshop", Name=NAME, Customer="DataFlow Inc", Date="2026-09-01 10:00:00"
        ),
        line(
            "Maria.Lopez+x@dataflow.io", "Reporting Workshop", Name=NAME, Date="2026-09-01 10:00:00"
        ),
    ]
    for name, lines in (("first", first), ("second", second)):
        bring_in(engine, write_csv(tmp_path / f"{name}.csv", lines))
    with transaction(engine) as session:
        mine = select(StakeholderEmail.stakeholder_id).where(StakeholderEmail.email == MAIL)
        number = session.scalars(mine).one()
        session.add(Person(name="Kim", email="kim@ours.example", role="csm", created_at=NOW))
        session.flush()
        for table in Base.metadata.sorted_tables:
            says = any(isinstance(c.type, sa.String | sa.JSON | sa.LargeBinary) for c in table.c)
            if says and table.name not in NOT_PLANTED:
                session.execute(insert(table).values(_planted(session, table, number)))
        body = {"participant": {"email": MAIL, "first_name": "Maria", "last": "Lopez"}, "n": 1}
        session.query(HookDelivery).update({"body": json.dumps(body).encode()})
    return number


def _planted(session: Session, table: Table, number: int) -> dict[str, Any]:
    checks = " ".join(
        str(c.sqltext) for c in table.constraints if isinstance(c, sa.CheckConstraint)
    )
    row: dict[str, Any] = {}
    for column in table.c:
        allowed = re.search(rf"\b{column.name} in \('(\w+)'", checks)
        parent = next(iter(column.foreign_keys)).column if column.foreign_keys else None
        if column.name == "stakeholder_id":
            row[column.name] = number
        elif column.name == "customer_id":
            row[column.name] = 1
        elif parent is not None:
            row[column.name] = session.scalar(select(func.min(parent)))
        elif allowed:
            row[column.name] = allowed[1]
        elif column.name in ("email", "address", "sender"):
            row[column.name] = MAIL
        elif (table.name, column.name) == ("suppression", "topic"):
            row[column.name] = ""
        else:
            row |= _value(column)
    return row


def _value(column: sa.Column[Any]) -> dict[str, Any]:
    kind = column.type
    if column.primary_key and isinstance(kind, sa.Integer | sa.BigInteger) and column.name == "id":
        return {}
    if isinstance(kind, sa.JSON):
        return {column.name: {"who": NAME, "at": [MAIL.upper()]}}
    if isinstance(kind, sa.LargeBinary):
        return {column.name: SAID.encode()} if "secret" not in column.name else {}
    if isinstance(kind, sa.String):
        long = kind.length is None or kind.length >= 100
        return {column.name: SAID if long else "x"} if long or not column.nullable else {}
    if column.nullable or column.default is not None:
        return {}
    given = {bool: True, int: 1, float: 1.0, date: NOW.date(), datetime: NOW}
    return {column.name: NOW if "Utc" in type(kind).__name__ else given.get(kind.python_type, 1)}


def _everything(session: Session) -> str:
    """Every cell of every table as text, with what is packed taken out of its packing."""
    told = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            cells = (c.decode("latin-1") if isinstance(c, bytes) else str(c) for c in row)
            told.append(f"{table.name}: " + " | ".join(cells))
    parts = session.execute(select(UploadPart.upload_id, UploadPart.name).distinct()).all()
    for upload, name in parts:
        where = (UploadPart.upload_id == upload, UploadPart.name == name)
        pieces = session.scalars(select(UploadPart.body).where(*where).order_by(UploadPart.seq))
        frame = unpack(pieces) if name != "original" else None
        told.append(f"part {name}: {frame.to_dicts() if frame is not None else 'original kept'}")
    return "\n".join(told)


def _counted(session: Session) -> list[Any]:
    attended = select(
        Participant.customer_id, Participant.band, Attendance.event_id, Attendance.minutes
    )
    attended = attended.join(Attendance, Attendance.participant_id == Participant.id)
    s = CustomerScore
    scores = select(s.customer_id, s.score, s.attended, s.people, s.band).order_by(s.customer_id)
    rows = session.execute(attended).all()
    return [sorted(map(tuple, rows), key=repr), [tuple(row) for row in session.execute(scores)]]


@pytest.mark.usefixtures("app_database")
def test_nothing_in_any_table_says_who_was_erased_and_what_was_counted_stays(
    engine: Engine, maria: int, tmp_path: Path
):
    with transaction(engine, read_only=True) as session:
        assert "maria" in _everything(session).lower()
        before = _counted(session)
        seen = erasure.preview(session, maria, by=SYSTEM)
    assert seen.attendances == 3
    assert len(seen.uploads) == 2
    assert seen.deliveries == 1
    told = settings().data_dir / "progress" / f"{seen.uploads[0]}.json"
    told.parent.mkdir(exist_ok=True)
    told.write_text(f"line 3 names {MAIL}")
    with transaction(engine) as session:
        done = erasure.erase(session, maria, NAME.lower(), by=SYSTEM, now=NOW)
    assert not told.exists(), "the end of a step may quote the file"
    assert (done.uploads, done.deliveries) == (seen.uploads, 1)
    with transaction(engine, read_only=True) as session:
        left = [
            told
            for told in _everything(session).splitlines()
            if re.search("maria|lopez", told, re.I)
        ]
        assert left == []
        assert _counted(session) == before
        for spelling in (MAIL, "Maria.Lopez+other@DataFlow.io"):
            why = suppression.blocked(session, spelling, "events")
            assert why is not None
            assert why.topic == suppression.EVERYTHING
        assert suppression.blocked(session, "tom.reed@dataflow.io", "events") is None
        assert session.scalars(select(OutboxMail.state)).all() == ["cancelled"]
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "stakeholder.erased"))
        assert "rows" in entry.one().what

    # Everybody matched anew, and a corrected file of the same people: they count, without a name.
    with transaction(engine) as session:
        rematch(session, now=NOW)
    again = [line(MAIL, Name=NAME, Duration="50"), line("tom.reed@dataflow.io")]
    again += [
        line(
            "", "Reporting Workshop", Name=NAME, Customer="DataFlow Inc", Date="2026-09-01 10:00:00"
        )
    ]
    brought = bring_in(engine, write_csv(tmp_path / "again.csv", again))
    with transaction(engine, read_only=True) as session:
        assert [row[:3] for row in _counted(session)[0]] == [row[:3] for row in before[0]]
        assert "maria" not in str(session.execute(select(Participant.__table__)).all()).lower()
    undo(brought["upload_id"], by=SYSTEM, now=NOW, engine=engine)
    with transaction(engine, read_only=True) as session:
        assert _counted(session) == before


def test_contacts_file_does_not_bring_back_who_was_erased(engine: Engine, maria: int):
    with transaction(engine) as session:
        session.get_one(Stakeholder, maria).external_id = "C-77"
    with transaction(engine) as session:
        erasure.erase(session, maria, NAME, by=SYSTEM, now=NOW)
    file = f"Id,First name,Last name,Email,Account\n1,Maria,Lopez,{MAIL},A1\nC-77,Maria,Lopez,,A1\n2,Nia,Okafor,nia@dataflow.io,A1\n"
    source = customers.Source(file.encode(), "stakeholders", None, None)
    with transaction(engine, read_only=True) as session:
        plan = customers.preview_file(session, SYSTEM, source)
    assert (plan.counts["rejected"], plan.counts["created"]) == (2, 1)
    assert "erased on request" in plan.rows["note"].drop_nulls()[0]


@pytest.mark.parametrize("way", [intake, tickets])
def test_sample_of_a_new_file_leaves_out_who_was_erased(
    engine: Engine, maria: int, tmp_path: Path, way: ModuleType
):
    with transaction(engine) as session:
        erasure.erase(session, maria, NAME, by=SYSTEM, now=NOW)
    lines = [line("Maria.Lopez+x@DataFlow.io", Name=NAME), line("tom.reed@dataflow.io")]
    path = write_csv(tmp_path / "again.csv", lines)
    with transaction(engine) as session:
        number = intake.receive(session, path, path.name, by=SYSTEM, now=NOW).upload_id
    way.preview(number, engine=engine, now=NOW)
    with transaction(engine, read_only=True) as session:
        sample = session.get_one(Upload, number).summary["sample"]
    assert "tom.reed@dataflow.io" in str(sample)
    assert "maria" not in str(sample).lower()


def test_export_has_what_is_held_and_a_csm_sees_only_their_own_customers_in_it(
    engine: Engine, maria: int
):
    with transaction(engine) as session:
        csm, other, admin = (
            Person(name=name, email=f"{name}@ours.example", role=role, created_at=NOW)
            for name, role in (("ana", "csm"), ("ben", "csm"), ("eve", "admin"))
        )
        session.add_all([csm, other, admin])
        session.flush()
        session.get_one(Customer, 1).csm_id = csm.id
        viewers = [viewer_of(session, person, NOW) for person in (csm, other, admin)]
    ours, theirs, root = viewers
    with transaction(engine) as session:
        found = erasure.export(session, maria, by=ours, now=NOW)
        whole = erasure.export(session, maria, by=root, now=NOW)
        with pytest.raises(NotFound):
            erasure.export(session, maria, by=theirs, now=NOW)
        with pytest.raises(NotAllowed):
            erasure.erase(session, maria, NAME, by=ours, now=NOW)
    told = json.loads(erasure.as_json(found))
    assert told["addresses"] == [MAIL]
    assert len(told["held"]["attendance"]) == 3
    about = {"draft", "outbox", "inbound_mail", "task", "ticket", "invitation", "registration"}
    assert about <= set(told["held"])
    assert len(told["kept_files"]["uploads"]) == 2
    assert "audit_entry" not in told["mentioned"]
    assert "audit_entry" in whole["mentioned"]
    assert found["mentioned_elsewhere"] > 0 == whole["mentioned_elsewhere"]


def test_erasure_waits_for_a_mail_on_the_wire_and_for_the_right_name(engine: Engine, maria: int):
    with transaction(engine) as session:
        with pytest.raises(BadInput, match="Maria Lopez"):
            erasure.erase(session, maria, "Tom Reed", by=SYSTEM, now=NOW)
        session.query(OutboxMail).update({"state": "wire"})
        with pytest.raises(InvalidMove, match="right now"):
            erasure.erase(session, maria, NAME, by=SYSTEM, now=NOW)


def test_stand_in_is_the_same_for_every_spelling_and_differs_between_installations():
    one = erased.stand_in("a", "maria@x.example")
    assert one == erased.stand_in("a", "MARIA@x.example")
    assert one != erased.stand_in("b", "maria@x.example")
    assert erased.is_stand_in(one)
    assert "maria" not in one
