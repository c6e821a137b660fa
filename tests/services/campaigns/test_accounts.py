"""Two accounts of one platform, and the files of either: apart, and each with its own."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.tables import Campaign, Integration, Upload
from services.campaigns import Source, take_in
from tests.services.campaigns.mail_world import NOW, click, frame, mail

OURS, THEIRS = ("a@one.example", "b@one.example"), ("a@two.example", "c@two.example")


def account(session: Session, state: str = "ready") -> Source:
    row = Integration(
        vendor="sendgrid", name="Ours", address=str(len(session.scalars(select(Integration)).all())),
        options={}, state=state, created_at=NOW,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return Source("sendgrid", "SendGrid", "webhook", row.id)


def export(session: Session) -> Source:
    row = Upload(
        file_name="export.csv", sha256=str(len(session.scalars(select(Upload)).all())), size=1,
        purpose="mail", state="committed", uploaded_at=NOW, summary={"campaign": {"name": "export"}},
    )  # fmt: skip
    session.add(row)
    session.flush()
    return Source("sendgrid", "SendGrid", "file", 0, row.id)


def told(people: tuple[str, ...], name: str = "News", **said: Any) -> pl.DataFrame:
    named = {"marketing_campaign_name": name, **said}
    return frame([one for who in people for one in mail(who, **named)])


def there(session: Session) -> list[tuple[str, int, int]]:
    """Name, mails and clicked of each campaign."""
    session.expire_all()
    return sorted((c.name, c.mails, c.clicked) for c in session.scalars(select(Campaign)))


def test_what_two_accounts_call_by_one_id_stays_apart(session: Session):
    first, second = account(session), account(session)
    both = (*OURS, "x@three.example")
    for source, people in ((first, both), (second, (*THEIRS, "x@three.example"))):
        take_in(session, source, told(people), now=NOW)
        link = {"url": "https://ours.example/a", "number": f"{source.account}"}
        take_in(session, source, frame([click("x@three.example", 60, **link)]), now=NOW)
    assert there(session) == [("News", 3, 1)] * 2
    take_in(session, second, told(THEIRS), now=NOW)
    assert there(session) == [("News", 3, 1)] * 2


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (3, 0, 1, 2), (2, 1, 3, 0)])
def test_a_file_meets_the_hook_of_its_account_whichever_comes_first(
    session: Session, order: tuple[int, ...]
):
    first, second = account(session), account(session)
    steps = [
        (first, told(OURS, "Spring")),
        (second, told(THEIRS, "Release")),
        (export(session), told(OURS, "export")),
        (export(session), told(THEIRS, "export")),
    ]
    for number in order:
        source, events = steps[number]
        take_in(session, source, events, now=NOW)
    assert [mails for _, mails, _ in there(session)] == [2, 2]


def test_one_account_goes_on_with_what_it_has(session: Session):
    """Also one that was set up anew."""
    only = account(session)
    take_in(session, only, told(OURS), now=NOW)
    take_in(session, export(session), told(THEIRS), now=NOW)
    assert there(session) == [("News", 4, 0)]
    for row in session.scalars(select(Integration)):
        row.state = "removed"
    anew = account(session)
    take_in(session, anew, told(OURS), now=NOW)
    assert there(session) == [("News", 4, 0)]


@pytest.mark.parametrize("name", ["News", ""])
def test_a_second_accounts_clicks_are_its_own_whatever_comes_first(session: Session, name: str):
    """Both write to the same people, and the platform may name no campaigns."""
    first, second = account(session), account(session)
    sent = told(OURS, name)
    clicks = frame([click(who, 60, marketing_campaign_name=name) for who in OURS])
    for source, events in ((first, sent), (second, clicks), (second, sent)):
        take_in(session, source, events, now=NOW)
    assert sorted((mails, clicked) for _, mails, clicked in there(session)) == [(2, 0), (2, 2)]
