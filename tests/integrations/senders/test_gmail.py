"""Gmail against a fake that rewrites Message-IDs, ignores searches and fails on demand."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, timedelta

import pytest

from integrations.senders import NotPrepared, Outgoing
from integrations.senders.gmail import GmailSender
from tests.support.fakes.gmail import Fault, GmailFake, running_gmail

NOW = datetime.now(UTC)
RAW = (
    b"X-CSCX-Message: %b\r\nMessage-ID: <%b@mail.vendor.example>\r\nSubject: Hello\r\n\r\nHello\r\n"
)


@pytest.fixture
def gmail() -> Generator[GmailFake]:
    with running_gmail(hang_seconds=0.6) as fake:
        yield fake


def outgoing(key: str = "o1.x7", draft_id: str | None = None) -> Outgoing:
    raw = RAW.replace(b"%b", key.encode())
    message_id = f"{key}@mail.vendor.example"
    return Outgoing(raw, message_id, "bob@customer.example", "ana@vendor.example", draft_id, NOW)


def sender(gmail: GmailFake) -> GmailSender:
    return GmailSender(gmail.account(seconds=0.3))


def prepared(gmail: GmailFake, key: str = "o1.x7") -> Outgoing:
    return outgoing(key, sender(gmail).prepare(outgoing(key)))


def test_draft_is_made_and_then_sent_once(gmail: GmailFake):
    ready = prepared(gmail)
    outcome = sender(gmail).send(ready)

    assert outcome.kind == "sent"
    assert outcome.provider_id in gmail.sent
    assert outcome.thread_id
    assert gmail.copies() == {"o1.x7": 1}
    assert gmail.drafts == {}


def test_draft_changed_by_hand_goes_out_as_approved(gmail: GmailFake):
    ready = prepared(gmail)
    gmail.drafts[str(ready.provider_draft_id)]["raw"] = b"Subject: Changed\r\n\r\n"

    sender(gmail).send(ready)

    assert next(iter(gmail.sent.values()))["raw"] == ready.raw


def test_sending_the_same_draft_again_delivers_nothing(gmail: GmailFake):
    ready = prepared(gmail)

    kinds = [sender(gmail).send(ready).kind for _ in range(3)]

    assert kinds == ["sent", "unknown", "unknown"]
    assert gmail.copies() == {"o1.x7": 1}


def test_nothing_is_sent_without_a_draft(gmail: GmailFake):
    assert sender(gmail).send(outgoing()).kind == "refused_for_now"
    assert gmail.calls["send"] == 0


OUTCOMES: list[tuple[Fault, str, int]] = [
    ("dropped", "unknown", 1),
    ("refused", "unknown", 0),
    ("done_503", "unknown", 1),
    ("limit", "refused_for_now", 0),
    ("rate", "refused_for_now", 0),
    ("hangs", "unknown", 0),
    ("done_hangs", "unknown", 1),
    ("garbled", "unknown", 1),
    ("forbidden", "revoked", 0),
    ("wrong", "refused_for_good", 0),
]


@pytest.mark.parametrize(("fault", "kind", "delivered"), OUTCOMES)
def test_each_failure_is_called_what_it_is_and_tried_once(
    gmail: GmailFake, fault: Fault, kind: str, delivered: int
):
    ready = prepared(gmail)
    gmail.next_faults["send"].append(fault)

    assert sender(gmail).send(ready).kind == kind
    assert (gmail.calls["send"], sum(gmail.copies().values())) == (1, delivered)


@pytest.mark.parametrize(("fault", "kind", "delivered"), OUTCOMES)
def test_looking_up_tells_what_became_of_it(
    gmail: GmailFake, fault: Fault, kind: str, delivered: int
):
    ready = prepared(gmail)
    for number in range(3):
        sender(gmail).send(prepared(gmail, f"other{number}"))
    gmail.next_faults["send"].append(fault)
    sender(gmail).send(ready)

    found = sender(gmail).look_up(ready)

    assert found.kind == ("sent" if delivered else "not_sent")
    if delivered:
        headers = gmail.sent[str(found.provider_id)]["headers"]
        assert headers["X-CSCX-Message"] == "o1.x7"


def test_limit_says_how_long_to_wait(gmail: GmailFake):
    ready = prepared(gmail)
    gmail.next_faults["send"].append("limit")
    assert sender(gmail).send(ready).retry_after == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("fault", "hours"), [("daily", (1, 1)), ("spent", (22, 23)), ("rate", None)]
)
def test_spent_limit_is_the_mailboxs_and_free_again_when_google_says(
    gmail: GmailFake, fault: Fault, hours: tuple[int, int] | None
):
    ready = prepared(gmail)
    gmail.next_faults["send"].append(fault)
    gmail.next_faults["create"].append(fault)

    outcome = sender(gmail).send(ready)
    with pytest.raises(NotPrepared) as refused:
        sender(gmail).prepare(outgoing("o2.x8"))

    for said in (outcome, refused.value.outcome):
        assert (said.kind, said.at_limit) == ("refused_for_now", True)
        if hours is None:
            assert said.retry_after is None
        else:
            assert said.retry_after is not None
            assert hours[0] <= said.retry_after / timedelta(hours=1) <= hours[1]


def test_draft_deleted_by_hand_stays_unclear(gmail: GmailFake):
    ready = prepared(gmail)
    sender(gmail).send(prepared(gmail, "somebody.else"))
    sender(gmail).discard(str(ready.provider_draft_id))

    assert sender(gmail).look_up(ready).kind == "unclear"


def test_look_up_that_fails_says_so(gmail: GmailFake):
    ready = prepared(gmail)
    gmail.next_faults["get"].append("refused")
    assert sender(gmail).look_up(ready).kind == "unclear"


@pytest.mark.parametrize(
    ("fault", "kind", "left"),
    [
        ("limit", "refused_for_now", 0),
        ("refused", "refused_for_now", 0),
        ("dropped", "refused_for_now", 1),
        ("wrong", "refused_for_good", 0),
        ("forbidden", "revoked", 0),
    ],
)
def test_failing_to_make_a_draft_sends_nothing(
    gmail: GmailFake, fault: Fault, kind: str, left: int
):
    gmail.next_faults["create"].append(fault)
    with pytest.raises(NotPrepared) as refused:
        sender(gmail).prepare(outgoing())

    assert (refused.value.outcome.kind, len(gmail.drafts), gmail.ledger) == (kind, left, [])


def test_access_token_that_ran_out_is_renewed_within_the_call(gmail: GmailFake):
    ready = prepared(gmail)
    gmail.next_faults["send"].append("unauthorized")

    assert sender(gmail).send(ready).kind == "sent"
    assert gmail.copies() == {"o1.x7": 1}


def test_revoked_access_stops_before_the_call(gmail: GmailFake):
    ready = prepared(gmail)
    gmail.revoked.add("refresh-ana")

    outcome = sender(gmail).send(ready)

    assert outcome.kind == "revoked"
    assert "Connect this mailbox again" in outcome.reply
    assert sender(gmail).check() == outcome.reply


def test_token_server_that_is_down_puts_the_mail_off(gmail: GmailFake):
    ready = prepared(gmail)
    gmail.next_faults["send"].append("unauthorized")
    gmail.next_faults["token"].append("refused")

    assert sender(gmail).send(ready).kind == "refused_for_now"


def test_wrong_client_secret_does_not_end_anybodys_connection(gmail: GmailFake):
    account = gmail.account()
    wrong = GmailSender(
        type(account)(
            type(account.client)(
                **{**vars(account.client), "client_id": "x", "client_secret": "y"}
            ),
            account.refresh_token,
        )
    )
    with pytest.raises(NotPrepared) as refused:
        wrong.prepare(outgoing())
    assert refused.value.outcome.kind == "refused_for_now"


def test_nobody_at_the_address_is_put_off():
    with running_gmail() as fake:
        account = fake.account(seconds=0.3)
        GmailSender(account).check()  # an access token is kept
    assert GmailSender(account).send(outgoing(draft_id="r1")).kind == "refused_for_now"


def test_only_old_drafts_with_our_header_are_orphans(gmail: GmailFake):
    ours = prepared(gmail)
    gmail.create(b"Message-ID: <o1.x7@mail.vendor.example>\r\nSubject: By hand\r\n\r\n")
    found = sender(gmail).orphans(datetime.now(UTC) + timedelta(hours=1))

    assert [(o.provider_draft_id, o.key) for o in found] == [(ours.provider_draft_id, "o1.x7")]
    assert sender(gmail).orphans(NOW - timedelta(hours=1)) == []


def test_secrets_are_in_no_representation(gmail: GmailFake):
    account = gmail.account()
    shown = f"{account!r} {GmailSender(account)!r} {account.client!r}"
    assert account.refresh_token not in shown
    assert account.client.client_secret not in shown
