"""A line to a mail server on which an answer has its time as a whole.

The library's own timeout begins anew with each byte, so a server that says one every few seconds would keep
its caller for ever.
"""

from __future__ import annotations

import smtplib
from io import BufferedReader, RawIOBase
from time import perf_counter
from typing import Any

LONGEST_ANSWER = 64 * 1024
"""Bytes: whoever says more in one answer is no mail server."""
_CONNECTING = 4
"""A host may have several addresses, of which the first is silent: each gets a quarter of the time."""


class Line(smtplib.SMTP):
    """Until the moment `until` of `perf_counter` whatever is asked has to be answered."""

    def __init__(self, host: str, port: int, *, until: float, **given: Any) -> None:
        self.until = until
        self.room = LONGEST_ANSWER
        super().__init__(host, port, timeout=self.left() / _CONNECTING, **given)

    def left(self) -> float:
        """Seconds, and never none: the socket would take that for patience without end."""
        return max(self.until - perf_counter(), 0.001)

    def hurry(self) -> None:
        """What is said from now on must have been heard by the end, too."""
        if self.sock:
            self.sock.settimeout(self.left())

    def getreply(self) -> tuple[int, bytes]:
        self.room = LONGEST_ANSWER
        if self.file is None:
            self.file = BufferedReader(_Heard(self))
        return super().getreply()


class TlsLine(Line, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte on."""


class _Heard(RawIOBase):
    """What the server says, as long as there is time and room for it."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        line = self._line
        if line.sock is None or perf_counter() >= line.until:
            raise TimeoutError
        line.hurry()
        count = line.sock.recv_into(buffer)
        line.room -= count
        if line.room < 0:
            raise OSError(None, "its answer has no end")
        return count
