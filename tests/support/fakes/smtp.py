"""A mail server on a loopback port, with a ledger, sign-in, encryption and faults on demand."""

from __future__ import annotations

import asyncio
import hashlib
import random
import socket
import ssl
from collections import Counter, defaultdict
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.senders.smtp import Encryption, SmtpAccount

USER, PASSWORD = "engage", "long & secret"
Fault = Literal[
    "none",
    "later",  # 451, not taken
    "never",  # 550, not taken
    "dropped",  # taken, then the connection breaks
    "lost",  # the connection breaks, not taken
    "hangs",  # never answers, not taken
    "done_hangs",  # never answers, taken
    "odd",  # taken, and the answer is no answer
]
FAULTY: Mapping[Fault, float] = {
    "dropped": 0.02,
    "lost": 0.02,
    "later": 0.03,
    "done_hangs": 0.005,
    "hangs": 0.005,
}


@dataclass
class SmtpFake:
    """`next_faults` by step (`mail`, `rcpt`, `data`) are taken first, then `rates` draw one for each end of
    a message."""

    rates: Mapping[Fault, float] = field(default_factory=dict[Fault, float])
    seed: int = 1
    hang_seconds: float = 3.0
    next_faults: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))
    ledger: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """(our header's value, SHA-256 of the bytes), one for each message taken."""
    taken_at: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """When the message of this key was taken last."""
    taken: list[bytes] = field(default_factory=list[bytes])
    recipients: list[list[str]] = field(default_factory=list[list[str]])
    logins: list[bool] = field(default_factory=list[bool])
    port: int = 0
    authority: str = ""
    signed_in_only: bool = False
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def account(self, encryption: Encryption = "none", **changes: Any) -> SmtpAccount:
        account = SmtpAccount("localhost", self.port, encryption, authority=self.authority)
        return replace(account, **changes)

    def copies(self) -> Counter[str]:
        return Counter(key for key, _ in self.ledger)

    def _fault(self, step: str) -> Fault:
        if self.next_faults[step]:
            return self.next_faults[step].pop(0)
        if step == "data" and self.rates:
            kinds: list[Fault] = [*self.rates, "none"]
            weights = [*self.rates.values(), max(0.0, 1 - sum(self.rates.values()))]
            return self._random.choices(kinds, weights)[0]
        return "none"

    # aiosmtpd calls these.

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.signed_in_only and not session.authenticated:
            return "530 5.7.0 Authentication required"
        fault = self._fault("mail")
        if fault == "none":
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return _ANSWERS.get(fault, "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fault = self._fault("rcpt")
        if fault == "lost":
            _break(server)
        if fault == "none":
            envelope.rcpt_tos.append(address)
        return _ANSWERS.get(fault, "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        fault = self._fault("data")
        if fault in ("none", "dropped", "done_hangs", "odd"):
            self._take(envelope)
        if fault in ("dropped", "lost"):
            _break(server)
        if fault in ("hangs", "done_hangs"):
            await asyncio.sleep(self.hang_seconds)
            _break(server)
        return _ANSWERS.get(fault, "250 OK queued as the same for everybody")

    def _take(self, envelope: Envelope) -> None:
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        key = str(message_from_bytes(raw).get("X-CSCX-Message", ""))
        self.taken.append(raw)
        self.recipients.append(list(envelope.rcpt_tos))
        self.taken_at[key] = datetime.now(UTC)
        self.ledger.append((key, hashlib.sha256(raw).hexdigest()))

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth_data: Any
    ) -> AuthResult:
        good = isinstance(auth_data, LoginPassword) and auth_data == LoginPassword(
            USER.encode(), PASSWORD.encode()
        )
        self.logins.append(good)
        return AuthResult(success=good, handled=good)


_ANSWERS = {
    "later": "451 4.7.1 Try again later",
    "never": "550 5.1.1 No such user",
    "odd": "299-\r\n",
}


@contextmanager
def running_smtp(
    folder: Path, encryption: Encryption = "none", *, sign_in: bool = False, **options: Any
) -> Generator[SmtpFake]:
    """The fake on a free port until the block ends. `folder` is for its certificate."""
    fake = SmtpFake(**options)
    given: dict[str, Any] = {"hostname": "localhost", "port": 0, "auth_require_tls": False}
    if encryption != "none":
        fake.authority, context = certificate(folder)
        given |= (
            {"ssl_context": context}
            if encryption == "tls"
            else {"tls_context": context, "require_starttls": True}
        )
    if sign_in:
        fake.signed_in_only = True
        given |= {"authenticator": fake.authenticate}
    controller = Controller(fake, **given)
    with _free_port(controller):
        fake.port = controller.port
        yield fake


@contextmanager
def _free_port(controller: Controller) -> Generator[None]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        controller.port = found.getsockname()[1]
    controller.hostname = "127.0.0.1"
    controller.start()
    try:
        yield
    finally:
        controller.stop()


def certificate(folder: Path) -> tuple[str, ssl.SSLContext]:
    """A certificate for this machine that only who is told of it trusts: its PEM, and a server's context."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "server.pem"
    file.write_bytes(pem + secret)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return pem.decode(), context


def _break(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()
