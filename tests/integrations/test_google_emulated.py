"""Sign-in, mail and calendar against a Google that others wrote."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import requests

from integrations import google_calendar, google_oauth
from integrations.google_calendar import CalendarEntry
from integrations.google_http import GoogleAccount, call
from integrations.google_trouble import Trouble
from integrations.senders import Outgoing
from integrations.senders.gmail import GmailSender
from tests.support.fakes.emulate import BACK, Emulated, running_emulate

SCOPES = (*google_oauth.MAIL_SCOPES, google_oauth.CALENDAR_SCOPE)
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Generator[Emulated]:
    with running_emulate(tmp_path_factory.mktemp("emulate")) as running:
        yield running


def consented(emulated: Emulated, verifier: str) -> str:
    """The code Google sends Ana back with."""
    address = google_oauth.consent_address(
        emulated.client(), back=BACK, state="s", verifier=verifier, scopes=SCOPES, hint=""
    )
    back = emulated.consent(address)
    assert back["state"] == "s"
    return back["code"]


@pytest.fixture(scope="module")
def account(emulated: Emulated) -> GoogleAccount:
    verifier = google_oauth.new_verifier()
    grant = google_oauth.exchange(
        emulated.client(),
        code=consented(emulated, verifier),
        verifier=verifier,
        back=BACK,
        asked=SCOPES,
    )
    assert set(SCOPES) <= grant.scopes
    return emulated.account(grant.refresh_token)


def test_code_is_worth_nothing_without_its_verifier(emulated: Emulated):
    code = consented(emulated, google_oauth.new_verifier())
    with pytest.raises(Trouble):
        google_oauth.exchange(
            emulated.client(), code=code, verifier="another", back=BACK, asked=SCOPES
        )


def test_account_says_whose_it_is(account: GoogleAccount):
    assert GmailSender(account).identity().address == "ana@vendor.example"
    assert GmailSender(account).check() is None


def mail(key: str) -> Outgoing:
    raw = (
        f"From: ana@vendor.example\r\nTo: bob@customer.example\r\nSubject: {key}\r\n"
        f"Message-ID: <{key}@vendor.example>\r\nX-CSCX-Message: {key}\r\n\r\nHello {key}\r\n"
    )
    return Outgoing(
        raw.encode(),
        f"{key}@vendor.example",
        "bob@customer.example",
        "ana@vendor.example",
        None,
        NOW,
    )


def test_each_message_is_sent_once_and_found_by_itself(account: GoogleAccount):
    sender = GmailSender(account)
    ready = [
        replace(mail(k), provider_draft_id=sender.prepare(mail(k))) for k in ("a1", "a2", "a3")
    ]

    assert [sender.look_up(one).kind for one in ready] == ["not_sent"] * 3
    outcomes = [sender.send(one) for one in ready]
    again = [sender.send(one).kind for one in ready]
    found = [sender.look_up(one) for one in ready]

    assert [outcome.kind for outcome in outcomes] == ["sent"] * 3
    assert again == ["unknown"] * 3
    assert [f.provider_id for f in found] == [o.provider_id for o in outcomes]
    assert len({o.provider_id for o in outcomes}) == 3


def test_draft_that_was_thrown_away_is_neither_sent_nor_found(account: GoogleAccount):
    sender = GmailSender(account)
    one = replace(mail("b1"), provider_draft_id=sender.prepare(mail("b1")))
    sender.discard(str(one.provider_draft_id))
    sender.discard(str(one.provider_draft_id))

    assert sender.send(one).kind == "unknown"
    assert sender.look_up(one).kind == "unclear"


def test_calendar_entry_comes_and_goes(account: GoogleAccount):
    day = CalendarEntry(
        "task:1", "Call Acme", "About renewal", date(2026, 12, 1), timedelta(0), "UTC"
    )
    number = google_calendar.put(account, day)
    listed = call(account, lambda g: g.events().list(calendarId="primary"), api="calendar")

    assert [(e["summary"], e["start"]["date"]) for e in listed["items"] if e["id"] == number] == [
        ("Call Acme", "2026-12-01")
    ]

    google_calendar.remove(account, number)
    google_calendar.remove(account, number)
    listed = call(account, lambda g: g.events().list(calendarId="primary"), api="calendar")
    assert number not in [e["id"] for e in listed["items"]]


def test_access_given_back_is_over(emulated: Emulated):
    verifier = google_oauth.new_verifier()
    code = consented(emulated, verifier)
    grant = google_oauth.exchange(
        emulated.client(), code=code, verifier=verifier, back=BACK, asked=SCOPES
    )
    google_oauth.revoke(emulated.client(), grant.refresh_token)
    google_oauth.revoke(emulated.client(), "never given")

    said = GmailSender(emulated.account(grant.refresh_token)).check()
    assert said is not None
    assert requests.get(emulated.url, timeout=5).status_code < 500
