"""SMTP against a real server: what it took, what it refused, and what nobody can know."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from integrations.senders import Outgoing
from integrations.senders.smtp import SmtpAccount, SmtpSender
from tests.support.fakes.smtp import PASSWORD, USER, running_smtp

RAW = (
    b"X-CSCX-Message: o1.x7\r\nSubject: Hello\r\n\r\n"
    b"Hello\r\n.\r\n..two dots\r\n.one dot\r\n\r\nBye\r\n"
)
ONE = Outgoing(RAW, "<o1.x7@mail.vendor.example>", "bob@customer.example", "ana@vendor.example")
QUICK = {"until_the_dot": timedelta(seconds=5), "after_it": timedelta(seconds=0.5)}


def sender(account: SmtpAccount) -> SmtpSender:
    return SmtpSender(account, **QUICK)


def test_server_takes_exactly_the_bytes_for_one_recipient(tmp_path: Path):
    with running_smtp(tmp_path) as server:
        outcome = sender(server.account()).send(ONE)

    assert outcome.kind == "sent"
    assert outcome.reply.startswith("250 ")
    assert outcome.provider_id is None  # the same answer for every message is no id
    assert server.taken == [RAW]
    assert server.recipients == [["bob@customer.example"]]


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
def test_password_goes_over_an_encrypted_line(tmp_path: Path, encryption):
    with running_smtp(tmp_path, encryption, sign_in=True) as server:
        account = server.account(encryption, user=USER, password=PASSWORD)
        outcome = sender(account).send(ONE)
        well = sender(account).check()

    assert (outcome.kind, well) == ("sent", None)
    assert server.logins == [True, True]


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
def test_certificate_nobody_vouches_for_stops_before_the_password(tmp_path: Path, encryption):
    with running_smtp(tmp_path, encryption, sign_in=True) as server:
        account = server.account(encryption, user=USER, password=PASSWORD, authority="")
        outcome = sender(account).send(ONE)

    assert outcome.kind == "refused_for_now"
    assert "certificate" in outcome.reply
    assert server.logins == server.ledger == []


def test_server_without_starttls_gets_no_password(tmp_path: Path):
    with running_smtp(tmp_path, sign_in=True) as server:
        outcome = sender(server.account("starttls", user=USER, password=PASSWORD)).send(ONE)

    assert outcome.kind == "refused_for_now"
    assert "STARTTLS" in outcome.reply
    assert server.logins == []


def test_wrong_password_stops_the_mailbox_and_stays_secret(tmp_path: Path):
    with running_smtp(tmp_path, sign_in=True) as server:
        wrong = sender(server.account(user=USER, password="hunter2-wrong"))
        outcome, said = wrong.send(ONE), wrong.check()

    assert outcome.kind == "revoked"
    assert outcome.reply.startswith("The server does not accept the user name or password")
    assert said == outcome.reply
    assert "hunter2" not in outcome.reply


def test_plain_line_to_another_machine_is_refused_without_a_call():
    outcome = sender(SmtpAccount("mail.customer.example", 25, "none")).send(ONE)
    assert (outcome.kind, "this machine" in outcome.reply) == ("revoked", True)


@pytest.mark.parametrize(
    ("step", "fault", "kind", "taken"),
    [
        ("mail", "later", "refused_for_now", 0),
        ("mail", "never", "revoked", 0),
        ("rcpt", "later", "refused_for_now", 0),
        ("rcpt", "never", "refused_for_good", 0),
        ("rcpt", "lost", "refused_for_now", 0),
        ("data", "later", "refused_for_now", 0),
        ("data", "never", "refused_for_good", 0),
        ("data", "lost", "unknown", 0),
        ("data", "dropped", "unknown", 1),
        ("data", "hangs", "unknown", 0),
        ("data", "done_hangs", "unknown", 1),
    ],
)
def test_outcome_says_what_the_server_may_have(tmp_path: Path, step, fault, kind, taken):
    with running_smtp(tmp_path, hang_seconds=1.0) as server:
        server.next_faults[step].append(fault)
        outcome = sender(server.account()).send(ONE)

    assert (outcome.kind, len(server.ledger)) == (kind, taken)


@pytest.mark.parametrize(
    ("answer", "nobody"),
    [
        (b"550 5.1.1 <bob@customer.example>: user unknown\r\n", True),
        (b"550-5.1.1 The address does not exist.\r\n550 5.1.1 See our pages\r\n", True),
        (b"556 5.1.10 The domain takes no mail\r\n", True),
        (b"550 5.2.1 Disabled\r\n", True),
        (b"550 5.7.1 Your address 5.1.1.1 is on our list\r\n", False),
        (b"554 5.7.1 Relay access denied\r\n", False),
        (b"550 5.1.8 <ana@vendor.example>: sender's domain not found\r\n", False),
        (b"550 5.1.0 <ana@vendor.example>: Sender address rejected\r\n", False),
        (b"552 5.2.2 Mailbox full\r\n", False),
        (b"550 relay not permitted\r\n", False),
    ],
)
def test_refused_recipient_is_nobody_only_by_the_codes_that_say_so(answer: bytes, nobody: bool):
    with scripted_server([*GREETING[:3], answer]) as port:
        outcome = sender(SmtpAccount("127.0.0.1", port, "none")).send(ONE)
    assert (outcome.kind, outcome.nobody) == ("refused_for_good", nobody)


def test_refused_sender_says_nothing_of_the_recipient():
    with scripted_server([*GREETING[:2], b"550 5.1.1 unknown sender\r\n"]) as port:
        outcome = sender(SmtpAccount("127.0.0.1", port, "none")).send(ONE)
    assert (outcome.kind, outcome.nobody) == ("revoked", False)


@pytest.mark.parametrize("step", [2, 3, 5])
def test_limit_of_a_day_rests_the_mailbox(step: int):
    """However final its three digits are; neither a sender nor a message that is refused."""
    talk = [*GREETING, b"354 go on\r\n"][:step]
    with scripted_server([*talk, b"550 5.4.5 Daily user sending limit exceeded\r\n"]) as port:
        outcome = sender(SmtpAccount("127.0.0.1", port, "none")).send(ONE)
    assert (outcome.kind, outcome.at_limit) == ("refused_for_now", True)
    assert outcome.retry_after == timedelta(hours=1)


def test_message_whose_sender_was_held_up_is_not_ended(tmp_path: Path):
    """Asked after everything but the dot: what a server has not seen the end of, it does not take."""
    with running_smtp(tmp_path) as server:
        outcome = sender(server.account()).send(replace(ONE, in_time=lambda: False))

    assert (outcome.kind, server.ledger) == ("refused_for_now", [])


def test_nobody_listening_is_put_off():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    outcome = sender(SmtpAccount("127.0.0.1", port, "none")).send(ONE)
    assert (outcome.kind, "cannot be reached" in outcome.reply) == ("refused_for_now", True)


def test_unknown_outcome_is_left_to_a_person(tmp_path: Path):
    with running_smtp(tmp_path) as server:
        asked = sender(server.account())
        assert asked.settles is False
        assert asked.look_up(ONE).kind == "unclear"


HOSTILE = ["bob@x.example>\r\nRCPT TO:<eve@x.example", "bob@x.example\nDATA", "bob@x.example\r"]


@pytest.mark.parametrize("recipient", HOSTILE)
def test_address_cannot_carry_a_command(tmp_path: Path, recipient: str):
    with running_smtp(tmp_path) as server:
        outcome = sender(server.account()).send(
            Outgoing(RAW, ONE.message_id, recipient, ONE.sender)
        )

    assert outcome.kind == "refused_for_good"
    assert server.ledger == []


GREETING = [b"220 hello\r\n", b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n"]


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ([b"554 go away\r\n"], "refused_for_good"),
        ([b"421 busy\r\n"], "refused_for_now"),
        ([b"220 hello\r\n"], "refused_for_now"),
        ([b"not a mail server at all\r\n"], "refused_for_now"),
        ([*GREETING, b"250 what?\r\n"], "refused_for_now"),
        ([*GREETING, b"354 go on\r\n", b""], "unknown"),
        ([*GREETING, b"354 go on\r\n", b"354 and more\r\n"], "unknown"),
        ([*GREETING, b"354 go on\r\n", b"\xff\xfe\r\n"], "unknown"),
        ([*GREETING, b"354 go on\r\n", b"2"], "unknown"),
        ([*GREETING, b"354 go on\r\n", b"421 closing\r\n"], "refused_for_now"),
    ],
)
def test_strange_server_is_never_taken_at_more_than_its_word(script, kind):
    with scripted_server(script) as port:
        assert sender(SmtpAccount("127.0.0.1", port, "none")).send(ONE).kind == kind


def dripping(talk: socket.socket, number: int) -> None:
    """The right answer, after a hundred lines of it that come byte by byte."""
    code = {0: b"220", 4: b"354"}.get(number, b"250")
    talk.settimeout(0.02)
    for byte in (code + b"-wait\r\n") * 100:
        talk.sendall(bytes([byte]))
        with suppress(TimeoutError):
            if not talk.recv(1):
                return
    talk.sendall(code + b" well\r\n")


@contextmanager
def scripted_server(script: list[bytes | Callable[[socket.socket, int], None]]) -> Generator[int]:
    """Says these lines, one for each command and one after the message, then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_speak, args=(listening, script))
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)


