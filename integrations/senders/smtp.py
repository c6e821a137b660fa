"""SMTP: one message to one recipient per conversation. What a server took without saying so stays unknown."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_address
from time import perf_counter
from typing import Literal

from integrations.senders import HELD_UP, Found, Orphan, Outcome, Outgoing, reply_line
from integrations.senders.smtp_line import Line, TlsLine
from integrations.status_codes import code_of, is_nobody

Encryption = Literal["starttls", "tls", "none"]
_BARE = re.compile(r"[^\s\x00-\x20\x7f<>(),;:@\"\[\]\\]+@[^\s\x00-\x20\x7f<>(),;@\"\\]+")
_DOT = b"\r\n.\r\n"
_GO_ON = 354
_GOODBYE = 1.0
"""Seconds: longest for saying it to a server that no longer listens."""
_ABOUT_THE_MESSAGE = {552, 555}
"""Too large, or an option that is not known: refusals at MAIL that are not about the sender."""

_SENT_ENOUGH = {"4.4.5", "5.4.5"}
"""How servers say that an account has sent what it may in a day; Gmail's with the second."""
_ASKED_AGAIN = timedelta(hours=1)


@dataclass(frozen=True)
class SmtpAccount:
    """`none` is for this machine only. `authority`: PEM of a company's own certificate authority."""

    host: str
    port: int
    encryption: Encryption
    user: str = ""
    password: str = field(default="", repr=False)
    authority: str = field(default="", repr=False)


