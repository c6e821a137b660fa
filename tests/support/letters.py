"""Raw mails as servers and people send them, made after RFC 3464, RFC 5965 and what programs add."""

from __future__ import annotations

from base64 import encodebytes
from email import message_from_bytes, policy
from email.message import EmailMessage

ME = "dana@ours.example"


def reply(
    refers_to: str, *, sender: str = "Maria Lopez <maria@techcorp.example>", text: str = "Yes, Thursday.",
    subject: str = "Re: Your report", headers: str = "",
) -> bytes:  # fmt: skip
    reference = f"In-Reply-To: <{refers_to}>\r\n" if refers_to else ""
    head = (
        f"From: {sender}\r\nTo: {ME}\r\nSubject: {subject}\r\n{reference}{headers}"
        "Message-ID: <answer@techcorp.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    quoted = (
        "\r\n\r\nOn Mon, Nov 2, 2026 at 9:00 AM Dana <dana@ours.example> wrote:\r\n> Old words\r\n"
    )
    return (head + text + quoted).encode()


def with_attached(refers_to: str, attached: bytes, *, html: bool = False) -> bytes:
    """Maria's answer, and with it a mail that she got from somebody else."""
    message = EmailMessage()
    message["From"] = "Maria Lopez <maria@techcorp.example>"
    message["To"] = ME
    message["Subject"] = "Re: Your report"
    message["In-Reply-To"] = f"<{refers_to}>"
    message["Message-ID"] = "<answer@techcorp.example>"
    message.set_content("Tom's address bounced, see attached.", subtype="html" if html else "plain")
    message.add_attachment(message_from_bytes(attached, policy=policy.default))
    return message.as_bytes()


def receipt(about: str) -> bytes:
    """That a mail was read, as Outlook says it (RFC 8098)."""
    return _RECEIPT.format(about=about).replace("\n", "\r\n").encode()


def bounce(
    about: str, *, recipient: str = "maria@techcorp.example", status: str = "5.1.1",
    action: str = "failed", style: str = "postfix",
) -> bytes:  # fmt: skip
    """`style` is postfix, exchange or gmail."""
    return _STYLES[style].format(
        about=about, token=about.partition("@")[0], recipient=recipient, status=status, action=action
    ).replace("\n", "\r\n").encode()  # fmt: skip


def block(
    final: str = "maria@techcorp.example", *, original: str | None = None, action: str = "failed",
    status: str = "5.1.1", said: str = "550 5.1.1 unknown",
) -> str:  # fmt: skip
    """What a report says of one recipient."""
    sent_to = f"Original-Recipient: rfc822; {original}\n" if original else ""
    return (
        f"Final-Recipient: rfc822; {final}\n{sent_to}Action: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; {said}\n"
    )


def report(
    about: str, *blocks: str, kind: str = "delivery-status", encoded: bool = False,
    sender: str = "MAILER-DAEMON@mx.example (Mail Delivery System)",
) -> bytes:  # fmt: skip
    """A report on several recipients; `kind` is RFC 3464's delivery-status or RFC 6533's global-delivery-status."""
    said = "\n".join(("Reporting-MTA: dns; mx.example\n", *blocks))
    how, copy = "", "rfc822"
    if encoded:
        how, said = "Content-Transfer-Encoding: base64\n", encodebytes(said.encode()).decode()
    if kind.startswith("global"):
        copy = "global-headers"
    return (
        f"From: {sender}\nTo: {ME}\nSubject: Undelivered\nMIME-Version: 1.0\n"
        f"Content-Type: multipart/report; report-type={kind}; boundary=B\n\n"
        "--B\nContent-Type: text/plain\n\nSee below.\n\n"
        f"--B\nContent-Type: message/{kind}\n{how}\n{said}\n"
        f"--B\nContent-Type: message/{copy}\n\nFrom: {ME}\nMessage-ID: <{about}>\n\nOld words\n--B--\n"
    ).replace("\n", "\r\n").encode()  # fmt: skip


