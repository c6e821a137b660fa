"""Pixel, links and preferences page, as mail programs, readers and scanners ask for them."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from api import tracking as routes
from api.hits import MOST_OF_ONE, Hits
from api.pace import MINUTE, Visits, address_of
from api.site import MIDDLEWARE, ROUTES
from data.db import transaction
from data.settings import settings
from data.tables import MailEvent, MailLink, Notification, OutboxMail, Suppression, TimelineEntry
from services import suppression, tracking
from tests.support.portfolio import portfolio
from tests.support.sent import TARGET, SentMail, mailbox, sent_mail

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def hits(monkeypatch: pytest.MonkeyPatch) -> Generator[Hits]:
    fresh = Hits()
    monkeypatch.setattr(routes, "hits", fresh)
    monkeypatch.setattr(routes, "visits", Visits(lambda: 0.0))
    yield fresh
    fresh.close()


@pytest.fixture
def mail(app_database: Engine, now: datetime) -> SentMail:
    with transaction() as session:
        known = portfolio(session, now)
        return sent_mail(session, known, mailbox(session, now), now)


@pytest.fixture
def visitor(app_database: Engine, hits: Hits) -> Generator[TestClient]:
    app = Starlette(routes=ROUTES, middleware=MIDDLEWARE)
    headers = {"User-Agent": BROWSER}
    with TestClient(
        app, "http://localhost", follow_redirects=False, client=("203.0.113.9", 5), headers=headers
    ) as client:
        yield client


def _events(hits: Hits) -> list[MailEvent]:
    hits.flush()
    with transaction(read_only=True) as session:
        return list(session.scalars(select(MailEvent).order_by(MailEvent.id)))


def _blocked(topic: str) -> bool:
    with transaction(read_only=True) as session:
        return suppression.blocked(session, "maria@techcorp.example", topic) is not None


def test_pixel_is_served_and_kept_as_it_was_asked_for(
    visitor: TestClient, hits: Hits, mail: SentMail
):
    answer = visitor.get(f"/t/o/{mail.open}.gif")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.content == routes.PIXEL
    (event,) = _events(hits)
    assert (event.outbox_id, event.kind, event.method) == (mail.outbox_id, "open", "GET")
    assert (event.ip, event.user_agent) == ("203.0.113.9", BROWSER)


def test_address_that_asks_too_often_is_told_when_to_come_again(
    visitor: TestClient, hits: Hits, mail: SentMail
):
    most = settings().tracking_per_minute
    for _ in range(most):
        routes.visits.wait("203.0.113.9", most)
    for path in (f"/t/o/{mail.open}.gif", f"/t/c/{mail.click}", f"/u/{mail.unsubscribe}", "/t/x"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert _events(hits) == []
    pressed = visitor.post(f"/u/{mail.unsubscribe}", data=ONE_CLICK)
    assert pressed.status_code == 200  # nobody's no is turned away


def test_one_mail_s_buttons_are_pressed_so_often_in_a_minute(visitor: TestClient, mail: SentMail):
    path = f"/u/{mail.unsubscribe}"
    for _ in range(routes.PRESSES):
        assert visitor.post(path, data={"choice": "topic"}).status_code == 200
    answer = visitor.post(path, data={"choice": "again"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert _blocked("events")


def test_forged_presses_are_counted_by_where_they_come_from(visitor: TestClient, mail: SentMail):
    for _ in range(settings().tracking_per_minute):
        routes.visits.wait("203.0.113.9", settings().tracking_per_minute)
    assert visitor.post(f"/u/{mail.click}", data=ONE_CLICK).status_code == 429
    assert visitor.post(f"/u/{mail.unsubscribe}", data=ONE_CLICK).status_code == 200


def test_visits_are_counted_for_each_address_and_each_minute():
    now = 100.0
    visits = Visits(lambda: now)
    waits = [visits.wait("a", 6) for _ in range(7)]
    assert (max(waits[:-1]), waits[-1]) == (0, MINUTE)
    assert visits.wait("b", 6) == 0
    now += MINUTE - 0.5
    assert visits.wait("a", 6) == 1
    now += 0.5
    assert visits.wait("a", 6) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.9", "203.0.113.10", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
        ("::ffff:203.0.113.9", "::ffff:203.0.113.10", False),
        ("testclient", "elsewhere", False),
    ],
)
def test_visitor_of_ipv6_is_their_network(one: str, other: str, same: bool):
    """Each machine there has more addresses than could ever be counted."""
    asked = [Request({"type": "http", "client": (host, 1)}) for host in (one, other)]
    assert (address_of(asked[0]) == address_of(asked[1])) is same


def test_link_leads_to_its_target_and_is_kept(visitor: TestClient, hits: Hits, mail: SentMail):
    answer = visitor.get(f"/t/c/{mail.click}")
    assert (answer.status_code, answer.headers["location"]) == (302, TARGET)
    (event,) = _events(hits)
    assert (event.kind, event.outbox_id) == ("click", mail.outbox_id)
    assert event.link_id is not None


def test_target_never_comes_from_the_request(visitor: TestClient, mail: SentMail):
    answer = visitor.get(f"/t/c/{mail.click}?url=https://evil.example&next=//evil.example")
    assert answer.headers["location"] == TARGET


def test_target_that_is_no_web_address_leads_nowhere(visitor: TestClient, mail: SentMail):
    with transaction() as session:
        link = session.scalars(select(MailLink).where(MailLink.token == mail.click)).one()
        link.url = "javascript:alert(1)"
    assert visitor.get(f"/t/c/{mail.click}").status_code == 404


def test_hidden_link_leads_nowhere_and_is_kept(visitor: TestClient, hits: Hits, mail: SentMail):
    answer = visitor.get(f"/t/c/{mail.hidden}")
    assert (answer.status_code, answer.headers.get("location")) == (204, None)
    assert [event.kind for event in _events(hits)] == ["click"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/t/o/{0.open}.gif", "/t/c/{0.click}", "/u/{0.unsubscribe}"])
def test_answers_set_no_cookie_and_stay_out_of_caches_and_referrers(
    visitor: TestClient, mail: SentMail, path: str, method: str
):
    answer = visitor.request(method, path.format(mail))
    assert answer.status_code in (200, 302)
    assert "set-cookie" not in answer.headers
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


def test_head_is_kept_as_head(visitor: TestClient, hits: Hits, mail: SentMail):
    visitor.head(f"/t/c/{mail.click}")
    visitor.head(f"/t/o/{mail.open}.gif")
    assert [event.method for event in _events(hits)] == ["HEAD", "HEAD"]


def _forgeries(mail: SentMail) -> dict[str, str]:
    last = "A" if mail.click[-1] != "A" else "B"
    return {
        "another character": f"/t/c/{mail.click[:-1]}{last}",
        "cut off": f"/t/c/{mail.click[:-1]}",
        "longer": f"/t/c/{mail.click}A",
        "huge": f"/t/c/{'A' * 60_000}",
        "empty": "/t/c/",
        "an open's as a click's": f"/t/c/{mail.open}",
        "a click's as an open's": f"/t/o/{mail.click}.gif",
        "a click's as leaving": f"/u/{mail.click}",
        "an open's as leaving": f"/u/{mail.open}",
        "no picture": f"/t/o/{mail.open}.png",
        "address": "/t/c/https:%2F%2Fevil.example",
        "two slashes": "/t/c//evil.example",
        "line break": "/t/c/%0d%0aSet-Cookie:%20a=1",
        "nul": "/t/c/%00",
        "other letters": "/u/%F0%9F%98%80" + "A" * 33,
    }


def test_forged_tokens_get_a_page_and_never_a_redirect(
    visitor: TestClient, hits: Hits, mail: SentMail
):
    for name, path in _forgeries(mail).items():
        answer = visitor.get(path)
        assert (name, answer.status_code, answer.headers.get("location")) == (name, 404, None)
        assert "evil" not in answer.text
    assert _events(hits) == []


def test_climbing_out_of_the_folder_leads_to_the_sign_in(visitor: TestClient, mail: SentMail):
    answer = visitor.get(f"/t/c/x%2F..%2F{mail.click}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin?")


def test_signed_token_of_a_mail_that_was_never_queued_is_unknown(
    visitor: TestClient, hits: Hits, mail: SentMail
):
    with transaction() as session:
        sign = tracking.signer(session)
        stray = {purpose: sign.token(purpose) for purpose in ("open", "click", "unsubscribe")}
    assert visitor.get(f"/t/c/{stray['click']}").status_code == 404
    assert visitor.get(f"/u/{stray['unsubscribe']}").status_code == 404
    assert visitor.post(f"/u/{stray['unsubscribe']}", data=ONE_CLICK).status_code == 404
    visitor.get(f"/t/o/{stray['open']}.gif")
    assert _events(hits) == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_at_the_page_unsubscribes_nobody(
    visitor: TestClient, hits: Hits, mail: SentMail, method: str
):
    for _ in range(3):
        assert visitor.request(method, f"/u/{mail.unsubscribe}").status_code == 200
    assert not _blocked("events")
    assert {(e.kind, e.method) for e in _events(hits)} == {("unsubscribe", method)}


@pytest.mark.parametrize("form", [ONE_CLICK, {"choice": "topic"}])
def test_one_press_unsubscribes_from_the_topic(
    visitor: TestClient, mail: SentMail, form: dict[str, str]
):
    answer = visitor.post(f"/u/{mail.unsubscribe}", data=form)
    assert answer.status_code == 200
    assert _blocked("events")
    assert not _blocked("support")


def test_one_press_as_multipart_counts_too(visitor: TestClient, mail: SentMail):
    answer = visitor.post(f"/u/{mail.unsubscribe}", files={"List-Unsubscribe": (None, "One-Click")})
    assert answer.status_code == 200
    assert _blocked("events")


def test_pressing_again_changes_nothing_and_tells_the_csm_once(
    visitor: TestClient, hits: Hits, mail: SentMail
):
    for _ in range(3):
        assert visitor.post(f"/u/{mail.unsubscribe}", data=ONE_CLICK).status_code == 200
    (event,) = _events(hits)
    assert (event.kind, event.method, event.verdict) == ("unsubscribe", "POST", "human")
    with transaction(read_only=True) as session:
        assert len(session.scalars(select(Notification)).all()) == 1
        (entry,) = session.scalars(select(TimelineEntry)).all()
        assert entry.title == "Maria Lopez unsubscribed from “Events and invitations”"


def test_everything_can_be_refused_and_taken_back(visitor: TestClient, mail: SentMail):
    page = visitor.post(f"/u/{mail.unsubscribe}", data={"choice": "everything"})
    assert "no mail from us any more" in page.text
    assert _blocked("support")
    page = visitor.post(f"/u/{mail.unsubscribe}", data={"choice": "again"})
    assert "No more mail at all" in page.text
    assert not _blocked("support")


@pytest.mark.parametrize("no", ["topic", "everything"])
def test_changing_ones_mind_to_and_fro_tells_nobody_again(
    visitor: TestClient, hits: Hits, mail: SentMail, no: str
):
    for choice in (no, "again") * 4 + (no,):
        assert visitor.post(f"/u/{mail.unsubscribe}", data={"choice": choice}).status_code == 200
    assert _blocked("events")
    assert len(_events(hits)) == 1
    with transaction(read_only=True) as session:
        for table in (Suppression, Notification, TimelineEntry):
            assert len(session.scalars(select(table)).all()) == 1


def test_no_that_comes_long_after_the_last_was_taken_back_is_told(
    visitor: TestClient, mail: SentMail
):
    for choice in ("topic", "again"):
        visitor.post(f"/u/{mail.unsubscribe}", data={"choice": choice})
    with transaction() as session:
        row = session.scalars(select(Suppression)).one()
        assert row.lifted_at is not None
        row.lifted_at -= timedelta(days=2)
    visitor.post(f"/u/{mail.unsubscribe}", data={"choice": "topic"})
    assert _blocked("events")
    with transaction(read_only=True) as session:
        assert len(session.scalars(select(Notification)).all()) == 2


def test_page_shows_the_address_in_part_only(visitor: TestClient, mail: SentMail):
    page = visitor.get(f"/u/{mail.unsubscribe}").text
    assert "M…@techcorp.example" in page
    assert "aria@" not in page


def test_hostile_address_and_name_are_shown_as_text(visitor: TestClient, mail: SentMail):
    with transaction() as session:
        row = session.get_one(OutboxMail, mail.outbox_id)
        row.recipient = 'x@"><script>alert(1)</script>.example'
    page = visitor.get(f"/u/{mail.unsubscribe}")
    assert "<script>alert" not in page.text


def test_unknown_choice_and_large_body_are_refused(visitor: TestClient, mail: SentMail):
    assert visitor.post(f"/u/{mail.unsubscribe}", data={"choice": "<b>"}).status_code == 422
    assert visitor.post(f"/u/{mail.unsubscribe}").status_code == 422  # nobody pressed anything
    assert visitor.post(f"/u/{mail.unsubscribe}", content=b"a" * 70_000).status_code == 413
    assert not _blocked("events")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
def test_other_methods_do_nothing(visitor: TestClient, hits: Hits, mail: SentMail, method: str):
    assert visitor.request(method, f"/t/c/{mail.click}").status_code == 405
    assert _events(hits) == []


def test_header_with_any_bytes_is_kept_readable(visitor: TestClient, hits: Hits, mail: SentMail):
    visitor.get(f"/t/o/{mail.open}.gif", headers=[(b"User-Agent", b"a\x01\xff" + b"b" * 600)])
    (event,) = _events(hits)
    assert event.user_agent is not None
    assert event.user_agent.startswith("a ")
    assert event.user_agent.isprintable()
    assert len(event.user_agent) == 500


def test_burst_on_one_mail_is_answered_and_kept_in_part(
    visitor: TestClient, hits: Hits, mail: SentMail
):
    answers = {visitor.get(f"/t/o/{mail.open}.gif").status_code for _ in range(200)}
    assert answers == {200}
    kept = _events(hits)
    assert MOST_OF_ONE <= len(kept) < 200


def test_hits_of_many_mails_are_written_together(app_database: Engine, hits: Hits, now: datetime):
    with transaction() as session:
        known = portfolio(session, now)
        box = mailbox(session, now)
        mails = [sent_mail(session, known, box, now) for _ in range(30)]
    for place, one in enumerate(mails):
        at = now + timedelta(seconds=place)
        hits.add(tracking.Hit("click", one.click, at, "GET", None, BROWSER))
        hits.add(tracking.Hit("open", one.open, at, "GET", None, BROWSER))
    hits.close()
    assert len(_events(hits)) == 60
