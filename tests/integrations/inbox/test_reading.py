"""What is read out of raw mail, friendly and hostile."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.inbox.reading import read
from integrations.inbox.words import LONGEST, from_html, new_words
from integrations.status_codes import is_dead
from tests.support import letters

ABOUT = "abc123@ours.example"
ATTRIBUTIONS = {
    "en": "On Mon, Nov 2, 2026 at 9:00 AM Dana Example <dana@ours.example> wrote:",
    "en over two lines": "On Mon, Nov 2, 2026 at 9:00 AM Dana Example\n<dana@ours.example> wrote:",
    "de": "Am Mo., 2. Nov. 2026 um 09:00 Uhr schrieb Dana <dana@ours.example>:",
    "fr": "Le lun. 2 nov. 2026 à 09:00, Dana <dana@ours.example> a écrit :",
    "es": "El lun, 2 nov 2026 a las 9:00, Dana (<dana@ours.example>) escribió:",
    "ja": "2026年11月2日(月) 9:00 Dana Example <dana@ours.example>:",
}
HEADS = {
    "outlook": "________________________________\nFrom: Dana <dana@ours.example>\nSent: Monday\nTo: M",
    "german": "Von: Dana\nGesendet: Montag, 2. November 2026 09:00\nAn: Maria\nBetreff: Bericht",
    "bold": "*From:* Dana <dana@ours.example>\n*Sent:* Monday\n*To:* Maria",
    "original": "-----Original Message-----\nFrom: Dana",
    "signature": "-- \nMaria Lopez",
}


@pytest.mark.parametrize("language", ATTRIBUTIONS)
def test_quoted_mail_is_left_out_in_any_language(language: str):
    text = f"Thursday works.\n\nMaria\n\n{ATTRIBUTIONS[language]}\n\n> Could we meet?\n> Dana"
    assert new_words(text) == "Thursday works.\n\nMaria"


@pytest.mark.parametrize("program", HEADS)
def test_forwarded_head_ends_what_is_new(program: str):
    assert new_words(f"Fine with me.\n\n{HEADS[program]}\n\nCould we meet?") == "Fine with me."


def test_answers_between_the_lines_are_kept():
    assert new_words("> Could we meet?\nYes\n> When?\nThursday") == "Yes\nThursday"


@pytest.mark.parametrize(
    "text",
    [
        "Three points:\nOne: good\nTwo: bad\nThree: call me at 10:30\nBye",
        "We need these at 10:30:\n\n- a\n- b",
        "Short.",
    ],
)
def test_what_only_looks_like_a_quotation_stays(text: str):
    assert new_words(text) == text


def test_html_is_read_as_text_without_scripts_and_quotes():
    markup = (
        "<style>p{}</style><div>Yes<br>Thursday &amp; <b>Friday</b></div><script>alert(1)</script>"
        '<div class="gmail_quote">On Mon, wrote:<blockquote>Old</blockquote></div>'
    )
    assert new_words(from_html(markup)) == "Yes\nThursday & Friday"


@given(st.text(max_size=500))
def test_any_text_gives_words_that_are_not_longer(text: str):
    assert len(new_words(text)) <= min(len(text), LONGEST)


@given(st.binary(max_size=600))
def test_any_bytes_are_read(raw: bytes):
    letter = read(raw)
    assert letter.text == letter.text.encode("utf-8", "replace").decode()
    assert "\x00" not in letter.text + letter.subject + letter.sender


HEADERS = ("From", "Subject", "Message-ID", "In-Reply-To", "Content-Type", "Content-Disposition")
NASTY = st.text("()<>\"=?*';:@,\\\x00\x07ab0% ", max_size=60) | st.sampled_from(
    [
        "(" * 900 + ")" * 60 + " <x@y.example>",
        "=?utf-8?b?abcde?=",
        "<a\x00b@c.example>",
        "text/plain; charset=utf\x008",
        "text/plain; name*=utf\x008''a",
        "attachment; filename*=\x00''a",
        "multipart/mixed; boundary*=x\x00''a",
        "message/delivery-status",
        "message/rfc822",
    ]
)


@given(st.lists(st.tuples(st.sampled_from(HEADERS), NASTY), max_size=6), st.booleans())
@example([("From", "(" * 900 + ")" * 60 + " <x@y.example>")], True)
@example([("Subject", "=?utf-8?b?abcde?=")], True)
@example([("Content-Disposition", "attachment; filename*=\x00''a")], True)
def test_any_headers_are_read(headers: list[tuple[str, str]], body: bool):
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    letter = read(f"{head}\r\n{'Status: 5.1.1' if body else ''}".encode())
    said = [letter.subject, letter.sender, letter.text, letter.message_id or "", *letter.refers_to]
    assert "\x00" not in "".join(said)


def test_control_characters_of_a_report_are_left_out():
    raw = letters.bounce("a\x00b@acme.example").replace(b"5.1.1", b"5.1.1 \x00\x07", 1)
    report = read(raw).report
    assert report is not None
    said = [report.about, report.token, report.words, report.recipient, report.status]
    assert not any(c in "".join(filter(None, said)) for c in "\x00\x07")


def test_deeply_nested_mail_is_read():
    head = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(3_000)
    )
    assert read(head.encode()).report is None


def test_reply_is_read():
    letter = read(letters.reply(ABOUT))
    assert (letter.sender, letter.refers_to) == ("maria@techcorp.example", (ABOUT,))
    assert (letter.text, letter.automatic, letter.report) == ("Yes, Thursday.", False, None)


def test_encoded_subject_and_folded_headers_are_one_line():
    raw = letters.reply(ABOUT, subject="=?utf-8?b?UmU6IEdyw7zDn2U=?=\r\n and\r\n more")
    assert read(raw).subject == "Re: Grüße and more"


def test_attachment_is_not_taken_for_the_words():
    message = EmailMessage()
    message["From"] = "a@b.example"
    message.set_content("Words")
    message.add_attachment("secret", filename="a.txt")
    assert read(message.as_bytes()).text == "Words"


@pytest.mark.parametrize(
    "headers",
    [
        "Auto-Submitted: auto-replied\r\n",
        "Auto-Submitted: auto-generated; x=1\r\n",
        "X-Auto-Response-Suppress: All\r\n",
        "Precedence: bulk\r\n",
        "Precedence: auto_reply\r\n",
        "X-Autoreply: yes\r\n",
        "Return-Path: <>\r\n",
    ],
)
def test_automatic_answers_say_so_in_their_headers(headers: str):
    assert read(letters.reply(ABOUT, headers=headers)).automatic


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Your report",
        "Out of Office: Your report",
        "Automatische Antwort: Bericht",
        "Abwesenheitsnotiz: Bericht",
        "Réponse automatique : Rapport",
        "Respuesta automática: Informe",
        "Risposta automatica: Rapporto",
        "Resposta automática: Relatório",
        "Automatisch antwoord: Rapport",
        "Autosvar: Rapport",
        "Automatyczna odpowiedź: Raport",
        "自動応答: レポート",
        "自动回复: 报告",
    ],
)
def test_automatic_answers_are_known_by_their_subject(subject: str):
    away = "I am out of the office until January 12."
    assert read(letters.reply(ABOUT, subject=subject, text=away)).automatic


@pytest.mark.parametrize(
    "subject", ["Re: Your report", "Re: Out of office hours support", "Auto industry report", ""]
)
def test_people_are_not_taken_for_programs(subject: str):
    headers = "Auto-Submitted: no\r\nPrecedence: list\r\n"
    assert not read(letters.reply(ABOUT, subject=subject, headers=headers)).automatic


@pytest.mark.parametrize("style", ["postfix", "exchange", "gmail"])
def test_bounce_tells_whom_why_and_about_which_mail(style: str):
    report = read(letters.bounce(ABOUT, style=style)).report
    assert report is not None
    assert (report.kind, report.recipient, report.status) == (
        "bounce", "maria@techcorp.example", "5.1.1",
    )  # fmt: skip
    assert report.dead
    assert report.about == ABOUT


@pytest.mark.parametrize(
    ("status", "action", "dead"),
    [
        ("5.1.1", "failed", True),
        ("5.2.1", "failed", True),
        ("5.0.0", "failed", True),
        ("5.1.8", "failed", False),
        ("5.2.2", "failed", False),
        ("5.7.1", "failed", False),
        ("5.4.4", "failed", False),
        ("4.2.2", "failed", False),
        ("4.4.1", "delayed", False),
        ("5.1.1", "delayed", False),
    ],
)
def test_only_an_address_that_is_gone_is_dead(status: str, action: str, dead: bool):
    report = read(letters.bounce(ABOUT, status=status, action=action)).report
    assert report is not None
    assert report.dead is dead


def test_report_of_success_is_no_bounce():
    assert read(letters.bounce(ABOUT, action="delivered", status="2.0.0")).report is None


def test_letter_of_a_mail_server_without_a_report_is_a_bounce():
    raw = (
        "From: MAILER-DAEMON@old.example\r\nSubject: failure notice\r\n\r\n"
        "<maria@techcorp.example>:\r\n550 5.1.1 user unknown\r\n\r\n--- Below this line\r\n"
        f"Message-ID: <{ABOUT}>\r\n"
    )
    report = read(raw.encode()).report
    assert report is not None
    assert (report.about, report.status, report.dead) == (ABOUT, "5.1.1", True)


def test_complaint_is_read():
    report = read(letters.complaint(ABOUT)).report
    assert report is not None
    assert (report.kind, report.recipient, report.about) == (
        "complaint", "maria@techcorp.example", ABOUT,
    )  # fmt: skip


def test_no_code_says_nothing_about_the_address():
    assert not is_dead(None)
