"""Connecting Gmail: only the person who set out comes back, once, and only to our own pages."""

from __future__ import annotations

import logging
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import Engine, select, update
from starlette.applications import Starlette
from starlette.testclient import TestClient

from api.site import MIDDLEWARE, ROUTES
from api.visitors import COOKIE
from data.db import transaction
from data.settings import settings
from data.tables import AuditEntry, Mailbox, OneTimeLink
from services.access import company, signin
from services.mailboxes import seal, unseal
from tests.support.fakes.gmail import GmailFake, running_gmail
from tests.support.queued import colleague

HOST = "http://localhost:8501"
START, BACK = "/connect/google", "/connect/google/back"
NOW = datetime.now(UTC)


@pytest.fixture
def google(app_database: Engine, monkeypatch: pytest.MonkeyPatch) -> Generator[GmailFake]:
    with running_gmail(scopes="") as fake:
        for name, value in fake.environment().items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        yield fake


@pytest.fixture
def ana(google: GmailFake) -> Generator[TestClient]:
    with visitor("Ana") as client:
        yield client


def visitor(name: str | None, role: str = "csm") -> TestClient:
    client = TestClient(
        Starlette(routes=ROUTES, middleware=MIDDLEWARE), HOST, follow_redirects=False
    )
    if name:
        with transaction() as session:
            by = colleague(session, name, role)
            assert by.person_id is not None
            client.cookies.set(COOKIE, signin.start_session(session, by.person_id, NOW))
    return client


def consent(client: TestClient, query: str = "") -> str:
    """Out to Google, agree, and the path and query with which the browser comes back."""
    out = client.get(f"{START}{query}")
    assert out.status_code == 303, out.text
    agreed = requests.get(out.headers["Location"], timeout=5, allow_redirects=False)
    back = urlsplit(agreed.headers["Location"])
    assert f"{back.scheme}://{back.netloc}" == HOST
    return f"{back.path}?{back.query}"


def mailboxes() -> list[Mailbox]:
    with transaction(read_only=True) as session:
        return list(session.scalars(select(Mailbox).order_by(Mailbox.id)))


def refused(answer: Any) -> bool:
    return answer.status_code == 403 and "Gmail is not connected" in answer.text


def test_person_connects_their_gmail(ana: TestClient, google: GmailFake):
    done = ana.get(consent(ana))

    assert (done.status_code, done.headers["Location"]) == (303, "/mailboxes?google=connected")
    (box,) = mailboxes()
    assert (box.kind, box.state, box.address) == ("gmail", "ready", "ana@vendor.example")
    assert google.accounts[unseal(box.secret or b"")] == "ana@vendor.example"
    assert box.options["calendar"] is False


def test_calendar_is_asked_for_only_when_wanted(ana: TestClient):
    plain = parse_qs(urlsplit(ana.get(START).headers["Location"]).query)
    wanted = parse_qs(urlsplit(ana.get(f"{START}?calendar=1").headers["Location"]).query)

    assert "calendar" not in plain["scope"][0]
    assert "calendar.events" in wanted["scope"][0]
    assert plain["code_challenge_method"] == ["S256"]
    assert plain["access_type"] == ["offline"]
    ana.get(consent(ana, "?calendar=1"))
    assert mailboxes()[0].options["calendar"] is True


def test_connecting_again_renews_the_same_mailbox(ana: TestClient):
    ana.get(consent(ana))
    first = mailboxes()[0].secret
    ana.get(consent(ana))

    (box,) = mailboxes()
    assert box.secret != first


def test_another_account_takes_the_place_of_the_first(ana: TestClient, google: GmailFake):
    ana.get(consent(ana))
    path = consent(ana)
    code = parse_qs(urlsplit(path).query)["code"][0]
    google.codes[code]["login_hint"] = "ana.lopez@vendor.example"
    ana.get(path)

    assert [(b.address, b.state, b.secret is None) for b in mailboxes()] == [
        ("ana@vendor.example", "removed", True),
        ("ana.lopez@vendor.example", "ready", False),
    ]


def test_way_back_works_once(ana: TestClient):
    path = consent(ana)
    assert ana.get(path).status_code == 303
    assert refused(ana.get(path))


def test_way_back_is_over_after_a_quarter_of_an_hour(ana: TestClient):
    path = consent(ana)
    with transaction() as session:
        session.execute(update(OneTimeLink).values(expires_at=NOW - timedelta(seconds=1)))
    assert refused(ana.get(path))
    assert mailboxes() == []


def test_nobody_comes_back_for_somebody_else(ana: TestClient, google: GmailFake):
    """An attacker's account must not become a victim's mailbox."""
    path = consent(ana)
    with visitor("Eve") as eve:
        assert refused(eve.get(path))
    assert mailboxes() == []


def test_another_session_of_the_same_person_does_not_count(ana: TestClient):
    path = consent(ana)
    with transaction() as session:
        person = session.scalar(select(AuditEntry.person_id))
        assert person is not None
        ana.cookies.set(COOKIE, signin.start_session(session, person, NOW))
    assert refused(ana.get(path))


