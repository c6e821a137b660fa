"""After an erasure the disk of a running installation has nothing of the person, or the app says what it has yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import AppSetting, OutboxMail, Stakeholder
from integrations.senders import Outgoing
from integrations.senders.eml import EmlSender
from services import erasure, mailboxes, outbox, traces
from services.access import SYSTEM
from services.erasure import asking
from services.ids import public_id
from services.mailboxes import company
from tests.support.queued import approved, customer, mailbox, stakeholder
from worker.periodic import KINDS, PERIODIC

NAME, MAIL, OTHER = "Zenobia Quartz", "zenobia.quartz@acme.example", "kim@acme.example"


@pytest.fixture
def zenobia(app_database: Engine, tmp_path: Path, now: datetime) -> int:
    """Among many others whose rows have moved about, with a mail in each of two folders of files."""
    first, last = NAME.split()
    with transaction() as session:
        box, at = mailbox(session), customer(session)
        for n in range(400):
            stakeholder(session, at, f"p{n}@acme.example", title="word " * (n % 35))
        number = stakeholder(session, at, MAIL, first_name=first, last_name=last)
        one = session.get_one(Stakeholder, number)
    for n in range(30):
        with transaction() as session:
            one = session.get_one(Stakeholder, number)
            one.title = f"{NAME} {'x' * 5 * n}"
            session.query(Stakeholder).filter(Stakeholder.id % 30 == n).update({"title": "t" * 190})
    for folder, recipient in (("mail", MAIL), ("elsewhere", MAIL), ("elsewhere", OTHER)):
        with transaction() as session:
            if folder != "mail":
                company.set_folder(session, folder, by=SYSTEM, now=now)
            row = session.get_one(
                OutboxMail, outbox.enqueue(session, approved(box, recipient, now), now=now)
            )
            row.state, row.stakeholder_id = "sent", number if recipient == MAIL else None
            sent = Outgoing(row.raw, row.message_id, recipient, "ana@vendor.example")
            assert EmlSender(tmp_path / folder).send(sent).kind == "sent"
    with transaction() as session:
        company.set_folder(session, "now", by=SYSTEM, now=now)
    return number


def found_in(folder: Path) -> list[str]:
    """The files that hold the address or the name, however it is written."""
    words = (MAIL.encode(), *(word.lower().encode() for word in NAME.split()))
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [p.name for p in files if any(word in p.read_bytes().lower() for word in words)]


def erase(number: int, now: datetime) -> Sequence[str]:
    with transaction() as session:
        erasure.erase(session, number, NAME, by=SYSTEM, now=now)
    with transaction(read_only=True) as session:
        return traces.to_come(session)


def test_no_file_of_a_running_installation_has_who_was_erased(
    zenobia: int, engine: Engine, tmp_path: Path, now: datetime
):
    assert len(found_in(tmp_path)) >= 2
    said = erase(zenobia, now)
    assert bool(said) == (engine.dialect.name != "sqlite"), (
        "where a server writes is its own affair"
    )
    assert found_in(tmp_path) == []
    assert len(list(tmp_path.rglob("*.eml"))) == 1, "mail to somebody else went too"
    KINDS["traces.clear"].run(transaction, {}, lambda: now)
    with transaction(read_only=True) as session:
        assert traces.to_come(session) == []


def test_what_a_reader_holds_is_told_and_goes_by_the_worker(
    zenobia: int, engine: Engine, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    if engine.dialect.name != "sqlite":
        pytest.skip("readers of Postgres hold no file of ours")
    monkeypatch.setattr(traces, "SOON", 0.1)
    with transaction(read_only=True) as reader:
        reader.scalars(select(Stakeholder.id)).all()
        said = erase(zenobia, now)
        assert "still hold" in said[0]
        assert "doctor" in said[-1]
        assert found_in(tmp_path)
        assert list(tmp_path.glob("mail/*.eml")) == [], "they need not wait"
    assert any(one.kind == "traces.clear" for one in PERIODIC)
    KINDS["traces.clear"].run(transaction, {}, lambda: now)
    assert found_in(tmp_path) == []
    with transaction(read_only=True) as session:
        assert traces.to_come(session) == []
        assert session.query(AppSetting).filter(AppSetting.name.like("traces%")).count() == 0


def test_operator_is_told_first_and_then_what_has_yet_to_go(
    zenobia: int, engine: Engine, now: datetime
):
    public = public_id("stakeholder", zenobia)
    told = asking.erase_or_tell(public, None, by=SYSTEM, now=now)
    assert (told["erased"], told["confirm"]) == (False, NAME)
    done = asking.erase_or_tell(public, NAME, by=SYSTEM, now=now)
    assert (done["erased"], bool(done["still_to_come"])) == (True, engine.dialect.name != "sqlite")


def test_nothing_goes_where_the_erasure_is_not_kept(zenobia: int, tmp_path: Path, now: datetime):
    before = sorted(tmp_path.rglob("*.eml"))

    def fail() -> None:
        with transaction() as session:
            erasure.erase(session, zenobia, NAME, by=SYSTEM, now=now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert sorted(tmp_path.rglob("*.eml")) == before


def test_folders_that_mail_was_written_to_before_are_known(
    app_database: Engine, tmp_path: Path, now: datetime
):
    with transaction() as session:
        for name in ("one", "two", "one"):
            company.set_folder(session, name, by=SYSTEM, now=now)
        assert [path.name for path in mailboxes.folders(session)] == ["mail", "one", "two"]
