"""Mail as files: whole or not there, once, under a name nobody can choose."""

from __future__ import annotations

import multiprocessing
import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.senders import Outgoing
from integrations.senders.eml import EmlSender, file_name

RAW = b"Subject: Hello\r\n\r\nHello\r\n"
ONE = Outgoing(RAW, "<o1.x7@mail.vendor.example>", "bob@customer.example", "ana@vendor.example")
LATER = datetime.now(UTC) + timedelta(days=1)


def test_mail_becomes_a_file_with_exactly_its_bytes(tmp_path: Path):
    outcome = EmlSender(tmp_path / "mail").send(ONE)

    assert outcome.kind == "sent"
    assert [p.name for p in (tmp_path / "mail").iterdir()] == ["o1.x7@mail.vendor.example.eml"]
    assert (tmp_path / "mail" / str(outcome.provider_id)).read_bytes() == RAW


def test_file_is_for_its_owner_alone(tmp_path: Path):
    EmlSender(tmp_path / "mail").send(ONE)

    modes = [
        stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "mail", *(tmp_path / "mail").iterdir())
    ]
    assert modes == [0o700, 0o600]


def test_sending_again_is_the_same_file(tmp_path: Path):
    sender = EmlSender(tmp_path)

    first, second = sender.send(ONE), sender.send(ONE)

    assert (first.kind, second.kind) == ("sent", "sent")
    assert first.provider_id == second.provider_id
    assert len(list(tmp_path.iterdir())) == 1


def test_another_text_never_takes_the_place_of_what_was_sent(tmp_path: Path):
    sender = EmlSender(tmp_path)
    sender.send(ONE)
    other = Outgoing(b"Subject: Other\r\n\r\n", ONE.message_id, ONE.recipient, ONE.sender)

    assert sender.send(other).kind == "refused_for_good"
    assert sender.look_up(other).kind == "unclear"
    assert sender.look_up(ONE).kind == "sent"


def test_looking_up_what_was_never_sent(tmp_path: Path):
    assert EmlSender(tmp_path / "nothing here").look_up(ONE).kind == "not_sent"


def test_many_at_once_write_one_file(tmp_path: Path):
    context = multiprocessing.get_context("fork")
    with context.Pool(4) as pool:
        outcomes = pool.map(_send_one, [tmp_path] * 40)

    assert set(outcomes) == {"sent"}
    assert len(list(tmp_path.iterdir())) == 1


def _send_one(folder: Path) -> str:
    return EmlSender(folder).send(ONE).kind


@pytest.mark.parametrize("call", ["open", "fsync", "link"])
def test_full_disk_puts_the_mail_off_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
):
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        outcome = EmlSender(tmp_path).send(ONE)

    assert outcome.kind == "refused_for_now"
    assert "No space left on device. Make room there" in outcome.reply
    assert list(tmp_path.iterdir()) == []


def test_writer_asleep_before_its_last_step_comes_too_late(tmp_path: Path):
    """Somebody looks the message up meanwhile and finds that it was not sent: that has to stay true."""
    sender = EmlSender(tmp_path)
    found: list[str] = []

    def asleep() -> bool:
        found.append(sender.look_up(ONE).kind)
        return True

    outcome = sender.send(replace(ONE, in_time=asleep))

    assert (found, outcome.kind) == (["not_sent"], "refused_for_now")
    assert list(tmp_path.iterdir()) == []


def test_writer_that_knows_it_is_late_leaves_nothing(tmp_path: Path):
    assert EmlSender(tmp_path).send(replace(ONE, in_time=lambda: False)).kind == "refused_for_now"
    assert list(tmp_path.iterdir()) == []


def test_file_that_was_named_before_the_error_counts_as_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    calls = iter([None, OSError(5, "Input/output error")])

    def second_fails(_handle: int) -> None:
        failing = next(calls)
        if failing:
            raise failing

    monkeypatch.setattr(os, "fsync", second_fails)

    assert EmlSender(tmp_path).send(ONE).kind == "sent"


def test_folder_that_is_a_file_is_told_in_plain_words(tmp_path: Path):
    (tmp_path / "mail").write_text("not a folder")
    sender = EmlSender(tmp_path / "mail")

    assert sender.send(ONE).kind == "refused_for_now"
    said = sender.check()
    assert said is not None
    assert "choose another folder" in said


def test_unfinished_files_are_found_and_removed_and_nothing_else_is(tmp_path: Path):
    sender = EmlSender(tmp_path)
    sender.send(ONE)
    (tmp_path / ".part-0123456789abcdef").write_bytes(b"half")
    (tmp_path / "notes.txt").write_text("a person's")

    found = sender.orphans(LATER)
    assert [orphan.provider_draft_id for orphan in found] == [".part-0123456789abcdef"]
    assert sender.orphans(datetime(2020, 1, 1, tzinfo=UTC)) == []

    for orphan in found:
        sender.discard(orphan.provider_draft_id)
    sender.discard("notes.txt")
    sender.discard("../notes.txt")
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "notes.txt",
        "o1.x7@mail.vendor.example.eml",
    ]


HOSTILE = [
    "<../../etc/passwd@x>",
    "<a/b@x>",
    "<.hidden@x>",
    "<\0@x>",
    "<" + "a" * 400 + "@x>",
    "<-rf@x>",
]


@pytest.mark.parametrize("message_id", HOSTILE)
def test_hostile_message_id_stays_in_the_folder(tmp_path: Path, message_id: str):
    folder = tmp_path / "mail"
    sent = Outgoing(RAW, message_id, ONE.recipient, ONE.sender)

    assert EmlSender(folder).send(sent).kind == "sent"
    assert [p.parent for p in tmp_path.rglob("*.eml")] == [folder]


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
def test_different_ids_have_different_files(first: str, second: str):
    same = first.strip().removeprefix("<").removesuffix(">") == second.strip().removeprefix(
        "<"
    ).removesuffix(">")
    assert (file_name(first) == file_name(second)) == same