FORGED = ["", "x", "a" * 10_000, "../../etc", "gAAAAAB" + "A" * 200]


@pytest.mark.parametrize("state", FORGED, ids=range(len(FORGED)))
def test_forged_state_is_refused(ana: TestClient, google: GmailFake, state: str):
    assert refused(ana.get(BACK, params={"code": "code-1", "state": state}))
    assert google.calls["token"] == 0


def test_state_we_sealed_for_another_purpose_is_refused(ana: TestClient):
    state = seal('{"person": 1, "sign_in": "x", "back": "/", "calendar": false, "verifier": "v"}')
    assert refused(ana.get(BACK, params={"code": "code-1", "state": state.decode()}))


def test_changed_state_is_refused_and_the_true_one_still_works(ana: TestClient):
    path = consent(ana)
    query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    middle = len(query["state"]) // 2
    other = "A" if query["state"][middle] != "A" else "B"
    changed = query["state"][:middle] + other + query["state"][middle + 1 :]

    assert refused(ana.get(BACK, params=query | {"state": changed}))
    assert ana.get(path).status_code == 303


def test_stolen_code_is_worth_nothing_in_another_trip(ana: TestClient, google: GmailFake):
    theirs = parse_qs(urlsplit(consent(ana)).query)["code"][0]
    mine = {n: v[0] for n, v in parse_qs(urlsplit(consent(ana)).query).items()}
    assert refused(ana.get(BACK, params=mine | {"code": theirs}))
    assert mailboxes() == []


ELSEWHERE = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "%2F%2Fevil",
]


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nobody_is_led_to_another_site(ana: TestClient, elsewhere: str):
    done = ana.get(consent(ana, f"?next={elsewhere}"))
    assert done.headers["Location"] == "/?google=connected"


def test_person_returns_to_where_they_were(ana: TestClient):
    done = ana.get(consent(ana, "?next=/settings%3Ftab%3Dmail"))
    assert done.headers["Location"] == "/settings?tab=mail&google=connected"


def test_refusing_at_google_uses_the_state_up(ana: TestClient, google: GmailFake):
    state = parse_qs(urlsplit(consent(ana)).query)["state"][0]
    said = ana.get(BACK, params={"error": "access_denied", "state": state})

    assert said.headers["Location"] == "/mailboxes?google=declined"
    assert refused(ana.get(BACK, params={"code": "code-1", "state": state}))
    assert google.calls["token"] == 0


def test_right_left_unticked_connects_nothing_and_is_given_back(ana: TestClient, google: GmailFake):
    google.scopes = "https://www.googleapis.com/auth/gmail.readonly"
    answer = ana.get(consent(ana))

    assert refused(answer)
    assert "leave every box ticked" in answer.text
    assert (mailboxes(), len(google.revoked)) == ([], 1)


def test_account_outside_our_domains_is_refused_and_given_back(ana: TestClient, google: GmailFake):
    with transaction() as session:
        admin = colleague(session, "Olga", "admin")
        company.set_own_domains(session, "vendor.com", by=admin, now=NOW)
    answer = ana.get(consent(ana))

    assert refused(answer)
    assert "not an address of your company" in answer.text
    assert (mailboxes(), len(google.revoked)) == ([], 1)


def test_colleagues_account_cannot_be_taken(ana: TestClient, google: GmailFake):
    ana.get(consent(ana))
    with visitor("Bob") as bob:
        path = consent(bob)
        code = parse_qs(urlsplit(path).query)["code"][0]
        google.codes[code]["login_hint"] = "ana@vendor.example"
        assert refused(bob.get(path))
    assert [b.address for b in mailboxes()] == ["ana@vendor.example"]


def test_stranger_is_asked_to_sign_in(google: GmailFake):
    with visitor(None) as stranger:
        for path in (START, f"{BACK}?code=code-1&state=x"):
            answer = stranger.get(path)
            assert (answer.status_code, answer.headers["Location"][:8]) == (303, "/signin?")


def test_another_site_cannot_begin(ana: TestClient):
    assert refused(ana.get(START, headers={"Sec-Fetch-Site": "cross-site"}))


def test_without_google_set_up_it_says_who_can_do_that(app_database: Engine):
    with visitor("Ana") as ana:
        answer = ana.get(START)
    assert refused(answer)
    assert "CSCX_GOOGLE_CLIENT_ID" in answer.text


def test_no_secret_is_in_logs_pages_or_the_audit(
    ana: TestClient, google: GmailFake, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    answers = [ana.get(consent(ana)), ana.get(BACK, params={"code": "code-1", "state": "x"})]
    google.scopes = "nothing"
    answers.append(ana.get(consent(ana)))

    with transaction(read_only=True) as session:
        noted = [(a.what, a.detail) for a in session.scalars(select(AuditEntry))]
    ours = [r.getMessage() for r in caplog.records if r.name.split(".")[0] in ("api", "services")]
    shown = f"{[a.text for a in answers]} {noted} {ours}"
    planted = [*google.accounts, "a client's secret", "at.refresh", *google.codes]
    assert [secret for secret in planted if secret in shown] == []
    assert any("google_connected" in line for line in ours)
