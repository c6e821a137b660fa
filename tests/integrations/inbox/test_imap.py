"""Reading an IMAP folder: only what is new, and nothing changed in it."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from integrations.inbox.imap import PATIENCE, ImapAccount, ImapRefused, ImapTrouble, fetch
from integrations.inbox.imap_line import LONGEST_ANSWER
from tests.support.fakes.imap import PASSWORD, ImapFake, running_imap


@pytest.fixture
def fake() -> Generator[ImapFake]:
    with running_imap() as server:
        yield server


@pytest.fixture
def account(fake: ImapFake) -> ImapAccount:
    return ImapAccount("127.0.0.1", fake.port, "dana", PASSWORD, "none")


def test_first_look_takes_nothing_and_the_next_ones_what_is_new(
    fake: ImapFake, account: ImapAccount
):
    fake.put(b"Subject: old\r\n\r\nold")
    first = fetch(account, {})
    assert first.messages == ()
    fake.put(b"Subject: new\r\n\r\nnew")
    fake.put(b"Subject: newer\r\n\r\nnewer")
    second = fetch(account, first.cursor)
    assert [m.raw for m in second.messages] == [
        b"Subject: new\r\n\r\nnew", b"Subject: newer\r\n\r\nnewer",
    ]  # fmt: skip
    assert [m.provider_id for m in second.messages] == ["7.2", "7.3"]
    assert second.messages[0].received_at == datetime(2026, 11, 2, 9, tzinfo=UTC)
    third = fetch(account, second.cursor)
    assert (third.messages, third.cursor) == ((), second.cursor)


def test_numbers_given_anew_begin_anew(fake: ImapFake, account: ImapAccount):
    cursor = fetch(account, {}).cursor
    fake.put(b"a")
    fake.validity = 8
    again = fetch(account, cursor)
    assert (again.messages, again.cursor) == ((), {"validity": 8, "last": 1})


def test_mail_that_the_server_refuses_for_now_is_taken_later(fake: ImapFake, account: ImapAccount):
    cursor = fetch(account, {}).cursor
    for raw in (b"a", b"b", b"c"):
        fake.put(raw)
    fake.refused = {2}
    first = fetch(account, cursor)
    again = fetch(account, first.cursor)
    assert ([m.raw for m in first.messages], again.messages) == ([b"a"], ())
    fake.refused = set()
    last = fetch(account, again.cursor)
    assert [m.raw for m in last.messages] == [b"b", b"c"]
    assert last.cursor == {"validity": 7, "last": 3}


def test_mail_that_the_server_always_refuses_holds_the_others_for_a_while_only(
    fake: ImapFake, account: ImapAccount
):
    cursor = fetch(account, {}).cursor
    fake.put(b"a")
    fake.put(b"b")
    fake.refused = {1}
    rounds: list[list[bytes]] = []
    for _ in range(PATIENCE):
        found = fetch(account, cursor)
        cursor = found.cursor
        rounds.append([m.raw for m in found.messages])
    assert rounds == [[]] * (PATIENCE - 1) + [[b"b"]]
    assert cursor == {"validity": 7, "last": 2}


@pytest.mark.parametrize("step", ["hello", "LOGIN", "EXAMINE", "SEARCH", "FETCH 1 "])
def test_server_that_says_a_byte_at_a_time_keeps_nobody(
    fake: ImapFake, account: ImapAccount, step: str
):
    fake.put(b"a")
    fake.drips = step
    with pytest.raises(ImapTrouble, match="TimeoutError"):
        fetch(account, {"validity": 7, "last": 0}, seconds=0.3)


def test_what_came_before_the_time_was_over_is_taken_and_the_rest_the_next_time(
    fake: ImapFake, account: ImapAccount
):
    for raw in (b"a", b"b", b"c"):
        fake.put(raw)
    fake.drips = "FETCH 2 "
    first = fetch(account, {"validity": 7, "last": 0}, seconds=1)
    assert ([m.raw for m in first.messages], first.cursor) == ([b"a"], {"validity": 7, "last": 1})
    fake.drips = None
    assert [m.raw for m in fetch(account, first.cursor).messages] == [b"b", b"c"]


def test_message_that_has_no_end_is_not_read(fake: ImapFake, account: ImapAccount):
    fake.put(b"a" * (LONGEST_ANSWER + 1))
    with pytest.raises(ImapTrouble):
        fetch(account, {"validity": 7, "last": 0})


def test_folder_is_opened_for_reading_only(fake: ImapFake, account: ImapAccount):
    fetch(account, {"validity": 7, "last": 0})
    fake.put(b"a")
    fetch(account, {"validity": 7, "last": 0})
    verbs = {line.split(" ")[1] for line in fake.said}
    assert verbs <= {"CAPABILITY", "LOGIN", "EXAMINE", "UID", "LOGOUT"}
    assert all("BODY.PEEK[]" in line for line in fake.said if "FETCH" in line)


@pytest.mark.parametrize(
    "change",
    [{"password": "wrong"}, {"port": 1}, {"encryption": "tls"}, {"encryption": "starttls"}],
)
def test_trouble_names_no_secret(account: ImapAccount, change: dict[str, object]):
    changed = replace(account, **change)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ImapTrouble) as caught:
        fetch(changed, {})
    assert changed.password not in f"{caught.value!r} {changed!r}"


@pytest.mark.parametrize(
    ("said", "password"),
    [
        ("NO wrong password", True),
        ("NO [AUTHENTICATIONFAILED] Invalid credentials", True),
        ("NO [ALERT] Application-specific password required", True),
        ("NO [ALERT] Too many simultaneous connections.", False),
        ("NO [UNAVAILABLE] Temporary authentication failure.", False),
        ("NO [INUSE] The folder is locked", False),
        ("BAD no such command", False),
    ],
)
def test_refused_password_is_told_from_what_passes(
    fake: ImapFake, account: ImapAccount, said: str, password: bool
):
    fake.refuses = said
    with pytest.raises(ImapTrouble) as caught:
        fetch(account, {})
    assert isinstance(caught.value, ImapRefused) is password


def test_password_is_not_sent_in_the_clear_to_another_machine(account: ImapAccount):
    with pytest.raises(ImapTrouble):
        fetch(replace(account, host="192.0.2.1"), {})


def test_folder_name_cannot_carry_a_command(fake: ImapFake, account: ImapAccount):
    with pytest.raises(ImapTrouble):
        fetch(replace(account, folder='INBOX"\r\nA1 DELETE x'), {})
    assert not any("DELETE" in line.split(" ")[1:2] for line in fake.said)