def daemon(
    about: str, text: str, *, sender: str = "Mail Delivery System <Mailer-Daemon@mx.example>",
    subject: str = "Mail delivery failed", headers: str = "",
) -> bytes:  # fmt: skip
    """A letter of a server that makes no reports, with a copy of our mail's head below it."""
    return (
        f"From: {sender}\nTo: {ME}\nSubject: {subject}\n{headers}Message-ID: <daemon@mx.example>\n\n"
        f"{text}\n\n------ This is a copy of the message. ------\n\nMessage-ID: <{about}>\nSubject: Your report\n"
    ).replace("\n", "\r\n").encode()  # fmt: skip


def complaint(about: str, recipient: str = "maria@techcorp.example") -> bytes:
    return _COMPLAINT.format(about=about, recipient=recipient).replace("\n", "\r\n").encode()


_POSTFIX = """Return-Path: <>
From: MAILER-DAEMON@mx.ours.example (Mail Delivery System)
To: dana@ours.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B1"

--B1
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.ours.example. I'm sorry.

--B1
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.ours.example
X-Postfix-Queue-ID: 4F2A1
Arrival-Date: Mon, 2 Nov 2026 09:00:00 +0000 (UTC)

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.techcorp.example
Diagnostic-Code: smtp; 550 {status} <{recipient}>: Recipient address rejected: User
    unknown in virtual mailbox table

--B1
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: dana@ours.example
To: {recipient}
Subject: Your report
Message-ID: <{about}>
X-CSCX-Message: {token}

Old words
--B1--
"""
_EXCHANGE = """From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@techcorp.example>
To: dana@ours.example
Subject: Undeliverable: Your report
Auto-Submitted: auto-replied
X-MS-Exchange-Message-Is-Ndr:
In-Reply-To: <{about}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="_000_ndr"

--_000_ndr
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: base64

PGh0bWw+PGJvZHk+WW91ciBtZXNzYWdlIGNvdWxkbid0IGJlIGRlbGl2ZXJlZC48L2JvZHk+PC9odG1sPg==

--_000_ndr
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0PR01.prod.outlook.example
Received-From-MTA: dns;mx.ours.example

Original-Recipient: rfc822;{recipient}
Final-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp;550 {status} RESOLVER.ADR.RecipNotFound; not found
X-Display-Name: Maria

--_000_ndr
Content-Type: text/rfc822-headers

From: dana@ours.example
Message-ID: <{about}>
Subject: Your report
--_000_ndr--
"""
_GMAIL = """From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>
To: dana@ours.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: <{about}>
In-Reply-To: <{about}>
X-Failed-Recipients: {recipient}
MIME-Version: 1.0
Content-Type: multipart/report; boundary="0000abc"; report-type=delivery-status

--0000abc
Content-Type: multipart/related; boundary="0000abd"

--0000abd
Content-Type: text/plain; charset="UTF-8"

** Address not found **
--0000abd--

--0000abc
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.example
Arrival-Date: Mon, 02 Nov 2026 01:00:00 -0800 (PST)
X-Original-Message-ID: <{about}>

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550-{status} The email account that you tried to reach does not exist.
Last-Attempt-Date: Mon, 02 Nov 2026 01:00:01 -0800 (PST)

--0000abc
Content-Type: message/rfc822

From: Dana <dana@ours.example>
Message-ID: <{about}>
X-CSCX-Message: {token}
Subject: Your report

Old words
--0000abc--
"""
_STYLES = {"postfix": _POSTFIX, "exchange": _EXCHANGE, "gmail": _GMAIL}
_COMPLAINT = """From: <abuse@provider.example>
To: dana@ours.example
Subject: FW: Your report
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="F1"

--F1
Content-Type: text/plain

This is an email abuse report.

--F1
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Rcpt-To: <{recipient}>

--F1
Content-Type: message/rfc822

From: dana@ours.example
Message-ID: <{about}>
Subject: Your report

Old words
--F1--
"""
_RECEIPT = """From: Maria Lopez <maria@techcorp.example>
To: dana@ours.example
Subject: Read: Your report
In-Reply-To: <{about}>
Message-ID: <receipt@techcorp.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="R1"

--R1
Content-Type: text/plain

Your message was read on Monday.

--R1
Content-Type: message/disposition-notification

Final-Recipient: rfc822; maria@techcorp.example
Original-Message-ID: <{about}>
Disposition: manual-action/MDN-sent-manually; displayed

--R1--
"""
