"""A small IMAP server on this machine: one folder, one user, and the few commands that reading takes."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from select import select

PASSWORD = "correct"
_FETCH = re.compile(r"(\S+) UID FETCH (\d+) ")
_SEARCH = re.compile(r"(\S+) UID SEARCH UID (\d+):\*")


@dataclass
class ImapFake:
    """`mails` by their number, of which those `refused` are not given out; `said` are the commands that came.
    What is answered to a command that has `drips` in it comes byte by byte, each in time; `hello` is the greeting.
    Every sign-in is refused with what `refuses` says, whatever the password."""

    port: int = 0
    validity: int = 7
    following: int = 1
    mails: dict[int, bytes] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    drips: str | None = None
    refuses: str | None = None
    password: str = PASSWORD

    def put(self, raw: bytes) -> None:
        self.mails[self.following] = raw
        self.following += 1


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        fake: ImapFake = self.server.fake  # type: ignore[attr-defined]
        with suppress(ConnectionError):
            if fake.drips == "hello":
                self._drip()
            self._say("* OK IMAP4rev1 ready")
            self._converse(fake)

    def _converse(self, fake: ImapFake) -> None:
        for line in self.rfile:
            text = line.decode().strip()
            fake.said.append(text)
            tag, _, rest = text.partition(" ")
            verb = rest.split(" ", 1)[0].upper()
            if verb == "LOGOUT":
                self._say("* BYE", f"{tag} OK done")
                return
            if fake.drips and fake.drips in text:
                self._drip()
            self._answer(fake, tag, verb, text)

    def _drip(self) -> None:
        for byte in b"* OK still here\r\n" * 100:
            self.wfile.write(bytes([byte]))
            if select([self.connection], [], [], 0.02)[0]:
                return

    def _answer(self, fake: ImapFake, tag: str, verb: str, text: str) -> None:
        if verb == "CAPABILITY":
            self._say("* CAPABILITY IMAP4rev1", f"{tag} OK done")
        elif verb == "LOGIN":
            wrong = fake.refuses or (None if fake.password in text else "NO wrong password")
            self._say(f"{tag} {wrong or 'OK done'}")
        elif verb == "EXAMINE":
            self._say(
                f"* {len(fake.mails)} EXISTS", f"* OK [UIDVALIDITY {fake.validity}] x",
                f"* OK [UIDNEXT {fake.following}] x", f"{tag} OK [READ-ONLY] done",
            )  # fmt: skip
        elif found := _SEARCH.match(text):
            least = min(int(found.group(2)), max(fake.mails, default=0))
            numbers = [str(n) for n in fake.mails if n >= least]
            self._say(f"* SEARCH {' '.join(numbers)}".strip(), f"{tag} OK done")
        elif found := _FETCH.match(text):
            self._fetched(fake, tag, int(found.group(2)))
        else:
            self._say(f"{tag} BAD unknown")

    def _fetched(self, fake: ImapFake, tag: str, number: int) -> None:
        if number in fake.refused:
            self._say(f"{tag} NO [UNAVAILABLE] try again later")
            return
        raw = fake.mails.get(number)
        if raw is not None:
            self.wfile.write(
                f'* 1 FETCH (UID {number} INTERNALDATE " 2-Nov-2026 10:00:00 +0100" '
                f"BODY[]<0> {{{len(raw)}}}\r\n".encode()
                + raw
                + b")\r\n"
            )
        self._say(f"{tag} OK done")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def running_imap() -> Generator[ImapFake]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.daemon_threads = True
        fake = ImapFake(port=server.server_address[1])
        server.fake = fake  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()
