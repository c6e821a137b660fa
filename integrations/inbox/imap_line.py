"""A line to an IMAP server on which everything together has its time.

The library's own timeout begins anew with each byte, so a server that says one every few seconds would keep
its caller for ever.
"""

from __future__ import annotations

import imaplib
import ssl
from contextlib import suppress
from io import BufferedReader, RawIOBase
from time import perf_counter
from typing import Any

from integrations.inbox import MOST_BYTES

LONGEST_ANSWER = MOST_BYTES + 1024 * 1024
"""Bytes to one command: a message as far as it is taken, and what is said around it."""
_LONGEST_LINE = 1_000_000
_CONNECTING = 4
"""A host may have several addresses, of which the first is silent: each gets a quarter of the time."""
_GOODBYE = 1.0
"""Seconds: longest for saying it to a server that no longer listens."""


class Line(imaplib.IMAP4):
    """Until the moment `until` of `perf_counter` all has to be said. Raises TimeoutError then."""

    def __init__(self, host: str, port: int, *, until: float, **given: Any) -> None:
        self.until = until
        self.room = LONGEST_ANSWER
        self._heard: _Heard | None = None
        super().__init__(host, port, timeout=self.left() / _CONNECTING, **given)

    def left(self) -> float:
        """Seconds, and never none: the socket would take that for patience without end."""
        return max(self.until - perf_counter(), 0.001)

    def send(self, data: Any) -> None:
        self.room = LONGEST_ANSWER
        self.sock.settimeout(self.left())
        super().send(data)

    def read(self, size: int) -> bytes:
        if size > self.room:
            raise OSError(None, "its answer has no end")
        return self._reader().read(size)

    def readline(self) -> bytes:
        line = self._reader().readline(_LONGEST_LINE + 1)
        if len(line) > _LONGEST_LINE:
            raise self.error("its line has no end")
        return line

    def leave(self) -> None:
        """Say goodbye, without waiting for long, and close it in any case."""
        self.until = min(self.until, perf_counter()) + _GOODBYE
        with suppress(imaplib.IMAP4.error, OSError):
            self.logout()
        with suppress(OSError):
            self.shutdown()

    def _reader(self) -> BufferedReader[Any]:
        """Anew where encryption began: what came before it in the clear is not believed."""
        if self._heard is None or self._heard.sock is not self.sock:
            self._heard = _Heard(self)
        return self._heard.buffered


class TlsLine(Line, imaplib.IMAP4_SSL):
    """The same, encrypted from the first byte on."""

    def __init__(self, host: str, port: int, *, until: float, context: ssl.SSLContext) -> None:
        super().__init__(host, port, until=until, ssl_context=context)


class _Heard(RawIOBase):
    """What the server says, as long as there is time and room for it."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line
        self.sock = line.sock
        self.buffered: BufferedReader[Any] = BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        line = self._line
        if perf_counter() >= line.until:
            raise TimeoutError
        self.sock.settimeout(line.left())
        count = self.sock.recv_into(buffer)
        line.room -= count
        if line.room < 0:
            raise OSError(None, "its answer has no end")
        return count
