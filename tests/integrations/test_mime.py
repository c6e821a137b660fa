"""Mails as bytes: read back they are what was meant, and nothing gets into a header that was not."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader, UniqueAddressHeader
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data.errors import BadInput
from integrations.mime import (
    Attachment,
    Mail,
    as_file_name,
    build,
    checked_address,
    checked_file,
)

MAIL = Mail(
    message_id="o41.1.9f2c@mail.example.com",
    sender_name="Ana Souza",
    sender_address="ana@vendor.example",
    recipient_name="María Ibáñez",
    recipient_address="maria@customer.example",
    subject="Your questions from Tuesday",
    text="Hi María,\n\n.\nFrom here\n",
    html="<p>Hi María,</p>",
    date=datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
    unsubscribe_url="https://engage.example.com/u/Zm9v-_",
)
# Anything a person might type; line ends and control characters are refused and tested apart.
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=150
)
BODIES = st.text(st.characters(codec="utf-8", exclude_characters=["\x00"]), max_size=400)


def parsed(mail: Mail) -> EmailMessage:
    return message_from_bytes(build(mail), policy=SMTP)


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    content = found.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def quoted(name: str) -> str:
    """A display name as a quoted string."""
    return '"' + re.sub(r'([\\"])', r"\\\1", name) + '"'


def same_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_a_mail_reads_back_as_it_was_meant():
    message = parsed(MAIL)
    assert message["From"] == "Ana Souza <ana@vendor.example>"
    assert message["To"] == "María Ibáñez <maria@customer.example>"
    assert message["Subject"] == MAIL.subject
    assert message["Date"] == "Sat, 21 Nov 2026 12:00:00 +0000"
    assert message["Message-ID"] == "<o41.1.9f2c@mail.example.com>"
    assert message["X-CSCX-Message"] == "o41.1.9f2c"
    assert message["List-Unsubscribe"] == "<https://engage.example.com/u/Zm9v-_>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.get_content_type() == "multipart/alternative"
    assert same_lines(part(message, "plain")) == MAIL.text
    assert part(message, "html") == MAIL.html
    assert message.defects == []


def test_without_a_way_to_unsubscribe_no_header_says_there_is():
    message = parsed(replace(MAIL, unsubscribe_url=None))
    assert "List-Unsubscribe" not in message
    assert "List-Unsubscribe-Post" not in message


@given(WORDS)
def test_any_subject_reads_back(subject: str):
    message = parsed(replace(MAIL, subject=subject))
    assert " ".join(str(message["Subject"]).split()) == " ".join(subject.split())
    assert len(message.keys()) == len(parsed(MAIL).keys())


@given(WORDS)
def test_any_name_reads_back_with_one_address(name: str):
    raw = build(replace(MAIL, recipient_name=name))
    header = message_from_bytes(raw, policy=SMTP)["To"]
    assert isinstance(header, AddressHeader | UniqueAddressHeader)
    assert [found.addr_spec for found in header.addresses] == ["maria@customer.example"]
    # The address parser of 3.11 keeps the blank between two encoded words, which RFC 2047 drops.
    shown, _, _ = str(message_from_bytes(raw)["To"]).rpartition("<")
    words = str(make_header(decode_header(shown.strip())))
    assert " ".join(words.split()) in (" ".join(name.split()), quoted(" ".join(name.split())))


@given(BODIES, BODIES)
def test_any_body_reads_back(text: str, html: str):
    message = parsed(replace(MAIL, text=text, html=html))
    assert same_lines(part(message, "plain")) == same_lines(text)
    assert same_lines(part(message, "html")) == same_lines(html)


@given(WORDS, BODIES, BODIES)
def test_lines_are_short_ascii_and_end_as_servers_ask(subject: str, text: str, html: str):
    raw = build(replace(MAIL, subject=subject, text=text, html=html))
    assert raw.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


@given(WORDS, BODIES)
def test_the_same_mail_is_the_same_bytes(subject: str, text: str):
    mail = replace(MAIL, subject=subject, text=text, attachments=(Attachment("a", "text/x", b"1"),))
    assert build(mail) == build(replace(mail))


def test_another_mail_has_another_boundary():
    raw = [build(MAIL), build(replace(MAIL, text="Bye"))]
    boundaries = [message_from_bytes(each).get_boundary() for each in raw]
    assert boundaries[0] != boundaries[1]


HEADERS = (
    "subject",
    "sender_name",
    "sender_address",
    "recipient_name",
    "recipient_address",
    "message_id",
    "unsubscribe_url",
)
INJECTIONS = [
    "x\r\nBcc: all@example.com",
    "x\nBcc: all@example.com",
    "x\rBcc: all@example.com",
    "x\r\n\r\nBody",
    "x\x00y",
    "x\u2028Bcc: all@example.com",
    "x\u2029y",
    "x\x85Bcc: all@example.com",
    "x\x1by",
    "x\x7fy",
    "x\ud800y",
    "\n",
]


@pytest.mark.parametrize("where", HEADERS)
@pytest.mark.parametrize("injection", INJECTIONS)
def test_nothing_gets_into_the_headers(where: str, injection: str):
    change: dict[str, Any] = {where: injection}
    if where.endswith("address"):
        change = {where: f"{injection}@example.com"}
    if where == "unsubscribe_url":
        change = {where: f"https://example.com/{injection}"}
    with pytest.raises(BadInput):
        build(replace(MAIL, **change))


def test_an_encoded_word_in_a_name_stays_what_it_was():
    hidden = "=?utf-8?q?=0D=0ABcc=3A_all=40example.com?="
    message = parsed(replace(MAIL, subject=hidden, recipient_name=hidden))
    assert message["Subject"] == hidden
    assert message["To"].addresses[0].display_name == hidden
    assert "Bcc" not in message


@pytest.mark.parametrize("name", ["Bcc", "X-Evil\r\nBcc", "Subject", "Content-Type", ""])
def test_only_headers_of_the_list_can_be_added(name: str):
    with pytest.raises(BadInput):
        build(replace(MAIL, headers={name: "x"}))


@pytest.mark.parametrize("injection", INJECTIONS)
def test_nothing_gets_in_by_an_added_header(injection: str):
    with pytest.raises(BadInput):
        build(replace(MAIL, headers={"References": injection}))


def test_added_headers_are_there():
    headers = {
        "In-Reply-To": "<a@b>",
        "Auto-Submitted": "auto-generated",
        "Reply-To": "a@b.example",
    }
    message = parsed(replace(MAIL, headers=headers))
    assert {name: str(message[name]) for name in headers} == headers


@pytest.mark.parametrize(
    "address",
    [
        "",
        "maria",
        "maria@",
        "@customer.example",
        "maria@customer.example, eve@example.com",
        "maria@customer.example>",
        "a b@example.com",
        "maria@exa mple.com",
        "maria@-example.com",
        "maria@example..com",
        "maria..i@example.com",
        f"{'a' * 65}@example.com",
        f"a@{'b' * 64}.com",
        "mar\u00eda@example.com",
        "maria@[127.0.0.1]",
        '"a b"@example.com',
    ],
)
def test_what_is_no_address_is_refused_as_sender_and_recipient(address: str):
    with pytest.raises(BadInput, match="recipient's address"):
        build(replace(MAIL, recipient_address=address))
    with pytest.raises(BadInput, match="sender's address"):
        build(replace(MAIL, sender_address=address))


def test_an_international_domain_goes_out_in_ascii():
    assert checked_address("info@b\u00fccher.example") == "info@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "", "https://a.example/ b", "https://a/>,<x"]
)
def test_what_is_no_web_address_cannot_be_the_unsubscribe_link(url: str):
    with pytest.raises(BadInput):
        build(replace(MAIL, unsubscribe_url=url))


def test_a_date_without_a_zone_is_refused():
    with pytest.raises(BadInput, match="time zone"):
        build(replace(MAIL, date=datetime(2026, 11, 21)))  # noqa: DTZ001


@given(st.binary(max_size=300))
def test_attachments_read_back(content: bytes):
    files = (
        Attachment("invite.ics", "text/calendar; method=REQUEST; charset=utf-8", content),
        Attachment("Übersicht 1.pdf", "application/pdf", content),
    )
    message = parsed(replace(MAIL, attachments=files))
    assert message.get_content_type() == "multipart/mixed"
    assert same_lines(part(message, "plain")) == MAIL.text
    found = list(message.iter_attachments())
    assert [f.get_filename() for f in found] == ["invite.ics", "Übersicht 1.pdf"]
    assert [f.get_payload(decode=True) for f in found] == [content, content]
    assert found[0].get_param("method") == "REQUEST"


@pytest.mark.parametrize(
    "attachment",
    [
        Attachment("../a.txt", "text/plain", b""),
        Attachment('a".txt', "text/plain", b""),
        Attachment("a\r\nb.txt", "text/plain", b""),
        Attachment("", "text/plain", b""),
        Attachment("a.txt", "text/plain\r\nBcc: x", b""),
        Attachment("a.txt", "text", b""),
        Attachment("a.txt", 'text/plain; name="a"', b""),
    ],
)
def test_an_attachment_that_is_not_what_it_says_is_refused(attachment: Attachment):
    with pytest.raises(BadInput):
        build(replace(MAIL, attachments=(attachment,)))


@given(st.text(max_size=300), st.sampled_from(["", "-2"]))
@example("Q1/Q2.ics", "-2")
@example(f"{'x' * 300}.ics", "-12")
@example(". \r\n", "")
def test_any_text_has_a_name_near_to_it_that_a_file_can_have(text: str, tail: str):
    name = as_file_name(text, tail)
    assert checked_file(name, "text/plain") == name
    assert as_file_name(name) == name
    assert tail in name


@pytest.mark.parametrize("body", ["a\x00b", "a\ud800b"])
def test_a_body_that_no_mail_can_carry_is_refused(body: str):
    with pytest.raises(BadInput):
        build(replace(MAIL, text=body))