class _Refused(Exception):
    """The conversation ended before the server could take the message."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.kind)
        self.outcome = outcome


class SmtpSender:
    drafts_first = False
    settles = False

    def __init__(
        self,
        account: SmtpAccount,
        *,
        until_the_dot: timedelta = timedelta(seconds=60),
        after_it: timedelta = timedelta(seconds=120),
    ) -> None:
        """`until_the_dot` bounds everything before the end of the message, `after_it` the wait for the
        answer to it, however slowly a server speaks: giving up there leaves a message that nobody knows about.
        """
        self._account = account
        self._until = until_the_dot.total_seconds()
        self._after = after_it.total_seconds()
        # Twice, for a host of several addresses that are all silent: looking one up cannot be hurried.
        self.longest = until_the_dot * 2 + after_it

    def prepare(self, outgoing: Outgoing) -> str | None:  # noqa: ARG002 - SMTP knows no drafts
        return None

    def send(self, outgoing: Outgoing) -> Outcome:
        if not (_is_bare(outgoing.sender) and _is_bare(outgoing.recipient)):
            return Outcome(
                "refused_for_good", reply="An address of this message cannot be written to."
            )
        try:
            with _conversation(self._account, self._until) as talk:
                talk.sign_in()
                talk.envelope(outgoing)
                talk.all_but_the_dot(outgoing.raw)
                if not outgoing.in_time():
                    return HELD_UP
                return talk.end(self._after)
        except _Refused as refused:
            return refused.outcome

    def look_up(self, outgoing: Outgoing) -> Found:  # noqa: ARG002
        return Found("unclear", reply="A mail server cannot be asked what it took.")

    def discard(self, provider_draft_id: str) -> None:
        pass

    def orphans(self, before: datetime) -> Sequence[Orphan]:  # noqa: ARG002
        return ()

    def check(self) -> str | None:
        try:
            with _conversation(self._account, self._until) as talk:
                talk.sign_in()
        except _Refused as refused:
            return refused.outcome.reply
        return None


def _is_bare(address: str) -> bool:
    """One address and nothing else: the library would send to its own reading of a stranger text."""
    return bool(_BARE.fullmatch(address)) and smtplib.quoteaddr(address) == f"<{address}>"


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def _conversation(account: SmtpAccount, seconds: float) -> Iterator[_Conversation]:
    """A connection, closed in any case. Raises _Refused when there is none."""
    talk = _Conversation(account, seconds)
    try:
        yield talk
    finally:
        talk.leave()


class _Conversation:
    """The steps up to the end of a message. Each raises _Refused when the server cannot have taken it."""

    def __init__(self, account: SmtpAccount, seconds: float) -> None:
        self._account = account
        if account.encryption == "none" and not is_loopback(account.host):
            words = "Without encryption, only a server on this machine may be used."
            raise _Refused(Outcome("revoked", reply=words))
        self._context = _context(account)
        host, port, until = account.host, account.port, perf_counter() + seconds
        try:
            if account.encryption == "tls":
                self._server: Line = TlsLine(host, port, until=until, context=self._context)
            else:
                self._server = Line(host, port, until=until)
        except smtplib.SMTPResponseException as error:
            raise _Refused(_answered(error.smtp_code, error.smtp_error)) from None
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            words = reply_line(f"{host}:{port} cannot be reached: {_why(error)}")
            raise _Refused(Outcome("refused_for_now", reply=words)) from None

    def leave(self) -> None:
        """Without waiting for the goodbye: what counts has been said."""
        with suppress(smtplib.SMTPException, OSError):
            self._server.until = perf_counter() + _GOODBYE
            self._server.hurry()
            self._server.putcmd("QUIT")
        self._server.close()

    def sign_in(self) -> None:
        account = self._account
        self._step(self._server.ehlo_or_helo_if_needed)
        if account.encryption == "starttls":
            if not self._server.has_extn("starttls"):
                words = "The server offers no encryption (STARTTLS). Check the port, or choose TLS."
                raise _Refused(Outcome("refused_for_now", reply=words))
            _accepted(self._step(lambda: self._server.starttls(context=self._context)))
            self._step(self._server.ehlo_or_helo_if_needed)
        if account.user:
            self._step(self._log_in)

    def envelope(self, outgoing: Outgoing) -> None:
        code, said = self._step(
            lambda: self._server.mail(outgoing.sender, self._mail_options(outgoing))
        )
        answer = _answered(code, said)
        if answer.kind == "refused_for_good" and code not in _ABOUT_THE_MESSAGE:
            # This says nothing of the recipient: every other message would meet the same.
            raise _Refused(Outcome("revoked", reply=answer.reply))
        _accepted((code, said))
        code, said = self._step(lambda: self._server.rcpt(outgoing.recipient))
        if 500 <= code < 600 and is_nobody(code_of(said)):
            raise _Refused(replace(_answered(code, said), nobody=True))
        _accepted((code, said))
        code, said = self._step(lambda: self._server.docmd("DATA"))
        if code != _GO_ON:
            raise _Refused(_answered(code, said))

    def all_but_the_dot(self, raw: bytes) -> None:
        """A server cannot have taken a message whose end it has not seen: failing here is harmless."""
        text = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n")
        lines = [b"." + line if line.startswith(b".") else line for line in text.split(b"\n")]
        self._step(lambda: self._server.send(b"\r\n".join(lines)))

    def end(self, seconds: float) -> Outcome:
        """From the first byte of the end on, only the server's answer tells whether it took the message."""
        self._server.until = perf_counter() + seconds
        self._server.hurry()
        try:
            self._server.send(_DOT)
            code, said = self._server.getreply()
        except (smtplib.SMTPException, OSError) as error:
            words = f"No answer after the message was handed over: {_why(error)}"
            return Outcome("unknown", reply=reply_line(words))
        if 200 <= code < 300:
            return Outcome("sent", reply=_answered(code, said).reply)
        if 400 <= code < 600:
            return _answered(code, said)
        return Outcome("unknown", reply=_answered(code, said).reply)

    def _mail_options(self, outgoing: Outgoing) -> list[str]:
        if not (outgoing.sender.isascii() and outgoing.recipient.isascii()):
            if not self._server.has_extn("smtputf8"):
                words = "The server takes only addresses in plain letters."
                raise _Refused(Outcome("refused_for_good", reply=words))
            return ["SMTPUTF8", "BODY=8BITMIME"]
        if not outgoing.raw.isascii() and self._server.has_extn("8bitmime"):
            return ["BODY=8BITMIME"]
        return []

    def _log_in(self) -> None:
        account = self._account
        try:
            self._server.login(account.user, account.password)
        except smtplib.SMTPNotSupportedError:
            words = "The server offers no way to sign in. Check the port and the encryption."
            raise _Refused(Outcome("refused_for_now", reply=words)) from None
        except smtplib.SMTPResponseException as error:
            said = _answered(error.smtp_code, error.smtp_error)
            # Some servers repeat what they were sent.
            words = said.reply.replace(account.password or "\0", "…")
            if said.kind == "refused_for_good":
                # Trying again would only lock the account.
                words = f"The server does not accept the user name or password: {words}"
                raise _Refused(Outcome("revoked", reply=reply_line(words))) from None
            raise _Refused(Outcome(said.kind, reply=words)) from None

    def _step(self, step: Callable[[], tuple[int, bytes] | None]) -> tuple[int, bytes]:
        self._server.hurry()
        try:
            return step() or (250, b"")
        except smtplib.SMTPResponseException as error:
            raise _Refused(_answered(error.smtp_code, error.smtp_error)) from None
        except ssl.SSLError as error:
            words = f"The encrypted connection failed: {_why(error)}. Check host and certificate."
            raise _Refused(Outcome("refused_for_now", reply=reply_line(words))) from None
        except (smtplib.SMTPException, OSError) as error:
            words = reply_line(f"The server broke off: {_why(error)}")
            raise _Refused(Outcome("refused_for_now", reply=words)) from None
        except ValueError:
            words = "An address of this message cannot be written to."
            raise _Refused(Outcome("refused_for_good", reply=words)) from None


def _context(account: SmtpAccount) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cadata=account.authority or None)
    except (ssl.SSLError, ValueError):
        words = "The certificate of the company's own authority cannot be read."
        raise _Refused(Outcome("revoked", reply=words)) from None


def _accepted(answer: tuple[int, bytes]) -> None:
    if not 200 <= answer[0] < 300:
        raise _Refused(_answered(*answer))


def _answered(code: int, said: bytes | str) -> Outcome:
    """4xx and words we do not know: later. 5xx: never, unless it is the sender's limit of a day."""
    words = said.encode() if isinstance(said, str) else said
    reply = reply_line(f"{code} ".encode() + words)
    if 400 <= code < 600 and code_of(words) in _SENT_ENOUGH:
        return Outcome("refused_for_now", reply=reply, retry_after=_ASKED_AGAIN, at_limit=True)
    return Outcome("refused_for_good" if 500 <= code < 600 else "refused_for_now", reply=reply)


def _why(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPServerDisconnected) and isinstance(error.__context__, OSError):
        return _why(error.__context__)  # the library says it in words of its own
    if isinstance(error, ssl.SSLCertVerificationError):
        return reply_line(error.verify_message)
    if isinstance(error, TimeoutError):
        return "it took too long"
    if isinstance(error, OSError) and error.strerror:
        return reply_line(error.strerror)
    return type(error).__name__
