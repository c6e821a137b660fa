"""The reading side of the Gmail fake: an inbox with its history, which Google forgets after a while."""

from __future__ import annotations

import threading
from base64 import urlsafe_b64encode
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.support.fakes.gmail import GmailFake, _error, _Handler, _Server

PAGE = 2
"""Entries of history told at once, so that every reader has to turn pages."""


@dataclass
class Inbox(GmailFake):
    """`mails` by id, in the order they came; `oldest` is where the history still begins."""

    mails: dict[str, bytes] = field(default_factory=dict[str, bytes])
    oldest: int = 0
    gone: set[str] = field(default_factory=set[str])

    def put(self, raw: bytes) -> str:
        number = f"m{len(self.mails) + 1}"
        self.mails[number] = raw
        return number


class _Reading(_Handler):
    fake: Inbox  # pyright: ignore[reportIncompatibleVariableOverride]

    def _gmail(self, method: str, path: list[str]) -> tuple[int, Any]:
        asked = parse_qs(self.parts.query)
        self.fake.calls["/".join(path[:1])] += 1
        match path:
            case ["profile"]:
                address = "ana@vendor.example"
                return 200, {"emailAddress": address, "historyId": str(len(self.fake.mails))}
            case ["history"]:
                return self._history(int(asked["startHistoryId"][0]), asked)
            case ["messages"]:
                return 200, {"messages": [{"id": number} for number in reversed(self.fake.mails)]}
            case ["messages", number]:
                return self._read(number)
            case _:
                return super()._gmail(method, path)

    def _history(self, since: int, asked: dict[str, list[str]]) -> tuple[int, Any]:
        if since < self.fake.oldest:
            return _error(404, "notFound")
        start = since + int(asked.get("pageToken", ["0"])[0])
        told = list(self.fake.mails)[start : start + PAGE]
        answer: dict[str, Any] = {"historyId": str(len(self.fake.mails))}
        if told:
            answer["history"] = [{"messagesAdded": [{"message": {"id": n}}]} for n in told]
        if start + PAGE < len(self.fake.mails):
            answer["nextPageToken"] = str(start + PAGE - since)
        return 200, answer

    def _read(self, number: str) -> tuple[int, Any]:
        raw = self.fake.mails.get(number)
        if raw is None or number in self.fake.gone:
            return _error(404, "notFound")
        body = urlsafe_b64encode(raw).decode()
        return 200, {"id": number, "threadId": "t1", "internalDate": "1793610000000", "raw": body}


@contextmanager
def running_inbox() -> Generator[Inbox]:
    """On a free port of this machine, until the block ends."""
    fake = Inbox()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Reading,), {"fake": fake}))
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