def _speak(
    listening: socket.socket, script: list[bytes | Callable[[socket.socket, int], None]]
) -> None:
    talk, _ = listening.accept()
    with talk, talk.makefile("rb") as heard, suppress(ConnectionError):
        for number, line in enumerate(script):
            if number == 5:
                while heard.readline() not in (b".\r\n", b""):
                    pass
            elif number:
                heard.readline()
            if callable(line):
                line(talk, number)
            else:
                talk.sendall(line)


@pytest.mark.parametrize(
    ("script", "kind", "why"),
    [
        ([], "refused_for_now", "cannot be reached: it took too long"),
        (GREETING[:1], "refused_for_now", "broke off: it took too long"),
        (GREETING[:3], "refused_for_now", "broke off: it took too long"),
        (GREETING, "refused_for_now", "broke off: it took too long"),
        ([*GREETING, b"354 go on\r\n"], "unknown", "handed over: it took too long"),
    ],
    ids=["greeting", "hello", "recipient", "data", "dot"],
)
def test_server_that_says_a_byte_at_a_time_keeps_nobody(script, kind, why):
    """Each byte comes in time. Whoever waits for the last one, which says that all is well, is kept: over
    SMTP before the dot nothing has left, after it nobody knows."""
    with scripted_server([*script, dripping]) as port:
        short = SmtpSender(
            SmtpAccount("127.0.0.1", port, "none"),
            until_the_dot=timedelta(seconds=0.4),
            after_it=timedelta(seconds=0.2),
        )
        outcome = short.send(ONE)

    assert outcome.kind == kind
    assert why in outcome.reply


def test_server_whose_answer_has_no_end_is_left():
    flood = b"250-and more\r\n" * 20_000
    with scripted_server([*GREETING[:2], flood + b"250 ok\r\n"]) as port:
        outcome = sender(SmtpAccount("127.0.0.1", port, "none")).send(ONE)

    assert (outcome.kind, "no end" in outcome.reply) == ("refused_for_now", True)
