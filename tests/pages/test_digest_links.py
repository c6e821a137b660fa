"""Each link of the morning's mail opens the page that it names."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import Engine, select

from data.db import transaction
from data.tables import OutboxMail
from services import drafts, outbox, tasks
from services.clock import utc_now
from services.today import send_digests
from tests.services.drafts.world import new_draft
from tests.support import queued
from tests.support.apptest import open_page, words
from tests.support.portfolio import Portfolio, portfolio
from tests.support.sent import mailbox

pytestmark = pytest.mark.one_database


@pytest.fixture
def us(app_database: Engine) -> Portfolio:
    with transaction() as session:
        return portfolio(session, utc_now())


def digest(us: Portfolio) -> str:
    """Its text, of a morning on which something of each kind waits for Dana."""
    now = datetime.combine(utc_now().date() + timedelta(days=7), datetime.min.time(), UTC)
    monday = now - timedelta(days=now.weekday()) + timedelta(hours=12)
    with transaction() as session:
        drafts.create(session, new_draft(us, subject="The draft that waits"), now=monday)
        whose = {"customer_id": us.techcorp, "owner_id": us.dana.person_id}
        mail = queued.approved(
            mailbox(session, monday).id, "x@techcorp.example", monday,
            subject="The mail that failed", **whose,
        )  # fmt: skip
        number = outbox.enqueue(session, mail, now=monday)
        row = session.get_one(OutboxMail, number)
        row.state, row.reason = "failed", "550 no"
        task = tasks.NewTask("call", "The call that is due", monday, **whose)
        tasks.add(session, task, now=monday)
        assert send_digests(session, monday)
        sent = select(OutboxMail.raw).where(OutboxMail.kind == "digest")
        raw = session.scalars(sent).one()
    body = message_from_bytes(raw, policy=default).get_body(("plain",))
    return body.get_content()  # type: ignore[union-attr]


def test_each_link_of_the_digest_opens_what_its_line_names(us: Portfolio):
    text = digest(us)
    lines = dict(re.findall(r"^- (.*): (http[^ \r\n]+)\r?$", text, re.MULTILINE))
    assert lines, text
    shown: list[str] = []
    for line, url in lines.items():
        where = urlsplit(url)
        page = open_page(where.path.strip("/") or "today", us.dana, **dict(parse_qsl(where.query)))
        assert not page.exception, url
        named = re.sub(r" \(.*", "", line).rpartition(": ")[2]
        assert named in words(page).replace("\\", ""), (line, url)
        shown.append(where.path)
    assert {"/draft", "/send_queue", "/"} <= set(shown)
    for url in re.findall(r"http\S+/(?:settings)?(?=\s|$)", text):
        page = open_page(urlsplit(url).path.strip("/") or "today", us.dana)
        assert not page.exception
        assert page.title[0].value in ("Today", "Settings")
