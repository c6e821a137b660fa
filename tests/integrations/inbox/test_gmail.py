"""Reading a Gmail inbox: by its history, over pages, and when Google has forgotten where we were."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from integrations.google_trouble import Trouble
from integrations.inbox import MOST
from integrations.inbox.gmail import fetch
from tests.support.fakes.gmail_inbox import Inbox, running_inbox


@pytest.fixture
def inbox() -> Generator[Inbox]:
    with running_inbox() as fake:
        yield fake


def _texts(fetched) -> list[bytes]:
    return [message.raw for message in fetched.messages]


def test_first_look_takes_nothing_and_the_next_ones_what_is_new(inbox: Inbox):
    inbox.put(b"old")
    first = fetch(inbox.account(), {})
    assert first.messages == ()
    for number in range(5):
        inbox.put(b"new %d" % number)
    second = fetch(inbox.account(), first.cursor)
    assert _texts(second) == [b"new %d" % number for number in range(5)]
    assert {m.thread_id for m in second.messages} == {"t1"}
    assert fetch(inbox.account(), second.cursor).messages == ()


def test_history_that_google_forgot_is_made_up_for_by_a_search(inbox: Inbox):
    cursor = fetch(inbox.account(), {}).cursor
    inbox.put(b"a")
    inbox.put(b"b")
    inbox.oldest = 2
    found = fetch(inbox.account(), cursor)
    assert sorted(_texts(found)) == [b"a", b"b"]
    assert found.cursor == {"history": "2"}


def test_mail_deleted_meanwhile_is_passed_over(inbox: Inbox):
    cursor = fetch(inbox.account(), {}).cursor
    inbox.gone.add(inbox.put(b"a"))
    inbox.put(b"b")
    assert _texts(fetch(inbox.account(), cursor)) == [b"b"]


def test_more_than_a_round_takes_is_left_for_the_next_and_none_is_lost(inbox: Inbox):
    cursor = {"history": "0", "waiting": [inbox.put(b"%d" % n) for n in range(MOST + 3)]}
    first = fetch(inbox.account(), cursor)
    second = fetch(inbox.account(), first.cursor)
    assert (len(first.messages), len(second.messages)) == (MOST, 3)
    assert set(_texts(first) + _texts(second)) == {b"%d" % n for n in range(MOST + 3)}
    assert second.cursor == {"history": "0"}


def test_account_that_was_disconnected_is_trouble(inbox: Inbox):
    inbox.accounts.clear()
    with pytest.raises(Trouble):
        fetch(inbox.account(), {"history": "0"})
